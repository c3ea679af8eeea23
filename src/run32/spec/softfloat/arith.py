"""Addition, multiplication, division, square root, fused multiply-add and comparison.

Source: DDI 0406C A2.7 (FPAdd, FPSub, FPMul, FPDiv, FPSqrt, FPMulAdd, FPCompare), DDI 0487
(FPMaxNum, FPMinNum). Division and square root work bit by bit: no operation here needs a library
function on any host.
"""

from __future__ import annotations

from run32.spec.bits import Bits, select
from run32.spec.softfloat.format import (
    DZC,
    EXPONENT_WIDTH,
    IOC,
    MINUS,
    Env,
    Format,
    Number,
    Result,
    flag,
    jam,
    process_nan,
    round_pack,
)


def _finish(
    fmt: Format, env: Env, operands: list[Number], cases: list[tuple[Bits, Bits, int]], last: Result
) -> Result:
    """The result of an operation: NaN operands first, then the first case that holds, then `last`.

    A case is a condition, a value and flags.
    """
    value, flags = last
    nan = Bits(1, 0)
    for cond, case, mask in reversed(cases):
        value = select(cond, case, value)
        flags = select(cond, Bits(8, mask), flags)
    for n in operands:
        nan = nan | n.nan
    propagated, invalid = process_nan(fmt, operands, env)
    value = select(nan, propagated, value)
    flags = select(nan, invalid, flags)
    for n in operands:
        flags = flags | n.flags
    return value, flags


def _add(fmt: Format, a: Bits, b: Bits, env: Env, *, negate: bool) -> Result:
    x, y = Number(fmt, a, env), Number(fmt, b, env)
    sign = ~y.sign if negate else y.sign
    magnitude = (1 << (fmt.width - 1)) - 1
    swap = (b & magnitude).ugt(a & magnitude)
    big_sign = select(swap, sign, x.sign)
    big, small = (
        select(swap, y.mantissa, x.mantissa) >> 1,
        select(swap, x.mantissa, y.mantissa) >> 1,
    )
    exponent = select(swap, y.exponent, x.exponent)
    small = jam(small, exponent - select(swap, x.exponent, y.exponent))
    differ = x.sign ^ sign
    total = select(differ, big - small, big + small)
    rounded = round_pack(fmt, big_sign, exponent + 1, total, env)
    zero_sign = select(differ, env.rmode.eq(MINUS), big_sign)
    cases = [
        (x.inf & y.inf & differ, fmt.default_nan, IOC),
        (x.inf, fmt.infinity(x.sign), 0),
        (y.inf, fmt.infinity(sign), 0),
        (total.eq(0), fmt.zero(zero_sign), 0),
    ]
    return _finish(fmt, env, [x, y], cases, rounded)


