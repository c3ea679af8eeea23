"""Moves and address constants: mov, mvn, movw, movt, adr. DDI 0406C A8.8.12, A8.8.102-117."""

from __future__ import annotations

from typing import Any

from run32.isa.arm import alu, core
from run32.isa.arm.core import ARM, Alu, a32, t16, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Fields, Operands, Semantic, direct, form

_A32_MOV = [
    *alu.a32_imm_forms("1101"),
    *alu.A32_PLAIN(opc="1101", n="0000", rn=0),
    *alu.A32_PC_PLAIN(opc="1101", n="0000", rn=0),
    *alu.A32_PC_IMM(opc="1101", n="0000", rn=0),
]
_T32_MOV = [
    *alu.t32_imm_forms("0010"),
    *alu.T32_PLAIN(opc="0010", n="1111", rn=0),
]
_T16_MOV = [
    *t16("00100 rd:3 imm:8", alu.alu_imm, expand="it", s=core.outside_it, rot=0, rn=0),
    *t16("000 00 00000 rm:3 rd:3", alu.alu_reg, expand="it", s=core.outside_it, rn=0),
    *t16("01000110 d:1 rm:4 low:3", alu.alu_reg, s=0, rn=0, rd=lambda f: cat(f.d, f.low)),
    *t16("01000110 1 rm:4 111", alu.alu_branch, rn=0),
]


@ARM.insn(_A32_MOV, _T32_MOV, _T16_MOV, ref="DDI 0406C A8.8.102-105")
def mov(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = operand2 (a register or an immediate; shifted moves are `shifts` rows)."""
    return Alu(y)


@ARM.insn(
    alu.a32_alu("1111", logic=True, n="0000", rn=0),
    alu.t32_alu("0011", logic=True, n="1111", rn=0),
    alu.t16_alu("1111", rn=0),
    ref="DDI 0406C A8.8.115-117",
)
def mvn(x: Bits, y: Bits, c: Bits) -> Alu:
    """rd = ~operand2."""
    return Alu(~y)


# -- 16-bit immediates and addresses --------------------------------------------------------------
@form(regs="rd", imm="imm", writes="rd")
def constant(m: Any, o: Operands, sem: Semantic) -> None:
    m.set_reg(o.rd, sem(o.imm))


@form(regs="rd", imm="imm")
def update(m: Any, o: Operands, sem: Semantic) -> None:
    m.set_reg(o.rd, sem(m.reg(o.rd), o.imm))


def _half_a32(f: Fields) -> Bits:
    return cat(f.imm4, f.imm12)


def _half_t32(f: Fields) -> Bits:
    return cat(f.imm4, f.i, f.imm3, f.imm8)


@ARM.insn(
    a32("cond:4 0011 0000 imm4:4 rd:4 imm12:12", constant, imm=_half_a32),
    t32("11110 i:1 10 0100 imm4:4 0 imm3:3 rd:4 imm8:8", constant, imm=_half_t32),
    ref="DDI 0406C A8.8.102",
)
def movw(imm: Bits) -> Bits:
    """rd = a 16-bit immediate."""
    return imm


@ARM.insn(
    a32("cond:4 0011 0100 imm4:4 rd:4 imm12:12", update, imm=_half_a32),
    t32("11110 i:1 10 1100 imm4:4 0 imm3:3 rd:4 imm8:8", update, imm=_half_t32),
    ref="DDI 0406C A8.8.106",
)
def movt(old: Bits, imm: Bits) -> Bits:
    """Upper half of rd = a 16-bit immediate."""
    return old & 0xFFFF | imm << 16


@ARM.insn(
    a32(
        "cond:4 001 0100 0 1111 rd:4 imm12:12",
        constant,
        imm=lambda f: core.a32_pc(f) + core.a32_imm(f),
    ),
    a32(
        "cond:4 001 0010 0 1111 rd:4 imm12:12",
        constant,
        imm=lambda f: core.a32_pc(f) - core.a32_imm(f),
    ),
    t32(
        "11110 i:1 10 0000 1111 0 imm3:3 rd:4 imm8:8",
        constant,
        imm=lambda f: core.thumb_pc_aligned(f) + core.t32_imm12(f).zext(32),
    ),
    t32(
        "11110 i:1 10 1010 1111 0 imm3:3 rd:4 imm8:8",
        constant,
        imm=lambda f: core.thumb_pc_aligned(f) - core.t32_imm12(f).zext(32),
    ),
    t16(
        "10100 rd:3 imm8:8",
        constant,
        imm=lambda f: core.thumb_pc_aligned(f) + cat(f.imm8, Bits(2, 0)).zext(32),
    ),
    ref="DDI 0406C A8.8.12",
)
def adr(imm: Bits) -> Bits:
    """rd = an address relative to pc."""
    return imm


_TO_PC = direct("jump_const", imm="imm")


@ARM.insn(
    a32(
        "cond:4 001 0100 0 1111 1111 imm12:12",
        _TO_PC,
        imm=lambda f: core.a32_pc(f) + core.a32_imm(f),
    ),
    a32(
        "cond:4 001 0010 0 1111 1111 imm12:12",
        _TO_PC,
        imm=lambda f: core.a32_pc(f) - core.a32_imm(f),
    ),
    ref="DDI 0406C A8.8.12",
)
def adr_pc(m: Any, o: Operands) -> None:
    """pc = an address relative to pc, interworking."""
    m.bx(o.imm)
