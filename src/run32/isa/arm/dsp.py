"""Multiplies of single halfwords. Source: DDI 0406C A5.2.7, A6.3.16-17.

`x` and `y` choose the upper (1) or lower halfword of the first and the second operand. Forms named
`..._q` get the exact sum as 64 bits and set Q where it does not fit 32 bits.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Operands, Semantic, form


# -- operands and results -------------------------------------------------------------------------
def half(value: Bits, top: int) -> Bits:
    """A signed halfword as 64 bits."""
    return (value[31:16] if top else value[15:0]).sext(64)


def put_q(m: Any, o: Operands, exact: Bits) -> None:
    """rd = the low word of the exact result; Q is set on overflow and never cleared."""
    m.set_reg(o.rd, exact[31:0])
    m.put("q", m.get("q") | exact[31:0].sext(64).ne(exact))


@form(static="x y", regs="rd rn rm", writes="rd")
def halves(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(half of rn, half of rm)."""
    m.set_reg(o.rd, sem(half(m.reg(o.rn), o.x), half(m.reg(o.rm), o.y))[31:0])


@form(static="x y", regs="rd rn rm ra", writes="rd")
def halves_q(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(half of rn, half of rm, ra), Q on overflow."""
    x, y = half(m.reg(o.rn), o.x), half(m.reg(o.rm), o.y)
    put_q(m, o, sem(x, y, m.reg(o.ra).sext(64)))


@form(static="x y", regs="rdlo rdhi rn rm")
def halves_long(m: Any, o: Operands, sem: Semantic) -> None:
    """hi:lo = sem(half of rn, half of rm, hi:lo)."""
    x, y = half(m.reg(o.rn), o.x), half(m.reg(o.rm), o.y)
    value = sem(x, y, cat(m.reg(o.rdhi), m.reg(o.rdlo)))
    m.set_reg(o.rdlo, value[31:0])
    m.set_reg(o.rdhi, value[63:32])


@form(static="y", regs="rd rn rm", writes="rd")
def word_half(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, half of rm)."""
    m.set_reg(o.rd, sem(m.reg(o.rn).sext(64), half(m.reg(o.rm), o.y)))


@form(static="y", regs="rd rn rm ra", writes="rd")
def word_half_q(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, half of rm, ra), Q on overflow."""
    x, y = m.reg(o.rn).sext(64), half(m.reg(o.rm), o.y)
    put_q(m, o, sem(x, y, m.reg(o.ra).sext(64)))


# -- one halfword product -------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0001 0110 rd:4 0000 rm:4 1 y:1 x:1 0 rn:4", halves),
    t32("1111 1011 0001 rn:4 1111 rd:4 00 x:1 y:1 rm:4", halves),
    ref="DDI 0406C A8.8.188",
)
def smulxy(x: Bits, y: Bits) -> Bits:
    """rd = half * half."""
    return x * y


@ARM.insn(
    a32("cond:4 0001 0000 rd:4 ra:4 rm:4 1 y:1 x:1 0 rn:4", halves_q),
    t32("1111 1011 0001 rn:4 ra:4 rd:4 00 x:1 y:1 rm:4", halves_q),
    ref="DDI 0406C A8.8.176",
)
def smlaxy(x: Bits, y: Bits, a: Bits) -> Bits:
    """rd = ra + half * half."""
    return a + x * y


@ARM.insn(
    a32("cond:4 0001 0100 rdhi:4 rdlo:4 rm:4 1 y:1 x:1 0 rn:4", halves_long),
    t32("1111 1011 1100 rn:4 rdlo:4 rdhi:4 10 x:1 y:1 rm:4", halves_long),
    ref="DDI 0406C A8.8.179",
)
def smlalxy(x: Bits, y: Bits, a: Bits) -> Bits:
    """hi:lo += half * half."""
    return a + x * y


@ARM.insn(
    a32("cond:4 0001 0010 rd:4 0000 rm:4 1 y:1 10 rn:4", word_half),
    t32("1111 1011 0011 rn:4 1111 rd:4 000 y:1 rm:4", word_half),
    ref="DDI 0406C A8.8.190",
)
def smulwy(x: Bits, y: Bits) -> Bits:
    """rd = upper 32 bits of the 48-bit rn * half."""
    return (x * y)[47:16]


@ARM.insn(
    a32("cond:4 0001 0010 rd:4 ra:4 rm:4 1 y:1 00 rn:4", word_half_q),
    t32("1111 1011 0011 rn:4 ra:4 rd:4 000 y:1 rm:4", word_half_q),
    ref="DDI 0406C A8.8.181",
)
def smlawy(x: Bits, y: Bits, a: Bits) -> Bits:
    """rd = ra + upper 32 bits of the 48-bit rn * half."""
    return a + (x * y).sar(16)
