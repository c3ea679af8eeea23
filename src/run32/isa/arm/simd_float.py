"""Advanced SIMD floating point: arithmetic and conversions. Source: DDI 0406C A7.4, A2.7.

Everything works on single-precision lanes, or half-precision ones (ARMv8.2), under the standard
FPSCR value: denormals are zeros (of halves where FPSCR.FZ16 says so), NaNs the default NaN, and
rounding is to nearest (conversions to integers: towards zero).
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import SHIFT, Lanes, by_immediate, by_scalar, read, simd, write
from run32.isa.arm.simd_number import (
    HALF,
    INFINITY,
    THREE_,
    THREE_HALVES,
    TWO_,
    floats,
    flush,
    is_denormal,
    magnitude,
    raise_if,
    sign_of,
    triadic,
    widen,
)
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Operands, direct
from run32.spec.softfloat.format import IDC
from run32.spec.vector import Vec, pick

FROM_HALF = direct("simd_from_half", regs="vd vm", small="skip")
TO_HALF = direct("simd_to_half", regs="vd vm", small="skip")


def _lanes(t: Lanes, operation: str, *operands: Vec) -> Vec:
    value: Vec = t.m.fp_lanes(operation, *operands)
    return value


# -- arithmetic -----------------------------------------------------------------------------------
@ARM.insn(triadic("0", "0", "11010"), ref="DDI 0406C A8.8.283")
def vadd_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn + vm."""
    return _lanes(t, "v_add", a, b)


@ARM.insn(triadic("0", "1", "11010"), ref="DDI 0406C A8.8.415")
def vsub_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn - vm."""
    return _lanes(t, "v_sub", a, b)


@ARM.insn(triadic("1", "0", "11011"), by_scalar("1001"), ref="DDI 0406C A8.8.351")
def vmul_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn * vm."""
    return _lanes(t, "v_mul", a, b)


@ARM.insn(triadic("0", "0", "11011"), by_scalar("0001"), ref="DDI 0406C A8.8.337")
def vmla_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vd + vn * vm, rounded twice."""
    return _lanes(t, "v_add", d, _lanes(t, "v_mul", a, b))


@ARM.insn(triadic("0", "1", "11011"), by_scalar("0101"), ref="DDI 0406C A8.8.337")
def vmls_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vd - vn * vm, rounded twice."""
    return _lanes(t, "v_sub", d, _lanes(t, "v_mul", a, b))


@ARM.insn(triadic("0", "0", "11001"), ref="DDI 0406C A8.8.317")
def vfma_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vd + vn * vm, rounded once."""
    return _lanes(t, "v_fma", d, a, b)


@ARM.insn(triadic("0", "1", "11001"), ref="DDI 0406C A8.8.317")
def vfms_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vd + -vn * vm, rounded once."""
    return _lanes(t, "v_fma", d, a ^ sign_of(a), b)


@ARM.insn(triadic("1", "1", "11010"), ref="DDI 0406C A8.8.279")
def vabd_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = |vn - vm|."""
    return magnitude(_lanes(t, "v_sub", a, b))


@ARM.insn(triadic("1", "0", "11010", q="0"), ref="DDI 0406C A8.8.363")
def vpadd_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = sums of neighbours in vn, then vm."""
    return _lanes(t, "v_add", a.evens(b), a.evens(b, 1))


def _steps(t: Lanes, a: Vec, b: Vec, base: int) -> tuple[Vec, Vec]:
    """base - a * b, and where one is infinite and the other zero, which is special."""
    x, y = (widen(t, v) if a.lane == 16 else flush(v) for v in (a, b))
    infinite_a, infinite_b = (magnitude(v).eq(INFINITY) for v in (x, y))
    zero_a, zero_b = (magnitude(v).eq(0) for v in (x, y))
    special = infinite_a & zero_b | infinite_b & zero_a
    if a.lane == 16:
        special = special.trunc()
    else:
        raise_if(t, special & (is_denormal(a) | is_denormal(b)), IDC)
    product = _lanes(t, "v_mul", a & ~special, b & ~special)
    return _lanes(t, "v_sub", a.like(base), product), special


