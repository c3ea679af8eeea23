"""What a bench run found, as it lies in `results/*.json`, and the figures drawn from it.

    {"about": {...}, "rows": {NAME: {"group": G, "ways": {WAY: {"cpu": [...], "wall": [...],
     "helpers": [...]}}}}, "startup": {NAME: {WAY: {"wall_ms", "best_wall_ms", "cpu_ms",
     "peak_mib"}}},
     "means": {GROUP: {WAY: {"qemu": R, "native": R}}}, "notes": [...]}

Seconds are one value a round. `qemu` is qemu-arm's time over the way's: above 1 is faster than
qemu-arm. `native` is the way's time over native's: 1 is native speed. Both are ratios of medians,
of CPU time; of wall time for `cold`, where the translator works beside the program.
"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

from bench.ways import RUN32, WAYS

Result = dict[str, Any]
LEAST = 0.0005  # seconds: no ratio to less than that
ALL = "all"
TOGETHER = {"integer C": ("integer", "calls", "indirect", "switch", "pointers", "malloc")}
"""Means over several groups, beside those of each group."""


def load(path: Path) -> Result:
    """A result file. Raises SystemExit if it is none."""
    try:
        result = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path}: {error}") from None
    if not isinstance(result, dict) or "rows" not in result:
        raise SystemExit(f"{path}: not a result of this bench")
    return result


def seconds(row: Result, way: str, measure: str = "cpu") -> float | None:
    """The median of a way's rounds; None if it did not run."""
    values = row["ways"].get(way, {}).get(measure)
    return statistics.median(values) if values else None


def ratio(row: Result, way: str, over: str) -> float | None:
    """Time of `way` over time of `over`, in the measure that `way` is judged by."""
    measure = "wall" if way == "cold" else "cpu"
    one, other = seconds(row, way, measure), seconds(row, over, measure)
    return None if one is None or other is None else max(one, LEAST) / max(other, LEAST)


def faster(row: Result, way: str) -> float | None:
    """How many times faster than qemu-arm a way is."""
    value = ratio(row, way, "qemu-arm")
    return None if value is None else 1 / value


def geomean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def groups(result: Result) -> list[str]:
    """Groups that were run, in the catalogue's order."""
    return list(dict.fromkeys(row["group"] for row in result["rows"].values()))


def means(result: Result) -> Result:
    """Geometric means of the ratios by group, over several groups, and over all rows."""
    found: Result = {}
    members = {group: (group,) for group in groups(result)}
    for mean, parts in (members | TOGETHER | {ALL: tuple(members)}).items():
        rows = [row for row in result["rows"].values() if row["group"] in parts]
        for way in WAYS:
            cell = {}
            for name, values in (
                ("qemu", [faster(row, way) for row in rows]),
                ("native", [ratio(row, way, "native") for row in rows]),
            ):
                known = [value for value in values if value is not None]
                if known:
                    cell[name] = round(geomean(known), 3)
            if cell:
                found.setdefault(mean, {})[way] = cell
    return found


def ways_of(result: Result) -> list[str]:
    """The ways that ran at all."""
    rows = result["rows"].values()
    return [way for way in WAYS if any(way in row["ways"] for row in rows)]


def best_way(result: Result) -> str | None:
    """The way of run32 to show ratios of: the fastest tier that ran."""
    present = [way for way in ways_of(result) if way in RUN32]
    return present[-1] if present else None


def changes(now: Result, then: Result) -> dict[str, dict[str, float]]:
    """Workload -> way -> time then over time now, for what both results have."""
    found: dict[str, dict[str, float]] = {}
    for name, row in now["rows"].items():
        old = then["rows"].get(name)
        for way in WAYS if old else ():
            measure = "wall" if way == "cold" else "cpu"
            one, other = seconds(row, way, measure), seconds(old, way, measure)
            if one is not None and other is not None:
                found.setdefault(name, {})[way] = max(other, LEAST) / max(one, LEAST)
    return found
