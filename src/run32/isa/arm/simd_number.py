"""Advanced SIMD floating point without arithmetic: comparison, maximum, sign, estimates.

Source: DDI 0406C A2.7 (FPCompareEQ, FPMax, FPRecipEstimate, FPRSqrtEstimate), A7.4. Numbers are
taken for integers, which order as the numbers do once the sign is taken into account; nothing here
needs the host's floating-point unit, so all of it is exact on any host.
"""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import THREE, Lanes, simd, two
from run32.spec.rows import Encoding
from run32.spec.softfloat.format import DZC, IDC, IOC, UFC
from run32.spec.vector import Vec, pick

SIGN, INFINITY, QUIET = 0x80000000, 0x7F800000, 0x00400000
DEFAULT_NAN = INFINITY | QUIET
HALF, THREE_HALVES, TWO_ = 0x3F000000, 0x3FC00000, 0x40000000


# -- numbers --------------------------------------------------------------------------------------
def magnitude(a: Vec) -> Vec:
    """|a|."""
    return a & (SIGN - 1)


def is_nan(a: Vec) -> Vec:
    """Ones where a NaN is."""
    return magnitude(a).gt(INFINITY, 1)


def is_signalling(a: Vec) -> Vec:
    """Ones where a signalling NaN is."""
    return is_nan(a) & (a & QUIET).eq(0)


def is_denormal(a: Vec) -> Vec:
    """Ones where a denormal is."""
    return (a & INFINITY).eq(0) & ~magnitude(a).eq(0)


def flush(a: Vec) -> Vec:
    """Denormals made zeros of their sign."""
    return pick((a & INFINITY).eq(0), a & SIGN, a)


def raise_if(t: Lanes, mask: Vec, flags: int) -> None:
    """Cumulative flags of FPSCR where any lane of `mask` is set."""
    m = t.m
    m.when(mask.any(), lambda: m.put("fpscr", m.get("fpscr") | flags))


def operands(t: Lanes, a: Vec, b: Vec) -> tuple[Vec, Vec]:
    """Both flushed; that is noted."""
    raise_if(t, is_denormal(a) | is_denormal(b), IDC)
    return flush(a), flush(b)


def order(a: Vec) -> Vec:
    """Signed integers in the order of the numbers; -0 is just below 0."""
    return a ^ magnitude(a.shr(31, 1))


# -- comparison -----------------------------------------------------------------------------------
def triadic(u: str, op: str, opc: str, *, q: str = "") -> list[Encoding]:
    """Three registers: `op` is bit 21, `opc` bits 11:8 and bit 4."""
    text = f"{u} 0 d:1 {op} 0 Vn Vd {opc[:4]} n:1 Q m:1 {opc[4]} Vm"
    return simd(text, THREE, q=q, size=2, u=0)


def _equal(t: Lanes, a: Vec, b: Vec) -> Vec:
    raise_if(t, is_signalling(a) | is_signalling(b), IOC)
    x, y = operands(t, a, b)
    same = x.eq(y) | magnitude(x | y).eq(0)
    return same & ~(is_nan(x) | is_nan(y))


def _greater(t: Lanes, a: Vec, b: Vec, *, or_equal: bool) -> Vec:
    unordered = is_nan(a) | is_nan(b)
    raise_if(t, unordered, IOC)
    x, y = operands(t, a, b)
    zeros = magnitude(x | y).eq(0)
    if or_equal:
        found = ~order(y).gt(order(x), 1) | zeros
    else:
        found = order(x).gt(order(y), 1) & ~zeros
    return found & ~unordered


@ARM.insn(triadic("0", "0", "11100"), ref="DDI 0406C A8.8.291")
def vceq_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where vn = vm; only signalling NaNs are invalid."""
    return _equal(t, a, b)


@ARM.insn(triadic("1", "0", "11100"), ref="DDI 0406C A8.8.293")
def vcge_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where vn >= vm."""
    return _greater(t, a, b, or_equal=True)


@ARM.insn(triadic("1", "1", "11100"), ref="DDI 0406C A8.8.295")
def vcgt_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where vn > vm."""
    return _greater(t, a, b, or_equal=False)


@ARM.insn(triadic("1", "0", "11101"), ref="DDI 0406C A8.8.281")
def vacge(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where |vn| >= |vm|."""
    return _greater(t, magnitude(a), magnitude(b), or_equal=True)


