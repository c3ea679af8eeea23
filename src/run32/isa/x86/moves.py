"""Data transfer rows. Source: SDM 2A to 2D, by mnemonic."""

from __future__ import annotations

from run32.isa.x86 import core
from run32.isa.x86.core import EBP, ESP, X86
from run32.spec.bits import Bits, select
from run32.spec.x86 import Enc
from run32.spec.x86_operands import (
    AL,
    AX,
    EAX,
    Cc,
    Eb,
    Ev,
    Ew,
    Gb,
    Gv,
    Ib,
    Iz,
    Mv,
    Ob,
    Ov,
    Pv,
    Rv,
    V,
    X86Machine,
    Zb,
    Zd,
    Zv,
    rAX,
    rDX,
    sIb,
)


@X86.insn(
    Enc("88 /r", Eb, Gb),
    Enc("89 /r", Ev, Gv),
    Enc("8A /r", Gb, Eb),
    Enc("8B /r", Gv, Ev),
    Enc("A0", AL, Ob),
    Enc("A1", rAX, Ov),
    Enc("A2", Ob, AL),
    Enc("A3", Ov, rAX),
    Enc("B0 +r", Zb, Ib),
    Enc("B8 +r", Zv, Iz),
    Enc("C6 /0", Eb, Ib),
    Enc("C7 /0", Ev, Iz),
    access="wr",
    ref="SDM 2B, MOV",
)
def mov(src: Bits) -> Bits:
    """dst = src."""
    return src


@X86.insn(Enc("0F B6 /r", Gv, Eb, V), Enc("0F B7 /r", Gv, Ew, V), access="wrr", ref="SDM 2B, MOVZX")
def movzx(src: Bits, size: int) -> Bits:
    """dst = src, zero-extended."""
    return src.zext(size)


@X86.insn(Enc("0F BE /r", Gv, Eb, V), Enc("0F BF /r", Gv, Ew, V), access="wrr", ref="SDM 2B, MOVSX")
def movsx(src: Bits, size: int) -> Bits:
    """dst = src, sign-extended."""
    return src.sext(size)


@X86.insn(Enc("8D /r", Gv, Mv, V), access="wrr", ref="SDM 2A, LEA")
def lea(address: Bits, size: int) -> Bits:
    """dst = address of the memory operand."""
    return address.trunc(size)


@X86.insn(
    Enc("86 /r", Eb, Gb),
    Enc("87 /r", Ev, Gv),
    Enc("90 +r", Zv, rAX),
    access="xx",
    ref="SDM 2D, XCHG",
)
def xchg(x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """Exchange; 90 exchanges EAX with itself: NOP."""
    return y, x


@X86.insn(Enc("0F C8 +r", Zd, only=32), ref="SDM 2A, BSWAP")
def bswap(dst: Bits) -> Bits:
    """dst = bytes of dst reversed."""
    return dst.bswap()


@X86.insn(
    Enc("98", EAX, AX, only=32), Enc("98", AX, AL, only=16), access="wr", ref="SDM 2A, CBW/CWDE"
)
def cwde(src: Bits) -> Bits:
    """Sign-extend AX into EAX, or AL into AX."""
    return src.sext(2 * src.width)


@X86.insn(Enc("99", rDX, rAX), access="wr", ref="SDM 2A, CWD/CDQ")
def cdq(src: Bits) -> Bits:
    """EDX = copies of the sign of EAX."""
    return src.ashr(src.width - 1)


# -- conditional ----------------------------------------------------------------------------------
@X86.insn(Enc("0F 40 +cc /r", Gv, Ev, Cc), access="xrr", machine=True, ref="SDM 2A, CMOVcc")
def cmov(m: X86Machine, dst: Bits, src: Bits, cc: int) -> Bits:
    """dst = src where the condition holds; a source in memory is read in any case."""
    return select(core.condition(m, cc), src, dst)


@X86.insn(Enc("0F 90 +cc /r", Eb, Cc), access="wr", machine=True, ref="SDM 2B, SETcc")
def setcc(m: X86Machine, cc: int) -> Bits:
    """dst = 1 where the condition holds, else 0."""
    return core.condition(m, cc).zext(8)


# -- stack ----------------------------------------------------------------------------------------
@X86.insn(
    Enc("50 +r", Zv),
    Enc("FF /6", Ev),
    Enc("68", Iz),
    Enc("6A", sIb),
    access="r",
    machine=True,
    ref="SDM 2B, PUSH",
)
def push(m: X86Machine, src: Bits) -> None:
    """Push src."""
    core.push(m, src)


@X86.insn(Enc("58 +r", Zv, V), Enc("8F /0", Rv, V), access="wr", machine=True, ref="SDM 2B, POP")
def pop(m: X86Machine, size: int) -> Bits:
    """dst = popped value."""
    return core.pop(m, size)


@X86.insn(Enc("8F /0", Pv, V), access="rr", machine=True, ref="SDM 2B, POP")
def pop_memory(m: X86Machine, address: Bits, size: int) -> None:
    """Pop into memory."""
    sp = m.reg(ESP)
    m.store(address, m.load(sp, size))
    m.set_reg(ESP, sp + size // 8)


@X86.insn(Enc("C9", only=32), machine=True, ref="SDM 2A, LEAVE")
def leave(m: X86Machine) -> None:
    """ESP = EBP, then pop EBP."""
    frame = m.reg(EBP)
    m.set_reg(EBP, m.load(frame, 32))
    m.set_reg(ESP, frame + 4)
