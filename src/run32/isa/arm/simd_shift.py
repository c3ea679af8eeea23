"""Advanced SIMD shifts. Source: DDI 0406C A7.4.4 (by an immediate), A7.4.1 (by a register).

A shift by a register takes the lowest byte of each lane as a signed amount; negative amounts shift
right. A left shift has overflowed where shifting back does not give the operand.
"""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import (
    SHIFT_LONG,
    SHIFT_NARROW,
    Lanes,
    by_immediate,
    every,
    three,
)
from run32.spec.bits import Bits
from run32.spec.rows import Encoding
from run32.spec.vector import Vec, pick


def rounded_right(a: Vec, n: Vec, signed: bool | int) -> Vec:
    """a shifted right by n > 0, rounded to nearest, half way up."""
    return a.shr(n, signed) + (a.shr(n - 1, signed) & 1)


def clamp(t: Lanes, a: Vec, lane: int, *, from_signed: bool, to_signed: bool) -> Vec:
    """Lanes narrowed to `lane` bits, saturated; QC where that changes the value."""
    low = -(1 << lane - 1) if to_signed else 0
    high = (1 << lane - 1) - 1 if to_signed else (1 << lane) - 1
    value = a.min(high, from_signed)
    if from_signed:
        value = value.max(low, 1)
    return t.saturated(value, a).trunc(lane)


