"""Speed of run32 beside qemu-arm and native code: `make bench`, see `docs/howto/read-the-bench.md`.

    python bench/run.py [--rounds N] [--quick] [--groups G...] [--only NAME...] [--ways WAY...]
                        [--scale N] [--compare OTHER.json] [--show RESULT.json]

A round runs every workload in all ways, one after another, so that whatever else the machine does
hits all ways alike; all must print the same. Results go to `results/latest.{json,md,svg}`.
Requires: gcc, arm-linux-gnueabihf-gcc, qemu-arm; a Debian armhf root for the real programs.
"""

from __future__ import annotations

import argparse
import compileall
import fcntl
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE.parent / "src")]

from tools.build import compile_c, installed  # noqa: E402
from tools.guests import has_qemu_arm  # noqa: E402
from tools.roots import CACHE, ensure_armhf_root  # noqa: E402

from bench import plot, report, results  # noqa: E402
from bench.catalog import GROUPS, PROGRAMS, STARTUP, WORKLOADS, Workload  # noqa: E402
from bench.measure import Failed, Helpers, Sample, measure  # noqa: E402
from bench.ways import RUN32, WAYS, Missing, Place, translations  # noqa: E402

WARMING = 2
STARTUP_RUNS = 15


class Bench:
    """One bench run: what is measured, and what was found so far."""

    def __init__(self, options: argparse.Namespace, place: Place) -> None:
        self.place = place
        self.quick: bool = options.quick
        self.rounds: int = options.rounds
        self.ways: list[str] = [way for way in WAYS if way in options.ways]
        self.helpers = Helpers()
        self.warm_cache = place.new_cache()
        self.rows: dict[str, results.Result] = {}
        self.outputs: dict[str, dict[str, str]] = {}
        self.notes: list[str] = []
        self.errors = 0
        self.console = Console(stderr=True)

    def note(self, text: str, error: bool = False) -> None:
        """Say something once, now and in the report."""
        if text not in self.notes:
            self.notes.append(text)
            self.errors += error
            self.console.print(f"[bold red]{'error' if error else 'note'}:[/] {text}")

    def once(self, way: str, workload: Workload) -> Sample:
        """One run. Raises `Missing` and `Failed`."""
        cache = self.warm_cache if way in RUN32 else None
        if way == "cold":
            cache = self.place.new_cache()
        known = set(self.helpers.pids())
        try:
            command = self.place.command(way, workload, self.quick)
            env = self.place.environment(way, workload, cache)
            return measure(command, cwd=self.place.work, env=env, helpers=self.helpers)
        finally:
            if way == "cold" and cache is not None:  # its translator is of no use any more
                self.helpers.stop([pid for pid in self.helpers.pids() if pid not in known])
                shutil.rmtree(cache)

    def has_translator(self) -> bool:
        """Whether a hot loop leaves translated code in the cache."""
        workload = next(row for row in WORKLOADS if row.name == "crc32")
        for _ in range(2):
            self.once("warm", workload)
            self.helpers.settle()
            if translations(self.warm_cache):
                return True
        return False

    def warm_up(self, workload: Workload) -> None:
        """Fill the cache as earlier runs would, and let the translator finish."""
        for _ in range(WARMING):
            self.once("warm", workload)
            self.helpers.settle()

    def run(self, workloads: list[Workload]) -> None:
        """All rounds."""
        with Progress(console=self.console, transient=True) as progress:
            task = progress.add_task("", total=self.rounds * len(workloads) * len(self.ways))
            for round_ in range(self.rounds):
                for workload in workloads:
                    for way in self.ways:
                        progress.update(task, description=f"{workload.name} {way}")
                        self.one(way, workload, first=round_ == 0)
                        progress.advance(task)
                if not self.console.is_terminal:
                    self.console.print(f"round {round_ + 1} of {self.rounds} done")
        for name, outputs in self.outputs.items():
            if len(set(outputs.values())) > 1:
                self.note(f"{name}: the ways disagree: {outputs}", error=True)

    def one(self, way: str, workload: Workload, first: bool) -> None:
        """One run of one way, recorded; what cannot be run is said once."""
        row = self.rows.setdefault(workload.name, {"group": workload.group, "ways": {}})
        try:
            if way == "warm" and first:
                self.warm_up(workload)
            sample = self.once(way, workload)
        except Missing as missing:
            self.note(f"{workload.name}: no {way}: {missing}")
            return
        except Failed as failed:
            self.note(f"{workload.name}: {way}: {failed}", error=True)
            return
        outputs = self.outputs.setdefault(workload.name, {})
        if outputs.setdefault(way, sample.output) != sample.output:
            self.note(f"{workload.name}: {way} does not always print the same", error=True)
        cell = row["ways"].setdefault(way, {"cpu": [], "wall": [], "helpers": []})
        for key in cell:
            cell[key].append(round(getattr(sample, key), 4))

    def startup(self) -> results.Result:
        """Wall and CPU milliseconds and peak MiB of programs that end at once."""
        spawn = compile_c(HERE / "spawn.c", "-O2", "-static", compiler="gcc")
        runs: dict[str, dict[str, list[list[int]]]] = {}
        for number in range(2 if self.quick else STARTUP_RUNS):
            for workload in STARTUP:
                for way in self.ways:
                    if way == "cold":
                        continue
                    try:
                        if way == "warm" and not number:
                            self.warm_up(workload)
                        line = self.spawn(str(spawn), way, workload)
                    except (Missing, Failed) as problem:
                        self.note(f"{workload.name}: no {way}: {problem}")
                        continue
                    runs.setdefault(workload.name, {}).setdefault(way, []).append(line)
        found: results.Result = {}
        for name, row in runs.items():
            for way, lines in row.items():
                wall, cpu, memory = (
                    statistics.median(column) for column in zip(*lines, strict=True)
                )
                found.setdefault(name, {})[way] = {
                    "wall_ms": round(wall / 1000, 2),
                    "best_wall_ms": round(min(lines)[0] / 1000, 2),
                    "cpu_ms": round(cpu / 1000, 2),
                    "peak_mib": round(memory / 1024, 1),
                }
        return found

    def spawn(self, spawn: str, way: str, workload: Workload) -> list[int]:
        """Microseconds of wall and CPU time and KiB of memory of one run."""
        env = self.place.environment(way, workload, self.warm_cache)
        command = [spawn, *self.place.command(way, workload, self.quick)]
        done = subprocess.run(command, cwd=self.place.work, env=env, capture_output=True)
        if done.returncode:
            raise Failed(done.stderr.decode(errors="replace").strip())
        return [int(value) for value in done.stderr.split()]


