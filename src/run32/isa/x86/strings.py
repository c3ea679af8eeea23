"""String rows: one element per execution; a repeated one branches to itself.

So state is exact at a fault, and an endless copy can be interrupted. Source: SDM 2A and 2B, by
mnemonic; SDM 1 7.3.9.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.isa.x86.core import EAX, ECX, EDI, ESI, ONE, X86, sub_flags
from run32.spec.bits import Bits, select
from run32.spec.x86 import Enc, Encoding
from run32.spec.x86_operands import B, Rep, V, X86Machine


def both(opcode: int) -> list[Encoding]:
    """Byte and word encoding of a string instruction."""
    return [*Enc(f"{opcode:02X}", Rep, B), *Enc(f"{opcode + 1:02X}", Rep, V)]


def advance(m: X86Machine, size: int, *registers: Bits) -> None:
    """Move index registers by one element in the direction of D."""
    step = select(m.get("df"), Bits(32, -size // 8), Bits(32, size // 8))
    for number in registers:
        m.set_reg(number, m.reg(number) + step)


def accumulator(m: X86Machine, size: int) -> Bits:
    """AL, AX or EAX."""
    return m.reg(EAX) if size == 32 else m.narrow(EAX, size)


def set_accumulator(m: X86Machine, value: Bits) -> None:
    """Write AL, AX or EAX."""
    if value.width == 32:
        m.set_reg(EAX, value)
    else:
        m.set_narrow(EAX, value)


def repeat(m: X86Machine, rep: Bits, body: Callable[[], None], compares: bool = False) -> None:
    """Run `body` once, or with a prefix once while ECX is not 0 (and Z is as the prefix says)."""
    prefixed = rep.ne(0)
    count = m.reg(ECX)
    some = count.ne(0)
    m.when(~prefixed | some, body)
    left = select(prefixed & some, count - 1, count)
    m.set_reg(ECX, left)
    again = m.get("z").eq(0).eq(rep.eq(0xF3)) if compares else ONE
    m.branch_if(prefixed & left.ne(0) & again, m.pc())


@X86.insn(both(0xA4), access="rr", machine=True, ref="SDM 2B, MOVS")
def movs(m: X86Machine, rep: Bits, size: int) -> None:
    """[EDI] = [ESI]."""

    def body() -> None:
        m.store(m.reg(EDI), m.load(m.reg(ESI), size))
        advance(m, size, ESI, EDI)

    repeat(m, rep, body)


@X86.insn(both(0xAA), access="rr", machine=True, ref="SDM 2B, STOS")
def stos(m: X86Machine, rep: Bits, size: int) -> None:
    """[EDI] = accumulator."""

    def body() -> None:
        m.store(m.reg(EDI), accumulator(m, size))
        advance(m, size, EDI)

    repeat(m, rep, body)


@X86.insn(both(0xAC), access="rr", machine=True, ref="SDM 2A, LODS")
def lods(m: X86Machine, rep: Bits, size: int) -> None:
    """Accumulator = [ESI]."""

    def body() -> None:
        set_accumulator(m, m.load(m.reg(ESI), size))
        advance(m, size, ESI)

    repeat(m, rep, body)


@X86.insn(both(0xA6), access="rr", machine=True, ref="SDM 2A, CMPS")
def cmps(m: X86Machine, rep: Bits, size: int) -> None:
    """Flags of [ESI] - [EDI]."""

    def body() -> None:
        sub_flags(m.load(m.reg(ESI), size), m.load(m.reg(EDI), size)).write_flags(m)
        advance(m, size, ESI, EDI)

    repeat(m, rep, body, compares=True)


@X86.insn(both(0xAE), access="rr", machine=True, ref="SDM 2B, SCAS")
def scas(m: X86Machine, rep: Bits, size: int) -> None:
    """Flags of accumulator - [EDI]."""

    def body() -> None:
        sub_flags(accumulator(m, size), m.load(m.reg(EDI), size)).write_flags(m)
        advance(m, size, EDI)

    repeat(m, rep, body, compares=True)
