"""VFP loads and stores. Source: DDI 0406C A7.6, A8.8.

Memory operands must be aligned to words (halves to halfwords): an AArch64 kernel that fixes up
unaligned accesses of 32-bit programs leaves VFP ones alone (arch/arm64/kernel/compat_alignment.c),
so they raise SIGBUS.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core
from run32.isa.arm.core import ARM, a32, t32
from run32.isa.arm.vfp import all_sizes, both_sets, both_sizes, get, put, single
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Operands, direct

MEMORY = direct("vfp_memory", static="w", regs="vd rn", imm="imm")
LITERAL = direct("vfp_literal", static="w", regs="vd", imm="imm")
MULTIPLE = direct("vfp_multiple", static="down wb", regs="first rn count", imm="imm")


def _words(f: Fields) -> Bits:
    return cat(f.imm8, Bits(2, 0)).zext(32)


def _halfwords(f: Fields) -> Bits:
    return cat(f.imm8, Bits(1, 0)).zext(32)


def _memory(load: int) -> list[Encoding]:
    found = []
    for up, imm in ((1, _words), (0, core.negated(_words))):
        text = f"1101 {up} d:1 0 {load} rn:4 vd:4 101 {{z}} imm8:8"
        found += both_sizes(text, MEMORY, imm=imm)
    for up, imm in ((1, _halfwords), (0, core.negated(_halfwords))):
        text = f"1101 {up} d:1 0 {load} rn:4 vd:4 1001 imm8:8"
        found += both_sets(text, MEMORY, w=16, vd=single("vd"), imm=imm)
    return found


def _literal() -> list[Encoding]:
    found = []
    for up in (0, 1):
        for text, w, regs in all_sizes(f"1101 {up} d:1 01 1111 vd:4 101 {{z}} imm8:8", half=True):
            offset = _halfwords if w == 16 else _words
            for start, make, base in (
                ("cond:4 ", a32, core.a32_pc),
                ("1110 ", t32, core.thumb_pc_aligned),
            ):

                def imm(f: Fields, base: Any = base, up: int = up, offset: Any = offset) -> Bits:
                    here: Bits = base(f)
                    distance: Bits = offset(f)
                    return here + distance if up else here - distance

                found += make(start + text, LITERAL, w=w, imm=imm, **regs)
    return found


def _load(m: Any, o: Operands, address: Bits) -> None:
    m.require_aligned(address, min(o.w // 8, 4))
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
    m.require_aligned(address, min(o.w // 8, 4))
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
