"""VFP data processing: registers, encodings and forms that the rows share. Source: DDI 0406C A7.5.

Single-precision registers are numbered Vd:D, double-precision ones D:Vd; the 32 double registers
are VFPv4-D32's. A32 and T32 share the bits below the condition; T32 has 1110 there. A semantic
function computes with `u`, the arithmetic of one precision under the guest's FPSCR.
Gap: short vectors. FPSCR.Len and Stride read as zero and ignore writes, as on cores without them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from run32.isa.arm.core import a32, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Form, Operands, Semantic, form


class Arithmetic:
    """Operations of `spec.softfloat` on one precision."""

    def __init__(self, m: Any, width: int) -> None:
        self.m = m
        self.width = width

    def __call__(self, operation: str, *operands: Bits) -> Bits:
        value: Bits = self.m.fp(operation, self.width, *operands)
        return value

    def neg(self, x: Bits) -> Bits:
        """FPNeg."""
        return x ^ (1 << (self.width - 1))


def get(m: Any, width: int, number: Bits) -> Bits:
    """A register of either precision."""
    value: Bits = m.sreg(number) if width == 32 else m.dreg(number)
    return value


def put(m: Any, width: int, number: Bits, value: Bits) -> None:
    """Write a register of either precision."""
    if width == 32:
        m.set_sreg(number, value)
    else:
        m.set_dreg(number, value)


# -- encodings ------------------------------------------------------------------------------------
def single(low: str, high: str = "") -> Callable[[Fields], Bits]:
    """Binding: a single-precision register, as field `vd` and the bit `d` that extends it."""
    return lambda f: cat(getattr(f, low), getattr(f, high or low[1]))


def double(low: str, high: str = "") -> Callable[[Fields], Bits]:
    """Binding: a double-precision register."""
    return lambda f: cat(getattr(f, high or low[1]), getattr(f, low))


def register(low: str, width: int) -> Callable[[Fields], Bits]:
    """Binding: a register of the given precision."""
    return single(low) if width == 32 else double(low)


def both_sets(text: str, form_: Form, **bind: Any) -> list[Encoding]:
    """A32 and T32 encodings; `text` lacks the four condition bits."""
    return a32("cond:4 " + text, form_, **bind) + t32("1110 " + text, form_, **bind)


def both_sizes(text: str, form_: Form, **bind: Any) -> list[Encoding]:
    """Single and double precision; `{z}` is the size bit, fields vd, vn and vm are registers."""
    found = []
    for z, width in ((0, 32), (1, 64)):
        regs = {n: register(n, width) for n in ("vd", "vn", "vm") if n + ":" in text}
        filled = text.replace("{z}", str(z))
        found += both_sets(filled, form_, w=width, **{**regs, **bind})
    return found


def triadic(opc: str, op: int) -> list[Encoding]:
    """vd, vn, vm: `opc` is bits 23 and 21:20, `op` bit 6."""
    text = f"1110 {opc[0]} d:1 {opc[1:]} vn:4 vd:4 101 {{z}} n:1 {op} m:1 0 vm:4"
    return both_sizes(text, vfp3)


def unary(opc: str, form_: Form | None = None, **bind: Any) -> list[Encoding]:
    """vd, vm: `opc` is bits 19:16 and 7:6."""
    text = f"1110 1 d:1 11 {opc[:4]} vd:4 101 {{z}} {opc[4:]} m:1 0 vm:4"
    return both_sizes(text, form_ or vfp2, **bind)


# -- forms ----------------------------------------------------------------------------------------
@form(static="w", regs="vd vn vm")
def vfp3(m: Any, o: Operands, sem: Semantic) -> None:
    regs = (get(m, o.w, n) for n in (o.vd, o.vn, o.vm))
    put(m, o.w, o.vd, sem(Arithmetic(m, o.w), *regs))


@form(static="w", regs="vd vm")
def vfp2(m: Any, o: Operands, sem: Semantic) -> None:
    put(m, o.w, o.vd, sem(Arithmetic(m, o.w), get(m, o.w, o.vm)))


@form(static="w", regs="vd vm")
def vfp_compare(m: Any, o: Operands, sem: Semantic) -> None:
    m.put_compared(sem(Arithmetic(m, o.w), get(m, o.w, o.vd), get(m, o.w, o.vm)))


@form(static="w", regs="vd")
def vfp_compare_zero(m: Any, o: Operands, sem: Semantic) -> None:
    m.put_compared(sem(Arithmetic(m, o.w), get(m, o.w, o.vd), Bits(o.w, 0)))