@ARM.insn(triadic("0", "0", "11111"), ref="DDI 0406C A8.8.385")
def vrecps(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = 2 - vn * vm, a step towards a reciprocal."""
    two_ = 0x4000 if a.lane == 16 else TWO_
    value, special = _steps(t, a, b, two_)
    return pick(special, a.like(two_), value)


@ARM.insn(triadic("0", "1", "11111"), ref="DDI 0406C A8.8.392")
def vrsqrts(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = (3 - vn * vm) / 2, a step towards a reciprocal square root."""
    three, three_halves, half = THREE_, THREE_HALVES, HALF
    if a.lane == 16:
        three, three_halves, half = 0x4200, 0x3E00, 0x3800
    value, special = _steps(t, a, b, three)
    return pick(special, a.like(three_halves), _lanes(t, "v_mul", value, a.like(half)))


# -- integers and fixed point ---------------------------------------------------------------------
_NONE = Bits(8, 0)


@ARM.insn(floats("111110"), floats("111111", u=1), ref="DDI 0406C A8.8.305")
def vcvt_f_to_int(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm as integers, rounded towards zero."""
    letter = "s" if t.signed else "u"
    value: Vec = t.m.fp_lanes(f"v_to_fixed_{letter}{t.lane}", a, fraction=_NONE)
    return value


@ARM.insn(floats("111100"), floats("111101", u=1), ref="DDI 0406C A8.8.305")
def vcvt_int_to_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the integers in vm."""
    letter = "s" if t.signed else "u"
    value: Vec = t.m.fp_lanes(f"v_from_fixed_{letter}{t.lane}", a, fraction=_NONE)
    return value


def _half_fixed(opc: str) -> list[Encoding]:
    """Fixed-point numbers of 16 bits."""
    text = f"u:1 1 d:1 11 amt:4 Vd {opc} 0 Q m:1 1 Vm"
    return simd(text, SHIFT, size=1, amount=lambda f: Bits(8, 16) - f.amt.zext(8))


@ARM.insn(by_immediate("u:1", "1111", sizes="2"), _half_fixed("1101"), ref="DDI 0406C A8.8.307")
def vcvt_f_to_fixed(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = vm * 2**n as integers, rounded towards zero."""
    letter = "s" if t.signed else "u"
    value: Vec = t.m.fp_lanes(f"v_to_fixed_{letter}{t.lane}", a, fraction=n)
    return value


@ARM.insn(by_immediate("u:1", "1110", sizes="2"), _half_fixed("1100"), ref="DDI 0406C A8.8.307")
def vcvt_fixed_to_f(t: Lanes, d: Vec, a: Vec, n: Bits) -> Vec:
    """vd = the integers in vm / 2**n."""
    letter = "s" if t.signed else "u"
    value: Vec = t.m.fp_lanes(f"v_from_fixed_{letter}{t.lane}", a, fraction=n)
    return value


# -- half precision -------------------------------------------------------------------------------
@ARM.insn(simd("1 1 d:1 11 01 10 Qd 0 1110 0 m:1 0 Dm", FROM_HALF), ref="DDI 0406C A8.8.310")
def vcvt_f16_to_f32(m: Any, o: Operands) -> None:
    """vd = the half-precision numbers in vm."""
    halves = read(m, 0, o.vm, 16)
    lanes = [m.fp("v_from_f16", 32, halves.get(i)) for i in range(4)]
    write(m, 1, o.vd, Vec(cat(*reversed(lanes)), 32))


@ARM.insn(simd("1 1 d:1 11 01 10 Dd 0 1100 0 m:1 0 Qm", TO_HALF), ref="DDI 0406C A8.8.310")
def vcvt_f32_to_f16(m: Any, o: Operands) -> None:
    """vd = vm in half precision."""
    whole = read(m, 1, o.vm, 32)
    lanes = [m.fp("v_to_f16", 32, whole.get(i)) for i in range(4)]
    write(m, 0, o.vd, Vec(cat(*reversed(lanes)), 16))
