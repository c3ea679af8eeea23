"""Tables from a result: for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.results import (
    ALL,
    TOGETHER,
    Result,
    best_way,
    changes,
    faster,
    geomean,
    groups,
    ratio,
    seconds,
    ways_of,
)
from bench.ways import RUN32

Cells = list[str]


class Grid:
    """A table before it is known for whom: a title, columns, rows; None is a line between."""

    def __init__(self, title: str, columns: Iterable[str]) -> None:
        self.title = title
        self.columns = list(columns)
        self.rows: list[Cells | None] = []

    def terminal(self) -> Table:
        """For rich."""
        table = Table(title=self.title)
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_section() if row is None else table.add_row(*row)
        return table

    def markdown(self) -> str:
        """For a page."""
        rows = [self.columns, ["---"] + ["--:"] * (len(self.columns) - 1)]
        rows += [row for row in self.rows if row is not None]
        return f"## {self.title}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def number(value: float | None, digits: int = 2, unit: str = "") -> str:
    return "–" if value is None else f"{value:.{digits}f}{unit}"


def workload_grid(result: Result) -> Grid:
    """Seconds in all ways, and the ratios of the best tier."""
    ways = ways_of(result)
    best = best_way(result)
    columns = ["workload"]
    for way in ways:
        columns += ["cold, wall s", "cold, translator s"] if way == "cold" else [f"{way} s"]
    if best:
        columns += [f"{best}: × qemu-arm", f"{best}: × native"]
    grid = Grid("Median CPU seconds", columns)
    for group in groups(result):
        grid.rows.append([f"**{group}**"] + [""] * (len(columns) - 1))
        for name, row in result["rows"].items():
            if row["group"] == group:
                cells = [name]
                for way in ways:
                    cells.append(number(seconds(row, way, "wall" if way == "cold" else "cpu"), 3))
                    if way == "cold":
                        cells.append(number(seconds(row, way, "helpers"), 2))
                if best:
                    cells += [number(faster(row, best)), number(ratio(row, best, "native"))]
                grid.rows.append(cells)
        grid.rows.append(None)
    return grid


def mean_grid(result: Result) -> Grid:
    """Geometric means by group."""
    ways = [way for way in ways_of(result) if way in RUN32]
    columns = ["group", "qemu-arm: × native"]
    for way in ways:
        columns += [f"{way}: × qemu-arm", f"{way}: × native"]
    grid = Grid("Geometric means: times faster than qemu-arm, and time over native time", columns)
    for group, cells in result["means"].items():
        if group in TOGETHER or group == ALL:
            grid.rows.append(None)
        row = [group, number(cells.get("qemu-arm", {}).get("native"))]
        for way in ways:
            row += [number(cells.get(way, {}).get(over)) for over in ("qemu", "native")]
        grid.rows.append(row)
    return grid


def startup_grid(result: Result) -> Grid:
    """Start-ups: wall time, CPU time and memory."""
    columns = ["program", "way", "wall ms", "best wall ms", "CPU ms", "MiB"]
    grid = Grid("Start-up, medians", columns)
    for name, row in result["startup"].items():
        for way, one in row.items():
            keys = ("wall_ms", "best_wall_ms", "cpu_ms", "peak_mib")
            grid.rows.append([name, way, *(number(one[key], 1) for key in keys)])
        grid.rows.append(None)
    return grid


def grids(result: Result) -> list[Grid]:
    """All tables of a result."""
    found = [workload_grid(result), mean_grid(result)] if result["rows"] else []
    return found + ([startup_grid(result)] if result["startup"] else [])


def show(result: Result, console: Console) -> None:
    """Print the tables."""
    for grid in grids(result):
        for row in grid.rows:
            if row and row[0].startswith("**"):
                row[0] = row[0].strip("*").upper()
        console.print(grid.terminal())
    for note in result["notes"]:
        console.print(f"[bold red]note:[/] {note}", highlight=False)


def write_markdown(result: Result, path: Path) -> None:
    """The same as a page, with the plot."""
    about = result["about"]
    times = about.get("scale", 1)
    scale = "full scale" if times == 1 else f"{times} times the full scale"
    if about["quick"]:
        scale = "quick scale, for a look only"
    lines = [
        "# Speed of run32 beside qemu-arm and native code",
        f"{about['date']}, {about['cpu']}, {about['cores']} cores (load {about['load']}), "
        f"{about['host']}, Python {about['python']}, {about['qemu']}; {about['rounds']} rounds, "
        f"{scale}. How to read it: [docs/howto/read-the-bench.md]"
        "(../../docs/howto/read-the-bench.md).",
        f"![speed relative to qemu-arm]({path.with_suffix('.svg').name})",
        *(grid.markdown().rstrip() for grid in grids(result)),
    ]
    if result["notes"]:
        lines.append("## Notes\n\n" + "\n".join(f"- {note}" for note in result["notes"]))
    path.write_text("\n\n".join(lines) + "\n")


def show_changes(now: Result, then: Result, console: Console) -> None:
    """Print how much faster than in another result each way became."""
    if now["about"]["quick"] != then["about"]["quick"]:
        console.print("one of the two results is of the quick scale: nothing to compare")
        return
    found = changes(now, then)
    ways = [way for way in ways_of(now) if any(way in row for row in found.values())]
    if not ways:
        console.print("the two results have nothing in common")
        return
    grid = Grid(f"times faster than on {then['about']['date']}", ["workload", *ways])
    for name, row in found.items():
        grid.rows.append([name, *(number(row.get(way)) for way in ways)])
    for group in [*groups(now), ALL]:
        grid.rows += [None] if group in (groups(now)[0], ALL) else []
        cells = [f"mean: {group}"]
        for way in ways:
            values = [
                row[way]
                for name, row in found.items()
                if way in row and group in (now["rows"][name]["group"], ALL)
            ]
            cells.append(number(geomean(values)) if values else "–")
        grid.rows.append(cells)
    console.print(grid.terminal())
