"""Every row: the native interpreter agrees with the reference evaluator.

RUN32_FUZZ_STATES says how many random instructions and states each row gets.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import states
import test_memory_rows
import test_rows_oracle
from native import NativeEngine
from oracle import Cpu, Reference
from states import COUNT

from run32.isa.arm.all import ARM
from run32.spec.rows import Encoding, Row

assert test_memory_rows and test_rows_oracle  # their SKIP entries hold here too


def _has_own_test(row: Row) -> bool:
    """test_vfp_native and test_simd_native."""
    return "/vfp" in row.where or "/simd" in row.where


ROWS = [r for r in ARM.rows.values() if not _has_own_test(r)]


def _reads_it(e: Encoding, word: int, state: Cpu) -> bool:
    """A literal next to the instruction: inside IT blocks the native engine has an IT there."""
    offset = word & (0xFF if e.form.name == "load_pair_literal" else 0xFFF)
    return bool(state.it) and e.form.name.endswith("_literal") and offset < 16


@pytest.fixture(scope="module")
def engines(engine: Path) -> tuple[Reference, NativeEngine]:
    return Reference(), NativeEngine(str(engine))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_native_agrees_with_reference(row: Row, engines: tuple[Reference, NativeEngine]) -> None:
    tally = states.compare(row, COUNT, *engines, skip=_reads_it)
    assert not tally.differences, "\n".join(tally.differences[:5])
    assert tally.states > COUNT // 2 or row.name == "it"