@ARM.insn(triadic("1", "1", "11101"), ref="DDI 0406C A8.8.281")
def vacgt(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where |vn| > |vm|."""
    return _greater(t, magnitude(a), magnitude(b), or_equal=False)


def _zero(opc: str) -> list[Encoding]:
    return two("10", "01" + opc, size=2, u=0)


@ARM.insn(_zero("1000"), ref="DDI 0406C A8.8.296")
def vcgt_zero_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm > 0."""
    return _greater(t, a, a.like(0), or_equal=False)


@ARM.insn(_zero("1001"), ref="DDI 0406C A8.8.294")
def vcge_zero_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm >= 0."""
    return _greater(t, a, a.like(0), or_equal=True)


@ARM.insn(_zero("1010"), ref="DDI 0406C A8.8.292")
def vceq_zero_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm = 0."""
    return _equal(t, a, a.like(0))


@ARM.insn(_zero("1011"), ref="DDI 0406C A8.8.298")
def vcle_zero_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm <= 0."""
    return _greater(t, a.like(0), a, or_equal=True)


@ARM.insn(_zero("1100"), ref="DDI 0406C A8.8.301")
def vclt_zero_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm < 0."""
    return _greater(t, a.like(0), a, or_equal=False)


# -- maximum, minimum, sign -----------------------------------------------------------------------
def _extreme(t: Lanes, a: Vec, b: Vec, *, largest: bool) -> Vec:
    raise_if(t, is_signalling(a) | is_signalling(b), IOC)
    x, y = operands(t, a, b)
    first = order(x).gt(order(y), 1)
    value = pick(first, x, y) if largest else pick(first, y, x)
    return pick(is_nan(a) | is_nan(b), a.like(DEFAULT_NAN), value)


@ARM.insn(triadic("0", "0", "11110"), ref="DDI 0406C A8.8.335")
def vmax_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the larger of vn and vm."""
    return _extreme(t, a, b, largest=True)


@ARM.insn(triadic("0", "1", "11110"), ref="DDI 0406C A8.8.335")
def vmin_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the smaller of vn and vm."""
    return _extreme(t, a, b, largest=False)


@ARM.insn(triadic("1", "0", "11110", q="0"), ref="DDI 0406C A8.8.366")
def vpmax_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the larger of neighbours in vn, then vm."""
    return _extreme(t, a.evens(b), a.evens(b, 1), largest=True)


@ARM.insn(triadic("1", "1", "11110", q="0"), ref="DDI 0406C A8.8.366")
def vpmin_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the smaller of neighbours in vn, then vm."""
    return _extreme(t, a.evens(b), a.evens(b, 1), largest=False)


@ARM.insn(two("10", "011110", size=2, u=0), ref="DDI 0406C A8.8.280")
def vabs_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = |vm|, NaNs included."""
    return magnitude(a)


@ARM.insn(two("10", "011111", size=2, u=0), ref="DDI 0406C A8.8.355")
def vneg_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = -vm, NaNs included."""
    return a ^ SIGN


# -- estimates ------------------------------------------------------------------------------------
def reciprocal(a: Vec) -> Vec:
    """RecipEstimate: 256 .. 511 for 256 .. 511, from the middle of the interval that `a` names."""
    divisor = a.shl(1) + 1
    quotient = a.like(0)
    rest = a.like(1 << 19)
    for bit in range(10, -1, -1):  # the quotient is below 1024
        fits = ~divisor.shl(bit).gt(rest, 0)
        rest = rest - (divisor.shl(bit) & fits)
        quotient = quotient | fits & (1 << bit)
    return (quotient + 1).shr(1, 0)


def reciprocal_root(a: Vec) -> Vec:
    """RecipSqrtEstimate: 256 .. 511 for 128 .. 511."""
    middle = pick(a.gt(255, 0), (a & ~a.like(1)).shl(1) + 2, a.shl(1) + 1)
    root = a.like(512)
    for bit in range(8, -1, -1):
        larger = root + (1 << bit)
        root = pick((middle * larger * larger).gt((1 << 28) - 1, 0), root, larger)
    return (root + 1).shr(1, 0)


@ARM.insn(two("10", "111000", size=2, u=0), ref="DDI 0406C A8.8.384")
def vrecpe_u(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = an estimate of 1 / vm, for fractions of one half and more."""
    return pick(a.shr(31, 1), reciprocal(a.shr(23, 0)).shl(23), a.like(-1))


@ARM.insn(two("10", "111001", size=2, u=0), ref="DDI 0406C A8.8.391")
def vrsqrte_u(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = an estimate of the reciprocal square root, for fractions of one quarter and more."""
    small = a.shr(30, 0).eq(0)
    return pick(small, a.like(-1), reciprocal_root(a.shr(23, 0)).shl(23))


@ARM.insn(two("10", "111010", size=2, u=0), ref="DDI 0406C A8.8.384")
def vrecpe_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = an estimate of 1 / vm, good to eight bits."""
    raise_if(t, is_denormal(a), IDC)
    raise_if(t, is_signalling(a), IOC)
    sign, size = a & SIGN, magnitude(flush(a))
    zero, huge = size.eq(0), size.gt(0x7E7FFFFF, 0)  # 2**126 and more: the estimate is denormal
    raise_if(t, zero, DZC)
    raise_if(t, huge & size.like(INFINITY).gt(size, 0), UFC)
    fraction = reciprocal(size.shr(15, 0) & 255 | 256) & 255
    value = (size.like(253) - size.shr(23, 0)).shl(23) | fraction.shl(15)
    value = pick(zero, size.like(INFINITY), value & ~huge) | sign
    return pick(is_nan(a), a.like(DEFAULT_NAN), value)


@ARM.insn(two("10", "111011", size=2, u=0), ref="DDI 0406C A8.8.391")
def vrsqrte_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = an estimate of the reciprocal square root, good to eight bits."""
    raise_if(t, is_denormal(a), IDC)
    sign, size = a & SIGN, magnitude(flush(a))
    zero, nan = size.eq(0), is_nan(a)
    negative = sign.eq(SIGN) & ~zero & ~nan
    raise_if(t, zero, DZC)
    raise_if(t, negative | is_signalling(a), IOC)
    exponent, top = size.shr(23, 0), size.shr(15, 0) & 255
    scaled = pick((exponent & 1).eq(0), top | 256, top.shr(1, 0) | 128)
    fraction = reciprocal_root(scaled) & 255
    value = (size.like(380) - exponent).shr(1, 0).shl(23) | fraction.shl(15)
    value = value & ~size.eq(INFINITY)
    value = pick(zero, size.like(INFINITY) | sign, value)
    return pick(nan | negative, a.like(DEFAULT_NAN), value)
