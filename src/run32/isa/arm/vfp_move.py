"""VFP loads, stores, register transfers and FPSCR access. Source: DDI 0406C A7.6-A7.9, A8.8.

Memory operands must be word-aligned: an AArch64 kernel that fixes up unaligned accesses of 32-bit
programs leaves VFP ones alone (arch/arm64/kernel/compat_alignment.c), so they raise SIGBUS.
User mode sees no other system register than FPSCR. Transfers of 8 and 16-bit scalars are Advanced
SIMD instructions.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core
from run32.isa.arm.core import ARM, a32, t32
from run32.isa.arm.status import put_flags
from run32.isa.arm.vfp import both_sets, both_sizes, double, get, put, single
from run32.spec import fpscr
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Operands, direct

IMMEDIATE = direct("vfp_immediate", static="w", regs="vd", imm="imm")
MEMORY = direct("vfp_memory", static="w", regs="vd rn", imm="imm")
LITERAL = direct("vfp_literal", static="w", regs="vd", imm="imm")
MULTIPLE = direct("vfp_multiple", static="down wb", regs="first rn count", imm="imm")
FROM_CORE = direct("core_to_vfp", regs="vn rt")
TO_CORE = direct("vfp_to_core", regs="rt vn", writes="rt")
FROM_CORE_2 = direct("core_pair_to_vfp", regs="vm rt rt2")
TO_CORE_2 = direct("vfp_to_core_pair", regs="rt rt2 vm", writes="rt rt2")
STATUS_WRITE = direct("fpscr_write", regs="rt")
STATUS_READ = direct("fpscr_read", static="wpc", regs="rt", writes="rt")


# -- immediates -----------------------------------------------------------------------------------
def _expand(width: int) -> Any:
    """Binding: VFPExpandImm; of a double-precision number the upper word."""
    ones, zeros = (5, 19) if width == 32 else (8, 16)

    def bind(f: Fields) -> Bits:
        imm8 = cat(f.high, f.low)
        return cat(imm8[7], ~imm8[6], imm8[6].sext(ones), imm8[5:0], Bits(zeros, 0))

    return bind


@ARM.insn(
    [
        e
        for z, w in ((0, 32), (1, 64))
        for e in both_sets(
            f"1110 1 d:1 11 high:4 vd:4 101 {z} 0000 low:4",
            IMMEDIATE,
            w=w,
            vd=(single if w == 32 else double)("vd"),
            imm=_expand(w),
        )
    ],
    ref="DDI 0406C A8.8.339",
)
def vmov_imm(m: Any, o: Operands) -> None:
    """vd = a small floating-point constant."""
    put(m, o.w, o.vd, o.imm if o.w == 32 else cat(o.imm, Bits(32, 0)))


# -- memory ---------------------------------------------------------------------------------------
def _words(f: Fields) -> Bits:
    return cat(f.imm8, Bits(2, 0)).zext(32)


def _memory(load: int) -> list[Encoding]:
    found = []
    for up, imm in ((1, _words), (0, core.negated(_words))):
        text = f"1101 {up} d:1 0 {load} rn:4 vd:4 101 {{z}} imm8:8"
        found += both_sizes(text, MEMORY, imm=imm)
    return found


def _literal() -> list[Encoding]:
    found = []
    for up in (0, 1):
        for z, w in ((0, 32), (1, 64)):
            vd = (single if w == 32 else double)("vd")
            text = f"1101 {up} d:1 01 1111 vd:4 101 {z} imm8:8"
            for start, make, base in (
                ("cond:4 ", a32, core.a32_pc),
                ("1110 ", t32, core.thumb_pc_aligned),
            ):

                def imm(f: Fields, base: Any = base, up: int = up) -> Bits:
                    here: Bits = base(f)
                    return here + _words(f) if up else here - _words(f)

                found += make(start + text, LITERAL, w=w, vd=vd, imm=imm)
    return found


def _load(m: Any, o: Operands, address: Bits) -> None:
    m.require_aligned(address, 4)
    put(m, o.w, o.vd, m.load(address, o.w))


@ARM.insn(_memory(1), ref="DDI 0406C A8.8.333")
def vldr(m: Any, o: Operands) -> None:
    """vd = memory at rn + imm."""
    _load(m, o, m.reg(o.rn) + o.imm)


@ARM.insn(_literal(), ref="DDI 0406C A8.8.333")
def vldr_literal(m: Any, o: Operands) -> None:
    """vd = memory at an address relative to pc."""
    _load(m, o, o.imm)


@ARM.insn(_memory(0), ref="DDI 0406C A8.8.413")
def vstr(m: Any, o: Operands) -> None:
    """Memory at rn + imm = vd."""
    address = m.reg(o.rn) + o.imm
    m.require_aligned(address, 4)
    m.store(address, get(m, o.w, o.vd))


def _first(z: int) -> Any:
    """Binding: the number of the first single-precision register."""
    return (lambda f: cat(f.d, f.vd, Bits(1, 0))) if z else single("vd")


def _multiple(load: int) -> list[Encoding]:
    """Increment after (push and pop included) and decrement before; FLDMX has an odd imm8."""
    found = []
    for z, mask in ((0, 0xFF), (1, 0xFE)):
        for opc, more in ((f"0 1 d:1 wb:1 {load}", {}), (f"1 0 d:1 1 {load}", {"wb": 1})):
            found += both_sets(
                f"110 {opc} rn:4 vd:4 101 {z} imm8:8",
                MULTIPLE,
                down=int(opc[0]),
                first=_first(z),
                count=lambda f, mask=mask: f.imm8 & mask,
                imm=_words,
                **more,
            )
    return found


def _transfer(m: Any, o: Operands, each: Any) -> None:
    base = m.reg(o.rn)
    address = base - o.imm if o.down else base
    m.require_aligned(address, 4)
    each(address, o.first, o.count)
    if o.wb:
        m.set_reg(o.rn, address if o.down else base + o.imm)


@ARM.insn(_multiple(1), ref="DDI 0406C A8.8.332, A8.8.367, A8.8.50")
def vldm(m: Any, o: Operands) -> None:
    """Consecutive registers = memory from rn up or below rn; vpop is one of them."""
    _transfer(m, o, m.fload_multiple)


@ARM.insn(_multiple(0), ref="DDI 0406C A8.8.412, A8.8.368, A8.8.50")
def vstm(m: Any, o: Operands) -> None:
    """Memory from rn up or below rn = consecutive registers; vpush is one of them."""
    _transfer(m, o, m.fstore_multiple)


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
        put_flags(m, m.get("fpscr"))
    else:
        m.set_reg(o.rt, m.read_fpscr())


@ARM.insn(both_sets("1110 1110 0001 rt:4 1010 0001 0000", STATUS_WRITE), ref="DDI 0406C A8.8.349")
def vmsr(m: Any, o: Operands) -> None:
    """FPSCR = rt."""
    m.write_fpscr(m.reg(o.rt) & fpscr.WRITABLE)
