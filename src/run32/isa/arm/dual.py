"""Dual halfword multiplies, most significant word multiplies, sums of absolute differences.

Source: DDI 0406C A5.4.4, A6.3.16-17. With `swap` the halfwords of the second operand are exchanged;
with `r` the most significant word is rounded instead of truncated.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t32
from run32.isa.arm.dsp import half, put_q
from run32.isa.arm.muldiv import accumulate, multiply
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Operands, Semantic, form

ROUND = 0x80000000


# -- forms ----------------------------------------------------------------------------------------
def _products(m: Any, o: Operands) -> tuple[Bits, Bits]:
    """Lower by lower and upper by upper halfword, as 64 bits."""
    x, y = m.reg(o.rn), m.reg(o.rm)
    return half(x, 0) * half(y, o.swap), half(x, 1) * half(y, 1 - o.swap)


@form(static="swap", regs="rd rn rm", writes="rd")
def dual_q(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(products), Q on overflow."""
    put_q(m, o, sem(*_products(m, o)))


@form(static="swap", regs="rd rn rm ra", writes="rd")
def dual_accumulate_q(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = ra + sem(products), Q on overflow."""
    put_q(m, o, sem(*_products(m, o)) + m.reg(o.ra).sext(64))


@form(static="swap", regs="rdlo rdhi rn rm")
def dual_long(m: Any, o: Operands, sem: Semantic) -> None:
    """hi:lo += sem(products)."""
    total = cat(m.reg(o.rdhi), m.reg(o.rdlo)) + sem(*_products(m, o))
    m.set_reg(o.rdlo, total[31:0])
    m.set_reg(o.rdhi, total[63:32])


@form(static="r", regs="rd rn rm", writes="rd")
def top_word(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = the upper word of sem(rn, rm)."""
    value = sem(m.reg(o.rn).sext(64), m.reg(o.rm).sext(64))
    m.set_reg(o.rd, (value + ROUND * o.r)[63:32])


@form(static="r", regs="rd rn rm ra", writes="rd")
def top_word_accumulate(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = the upper word of sem(rn, rm, ra as an upper word)."""
    total = cat(m.reg(o.ra), Bits(32, 0))
    value = sem(m.reg(o.rn).sext(64), m.reg(o.rm).sext(64), total)
    m.set_reg(o.rd, (value + ROUND * o.r)[63:32])


# -- dual multiplies ------------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0111 0000 rd:4 1111 rm:4 00 swap:1 1 rn:4", dual_q),
    t32("1111 1011 0010 rn:4 1111 rd:4 000 swap:1 rm:4", dual_q),
    ref="DDI 0406C A8.8.187",
)
def smuad(low: Bits, high: Bits) -> Bits:
    """rd = lower product + upper product."""
    return low + high


@ARM.insn(
    a32("cond:4 0111 0000 rd:4 ra:4 rm:4 00 swap:1 1 rn:4", dual_accumulate_q),
    t32("1111 1011 0010 rn:4 ra:4 rd:4 000 swap:1 rm:4", dual_accumulate_q),
    ref="DDI 0406C A8.8.177",
)
def smlad(low: Bits, high: Bits) -> Bits:
    """rd = ra + lower product + upper product."""
    return low + high


@ARM.insn(
    a32("cond:4 0111 0000 rd:4 1111 rm:4 01 swap:1 1 rn:4", dual_q),
    t32("1111 1011 0100 rn:4 1111 rd:4 000 swap:1 rm:4", dual_q),
    ref="DDI 0406C A8.8.191",
)
def smusd(low: Bits, high: Bits) -> Bits:
    """rd = lower product - upper product (which never overflows)."""
    return low - high


@ARM.insn(
    a32("cond:4 0111 0000 rd:4 ra:4 rm:4 01 swap:1 1 rn:4", dual_accumulate_q),
    t32("1111 1011 0100 rn:4 ra:4 rd:4 000 swap:1 rm:4", dual_accumulate_q),
    ref="DDI 0406C A8.8.182",
)
def smlsd(low: Bits, high: Bits) -> Bits:
    """rd = ra + lower product - upper product."""
    return low - high


@ARM.insn(
    a32("cond:4 0111 0100 rdhi:4 rdlo:4 rm:4 00 swap:1 1 rn:4", dual_long),
    t32("1111 1011 1100 rn:4 rdlo:4 rdhi:4 110 swap:1 rm:4", dual_long),
    ref="DDI 0406C A8.8.180",
)
def smlald(low: Bits, high: Bits) -> Bits:
    """hi:lo += lower product + upper product."""
    return low + high


@ARM.insn(
    a32("cond:4 0111 0100 rdhi:4 rdlo:4 rm:4 01 swap:1 1 rn:4", dual_long),
    t32("1111 1011 1101 rn:4 rdlo:4 rdhi:4 110 swap:1 rm:4", dual_long),
    ref="DDI 0406C A8.8.183",
)
def smlsld(low: Bits, high: Bits) -> Bits:
    """hi:lo += lower product - upper product."""
    return low - high


# -- most significant word ------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0111 0101 rd:4 1111 rm:4 00 r:1 1 rn:4", top_word),
    t32("1111 1011 0101 rn:4 1111 rd:4 000 r:1 rm:4", top_word),
    ref="DDI 0406C A8.8.186",
)
def smmul(x: Bits, y: Bits) -> Bits:
    """rd = upper word of rn * rm."""
    return x * y


@ARM.insn(
    a32("cond:4 0111 0101 rd:4 ra:4 rm:4 00 r:1 1 rn:4", top_word_accumulate),
    t32("1111 1011 0101 rn:4 ra:4 rd:4 000 r:1 rm:4", top_word_accumulate),
    ref="DDI 0406C A8.8.184",
)
def smmla(x: Bits, y: Bits, a: Bits) -> Bits:
    """rd = upper word of ra:0 + rn * rm."""
    return a + x * y


@ARM.insn(
    a32("cond:4 0111 0101 rd:4 ra:4 rm:4 11 r:1 1 rn:4", top_word_accumulate),
    t32("1111 1011 0110 rn:4 ra:4 rd:4 000 r:1 rm:4", top_word_accumulate),
    ref="DDI 0406C A8.8.185",
)
def smmls(x: Bits, y: Bits, a: Bits) -> Bits:
    """rd = upper word of ra:0 - rn * rm."""
    return a - x * y


# -- sums of absolute differences -----------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0111 1000 rd:4 1111 rm:4 0001 rn:4", multiply, s=0),
    t32("1111 1011 0111 rn:4 1111 rd:4 0000 rm:4", multiply, s=0),
    ref="DDI 0406C A8.8.264",
)
def usad8(x: Bits, y: Bits) -> Bits:
    """rd = sum of the absolute differences of the four bytes."""
    return _differences(x, y)


def _differences(x: Bits, y: Bits) -> Bits:
    total = Bits(32, 0)
    for low in range(0, 32, 8):
        a, b = x[low + 7 : low], y[low + 7 : low]
        total = total + select(a.ult(b), b - a, a - b).zext(32)
    return total


@ARM.insn(
    a32("cond:4 0111 1000 rd:4 ra:4 rm:4 0001 rn:4", accumulate, s=0),
    t32("1111 1011 0111 rn:4 ra:4 rd:4 0000 rm:4", accumulate, s=0),
    ref="DDI 0406C A8.8.265",
)
def usada8(x: Bits, y: Bits, a: Bits) -> Bits:
    """rd = ra + sum of the absolute differences of the four bytes."""
    return a + _differences(x, y)
