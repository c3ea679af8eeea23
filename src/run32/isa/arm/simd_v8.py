"""ARMv8's additions to Advanced SIMD: rounding, maximum of numbers, rounded products.

Source: DDI 0487 F6.1. Floating point works under the standard FPSCR value, as it always does here.
"""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import Lanes, by_scalar, three
from run32.isa.arm.simd_number import (
    INFINITY,
    SIGN,
    extreme,
    floats,
    is_nan,
    is_signalling,
    narrow,
    triadic,
    widen,
)
from run32.isa.arm.simd_shift import clamp
from run32.spec.rows import Encoding
from run32.spec.vector import Vec, pick


def _extreme(t: Lanes, a: Vec, b: Vec, *, largest: bool) -> Vec:
    """One quiet NaN is taken for the number that never wins."""
    if a.lane == 16:
        return narrow(_extreme(t, widen(t, a), widen(t, b), largest=largest))
    quiet_a, quiet_b = (is_nan(v) & ~is_signalling(v) for v in (a, b))
    last = a.like(INFINITY | SIGN if largest else INFINITY)
    x, y = pick(quiet_a & ~quiet_b, last, a), pick(quiet_b & ~quiet_a, last, b)
    return extreme(t, x, y, largest=largest)


@ARM.insn(triadic("1", "0", "11111"), ref="DDI 0487 F6.1")
def vmaxnm_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the larger of vn and vm; a number wins over a quiet NaN."""
    return _extreme(t, a, b, largest=True)


@ARM.insn(triadic("1", "1", "11111"), ref="DDI 0487 F6.1")
def vminnm_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the smaller of vn and vm; a number wins over a quiet NaN."""
    return _extreme(t, a, b, largest=False)


def _lanes(t: Lanes, operation: str, *operands: Vec) -> Vec:
    value: Vec = t.m.fp_lanes(operation, *operands)
    return value


# -- rounded products of integers -----------------------------------------------------------------
def _rounded(t: Lanes, d: Vec, a: Vec, b: Vec, *, add: bool) -> Vec:
    """The upper half of d with 2 * a * b added below it, or subtracted; rounded and saturated."""
    n = t.lane
    product = a.ext(1) * b.ext(1)
    start = d.ext(1).shl(n - 1) + (1 << n - 2)  # half of everything, which fits
    total = start + product if add else start - product
    return clamp(t, total.shr(n - 1, 1), n, from_signed=True, to_signed=True)


@ARM.insn(three("1", "10111", sizes="12"), by_scalar("1110"), ref="DDI 0487 F6.1")
def vqrdmlah(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd += the upper half of 2 * vn * vm, rounded and saturated once."""
    return _rounded(t, d, a, b, add=True)


@ARM.insn(three("1", "11001", sizes="12"), by_scalar("1111"), ref="DDI 0487 F6.1")
def vqrdmlsh(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd -= the upper half of 2 * vn * vm, rounded and saturated once."""
    return _rounded(t, d, a, b, add=False)


# -- rounding -------------------------------------------------------------------------------------
def _round(op: str) -> list[Encoding]:
    return floats("101" + op)


@ARM.insn(_round("010"), ref="DDI 0487 F6.1")
def vrinta_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integral numbers, to nearest with ties away from zero."""
    return _lanes(t, "v_round_a", a)


@ARM.insn(_round("000"), ref="DDI 0487 F6.1")
def vrintn_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integral numbers, to nearest."""
    return _lanes(t, "v_round_n", a)


@ARM.insn(_round("111"), ref="DDI 0487 F6.1")
def vrintp_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integral numbers, up."""
    return _lanes(t, "v_round_p", a)


@ARM.insn(_round("101"), ref="DDI 0487 F6.1")
def vrintm_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integral numbers, down."""
    return _lanes(t, "v_round_m", a)


@ARM.insn(_round("011"), ref="DDI 0487 F6.1")
def vrintz_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integral numbers, towards zero."""
    return _lanes(t, "v_round_z", a)


@ARM.insn(_round("001"), ref="DDI 0487 F6.1")
def vrintx_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integral numbers, to nearest; inexact if that is not vm."""
    return _lanes(t, "v_round_x", a)


def _convert(mode: str) -> list[Encoding]:
    """Signed and unsigned integers."""
    signed, unsigned = (floats(f"110{mode}{u}", u=u) for u in (0, 1))
    return signed + unsigned


def _to_int(t: Lanes, mode: str, a: Vec) -> Vec:
    return _lanes(t, f"v_to_{'s' if t.signed else 'u'}{t.lane}_{mode}", a)


@ARM.insn(_convert("00"), ref="DDI 0487 F6.1")
def vcvta_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integers, to nearest with ties away from zero."""
    return _to_int(t, "a", a)


@ARM.insn(_convert("01"), ref="DDI 0487 F6.1")
def vcvtn_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integers, to nearest."""
    return _to_int(t, "n", a)


@ARM.insn(_convert("10"), ref="DDI 0487 F6.1")
def vcvtp_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integers, up."""
    return _to_int(t, "p", a)


@ARM.insn(_convert("11"), ref="DDI 0487 F6.1")
def vcvtm_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integers, down."""
    return _to_int(t, "m", a)
