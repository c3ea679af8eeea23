"""Shift and rotate rows. Source: SDM 2B, RCL/RCR/ROL/ROR, SAL/SAR/SHL/SHR, SHLD, SHRD.

The count is taken modulo 32; a count of 0 leaves the flags alone. O is defined for a count of 1
only and computed by the same rule for all, as hosts do for the immediate forms.
"""

from __future__ import annotations

from run32.isa.x86.core import X86, ZERO, After, Alu, sign
from run32.spec.bits import Bits, cat
from run32.spec.x86 import Enc, Encoding
from run32.spec.x86_operands import CL, Eb, Ev, Gv, Ib, One1, X86Machine


def group(n: int) -> list[Encoding]:
    """The encodings of operation `n` of the shift group."""
    return [
        *Enc(f"C0 /{n}", Eb, Ib),
        *Enc(f"C1 /{n}", Ev, Ib),
        *Enc(f"D0 /{n}", Eb, One1),
        *Enc(f"D1 /{n}", Ev, One1),
        *Enc(f"D2 /{n}", Eb, CL),
        *Enc(f"D3 /{n}", Ev, CL),
    ]


def shifted(count: Bits, result: Alu) -> After:
    """A shift's result; its flags are set where the count is not 0."""
    return After(result.value, lambda m: m.when(count.ne(0), lambda: result.write_flags(m)))


def rotated(count: Bits, value: Bits, c: Bits, v: Bits) -> After:
    """A rotate's result: only C and O change, where the count is not 0."""

    def flags(m: X86Machine) -> None:
        m.put("c", c)
        m.put("v", v)

    return After(value, lambda m: m.when(count.ne(0), lambda: flags(m)))


# -- shifts ---------------------------------------------------------------------------------------
@X86.insn(group(4), group(6), ref="SDM 2B, SHL", undefined="AO")
def shl(dst: Bits, count: Bits) -> After:
    """dst = dst << count."""
    n = count & 31
    wide = dst.zext(64) << n.zext(64)
    r, c = wide.trunc(dst.width), wide[dst.width]
    return shifted(n, Alu(r, c, sign(r) ^ c, Bits(32, 0)))


@X86.insn(group(5), ref="SDM 2B, SHR", undefined="AO")
def shr(dst: Bits, count: Bits) -> After:
    """dst = dst >> count, filled with zeros."""
    n = count & 31
    wide = (dst.zext(64) << 1) >> n.zext(64)
    return shifted(n, Alu(wide[dst.width : 1], wide[0], sign(dst), Bits(32, 0)))


@X86.insn(group(7), ref="SDM 2B, SAR", undefined="AO")
def sar(dst: Bits, count: Bits) -> After:
    """dst = dst >> count, filled with the sign."""
    n = count & 31
    wide = (dst.sext(64) << 1).sar(n.zext(64))
    return shifted(n, Alu(wide[dst.width : 1], wide[0], ZERO, Bits(32, 0)))


@X86.insn(
    Enc("0F A4 /r", Ev, Gv, Ib), Enc("0F A5 /r", Ev, Gv, CL), ref="SDM 2B, SHLD", undefined="AO"
)
def shld(dst: Bits, src: Bits, count: Bits) -> After:
    """dst = dst << count, filled from the top of src (and, past 16 bits, from dst)."""
    n, w = count & 31, dst.width
    below = cat(src, dst) if w == 16 else src
    r = (cat(dst, below).zext(64) << n.zext(64))[below.width + w - 1 : below.width]
    c = ((dst.zext(64) << n.zext(64)) | (below.zext(64) << n.zext(64)) >> below.width)[w]
    return shifted(n, Alu(r, c, sign(r) ^ sign(dst), Bits(32, 0)))


@X86.insn(
    Enc("0F AC /r", Ev, Gv, Ib), Enc("0F AD /r", Ev, Gv, CL), ref="SDM 2B, SHRD", undefined="AO"
)
def shrd(dst: Bits, src: Bits, count: Bits) -> After:
    """dst = dst >> count, filled from the bottom of src (and, past 16 bits, from dst)."""
    n, w = count & 31, dst.width
    above = cat(dst, src) if w == 16 else src
    r = (cat(above, dst).zext(64) >> n.zext(64)).trunc(w)
    c = ((cat(above.trunc(16), dst).zext(64) << 1) >> n.zext(64))[0]
    return shifted(n, Alu(r, c, sign(r) ^ sign(dst), Bits(32, 0)))


# -- rotates --------------------------------------------------------------------------------------
def _width(count: Bits, width: int) -> Bits:
    """A count (below 32) in the width of the operand."""
    return count.zext(width)


@X86.insn(group(0), ref="SDM 2B, ROL", undefined="O")
def rol(dst: Bits, count: Bits) -> After:
    """Rotate left."""
    n = count & 31
    r = dst.ror(-_width(n, dst.width))
    return rotated(n, r, r[0], r[0] ^ sign(r))


@X86.insn(group(1), ref="SDM 2B, ROR", undefined="O")
def ror(dst: Bits, count: Bits) -> After:
    """Rotate right."""
    n = count & 31
    r = dst.ror(_width(n, dst.width))
    return rotated(n, r, sign(r), sign(r) ^ r[dst.width - 2])


def _through_carry(dst: Bits, cf: Bits, left: Bits) -> Bits:
    """C and dst as one number, rotated left by `left`, at most its width, in 64 bits."""
    size = dst.width + 1
    both = cat(cf, dst).zext(64)
    n = left.zext(64)
    return (both << n) | (both >> (Bits(64, size) - n))


@X86.insn(group(2), reads="C", ref="SDM 2B, RCL", undefined="O")
def rcl(dst: Bits, count: Bits, cf: Bits) -> After:
    """Rotate left through C."""
    n = count & 31
    wide = _through_carry(dst, cf, n.urem(dst.width + 1))
    r, c = wide.trunc(dst.width), wide[dst.width]
    return rotated(n, r, c, sign(r) ^ c)


@X86.insn(group(3), reads="C", ref="SDM 2B, RCR", undefined="O")
def rcr(dst: Bits, count: Bits, cf: Bits) -> After:
    """Rotate right through C."""
    n = count & 31
    size = dst.width + 1
    wide = _through_carry(dst, cf, Bits(8, size) - n.urem(size))
    r, c = wide.trunc(dst.width), wide[dst.width]
    return rotated(n, r, c, sign(r) ^ r[dst.width - 2])
