"""The workloads of `bench/` print the same in every tier, and the bench's own machinery works.

The reference is native code for C workloads, qemu-arm for the programs of the Debian root. Tiers
that keep translations run twice with one cache: what comes out of the cache is compared, too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.build import installed
from tools.guests import Result, execute
from tools.roots import CHECKOUT
from tools.tiers import end_translators

from bench import plot, report, results
from bench.catalog import GROUPS, PROGRAMS, STARTUP, WORKLOADS, Workload
from bench.ways import Place
from run32.cli.settings import TIERS

RUNS = {"interp": 1}  # all others: 2
# Translating everything before it runs takes long: these few do.
EAGER = {"sieve", "fib", "vm-switch", "virtual", "div32", "mul64", "nbody", "lu-single", "qsort"}
EAGER |= {"atomics", "mutex", "libc-strings", "sha256-a32", "vm-switch-a32"}
LIMIT = 300.0


def cases(rows: list[Workload]) -> list[Any]:
    """Workloads in each tier that they are to run in."""
    return [
        pytest.param(row, tiers, id=f"{row.name}-{tiers}")
        for row in rows
        for tiers in TIERS
        if tiers != "regions" or row.name in EAGER
    ]


References = Callable[[Workload, Place], Result]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: Path) -> Iterator[Place]:
    """Where the workloads run; the Debian root is set by those that need it."""
    directory = tmp_path_factory.mktemp("bench")
    yield Place(directory, "no root needed")
    shutil.rmtree(directory)  # tens of megabytes of texts


@pytest.fixture(scope="module")
def caches(place: Place) -> Iterator[dict[str, Path]]:
    """A cache for each tier setting, with the engine in it."""
    made = {tiers: place.new_cache() for tiers in TIERS}
    yield made
    for cache in made.values():
        end_translators(cache)  # or they write while the caches are deleted


@pytest.fixture(scope="module")
def references() -> References:
    """What a workload must do, found out once."""
    known: dict[str, Result] = {}

    def reference(workload: Workload, place: Place) -> Result:
        if workload.name not in known:
            way = "native" if workload.source else "qemu-arm"
            command = place.command(way, workload, quick=True)
            env = place.environment(way, workload, None)
            known[workload.name] = execute(command, cwd=place.work, env=env, timeout=LIMIT)
            assert known[workload.name].status == 0, known[workload.name].stderr.decode()
            assert known[workload.name].stdout or workload in STARTUP
        return known[workload.name]

    return reference


def compare(
    workload: Workload, tiers: str, place: Place, cache: Path, references: References
) -> None:
    expected = references(workload, place)
    command = place.command("interpreter", workload, quick=True)
    env = place.environment("interpreter", workload, cache) | {"RUN32_TIERS": tiers}
    for run in range(RUNS.get(tiers, 2)):
        found = execute(command, cwd=place.work, env=env, timeout=LIMIT)
        assert found == expected, f"run {run + 1}"


@pytest.mark.parametrize(("workload", "tiers"), cases(WORKLOADS))
def test_c_workload(
    workload: Workload,
    tiers: str,
    place: Place,
    caches: dict[str, Path],
    references: References,
    arm_gcc: str,
) -> None:
    if not installed("gcc"):
        pytest.skip("no native compiler: apt-get install gcc")
    compare(workload, tiers, place, caches[tiers], references)


@pytest.mark.parametrize(("workload", "tiers"), cases([*PROGRAMS, *STARTUP[2:]]))
def test_program(
    workload: Workload,
    tiers: str,
    place: Place,
    caches: dict[str, Path],
    references: References,
    armhf_root: Path,
    oracle: None,
) -> None:
    place.root = armhf_root
    compare(workload, tiers, place, caches[tiers], references)


def test_catalogue() -> None:
    rows = [*WORKLOADS, *PROGRAMS, *STARTUP]
    assert len({row.name for row in rows}) == len(rows)
    assert all(bool(row.source) != bool(row.argv) for row in rows)
    sources = {path.stem for path in (CHECKOUT / "bench/workloads").glob("*.c")}
    assert sources == {row.source for row in rows if row.source}


def fake_result() -> results.Result:
    """Two workloads with simple ratios; the second without a native run."""

    def ways(**cpu: float) -> results.Result:
        one = {way: {"cpu": [v, 9 * v, v], "wall": [2 * v] * 3, "helpers": [0.0] * 3}
               for way, v in cpu.items()}  # fmt: skip
        return {way.replace("qemu", "qemu-arm"): cell for way, cell in one.items()}

    result: results.Result = {
        "about": dict.fromkeys("date cpu cores load host python qemu rounds quick".split(), "x"),
        "rows": {
            "a": {"group": "integer", "ways": ways(native=1.0, qemu=4.0, cold=8.0, warm=2.0)},
            "b<": {"group": "calls", "ways": ways(qemu=4.0, warm=0.5)},
        },
        "startup": {
            "hello": {
                "native": dict.fromkeys(("wall_ms", "best_wall_ms", "cpu_ms", "peak_mib"), 1.0)
            }
        },
        "notes": ["b<: no native"],
    }
    return result | {"means": results.means(result)}


def test_figures() -> None:
    result = fake_result()
    assert result["means"]["integer"] == {
        "native": {"qemu": 4.0, "native": 1.0},
        "qemu-arm": {"qemu": 1.0, "native": 4.0},
        "cold": {"qemu": 0.5, "native": 8.0},
        "warm": {"qemu": 2.0, "native": 2.0},
    }
    assert result["means"]["calls"] == {"qemu-arm": {"qemu": 1.0}, "warm": {"qemu": 8.0}}
    assert result["means"]["integer C"] == result["means"]["all"]
    assert result["means"]["all"]["warm"] == {"qemu": 4.0, "native": 2.0}
    then = fake_result()
    then["rows"]["a"]["ways"]["warm"]["cpu"] = [6.0]
    del then["rows"]["b<"]
    assert results.changes(result, then)["a"]["warm"] == 3.0
    assert set(results.changes(result, then)) == {"a"}


def test_report_files(tmp_path: Path) -> None:
    result = fake_result()
    plot.write_svg(result, tmp_path / "r.svg")
    drawing = ElementTree.parse(tmp_path / "r.svg")
    titles = {e.text for e in drawing.iter() if e.tag.endswith("title")}
    assert {"a, warm: 2.00", "b<, warm: 8.00", "all, warm: 4.00"} <= titles
    report.write_markdown(result, tmp_path / "r.md")
    page = (tmp_path / "r.md").read_text()
    assert "| a | 1.000 | 4.000 | 16.000 | 0.00 | 2.000 | 2.00 | 2.00 |" in page
    assert "- b<: no native" in page


ORPHAN = """
import os, subprocess, sys
from pathlib import Path
sys.path[:0] = sys.argv[1:]
from bench.measure import Helpers, measure
helpers = Helpers()
command = ["sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!"]
sample = measure(command, cwd=Path("/"), env=dict(os.environ), helpers=helpers)
orphan = int(sample.output.split()[0])
assert helpers.pids() == [orphan], (helpers.pids(), orphan)
helpers.settle()
helpers.stop(helpers.pids())
assert helpers.pids() == [] and not os.path.exists(f"/proc/{orphan}")
print("good")
"""


def test_helpers_are_found_and_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(CHECKOUT)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "good\n", done.stderr


def test_command_line(tmp_path: Path) -> None:
    assert set(GROUPS) > {"integer", "division", "float", "threads", "interpreters", "start-up"}
    command = [sys.executable, str(CHECKOUT / "bench/run.py"), "--show", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "No such file" in done.stderr and "Traceback" not in done.stderr
