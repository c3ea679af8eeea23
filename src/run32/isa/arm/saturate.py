"""Saturation and saturating arithmetic. Source: DDI 0406C A5.2.6, A5.4.3, A6.3.1, A6.3.15,
A8.8.134, A8.8.138-141, A8.8.193-194, A8.8.266-267.

Saturation sets Q; Q is never cleared here. A shift right by 32 is one by 31.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, Operands, Semantic, Template, form


# -- forms ----------------------------------------------------------------------------------------
def _put(m: Any, o: Operands, value: Bits, exact: Bits) -> None:
    """rd = value; Q where that is not the exact result."""
    m.set_reg(o.rd, value)
    m.put("q", m.get("q") | value.ne(exact))


@form(static="sh", regs="rd rn", small="amount", imm="top", writes="rd")
def clamp_word(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(shifted rn, largest value)."""
    shift = o.amount.zext(32)
    x = m.reg(o.rn).sar(shift) if o.sh else m.reg(o.rn) << shift
    _put(m, o, sem(x, o.top), x)


@form(regs="rd rn", imm="top", writes="rd")
def clamp_halves(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(half of rn, largest value) for both halfwords."""
    x = m.reg(o.rn)
    top = o.top[15:0]
    _put(m, o, cat(sem(x[31:16], top), sem(x[15:0], top)), x)


@form(regs="rd rm rn", writes="rd")
def saturating(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rm, rn), which also tells whether anything saturated."""
    value, saturated = sem(m.reg(o.rm), m.reg(o.rn))
    m.set_reg(o.rd, value)
    m.put("q", m.get("q") | saturated)


# -- values ---------------------------------------------------------------------------------------
def _clamp(x: Bits, low: Bits, high: Bits) -> Bits:
    """Signed x within low .. high."""
    x = select(x.slt(low), low, x)
    return select(x.sgt(high), high, x)


def _fit(wide: Bits) -> tuple[Bits, Bits]:
    """A signed 64-bit value as 32 bits, and whether it had to be saturated."""
    value = _clamp(wide, Bits(64, -0x80000000), Bits(64, 0x7FFFFFFF))
    return value.trunc(32), value.ne(wide)


# -- encodings ------------------------------------------------------------------------------------
def _amount(f: Fields, imm5: Bits) -> Bits:
    return select(f.sh & imm5.eq(0), Bits(8, 31), imm5.zext(8))


def _top(f: Fields) -> Bits:
    """The largest value of sat + 1 signed or sat unsigned bits."""
    return (Bits(32, 1) << f.sat.zext(32)) - 1


def _word(a32_op: str, t32_op: str) -> list[Encoding]:
    text = "cond:4 0110 1 {op} sat:5 rd:4 imm5:5 sh:1 01 rn:4"
    a32_bind: dict[str, Any] = {"amount": lambda f: _amount(f, f.imm5), "top": _top}
    found = Template("a32", text, clamp_word, **a32_bind)(op=a32_op)
    text = "1111 0011 {op} sh:1 0 rn:4 0 imm3:3 rd:4 imm2:2 0 sat:5"
    t32_bind: dict[str, Any] = {"amount": lambda f: _amount(f, cat(f.imm3, f.imm2)), "top": _top}
    return found + Template("t32", text, clamp_word, **t32_bind)(op=t32_op)


def _halves(a32_op: str, t32_op: str) -> list[Encoding]:
    text = "cond:4 0110 1 {op} 0 sat:4 rd:4 1111 0011 rn:4"
    found = Template("a32", text, clamp_halves, top=_top)(op=a32_op)
    text = "1111 0011 {op} 10 rn:4 0000 rd:4 000x sat:4"
    return found + Template("t32", text, clamp_halves, top=_top)(op=t32_op)


def _arithmetic(a32_op: str, t32_op: str) -> list[Encoding]:
    return [
        *Template("a32", "cond:4 0001 0 {op} 0 rn:4 rd:4 0000 0101 rm:4", saturating)(op=a32_op),
        *Template("t32", "1111 1010 1000 rn:4 1111 rd:4 10 {op} rm:4", saturating)(op=t32_op),
    ]


# -- rows -----------------------------------------------------------------------------------------
@ARM.insn(_word("01", "00"), ref="DDI 0406C A8.8.193")
def ssat(x: Bits, top: Bits) -> Bits:
    """rd = shifted rn, saturated to a signed range."""
    return _clamp(x, ~top, top)


@ARM.insn(_word("11", "10"), ref="DDI 0406C A8.8.266")
def usat(x: Bits, top: Bits) -> Bits:
    """rd = shifted rn, saturated to an unsigned range."""
    return _clamp(x, Bits(x.width, 0), top)


@ARM.insn(_halves("01", "00"), ref="DDI 0406C A8.8.194")
def ssat16(x: Bits, top: Bits) -> Bits:
    """Halfwords of rd = those of rn, saturated to a signed range."""
    return _clamp(x, ~top, top)


@ARM.insn(_halves("11", "10"), ref="DDI 0406C A8.8.267")
def usat16(x: Bits, top: Bits) -> Bits:
    """Halfwords of rd = those of rn, saturated to an unsigned range."""
    return _clamp(x, Bits(x.width, 0), top)


@ARM.insn(_arithmetic("00", "00"), ref="DDI 0406C A8.8.134")
def qadd(x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """rd = rm + rn, saturated."""
    return _fit(x.sext(64) + y.sext(64))


@ARM.insn(_arithmetic("01", "10"), ref="DDI 0406C A8.8.141")
def qsub(x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """rd = rm - rn, saturated."""
    return _fit(x.sext(64) - y.sext(64))


@ARM.insn(_arithmetic("10", "01"), ref="DDI 0406C A8.8.138")
def qdadd(x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """rd = rm + 2 * rn, both steps saturated."""
    doubled, first = _fit(y.sext(64) << 1)
    value, second = _fit(x.sext(64) + doubled.sext(64))
    return value, first | second


@ARM.insn(_arithmetic("11", "11"), ref="DDI 0406C A8.8.139")
def qdsub(x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """rd = rm - 2 * rn, both steps saturated."""
    doubled, first = _fit(y.sext(64) << 1)
    value, second = _fit(x.sext(64) - doubled.sext(64))
    return value, first | second
