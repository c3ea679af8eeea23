"""Conversions between formats and between floating point, integers and fixed point.

Source: DDI 0406C A2.7 (FPSingleToDouble, FPDoubleToSingle, FPHalfToSingle, FPSingleToHalf,
FPToFixed, FixedToFP), DDI 0487 (FPRoundInt).
"""

from __future__ import annotations

from run32.spec.bits import Bits, cat, select
from run32.spec.softfloat.format import (
    EXPONENT_WIDTH,
    F16,
    IOC,
    IXC,
    NEAREST,
    ZERO,
    Env,
    Format,
    Number,
    Result,
    flag,
    jam,
    process_nan,
    round_pack,
    round_up,
)

_FRAME = 64  # holds any mantissa of F64 and 32 integer bits of F32


def convert(source: Format, target: Format, a: Bits, env: Env) -> Result:
    """A number of one format in another."""
    x = Number(source, a, env)
    mantissa = x.mantissa.zext(_FRAME) << (_FRAME - source.frame)
    value, flags = round_pack(target, x.sign, x.exponent, mantissa, env)
    value = select(x.zero, target.zero(x.sign), value)
    value = select(x.inf, target.infinity(x.sign), value)
    value = select(x.nan, select(env.dn, target.default_nan, _carry_nan(source, target, a)), value)
    flags = select(x.zero | x.inf, Bits(8, 0), flags)
    flags = select(x.nan, flag(IOC, x.snan), flags)
    if target is F16:  # the alternative format has neither infinities nor NaNs
        no_inf, no_nan = x.inf & env.ahp, x.nan & env.ahp
        value = select(no_inf, target.signed(x.sign, (1 << 15) - 1), value)
        value = select(no_nan, target.zero(x.sign), value)
        flags = select(no_inf | no_nan, Bits(8, IOC), flags)
    return value, flags | x.flags


def _carry_nan(source: Format, target: Format, a: Bits) -> Bits:
    """A NaN in another format: quiet, with the upper bits of the payload."""
    f, g = source.frac_bits, target.frac_bits
    head = cat(a[source.width - 1], Bits(target.exp_bits + 1, (2 << target.exp_bits) - 1))
    if g > f:
        return cat(head, a[f - 2 : 0], Bits(g - f, 0))
    return cat(head, a[f - 2 : f - g])


def widen(a: Bits, flush: Bits) -> Bits:
    """A half-precision number in single precision, exactly: NaNs stay signalling, nothing is noted.

    Where `flush` is 1, denormals are zeros.
    """
    size = a[14:0].zext(32)
    shift = (size | 1).clz()
    denormal = (-shift + 134 << 23) | (size << (shift - 8)) & 0x7FFFFF
    denormal = select(size.eq(0) | flush, 0, denormal)
    special = (size << 13) + (select(size.uge(0x7C00), Bits(32, 224), Bits(32, 112)) << 23)
    return cat(a[15], select(size.ult(0x400), denormal, special)[30:0])


def to_fixed(fmt: Format, bits: int, signed: bool, a: Bits, fraction: Bits, env: Env) -> Result:
    """A number times 2**fraction as an integer of `bits` bits, saturated.

    `fraction` (8 bits, 0 .. 32) counts the fraction bits.
    """
    x = Number(fmt, a, env)
    exponent = x.exponent + fraction.zext(EXPONENT_WIDTH)
    most = Bits(EXPONENT_WIDTH, 34)
    exponent = select(exponent.sgt(most), most, exponent)
    mantissa = x.mantissa.zext(_FRAME) << (_FRAME - fmt.frame)
    fixed = jam(mantissa, -exponent + (_FRAME - 3))  # two bits stay below the point
    whole = fixed >> 2
    inexact = fixed[1] | fixed[0]
    whole = whole + round_up(env, x.sign, whole[0], fixed[1], fixed[0]).zext(_FRAME)
    lowest = 1 << (bits - 1) if signed else 0
    highest = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
    over = x.inf | whole.ugt(select(x.sign, Bits(_FRAME, lowest), Bits(_FRAME, highest)))
    limit = select(x.sign, Bits(bits, lowest), Bits(bits, highest))
    low = whole.trunc(bits)
    value = select(over, limit, select(x.sign, -low, low))
    value = select(x.nan, 0, value)
    flags = select(over | x.nan, Bits(8, IOC), flag(IXC, inexact))
    return value, flags | x.flags


