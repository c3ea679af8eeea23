"""What counts as a return, and what as a veneer, by how compilers and linkers write them."""

from __future__ import annotations

import pytest
from tools.units import START, unit_of

from run32.codegen.flags import FLAGS, Liveness
from run32.codegen.unit import returns
from run32.isa.arm.all import ARM

RETURNS = {
    0xE12FFF1E: True,  # bx lr
    0xE12FFF13: False,  # bx r3
    0xE1A0F00E: True,  # mov pc, lr
    0xE1A0F003: False,  # mov pc, r3
    0xE3A0F004: False,  # mov pc, #4
    0xE49DF004: True,  # pop {pc}
    0xE8BD8010: True,  # pop {r4, pc}
    0xE5BCF010: False,  # ldr pc, [ip, #16]!
    0xE79DF103: False,  # ldr pc, [sp, r3, lsl #2]
    0xE8938010: False,  # ldm r3, {r4, pc}
}
VENEERS = {
    (0xE28FC600, 0xE28CCA10, 0xE5BCF010): True,  # of the linker
    (0xE52DE004, 0xE2800001, 0xE49DF004): False,  # a function that returns
    (0xE12FFF13,): False,
}


@pytest.mark.parametrize("word", RETURNS, ids=hex)
def test_returns(word: int) -> None:
    insn = ARM.decode("a32", word, START, 0)
    assert insn is not None
    assert returns(insn) == RETURNS[word]
    unit = unit_of((word,))
    unit.discover([START])
    fate = Liveness(unit).fate(START)
    assert (fate.read, fate.kept) == (frozenset() if RETURNS[word] else FLAGS, FLAGS)


@pytest.mark.parametrize("words", VENEERS, ids=lambda words: hex(words[-1]))
def test_veneers(words: tuple[int, ...]) -> None:
    assert (unit_of(words).veneer(START) is not None) == VENEERS[words]
