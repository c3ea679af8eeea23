"""One instruction on several engines: states, the engines, and what it means to agree.

An engine executes an instruction (or several) from a `Cpu` state in a fixed address space (a window
of code, in whose middle the instruction lies, and a window of data) and gives the state after it.
The reference evaluator and Unicorn are here; another engine joins by offering `run_code`. Unicorn
(QEMU 5.0's TCG) is the oracle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from run32.isa.arm.all import ARM
from run32.spec import machine, reference
from run32.spec.rows import Encoding

CODE, CODE_SIZE = 0x0010_0000, 0x4000
DATA, DATA_SIZE = 0x0040_0000, 0x2000
SLOT = 32  # where code is placed next: each case in a slot of its own
HERE = CODE + CODE_SIZE // 2 + SLOT // 4
MASK = 0xFFFFFFFF
SVC = 2  # Unicorn's interrupt number


def _code(thumb: bool) -> bytes:
    """The code window: breakpoints that differ, so that execution stops and literals show.

    Two halves of neighbouring A32 words make an SVC, for branches to a misaligned address.
    """
    if thumb:
        return b"".join((0xBE00 | i & 0xFF).to_bytes(2, "little") for i in range(CODE_SIZE // 2))
    words = (0xE120EF70 | (i >> 4 & 15) << 16 | i & 15 for i in range(CODE_SIZE // 4))
    return b"".join(w.to_bytes(4, "little") for w in words)


FILLER = {"a32": _code(False), "t16": _code(True), "t32": _code(True)}
NOISE = Random(32).randbytes(DATA_SIZE)

# Outcomes other than going on.
OUTCOMES = {
    machine.EXIT_SYSCALL: "syscall",
    machine.EXIT_UNDEFINED: "undefined",
    machine.EXIT_BREAKPOINT: "breakpoint",
    machine.EXIT_FAULT: "fault",
    machine.EXIT_ALIGNMENT: "alignment",
    machine.EXIT_COUNTER: "counter",
}


@dataclass
class Cpu:
    """A CPU state and, after a run, what became of the instruction and of the data window."""

    r: list[int] = field(default_factory=lambda: [0] * 15)
    pc: int = HERE
    thumb: bool = False
    it: int = 0
    nzcv: int = 0
    q: int = 0
    ge: int = 0
    d: list[int] = field(default_factory=lambda: [0] * 32)
    fpscr: int = 0
    vfp: bool = False  # does this case use the VFP registers?
    outcome: str = ""  # "" = went on to pc
    data: bytes = NOISE

    def __repr__(self) -> str:
        r = " ".join(f"{v:08x}" for v in self.r)
        vfp = f" fpscr {self.fpscr:08x}" if self.vfp else ""
        return f"pc {self.pc:x} it {self.it:02x} nzcv {self.nzcv:04b} ge {self.ge:04b} r {r}{vfp}"

    def differences(self, other: Cpu) -> Iterator[str]:
        """What is not equal, `self` being the expectation."""
        if self.outcome != other.outcome:
            yield f"outcome {self.outcome or 'none'} != {other.outcome or 'none'}"
            return
        if self.outcome:
            return  # where a signal leaves memory and registers is the runtime's to test
        for n, (a, b) in enumerate(zip(self.r, other.r, strict=True)):
            if a != b:
                yield f"r{n} {a:#010x} != {b:#010x}"
        names = ("pc", "thumb", "it", "nzcv", "q", "ge", "fpscr")
        for name in names[: 7 if self.vfp else 6]:
            a, b = getattr(self, name), getattr(other, name)
            if a != b:
                yield f"{name} {a:#x} != {b:#x}"
        for n, (a, b) in enumerate(zip(self.d, other.d, strict=True)):
            if self.vfp and a != b:
                yield f"d{n} {a:#018x} != {b:#018x}"
        for n, (a, b) in enumerate(zip(self.data, other.data, strict=True)):
            if a != b and self.data != other.data:
                yield f"[{DATA + n:#x}] {a:#04x} != {b:#04x}"


class Engine:
    """Executes code from a state, which it does not change. An engine provides `run_code`."""

    name = ""

    def run(self, set_: str, word: int, state: Cpu) -> Cpu:
        """The state after one instruction `word` (a t32 word has its first halfword on top)."""
        return self.run_code(set_, code_bytes(set_, word), state)

    def run_code(self, set_: str, code: bytes, state: Cpu) -> Cpu:
        """The state when pc first leaves `code`, which is placed at the state's pc.

        Code of one instruction stops after it even where that is a branch to itself.
        """
        raise NotImplementedError


def code_bytes(set_: str, *words: int) -> bytes:
    """Instruction words as they lie in memory; Thumb words of more than 16 bits are t32."""
    raw = b""
    for word in words:
        if set_ == "a32":
            raw += word.to_bytes(4, "little")
        else:
            if word >> 16:
                raw += (word >> 16).to_bytes(2, "little")
            raw += (word & 0xFFFF).to_bytes(2, "little")
    return raw


class Windows:
    """Memory of the reference: the two windows."""

    def __init__(self, set_: str, code: bytes, pc: int, data: bytes) -> None:
        self.code = bytearray(FILLER[set_])
        self.code[pc - CODE : pc - CODE + len(code)] = code
        self.data = bytearray(data)

    def _find(self, address: int, size: int) -> tuple[bytearray, int]:
        for base, window in ((CODE, self.code), (DATA, self.data)):
            if base <= address and address + size <= base + len(window):
                return window, address - base
        raise reference.MemoryFault(address)

    def read(self, address: int, size: int) -> bytes:
        window, offset = self._find(address, size)
        return bytes(window[offset : offset + size])

    def write(self, address: int, data: bytes) -> None:
        window, offset = self._find(address, len(data))
        if window is self.code:
            raise reference.MemoryFault(address)
        window[offset : offset + len(data)] = data


class Reference(Engine):
    """The reference evaluator."""

    name = "reference"

    def run_code(self, set_: str, code: bytes, state: Cpu) -> Cpu:
        memory = Windows(set_, code, state.pc, state.data)
        m = reference.RefMachine(memory)
        m.r[:15] = state.r
        m.address, m.thumb, m.it = state.pc, state.thumb, state.it
        n, z, c, v = (state.nzcv >> i & 1 for i in (3, 2, 1, 0))
        m.fields |= {"n": n << 31, "z": 1 - z, "c": c, "v": v, "q": state.q, "ge": state.ge}
        m.fields["fpscr"] = state.fpscr
        m.d[:] = state.d
        leave = reference.step(m, ARM)
        while leave is None and state.pc < m.address < state.pc + len(code):
            leave = reference.step(m, ARM)
        f = m.fields
        nzcv = f["n"] >> 31 << 3 | (f["z"] == 0) << 2 | f["c"] << 1 | f["v"]
        return replace(
            state,
            r=m.r[:15],
            pc=m.address,
            thumb=m.thumb,
            it=m.it,
            nzcv=nzcv,
            q=f["q"],
            ge=f["ge"],
            d=list(m.d),
            fpscr=f["fpscr"],
            outcome=OUTCOMES[leave.reason] if leave else "",
            data=bytes(memory.data),
        )


class UnicornEngine(Engine):
    """Unicorn with a Cortex-A15 in user mode; one instance for ARM code and one for Thumb code."""

    name = "unicorn"
    _INTERRUPTS = {1: "undefined", SVC: "syscall", 4: "alignment", 7: "breakpoint"}

    def __init__(self) -> None:
        import unicorn
        from unicorn import arm_const as c

        self.error = unicorn.UcError
        self.const = unicorn.unicorn_const
        self.core = [c.UC_ARM_REG_R0 + i for i in range(13)]
        self.core += [c.UC_ARM_REG_SP, c.UC_ARM_REG_LR, c.UC_ARM_REG_CPSR]
        self.pc = c.UC_ARM_REG_PC
        self.vfp = [c.UC_ARM_REG_D0 + i for i in range(32)] + [c.UC_ARM_REG_FPSCR]
        self.event: tuple[int, int] | None = None  # the first interrupt and its pc
        self.instances = {thumb: self._open(FILLER[s]) for thumb, s in enumerate(("a32", "t16"))}
        self.uc = self.instances[False]
        self.used: dict[bool, set[int]] = {False: set(), True: set()}  # slots translated
        self.filler = FILLER["a32"]

    def _open(self, filler: bytes) -> Any:
        import unicorn
        from unicorn import arm_const as c

        uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        uc.ctl_set_cpu_model(c.UC_CPU_ARM_CORTEX_A15)
        uc.mem_map(CODE, CODE_SIZE, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC)
        uc.mem_map(DATA, DATA_SIZE, unicorn.UC_PROT_READ | unicorn.UC_PROT_WRITE)
        uc.mem_write(CODE, filler)
        uc.reg_write(c.UC_ARM_REG_C1_C0_2, 0xF << 20)
        uc.reg_write(c.UC_ARM_REG_FPEXC, 1 << 30)
        uc.hook_add(unicorn.UC_HOOK_INTR, self._interrupt)
        return uc

    def _interrupt(self, uc: Any, number: int, _user: object) -> None:
        if self.event is None:
            self.event = number, uc.reg_read(self.pc)
        uc.emu_stop()

    def _write(self, set_: str, code: bytes, state: Cpu) -> None:
        uc = self.uc = self.instances[state.thumb]
        self.filler = FILLER[set_]
        uc.mem_write(state.pc, code)
        if state.pc // SLOT in self.used[state.thumb]:
            uc.ctl_flush_tb()  # what Unicorn translated before; slow
            self.used[state.thumb].clear()
        self.used[state.thumb].add(state.pc // SLOT)
        uc.mem_write(DATA, state.data)
        cpsr = 0x10 | state.nzcv << 28 | state.q << 27 | state.ge << 16 | state.thumb << 5
        cpsr |= (state.it & 3) << 25 | state.it >> 2 << 10
        uc.reg_write(self.core[-1], cpsr)
        uc.reg_write_batch(list(zip(self.core[:-1], state.r, strict=True)))
        if state.vfp:
            uc.reg_write_batch(list(zip(self.vfp, [*state.d, state.fpscr], strict=True)))

    def _read(self, state: Cpu) -> Cpu:
        uc = self.uc
        *r, cpsr = uc.reg_read_batch(self.core)
        *d, fpscr = uc.reg_read_batch(self.vfp) if state.vfp else [*state.d, state.fpscr]
        data = bytes(uc.mem_read(DATA, DATA_SIZE))
        return replace(
            state,
            r=r,
            pc=uc.reg_read(self.pc),
            thumb=bool(cpsr >> 5 & 1),
            it=cpsr >> 25 & 3 | (cpsr >> 10 & 0x3F) << 2,
            nzcv=cpsr >> 28,
            q=cpsr >> 27 & 1,
            ge=cpsr >> 16 & 15,
            d=d,
            fpscr=fpscr,
            outcome="",
            data=data,
        )

    def run_code(self, set_: str, code: bytes, state: Cpu) -> Cpu:
        self._write(set_, code, state)
        self.event = None
        outcome = ""
        try:
            # what follows is breakpoints; the count is for branches to the instruction itself
            count = 1 if len(code) <= 4 else 20
            self.uc.emu_start(state.pc | state.thumb, 0xFFFFFFF0, count=count)
        except self.error as e:
            outcome = self._error_outcome(e.errno)
        after = self._read(state)
        if self.event is not None:
            number, after.pc = self.event
            end = state.pc + len(code)
            if number == SVC and not state.pc < after.pc <= end:
                after.pc -= 4  # the filler's, misaligned
            elif state.pc <= after.pc < end or number == SVC:
                outcome = self._INTERRUPTS.get(number, f"interrupt {number}")
        if outcome == "undefined" and not state.pc <= after.pc < state.pc + len(code):
            outcome = ""  # the filler's, executed in the other state
        if not after.thumb:
            after.pc &= ~3
        after.outcome = outcome
        self.used[state.thumb].add(after.pc // SLOT)
        at = state.pc - CODE
        self.uc.mem_write(state.pc, self.filler[at : at + len(code)])
        return after

    def _error_outcome(self, errno: int) -> str:
        k = self.const
        if errno == k.UC_ERR_INSN_INVALID:
            return "undefined"
        if errno in (k.UC_ERR_FETCH_UNMAPPED, k.UC_ERR_FETCH_PROT):
            return ""  # the instruction itself is done
        if errno in (
            k.UC_ERR_READ_UNMAPPED,
            k.UC_ERR_WRITE_UNMAPPED,
            k.UC_ERR_READ_PROT,
            k.UC_ERR_WRITE_PROT,
        ):
            return "fault"
        return f"error {errno}"


# Over all tests: (engines, "states" or "differences") -> how many.
TOTALS: Counter[tuple[str, str]] = Counter()


class Tally:
    """Results of one row on two engines."""

    def __init__(self, engines: str = "reference against unicorn") -> None:
        self.engines = engines
        self.states = 0
        self.outcomes: dict[str, int] = {}
        self.differences: list[str] = []

    def add(self, e: Encoding, word: int, state: Cpu, expected: Cpu, found: Cpu) -> None:
        """Count one run and keep what differs."""
        self.states += 1
        TOTALS[self.engines, "states"] += 1
        self.outcomes[expected.outcome] = self.outcomes.get(expected.outcome, 0) + 1
        different = list(expected.differences(found))
        if different:
            TOTALS[self.engines, "differences"] += 1
            self.differences.append(f"{e!r} {word:#x}: {', '.join(different[:6])}\n    {state!r}")
