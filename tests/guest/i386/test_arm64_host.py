"""i386 programs on an AArch64 machine do what they do under run32 on this host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from guest.i386.test_i386 import BUILDS, PROGRAMS, compiled, gcc, under_run32
from tools import arm64_guest
from tools.guests import environment
from tools.roots import CHECKOUT

pytestmark = [pytest.mark.arm64, pytest.mark.xdist_group("arm64")]
__all__ = ["gcc"]

# what the guest's Python writes its engine's key with, whatever Python this host has
BUILD = f"""\
import os, sys
sys.path.insert(0, {str(CHECKOUT / "src")!r})
sys.implementation.cache_tag = "cpython-311"
from run32.codegen import build
build.build(os.environ["RUN32_CACHE"], "i386", "aarch64")
"""
RUN32 = """python3.11 -I -c "
import sys; sys.path.insert(0, '/run32/src'); import run32.cli as c; sys.exit(c.main())" """


def test_programs(gcc: str, tmp_path: Path) -> None:
    reason = arm64_guest.ensure()
    if reason:
        pytest.skip(reason)
    env = environment(tmp_path, RUN32_CACHE=str(tmp_path / "cache"))
    subprocess.run([sys.executable, "-c", BUILD], env=env, check=True)
    script = "cp -a /host/cache /tmp/cache; export RUN32_CACHE=/tmp/cache\n"
    for name in PROGRAMS:
        compiled(gcc, name, tmp_path / name, *BUILDS["O2"])
        script += f"{RUN32} /host/{name} >/host/{name}.out; echo $? >/host/{name}.status\n"
    result = arm64_guest.run(script, tmp_path, cpu="a64fx", timeout=200)
    assert result.status == 0, result.stderr.decode()
    for name in PROGRAMS:
        status = int((tmp_path / f"{name}.status").read_text())
        output = (tmp_path / f"{name}.out").read_bytes()
        assert (status, output) == under_run32(tmp_path / name, tmp_path), result.stderr.decode()
