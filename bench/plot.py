"""The plot of a result: a line for each workload, a dot for each way, speed on a logarithmic axis.

Speed is relative to qemu-arm, which is the line at 1. Written as SVG by hand: no dependency, and
the file changes only where the figures do.
"""

from __future__ import annotations

import math
from pathlib import Path
from xml.sax.saxutils import escape

from bench.results import ALL, Result, faster, groups, ways_of

COLOURS = {"native": "#999999", "interpreter": "#d95f02", "cold": "#7570b3", "warm": "#1b9e77"}
LEFT, WIDTH, LINE, TOP = 150, 620, 15, 46


def write_svg(result: Result, path: Path) -> None:
    """Draw `result`."""
    ways = [way for way in ways_of(result) if way in COLOURS]
    lines: list[tuple[str, bool, dict[str, float]]] = []
    for group in groups(result):
        mean = {
            way: value["qemu"]
            for way, value in result["means"][group].items()
            if way in ways and "qemu" in value
        }
        lines.append((group, True, mean))
        for name, row in result["rows"].items():
            if row["group"] == group:
                known = {way: faster(row, way) for way in ways}
                lines.append((name, False, {w: v for w, v in known.items() if v is not None}))
    total = {w: v["qemu"] for w, v in result["means"].get(ALL, {}).items() if w in ways}
    lines.append((ALL, True, total))
    values = [value for _, _, dots in lines for value in dots.values()] or [1.0]
    low = math.floor(math.log10(min(min(values), 0.9)) * 2) / 2
    high = math.ceil(math.log10(max(max(values), 1.1)) * 2) / 2

    def x(value: float) -> float:
        return LEFT + WIDTH * (math.log10(value) - low) / (high - low)

    height = TOP + LINE * len(lines) + 12
    parts = [*axis(low, high, height, x), *legend(ways)]
    for number, (name, is_mean, dots) in enumerate(lines):
        parts += draw_line(TOP + LINE * (number + 0.5), name, is_mean, dots, x)
    size = f'width="{LEFT + WIDTH + 20}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">\n'
    background = '<rect width="100%" height="100%" fill="white"/>\n'
    path.write_text(head + background + "\n".join(parts) + "\n</svg>\n")


def axis(low: float, high: float, height: int, x) -> list[str]:  # type: ignore[no-untyped-def]
    """Grid lines at 1, 2 and 5 times each power of ten."""
    found = []
    for power in range(math.floor(low), math.ceil(high) + 1):
        for step in (1, 2, 5):
            value = step * 10.0**power
            if not low - 0.01 <= math.log10(value) <= high + 0.01:
                continue
            at = x(value)
            look = "#000000" if value == 1 else "#dddddd"
            found.append(
                f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 4}" y2="{height - 8}" '
                f'stroke="{look}"/>'
                f'<text x="{at:.1f}" y="{TOP - 8}" font-size="10" text-anchor="middle">'
                f"{value:g}</text>"
            )
    return found


def legend(ways: list[str]) -> list[str]:
    """What the colours mean."""
    found = ['<text x="8" y="16" font-size="11">speed relative to qemu-arm = 1</text>']
    for number, way in enumerate(ways):
        at = LEFT + 140 + 110 * number
        found.append(
            f'<circle cx="{at}" cy="12" r="5" fill="{COLOURS[way]}"/>'
            f'<text x="{at + 9}" y="16" font-size="11">{way}</text>'
        )
    return found


def draw_line(y: float, name: str, is_mean: bool, dots: dict[str, float], x) -> list[str]:  # type: ignore[no-untyped-def]
    """A workload; or a group, in bold with diamonds for its geometric means."""
    weight = ' font-weight="bold"' if is_mean else ""
    found = [
        f'<text x="{LEFT - 8}" y="{y + 4:.1f}" font-size="11" text-anchor="end"{weight}>'
        f"{escape(name)}</text>"
    ]
    for way, value in dots.items():
        at = x(value)
        title = f"<title>{escape(name)}, {way}: {value:.2f}</title>"
        if is_mean:
            corners = f"{at:.1f},{y - 6} {at + 6:.1f},{y} {at:.1f},{y + 6} {at - 6:.1f},{y}"
            shape = f'<polygon points="{corners}" fill="{COLOURS[way]}">{title}</polygon>'
        else:
            shape = f'<circle cx="{at:.1f}" cy="{y}" r="4" fill="{COLOURS[way]}">{title}</circle>'
        found.append(shape)
    return found
