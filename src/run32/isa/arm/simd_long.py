"""Advanced SIMD operations whose operands and results differ in length.

Source: DDI 0406C A7.4.2 (three registers), A7.4.3 (scalars), A7.4.5 (two registers).
"""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import (
    HIGH,
    LENGTHEN,
    LONG,
    NARROW,
    WIDE,
    Lanes,
    by_scalar,
    different,
    simd,
)
from run32.isa.arm.simd_arith import difference, polynomial
from run32.isa.arm.simd_shift import clamp
from run32.spec.rows import Encoding
from run32.spec.vector import Vec


def _long(u: str, opc: str, sizes: str = "012") -> list[Encoding]:
    return different(u, opc, "QDD", LONG, sizes)


def _wide(u: str, opc: str) -> list[Encoding]:
    return different(u, opc, "QQD", WIDE)


def _high(u: str, opc: str) -> list[Encoding]:
    return different(u, opc, "DQQ", HIGH)


# -- sums and differences -------------------------------------------------------------------------
@ARM.insn(_long("u:1", "0000"), ref="DDI 0406C A8.8.285")
def vaddl(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn + vm, both extended."""
    return a.ext(t.signed) + b.ext(t.signed)


@ARM.insn(_wide("u:1", "0001"), ref="DDI 0406C A8.8.285")
def vaddw(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn + extended vm."""
    return a + b.ext(t.signed)


@ARM.insn(_long("u:1", "0010"), ref="DDI 0406C A8.8.417")
def vsubl(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn - vm, both extended."""
    return a.ext(t.signed) - b.ext(t.signed)


@ARM.insn(_wide("u:1", "0011"), ref="DDI 0406C A8.8.417")
def vsubw(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn - extended vm."""
    return a - b.ext(t.signed)


def _upper(t: Lanes, total: Vec, *, rounds: bool) -> Vec:
    if rounds:
        total = total + (1 << t.lane - 1)
    return total.shr(t.lane, 0).trunc()


@ARM.insn(_high("0", "0100"), ref="DDI 0406C A8.8.284")
def vaddhn(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the upper halves of vn + vm."""
    return _upper(t, a + b, rounds=False)


@ARM.insn(_high("1", "0100"), ref="DDI 0406C A8.8.383")
def vraddhn(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the upper halves of vn + vm, rounded."""
    return _upper(t, a + b, rounds=True)


@ARM.insn(_high("0", "0110"), ref="DDI 0406C A8.8.416")
def vsubhn(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the upper halves of vn - vm."""
    return _upper(t, a - b, rounds=False)


@ARM.insn(_high("1", "0110"), ref="DDI 0406C A8.8.394")
def vrsubhn(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the upper halves of vn - vm, rounded."""
    return _upper(t, a - b, rounds=True)


@ARM.insn(_long("u:1", "0111"), ref="DDI 0406C A8.8.278")
def vabdl(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = |vn - vm|."""
    return difference(t, a, b).ext(0)


@ARM.insn(_long("u:1", "0101"), ref="DDI 0406C A8.8.277")
def vabal(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd += |vn - vm|."""
    return d + difference(t, a, b).ext(0)


# -- products -------------------------------------------------------------------------------------
@ARM.insn(_long("u:1", "1100"), by_scalar("1010", "u:1"), ref="DDI 0406C A8.8.350, A8.8.352")
def vmull(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn * vm."""
    return a.ext(t.signed) * b.ext(t.signed)


@ARM.insn(_long("u:1", "1000"), by_scalar("0010", "u:1"), ref="DDI 0406C A8.8.336, A8.8.338")
def vmlal(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd += vn * vm."""
    return d + a.ext(t.signed) * b.ext(t.signed)


@ARM.insn(_long("u:1", "1010"), by_scalar("0110", "u:1"), ref="DDI 0406C A8.8.336, A8.8.338")
def vmlsl(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd -= vn * vm."""
    return d - a.ext(t.signed) * b.ext(t.signed)


@ARM.insn(_long("0", "1110", "0"), ref="DDI 0406C A8.8.350")
def vmull_p(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn * vm as polynomials."""
    return polynomial(a, b)


def _doubled(t: Lanes, a: Vec, b: Vec) -> Vec:
    product = a.ext(1) * b.ext(1)
    return t.saturated(product.add_sat(product, 1), product + product)


@ARM.insn(_long("0", "1101", "12"), by_scalar("1011", "0"), ref="DDI 0406C A8.8.373")
def vqdmull(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = 2 * vn * vm, saturated."""
    return _doubled(t, a, b)


@ARM.insn(_long("0", "1001", "12"), by_scalar("0011", "0"), ref="DDI 0406C A8.8.371")
def vqdmlal(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd += 2 * vn * vm, both steps saturated."""
    product = _doubled(t, a, b)
    return t.saturated(d.add_sat(product, 1), d + product)


@ARM.insn(_long("0", "1011", "12"), by_scalar("0111", "0"), ref="DDI 0406C A8.8.371")
def vqdmlsl(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd -= 2 * vn * vm, both steps saturated."""
    product = _doubled(t, a, b)
    return t.saturated(d.sub_sat(product, 1), d - product)


# -- moves ----------------------------------------------------------------------------------------
def _moves(op: str) -> list[Encoding]:
    return simd(f"1 1 d:1 11 size:2 10 Dd 0010 {op} m:1 0 Qm", NARROW, sizes="012", u=0)


@ARM.insn(_moves("00"), ref="DDI 0406C A8.8.347")
def vmovn(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the lower halves of vm."""
    return a.trunc()


@ARM.insn(_moves("01"), ref="DDI 0406C A8.8.374")
def vqmovun(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = signed vm, saturated to unsigned numbers of half the width."""
    return clamp(t, a, t.lane, from_signed=True, to_signed=False)


@ARM.insn(_moves("10"), ref="DDI 0406C A8.8.374")
def vqmovn_s(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm, saturated to signed numbers of half the width."""
    return clamp(t, a, t.lane, from_signed=True, to_signed=True)


@ARM.insn(_moves("11"), ref="DDI 0406C A8.8.374")
def vqmovn_u(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm, saturated to unsigned numbers of half the width."""
    return clamp(t, a, t.lane, from_signed=False, to_signed=False)


@ARM.insn(
    simd("1 1 d:1 11 size:2 10 Qd 0011 00 m:1 0 Dm", LENGTHEN, sizes="012", u=0),
    ref="DDI 0406C A8.8.397",
)
def vshll_whole(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = extended vm << its width."""
    return a.ext(0).shl(t.lane)
