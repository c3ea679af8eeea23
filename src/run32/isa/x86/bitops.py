"""Bit test and bit scan rows. Source: SDM 2A, BSF, BSR, BT, BTC, BTR, BTS."""

from __future__ import annotations

from collections.abc import Callable

from run32.isa.x86.core import X86, After
from run32.spec.bits import Bits, select
from run32.spec.x86 import Enc
from run32.spec.x86_operands import Ev, Gv, Ib, Mv, Rv, V, X86Machine

# What becomes of the word, given the mask of the tested bit; None: BT, which writes nothing.
Change = Callable[[Bits, Bits], Bits]
OPERATIONS: tuple[tuple[str, int, int, Change | None], ...] = (
    ("bt", 0xA3, 4, None),
    ("bts", 0xAB, 5, lambda word, mask: word | mask),
    ("btr", 0xB3, 6, lambda word, mask: word & ~mask),
    ("btc", 0xBB, 7, lambda word, mask: word ^ mask),
)


def tested(word: Bits, number: Bits, change: Change | None) -> After:
    """C = bit `number` (modulo the width), and the changed word."""
    n = (number.trunc(8) & (word.width - 1)).zext(word.width)
    c = (word >> n)[0]
    value = word if change is None else change(word, Bits(word.width, 1) << n)
    return After(value, lambda m: m.put("c", c))


def _rows(name: str, opcode: int, digit: int, change: Change | None) -> None:
    access = "rr" if change is None else "xr"

    def in_word(word: Bits, number: Bits) -> After:
        return tested(word, number, change)

    def in_string(m: X86Machine, address: Bits, number: Bits, size: int) -> None:
        step = number.sext(32).sar(size.bit_length() - 1) * (size // 8)
        word = m.load(address + step, size)
        result = tested(word, number, change)
        if change is not None:
            m.store(address + step, result.value)
        result.write_flags(m)

    in_word.__name__, in_string.__name__ = name, f"{name}_string"
    in_word.__doc__ = f"{name.upper()} of a bit of the operand: C = the bit."
    in_string.__doc__ = f"{name.upper()} of a bit of the bit string at an address: C = the bit."
    ref = f"SDM 2A, {name.upper()}"
    X86.insn(
        Enc(f"0F {opcode:02X} /r", Rv, Gv),
        Enc(f"0F BA /{digit}", Ev, Ib),
        access=access,
        ref=ref,
        undefined="OSAP",
    )(in_word)
    X86.insn(
        Enc(f"0F {opcode:02X} /r", Mv, Gv, V), access="rrr", ref=ref, undefined="OSAP", machine=True
    )(in_string)


for _operation in OPERATIONS:
    _rows(*_operation)


@X86.insn(Enc("0F BC /r", Gv, Ev, rep=True), ref="SDM 2A, BSF", undefined="OSAPC")
def bsf(dst: Bits, src: Bits) -> After:
    """dst = number of the lowest one bit; dst stays and Z is set where there is none."""
    found = select(src.eq(0), dst, src.ctz())
    return After(found, lambda m: m.put("z", src.zext(32)))


@X86.insn(Enc("0F BD /r", Gv, Ev), ref="SDM 2A, BSR", undefined="OSAPC")
def bsr(dst: Bits, src: Bits) -> After:
    """dst = number of the highest one bit; dst stays and Z is set where there is none."""
    found = select(src.eq(0), dst, Bits(src.width, src.width - 1) - src.clz())
    return After(found, lambda m: m.put("z", src.zext(32)))
