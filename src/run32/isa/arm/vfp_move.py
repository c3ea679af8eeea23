"""VFP constants, register transfers and FPSCR access. Source: DDI 0406C A7.8, A7.9, A8.8.

User mode sees no other system register than FPSCR. Transfers of 8 and 16-bit scalars are Advanced
SIMD instructions.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM
from run32.isa.arm.status import put_flags
from run32.isa.arm.vfp import all_sizes, both_sets, put, single
from run32.spec import fpscr
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Operands, direct

IMMEDIATE = direct("vfp_immediate", static="w", regs="vd", imm="imm")
FROM_CORE = direct("core_to_vfp", regs="vn rt")
TO_CORE = direct("vfp_to_core", regs="rt vn", writes="rt")
FROM_CORE_2 = direct("core_pair_to_vfp", regs="vm rt rt2")
TO_CORE_2 = direct("vfp_to_core_pair", regs="rt rt2 vm", writes="rt rt2")
STATUS_WRITE = direct("fpscr_write", regs="rt")
STATUS_READ = direct("fpscr_read", static="wpc", regs="rt", writes="rt")


# -- immediates -----------------------------------------------------------------------------------
def _expand(width: int) -> Any:
    """Binding: VFPExpandImm; of a double-precision number the upper word."""
    ones, zeros = {16: (2, 6), 32: (5, 19), 64: (8, 16)}[width]

    def bind(f: Fields) -> Bits:
        imm8 = cat(f.high, f.low)
        return cat(imm8[7], ~imm8[6], imm8[6].sext(ones), imm8[5:0], Bits(zeros, 0))

    return bind


@ARM.insn(
    [
        e
        for text, w, regs in all_sizes("1110 1 d:1 11 high:4 vd:4 101 {z} 0000 low:4", half=True)
        for e in both_sets(text, IMMEDIATE, w=w, imm=_expand(w), **regs)
    ],
    ref="DDI 0406C A8.8.339",
)
def vmov_imm(m: Any, o: Operands) -> None:
    """vd = a small floating-point constant."""
    put(m, o.w, o.vd, cat(o.imm, Bits(32, 0)) if o.w == 64 else o.imm.trunc(o.w))


# -- core registers -------------------------------------------------------------------------------
def _element(f: Fields) -> Bits:
    """Binding: the single-precision register that is element x of a double-precision one."""
    return cat(f.n, f.vn, f.x)


def _core(load: int, form: Any) -> list[Encoding]:
    """A single-precision register, or half of a double-precision one."""
    return both_sets(
        f"1110 000 {load} vn:4 rt:4 1010 n:1 00 1 0000", form, vn=single("vn")
    ) + both_sets(f"1110 00 x:1 {load} vn:4 rt:4 1011 n:1 00 1 0000", form, vn=_element)


@ARM.insn(_core(0, FROM_CORE), ref="DDI 0406C A8.8.341, A8.8.343")
def vmov_from_core(m: Any, o: Operands) -> None:
    """A single-precision register = rt."""
    m.set_sreg(o.vn, m.reg(o.rt))


@ARM.insn(_core(1, TO_CORE), ref="DDI 0406C A8.8.342, A8.8.343")
def vmov_to_core(m: Any, o: Operands) -> None:
    """rt = a single-precision register."""
    m.set_reg(o.rt, m.sreg(o.vn))


def _pair(load: int, form: Any) -> list[Encoding]:
    """Two consecutive single-precision registers, or one double-precision one."""
    text = f"1100 010 {load} rt2:4 rt:4 101 %d 00 m:1 1 vm:4"
    return both_sets(text % 0, form, vm=single("vm")) + both_sets(
        text % 1, form, vm=lambda f: cat(f.m, f.vm, Bits(1, 0))
    )


@ARM.insn(_pair(0, FROM_CORE_2), ref="DDI 0406C A8.8.344, A8.8.345")
def vmov_from_core_pair(m: Any, o: Operands) -> None:
    """Two consecutive single-precision registers = rt, rt2."""
    m.set_sreg(o.vm, m.reg(o.rt))
    m.set_sreg(o.vm + 1, m.reg(o.rt2))


@ARM.insn(_pair(1, TO_CORE_2), ref="DDI 0406C A8.8.344, A8.8.345")
def vmov_to_core_pair(m: Any, o: Operands) -> None:
    """rt, rt2 = two consecutive single-precision registers."""
    low, high = m.sreg(o.vm), m.sreg(o.vm + 1)
    m.set_reg(o.rt, low)
    m.set_reg(o.rt2, high)


# -- FPSCR ----------------------------------------------------------------------------------------
@ARM.insn(
    both_sets("1110 1111 0001 rt:4 1010 0001 0000", STATUS_READ, pc_write="rt"),
    ref="DDI 0406C A8.8.348",
)
def vmrs(m: Any, o: Operands) -> None:
    """rt = FPSCR; with rt = pc its flags go to APSR."""
    if o.wpc:
        put_flags(m, cat(m.compared(), Bits(28, 0)))
    else:
        m.set_reg(o.rt, m.read_fpscr())


@ARM.insn(both_sets("1110 1110 0001 rt:4 1010 0001 0000", STATUS_WRITE), ref="DDI 0406C A8.8.349")
def vmsr(m: Any, o: Operands) -> None:
    """FPSCR = rt."""
    m.write_fpscr(m.reg(o.rt) & fpscr.WRITABLE)
