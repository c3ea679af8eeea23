"""Speed of run32 beside qemu-arm and native code: `make bench`.

    python bench/run.py [--rounds N] [--only NAME...] [--json FILE]

Every workload in `bench/workloads/` is built for this machine and as a static ARM program. A round
runs all of them in all ways, so that whatever else the machine does hits all ways alike. Reported
are medians of user CPU seconds (the whole process, start-up included), ratios, and their geometric
mean; for `hello`, wall time and memory. Results also go to `bench/results/latest.json`.
Requires: gcc, arm-linux-gnueabihf-gcc, qemu-arm.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from tools.build import compile_c, installed  # noqa: E402
from tools.guests import environment, has_qemu_arm, run32_command  # noqa: E402

WAYS = ("native", "qemu-arm", "run32")
ARM_FLAGS = ("-O2", "-w", "-static", "-march=armv7-a", "-mfpu=vfpv3-d16", "-marm")
NATIVE_FLAGS = ("-O2", "-w")
STARTUP = "hello"
STARTUP_RUNS = 21


def measure(command: list[str]) -> tuple[float, bytes]:
    """User CPU seconds and output of one run."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        command, stdout=writer, stdin=subprocess.DEVNULL, env=environment(HERE)
    )
    os.close(writer)
    with open(reader, "rb") as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: status {process.returncode}")
    return usage.ru_utime, output


def commands(source: Path) -> dict[str, list[str]]:
    """How each way runs the workload `source`."""
    native = compile_c(source, *NATIVE_FLAGS, compiler="gcc")
    arm = compile_c(source, *ARM_FLAGS)
    return {
        "native": [str(native)],
        "qemu-arm": ["qemu-arm", str(arm)],
        "run32": [*run32_command(), str(arm)],
    }


def run_workloads(sources: list[Path], rounds: int) -> dict[str, dict[str, list[float]]]:
    """User seconds of every run: workload -> way -> one value a round."""
    ways = {source.stem: commands(source) for source in sources}
    seconds: dict[str, dict[str, list[float]]] = {name: {way: [] for way in WAYS} for name in ways}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=rounds * len(ways) * len(WAYS))
        for _ in range(rounds):
            for name, command in ways.items():
                outputs = set()
                for way in WAYS:
                    progress.update(task, description=f"{name} {way}")
                    user, output = measure(command[way])
                    seconds[name][way].append(user)
                    outputs.add(output)
                    progress.advance(task)
                if len(outputs) != 1:
                    raise SystemExit(f"{name}: the ways disagree: {outputs}")
    return seconds


def run_startup() -> dict[str, dict[str, float]]:
    """Way -> median wall milliseconds and peak MiB of a static program that prints a line."""
    ways = commands(HERE / f"workloads/{STARTUP}.c")
    spawn = compile_c(HERE / "spawn.c", "-O2", "-static", compiler="gcc")
    runs: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(STARTUP_RUNS):
        for way in WAYS:
            done = subprocess.run(
                [str(spawn), *ways[way]], env=environment(HERE), capture_output=True, check=True
            )
            wall, memory = map(int, done.stderr.split())
            runs[way].append((wall / 1000, memory / 1024))
    return {
        way: {
            "wall_ms": round(statistics.median(wall for wall, _ in values), 1),
            "peak_mib": round(statistics.median(memory for _, memory in values), 1),
        }
        for way, values in runs.items()
    }


def geomean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def report(medians: dict[str, dict[str, float]], startup: dict[str, dict[str, float]]) -> None:
    """Print both tables."""
    table = Table(title="user CPU seconds, median")
    for column in ("workload", *WAYS, "run32 / qemu-arm", "run32 / native"):
        table.add_column(column, justify="left" if column == "workload" else "right")
    for name, row in medians.items():
        ratios = (row["run32"] / row["qemu-arm"], row["run32"] / max(row["native"], 0.001))
        table.add_row(
            name, *(f"{row[way]:.3f}" for way in WAYS), *(f"{ratio:.2f}" for ratio in ratios)
        )
    means = mean_ratios(medians)
    table.add_section()
    table.add_row("geometric mean", "", "", "", *(f"{means[way]:.2f}" for way in WAYS[1::-1]))
    console = Console()
    console.print(table)
    table = Table(title=f"start-up of a static program, median of {STARTUP_RUNS}")
    for column in ("", *WAYS):
        table.add_column(column, justify="right")
    for key, label in (("wall_ms", "wall, ms"), ("peak_mib", "memory, MiB")):
        table.add_row(label, *(str(startup[way][key]) for way in WAYS))
    console.print(table)


def mean_ratios(medians: dict[str, dict[str, float]]) -> dict[str, float]:
    """Geometric mean of run32's time over the time of each other way."""
    return {
        way: geomean([row["run32"] / max(row[way], 0.001) for row in medians.values()])
        for way in WAYS[:2]
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="speed beside qemu-arm and native code")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--json", type=Path, default=HERE / "results/latest.json")
    options = parser.parse_args()
    if not (installed() and installed("gcc") and has_qemu_arm()):
        print("bench needs gcc, arm-linux-gnueabihf-gcc and qemu-arm: sh tests/tools/install.sh")
        return 1
    sources = [
        source
        for source in sorted((HERE / "workloads").glob("*.c"))
        if source.stem != STARTUP and (not options.only or source.stem in options.only)
    ]
    seconds = run_workloads(sources, options.rounds)
    medians = {
        name: {way: statistics.median(values) for way, values in ways.items()}
        for name, ways in seconds.items()
    }
    startup = run_startup()
    report(medians, startup)
    cpu = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.machine(),
    )
    result = {
        "cpu": cpu,
        "python": platform.python_version(),
        "rounds": options.rounds,
        "user_seconds": seconds,
        "ratio_geomean": {way: round(mean, 3) for way, mean in mean_ratios(medians).items()},
        "startup": startup,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