# -- by an immediate, same length -----------------------------------------------------------------
@ARM.insn(by_immediate("0", "0101", left=True), ref="DDI 0406C A8.8.395")
def vshl_imm(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm << n."""
    return a.shl(every(n, a))


@ARM.insn(by_immediate("u:1", "0000"), ref="DDI 0406C A8.8.398")
def vshr(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm >> n."""
    return a.shr(every(n, a), t.signed)


@ARM.insn(by_immediate("u:1", "0001"), ref="DDI 0406C A8.8.402")
def vsra(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd += vm >> n."""
    return d + a.shr(every(n, a), t.signed)


@ARM.insn(by_immediate("u:1", "0010"), ref="DDI 0406C A8.8.389")
def vrshr(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm >> n, rounded."""
    return rounded_right(a, every(n, a), t.signed)


@ARM.insn(by_immediate("u:1", "0011"), ref="DDI 0406C A8.8.393")
def vrsra(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd += vm >> n, rounded."""
    return d + rounded_right(a, every(n, a), t.signed)


@ARM.insn(by_immediate("1", "0100"), ref="DDI 0406C A8.8.403")
def vsri(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm >> n below the n upper bits of vd."""
    amount = every(n, a)
    return a.shr(amount, 0) | d & ~a.like(-1).shr(amount, 0)


@ARM.insn(by_immediate("1", "0101", left=True), ref="DDI 0406C A8.8.400")
def vsli(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm << n above the n lower bits of vd."""
    amount = every(n, a)
    return a.shl(amount) | d & ~a.like(-1).shl(amount)


def _limit(a: Vec, signed: bool | int) -> Vec:
    """The number that `a` saturates to when it grows."""
    if not signed:
        return a.like(-1)
    return a.shr(a.lane - 1, 1) ^ ((1 << a.lane - 1) - 1)


@ARM.insn(by_immediate("u:1", "0111", left=True), ref="DDI 0406C A8.8.380")
def vqshl_imm(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm << n, saturated."""
    amount = every(n, a)
    moved = a.shl(amount)
    fits = moved.shr(amount, t.signed).eq(a)
    t.saturate_if((~fits).any())
    return pick(fits, moved, _limit(a, t.signed))


@ARM.insn(by_immediate("1", "0110", left=True), ref="DDI 0406C A8.8.380")
def vqshlu(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = signed vm << n, saturated to unsigned numbers."""
    amount = every(n, a)
    positive = a.max(0, 1)
    moved = positive.shl(amount)
    fits = moved.shr(amount, 0).eq(positive)
    t.saturate_if((~(fits & positive.eq(a))).any())
    return moved | ~fits


# -- by an immediate, other lengths ---------------------------------------------------------------
@ARM.insn(
    by_immediate("u:1", "1010", left=True, form=SHIFT_LONG, sizes="012", b="0"),
    ref="DDI 0406C A8.8.397, A8.8.346",
)
def vshll(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = extended vm << n; vmovl is a shift by 0."""
    wide = a.ext(t.signed)
    return wide.shl(every(n, wide))


def _narrow(u: str, opc: str, b: str) -> list[Encoding]:
    return by_immediate(u, opc, form=SHIFT_NARROW, sizes="012", b=b)


@ARM.insn(_narrow("0", "1000", "0"), ref="DDI 0406C A8.8.399")
def vshrn(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm >> n, the lower half."""
    return a.shr(every(n, a), 0).trunc()


@ARM.insn(_narrow("0", "1000", "1"), ref="DDI 0406C A8.8.390")
def vrshrn(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm >> n rounded, the lower half."""
    return rounded_right(a, every(n, a), 0).trunc()


@ARM.insn(_narrow("u:1", "1001", "0"), ref="DDI 0406C A8.8.381")
def vqshrn(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm >> n, saturated to half the width."""
    value = a.shr(every(n, a), t.signed)
    return clamp(t, value, t.lane, from_signed=t.signed, to_signed=t.signed)


@ARM.insn(_narrow("u:1", "1001", "1"), ref="DDI 0406C A8.8.378")
def vqrshrn(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm >> n rounded, saturated to half the width."""
    value = rounded_right(a, every(n, a), t.signed)
    return clamp(t, value, t.lane, from_signed=t.signed, to_signed=t.signed)


@ARM.insn(_narrow("1", "1000", "0"), ref="DDI 0406C A8.8.381")
def vqshrun(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = signed vm >> n, saturated to unsigned numbers of half the width."""
    value = a.shr(every(n, a), 1)
    return clamp(t, value, t.lane, from_signed=True, to_signed=False)


@ARM.insn(_narrow("1", "1000", "1"), ref="DDI 0406C A8.8.378")
def vqrshrun(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = signed vm >> n rounded, saturated to unsigned numbers of half the width."""
    value = rounded_right(a, every(n, a), 1)
    return clamp(t, value, t.lane, from_signed=True, to_signed=False)


# -- by a register: vm is shifted by vn -----------------------------------------------------------
def _amounts(b: Vec) -> tuple[Vec, Vec, Vec]:
    """The signed amounts: ones where negative, the amounts to the left and to the right."""
    amount = b.shl(b.lane - 8).shr(b.lane - 8, 1)
    negative = amount.shr(b.lane - 1, 1)
    return negative, amount, -amount


@ARM.insn(three("u:1", "01000", sizes="0123"), ref="DDI 0406C A8.8.396")
def vshl_reg(t: Lanes, d: Vec, b: Vec, a: Vec) -> Vec:
    """vd = vm << vn, or vm >> -vn."""
    negative, left, right = _amounts(b)
    return pick(negative, a.shr(right, t.signed), a.shl(left))


@ARM.insn(three("u:1", "01010", sizes="0123"), ref="DDI 0406C A8.8.388")
def vrshl(t: Lanes, d: Vec, b: Vec, a: Vec) -> Vec:
    """vd = vm << vn, or vm >> -vn rounded."""
    negative, left, right = _amounts(b)
    return pick(negative, rounded_right(a, right, t.signed), a.shl(left))


def _saturating(t: Lanes, b: Vec, a: Vec, *, rounds: bool) -> Vec:
    negative, left, right = _amounts(b)
    moved = a.shl(left)
    # an amount of the lane's width or more shifts everything out, and nothing back in
    fits = moved.shr(left, t.signed).eq(a) & left.like(t.lane).gt(left, 0) | a.eq(0)
    t.saturate_if((~(fits | negative)).any())
    up = pick(fits, moved, _limit(a, t.signed))
    down = rounded_right(a, right, t.signed) if rounds else a.shr(right, t.signed)
    return pick(negative, down, up)


@ARM.insn(three("u:1", "01001", sizes="0123"), ref="DDI 0406C A8.8.379")
def vqshl_reg(t: Lanes, d: Vec, b: Vec, a: Vec) -> Vec:
    """vd = vm << vn, saturated, or vm >> -vn."""
    return _saturating(t, b, a, rounds=False)


@ARM.insn(three("u:1", "01011", sizes="0123"), ref="DDI 0406C A8.8.377")
def vqrshl(t: Lanes, d: Vec, b: Vec, a: Vec) -> Vec:
    """vd = vm << vn, saturated, or vm >> -vn rounded."""
    return _saturating(t, b, a, rounds=True)
