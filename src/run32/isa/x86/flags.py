"""Rows that move or set single flags. Source: SDM 2A and 2B, by mnemonic."""

from __future__ import annotations

from run32.isa.x86 import core
from run32.isa.x86.core import ONE, X86, ZERO
from run32.spec.bits import Bits
from run32.spec.x86 import Enc
from run32.spec.x86_operands import AH, V, X86Machine


@X86.insn(Enc("9E", AH), access="r", machine=True, ref="SDM 2B, SAHF")
def sahf(m: X86Machine, ah: Bits) -> None:
    """S, Z, A, P, C = AH."""
    core.set_low_flags(m, ah)


@X86.insn(Enc("9F", AH), access="w", machine=True, ref="SDM 2A, LAHF")
def lahf(m: X86Machine) -> Bits:
    """AH = S, Z, A, P, C."""
    return core.low_flags(m)


@X86.insn(Enc("9C", V), access="r", machine=True, ref="SDM 2B, PUSHF")
def pushf(m: X86Machine, size: int) -> None:
    """Push EFLAGS."""
    core.push(m, core.read_flags(m).trunc(size))


@X86.insn(Enc("9D", V), access="r", machine=True, ref="SDM 2B, POPF")
def popf(m: X86Machine, size: int) -> None:
    """Pop the arithmetic flags and D; what else EFLAGS holds stays."""
    core.write_flags(m, core.pop(m, size))


@X86.insn(Enc("F5"), machine=True, ref="SDM 2A, CMC")
def cmc(m: X86Machine) -> None:
    """C = ~C."""
    m.put("c", ~m.get("c"))


@X86.insn(Enc("F8"), machine=True, ref="SDM 2A, CLC")
def clc(m: X86Machine) -> None:
    """C = 0."""
    m.put("c", ZERO)


@X86.insn(Enc("F9"), machine=True, ref="SDM 2B, STC")
def stc(m: X86Machine) -> None:
    """C = 1."""
    m.put("c", ONE)


@X86.insn(Enc("FC"), machine=True, ref="SDM 2A, CLD")
def cld(m: X86Machine) -> None:
    """D = 0."""
    m.put("df", ZERO)


@X86.insn(Enc("FD"), machine=True, ref="SDM 2B, STD")
def std(m: X86Machine) -> None:
    """D = 1."""
    m.put("df", ONE)
