"""Names of guest code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from run32.debug.symbols import Symbols


def test_names(hot: Path) -> None:
    symbols = Symbols(hot)
    thumb, a32 = symbols.names["hot_loop"], symbols.names["a32_loop"]
    assert (thumb.thumb, a32.thumb) == (True, False)
    assert symbols.is_thumb(thumb.start) and not symbols.is_thumb(a32.start)
    assert symbols.describe(thumb.start) == "hot_loop"
    assert symbols.describe(thumb.start + 4) == "hot_loop+0x4"
    place = symbols.place(thumb.start)
    assert place is not None and symbols.address(place) == thumb.start
    assert symbols.place(0) is None and symbols.address(1 << 31) is None
    assert "hot_loop" in symbols.similar("hot_lop")


def test_stripped(hot: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run(["arm-linux-gnueabihf-strip", "-o", bare, hot], check=True)
    symbols = Symbols(bare)
    assert not symbols.names
    start = Symbols(hot).names["main"].start
    assert symbols.describe(start).startswith(("sub_", "bare+"))
    found = symbols.at(start + 64)
    assert found is None or found.name == f"sub_{found.start:x}"


@pytest.mark.parametrize("size", [52, 60, 400, 3000])
def test_damaged(hot: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(hot.read_bytes()[:size])
    assert not Symbols(cut).names
    cut.write_bytes(hot.read_bytes()[:32])
    with pytest.raises(ValueError, match="ELF"):
        Symbols(cut)
