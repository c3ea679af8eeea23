"""Sign and zero extension with rotation, with and without addition.

Source: DDI 0406C A5.4.3, A6.2.5, A6.3.14-15, A8.8.230-235, A8.8.271-276.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Form, Operands, Semantic, Template, form


# -- forms ----------------------------------------------------------------------------------------
@form(regs="rd rm", small="rot", writes="rd")
def extend(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rotated rm)."""
    m.set_reg(o.rd, sem(m.reg(o.rm).ror(o.rot.zext(32))))


@form(regs="rd rn rm", small="rot", writes="rd")
def extend_add(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, rotated rm)."""
    m.set_reg(o.rd, sem(m.reg(o.rn), m.reg(o.rm).ror(o.rot.zext(32))))


# -- encodings ------------------------------------------------------------------------------------
def _rotation(f: Fields) -> Bits:
    return f.rotate.zext(8) << 3


def _plain(a32_op: str, t32_op: str) -> list[Encoding]:
    """A32 and T32 encodings without addition."""
    return _encode(extend, "1111", a32_op, t32_op)


def _adding(a32_op: str, t32_op: str) -> list[Encoding]:
    """A32 and T32 encodings with addition."""
    return _encode(extend_add, "rn:4", a32_op, t32_op)


def _encode(form_: Form, rn: str, a32_op: str, t32_op: str) -> list[Encoding]:
    text = "cond:4 0110 1 {op} {rn} rd:4 rotate:2 00 0111 rm:4"
    found = Template("a32", text, form_, rot=_rotation)(op=a32_op, rn=rn)
    text = "1111 1010 0 {op} {rn} 1111 rd:4 10 rotate:2 rm:4"
    return found + Template("t32", text, form_, rot=_rotation)(op=t32_op, rn=rn)


def _t16(op: str) -> list[Encoding]:
    return Template("t16", "1011 0010 {op} rm:3 rd:3", extend, rot=0)(op=op)


# -- extension ------------------------------------------------------------------------------------
@ARM.insn(_plain("010", "100"), _t16("01"), ref="DDI 0406C A8.8.233")
def sxtb(x: Bits) -> Bits:
    """rd = byte of rm, sign-extended."""
    return x[7:0].sext(32)


@ARM.insn(_plain("011", "000"), _t16("00"), ref="DDI 0406C A8.8.235")
def sxth(x: Bits) -> Bits:
    """rd = halfword of rm, sign-extended."""
    return x[15:0].sext(32)


@ARM.insn(_plain("110", "101"), _t16("11"), ref="DDI 0406C A8.8.274")
def uxtb(x: Bits) -> Bits:
    """rd = byte of rm, zero-extended."""
    return x & 0xFF


@ARM.insn(_plain("111", "001"), _t16("10"), ref="DDI 0406C A8.8.276")
def uxth(x: Bits) -> Bits:
    """rd = halfword of rm, zero-extended."""
    return x & 0xFFFF


@ARM.insn(_plain("000", "010"), ref="DDI 0406C A8.8.234")
def sxtb16(x: Bits) -> Bits:
    """rd = bytes 0 and 2 of rm, sign-extended to halfwords."""
    return cat(x[23:16].sext(16), x[7:0].sext(16))


@ARM.insn(_plain("100", "011"), ref="DDI 0406C A8.8.275")
def uxtb16(x: Bits) -> Bits:
    """rd = bytes 0 and 2 of rm, zero-extended to halfwords."""
    return x & 0x00FF00FF


# -- extension and addition -----------------------------------------------------------------------
@ARM.insn(_adding("010", "100"), ref="DDI 0406C A8.8.230")
def sxtab(a: Bits, x: Bits) -> Bits:
    """rd = rn + byte of rm, sign-extended."""
    return a + x[7:0].sext(32)


@ARM.insn(_adding("011", "000"), ref="DDI 0406C A8.8.232")
def sxtah(a: Bits, x: Bits) -> Bits:
    """rd = rn + halfword of rm, sign-extended."""
    return a + x[15:0].sext(32)


@ARM.insn(_adding("110", "101"), ref="DDI 0406C A8.8.271")
def uxtab(a: Bits, x: Bits) -> Bits:
    """rd = rn + byte of rm, zero-extended."""
    return a + (x & 0xFF)


@ARM.insn(_adding("111", "001"), ref="DDI 0406C A8.8.273")
def uxtah(a: Bits, x: Bits) -> Bits:
    """rd = rn + halfword of rm, zero-extended."""
    return a + (x & 0xFFFF)


def _add_halves(a: Bits, b: Bits) -> Bits:
    return cat(a[31:16] + b[31:16], a[15:0] + b[15:0])


@ARM.insn(_adding("000", "010"), ref="DDI 0406C A8.8.231")
def sxtab16(a: Bits, x: Bits) -> Bits:
    """Halfwords of rd = those of rn + bytes 0 and 2 of rm, sign-extended."""
    return _add_halves(a, sxtb16(x))


@ARM.insn(_adding("100", "011"), ref="DDI 0406C A8.8.272")
def uxtab16(a: Bits, x: Bits) -> Bits:
    """Halfwords of rd = those of rn + bytes 0 and 2 of rm, zero-extended."""
    return _add_halves(a, uxtb16(x))
