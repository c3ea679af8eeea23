"""Integer rows outside loads and stores: the reference evaluator agrees with Unicorn.

RUN32_FUZZ_STATES says how many random instructions and states each row gets.
"""

from __future__ import annotations

import pytest
import states
from oracle import Reference, UnicornEngine
from states import COUNT, SKIP, fields, uses_pc

from run32.spec.rows import Encoding, Row

ROWS = states.rows_in("dataproc", "moves", "shifts", "branch", "status", "system")
ROWS = [r for r in ROWS if r.name not in ("read_cntvct", "read_cntfrq")]  # Unicorn has no timer

SHIFTED_BY_REGISTER = ("alu_rsr", "test_rsr", "by_reg")
ALU_RETURNS = 0b0010, 0b1101  # sub and mov: the ones qemu takes for exception returns


def _pc_in_shift(e: Encoding, word: int) -> bool:
    return e.form.name in SHIFTED_BY_REGISTER and uses_pc(e, word)


def _pc(e: Encoding, word: int) -> bool:
    return uses_pc(e, word)


def _call_pc(e: Encoding, word: int) -> bool:
    return fields(e, word)["rm"] == 15


def _bx_pc(e: Encoding, word: int) -> bool:
    """T16 `bx pc`: the filler does not stop in ARM state (`test_sequences` has it)."""
    return e.set == "t16" and fields(e, word)["rm"] == 15


def _breakpoint(e: Encoding, word: int) -> bool:
    """Linux's own breakpoints (qemu: undefined); a condition on BKPT."""
    return "imm" not in fields(e, word) and "lo" not in fields(e, word)


def _other_return(e: Encoding, word: int) -> bool:
    """qemu lets the other ALU operations with S set and rd = pc branch and set flags."""
    return word >> 21 & 15 not in ALU_RETURNS


def _wait(e: Encoding, word: int) -> bool:
    """YIELD, WFE and WFI stop Unicorn's CPU."""
    hint = word >> 4 & 15 if e.set == "t16" else word & 0xFF
    return hint in (1, 2, 3)


for row in states.rows_in("dataproc", "moves", "shifts"):
    SKIP[row.name] = _pc_in_shift
SKIP |= {
    "movw": _pc,
    "movt": _pc,
    "mrs": _pc,
    "msr": _pc,
    "write_tpidrurw": _pc,
    "blx": _call_pc,
    "bx": _bx_pc,
    "nop": _wait,
    "bkpt": _breakpoint,
    "exception_return": _other_return,
}


@pytest.fixture(scope="module")
def engines() -> tuple[UnicornEngine, Reference]:
    pytest.importorskip("unicorn")
    return UnicornEngine(), Reference()


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_reference_agrees_with_unicorn(row: Row, engines: tuple[UnicornEngine, Reference]) -> None:
    tally = states.compare(row, COUNT, *engines)
    assert not tally.differences, "\n".join(tally.differences[:5])
    assert tally.states >= COUNT
