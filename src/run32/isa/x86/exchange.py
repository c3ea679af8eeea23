"""Exchange-and-operate rows. LOCK has no rows yet. Source: SDM 2A to 2D, by mnemonic."""

from __future__ import annotations

from run32.isa.x86.core import X86, After, Alu, add_flags, sub_flags
from run32.spec.bits import Bits, select
from run32.spec.x86 import Enc
from run32.spec.x86_operands import AL, Eb, Ev, Gb, Gv, rAX


@X86.insn(Enc("0F C0 /r", Gb, Eb), Enc("0F C1 /r", Gv, Ev), access="xx", ref="SDM 2D, XADD")
def xadd(src: Bits, dst: Bits) -> tuple[Bits, Alu]:
    """src, dst = dst, dst + src; the sum stays where both are one register."""
    return dst, add_flags(dst, src)


@X86.insn(
    Enc("0F B0 /r", AL, Eb, Gb),
    Enc("0F B1 /r", rAX, Ev, Gv),
    access="xxr",
    ref="SDM 2A, CMPXCHG",
)
def cmpxchg(acc: Bits, dst: Bits, src: Bits) -> tuple[Bits, After]:
    """Compare acc and dst: dst = src where equal, else acc = dst."""
    same = acc.eq(dst)
    compared = sub_flags(acc, dst)
    return select(same, acc, dst), After(select(same, src, dst), compared.write_flags)
