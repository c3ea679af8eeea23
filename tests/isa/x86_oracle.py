"""One i386 instruction on several engines: states, the engines, and what it means to agree.

As `oracle`, for i386: a window of code full of INT3, in whose middle the instruction lies, and a
window of data. Reference, native interpreter and Unicorn (QEMU 5.0's TCG, the oracle) offer `run`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from run32.isa.x86.all import X86
from run32.spec import machine
from run32.spec.reference import MemoryFault
from run32.spec.x86_reference import Decoded, RefX86, step

CODE, CODE_SIZE = 0x0010_0000, 0x4000
DATA, DATA_SIZE = 0x0040_0000, 0x2000
HERE = CODE + CODE_SIZE // 2
NOISE = Random(86).randbytes(DATA_SIZE)
INT3 = 0xCC
MAX_LENGTH = 15
NAMES = ("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi")
BITS = {"C": 0, "P": 2, "A": 4, "Z": 6, "S": 7, "D": 10, "O": 11}
FLAGS = sum(1 << bit for bit in BITS.values())
MASK = 0xFFFFFFFF
REPEAT_LIMIT = 40  # elements that a repeated instruction is followed for

OUTCOMES = {
    machine.EXIT_SYSCALL: "syscall",
    machine.EXIT_UNDEFINED: "undefined",
    machine.EXIT_BREAKPOINT: "breakpoint",
    machine.EXIT_FAULT: "fault",
    machine.EXIT_FETCH: "fault",
    machine.EXIT_DIVIDE: "divide",
}


@dataclass
class Cpu:
    """A CPU state and, after a run, what became of the instruction and of the data window."""

    r: list[int] = field(default_factory=lambda: [0] * 8)
    eip: int = HERE
    eflags: int = 0  # only the bits in FLAGS
    outcome: str = ""  # "" = went on to eip
    data: bytes = NOISE

    def __repr__(self) -> str:
        r = " ".join(f"{n} {v:08x}" for n, v in zip(NAMES, self.r, strict=True))
        return f"eip {self.eip:x} eflags {self.eflags:04x} {r}"

    def differences(self, other: Cpu, undefined: int = 0) -> Iterator[str]:
        """What is not equal, `self` being the expectation; `undefined` are flags to ignore."""
        if self.outcome != other.outcome:
            yield f"outcome {self.outcome or 'none'} != {other.outcome or 'none'}"
            return
        if self.outcome:
            undefined = FLAGS
        for name, a, b in zip(NAMES, self.r, other.r, strict=True):
            if a != b:
                yield f"{name} {a:#010x} != {b:#010x}"
        if self.eip != other.eip:
            yield f"eip {self.eip:#x} != {other.eip:#x}"
        wrong = (self.eflags ^ other.eflags) & ~undefined
        if wrong:
            yield f"flags {[n for n, bit in BITS.items() if wrong >> bit & 1]} of {self.eflags:#x}"
        if self.data != other.data:
            for n, (a, b) in enumerate(zip(self.data, other.data, strict=True)):
                if a != b:
                    yield f"[{DATA + n:#x}] {a:#04x} != {b:#04x}"


class Engine(Protocol):
    """Executes one instruction, a repeated one to its end; `state` is not changed."""

    name: str

    def run(self, raw: bytes, state: Cpu) -> Cpu:
        """The state after the instruction `raw`."""
        ...


class Windows:
    """Memory of the reference: the two windows."""

    def __init__(self, raw: bytes, pc: int, data: bytes) -> None:
        self.code = bytearray([INT3]) * CODE_SIZE
        self.code[pc - CODE : pc - CODE + len(raw)] = raw[: CODE + CODE_SIZE - pc]
        self.data = bytearray(data)

    def _find(self, address: int, size: int) -> tuple[bytearray, int]:
        for base, window in ((CODE, self.code), (DATA, self.data)):
            if base <= address and address + size <= base + len(window):
                return window, address - base
        raise MemoryFault(address)

    def read(self, address: int, size: int) -> bytes:
        window, offset = self._find(address, size)
        return bytes(window[offset : offset + size])

    def write(self, address: int, data: bytes) -> None:
        window, offset = self._find(address, len(data))
        if window is self.code:
            raise MemoryFault(address)
        window[offset : offset + len(data)] = data


class Reference:
    """The reference evaluator."""

    name = "reference"

    def __init__(self) -> None:
        self.decoded: Decoded | None = None

    def _note(self, decoded: Decoded) -> None:
        self.decoded = decoded

    def run(self, raw: bytes, state: Cpu) -> Cpu:
        memory = Windows(raw, state.eip, state.data)
        m = RefX86(memory)
        m.r[:8] = state.r
        m.address = state.eip
        flags = state.eflags
        m.fields |= {
            name: flags >> BITS[f] & 1 for f, name in (("C", "c"), ("O", "v"), ("D", "df"))
        }
        m.fields |= {"n": (flags >> 7 & 1) << 31, "z": ~flags >> 6 & 1, "p": ~flags >> 2 & 1}
        m.fields["a"] = flags
        self.decoded = None
        for _ in range(REPEAT_LIMIT):
            leave = step(m, X86, self._note)
            if leave or m.address != state.eip:
                break
        assert m.r[8] == 0, "register 8 must stay zero"
        f = m.fields
        eflags = f["c"] | (f["z"] == 0) << 6 | f["n"] >> 31 << 7 | f["v"] << 11 | f["df"] << 10
        eflags |= f["a"] & 16 | (f["p"] & 0xFF).bit_count() % 2 * 4 ^ 4
        outcome = OUTCOMES[leave.reason] if leave else ""
        return replace(
            state, r=m.r[:8], eip=m.address, eflags=eflags, outcome=outcome, data=bytes(memory.data)
        )


class UnicornEngine:
    """Unicorn in 32-bit mode."""

    name = "unicorn"
    _INTERRUPTS = {0: "divide", 3: "breakpoint", 6: "undefined", 0x80: "syscall"}

    def __init__(self) -> None:
        import unicorn
        from unicorn import x86_const as c

        self.error = unicorn.UcError
        self.const = unicorn.unicorn_const
        self.uc = uc = unicorn.Uc(unicorn.UC_ARCH_X86, unicorn.UC_MODE_32)
        uc.mem_map(CODE, CODE_SIZE, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC)
        uc.mem_map(DATA, DATA_SIZE, unicorn.UC_PROT_READ | unicorn.UC_PROT_WRITE)
        uc.mem_write(CODE, bytes([INT3]) * CODE_SIZE)
        uc.hook_add(unicorn.UC_HOOK_INTR, self._interrupt)
        self.r = [getattr(c, f"UC_X86_REG_{n.upper()}") for n in NAMES]
        self.eip, self.eflags = c.UC_X86_REG_EIP, c.UC_X86_REG_EFLAGS
        self.event: int | None = None
        self.data = b""
        self.fresh = uc.context_save()

    def _interrupt(self, uc: object, number: int, _user: object) -> None:
        self.event = number
        self.uc.emu_stop()

    def run(self, raw: bytes, state: Cpu) -> Cpu:
        uc = self.uc
        raw = raw[: CODE + CODE_SIZE - state.eip]
        uc.mem_write(state.eip, raw)
        uc.ctl_remove_cache(state.eip, state.eip + len(raw))
        if self.data != state.data:
            uc.mem_write(DATA, state.data)
        uc.reg_write_batch(list(zip(self.r, state.r, strict=True)))
        uc.reg_write(self.eflags, state.eflags | 2)
        self.event, outcome = None, ""
        try:
            for _ in range(REPEAT_LIMIT):
                uc.emu_start(uc.reg_read(self.eip) if _ else state.eip, 0xFFFFFFF0, count=1)
                if self.event is not None or uc.reg_read(self.eip) != state.eip:
                    break
        except self.error as e:
            outcome = self._outcome(e.errno)
        if self.event is not None:
            outcome = self._INTERRUPTS.get(self.event, "undefined")
            if outcome == "undefined":
                uc.reg_write(self.eip, state.eip)  # behind INT n
        self.data = bytes(uc.mem_read(DATA, DATA_SIZE))
        after = replace(
            state,
            r=list(uc.reg_read_batch(self.r)),
            eip=uc.reg_read(self.eip),
            eflags=uc.reg_read(self.eflags) & FLAGS,
            outcome=outcome,
            data=state.data if self.data == state.data else self.data,
        )
        uc.mem_write(state.eip, bytes([INT3]) * len(raw))
        if outcome:
            uc.context_restore(self.fresh)  # it remembers exceptions and makes the next one double
        return after

    def _outcome(self, errno: int) -> str:
        k = self.const
        if errno == k.UC_ERR_INSN_INVALID:
            return "undefined"
        if errno in (k.UC_ERR_FETCH_UNMAPPED, k.UC_ERR_FETCH_PROT):
            return ""  # the instruction itself is done
        faults = (k.UC_ERR_READ_UNMAPPED, k.UC_ERR_WRITE_UNMAPPED, k.UC_ERR_WRITE_PROT)
        return "fault" if errno in (*faults, k.UC_ERR_READ_PROT) else f"error {errno}"
