"""Data-processing rows: arithmetic, logic and comparisons. Source: DDI 0406C A8.8, by mnemonic.

A row gets rn, operand 2 and the carry; an `Alu` without a carry is a logical result, whose carry
comes from the shifter. The shapes are in `alu.py`.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import alu, core
from run32.isa.arm.alu import a32_alu, alu_branch, alu_imm, alu_reg, t16_alu, t32_alu, tests
from run32.isa.arm.core import ARM, Alu, t16, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Fields


# -- logic ----------------------------------------------------------------------------------------
@ARM.insn(
    a32_alu("0000", logic=True),
    t32_alu("0000", logic=True),
    t16_alu("0000"),
    ref="DDI 0406C A8.8.13-15",
)
def and_(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn & operand2."""
    return Alu(x & y)


@ARM.insn(
    a32_alu("0001", logic=True),
    t32_alu("0100", logic=True),
    t16_alu("0001"),
    ref="DDI 0406C A8.8.46-48",
)
def eor(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn ^ operand2."""
    return Alu(x ^ y)


@ARM.insn(
    a32_alu("1100", logic=True),
    t32_alu("0010", logic=True),
    t16_alu("1100"),
    ref="DDI 0406C A8.8.122-124",
)
def orr(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn | operand2."""
    return Alu(x | y)


@ARM.insn(t32_alu("0011", logic=True), ref="DDI 0406C A8.8.120-121")
def orn(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn | ~operand2."""
    return Alu(x | ~y)


@ARM.insn(
    a32_alu("1110", logic=True),
    t32_alu("0001", logic=True),
    t16_alu("1110"),
    ref="DDI 0406C A8.8.21-23",
)
def bic(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn & ~operand2."""
    return Alu(x & ~y)


@ARM.insn(tests("1000", "0000", "1000"), ref="DDI 0406C A8.8.240-242")
def tst(x: Bits, y: Bits, c: Bits) -> Alu:
    """Flags of rn & operand2."""
    return Alu(x & y)


@ARM.insn(tests("1001", "0100"), ref="DDI 0406C A8.8.237-239")
def teq(x: Bits, y: Bits, c: Bits) -> Alu:
    """Flags of rn ^ operand2."""
    return Alu(x ^ y)


# -- arithmetic -----------------------------------------------------------------------------------
def _low(opc: str, **bind: Any) -> list[Any]:
    """A T16 add or subtract that sets flags outside IT blocks."""
    form = alu_reg if "rm:" in opc else alu_imm
    return t16(opc, form, expand="it", s=core.outside_it, rot=0, **bind)


def _rdn(f: Fields) -> Bits:
    return f.rdn


def _words(f: Fields) -> Bits:
    """A byte offset that is encoded as a number of words."""
    return cat(f.imm8, Bits(2, 0))


def _sp_words(f: Fields) -> Bits:
    return cat(f.imm7, Bits(2, 0))


def _high(f: Fields) -> Bits:
    return cat(f.dn, f.rdn)


_ADD_HIGH = [
    *t16("01000100 dn:1 rm:4 rdn:3", alu_reg, s=0, rd=_high, rn=_high),
    *t16("01000100 1 rm:4 111", alu_branch, rn=15),
]
_ADD_SP = [
    *t16("10101 rd:3 imm8:8", alu_imm, s=0, rot=0, rn=13, imm=_words),
    *t16("1011 0000 0 imm7:7", alu_imm, s=0, rot=0, rd=13, rn=13, imm=_sp_words),
]
_SUB_SP = t16("1011 0000 1 imm7:7", alu_imm, s=0, rot=0, rd=13, rn=13, imm=_sp_words)


@ARM.insn(
    a32_alu("0100"),
    t32_alu("1000"),
    t32("11110 i:1 10 0000 rn:4 0 imm3:3 rd:4 imm8:8", alu_imm, s=0, rot=0, imm=core.t32_imm12),
    _low("000 11 0 0 rm:3 rn:3 rd:3"),
    _low("000 11 1 0 imm:3 rn:3 rd:3"),
    _low("001 10 rdn:3 imm:8", rd=_rdn, rn=_rdn),
    _ADD_HIGH,
    _ADD_SP,
    ref="DDI 0406C A8.8.4-10",
)
def add(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn + operand2."""
    return core.add(x, y)


@ARM.insn(
    a32_alu("0010"),
    t32_alu("1101"),
    t32("11110 i:1 10 1010 rn:4 0 imm3:3 rd:4 imm8:8", alu_imm, s=0, rot=0, imm=core.t32_imm12),
    _low("000 11 0 1 rm:3 rn:3 rd:3"),
    _low("000 11 1 1 imm:3 rn:3 rd:3"),
    _low("001 11 rdn:3 imm:8", rd=_rdn, rn=_rdn),
    _SUB_SP,
    ref="DDI 0406C A8.8.221-226",
)
def sub(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn - operand2."""
    return core.subtract(x, y)


@ARM.insn(
    a32_alu("0011"),
    t32_alu("1110"),
    t16("010000 1001 rn:3 rd:3", alu_imm, expand="it", s=core.outside_it, rot=0, imm=0),
    ref="DDI 0406C A8.8.152-154",
)
def rsb(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = operand2 - rn."""
    return core.subtract(y, x)


@ARM.insn(a32_alu("0101"), t32_alu("1010"), t16_alu("0101"), ref="DDI 0406C A8.8.1-3")
def adc(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn + operand2 + C."""
    return core.add_with_carry(x, y, c)


@ARM.insn(a32_alu("0110"), t32_alu("1011"), t16_alu("0110"), ref="DDI 0406C A8.8.161-163")
def sbc(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = rn - operand2 - !C."""
    return core.add_with_carry(x, ~y, c)


@ARM.insn(a32_alu("0111"), ref="DDI 0406C A8.8.155-157")
def rsc(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = operand2 - rn - !C."""
    return core.add_with_carry(y, ~x, c)


@ARM.insn(
    tests("1010", "1101", "1010"),
    t16("00101 rn:3 imm:8", alu.test_imm, rot=0),
    t16("01000101 n:1 rm:4 low:3", alu.test_reg, rn=lambda f: cat(f.n, f.low)),
    ref="DDI 0406C A8.8.37-39",
)
def cmp(x: Bits, y: Bits, c: Bits) -> Alu:
    """Flags of rn - operand2."""
    return core.subtract(x, y)


@ARM.insn(tests("1011", "1000", "1011"), ref="DDI 0406C A8.8.34-36")
def cmn(x: Bits, y: Bits, c: Bits) -> Alu:
    """Flags of rn + operand2."""
    return core.add(x, y)
