"""Freestanding i386 programs do the same on this machine's CPU, under run32 and on the reference.

What the CPU does is the expectation where the kernel runs 32-bit x86 programs; elsewhere run32 is
compared with the reference only, and a test says so.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools.guests import execute, run32
from tools.roots import CHECKOUT

HERE = Path(__file__).parent
EXAMPLE = CHECKOUT / "src/run32/examples/hello-i386"
FLAGS = """-ffreestanding -nostdlib -static -fno-stack-protector -fno-builtin -fno-pie -no-pie
    -mno-sse -mno-mmx -mno-80387 -fcf-protection=none -fno-asynchronous-unwind-tables
    -Wl,-e,start -Wl,--build-id=none -Wno-builtin-declaration-mismatch""".split()
BUILDS = {"O2": ["-O2", "-march=i686"], "Os": ["-Os", "-march=i386"], "O0": ["-O0", "-march=i686"]}
PROGRAMS = ("arithmetic", "control", "flags", "strings")
ENDS = {
    "ud2": -4,
    "int3": -5,
    "divide-by-zero": -8,
    "quotient-overflow": -8,
    "store-to-null": -11,
    "call-unmapped": -11,
    "jump-to-data": -11,
    "push-without-stack": -11,
}


def native_is_possible() -> bool:
    """Whether this kernel runs i386 programs."""
    try:
        return subprocess.run([EXAMPLE], capture_output=True).returncode == 0
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            return False
        raise


@pytest.fixture(scope="session")
def gcc() -> str:
    compiler = shutil.which("i686-linux-gnu-gcc")
    if compiler is None:
        pytest.skip("no i386 compiler: apt-get install gcc-i686-linux-gnu")
    return compiler


def compiled(gcc: str, name: str, target: Path, *flags: str) -> Path:
    source = str(HERE / f"{name}.c")
    subprocess.run([gcc, *FLAGS, *flags, "-o", str(target), source, "-lgcc"], check=True)
    return target


def on_reference(program: Path, cwd: Path) -> tuple[int, bytes]:
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src")}
    command = [sys.executable, str(HERE / "reference.py"), str(program)]
    result = execute(command, cwd=cwd, env=env, timeout=300)
    assert not result.stderr, result.stderr[-800:].decode()
    status = result.status if result.status < 128 else 128 - result.status
    return status, result.stdout


def under_run32(program: Path, cwd: Path) -> tuple[int, bytes]:
    result = run32([str(program)], cwd=cwd)
    return result.status, result.stdout


def on_cpu(program: Path, cwd: Path) -> tuple[int, bytes]:
    result = execute([str(program)], cwd=cwd)
    return result.status, result.stdout


def test_comparison_with_the_cpu_is_possible() -> None:
    if not native_is_possible():
        pytest.skip(
            "THIS KERNEL DOES NOT RUN i386 PROGRAMS (no CONFIG_IA32_EMULATION, or not x86): "
            "run32 is compared with its own reference only"
        )


def check(program: Path, cwd: Path, *, reference: bool) -> tuple[int, bytes]:
    """Run a program everywhere; what it did, the same on all engines."""
    found = under_run32(program, cwd)
    if native_is_possible():
        assert found == on_cpu(program, cwd)
    if reference:
        assert found == on_reference(program, cwd)
    return found


def test_shipped_example(tmp_path: Path) -> None:
    assert check(EXAMPLE, tmp_path, reference=True) == (0, b"Hello from a 32-bit program.\n")


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, build: str, gcc: str, tmp_path: Path) -> None:
    program = compiled(gcc, name, tmp_path / name, *BUILDS[build])
    # the reference is slow: once per program, and not on its largest one
    status, output = check(program, tmp_path, reference=build == "O2" and name != "flags")
    assert status >= 0 and output.count(b"\n") >= 1


@pytest.mark.parametrize("how", ENDS)
def test_end(how: str, gcc: str, tmp_path: Path) -> None:
    number = list(ENDS).index(how)
    program = compiled(gcc, "ends", tmp_path / "ends", "-O1", f"-DHOW={number}")
    # the reference does not tell executable memory from other
    status, output = check(program, tmp_path, reference=how != "jump-to-data")
    assert (status, output) == (ENDS[how], b"about to end\n")


def test_unknown_instruction_is_named(gcc: str, tmp_path: Path) -> None:
    """What has no row is SIGILL, and the message says which bytes and where."""
    program = compiled(gcc, "ends", tmp_path / "ends", "-O1", "-DHOW=0")
    message = run32([str(program)], cwd=tmp_path).stderr.decode()
    assert "illegal instruction at pc 0x0804" in message
    assert "instruction bytes 0f 0b" in message
