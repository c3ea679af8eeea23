"""Multiplication and division rows. Source: SDM 2A, DIV, IDIV, IMUL; SDM 2B, MUL."""

from __future__ import annotations

from run32.isa.x86.core import X86, After
from run32.spec.bits import Bits, cat
from run32.spec.machine import EXIT_DIVIDE
from run32.spec.x86 import Enc
from run32.spec.x86_operands import AL, AX, Eb, Ev, Gv, Iz, X86Machine, rAX, rDX, sIb


def overflowing(value: Bits, overflow: Bits) -> After:
    """A product; C and O say that it does not fit."""

    def flags(m: X86Machine) -> None:
        m.put("c", overflow)
        m.put("v", overflow)

    return After(value, flags)


def unsigned_product(x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """(product of twice the width, does it need more than half)."""
    wide = x.zext(2 * x.width) * y.zext(2 * x.width)
    return wide, wide[2 * x.width - 1 : x.width].ne(0)


def signed_product(x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """The same for signed numbers."""
    wide = x.sext(2 * x.width) * y.sext(2 * x.width)
    return wide, wide.ne(wide.trunc(x.width).sext(2 * x.width))


@X86.insn(Enc("F6 /4", AX, AL, Eb), access="wrr", ref="SDM 2B, MUL", undefined="SZAP")
def mul_byte(acc: Bits, src: Bits) -> After:
    """AX = AL * src, unsigned."""
    return overflowing(*unsigned_product(acc, src))


@X86.insn(Enc("F6 /5", AX, AL, Eb), access="wrr", ref="SDM 2A, IMUL", undefined="SZAP")
def imul_byte(acc: Bits, src: Bits) -> After:
    """AX = AL * src, signed."""
    return overflowing(*signed_product(acc, src))


@X86.insn(Enc("F7 /4", rDX, rAX, Ev), access="wxr", ref="SDM 2B, MUL", undefined="SZAP")
def mul(acc: Bits, src: Bits) -> tuple[Bits, After]:
    """EDX:EAX = EAX * src, unsigned."""
    wide, overflow = unsigned_product(acc, src)
    return wide[2 * acc.width - 1 : acc.width], overflowing(wide.trunc(acc.width), overflow)


@X86.insn(Enc("F7 /5", rDX, rAX, Ev), access="wxr", ref="SDM 2A, IMUL", undefined="SZAP")
def imul(acc: Bits, src: Bits) -> tuple[Bits, After]:
    """EDX:EAX = EAX * src, signed."""
    wide, overflow = signed_product(acc, src)
    return wide[2 * acc.width - 1 : acc.width], overflowing(wide.trunc(acc.width), overflow)


def truncated(x: Bits, y: Bits) -> After:
    """The low half of a signed product."""
    wide, overflow = signed_product(x, y)
    return overflowing(wide.trunc(x.width), overflow)


@X86.insn(Enc("0F AF /r", Gv, Ev), ref="SDM 2A, IMUL", undefined="SZAP")
def imul_register(dst: Bits, src: Bits) -> After:
    """dst = dst * src, signed."""
    return truncated(dst, src)


@X86.insn(
    Enc("69 /r", Gv, Ev, Iz),
    Enc("6B /r", Gv, Ev, sIb),
    access="wrr",
    ref="SDM 2A, IMUL",
    undefined="SZAP",
)
def imul_immediate(x: Bits, y: Bits) -> After:
    """dst = x * y, signed."""
    return truncated(x, y)


# -- division -------------------------------------------------------------------------------------
def unsigned_division(m: X86Machine, high: Bits, low: Bits, src: Bits) -> tuple[Bits, Bits]:
    """(quotient, remainder) of high:low; a divide error where the quotient does not fit."""
    m.leave_if(src.ule(high), EXIT_DIVIDE)
    n, d = cat(high, low), src.zext(2 * src.width)
    q = n.udiv(d)
    return q.trunc(src.width), (n - q * d).trunc(src.width)


def signed_division(m: X86Machine, high: Bits, low: Bits, src: Bits) -> tuple[Bits, Bits]:
    """The same for signed numbers; the remainder has the sign of the dividend."""
    n, d = cat(high, low), src.sext(2 * src.width)
    lowest = n.eq(1 << (n.width - 1)) & d.eq(-1)
    m.leave_if(src.eq(0) | lowest, EXIT_DIVIDE)
    q = n.sdiv(d)
    m.leave_if(q.ne(q.trunc(src.width).sext(n.width)), EXIT_DIVIDE)
    return q.trunc(src.width), (n - q * d).trunc(src.width)


@X86.insn(Enc("F6 /6", AX, Eb), machine=True, undefined="OSZAPC", ref="SDM 2A, DIV")
def div_byte(m: X86Machine, n: Bits, src: Bits) -> Bits:
    """AL, AH = AX / src, AX % src, unsigned."""
    q, r = unsigned_division(m, n[15:8], n[7:0], src)
    return cat(r, q)


@X86.insn(Enc("F6 /7", AX, Eb), machine=True, undefined="OSZAPC", ref="SDM 2A, IDIV")
def idiv_byte(m: X86Machine, n: Bits, src: Bits) -> Bits:
    """AL, AH = AX / src, AX % src, signed."""
    q, r = signed_division(m, n[15:8], n[7:0], src)
    return cat(r, q)


@X86.insn(
    Enc("F7 /6", rAX, rDX, Ev), access="xxr", machine=True, undefined="OSZAPC", ref="SDM 2A, DIV"
)
def div(m: X86Machine, low: Bits, high: Bits, src: Bits) -> tuple[Bits, Bits]:
    """EAX, EDX = EDX:EAX / src, EDX:EAX % src, unsigned."""
    return unsigned_division(m, high, low, src)


@X86.insn(
    Enc("F7 /7", rAX, rDX, Ev), access="xxr", machine=True, undefined="OSZAPC", ref="SDM 2A, IDIV"
)
def idiv(m: X86Machine, low: Bits, high: Bits, src: Bits) -> tuple[Bits, Bits]:
    """EAX, EDX = EDX:EAX / src, EDX:EAX % src, signed."""
    return signed_division(m, high, low, src)
