"""Branches, calls and table branches. Source: DDI 0406C A8.8.18, A8.8.25-29, A8.8.236.

Targets of direct branches are absolute in the immediate operand. `branch` stays in the instruction
set, `bx` takes it from bit 0 of the target, so a call from ARM to Thumb code has that bit set in
its immediate. A return address from Thumb code has bit 0 set.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core
from run32.isa.arm.core import ARM, LR, a32, t16, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Fields, Operands, direct

_ZERO = Bits(1, 0)

JUMP = direct("jump", imm="imm", wide_mode=True)
CALL = direct("call", static="thumb", imm="imm", wide_mode=True)
JUMP_REG = direct("jump_reg", regs="rm")
CALL_REG = direct("call_reg", static="thumb", regs="rm", wide_mode=True)
JUMP_CC = direct("jump_cc", static="cc", imm="imm", wide_mode=True)
JUMP_ZERO = direct("jump_zero", static="nonzero", regs="rn", imm="imm", wide_mode=True)
JUMP_TABLE = direct("jump_table", static="half", regs="rn rm", wide_mode=True)


# -- targets --------------------------------------------------------------------------------------
def _a32_target(f: Fields) -> Bits:
    return core.a32_pc(f) + cat(f.imm24, Bits(2, 0)).sext(32)


def _a32_thumb_target(f: Fields) -> Bits:
    return core.a32_pc(f) + cat(f.imm24, f.h, Bits(1, 1)).sext(32)


def _t32_offset(f: Fields, low: Bits) -> Bits:
    """The 25-bit offset of T32 `b` and `bl`; J1 and J2 are inverted unless the sign is set."""
    return cat(f.s, ~(f.j1 ^ f.s), ~(f.j2 ^ f.s), f.imm10, low).sext(32)


def _t32_target(f: Fields) -> Bits:
    return core.thumb_pc(f) + _t32_offset(f, cat(f.imm11, _ZERO))


def _t32_arm_target(f: Fields) -> Bits:
    return core.thumb_pc_aligned(f) + _t32_offset(f, cat(f.low, Bits(2, 0)))


def _t32_near_target(f: Fields) -> Bits:
    return core.thumb_pc(f) + cat(f.s, f.j2, f.j1, f.imm6, f.imm11, _ZERO).sext(32)


def _t16_target(f: Fields) -> Bits:
    return core.thumb_pc(f) + cat(f.imm, _ZERO).sext(32)


def _t16_forward_target(f: Fields) -> Bits:
    return core.thumb_pc(f) + cat(f.i, f.imm5, _ZERO).zext(32)


def _not_always(cc: int) -> bool:
    return cc < 14


# -- direct ---------------------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 1010 imm24:24", JUMP, imm=_a32_target),
    t32("11110 s:1 imm10:10 10 j1:1 1 j2:1 imm11:11", JUMP, imm=_t32_target),
    t16("11100 imm:11", JUMP, imm=_t16_target),
    ref="DDI 0406C A8.8.18",
)
def b(m: Any, o: Operands) -> None:
    """pc = target."""
    m.branch(o.imm)


@ARM.insn(
    t32(
        "11110 s:1 cc:4 imm6:6 10 j1:1 0 j2:1 imm11:11",
        JUMP_CC,
        imm=_t32_near_target,
        only=_not_always,
    ),
    t16("1101 cc:4 imm:8", JUMP_CC, imm=_t16_target, only=_not_always),
    ref="DDI 0406C A8.8.18",
)
def b_cond(m: Any, o: Operands) -> None:
    """pc = target where the condition holds (Thumb)."""
    m.branch_if(core.condition(m, o.cc), o.imm)


@ARM.insn(
    a32("cond:4 1011 imm24:24", CALL, thumb=0, imm=_a32_target),
    t32("11110 s:1 imm10:10 11 j1:1 1 j2:1 imm11:11", CALL, thumb=1, imm=_t32_target),
    ref="DDI 0406C A8.8.25",
)
def bl(m: Any, o: Operands) -> None:
    """lr = return address, pc = target."""
    m.set_reg(LR, m.next_pc() | o.thumb)
    m.branch(o.imm)


@ARM.insn(
    a32("1111 101 h:1 imm24:24", CALL, thumb=0, imm=_a32_thumb_target),
    t32("11110 s:1 imm10:10 11 j1:1 0 j2:1 low:10 0", CALL, thumb=1, imm=_t32_arm_target),
    ref="DDI 0406C A8.8.25",
)
def blx_imm(m: Any, o: Operands) -> None:
    """lr = return address, pc = target in the other instruction set."""
    m.set_reg(LR, m.next_pc() | o.thumb)
    m.bx(o.imm)


# -- through a register ---------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0001 0010 1111 1111 1111 0001 rm:4", JUMP_REG),
    a32("cond:4 0001 0010 1111 1111 1111 0010 rm:4", JUMP_REG),
    t16("010001 11 0 rm:4 000", JUMP_REG),
    t32("11110 0 1111 00 rm:4 1000 1111 0000 0000", JUMP_REG),
    ref="DDI 0406C A8.8.27-28",
)
def bx(m: Any, o: Operands) -> None:
    """pc = rm, interworking. bxj does the same: there is no Jazelle."""
    m.bx(m.reg(o.rm))


@ARM.insn(
    a32("cond:4 0001 0010 1111 1111 1111 0011 rm:4", CALL_REG, thumb=0),
    t16("010001 11 1 rm:4 000", CALL_REG, thumb=1),
    ref="DDI 0406C A8.8.26",
)
def blx(m: Any, o: Operands) -> None:
    """lr = return address, pc = rm, interworking."""
    target = m.reg(o.rm)
    m.set_reg(LR, m.next_pc() | o.thumb)
    m.bx(target)


# -- Thumb only -----------------------------------------------------------------------------------
@ARM.insn(
    t16("1011 nonzero:1 0 i:1 1 imm5:5 rn:3", JUMP_ZERO, imm=_t16_forward_target),
    ref="DDI 0406C A8.8.29",
)
def cbz(m: Any, o: Operands) -> None:
    """pc = target where rn is zero (cbnz: is not zero)."""
    value = m.reg(o.rn)
    m.branch_if(value.ne(0) if o.nonzero else value.eq(0), o.imm)


@ARM.insn(
    t32("1110100 0110 1 rn:4 1111 0000 000 half:1 rm:4", JUMP_TABLE),
    ref="DDI 0406C A8.8.236",
)
def tbb(m: Any, o: Operands) -> None:
    """pc += twice the byte (tbh: halfword) number rm of the table at rn."""
    index = m.reg(o.rm) << o.half
    entry = m.load(m.reg(o.rn) + index, 16 if o.half else 8)
    m.branch(m.pc() + 4 + (entry.zext(32) << 1))
