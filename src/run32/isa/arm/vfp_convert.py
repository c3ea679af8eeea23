"""VFP conversions. Source: DDI 0406C A8.8.306-311.

Integers and half-precision numbers live in single-precision registers; fixed-point numbers in the
register that holds the floating-point one.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM
from run32.isa.arm.vfp import both_sets, both_sizes, double, get, put, single, unary
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Operands, direct

TO_DOUBLE = direct("to_double", regs="vd vm")
TO_SINGLE = direct("to_single", regs="vd vm")
TO_INT = direct("float_to_int", static="w signed zero", regs="vd vm")
FROM_INT = direct("int_to_float", static="w signed", regs="vd vm")
TO_FIXED = direct("float_to_fixed", static="w unsigned size", regs="vd bits")
FROM_FIXED = direct("fixed_to_float", static="w unsigned size", regs="vd bits")
TO_HALF = direct("float_to_half", static="w top", regs="vd vm")
FROM_HALF = direct("half_to_float", static="w top", regs="vd vm")


@ARM.insn(
    both_sets(
        "1110 1 d:1 11 0111 vd:4 1010 11 m:1 0 vm:4", TO_DOUBLE, vd=double("vd"), vm=single("vm")
    ),
    ref="DDI 0406C A8.8.309",
)
def vcvt_f64_f32(m: Any, o: Operands) -> None:
    """dd = sm."""
    m.set_dreg(o.vd, m.fp("to_f64", 32, m.sreg(o.vm)))


@ARM.insn(
    both_sets(
        "1110 1 d:1 11 0111 vd:4 1011 11 m:1 0 vm:4", TO_SINGLE, vd=single("vd"), vm=double("vm")
    ),
    ref="DDI 0406C A8.8.309",
)
def vcvt_f32_f64(m: Any, o: Operands) -> None:
    """sd = dm."""
    m.set_sreg(o.vd, m.fp("to_f32", 64, m.dreg(o.vm)))


# -- integers -------------------------------------------------------------------------------------
def _letter(signed: int) -> str:
    return "s" if signed else "u"


def _to_int(signed: int, zero: int) -> list[Encoding]:
    return unary(f"110{signed}{zero}1", TO_INT, signed=signed, zero=zero, vd=single("vd"))


@ARM.insn(_to_int(0, 0), _to_int(1, 0), _to_int(0, 1), _to_int(1, 1), ref="DDI 0406C A8.8.306")
def vcvt_to_int(m: Any, o: Operands) -> None:
    """sd = vm as an integer, rounded towards zero (vcvt) or in the current mode (vcvtr)."""
    name = f"to_{_letter(o.signed)}32" + ("_z" if o.zero else "")
    m.set_sreg(o.vd, m.fp(name, o.w, get(m, o.w, o.vm)))


@ARM.insn(
    unary("100001", FROM_INT, signed=0, vm=single("vm")),
    unary("100011", FROM_INT, signed=1, vm=single("vm")),
    ref="DDI 0406C A8.8.306",
)
def vcvt_from_int(m: Any, o: Operands) -> None:
    """vd = the integer in sm."""
    put(m, o.w, o.vd, m.fp(f"from_{_letter(o.signed)}32", o.w, m.sreg(o.vm)))


# -- fixed point ----------------------------------------------------------------------------------
def _fixed(op: int) -> list[Encoding]:
    found = []
    for size, sx in ((16, 0), (32, 1)):

        def bits(f: Fields, size: int = size) -> Bits:
            return Bits(8, size) - cat(f.imm4, f.i).zext(8)

        text = f"1110 1 d:1 11 1 {op} 1 unsigned:1 vd:4 101 {{z}} {sx} 1 i:1 0 imm4:4"
        form = TO_FIXED if op else FROM_FIXED
        found += both_sizes(text, form, half=True, size=size, bits=bits)
    return found


@ARM.insn(_fixed(1), ref="DDI 0406C A8.8.308")
def vcvt_to_fixed(m: Any, o: Operands) -> None:
    """vd = vd * 2**bits as an integer, rounded towards zero and extended to the register."""
    name = f"to_fixed_{_letter(not o.unsigned)}{o.size}"
    value = m.fp(name, o.w, get(m, o.w, o.vd), o.bits)
    width = max(o.w, 32)
    put(m, width, o.vd, value.zext(width) if o.unsigned else value.sext(width))


@ARM.insn(_fixed(0), ref="DDI 0406C A8.8.308")
def vcvt_from_fixed(m: Any, o: Operands) -> None:
    """vd = the integer in vd / 2**bits, rounded to nearest."""
    name = f"from_fixed_{_letter(not o.unsigned)}{o.size}"
    put(m, o.w, o.vd, m.fp(name, o.w, get(m, max(o.w, 32), o.vd).trunc(o.size), o.bits))


# -- half precision -------------------------------------------------------------------------------
def _half(op: int) -> list[Encoding]:
    text = f"1110 1 d:1 11 001{op} vd:4 101 {{z}} top:1 1 m:1 0 vm:4"
    if op:
        return both_sizes(text, TO_HALF, vd=single("vd"))
    return both_sizes(text, FROM_HALF, vm=single("vm"))


@ARM.insn(_half(0), ref="DDI 0406C A8.8.311; double precision: DDI 0487 F6.1.71")
def vcvt_from_f16(m: Any, o: Operands) -> None:
    """vd = the half-precision number in the bottom (vcvtb) or top (vcvtt) half of sm."""
    half = m.sreg(o.vm)[31:16] if o.top else m.sreg(o.vm)[15:0]
    put(m, o.w, o.vd, m.fp("from_f16", o.w, half))


@ARM.insn(_half(1), ref="DDI 0406C A8.8.311; double precision: DDI 0487 F6.1.71")
def vcvt_to_f16(m: Any, o: Operands) -> None:
    """The bottom or top half of sd = vm in half precision; the other half stays."""
    half = m.fp("to_f16", o.w, get(m, o.w, o.vm))
    old = m.sreg(o.vd)
    m.set_sreg(o.vd, cat(half, old[15:0]) if o.top else cat(old[31:16], half))
