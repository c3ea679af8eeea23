"""Products of half-precision numbers added to single-precision ones, rounded once (VFMAL, VFMSL).

Source: DDI 0487 F6.1. A product of halves is exact in single precision, so that these are fused
multiplications of widened operands. The operands of doubleword forms are single registers.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t32
from run32.isa.arm.simd import Lanes, element, expand, read, write
from run32.isa.arm.simd_number import widen
from run32.isa.arm.vfp import double, single
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Form, Operands, direct
from run32.spec.vector import Vec, splat

LONG = direct("simd_fma_long", static="q negative size", regs="vd vn vm", small="skip")
SCALAR = direct("simd_fma_long_scalar", static="q negative size", regs="vd vn vm", small="skip")


def _encodings(text: str, form: Form, **bind: Any) -> list[Encoding]:
    """One word in A32 and T32."""
    found = []
    for q in (0, 1):
        pattern, registers = expand("1111 " + text, q)
        number = double if q else single
        for name in ("vn", "vm"):
            registers.setdefault(name, number(name))
        for encode, skip in ((a32, 1), (t32, 2)):
            found += encode(pattern, form, q=q, size=1, skip=skip, **{**registers, **bind})
    return found


def _element(f: Fields) -> Bits:
    """Binding: an element of 16 bits of the first eight registers of either kind."""
    return cat(f.vm[2:0], f.m, f.vm[3])


def _halves(m: Any, q: int, number: Bits) -> Vec:
    """The operand: as many halves as the destination has lanes."""
    return Vec(m.dreg(number) if q else m.sreg(number), 16)


def _add(m: Any, o: Operands, b: Vec) -> None:
    t = Lanes(m, 32, 0, o.q)
    a = _halves(m, o.q, o.vn)
    if o.negative:
        a = a ^ 0x8000
    d = read(m, o.q, o.vd, 32)
    write(m, o.q, o.vd, m.fp_lanes("v_fma", d, widen(t, a), widen(t, b)))


@ARM.insn(
    _encodings("1100 negative:1 d:1 10 vn:4 Vd 1000 n:1 Q m:1 1 vm:4", LONG), ref="DDI 0487 F6.1"
)
def vfmal(m: Any, o: Operands) -> None:
    """vd += vn * vm, or minus."""
    _add(m, o, _halves(m, o.q, o.vm))


@ARM.insn(
    _encodings("1110 0 d:1 0 negative:1 vn:4 Vd 1000 n:1 Q m:1 1 vm:4", SCALAR, vm=_element),
    ref="DDI 0487 F6.1",
)
def vfmal_scalar(m: Any, o: Operands) -> None:
    """vd += vn * an element, or minus."""
    _add(m, o, splat(element(m, o.vm, 16), 4 if o.q else 2))
