"""Advanced SIMD bitwise operations and immediates. Source: DDI 0406C A7.4.1, A7.4.5, A7.4.6."""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import THREE, Lanes, simd, two, write
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, Operands, Semantic, form
from run32.spec.vector import Vec, pick, splat


# -- registers ------------------------------------------------------------------------------------
def _logic(u: int, c: str) -> list[Encoding]:
    return simd(f"{u} 0 d:1 {c} Vn Vd 0001 n:1 Q m:1 1 Vm", THREE, size=3, u=0)


@ARM.insn(_logic(0, "00"), ref="DDI 0406C A8.8.287")
def vand(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn AND vm."""
    return a & b


@ARM.insn(_logic(0, "01"), ref="DDI 0406C A8.8.289")
def vbic(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn AND NOT vm."""
    return a & ~b


@ARM.insn(_logic(0, "10"), ref="DDI 0406C A8.8.360, A8.8.340")
def vorr(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn OR vm; with both the same this is vmov."""
    return a | b


@ARM.insn(_logic(0, "11"), ref="DDI 0406C A8.8.358")
def vorn(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn OR NOT vm."""
    return a | ~b


@ARM.insn(_logic(1, "00"), ref="DDI 0406C A8.8.315")
def veor(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn XOR vm."""
    return a ^ b


@ARM.insn(_logic(1, "01"), ref="DDI 0406C A8.8.290")
def vbsl(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn where vd has ones, else vm."""
    return pick(d, a, b)


@ARM.insn(_logic(1, "10"), ref="DDI 0406C A8.8.290")
def vbit(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn where vm has ones."""
    return pick(b, a, d)


@ARM.insn(_logic(1, "11"), ref="DDI 0406C A8.8.290")
def vbif(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn where vm has zeros."""
    return pick(b, d, a)


@ARM.insn(two("00", "001011", size=3), ref="DDI 0406C A8.8.354")
def vmvn(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = NOT vm."""
    return ~a


# -- immediates -----------------------------------------------------------------------------------
@form(static="q", regs="vd", small="skip", imm="imm")
def simd_immediate(m: Any, o: Operands, sem: Semantic) -> None:
    """vd = sem(vd, imm in all words)."""
    old = Vec(m.qreg(o.vd) if o.q else m.dreg(o.vd), 32)
    write(m, o.q, o.vd, sem(old, splat(o.imm, old.count)))


@form(static="q", regs="vd", small="skip", imm="imm")
def simd_bytes(m: Any, o: Operands, sem: Semantic) -> None:
    """vd = ones in the bytes whose bit in imm is set."""
    count = 16 if o.q else 8
    bits = splat(o.imm.trunc(8), count)
    places = Bits(8 * count, int.from_bytes(bytes(1 << i % 8 for i in range(count)), "little"))
    write(m, o.q, o.vd, ~(bits & Vec(places, 8)).eq(0))


def _imm8(f: Fields) -> Bits:
    return cat(f.i, f.imm3, f.imm4)


def _word(f: Fields) -> Bits:
    """cmode 0xxx: a byte at one of four places."""
    return _imm8(f).zext(32) << (f.place.zext(32) << 3)


def _half(f: Fields) -> Bits:
    """cmode 10xx: the same in halfwords."""
    half = _imm8(f).zext(32) << (f.place.zext(32) << 3)
    return half | half << 16


def _ones(f: Fields) -> Bits:
    """cmode 110x: ones below the byte."""
    byte = _imm8(f).zext(32)
    return select(f.place, byte << 16 | 0xFFFF, byte << 8 | 0xFF)


def _byte(f: Fields) -> Bits:
    return _imm8(f).zext(32) * 0x01010101


def _float(f: Fields) -> Bits:
    """cmode 1111: a small single-precision number."""
    imm8 = _imm8(f)
    return cat(imm8[7], ~imm8[6], imm8[6].sext(5), imm8[5:0], Bits(19, 0))


def _immediate(op: int, *cases: tuple[str, Any], form_: Any = simd_immediate) -> list[Encoding]:
    found = []
    for cmode, expand in cases:
        text = f"i:1 1 d:1 000 imm3:3 Vd {cmode} 0 Q {op} 1 imm4:4"
        found += simd(text, form_, imm=expand)
    return found


_SHIFTED = (("0 place:2 0", _word), ("10 place:1 0", _half), ("110 place:1", _ones))
_MODIFYING = (("0 place:2 1", _word), ("10 place:1 1", _half))


@ARM.insn(
    _immediate(0, *_SHIFTED, ("1110", _byte), ("1111", _float)),
    _immediate(1, ("1110", _imm8), form_=simd_bytes),
    ref="DDI 0406C A8.8.339",
)
def vmov_simd_imm(old: Vec, imm: Vec) -> Vec:
    """vd = a constant."""
    return imm


@ARM.insn(_immediate(1, *_SHIFTED), ref="DDI 0406C A8.8.353")
def vmvn_imm(old: Vec, imm: Vec) -> Vec:
    """vd = NOT a constant."""
    return ~imm


@ARM.insn(_immediate(0, *_MODIFYING), ref="DDI 0406C A8.8.359")
def vorr_imm(old: Vec, imm: Vec) -> Vec:
    """vd = vd OR a constant."""
    return old | imm


@ARM.insn(_immediate(1, *_MODIFYING), ref="DDI 0406C A8.8.288")
def vbic_imm(old: Vec, imm: Vec) -> Vec:
    """vd = vd AND NOT a constant."""
    return old & ~imm
