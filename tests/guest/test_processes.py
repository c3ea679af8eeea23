"""C programs with processes and threads print under run32 what they print on Linux.

As in `test_programs`: `processes/NAME.expected` and `threads/NAME.expected` come from a real arm64
kernel that executes AArch32 (`make bless`).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.blessing import bless_programs
from tools.build import STATIC, compile_c
from tools.guests import run32

HERE = Path(__file__).parent
PROGRAMS = [p for name in ("processes", "threads") for p in sorted((HERE / name).glob("*.c"))]


@pytest.fixture(scope="session")
def blessed(bless: bool, arm_gcc: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With --bless, the `.expected` files are what Linux says now."""
    if bless:
        bless_programs(PROGRAMS, tmp_path_factory.mktemp("bless"))


@pytest.mark.parametrize("isa", ["a32", "t32"])
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_program(
    source: Path, isa: str, blessed: None, engine: Path, arm_gcc: str, tmp_path: Path
) -> None:
    program = compile_c(source, *STATIC, "-marm" if isa == "a32" else "-mthumb")
    result = run32([str(program)], cwd=tmp_path)
    found = result.stdout.decode() + f"status {result.status}\n"
    assert found == source.with_suffix(".expected").read_text(), result.stderr.decode()