def add(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """a + b."""
    return _add(fmt, a, b, env, negate=False)


def sub(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """a - b; a NaN `b` keeps its sign."""
    return _add(fmt, a, b, env, negate=True)


def _product(x: Number, y: Number) -> Bits:
    """The exact product of the mantissas, twice as wide."""
    width = x.mantissa.width
    return x.mantissa.zext(2 * width) * y.mantissa.zext(2 * width)


def mul(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """a * b."""
    x, y = Number(fmt, a, env), Number(fmt, b, env)
    sign = x.sign ^ y.sign
    wide = _product(x, y)
    mantissa = wide[2 * fmt.frame - 1 : fmt.frame] | wide[fmt.frame - 1 : 0].ne(0).zext(fmt.frame)
    rounded = round_pack(fmt, sign, x.exponent + y.exponent + 1, mantissa, env)
    cases = [
        (x.inf & y.zero | x.zero & y.inf, fmt.default_nan, IOC),
        (x.inf | y.inf, fmt.infinity(sign), 0),
        (x.zero | y.zero, fmt.zero(sign), 0),
    ]
    return _finish(fmt, env, [x, y], cases, rounded)


def div(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """a / b."""
    x, y = Number(fmt, a, env), Number(fmt, b, env)
    sign = x.sign ^ y.sign
    low = fmt.frame - 1 - fmt.frac_bits
    rest, divisor = x.mantissa >> low, y.mantissa >> low
    quotient = Bits(fmt.frame, 0)
    steps = fmt.frac_bits + 4
    for _ in range(steps):  # restoring division, one quotient bit a step
        fits = rest.uge(divisor)
        quotient = quotient << 1 | fits.zext(fmt.frame)
        rest = select(fits, rest - divisor, rest) << 1
    mantissa = quotient << (fmt.frame - steps) | rest.ne(0).zext(fmt.frame)
    rounded = round_pack(fmt, sign, x.exponent - y.exponent, mantissa, env)
    cases = [
        (x.inf & y.inf | x.zero & y.zero, fmt.default_nan, IOC),
        (x.inf, fmt.infinity(sign), 0),
        (y.zero, fmt.infinity(sign), DZC),
        (x.zero | y.inf, fmt.zero(sign), 0),
    ]
    return _finish(fmt, env, [x, y], cases, rounded)


def sqrt(fmt: Format, a: Bits, env: Env) -> Result:
    """The square root of a."""
    x = Number(fmt, a, env)
    width = fmt.frac_bits + 2  # the radicand: two bits before the point
    low = fmt.frame - 1 - fmt.frac_bits
    radicand = select(x.exponent[0], (x.mantissa >> low) << 1, x.mantissa >> low)
    root = rest = Bits(fmt.frame, 0)
    steps = fmt.frac_bits + 4
    for i in range(steps):  # two radicand bits in, one root bit out
        place = width - 2 - 2 * i
        pair = Bits(2, 0)
        if place >= 0:
            pair = radicand[place + 1 : place]
        elif place == -1:
            pair = radicand[0].zext(2) << 1
        rest = rest << 2 | pair.zext(fmt.frame)
        trial = root << 2 | 1
        fits = rest.uge(trial)
        rest = select(fits, rest - trial, rest)
        root = root << 1 | fits.zext(fmt.frame)
    mantissa = root << (fmt.frame - steps) | rest.ne(0).zext(fmt.frame)
    rounded = round_pack(fmt, Bits(1, 0), x.exponent.sar(1), mantissa, env)
    cases = [
        (x.zero, fmt.zero(x.sign), 0),
        (x.sign, fmt.default_nan, IOC),
        (x.inf, fmt.infinity(x.sign), 0),
    ]
    return _finish(fmt, env, [x], cases, rounded)


def fma(fmt: Format, addend: Bits, a: Bits, b: Bits, env: Env) -> Result:
    """addend + a * b, rounded once."""
    z, x, y = (Number(fmt, raw, env) for raw in (addend, a, b))
    sign = x.sign ^ y.sign
    none = x.zero | y.zero
    smallest = Bits(EXPONENT_WIDTH, -(1 << (EXPONENT_WIDTH - 3)))  # below every exponent that is
    product = _product(x, y)
    short = ~product[2 * fmt.frame - 1]
    product = select(short, product, product >> 1)  # exact: the lowest bits are zeros
    p_exp = select(none, smallest, x.exponent + y.exponent + (~short).zext(EXPONENT_WIDTH))
    wide_z = (z.mantissa.zext(2 * fmt.frame) << fmt.frame) >> 1
    z_exp = select(z.zero, smallest, z.exponent)
    swap = z_exp.sgt(p_exp) | z_exp.eq(p_exp) & wide_z.ugt(product)
    big, small = select(swap, wide_z, product), select(swap, product, wide_z)
    exponent = select(swap, z_exp, p_exp)
    small = jam(small, exponent - select(swap, p_exp, z_exp))
    differ = sign ^ z.sign
    total = select(differ, big - small, big + small)
    big_sign = select(swap, z.sign, sign)
    rounded = round_pack(fmt, big_sign, exponent + 1, total, env)
    p_inf = x.inf | y.inf
    invalid = x.inf & y.zero | x.zero & y.inf
    cases = [
        (invalid | z.inf & p_inf & differ, fmt.default_nan, IOC),
        (z.inf, fmt.infinity(z.sign), 0),
        (p_inf, fmt.infinity(sign), 0),
        (total.eq(0), fmt.zero(select(differ, env.rmode.eq(MINUS), z.sign)), 0),
    ]
    value, flags = _finish(fmt, env, [z, x, y], cases, rounded)
    # infinity times zero is invalid even where the addend is a quiet NaN
    special = z.nan & ~z.snan & invalid
    return select(special, fmt.default_nan, value), flags | flag(IOC, special)


def _compare(fmt: Format, a: Bits, b: Bits, env: Env, *, signalling: bool) -> Result:
    x, y = Number(fmt, a, env), Number(fmt, b, env)
    unordered = x.nan | y.nan
    magnitude = (1 << (fmt.width - 1)) - 1
    both_zero = x.zero & y.zero
    equal = both_zero | a.eq(b)
    first, second = select(x.zero, 0, a & magnitude), select(y.zero, 0, b & magnitude)
    smaller = select(x.sign, first.ugt(second), first.ult(second))
    less = select(x.sign ^ y.sign, x.sign, smaller) & ~equal
    nzcv = select(less, Bits(4, 8), select(equal, Bits(4, 6), Bits(4, 2)))
    nzcv = select(unordered, Bits(4, 3), nzcv)
    invalid = unordered if signalling else x.snan | y.snan
    return nzcv, flag(IOC, invalid) | x.flags | y.flags


def cmp(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """NZCV of a comparison; only signalling NaNs are invalid."""
    return _compare(fmt, a, b, env, signalling=False)


def cmpe(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """NZCV of a comparison; every NaN is invalid."""
    return _compare(fmt, a, b, env, signalling=True)


def _smaller(fmt: Format, x: Number, y: Number) -> Bits:
    """1 where x < y, neither being a NaN; -0 is below +0."""
    magnitude = (1 << (fmt.width - 1)) - 1
    first, second = (select(n.zero, 0, n.raw & magnitude) for n in (x, y))
    same_sign = select(x.sign, first.ugt(second), first.ult(second))
    return select(x.sign ^ y.sign, x.sign, same_sign)


def _extreme(fmt: Format, a: Bits, b: Bits, env: Env, *, largest: bool) -> Result:
    """The larger or the smaller number; a quiet NaN gives way to a number."""
    x, y = Number(fmt, a, env), Number(fmt, b, env)
    quiet_x, quiet_y = x.nan & ~x.snan, y.nan & ~y.snan
    first = _smaller(fmt, y, x) if largest else _smaller(fmt, x, y)
    first = first & ~quiet_x | quiet_y
    value = select(first, a, b)
    chosen_zero = select(first, x.zero, y.zero)
    value = select(chosen_zero, fmt.zero(select(first, x.sign, y.sign)), value)
    propagated, invalid = process_nan(fmt, [x, y], env)
    nan = x.snan | y.snan | quiet_x & quiet_y
    return select(nan, propagated, value), invalid | x.flags | y.flags


def maxnm(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """The larger of a and b."""
    return _extreme(fmt, a, b, env, largest=True)


def minnm(fmt: Format, a: Bits, b: Bits, env: Env) -> Result:
    """The smaller of a and b."""
    return _extreme(fmt, a, b, env, largest=False)
