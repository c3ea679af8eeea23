"""Number formats, the operating environment, taking operands apart and rounding results.

Source: DDI 0406C A2.7 (FPUnpack, FPProcessNaN, FPRound). Values travel as sign, exponent and a
mantissa whose leading one is at the top bit: `mantissa / 2**(width-1) * 2**exponent`.
Flags are eight bits in FPSCR's layout.
Invariant: every function is straight-line code over `Bits`, so that it folds on constants and
becomes branch-free native code on symbolic values.
"""

from __future__ import annotations

from run32.spec.bits import Bits, cat, select

# Cumulative exception flags, FPSCR bits 7 and 4 to 0.
IOC, DZC, OFC, UFC, IXC, IDC = 1, 2, 4, 8, 16, 128

# Rounding modes, FPSCR bits 23:22.
NEAREST, PLUS, MINUS, ZERO = range(4)
AWAY = 4  # to nearest, ties away from zero: what ARMv8 instructions name, FPSCR cannot

EXPONENT_WIDTH = 16  # of an unpacked exponent, two's complement


class Format:
    """An IEEE 754 binary format of `width` bits; `frame` is the width of its mantissas here."""

    __slots__ = ("bias", "emax", "emin", "exp_bits", "frac_bits", "frame", "width")

    def __init__(self, width: int, exp_bits: int, frame: int) -> None:
        self.width = width
        self.exp_bits = exp_bits
        self.frac_bits = width - 1 - exp_bits
        self.bias = self.emax = (1 << (exp_bits - 1)) - 1
        self.emin = 1 - self.bias
        self.frame = frame

    # -- special values ---------------------------------------------------------------------------
    def signed(self, sign: Bits, magnitude: int | Bits) -> Bits:
        """`magnitude` (width - 1 bits) with a sign."""
        return cat(sign, Bits(self.width - 1, 0).like(magnitude))

    def zero(self, sign: Bits) -> Bits:
        """A zero."""
        return self.signed(sign, 0)

    def infinity(self, sign: Bits) -> Bits:
        """An infinity."""
        return self.signed(sign, ((1 << self.exp_bits) - 1) << self.frac_bits)

    def largest(self, sign: Bits) -> Bits:
        """The largest finite number."""
        return self.signed(sign, (((1 << self.exp_bits) - 1) << self.frac_bits) - 1)

    @property
    def default_nan(self) -> Bits:
        """The NaN that invalid operations give."""
        return Bits(self.width, ((2 << self.exp_bits) - 1) << (self.frac_bits - 1))

    def negate(self, value: Bits) -> Bits:
        """FPNeg: the sign inverted, whatever the value is."""
        return value ^ (1 << (self.width - 1))


F16 = Format(16, 5, 32)  # what is converted: FPSCR.AHP counts, flushing does not
H16 = Format(16, 5, 32)  # what is computed with: as the others, flushed where FPSCR.FZ16 says so
F32 = Format(32, 8, 32)
F64 = Format(64, 11, 64)
FORMATS = {16: F16, 32: F32, 64: F64}


class Env:
    """The mode bits of FPSCR: rounding mode (2 bits), FZ, DN, AHP and FZ16 (1 bit each).

    With `away`, ties are rounded away from zero.
    """

    __slots__ = ("ahp", "away", "dn", "fz", "fz16", "rmode")

    def __init__(
        self, rmode: Bits, fz: Bits, dn: Bits, ahp: Bits, fz16: Bits, *, away: bool = False
    ) -> None:
        self.rmode = rmode
        self.away = away
        self.fz = fz
        self.fz16 = fz16
        self.dn = dn
        self.ahp = ahp

    @classmethod
    def of(cls, fpscr: Bits) -> Env:
        """The modes in an FPSCR value."""
        return cls(fpscr[23:22], fpscr[24], fpscr[25], fpscr[26], fpscr[19])

    def standard(self) -> Env:
        """What Advanced SIMD computes under whatever FPSCR says (StandardFPSCRValue)."""
        return Env(Bits(2, NEAREST), Bits(1, 1), Bits(1, 1), self.ahp, self.fz16)

    def rounding(self, mode: int) -> Env:
        """The same with a fixed rounding mode."""
        away = mode == AWAY
        rmode = Bits(2, NEAREST if away else mode)
        return Env(rmode, self.fz, self.dn, self.ahp, self.fz16, away=away)

    def flushes(self, fmt: Format) -> Bits:
        """Whether denormals of a format are zeros."""
        return self.fz16 if fmt is H16 else self.fz


Result = tuple[Bits, Bits]  # value, flags


def flag(mask: int, cond: Bits) -> Bits:
    """`mask` as flags where `cond` is 1, else none."""
    return select(cond, Bits(8, mask), Bits(8, 0))


