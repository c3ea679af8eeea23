"""VFP data processing: registers, encodings and forms that the rows share. Source: DDI 0406C A7.5.

Single-precision registers are numbered Vd:D, double-precision ones D:Vd; the 32 double registers
are VFPv4-D32's. A32 and T32 share the bits below the condition; T32 has 1110 there. A semantic
function computes with `u`, the arithmetic of one precision under the guest's FPSCR. Half-precision
numbers (ARMv8.2) are in single-precision registers, whose upper half becomes zero; bits 9:8 are 01.
There are no short vectors: FPSCR.Len and Stride read as zero and ignore writes, as on ARMv8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from run32.isa.arm.core import a32, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Form, Operands, Semantic, form
from run32.spec.softfloat.convert import widen


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
    """A register of any precision."""
    value: Bits = m.dreg(number) if width == 64 else m.sreg(number).trunc(width)
    return value


def put(m: Any, width: int, number: Bits, value: Bits) -> None:
    """Write a register of any precision."""
    if width == 64:
        m.set_dreg(number, value)
    else:
        m.set_sreg(number, value.zext(32))


def comparable(m: Any, width: int, value: Bits) -> tuple[Arithmetic, Bits]:
    """An arithmetic that compares, and the number in it: half precision is compared as single."""
    if width == 16:
        return Arithmetic(m, 32), widen(value, m.get("fpscr")[19])
    return Arithmetic(m, width), value


# -- encodings ------------------------------------------------------------------------------------
def single(low: str, high: str = "") -> Callable[[Fields], Bits]:
    """Binding: a single-precision register, as field `vd` and the bit `d` that extends it."""
    return lambda f: cat(getattr(f, low), getattr(f, high or low[1]))


def double(low: str, high: str = "") -> Callable[[Fields], Bits]:
    """Binding: a double-precision register."""
    return lambda f: cat(getattr(f, high or low[1]), getattr(f, low))


def register(low: str, width: int) -> Callable[[Fields], Bits]:
    """Binding: a register of the given precision."""
    return double(low) if width == 64 else single(low)


def both_sets(text: str, form_: Form, **bind: Any) -> list[Encoding]:
    """A32 and T32 encodings; `text` lacks the four condition bits."""
    return a32("cond:4 " + text, form_, **bind) + t32("1110 " + text, form_, **bind)


def all_sizes(text: str, *, half: bool) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Single and double precision and, with `half`, half precision: pattern, width, registers."""
    for width, coprocessor in ((32, "101 0"), (64, "101 1"), (16, "100 1"))[: 2 + half]:
        regs = {n: register(n, width) for n in ("vd", "vn", "vm") if n + ":" in text}
        yield text.replace("101 {z}", coprocessor), width, regs


def both_sizes(text: str, form_: Form, *, half: bool = False, **bind: Any) -> list[Encoding]:
    """Single and double precision; `{z}` is the size bit, fields vd, vn and vm are registers."""
    found = []
    for filled, width, regs in all_sizes(text, half=half):
        found += both_sets(filled, form_, w=width, **{**regs, **bind})
    return found


def triadic(opc: str, op: int) -> list[Encoding]:
    """vd, vn, vm: `opc` is bits 23 and 21:20, `op` bit 6."""
    text = f"1110 {opc[0]} d:1 {opc[1:]} vn:4 vd:4 101 {{z}} n:1 {op} m:1 0 vm:4"
    return both_sizes(text, vfp3, half=True)


def unary(opc: str, form_: Form | None = None, *, half: bool = True, **bind: Any) -> list[Encoding]:
    """vd, vm: `opc` is bits 19:16 and 7:6."""
    text = f"1110 1 d:1 11 {opc[:4]} vd:4 101 {{z}} {opc[4:]} m:1 0 vm:4"
    return both_sizes(text, form_ or vfp2, half=half, **bind)


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
    (u, a), (_, b) = (comparable(m, o.w, get(m, o.w, n)) for n in (o.vd, o.vm))
    m.put_compared(sem(u, a, b))


@form(static="w", regs="vd")
def vfp_compare_zero(m: Any, o: Operands, sem: Semantic) -> None:
    u, a = comparable(m, o.w, get(m, o.w, o.vd))
    m.put_compared(sem(u, a, Bits(a.width, 0)))
