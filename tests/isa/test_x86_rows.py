"""i386 rows: the reference evaluator agrees with Unicorn, the native interpreter with both.

RUN32_FUZZ_STATES says how many random instructions and states each row gets.
"""

from __future__ import annotations

import pytest
import x86_states
from x86_oracle import Reference, UnicornEngine
from x86_states import COUNT

from run32.isa.x86.all import X86
from run32.spec.x86 import Insn

ROWS = list(X86.rows.values())
WITHOUT_ORACLE = ("pushf",)  # Unicorn pushes bit 1 of EFLAGS as 0


@pytest.fixture(scope="module")
def unicorn() -> UnicornEngine:
    pytest.importorskip("unicorn")
    return UnicornEngine()


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.name not in WITHOUT_ORACLE], ids=lambda r: r.name
)
def test_reference_agrees_with_unicorn(row: Insn, unicorn: UnicornEngine) -> None:
    outcomes, different = x86_states.compare(row, COUNT, unicorn, Reference())
    assert not different, f"{len(different)} of {COUNT}:\n" + "\n".join(different[:5])
    assert sum(outcomes.values()) == COUNT
