"""C programs print under run32 what they print on Linux.

`c/NAME.expected` is the output of `c/NAME.c` on a real arm64 kernel that executes AArch32, in
an emulated machine: `make bless` runs all programs there and rewrites the files. Each program is
built for A32 and for T32.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.blessing import bless_programs
from tools.build import STATIC, compile_c
from tools.guests import run32

PROGRAMS = sorted(Path(__file__).with_name("c").glob("*.c"))


@pytest.fixture(scope="session")
def blessed(bless: bool, arm_gcc: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With --bless, the `.expected` files are what Linux says now."""
    if bless:
        bless_programs(PROGRAMS, tmp_path_factory.mktemp("bless"))


@pytest.mark.parametrize("isa", ["a32", "t32"])
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_program(
    source: Path, isa: str, blessed: None, engine: Path, arm_gcc: str, tmp_path: Path
) -> None:
    program = compile_c(source, *STATIC, "-marm" if isa == "a32" else "-mthumb")
    result = run32([str(program)], cwd=tmp_path)
    found = result.stdout.decode() + f"status {result.status}\n"
    assert found == source.with_suffix(".expected").read_text(), result.stderr.decode()
    assert result.stderr == b""


def test_every_program_has_an_expectation() -> None:
    assert len(PROGRAMS) >= 30
    for source in PROGRAMS:
        assert source.with_suffix(".expected").read_text().endswith("status 0\n"), source.name
