"""Multiply, multiply-accumulate and divide. Source: DDI 0406C A5.2.5, A6.3.16-17, A8.8.100-101,
A8.8.114, A8.8.165, A8.8.178, A8.8.189, A8.8.248, A8.8.255-257, A8.8.264-265.

Flag-setting forms set N and Z only. Division never traps: by zero it gives 0.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, outside_it, t16, t32
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Operands, Semantic, form


# -- forms ----------------------------------------------------------------------------------------
@form(static="s", regs="rd rn rm", writes="rd")
def multiply(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, rm)."""
    value = sem(m.reg(o.rn), m.reg(o.rm))
    m.set_reg(o.rd, value)
    if o.s:
        m.put("n", value)
        m.put("z", value)


@form(static="s", regs="rd rn rm ra", writes="rd")
def accumulate(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, rm, ra)."""
    value = sem(m.reg(o.rn), m.reg(o.rm), m.reg(o.ra))
    m.set_reg(o.rd, value)
    if o.s:
        m.put("n", value)
        m.put("z", value)


def _put_long(m: Any, o: Operands, value: Bits) -> None:
    low, high = value[31:0], value[63:32]
    m.set_reg(o.rdlo, low)
    m.set_reg(o.rdhi, high)
    if o.s:
        m.put("n", high)
        m.put("z", low | high)


@form(static="s", regs="rdlo rdhi rn rm", writes="rdlo rdhi")
def multiply_long(m: Any, o: Operands, sem: Semantic) -> None:
    """hi:lo = sem(rn, rm)."""
    _put_long(m, o, sem(m.reg(o.rn), m.reg(o.rm)))


@form(static="s", regs="rdlo rdhi rn rm")
def accumulate_long(m: Any, o: Operands, sem: Semantic) -> None:
    """hi:lo = sem(rn, rm, hi:lo)."""
    _put_long(m, o, sem(m.reg(o.rn), m.reg(o.rm), cat(m.reg(o.rdhi), m.reg(o.rdlo))))


# -- 32-bit results -------------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0000 000 s:1 rd:4 0000 rm:4 1001 rn:4", multiply),
    t32("1111 1011 0000 rn:4 1111 rd:4 0000 rm:4", multiply, s=0),
    t16("0100 0011 01 rn:3 rd:3", multiply, expand="it", s=outside_it, rm=lambda f: f.rd),
    ref="DDI 0406C A8.8.114",
)
def mul(x: Bits, y: Bits) -> Bits:
    """rd = rn * rm."""
    return x * y


@ARM.insn(
    a32("cond:4 0000 001 s:1 rd:4 ra:4 rm:4 1001 rn:4", accumulate),
    t32("1111 1011 0000 rn:4 ra:4 rd:4 0000 rm:4", accumulate, s=0),
    ref="DDI 0406C A8.8.100",
)
def mla(x: Bits, y: Bits, a: Bits) -> Bits:
    """rd = ra + rn * rm."""
    return a + x * y


@ARM.insn(
    a32("cond:4 0000 0110 rd:4 ra:4 rm:4 1001 rn:4", accumulate, s=0),
    t32("1111 1011 0000 rn:4 ra:4 rd:4 0001 rm:4", accumulate, s=0),
    ref="DDI 0406C A8.8.101",
)
def mls(x: Bits, y: Bits, a: Bits) -> Bits:
    """rd = ra - rn * rm."""
    return a - x * y


@ARM.insn(
    a32("cond:4 0111 0001 rd:4 1111 rm:4 0001 rn:4", multiply, s=0),
    t32("1111 1011 1001 rn:4 1111 rd:4 1111 rm:4", multiply, s=0),
    ref="DDI 0406C A8.8.165",
)
def sdiv(x: Bits, y: Bits) -> Bits:
    """rd = rn / rm, signed, towards zero; 0 where rm is 0."""
    overflow = x.eq(0x80000000) & y.eq(0xFFFFFFFF)
    by = select(y.eq(0) | overflow, Bits(32, 1), y)
    return select(y.eq(0), Bits(32, 0), x.sdiv(by))


@ARM.insn(
    a32("cond:4 0111 0011 rd:4 1111 rm:4 0001 rn:4", multiply, s=0),
    t32("1111 1011 1011 rn:4 1111 rd:4 1111 rm:4", multiply, s=0),
    ref="DDI 0406C A8.8.248",
)
def udiv(x: Bits, y: Bits) -> Bits:
    """rd = rn / rm, unsigned; 0 where rm is 0."""
    return select(y.eq(0), Bits(32, 0), x.udiv(select(y.eq(0), Bits(32, 1), y)))


# -- 64-bit results -------------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0000 100 s:1 rdhi:4 rdlo:4 rm:4 1001 rn:4", multiply_long),
    t32("1111 1011 1010 rn:4 rdlo:4 rdhi:4 0000 rm:4", multiply_long, s=0),
    ref="DDI 0406C A8.8.257",
)
def umull(x: Bits, y: Bits) -> Bits:
    """hi:lo = rn * rm, unsigned."""
    return x.zext(64) * y.zext(64)


@ARM.insn(
    a32("cond:4 0000 101 s:1 rdhi:4 rdlo:4 rm:4 1001 rn:4", accumulate_long),
    t32("1111 1011 1110 rn:4 rdlo:4 rdhi:4 0000 rm:4", accumulate_long, s=0),
    ref="DDI 0406C A8.8.256",
)
def umlal(x: Bits, y: Bits, a: Bits) -> Bits:
    """hi:lo += rn * rm, unsigned."""
    return a + x.zext(64) * y.zext(64)


@ARM.insn(
    a32("cond:4 0000 110 s:1 rdhi:4 rdlo:4 rm:4 1001 rn:4", multiply_long),
    t32("1111 1011 1000 rn:4 rdlo:4 rdhi:4 0000 rm:4", multiply_long, s=0),
    ref="DDI 0406C A8.8.189",
)
def smull(x: Bits, y: Bits) -> Bits:
    """hi:lo = rn * rm, signed."""
    return x.sext(64) * y.sext(64)


@ARM.insn(
    a32("cond:4 0000 111 s:1 rdhi:4 rdlo:4 rm:4 1001 rn:4", accumulate_long),
    t32("1111 1011 1100 rn:4 rdlo:4 rdhi:4 0000 rm:4", accumulate_long, s=0),
    ref="DDI 0406C A8.8.178",
)
def smlal(x: Bits, y: Bits, a: Bits) -> Bits:
    """hi:lo += rn * rm, signed."""
    return a + x.sext(64) * y.sext(64)


@ARM.insn(
    a32("cond:4 0000 0100 rdhi:4 rdlo:4 rm:4 1001 rn:4", accumulate_long, s=0),
    t32("1111 1011 1110 rn:4 rdlo:4 rdhi:4 0110 rm:4", accumulate_long, s=0),
    ref="DDI 0406C A8.8.255",
)
def umaal(x: Bits, y: Bits, a: Bits) -> Bits:
    """hi:lo = hi + lo + rn * rm, unsigned."""
    return x.zext(64) * y.zext(64) + a[63:32].zext(64) + a[31:0].zext(64)
