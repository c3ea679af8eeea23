"""Control flow and system rows. Source: SDM 2A and 2B, by mnemonic."""

from __future__ import annotations

from run32.isa.x86 import core
from run32.isa.x86.core import ECX, ESP, X86
from run32.spec.bits import Bits
from run32.spec.machine import EXIT_BREAKPOINT, EXIT_SYSCALL, EXIT_UNDEFINED
from run32.spec.x86 import Enc
from run32.spec.x86_operands import Cc, Ed, Ib, Iw, Jb, Jz, X86Machine


@X86.insn(
    Enc("70 +cc", Cc, Jb), Enc("0F 80 +cc", Cc, Jz), access="rr", machine=True, ref="SDM 2A, Jcc"
)
def jcc(m: X86Machine, cc: int, target: Bits) -> None:
    """Jump where the condition holds."""
    m.branch_if(core.condition(m, cc), target)


@X86.insn(
    Enc("EB", Jb),
    Enc("E9", Jz),
    Enc("FF /4", Ed, only=32),
    access="r",
    machine=True,
    ref="SDM 2A, JMP",
)
def jmp(m: X86Machine, target: Bits) -> None:
    """Jump."""
    m.branch(target)


@X86.insn(Enc("E8", Jz), Enc("FF /2", Ed, only=32), access="r", machine=True, ref="SDM 2A, CALL")
def call(m: X86Machine, target: Bits) -> None:
    """Push the address of the next instruction and jump."""
    core.push(m, m.next_pc())
    m.branch(target)


@X86.insn(Enc("C3", only=32), machine=True, ref="SDM 2B, RET")
def ret(m: X86Machine) -> None:
    """Jump to the popped address."""
    m.branch(core.pop(m, 32))


@X86.insn(Enc("C2", Iw, only=32), access="r", machine=True, ref="SDM 2B, RET")
def ret_pop(m: X86Machine, size: Bits) -> None:
    """Jump to the popped address and drop `size` bytes more."""
    target = core.pop(m, 32)
    m.set_reg(ESP, m.reg(ESP) + size.zext(32))
    m.branch(target)


@X86.insn(Enc("E3", Jb), access="r", machine=True, ref="SDM 2A, Jcc")
def jecxz(m: X86Machine, target: Bits) -> None:
    """Jump where ECX is 0."""
    m.branch_if(m.reg(ECX).eq(0), target)


def counted(m: X86Machine) -> Bits:
    """Decrement ECX; 1 while it is not 0."""
    left = m.reg(ECX) - 1
    m.set_reg(ECX, left)
    return left.ne(0)


@X86.insn(Enc("E2", Jb), access="r", machine=True, ref="SDM 2A, LOOP")
def loop(m: X86Machine, target: Bits) -> None:
    """Decrement ECX and jump unless it is 0."""
    m.branch_if(counted(m), target)


@X86.insn(Enc("E1", Jb), access="r", machine=True, ref="SDM 2A, LOOP")
def loope(m: X86Machine, target: Bits) -> None:
    """The same, and only while Z is set."""
    m.branch_if(counted(m) & m.get("z").eq(0), target)


@X86.insn(Enc("E0", Jb), access="r", machine=True, ref="SDM 2A, LOOP")
def loopne(m: X86Machine, target: Bits) -> None:
    """The same, and only while Z is clear."""
    m.branch_if(counted(m) & m.get("z").ne(0), target)


@X86.insn(Enc("CC"), machine=True, ref="SDM 2A, INT3")
def int3(m: X86Machine) -> None:
    """Breakpoint; the trap is reported behind the instruction."""
    m.exit(EXIT_BREAKPOINT, advance=True)


@X86.insn(Enc("CD", Ib), access="r", machine=True, ref="SDM 2A, INT n")
def int_(m: X86Machine, number: Bits) -> None:
    """INT 0x80 is the system call; no other interrupt is ours."""
    m.leave_if(number.ne(0x80), EXIT_UNDEFINED)
    m.exit(EXIT_SYSCALL, number.zext(32), advance=True)


@X86.insn(
    *(Enc(f"0F {opcode:02X} /r", rep=True) for opcode in range(0x1C, 0x20)), ref="SDM 2B, NOP"
)
def nop() -> None:
    """Nothing: the long NOP and hints such as ENDBR32; its operand is not accessed."""
