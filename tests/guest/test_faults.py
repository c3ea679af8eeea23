"""A guest that goes wrong dies by the right signal, with one line that says where.

No wild access reaches memory that is not the guest's: each of them ends at the address it names.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from tools.build import STATIC, compile_c
from tools.guests import run32

SOURCE = Path(__file__).with_name("faults") / "faults.c"
WORDS = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGBUS: "bus error",
    signal.SIGILL: "illegal instruction",
    signal.SIGTRAP: "breakpoint",
}
SEGV, BUS, ILL, TRAP = signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP

# fmt: off
CASES = [
    # arguments                 signal             what the line must name
    ("load 0",                  SEGV,              "0x00000000"),
    ("load 4",                  SEGV,              "0x00000004"),
    ("load 70000000",           SEGV,              "0x70000000"),
    ("load fffffffe",           SEGV,              ""),
    ("load ffffffff",           SEGV,              ""),
    ("store 8",                 SEGV,              "0x00000008"),
    ("store 70000000",          SEGV,              "0x70000000"),
    ("store ffff0000",          SEGV,              "0xffff0000"),
    ("store fffffffc",          SEGV,              ""),
    ("byte ffffffff",           SEGV,              "0xffffffff"),
    ("double fffffff8",         SEGV,              ""),
    ("double fffffffc",         SEGV,              ""),
    ("multiple fffffff0",       SEGV,              ""),
    ("multiple ffffffe4",       SEGV,              ""),
    ("push 10",                 SEGV,              ""),
    ("push 0",                  SEGV,              ""),
    ("exclusive 70000000",      SEGV,              "0x70000000"),
    ("vector fffffffc",         SEGV,              ""),
    ("vectors ffffffe0",        SEGV,              ""),
    ("offset fffff800",         SEGV,              "0x000007ff"),
    ("index 40000000",          SEGV,              "0x40000000"),
    ("jump 0",                  SEGV,              "0x00000000"),
    ("jump 70000000",           SEGV,              "0x70000000"),
    ("jump fffffff0",           SEGV,              ""),
    ("readonly",                SEGV,              ""),
    ("data",                    SEGV,              ""),
    ("deep",                    SEGV,              ""),
    ("beyond-file",             BUS,               ""),
    ("undefined",               ILL,               "0xe7f000f0"),
    ("neon",                    ILL,               "0xf2001840"),
    ("breakpoint",              TRAP,              ""),
]
# fmt: on


@pytest.fixture(scope="session")
def faults(arm_gcc: str) -> Path:
    return compile_c(SOURCE, *STATIC, "-marm")


@pytest.mark.parametrize(("arguments", "signo", "named"), CASES, ids=[c[0] for c in CASES])
def test_fault(
    arguments: str, signo: signal.Signals, named: str, faults: Path, engine: Path, tmp_path: Path
) -> None:
    result = run32([str(faults), *arguments.split()], cwd=tmp_path)
    assert (result.status, result.stdout) == (-signo, b"before\n"), result.stderr.decode()
    lines = result.stderr.decode().splitlines()
    assert len(lines) == 1, result.stderr.decode()
    assert lines[0].startswith(f"run32: {faults}: ")
    assert f": {WORDS[signo]} at pc 0x" in lines[0]
    assert named in lines[0]


@pytest.mark.parametrize(
    ("arguments", "status"), [("exit 7", 7), ("exit 100", 0), ("abort", -6), ("kill f", -15)]
)
def test_end(arguments: str, status: int, faults: Path, engine: Path, tmp_path: Path) -> None:
    result = run32([str(faults), *arguments.split()], cwd=tmp_path)
    assert (result.status, result.stdout, result.stderr) == (status, b"before\n", b"")


def test_no_core_of_the_host(faults: Path, engine: Path, tmp_path: Path) -> None:
    run32([str(faults), "load", "0"], cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
