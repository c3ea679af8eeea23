"""Advanced SIMD floating point without arithmetic: comparison, maximum, sign, estimates.

Source: DDI 0406C A2.7 (FPCompareEQ, FPMax, FPRecipEstimate, FPRSqrtEstimate), A7.4. Numbers are
taken for integers, which order as the numbers do once the sign is taken into account; nothing here
needs the host's floating-point unit, so all of it is exact on any host. Half-precision lanes
(ARMv8.2) become single-precision ones, exactly, and the results half-precision ones again.
"""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import THREE, Lanes, simd, two
from run32.spec.rows import Encoding
from run32.spec.softfloat.format import DZC, IDC, IOC, IXC, OFC, UFC
from run32.spec.vector import Vec, pick, splat

SIGN, INFINITY, QUIET = 0x80000000, 0x7F800000, 0x00400000
DEFAULT_NAN = INFINITY | QUIET
HALF, THREE_HALVES, TWO_, THREE_ = 0x3F000000, 0x3FC00000, 0x40000000, 0x40400000


# -- numbers --------------------------------------------------------------------------------------
def sign_of(a: Vec) -> int:
    """The sign bit of a lane."""
    return 1 << a.lane - 1


def magnitude(a: Vec) -> Vec:
    """|a|."""
    return a & (sign_of(a) - 1)


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


# -- half precision -------------------------------------------------------------------------------
def widen(t: Lanes, a: Vec) -> Vec:
    """Half-precision lanes in single precision; denormals are zeros where FPSCR.FZ16 is set."""
    size = (a & 0x7FFF).ext(0)
    shift = size.clz()
    denormal = (size.like(134) - shift).shl(23) | size.shl(shift - 8) & 0x7FFFFF
    flushed = splat(t.m.get("fpscr")[19].sext(32), size.count)
    denormal = denormal & ~(size.eq(0) | flushed)
    normal = size.shl(13) + pick(size.gt(0x7BFF, 0), size.like(224), size.like(112)).shl(23)
    sign = (a & 0x8000).ext(0).shl(16)
    return sign | pick(size.gt(0x3FF, 0), normal, denormal)


def narrow(a: Vec) -> Vec:
    """Single-precision lanes that half precision can hold, or NaNs."""
    size = magnitude(a)
    exponent = size.shr(23, 0)
    normal = (size - (112 << 23)).shr(13, 0)
    special = size.shr(13, 0) & 0x3FF | 0x7C00
    fraction = a & 0x7FFFFF | 0x800000
    denormal = fraction.shr(size.like(126) - exponent, 0)
    value = pick(exponent.gt(112, 0), normal, denormal & ~size.eq(0))
    value = pick(exponent.eq(255), special, value)
    return (value | a.shr(31, 0).shl(15)).trunc()


# -- comparison -----------------------------------------------------------------------------------
def triadic(u: str, op: str, opc: str, *, q: str = "") -> list[Encoding]:
    """Three registers: `op` is bit 21, `opc` bits 11:8 and bit 4."""
    found = []
    for half in (0, 1):
        text = f"{u} 0 d:1 {op} {half} Vn Vd {opc[:4]} n:1 Q m:1 {opc[4]} Vm"
        found += simd(text, THREE, q=q, size=2 - half, u=0)
    return found


def floats(opc: str, u: int = 0) -> list[Encoding]:
    """Two registers: `opc` is bits 17:16 and 10:7."""
    return two("10", opc, size=2, u=u) + two("01", opc, size=1, u=u)


def _equal(t: Lanes, a: Vec, b: Vec) -> Vec:
    if a.lane == 16:
        return _equal(t, widen(t, a), widen(t, b)).trunc()
    raise_if(t, is_signalling(a) | is_signalling(b), IOC)
    x, y = operands(t, a, b)
    same = x.eq(y) | magnitude(x | y).eq(0)
    return same & ~(is_nan(x) | is_nan(y))


def _greater(t: Lanes, a: Vec, b: Vec, *, or_equal: bool) -> Vec:
    if a.lane == 16:
        return _greater(t, widen(t, a), widen(t, b), or_equal=or_equal).trunc()
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
    return floats("01" + opc)


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
def extreme(t: Lanes, a: Vec, b: Vec, *, largest: bool) -> Vec:
    """The larger or the smaller of each two numbers; any NaN gives the default NaN."""
    if a.lane == 16:
        return narrow(extreme(t, widen(t, a), widen(t, b), largest=largest))
    raise_if(t, is_signalling(a) | is_signalling(b), IOC)
    x, y = operands(t, a, b)
    first = order(x).gt(order(y), 1)
    value = pick(first, x, y) if largest else pick(first, y, x)
    return pick(is_nan(a) | is_nan(b), a.like(DEFAULT_NAN), value)


@ARM.insn(triadic("0", "0", "11110"), ref="DDI 0406C A8.8.335")
def vmax_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the larger of vn and vm."""
    return extreme(t, a, b, largest=True)


@ARM.insn(triadic("0", "1", "11110"), ref="DDI 0406C A8.8.335")
def vmin_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the smaller of vn and vm."""
    return extreme(t, a, b, largest=False)


@ARM.insn(triadic("1", "0", "11110", q="0"), ref="DDI 0406C A8.8.366")
def vpmax_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the larger of neighbours in vn, then vm."""
    return extreme(t, a.evens(b), a.evens(b, 1), largest=True)


@ARM.insn(triadic("1", "1", "11110", q="0"), ref="DDI 0406C A8.8.366")
def vpmin_f(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the smaller of neighbours in vn, then vm."""
    return extreme(t, a.evens(b), a.evens(b, 1), largest=False)


@ARM.insn(floats("011110"), ref="DDI 0406C A8.8.280")
def vabs_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = |vm|, NaNs included."""
    return magnitude(a)


@ARM.insn(floats("011111"), ref="DDI 0406C A8.8.355")
def vneg_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = -vm, NaNs included."""
    return a ^ sign_of(a)


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


def _half_reciprocal(t: Lanes, d: Vec, a: Vec) -> Vec:
    """The estimates of widened numbers: too large ones, and denormal ones, are special."""
    size = magnitude(a)
    small = size.like(111 << 23).gt(size, 0) & ~size.eq(0)  # below 2**-16
    raise_if(t, small, OFC | IXC)
    flushed = splat(t.m.get("fpscr")[19].sext(32), size.count)
    large = size.gt((141 << 23) - 1, 0) & size.like(INFINITY).gt(size, 0) & flushed  # 2**14
    raise_if(t, large, UFC)
    value = vrecpe_f(t, d, a)
    value = pick(small, a & SIGN | INFINITY, value)
    return narrow(value & ~(large & (SIGN - 1)))


@ARM.insn(floats("111010"), ref="DDI 0406C A8.8.384")
def vrecpe_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = an estimate of 1 / vm, good to eight bits."""
    if a.lane == 16:
        return _half_reciprocal(t, d, widen(t, a))
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


@ARM.insn(floats("111011"), ref="DDI 0406C A8.8.391")
def vrsqrte_f(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = an estimate of the reciprocal square root, good to eight bits."""
    if a.lane == 16:
        return narrow(vrsqrte_f(t, d, widen(t, a)))
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
