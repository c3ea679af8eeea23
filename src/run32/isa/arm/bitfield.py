"""Bit fields, leading zeros, reversals. Source: DDI 0406C A5.4.3-5, A6.3.1, A6.3.15, A8.8.19-20,
A8.8.33, A8.8.144-147, A8.8.164, A8.8.246.

Masks and shift amounts are found when the instruction is decoded. A field that ends before it
begins is UNPREDICTABLE: an insertion then changes nothing.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t16, t32
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Fields, Operands, Semantic, form


# -- forms ----------------------------------------------------------------------------------------
@form(regs="rd rn", small="lsb", imm="mask")
def insert(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rd, rn moved to the field, mask of the field)."""
    m.set_reg(o.rd, sem(m.reg(o.rd), m.reg(o.rn) << o.lsb.zext(32), o.mask))


@form(regs="rd", imm="mask")
def clear(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rd, mask of the field)."""
    m.set_reg(o.rd, sem(m.reg(o.rd), o.mask))


@form(regs="rd rn", small="left right", writes="rd")
def extract(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, shifts left and right that isolate the field)."""
    m.set_reg(o.rd, sem(m.reg(o.rn), o.left.zext(32), o.right.zext(32)))


@form(regs="rd rm", writes="rd")
def unary(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rm)."""
    m.set_reg(o.rd, sem(m.reg(o.rm)))


# -- bindings -------------------------------------------------------------------------------------
def _t32_lsb(f: Fields) -> Bits:
    return cat(f.imm3, f.imm2)


def _up_to(msb: Bits) -> Bits:
    """Ones from bit 0 to bit `msb` (five bits)."""
    return Bits(32, 0xFFFFFFFF) >> (31 - msb.zext(32))


def _mask(msb: Bits, lsb: Bits) -> Bits:
    ones = _up_to(msb) & (Bits(32, 0xFFFFFFFF) << lsb.zext(32))
    return select(msb.ult(lsb), Bits(32, 0), ones)


def _left(lsb: Bits, width_minus_1: Bits) -> Bits:
    return (31 - lsb.zext(8) - width_minus_1.zext(8)) & 31


def _right(width_minus_1: Bits) -> Bits:
    return 31 - width_minus_1.zext(8)


_A32_FIELD: dict[str, Any] = {"mask": lambda f: _mask(f.msb, f.lsb)}
_T32_FIELD: dict[str, Any] = {"mask": lambda f: _mask(f.msb, _t32_lsb(f))}
_A32_EXTRACT: dict[str, Any] = {
    "left": lambda f: _left(f.lsb, f.wm1),
    "right": lambda f: _right(f.wm1),
}
_T32_EXTRACT: dict[str, Any] = {
    "left": lambda f: _left(_t32_lsb(f), f.wm1),
    "right": lambda f: _right(f.wm1),
}


# -- fields ---------------------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0111 110 msb:5 rd:4 lsb:5 001 1111", clear, **_A32_FIELD),
    t32("1111 0011 0110 1111 0 imm3:3 rd:4 imm2:2 0 msb:5", clear, **_T32_FIELD),
    ref="DDI 0406C A8.8.19",
)
def bfc(d: Bits, mask: Bits) -> Bits:
    """Clear a field of rd."""
    return d & ~mask


@ARM.insn(
    a32("cond:4 0111 110 msb:5 rd:4 lsb:5 001 rn:4", insert, **_A32_FIELD),
    t32("1111 0011 0110 rn:4 0 imm3:3 rd:4 imm2:2 0 msb:5", insert, lsb=_t32_lsb, **_T32_FIELD),
    ref="DDI 0406C A8.8.20",
)
def bfi(d: Bits, moved: Bits, mask: Bits) -> Bits:
    """Replace a field of rd by the low bits of rn."""
    return d & ~mask | moved & mask


@ARM.insn(
    a32("cond:4 0111 101 wm1:5 rd:4 lsb:5 101 rn:4", extract, **_A32_EXTRACT),
    t32("1111 0011 0100 rn:4 0 imm3:3 rd:4 imm2:2 0 wm1:5", extract, **_T32_EXTRACT),
    ref="DDI 0406C A8.8.164",
)
def sbfx(x: Bits, left: Bits, right: Bits) -> Bits:
    """rd = a field of rn, sign-extended."""
    return (x << left).sar(right)


@ARM.insn(
    a32("cond:4 0111 111 wm1:5 rd:4 lsb:5 101 rn:4", extract, **_A32_EXTRACT),
    t32("1111 0011 1100 rn:4 0 imm3:3 rd:4 imm2:2 0 wm1:5", extract, **_T32_EXTRACT),
    ref="DDI 0406C A8.8.246",
)
def ubfx(x: Bits, left: Bits, right: Bits) -> Bits:
    """rd = a field of rn, zero-extended."""
    return x << left >> right


# -- whole registers ------------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0001 0110 1111 rd:4 1111 0001 rm:4", unary),
    t32("1111 1010 1011 xxxx 1111 rd:4 1000 rm:4", unary),
    ref="DDI 0406C A8.8.33",
)
def clz(x: Bits) -> Bits:
    """rd = number of leading zeros of rm."""
    return x.clz()


@ARM.insn(
    a32("cond:4 0110 1111 1111 rd:4 1111 0011 rm:4", unary),
    t32("1111 1010 1001 xxxx 1111 rd:4 1010 rm:4", unary),
    ref="DDI 0406C A8.8.144",
)
def rbit(x: Bits) -> Bits:
    """rd = the bits of rm in reverse order."""
    return x.bitreverse()


@ARM.insn(
    a32("cond:4 0110 1011 1111 rd:4 1111 0011 rm:4", unary),
    t32("1111 1010 1001 xxxx 1111 rd:4 1000 rm:4", unary),
    t16("1011 1010 00 rm:3 rd:3", unary),
    ref="DDI 0406C A8.8.145",
)
def rev(x: Bits) -> Bits:
    """rd = the bytes of rm in reverse order."""
    return x.bswap()


@ARM.insn(
    a32("cond:4 0110 1011 1111 rd:4 1111 1011 rm:4", unary),
    t32("1111 1010 1001 xxxx 1111 rd:4 1001 rm:4", unary),
    t16("1011 1010 01 rm:3 rd:3", unary),
    ref="DDI 0406C A8.8.146",
)
def rev16(x: Bits) -> Bits:
    """rd = the bytes of each halfword of rm exchanged."""
    return x.bswap().ror(16)


@ARM.insn(
    a32("cond:4 0110 1111 1111 rd:4 1111 1011 rm:4", unary),
    t32("1111 1010 1001 xxxx 1111 rd:4 1011 rm:4", unary),
    t16("1011 1010 11 rm:3 rd:3", unary),
    ref="DDI 0406C A8.8.147",
)
def revsh(x: Bits) -> Bits:
    """rd = the low halfword of rm, bytes exchanged, sign-extended."""
    return x.bswap()[31:16].sext(32)