def from_fixed(fmt: Format, signed: bool, a: Bits, fraction: Bits, env: Env) -> Result:
    """An integer divided by 2**fraction."""
    sign = a[a.width - 1] if signed else Bits(1, 0)
    magnitude = select(sign, -a, a)
    mantissa = magnitude.zext(_FRAME) << (_FRAME - a.width)
    exponent = -fraction.zext(EXPONENT_WIDTH) + (a.width - 1)
    value, flags = round_pack(fmt, sign, exponent, mantissa, env)
    none = a.eq(0)
    return select(none, 0, value), select(none, Bits(8, 0), flags)


def to_int(fmt: Format, signed: bool, a: Bits, env: Env) -> Result:
    """A number as a 32-bit integer in the current rounding mode."""
    return to_fixed(fmt, 32, signed, a, Bits(8, 0), env)


def to_int_zero(fmt: Format, signed: bool, a: Bits, env: Env) -> Result:
    """A number as a 32-bit integer, rounded towards zero."""
    return to_fixed(fmt, 32, signed, a, Bits(8, 0), env.rounding(ZERO))


def to_int_mode(fmt: Format, bits: int, signed: bool, mode: int, a: Bits, env: Env) -> Result:
    """A number as an integer of `bits` bits, rounded as `mode` says."""
    return to_fixed(fmt, bits, signed, a, Bits(8, 0), env.rounding(mode))


def round_int(fmt: Format, mode: int | None, exact: bool, a: Bits, env: Env) -> Result:
    """A number rounded to an integer; None is the current mode. `exact` notes what was lost."""
    if mode is not None:
        env = env.rounding(mode)
    x = Number(fmt, a, env)
    top = fmt.frame - 1
    whole_already = x.exponent.sge(fmt.frac_bits)
    least = Bits(EXPONENT_WIDTH, -2)
    exponent = select(x.exponent.slt(least), least, x.exponent)
    exponent = select(whole_already, Bits(EXPONENT_WIDTH, fmt.frac_bits), exponent)
    fixed = jam(x.mantissa, -exponent + (top - 2))  # two bits stay below the point
    whole = fixed >> 2
    inexact = (fixed[1] | fixed[0]) & ~whole_already
    whole = whole + round_up(env, x.sign, whole[0], fixed[1], fixed[0]).zext(fmt.frame)
    packed, _ = round_pack(fmt, x.sign, Bits(EXPONENT_WIDTH, top), whole, env)
    value = select(whole.eq(0), fmt.zero(x.sign), packed)
    value = select(whole_already, a, value)
    value = select(x.zero, fmt.zero(x.sign), value)
    propagated, invalid = process_nan(fmt, [x], env)
    value = select(x.inf, a, select(x.nan, propagated, value))
    special = x.nan | x.inf | x.zero
    lost = flag(IXC, inexact & ~special) if exact else Bits(8, 0)
    return value, select(x.nan, invalid, lost) | x.flags


def to_fixed_zero(
    fmt: Format, bits: int, signed: bool, a: Bits, fraction: Bits, env: Env
) -> Result:
    """A number as a fixed-point number, rounded towards zero."""
    return to_fixed(fmt, bits, signed, a, fraction, env.rounding(ZERO))


def from_int(fmt: Format, signed: bool, a: Bits, env: Env) -> Result:
    """A 32-bit integer in the current rounding mode."""
    return from_fixed(fmt, signed, a, Bits(8, 0), env)


def from_fixed_nearest(fmt: Format, signed: bool, a: Bits, fraction: Bits, env: Env) -> Result:
    """A fixed-point number, rounded to nearest."""
    return from_fixed(fmt, signed, a, fraction, env.rounding(NEAREST))
