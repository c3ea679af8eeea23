"""The cryptographic extension: AES, SHA-1, SHA-256 and long polynomial products.

Source: DDI 0487 F6.1. What the host has instructions for is an operation of `spec.crypto`.
"""

from __future__ import annotations

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import LONG, THREE, TWO, Lanes, simd
from run32.spec.rows import Encoding
from run32.spec.vector import Vec


def _two(field: str, opc: str) -> list[Encoding]:
    """Qd, Qm: `field` is bits 19:16, `opc` bits 11:6."""
    return simd(f"1 1 d:1 11 {field} Qd {opc} m:1 0 Qm", TWO, q="1", size=2, u=0)


def _three(u: str, size: str) -> list[Encoding]:
    return simd(f"{u} 0 d:1 {size} Qn Qd 1100 n:1 1 m:1 0 Qm", THREE, q="1", size=2, u=0)


def _crypto(t: Lanes, name: str, first: Vec, *more: Vec) -> Vec:
    """An operation on quadwords."""
    return Vec(t.m.crypto(name, first.bits, *(v.bits for v in more)), 32)


# -- AES ------------------------------------------------------------------------------------------
@ARM.insn(_two("0000", "001100"), ref="DDI 0487 F6.1")
def aese(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = a round of encryption of vd with the key vm, but for the columns."""
    return _crypto(t, "aese", d ^ a)


@ARM.insn(_two("0000", "001101"), ref="DDI 0487 F6.1")
def aesd(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = a round of decryption of vd with the key vm, but for the columns."""
    return _crypto(t, "aesd", d ^ a)


@ARM.insn(_two("0000", "001110"), ref="DDI 0487 F6.1")
def aesmc(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm with its columns mixed."""
    return _crypto(t, "aesmc", a)


@ARM.insn(_two("0000", "001111"), ref="DDI 0487 F6.1")
def aesimc(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm with its columns mixed back."""
    return _crypto(t, "aesimc", a)


# -- SHA-1 ----------------------------------------------------------------------------------------
def _rotated(a: Vec, n: int) -> Vec:
    """Words rotated left."""
    return a.shl(n) | a.shr(32 - n, 0)


def _sha1(t: Lanes, name: str, d: Vec, a: Vec, b: Vec) -> Vec:
    return Vec(t.m.crypto(name, d.bits, a.get(0), b.bits), 32)


@ARM.insn(_three("0", "00"), ref="DDI 0487 F6.1")
def sha1c(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = four rounds with the choice of bits, e in vn, words in vm."""
    return _sha1(t, "sha1c", d, a, b)


@ARM.insn(_three("0", "01"), ref="DDI 0487 F6.1")
def sha1p(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = four rounds with the parity of bits, e in vn, words in vm."""
    return _sha1(t, "sha1p", d, a, b)


@ARM.insn(_three("0", "10"), ref="DDI 0487 F6.1")
def sha1m(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = four rounds with the majority of bits, e in vn, words in vm."""
    return _sha1(t, "sha1m", d, a, b)


@ARM.insn(_two("1001", "001011"), ref="DDI 0487 F6.1")
def sha1h(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the lowest word of vm, rotated left by 30; the others are zero."""
    return _rotated(a, 30) & Vec(a.bits.like(0xFFFFFFFF), 32)


@ARM.insn(_three("0", "11"), ref="DDI 0487 F6.1")
def sha1su0(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the first half of the next four words: vd to vm are twelve words."""
    return d ^ d.shuffle(range(2, 6), a) ^ b


@ARM.insn(_two("1010", "001110"), ref="DDI 0487 F6.1")
def sha1su1(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the next four words from their first half in vd and the last four in vm."""
    mixed = d ^ a.shuffle(range(1, 5), a.like(0))
    value = _rotated(mixed, 1)
    first = _rotated(mixed, 2).shuffle((4, 4, 4, 0), a.like(0))
    return value ^ first


# -- SHA-256 --------------------------------------------------------------------------------------
@ARM.insn(_three("1", "00"), ref="DDI 0487 F6.1")
def sha256h(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = a to d after four rounds; vd is a to d, vn e to h, vm words."""
    return _crypto(t, "sha256h", d, a, b)


@ARM.insn(_three("1", "01"), ref="DDI 0487 F6.1")
def sha256h2(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = e to h after four rounds; vd is e to h, vn a to d, vm words."""
    return _crypto(t, "sha256h2", d, a, b)


@ARM.insn(_two("1010", "001111"), ref="DDI 0487 F6.1")
def sha256su0(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = the first half of the next four words: vd to vm are eight words."""
    return _crypto(t, "sha256su0", d, a)


@ARM.insn(_three("1", "10"), ref="DDI 0487 F6.1")
def sha256su1(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = the next four words from their first half in vd and the last eight in vn and vm."""
    return _crypto(t, "sha256su1", d, a, b)


# -- polynomials ----------------------------------------------------------------------------------
@ARM.insn(
    simd("0 1 d:1 10 Dn Qd 1110 n:1 0 m:1 0 Dm", LONG, size=2, u=0),
    ref="DDI 0487 F6.1",
)
def vmull_p64(t: Lanes, d: Vec, a: Vec, b: Vec) -> Vec:
    """vd = vn * vm as polynomials of 64 bits."""
    return Vec(t.m.crypto("pmull", a.bits, b.bits), 64)
