"""Advanced SIMD integer arithmetic on registers of one length. Source: DDI 0406C A7.4.1, A7.4.5."""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import Lanes, by_scalar, three, two
from run32.spec.vector import Vec

ALL = "0123"


# -- sums and differences -------------------------------------------------------------------------
@ARM.insn(three("0", "10000", sizes=ALL), ref="DDI 0406C A8.8.282")
def vadd_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn + vm."""
    return a + b


@ARM.insn(three("1", "10000", sizes=ALL), ref="DDI 0406C A8.8.414")
def vsub_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn - vm."""
    return a - b


@ARM.insn(three("u:1", "00001", sizes=ALL), ref="DDI 0406C A8.8.370")
def vqadd(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn + vm, saturated."""
    return t.saturated(a.add_sat(b, t.signed), a + b)


@ARM.insn(three("u:1", "00101", sizes=ALL), ref="DDI 0406C A8.8.382")
def vqsub(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn - vm, saturated."""
    return t.saturated(a.sub_sat(b, t.signed), a - b)


@ARM.insn(three("u:1", "00000"), ref="DDI 0406C A8.8.319")
def vhadd(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = (vn + vm) / 2, rounded down."""
    return (a & b) + (a ^ b).shr(1, t.signed)


@ARM.insn(three("u:1", "00010"), ref="DDI 0406C A8.8.387")
def vrhadd(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = (vn + vm + 1) / 2, rounded down."""
    return (a | b) - (a ^ b).shr(1, t.signed)


@ARM.insn(three("u:1", "00100"), ref="DDI 0406C A8.8.319")
def vhsub(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = (vn - vm) / 2, rounded down."""
    return (a ^ b).shr(1, t.signed) - (~a & b)


def difference(t: Lanes, a: Vec, b: Vec) -> Vec:
    """|a - b|, which fits the lane as an unsigned number."""
    return a.max(b, t.signed) - a.min(b, t.signed)


@ARM.insn(three("u:1", "01110"), ref="DDI 0406C A8.8.278")
def vabd_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = |vn - vm|."""
    return difference(t, a, b)


@ARM.insn(three("u:1", "01111"), ref="DDI 0406C A8.8.277")
def vaba(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd += |vn - vm|."""
    return d + difference(t, a, b)


@ARM.insn(three("u:1", "01100"), ref="DDI 0406C A8.8.334")
def vmax_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the larger of vn and vm."""
    return a.max(b, t.signed)


@ARM.insn(three("u:1", "01101"), ref="DDI 0406C A8.8.334")
def vmin_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the smaller of vn and vm."""
    return a.min(b, t.signed)


# -- products -------------------------------------------------------------------------------------
@ARM.insn(three("0", "10011"), by_scalar("1000"), ref="DDI 0406C A8.8.350, A8.8.352")
def vmul_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn * vm."""
    return a * b


@ARM.insn(three("0", "10010"), by_scalar("0000"), ref="DDI 0406C A8.8.336, A8.8.338")
def vmla_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd += vn * vm."""
    return d + a * b


@ARM.insn(three("1", "10010"), by_scalar("0100"), ref="DDI 0406C A8.8.336, A8.8.338")
def vmls_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd -= vn * vm."""
    return d - a * b


def polynomial(a: Vec, b: Vec) -> Vec:
    """The product of polynomials over {0, 1} of 8 bits, in lanes of 16 bits."""
    x, y = a.ext(0), b.ext(0)
    total = x.like(0)
    for bit in range(8):
        total = total ^ x.shl(bit) & -(y.shr(bit, 0) & 1)
    return total


@ARM.insn(three("1", "10011", sizes="0"), ref="DDI 0406C A8.8.350")
def vmul_p(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn * vm as polynomials."""
    return polynomial(a, b).trunc()


def doubled_high(t: Lanes, a: Vec, b: Vec, *, rounds: bool) -> Vec:
    """The upper half of 2 * a * b, saturated: only the square of the lowest number exceeds it."""
    product = a.ext(1) * b.ext(1)
    if rounds:
        product = product + (1 << t.lane - 2)
    high = product.shr(t.lane - 1, 1)
    most = (1 << t.lane - 1) - 1
    over = high.gt(most, 1)
    t.saturate_if(over.any())
    return high.min(most, 1).trunc()


@ARM.insn(three("0", "10110", sizes="12"), by_scalar("1100"), ref="DDI 0406C A8.8.372")
def vqdmulh(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the upper half of 2 * vn * vm, saturated."""
    return doubled_high(t, a, b, rounds=False)


@ARM.insn(three("1", "10110", sizes="12"), by_scalar("1101"), ref="DDI 0406C A8.8.376")
def vqrdmulh(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the upper half of 2 * vn * vm, rounded and saturated."""
    return doubled_high(t, a, b, rounds=True)


# -- comparison -----------------------------------------------------------------------------------
@ARM.insn(three("1", "10001"), ref="DDI 0406C A8.8.291")
def vceq_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where vn = vm."""
    return a.eq(b)


@ARM.insn(three("u:1", "00111"), ref="DDI 0406C A8.8.293")
def vcge_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where vn >= vm."""
    return ~b.gt(a, t.signed)


@ARM.insn(three("u:1", "00110"), ref="DDI 0406C A8.8.295")
def vcgt_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where vn > vm."""
    return a.gt(b, t.signed)


@ARM.insn(three("0", "10001"), ref="DDI 0406C A8.8.421")
def vtst(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = ones where vn and vm share a one."""
    return ~(a & b).eq(0)


@ARM.insn(two("size:2", "010000"), ref="DDI 0406C A8.8.296")
def vcgt_zero_i(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm > 0."""
    return a.gt(0, 1)


@ARM.insn(two("size:2", "010001"), ref="DDI 0406C A8.8.294")
def vcge_zero_i(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm >= 0."""
    return a.gt(-1, 1)


@ARM.insn(two("size:2", "010010"), ref="DDI 0406C A8.8.292")
def vceq_zero_i(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm = 0."""
    return a.eq(0)


@ARM.insn(two("size:2", "010011"), ref="DDI 0406C A8.8.298")
def vcle_zero_i(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm <= 0."""
    return ~a.gt(0, 1)


@ARM.insn(two("size:2", "010100"), ref="DDI 0406C A8.8.301")
def vclt_zero_i(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = ones where vm < 0."""
    return a.like(0).gt(a, 1)


# -- single operands ------------------------------------------------------------------------------
@ARM.insn(two("size:2", "010110"), ref="DDI 0406C A8.8.280")
def vabs_i(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = |vm|."""
    return magnitude(a)


def magnitude(a: Vec) -> Vec:
    """|a|; that of the lowest number is itself."""
    sign = a.shr(a.lane - 1, 1)
    return (a ^ sign) - sign


@ARM.insn(two("size:2", "010111"), ref="DDI 0406C A8.8.355")
def vneg_i(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = -vm."""
    return -a


@ARM.insn(two("size:2", "001110"), ref="DDI 0406C A8.8.369")
def vqabs(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = |vm|, saturated."""
    exact = magnitude(a)
    return t.saturated(exact.min((1 << t.lane - 1) - 1, 0), exact)


@ARM.insn(two("size:2", "001111"), ref="DDI 0406C A8.8.375")
def vqneg(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = -vm, saturated."""
    return t.saturated(a.like(0).sub_sat(a, 1), -a)


@ARM.insn(two("size:2", "001000"), ref="DDI 0406C A8.8.299")
def vcls(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the number of bits below the sign that equal it."""
    return (a ^ a.shr(t.lane - 1, 1)).clz() - 1


@ARM.insn(two("size:2", "001001"), ref="DDI 0406C A8.8.302")
def vclz(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the number of leading zeros."""
    return a.clz()


@ARM.insn(two("00", "001010", size=0), ref="DDI 0406C A8.8.304")
def vcnt(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the number of ones."""
    return a.popcount()


# -- neighbours -----------------------------------------------------------------------------------
def _pairs(a: Vec, b: Vec) -> tuple[Vec, Vec]:
    """First and second of each two neighbours, those of `a` first."""
    return a.evens(b), a.evens(b, 1)


@ARM.insn(three("0", "10111", q="0"), ref="DDI 0406C A8.8.362")
def vpadd_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = sums of neighbours in vn, then vm."""
    x, y = _pairs(a, b)
    return x + y


@ARM.insn(three("u:1", "10100", q="0"), ref="DDI 0406C A8.8.365")
def vpmax_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the larger of neighbours in vn, then vm."""
    x, y = _pairs(a, b)
    return x.max(y, t.signed)


@ARM.insn(three("u:1", "10101", q="0"), ref="DDI 0406C A8.8.365")
def vpmin_i(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the smaller of neighbours in vn, then vm."""
    x, y = _pairs(a, b)
    return x.min(y, t.signed)


def _long_pairs(t: Lanes, a: Vec) -> Vec:
    """Sums of neighbours in lanes twice as wide."""
    wide = a.cast(2 * t.lane)
    return wide.shl(t.lane).shr(t.lane, t.signed) + wide.shr(t.lane, t.signed)


@ARM.insn(two("size:2", "000100", u=0), two("size:2", "000101"), ref="DDI 0406C A8.8.364")
def vpaddl(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = sums of neighbours in vm, in lanes twice as wide."""
    return _long_pairs(t, a)


@ARM.insn(two("size:2", "001100", u=0), two("size:2", "001101"), ref="DDI 0406C A8.8.361")
def vpadal(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd += sums of neighbours in vm, in lanes twice as wide."""
    return d.cast(2 * t.lane) + _long_pairs(t, a)
