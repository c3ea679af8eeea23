"""Cost of system calls, signals, threads and processes beside qemu-arm: `python bench/calls.py`.

One static ARM program times itself; the ways take turns, several rounds, medians are reported. For
fork+exec under qemu-arm the program executes qemu-arm again, as a registered interpreter would.
Results also go to `bench/results/calls.json`. Requires: gcc, arm-linux-gnueabihf-gcc, qemu-arm.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from tools.build import compile_c  # noqa: E402
from tools.guests import environment, run32_command  # noqa: E402

WAYS = ("native", "qemu-arm", "run32")
ARM_FLAGS = ("-O2", "-w", "-static", "-pthread", "-march=armv7-a", "-mfpu=vfpv3-d16")


def once(command: list[str]) -> dict[str, float]:
    """Nanoseconds by operation."""
    out = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, text=True, env=environment(HERE), timeout=300
    )
    lines = (line.rpartition(" ") for line in out.stdout.splitlines())
    return {name: float(value) for name, _, value in lines}


def main() -> int:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    arm = str(compile_c(HERE / "calls.c", *ARM_FLAGS))
    native = str(compile_c(HERE / "calls.c", "-O2", "-w", "-static", "-pthread", compiler="gcc"))
    qemu = shutil.which("qemu-arm") or "qemu-arm"
    commands = {
        "native": [native, native],
        "qemu-arm": ["qemu-arm", arm, qemu, arm],
        "run32": [*run32_command(), arm, arm],
    }
    found: dict[str, dict[str, list[float]]] = {way: {} for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            for name, value in once(commands[way]).items():
                found[way].setdefault(name, []).append(value)
    table = Table("operation", *(f"{way}, µs" for way in WAYS), "run32 / qemu-arm")
    medians: dict[str, dict[str, float]] = {}
    for name in found["run32"]:
        medians[name] = {
            way: statistics.median(found[way][name]) for way in WAYS if name in found[way]
        }
        row = [f"{medians[name][way] / 1000:.2f}" if way in medians[name] else "" for way in WAYS]
        ratio = ""
        if "qemu-arm" in medians[name]:
            ratio = f"{medians[name]['run32'] / medians[name]['qemu-arm']:.2f}"
        table.add_row(name, *row, ratio)
    Console().print(table)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results/calls.json").write_text(json.dumps(medians, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
