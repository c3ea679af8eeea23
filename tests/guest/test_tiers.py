"""Programs that fault, are interrupted and rewritten in hot code print the same in every tier."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tools.build import STATIC, compile_c
from tools.guests import environment, has_qemu_arm, qemu_arm, run32

PROGRAMS = sorted(Path(__file__).with_name("tiers").glob("*.c"))
ORACLE = {
    "flags", "loops", "fp_faults", "floods", "recursion", "coroutines", "rewriters", "invalid"
}  # fmt: skip
"""What qemu-arm does as Linux does. The others check themselves, and print what is right."""
RIGHT = {
    "exact": b"growing: 1\nchild: 1\ndies: 11\nanother thread: 1 1\nanother stack: 1 3000\n"
    b"growing, exact: 1\ngrowing: 1\nchild: 1\nexecuted: 1\n",
    "floods": b"sent 4000 queued 4000 in order 1 sum 1 ticks 1 wrong 0\n",
    "invalid": b"known 1 wrong 0\n",
    "rewriters": b"wrong 0\n",
    "pairs": b"torn 0 0 0\n",
    "second": b"alone: 1 0\nwrong: 0\n",
}
SLOW = {"exact", "rewriters"}
"""What changes so much code that waiting for its translation (`regions`) takes minutes."""


@pytest.mark.parametrize("isa", ["arm", "thumb"])
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_tiers_agree(source: Path, isa: str, engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    how = (f"-m{isa}", "-masm-syntax-unified", "-fomit-frame-pointer")
    program = str(compile_c(source, *STATIC, *how))
    printed = []
    tiers = ["interp", "mixed", "mixed"]
    if source.stem not in SLOW or os.environ.get("RUN32_TIERS") == "regions":
        tiers.append("regions")
    for tier in tiers:
        env = environment(tmp_path, RUN32_TIERS=tier)
        result = run32([program], cwd=tmp_path, env=env, timeout=300)
        assert (result.status, result.stderr) == (0, b""), tier
        printed.append(result.stdout)
    assert printed[1:] == printed[:1] * (len(tiers) - 1)
    assert printed[0] == RIGHT.get(source.stem, printed[0])
    if source.stem == "hot_faults":
        assert printed[0].count(b"faults") == 13
    if source.stem in ORACLE and has_qemu_arm():
        assert printed[0] == qemu_arm([program], cwd=tmp_path).stdout
