"""Arithmetic and logic rows. Source: SDM 2A and 2B, by mnemonic."""

from __future__ import annotations

from run32.isa.x86.core import X86, Alu, add_flags, logic_flags, sub_flags
from run32.spec.bits import Bits
from run32.spec.x86 import Enc, Encoding
from run32.spec.x86_operands import AL, Eb, Ev, Gb, Gv, Ib, Iz, Zv, rAX, sIb


def group(n: int) -> list[Encoding]:
    """The encodings that operation `n` of the first eight has."""
    return [
        *Enc(f"{8 * n:02X} /r", Eb, Gb),
        *Enc(f"{8 * n + 1:02X} /r", Ev, Gv),
        *Enc(f"{8 * n + 2:02X} /r", Gb, Eb),
        *Enc(f"{8 * n + 3:02X} /r", Gv, Ev),
        *Enc(f"{8 * n + 4:02X}", AL, Ib),
        *Enc(f"{8 * n + 5:02X}", rAX, Iz),
        *Enc(f"80 /{n}", Eb, Ib),
        *Enc(f"81 /{n}", Ev, Iz),
        *Enc(f"82 /{n}", Eb, Ib),
        *Enc(f"83 /{n}", Ev, sIb),
    ]


@X86.insn(group(0), ref="SDM 2A, ADD")
def add(dst: Bits, src: Bits) -> Alu:
    """dst = dst + src."""
    return add_flags(dst, src)


@X86.insn(group(1), ref="SDM 2B, OR", undefined="A")
def or_(dst: Bits, src: Bits) -> Alu:
    """dst = dst | src."""
    return logic_flags(dst | src)


@X86.insn(group(2), reads="C", ref="SDM 2A, ADC")
def adc(dst: Bits, src: Bits, cf: Bits) -> Alu:
    """dst = dst + src + C."""
    return add_flags(dst, src, cf)


@X86.insn(group(3), reads="C", ref="SDM 2B, SBB")
def sbb(dst: Bits, src: Bits, cf: Bits) -> Alu:
    """dst = dst - src - C."""
    return sub_flags(dst, src, cf)


@X86.insn(group(4), ref="SDM 2A, AND", undefined="A")
def and_(dst: Bits, src: Bits) -> Alu:
    """dst = dst & src."""
    return logic_flags(dst & src)


@X86.insn(group(5), ref="SDM 2B, SUB")
def sub(dst: Bits, src: Bits) -> Alu:
    """dst = dst - src."""
    return sub_flags(dst, src)


@X86.insn(group(6), ref="SDM 2D, XOR", undefined="A")
def xor(dst: Bits, src: Bits) -> Alu:
    """dst = dst ^ src."""
    return logic_flags(dst ^ src)


@X86.insn(group(7), access="rr", ref="SDM 2A, CMP")
def cmp(x: Bits, y: Bits) -> Alu:
    """Flags of x - y."""
    return sub_flags(x, y)


@X86.insn(
    Enc("84 /r", Eb, Gb),
    Enc("85 /r", Ev, Gv),
    Enc("A8", AL, Ib),
    Enc("A9", rAX, Iz),
    Enc("F6 /0", Eb, Ib),
    Enc("F7 /0", Ev, Iz),
    access="rr",
    ref="SDM 2B, TEST",
    undefined="A",
)
def test(x: Bits, y: Bits) -> Alu:
    """Flags of x & y."""
    return logic_flags(x & y)


@X86.insn(Enc("40 +r", Zv), Enc("FE /0", Eb), Enc("FF /0", Ev), ref="SDM 2A, INC")
def inc(dst: Bits) -> Alu:
    """dst = dst + 1; C stays."""
    full = add_flags(dst, Bits(dst.width, 1))
    return Alu(full.value, None, full.v, full.a)


@X86.insn(Enc("48 +r", Zv), Enc("FE /1", Eb), Enc("FF /1", Ev), ref="SDM 2A, DEC")
def dec(dst: Bits) -> Alu:
    """dst = dst - 1; C stays."""
    full = sub_flags(dst, Bits(dst.width, 1))
    return Alu(full.value, None, full.v, full.a)


@X86.insn(Enc("F6 /2", Eb), Enc("F7 /2", Ev), ref="SDM 2B, NOT")
def not_(dst: Bits) -> Bits:
    """dst = ~dst; flags stay."""
    return ~dst


@X86.insn(Enc("F6 /3", Eb), Enc("F7 /3", Ev), ref="SDM 2B, NEG")
def neg(dst: Bits) -> Alu:
    """dst = -dst."""
    return sub_flags(Bits(dst.width, 0), dst)
