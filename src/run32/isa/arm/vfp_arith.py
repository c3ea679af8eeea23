"""VFPv4 arithmetic rows. Source: DDI 0406C A8.8 by mnemonic.

`vmla` and its relatives round the product and the sum, `vfma` and its relatives only the sum.
"""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.vfp import (
    Arithmetic,
    both_sizes,
    triadic,
    unary,
    vfp_compare,
    vfp_compare_zero,
)
from run32.spec.bits import Bits


@ARM.insn(triadic("011", 0), ref="DDI 0406C A8.8.283")
def vadd(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vn + vm."""
    return u("add", a, b)


@ARM.insn(triadic("011", 1), ref="DDI 0406C A8.8.415")
def vsub(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vn - vm."""
    return u("sub", a, b)


@ARM.insn(triadic("010", 0), ref="DDI 0406C A8.8.351")
def vmul(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vn * vm."""
    return u("mul", a, b)


@ARM.insn(triadic("010", 1), ref="DDI 0406C A8.8.356")
def vnmul(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = -(vn * vm)."""
    return u.neg(u("mul", a, b))


@ARM.insn(triadic("000", 0), ref="DDI 0406C A8.8.337")
def vmla(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vd + vn * vm, rounded twice."""
    return u("add", d, u("mul", a, b))


@ARM.insn(triadic("000", 1), ref="DDI 0406C A8.8.337")
def vmls(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vd + -(vn * vm), rounded twice."""
    return u("add", d, u.neg(u("mul", a, b)))


@ARM.insn(triadic("001", 1), ref="DDI 0406C A8.8.356")
def vnmla(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = -vd + -(vn * vm), rounded twice."""
    return u("add", u.neg(d), u.neg(u("mul", a, b)))


@ARM.insn(triadic("001", 0), ref="DDI 0406C A8.8.356")
def vnmls(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = -vd + vn * vm, rounded twice."""
    return u("add", u.neg(d), u("mul", a, b))


@ARM.insn(triadic("110", 0), ref="DDI 0406C A8.8.317")
def vfma(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vd + vn * vm, rounded once."""
    return u("fma", d, a, b)


@ARM.insn(triadic("110", 1), ref="DDI 0406C A8.8.317")
def vfms(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vd + -vn * vm, rounded once."""
    return u("fma", d, u.neg(a), b)


@ARM.insn(triadic("101", 1), ref="DDI 0406C A8.8.318")
def vfnma(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = -vd + -vn * vm, rounded once."""
    return u("fma", u.neg(d), u.neg(a), b)


@ARM.insn(triadic("101", 0), ref="DDI 0406C A8.8.318")
def vfnms(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = -vd + vn * vm, rounded once."""
    return u("fma", u.neg(d), a, b)


@ARM.insn(triadic("100", 0), ref="DDI 0406C A8.8.312")
def vdiv(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = vn / vm."""
    return u("div", a, b)


@ARM.insn(unary("000111"), ref="DDI 0406C A8.8.401")
def vsqrt(u: Arithmetic, a: Bits) -> Bits:
    """vd = square root of vm."""
    return u("sqrt", a)


@ARM.insn(unary("000011"), ref="DDI 0406C A8.8.280")
def vabs(u: Arithmetic, a: Bits) -> Bits:
    """vd = |vm|, NaNs included."""
    return a & (1 << (u.width - 1)) - 1


@ARM.insn(unary("000101"), ref="DDI 0406C A8.8.355")
def vneg(u: Arithmetic, a: Bits) -> Bits:
    """vd = -vm, NaNs included."""
    return u.neg(a)


@ARM.insn(unary("000001", half=False), ref="DDI 0406C A8.8.340")
def vmov(u: Arithmetic, a: Bits) -> Bits:
    """vd = vm."""
    return a


_ZERO = "1110 1 d:1 11 0101 vd:4 101 {z} %s 0 0 0000"


@ARM.insn(
    unary("010001", vfp_compare),
    both_sizes(_ZERO % "01", vfp_compare_zero, half=True),
    ref="DDI 0406C A8.8.303",
)
def vcmp(u: Arithmetic, a: Bits, b: Bits) -> Bits:
    """FPSCR flags of vd - vm or vd - 0; only signalling NaNs are invalid."""
    return u("cmp", a, b)


@ARM.insn(
    unary("010011", vfp_compare),
    both_sizes(_ZERO % "11", vfp_compare_zero, half=True),
    ref="DDI 0406C A8.8.303",
)
def vcmpe(u: Arithmetic, a: Bits, b: Bits) -> Bits:
    """FPSCR flags of vd - vm or vd - 0; every NaN is invalid."""
    return u("cmpe", a, b)
