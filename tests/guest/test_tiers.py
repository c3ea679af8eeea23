"""Programs that fault and are interrupted in hot code print the same in every tier."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.build import STATIC, compile_c
from tools.guests import environment, run32

PROGRAMS = sorted(Path(__file__).with_name("tiers").glob("*.c"))


@pytest.mark.parametrize("isa", ["arm", "thumb"])
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_tiers_agree(source: Path, isa: str, engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    how = (f"-m{isa}", "-masm-syntax-unified", "-fomit-frame-pointer")
    program = compile_c(source, *STATIC, *how)
    printed = []
    for tier in ("interp", "regions", "mixed"):
        env = environment(tmp_path, RUN32_TIERS=tier)
        result = run32([str(program)], cwd=tmp_path, env=env, timeout=300)
        assert (result.status, result.stderr) == (0, b""), tier
        printed.append(result.stdout)
    assert printed[0].count(b"faults") == 12
    assert printed[1:] == printed[:1] * 2