def about(options: argparse.Namespace) -> results.Result:
    """Where and how this was measured."""
    models = [line for line in open("/proc/cpuinfo") if line.startswith("model name")]
    qemu = subprocess.run(["qemu-arm", "--version"], capture_output=True, text=True, check=True)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": models[0].split(":")[1].strip() if models else platform.machine(),
        "cores": os.cpu_count(),
        "load": f"{os.getloadavg()[0]:.1f} before",
        "host": platform.machine(),
        "python": platform.python_version(),
        "qemu": qemu.stdout.splitlines()[0].split(" (")[0].replace(" version", ""),
        "rounds": options.rounds,
        "quick": options.quick,
        "scale": options.scale,
    }


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="small scales: a look, no figures")
    parser.add_argument("--scale", type=int, default=1, help="times the full scale")
    parser.add_argument("--groups", nargs="+", default=GROUPS, choices=GROUPS, metavar="GROUP")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS, metavar="WAY")
    parser.add_argument("--save", default="latest", metavar="NAME", help="results/NAME.json")
    parser.add_argument("--compare", type=Path, metavar="JSON", help="show changes since then")
    parser.add_argument("--show", type=Path, metavar="JSON", help="no run: the tables of a result")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> list[Workload]:
    """The workloads that were asked for."""
    known = {row.name for row in WORKLOADS + PROGRAMS}
    if unknown := set(options.only) - known:
        raise SystemExit(f"no such workload: {' '.join(sorted(unknown))}; there are: "
                         + " ".join(sorted(known)))  # fmt: skip
    return [
        replace(row, full=row.full * options.scale)
        for row in WORKLOADS + PROGRAMS
        if (row.name in options.only if options.only else row.group in options.groups)
    ]


def run(options: argparse.Namespace) -> tuple[results.Result, int]:
    """Measure. Returns the result and how many errors there were."""
    facts = about(options)
    workloads = chosen(options)
    directory = CACHE / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    lock = open(CACHE / "bench.lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit("another bench is running in this checkout") from None
    compileall.compile_dir(HERE.parent / "src", quiet=1)  # as an installer does
    bench = Bench(options, Place(directory, ensure_armhf_root()))
    try:
        if {"cold", "warm"} & set(bench.ways) and not bench.has_translator():
            bench.ways = [way for way in bench.ways if way not in ("cold", "warm")]
            bench.note("this run32 translates nothing, so there is no cold and no warm")
        bench.run(workloads)
        wanted = not options.only and "start-up" in options.groups
        startup = bench.startup() if wanted else {}
    finally:
        bench.helpers.stop(bench.helpers.pids())
        shutil.rmtree(directory, ignore_errors=True)
        lock.close()
    facts["load"] += f", {os.getloadavg()[0]:.1f} after"
    result = {"about": facts, "rows": bench.rows, "startup": startup, "notes": bench.notes}
    return result | {"means": results.means(result)}, bench.errors


def save(result: results.Result, path: Path) -> None:
    """Write the three files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    report.write_markdown(result, path.with_suffix(".md"))
    plot.write_svg(result, path.with_suffix(".svg"))


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    then = results.load(options.compare) if options.compare else None  # the run may overwrite it
    errors = 0
    if options.show:
        result = results.load(options.show)
    else:
        if not (installed() and installed("gcc") and has_qemu_arm()):
            print(
                "bench needs gcc, arm-linux-gnueabihf-gcc and qemu-arm: sh tests/tools/install.sh"
            )
            return 1
        result, errors = run(options)
        path = HERE / "results" / f"{options.save}.json"
        save(result, path)
    report.show(result, console)
    if then:
        report.show_changes(result, then, console)
    if not options.show:
        console.print(f"written to {path.with_suffix('')}.json, .md and .svg", highlight=False)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
