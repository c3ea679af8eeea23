"""The native interpreter as an engine of the oracle harness: one instruction in real slots.

The instruction lies in the same windows as on the other engines; it stops because what follows, and
every place it can branch to, is a breakpoint of the filler or not executable. IT state is made by a
real IT instruction in front.
"""

from __future__ import annotations

import ctypes
from dataclasses import replace

from oracle import CODE, CODE_SIZE, DATA, DATA_SIZE, FILLER, OUTCOMES, Cpu, Engine

from run32.kernel.memory import Memory
from run32.runtime import engine as native
from run32.runtime.faults import settle
from run32.runtime.registers import ArmRegisters
from run32.spec.exits import EXIT_COUNTER, EXIT_FAULT, EXIT_SYSCALL

PROT_RX, PROT_RW = 5, 3
MAP_FIXED_ANON = 0x32


class NativeEngine(Engine):
    """The built engine in this process."""

    name = "native"

    def __init__(self, path: str) -> None:
        self.engine = native.Engine(path)
        self.cpu = native.Cpu(self.engine)
        self.engine.start(self.cpu)
        self.memory = Memory("arm")
        self.engine.attach(self.memory)
        self.cpu.set_quad("mem", self.memory.base)
        self.cpu.set("thunk_count", 0)
        self.regs = ArmRegisters(self.cpu)
        assert self.memory.mmap(CODE, CODE_SIZE, 7, MAP_FIXED_ANON, -1, 0) == CODE
        assert self.memory.mprotect(CODE, CODE_SIZE, PROT_RX) == 0
        assert self.memory.mmap(DATA, DATA_SIZE, PROT_RW, MAP_FIXED_ANON, -1, 0) == DATA
        self.filler = b""

    def _poke(self, address: int, data: bytes) -> None:
        """Write code, through a moment of write permission, and forget what was decoded there."""
        base, cpu = self.memory.base, self.engine
        page = address & -4096
        size = -(-(address + len(data) - page) // 4096) * 4096
        mprotect = native.NR["mprotect"]
        cpu.syscall(mprotect, base + page, size, PROT_RW)
        ctypes.memmove(base + address, data, len(data))
        cpu.syscall(mprotect, base + page, size, 1)
        low, high = address & -4, -(-(address + len(data)) // 4) * 4
        for shadow, scale in cpu.shadows:
            ctypes.memset(shadow + low * scale, 0, (high - low) * scale)

    def run_code(self, set_: str, code: bytes, state: Cpu) -> Cpu:
        raw = code
        start = state.pc
        if state.it:
            raw = (0xBF00 | state.it).to_bytes(2, "little") + raw
            start -= 2
        if self.filler is not FILLER[set_]:
            self.filler = FILLER[set_]
            self._poke(CODE, self.filler)
        self._poke(start, raw)
        ctypes.memmove(self.memory.base + DATA, state.data, DATA_SIZE)
        self._write(state, start)
        after = self._read(state, self._enter(), len(code))
        self._poke(start, self.filler[start - CODE : start - CODE + len(raw)])
        return after

    def _enter(self) -> int:
        """Run guest code; why it left."""
        return self.engine.enter(self.cpu.address)

    def _write(self, state: Cpu, start: int) -> None:
        cpu = self.cpu
        for i, value in enumerate(state.r):
            cpu.words[i] = value
        cpu.set("ex_size", 0)
        flags = state.nzcv << 28 | state.q << 27 | state.ge << 16 | state.thumb << 5
        self.regs["cpsr"] = flags
        cpu.set("pc", start)
        cpu.set("pending", 1)  # leave after a branch
        for i, value in enumerate(state.d):
            cpu.quads[cpu.quad_at["d"] + i] = value
        if state.vfp:
            self.regs["fpscr"] = state.fpscr

    def _read(self, state: Cpu, reason: int, length: int) -> Cpu:
        cpu = self.cpu
        outcome = OUTCOMES.get(reason, "")
        if reason == EXIT_FAULT:
            fault = settle(self.engine, cpu, self.memory)
            if fault is not None and fault.address == fault.pc:
                outcome = ""  # the fetch after the instruction
        elif reason in (EXIT_SYSCALL, EXIT_COUNTER):
            outcome = outcome if cpu.get("pc") == state.pc + length else ""
        elif not state.pc <= cpu.get("pc") < state.pc + length:
            outcome = ""  # the filler's
        flags = self.regs["cpsr"]
        data = ctypes.string_at(self.memory.base + DATA, DATA_SIZE)
        at = cpu.quad_at["d"]
        return replace(
            state,
            r=cpu.words[0:15].tolist(),
            pc=cpu.get("pc"),
            thumb=bool(cpu.get("thumb")),
            it=0,
            nzcv=flags >> 28,
            q=flags >> 27 & 1,
            ge=flags >> 16 & 15,
            d=cpu.quads[at : at + 32].tolist(),
            fpscr=self.regs["fpscr"] if state.vfp else state.fpscr,
            outcome=outcome,
            data=data,
        )
