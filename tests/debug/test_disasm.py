"""Guest instructions as text."""

from __future__ import annotations

import random

import pytest

from run32.debug import disasm
from run32.isa.arm.all import ARM

KNOWN = [
    ("a32", 0xE0813002, 0, "add r3, r1, r2"),
    ("a32", 0x10913182, 0, "addsne r3, r1, r2, lsl #3"),
    ("a32", 0xE1A0F00E, 0, "mov pc, lr"),
    ("a32", 0xE3500C01, 0, "cmp r0, #0x100"),
    ("a32", 0xE5B31004, 0, "ldr r1, [r3, #4]!"),
    ("a32", 0xE4931004, 0, "ldr r1, [r3], #4"),
    ("a32", 0xE7131102, 0, "ldr r1, [r3, -r2, lsl #2]"),
    ("a32", 0xE92D4010, 0, "stm sp!, {r4, lr}"),
    ("a32", 0xEE300A01, 0, "vadd.f32 s0, s0, s2"),
    ("a32", 0xEE300B01, 0, "vadd.f64 d0, d0, d1"),
    ("a32", 0xE1931F9F, 0, "ldrex r1, [r3]"),
    ("a32", 0xE1832F91, 0, "strex r2, r1, [r3]"),
    ("t16", 0xBF0C, 0, "ite eq"),
    ("t16", 0x4770, 0, "bx lr"),
    ("t16", 0x6848, 0, "ldr r0, [r1, #4]"),
    ("t16", 0xD001, 0, "beq 0x1006"),
    ("t16", 0xB108, 0, "cbz r0, 0x1006"),
    ("t32", 0xE8DFF011, 0, "tbh pc, r1"),
]


@pytest.mark.parametrize(("set_", "word", "inside", "text"), KNOWN)
def test_text(set_: str, word: int, inside: int, text: str) -> None:
    insn = ARM.decode(set_, word, 0x1000, inside)
    assert insn is not None
    assert " ".join(disasm.text(insn).split()) == text


def test_every_encoding_has_text() -> None:
    source = random.Random(1)
    seen = set()
    for row in ARM.rows.values():
        for e in row.encodings:
            width = 16 if e.set == "t16" else 32
            word = source.getrandbits(width) & ~e.pattern.mask | e.pattern.value
            if e.has_condition:
                word = word & 0x0FFFFFFF | 0xE0000000
            insn = ARM.decode(e.set, word, 0x1000, e.it or 0)
            if insn is not None:
                line = disasm.text(insn)
                assert line.strip() and "Bits(" not in line
                seen.add(insn.encoding.row.name)
    assert len(seen) > 150