class Number:
    """An operand taken apart. `mantissa` is 0 exactly for zeros, infinities and NaNs are apart."""

    __slots__ = (
        "exponent",
        "flags",
        "inf",
        "mantissa",
        "nan",
        "raw",
        "sign",
        "snan",
        "zero",
    )

    def __init__(self, fmt: Format, raw: Bits, env: Env) -> None:
        """FPUnpack: FZ turns denormals into zeros, but not those of half precision."""
        f, frame = fmt.frac_bits, fmt.frame
        exp, frac = raw[fmt.width - 2 : f], raw[f - 1 : 0]
        no_exp, no_frac = exp.eq(0), frac.eq(0)
        special = exp.eq(exp.ones)
        if fmt is F16:
            special = special & ~env.ahp
            flushed = Bits(1, 0)
        else:
            flushed = no_exp & ~no_frac & env.flushes(fmt)
        self.raw = raw
        self.sign = raw[fmt.width - 1]
        self.zero = no_exp & (no_frac | flushed)
        self.inf = special & no_frac
        self.nan = special & ~no_frac
        self.snan = self.nan & ~raw[f - 1]
        self.flags = Bits(8, 0) if fmt is H16 else flag(IDC, flushed)
        whole = frac.zext(frame) | (~no_exp).zext(frame) << f
        whole = select(self.zero, 0, whole)
        shift = (whole | 1).clz()
        self.mantissa = whole << shift
        place = select(no_exp, 1, exp.zext(EXPONENT_WIDTH)) - fmt.bias + (frame - 1 - f)
        self.exponent = place - _to_exponent(shift)


def _to_exponent(count: Bits) -> Bits:
    """A shift count as an exponent."""
    if count.width < EXPONENT_WIDTH:
        return count.zext(EXPONENT_WIDTH)
    return count.trunc(EXPONENT_WIDTH)


def from_exponent(exponent: Bits, width: int) -> Bits:
    """A non-negative exponent difference as a shift count for a value of `width` bits."""
    return exponent.zext(width) if width >= exponent.width else exponent.trunc(width)


def jam(value: Bits, count: Bits) -> Bits:
    """Shift right by `count` >= 0 (an exponent difference); bits shifted out stick in bit 0."""
    most = value.width - 1
    limited = select(count.ult(most), count, Bits(count.width, most))
    amount = from_exponent(limited, value.width)
    shifted = value >> amount
    return shifted | (shifted << amount).ne(value).zext(value.width)


def process_nan(fmt: Format, operands: list[Number], env: Env) -> Result:
    """FPProcessNaNs: the first signalling, else the first quiet NaN, made quiet.

    Requires: one of the operands is a NaN (otherwise the value is meaningless).
    """
    chosen = operands[-1].raw
    for n in reversed(operands[:-1]):
        chosen = select(n.nan, n.raw, chosen)
    signalling = Bits(1, 0)
    for n in reversed(operands):
        chosen = select(n.snan, n.raw, chosen)
        signalling = signalling | n.snan
    quiet = chosen | 1 << (fmt.frac_bits - 1)
    return select(env.dn, fmt.default_nan, quiet), flag(IOC, signalling)


def round_up(env: Env, sign: Bits, odd: Bits, half: Bits, below: Bits) -> Bits:
    """1 where the magnitude is to be incremented.

    `odd` is its last bit, `half` the first discarded bit, `below` says whether any other is set.
    """
    if env.away:
        return half
    inexact = half | below
    nearest = half & (below | odd)
    away = select(env.rmode[0], ~sign, sign) & inexact  # PLUS is 1, MINUS is 2
    directed = select(env.rmode.eq(ZERO), 0, away)
    return select(env.rmode.eq(NEAREST), nearest, directed)


def round_pack(fmt: Format, sign: Bits, exponent: Bits, mantissa: Bits, env: Env) -> Result:
    """FPRound: the nearest number of `fmt` in the direction of the rounding mode, with flags.

    Requires: mantissa != 0; its width exceeds the precision by at least three bits.
    """
    width, f = mantissa.width, fmt.frac_bits
    shift = (mantissa | 1).clz()
    mantissa = mantissa << shift
    exponent = exponent - _to_exponent(shift)
    tiny = exponent.slt(fmt.emin)
    steps = select(tiny, -exponent + fmt.emin, Bits(EXPONENT_WIDTH, 0))
    mantissa = jam(mantissa, steps)

    low = width - f - 1  # discarded bits
    kept = mantissa >> low
    rest = mantissa[low - 1 : 0]
    inexact = rest.ne(0)
    up = round_up(env, sign, kept[0], rest[low - 1], rest[low - 2 : 0].ne(0))
    # a carry out of the fraction increments the exponent, as it must
    base = select(tiny, 0, exponent - fmt.emin)
    whole = max(fmt.width, 32)
    kept = kept.zext(whole) if width <= whole else kept.trunc(whole)
    packed = (base.zext(whole) << f) + kept + up.zext(whole)
    value = packed.trunc(fmt.width - 1)
    flags = flag(IXC, inexact) | flag(UFC, inexact & tiny)

    top = packed[fmt.width - 1 : f]
    infinite = (1 << fmt.exp_bits) - 1
    over = exponent.sgt(fmt.emax) | top.uge(infinite)
    to_infinity = env.rmode.eq(NEAREST) | env.rmode.eq(select(sign, Bits(2, MINUS), Bits(2, PLUS)))
    limit = select(to_infinity, fmt.infinity(sign), fmt.largest(sign))
    result = select(over, limit, fmt.signed(sign, value))
    flags = select(over, Bits(8, OFC | IXC), flags)
    if fmt is F16:  # the alternative format has one more binade and no infinities
        over = exponent.sgt(fmt.emax + 1) | packed[fmt.width - 1]
        exact = flag(IXC, inexact) | flag(UFC, inexact & tiny)
        alternative = select(over, fmt.signed(sign, (1 << 15) - 1), fmt.signed(sign, value))
        result = select(env.ahp, alternative, result)
        flags = select(env.ahp, select(over, Bits(8, IOC), exact), flags)
    else:
        flushed = tiny & env.flushes(fmt)
        result = select(flushed, fmt.zero(sign), result)
        flags = select(flushed, Bits(8, UFC), flags)
    return result, flags
