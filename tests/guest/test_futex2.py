"""Futex calls newer than the kernel that the other expectations come from: as on this host.

The program is built for this machine too, and prints the same there.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from tools.build import STATIC, compile_c
from tools.guests import run32

SOURCE = Path(__file__).with_name("futex2") / "futex2.c"


def test_as_on_this_host(engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    gcc = shutil.which(f"{platform.machine()}-linux-gnu-gcc")
    if gcc is None:
        pytest.skip("no compiler for this host")
    native = compile_c(SOURCE, "-O2", "-w", compiler=gcc)
    expected = subprocess.run([str(native)], capture_output=True, text=True, timeout=60)
    assert expected.returncode == 0
    result = run32([str(compile_c(SOURCE, *STATIC, "-marm"))], cwd=tmp_path)
    assert result.stdout.decode() == expected.stdout, result.stderr.decode()
    assert expected.stdout.count("\n") > 30
