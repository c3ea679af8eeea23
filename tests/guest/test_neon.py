"""Programs with Advanced SIMD print under run32, in every tier, what they print under qemu-arm."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.build import STATIC, compile_c
from tools.guests import environment, qemu_arm, run32

PROGRAMS = sorted(Path(__file__).with_name("neon").glob("*.c"))
FLAGS = (*STATIC, "-O3", "-ffast-math", "-mfpu=neon-vfpv4", "-mfloat-abi=hard")


@pytest.mark.parametrize("isa", ["arm", "thumb"])
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_output(
    source: Path, isa: str, engine: Path, arm_gcc: str, oracle: None, tmp_path: Path
) -> None:
    program = compile_c(source, *FLAGS, f"-m{isa}")
    expected = qemu_arm([str(program)], cwd=tmp_path)
    assert expected.status == 0 and expected.stdout.count(b"\n") >= 4
    for tier in ("interp", "regions"):
        env = environment(tmp_path, RUN32_TIERS=tier)
        found = run32([str(program)], cwd=tmp_path, env=env, timeout=300)
        assert (found.status, found.stderr) == (0, b""), tier
        assert found.stdout == expected.stdout, tier
