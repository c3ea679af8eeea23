"""Rows as Python functions against the reference evaluator."""

from __future__ import annotations

from random import Random

import pytest

from run32.codegen.rowcode import function_of
from run32.isa.arm.all import ARM
from run32.spec.reference import RefMachine, perform

EDGES = [0, 1, 2, 31, 32, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


class NoMemory:
    def read(self, address: int, size: int) -> bytes:
        raise AssertionError("a function must not stand for a load")

    def write(self, address: int, data: bytes) -> None:
        raise AssertionError("nor for a store")


def word(random: Random, set_: str) -> int:
    """Mostly data processing."""
    found = random.getrandbits(32)
    if set_ == "a32":
        return found & 0x03FFFFFF | 0xE << 28
    return found >> 17 if set_ == "t16" else found & 0x15FFFFFF | 0xEA << 24


@pytest.mark.parametrize("set_", ["a32", "t16", "t32"])
def test_same_as_reference(set_: str) -> None:
    random, tried = Random(set_), set()
    for _ in range(4000):
        insn = ARM.decode(set_, word(random, set_), 0x8000)
        function = None if insn is None or insn.encoding.row.name == "it" else function_of(insn)
        if insn is None or function is None:
            continue
        tried.add(insn.encoding.row.name)
        for _ in range(4):
            m = RefMachine(NoMemory())
            m.r = [random.choice([*EDGES, random.getrandbits(32)]) for _ in m.r]
            flags = random.getrandbits(4)
            m.fields.update(n=flags << 31 & 0xFFFFFFFF, z=flags & 2, c=flags >> 2 & 1, v=flags >> 3)
            m.thumb, m.address = set_ != "a32", 0x8000
            r, fields = list(m.r), dict(m.fields)
            assert perform(m, insn) is None
            function(r, fields)
            assert (r[:15], fields) == (m.r[:15], m.fields), (
                f"{insn.encoding.row.name} {insn.word:x}"
            )
    assert len(tried) > 12, tried
