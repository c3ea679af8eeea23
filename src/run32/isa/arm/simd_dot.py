"""Sums of four products of bytes. Source: DDI 0487 F6.1 (VSDOT, VUDOT)."""

from __future__ import annotations

from run32.isa.arm.core import ARM, a32, t32
from run32.isa.arm.simd import SCALAR, THREE, Lanes, expand
from run32.spec.bits import cat
from run32.spec.rows import Encoding, Form
from run32.spec.vector import Vec


def _dot(text: str, form: Form) -> list[Encoding]:
    """One word in A32 and T32; lanes of 32 bits."""
    found = []
    for q in (0, 1):
        pattern, bind = expand("1111 " + text, q)
        if "vm" not in bind:
            bind["vm"] = lambda f: cat(f.vm, f.m)
        for encode, skip in ((a32, 1), (t32, 2)):
            found += encode(pattern, form, q=q, size=2, skip=skip, **bind)
    return found


@ARM.insn(
    _dot("1100 0 d:1 10 Vn Vd 1101 n:1 Q m:1 u:1 Vm", THREE),
    _dot("1110 0 d:1 10 Vn Vd 1101 n:1 Q m:1 u:1 vm:4", SCALAR),
    ref="DDI 0487 F6.1",
)
def vdot(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd += the sum of four products of bytes."""
    for byte in range(4):
        x, y = (v.shl(24 - 8 * byte).shr(24, t.signed) for v in (a, b))
        d = d + x * y
    return d
