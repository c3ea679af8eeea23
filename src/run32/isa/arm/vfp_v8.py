"""ARMv8's additions to VFP: selection, maximum of numbers, rounding, moves of halves.

Source: DDI 0487 F6.1.

Those with 1111 in place of a condition name their rounding mode (to nearest with ties away, to
nearest, up, down); VRINTR and VRINTX round as FPSCR says.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, condition, t32
from run32.isa.arm.vfp import Arithmetic, all_sizes, both_sets, get, put, single, unary, vfp2, vfp3
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Form, Operands, direct
from run32.spec.softfloat import MODES

SELECT = direct("vfp_select", static="w cc", regs="vd vn vm")
ROUND = direct("vfp_round", static="w mode", regs="vd vm")
TO_INT = direct("vfp_round_to_int", static="w mode signed", regs="vd vm")

HALVES = direct("vfp_halves", regs="vd vm")
FROM_CORE = direct("core_to_half", regs="vn rt")
TO_CORE = direct("half_to_core", regs="rt vn", writes="rt")

LETTERS = tuple(MODES)  # in the order of field RM
_CONDITIONS = (0, 6, 10, 12)  # EQ, VS, GE, GT


def _always(text: str, form: Form, **bind: Any) -> list[Encoding]:
    """All precisions, unconditional: one word in A32 and T32."""
    found = []
    for filled, width, regs in all_sizes(text, half=True):
        for encode in (a32, t32):
            found += encode("1111 " + filled, form, w=width, **{**regs, **bind})
    return found


@ARM.insn(
    *(
        _always(f"1110 0 d:1 {i:02b} vn:4 vd:4 101 {{z}} n:1 0 m:1 0 vm:4", SELECT, cc=cc)
        for i, cc in enumerate(_CONDITIONS)
    ),
    ref="DDI 0487 F6.1",
)
def vsel(m: Any, o: Operands) -> None:
    """vd = vn if the condition holds, else vm."""
    n, z = get(m, o.w, o.vn), get(m, o.w, o.vm)
    put(m, o.w, o.vd, select(condition(m, o.cc), n, z))


def _extreme(op: int) -> list[Encoding]:
    return _always(f"1110 1 d:1 00 vn:4 vd:4 101 {{z}} n:1 {op} m:1 0 vm:4", vfp3)


@ARM.insn(_extreme(0), ref="DDI 0487 F6.1")
def vmaxnm(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = the larger of vn and vm; a number wins over a quiet NaN."""
    return u("maxnm", a, b)


@ARM.insn(_extreme(1), ref="DDI 0487 F6.1")
def vminnm(u: Arithmetic, d: Bits, a: Bits, b: Bits) -> Bits:
    """vd = the smaller of vn and vm; a number wins over a quiet NaN."""
    return u("minnm", a, b)


# -- rounding -------------------------------------------------------------------------------------
@ARM.insn(
    *(
        _always(f"1110 1 d:1 1110 {i:02b} vd:4 101 {{z}} 01 m:1 0 vm:4", ROUND, mode=i)
        for i in range(4)
    ),
    ref="DDI 0487 F6.1",
)
def vrint(m: Any, o: Operands) -> None:
    """vd = vm as an integral number, in the named mode."""
    put(m, o.w, o.vd, m.fp(f"round_{LETTERS[o.mode]}", o.w, get(m, o.w, o.vm)))


@ARM.insn(unary("011001", vfp2), ref="DDI 0487 F6.1")
def vrintr(u: Arithmetic, a: Bits) -> Bits:
    """vd = vm as an integral number, in the current mode."""
    return u("round_r", a)


@ARM.insn(unary("011011", vfp2), ref="DDI 0487 F6.1")
def vrintz(u: Arithmetic, a: Bits) -> Bits:
    """vd = vm as an integral number, towards zero."""
    return u("round_z", a)


@ARM.insn(unary("011101", vfp2), ref="DDI 0487 F6.1")
def vrintx(u: Arithmetic, a: Bits) -> Bits:
    """vd = vm as an integral number, in the current mode; inexact if that is not vm."""
    return u("round_x", a)


@ARM.insn(
    *(
        _always(
            f"1110 1 d:1 1111 {i:02b} vd:4 101 {{z}} signed:1 1 m:1 0 vm:4",
            TO_INT,
            mode=i,
            vd=single("vd"),
        )
        for i in range(4)
    ),
    ref="DDI 0487 F6.1",
)
def vcvt_round(m: Any, o: Operands) -> None:
    """sd = vm as an integer, in the named mode."""
    name = f"to_{'s' if o.signed else 'u'}32_{LETTERS[o.mode]}"
    m.set_sreg(o.vd, m.fp(name, o.w, get(m, o.w, o.vm)))


# -- moves of halves ------------------------------------------------------------------------------
def _halves(bit: int) -> list[Encoding]:
    text = f"1111 1110 1 d:1 11 0000 vd:4 1010 {bit} 1 m:1 0 vm:4"
    return [
        e for encode in (a32, t32) for e in encode(text, HALVES, vd=single("vd"), vm=single("vm"))
    ]


@ARM.insn(_halves(0), ref="DDI 0487 F6.1")
def vmovx(m: Any, o: Operands) -> None:
    """sd = the upper half of sm."""
    m.set_sreg(o.vd, m.sreg(o.vm) >> 16)


@ARM.insn(_halves(1), ref="DDI 0487 F6.1")
def vins(m: Any, o: Operands) -> None:
    """The upper half of sd = the lower half of sm."""
    m.set_sreg(o.vd, cat(m.sreg(o.vm)[15:0], m.sreg(o.vd)[15:0]))


_CORE = "1110 000 %d vn:4 rt:4 1001 n:1 00 1 0000"


@ARM.insn(both_sets(_CORE % 0, FROM_CORE, vn=single("vn")), ref="DDI 0487 F6.1")
def vmov_half_from_core(m: Any, o: Operands) -> None:
    """sn = the lower half of rt."""
    m.set_sreg(o.vn, m.reg(o.rt) & 0xFFFF)


@ARM.insn(both_sets(_CORE % 1, TO_CORE, vn=single("vn")), ref="DDI 0487 F6.1")
def vmov_half_to_core(m: Any, o: Operands) -> None:
    """rt = the lower half of sn."""
    m.set_reg(o.rt, m.sreg(o.vn) & 0xFFFF)
