"""What a guest fault is: signal, code, address, and the one line that says so."""

from __future__ import annotations

from run32.kernel.memory import Fault
from run32.kernel.vma import PROT_EXEC
from run32.spec.exits import (
    EXIT_ALIGNMENT,
    EXIT_BREAKPOINT,
    EXIT_DIVIDE,
    EXIT_FAULT,
    EXIT_UNDEFINED,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.memory import Memory
    from run32.runtime.engine import Cpu, Engine

SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV = 4, 5, 7, 8, 11
ILL_ILLOPC, ILL_ILLOPN, TRAP_BRKPT, BUS_ADRALN, FPE_INTDIV, SI_KERNEL = 1, 2, 1, 1, 1, 0x80
SEGV_MAPERR, SEGV_ACCERR = 1, 2
_NAMES = {SIGILL: "illegal instruction", SIGTRAP: "breakpoint", SIGBUS: "bus error"}
_NAMES |= {SIGSEGV: "segmentation fault", SIGFPE: "arithmetic exception"}
SPACE = 1 << 32
REST = 4  # `codegen.x86_decoder.TOUCH`
SHOWN = 8  # bytes of an unknown instruction in its message


class GuestFault:
    """A synchronous guest signal: `signo`, `code`, `address` (si_addr), `pc`, explanation."""

    __slots__ = ("address", "code", "is_access", "is_near", "pc", "signo", "text")

    def __init__(
        self,
        signo: int,
        code: int,
        address: int,
        pc: int,
        text: str = "",
        is_access: bool = False,
    ) -> None:
        self.signo = signo
        self.code = code
        self.address = address
        self.pc = pc
        self.text = text
        self.is_access = is_access
        """Whether a memory access failed: later frames show its address."""
        self.is_near = False
        """Whether `pc` is only where the region begins that faulted."""

    def line(self) -> str:
        """What the user is told when nobody handles the signal."""
        where = f"at pc {self.pc:#010x}"
        if self.is_near:
            where = f"in the translated code that begins at pc {self.pc:#010x}"
        return f"{_NAMES[self.signo]} {where}: {self.text}"


def settle(engine: Engine, cpu: Cpu, memory: Memory) -> GuestFault | None:
    """Make pc exact after EXIT_FAULT; None when the access can simply be tried again.

    Requires: the last exit was EXIT_FAULT out of guest code.
    """
    ip, fault = cpu.quad("ip"), cpu.quad("fault_addr")
    is_decoding = ip & 1
    ip -= is_decoding
    if engine.is_region(cpu.quad("fault_host_pc")):
        leave_region(engine, cpu, memory)
        ip = 0
    for thumb, (shadow, scale) in enumerate(engine.shadows):
        if 0 <= ip - shadow < SPACE * scale:
            cpu.set("pc", (ip - shadow) // scale)
            cpu.set("thumb", thumb)
        if 0 <= fault - shadow < SPACE * scale + engine.guard:
            address = (fault - shadow) // scale & 0xFFFFFFFF
            # the rest of an instruction: a Thumb second half, or i386 bytes on a further page, of
            # whose slot the decoder touches the inside
            rest = (thumb and cpu.get("pc") == address - 2) or (fault - shadow) & 15 == REST
            with memory.lock:
                vma = memory.table.at(address)
            is_code = vma is not None and vma.prot & PROT_EXEC != 0
            if not is_decoding or not (rest or is_code):
                cpu.set("pc", address)
                cpu.set("thumb", thumb)
            if is_code:
                return None  # another thread was about to map it
            mapped = vma is not None
            code = SEGV_ACCERR if mapped else SEGV_MAPERR
            why = "not executable" if mapped else "not mapped"
            return GuestFault(SIGSEGV, code, address, cpu.get("pc"), f"code is {why}", True)
    address = fault - memory.base & 0xFFFFFFFF
    if memory.fault(address):
        return None
    signo = cpu.get("fault_signal")
    code = cpu.get("fault_code")
    if signo == SIGSEGV:
        code = SEGV_ACCERR if memory.table.at(address) is not None else SEGV_MAPERR
        how = "may not be accessed so" if code == SEGV_ACCERR else "is not mapped"
        text = f"address {address:#010x} {how}"
    else:
        text = f"address {address:#010x} lies behind the end of its file"
    return GuestFault(signo, code, address, cpu.get("pc"), text, True)


def leave_region(engine: Engine, cpu: Cpu, memory: Memory) -> None:
    """Let the interpreter go on where a region has stored the state last."""
    place = cpu.get("pc")
    cpu.set("pc", place & ~1)
    cpu.set("thumb", place & 1)
    if place & 1:
        from run32.runtime.itblocks import decode_around

        decode_around(engine, cpu, memory.base, place & ~1)


def from_exit(reason: int, cpu: Cpu, memory: Memory) -> GuestFault:
    """The fault behind an exit other than EXIT_FAULT."""
    pc = cpu.get("pc")
    if reason == EXIT_UNDEFINED:
        if memory.abi == "i386":
            text = describe_bytes(memory, pc)
            return GuestFault(SIGILL, ILL_ILLOPN, pc, pc, text)
        return GuestFault(SIGILL, ILL_ILLOPC, pc, pc, describe_insn(memory, pc, cpu.get("thumb")))
    if reason == EXIT_BREAKPOINT:
        code = SI_KERNEL if memory.abi == "i386" else TRAP_BRKPT
        return GuestFault(SIGTRAP, code, pc, pc, "a breakpoint instruction")
    if reason == EXIT_DIVIDE:
        text = "division by zero, or the quotient does not fit"
        return GuestFault(SIGFPE, FPE_INTDIV, pc, pc, text)
    if reason == EXIT_ALIGNMENT:
        address = cpu.get("exit_arg")
        text = f"address {address:#010x} is not aligned as an exclusive access needs"
        return GuestFault(SIGBUS, BUS_ADRALN, address, pc, text)
    raise AssertionError(f"exit {reason} is no fault (EXIT_FAULT is {EXIT_FAULT})")


def describe_bytes(memory: Memory, pc: int) -> str:
    """The bytes of an i386 instruction without a row, as far as they can be read."""
    raw = bytearray()
    while len(raw) < SHOWN:
        try:
            raw += memory.read(pc + len(raw), 1)
        except Fault:
            break
    return f"instruction bytes {raw.hex(' ')} are undefined, or not known to run32 yet"


def describe_insn(memory: Memory, pc: int, thumb: int) -> str:
    """The instruction word at `pc` and, where known, why it has no meaning here."""
    if not thumb:
        word = memory.u32(pc)
        text = f"instruction {word:#010x}"
    else:
        raw = memory.read(pc, 2)
        first = raw[0] | raw[1] << 8
        word, text = first, f"Thumb instruction {first:#06x}"
        if first >= 0xE800:
            raw = memory.read(pc + 2, 2)
            word = first << 16 | raw[0] | raw[1] << 8
            text = f"Thumb instruction {word:#010x}"
    if is_simd(word, thumb):
        return text + " is undefined, or Advanced SIMD of ARMv8, which run32 does not have yet"
    return text + " is undefined"


def is_simd(word: int, thumb: int) -> bool:
    """Whether a word is in the Advanced SIMD space (DDI 0406C A7.4, A7.7)."""
    if thumb:
        data = word >> 24 & 0xEF == 0xEF
        memory = word >> 24 == 0xF9 and not word >> 20 & 1
    else:
        data = word >> 25 == 0b1111001
        memory = word >> 24 == 0xF4 and not word >> 20 & 1
    return bool(data or memory)
