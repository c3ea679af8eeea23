"""The native i386 interpreter as an engine of `x86_oracle`: one instruction in real slots.

`pending` is set, so that it leaves after a branch; what is not a branch runs into the INT3 behind.
"""

from __future__ import annotations

import ctypes
from dataclasses import replace

from x86_oracle import CODE, CODE_SIZE, DATA, DATA_SIZE, FLAGS, INT3, OUTCOMES, REPEAT_LIMIT, Cpu

from run32.kernel.memory import Memory
from run32.runtime import engine as native
from run32.runtime.faults import settle
from run32.runtime.registers import X86Registers
from run32.spec.exits import EXIT_BREAKPOINT, EXIT_FAULT, EXIT_PENDING

PROT_R, PROT_RW, PROT_RX = 1, 3, 5
MAP_FIXED_ANON = 0x32


class NativeEngine:
    """The built engine in this process."""

    name = "native"

    def __init__(self, path: str) -> None:
        self.engine = native.Engine(path)
        self.cpu = native.Cpu(self.engine)
        self.engine.start(self.cpu)
        self.memory = Memory("i386")
        self.engine.attach(self.memory)
        self.cpu.set_quad("mem", self.memory.base)
        self.cpu.set("thunk_count", 0)
        self.regs = X86Registers(self.cpu)
        assert self.memory.mmap(CODE, CODE_SIZE, 7, MAP_FIXED_ANON, -1, 0) == CODE
        assert self.memory.mprotect(CODE, CODE_SIZE, PROT_RX) == 0
        assert self.memory.mmap(DATA, DATA_SIZE, PROT_RW, MAP_FIXED_ANON, -1, 0) == DATA
        self._poke(CODE, bytes([INT3]) * CODE_SIZE)

    def write_code(self, address: int, data: bytes) -> None:
        """Write code, through a moment of write permission."""
        base, engine = self.memory.base, self.engine
        page = address & -4096
        size = -(-(address + len(data) - page) // 4096) * 4096
        engine.syscall(native.NR["mprotect"], base + page, size, PROT_RW)
        ctypes.memmove(base + address, data, len(data))
        engine.syscall(native.NR["mprotect"], base + page, size, PROT_R)

    def _poke(self, address: int, data: bytes) -> None:
        """Write code and forget what was decoded there."""
        self.write_code(address, data)
        for shadow, scale in self.engine.shadows:
            ctypes.memset(shadow + address * scale, 0, len(data) * scale)

    def run(self, raw: bytes, state: Cpu) -> Cpu:
        raw = raw[: CODE + CODE_SIZE - state.eip]
        self._poke(state.eip, raw)
        after = self.execute(raw, state)
        self._poke(state.eip, bytes([INT3]) * len(raw))
        return after

    def execute(self, raw: bytes, state: Cpu) -> Cpu:
        """The state after the instruction `raw`, which lies in memory."""
        ctypes.memmove(self.memory.base + DATA, state.data, DATA_SIZE)
        cpu, regs = self.cpu, self.regs
        for i, value in enumerate(state.r):
            cpu.words[i] = value
        regs["eflags"], regs["eip"] = state.eflags, state.eip
        for _ in range(REPEAT_LIMIT):
            cpu.set("pending", 1)
            reason = self.engine.enter(cpu.address)
            if reason != EXIT_PENDING or regs["eip"] != state.eip:
                break
        outcome = self._outcome(reason, state.eip + len(raw))
        data = ctypes.string_at(self.memory.base + DATA, DATA_SIZE)
        return replace(
            state,
            r=cpu.words[0:8].tolist(),
            eip=regs["eip"],
            eflags=regs["eflags"] & FLAGS,
            outcome=outcome,
            data=state.data if data == state.data else data,
        )

    def _outcome(self, reason: int, end: int) -> str:
        """What became of the instruction that ends at `end`; eip is made exact."""
        if reason == EXIT_FAULT:
            fault = settle(self.engine, self.cpu, self.memory)
            return "" if fault is not None and fault.address == fault.pc else "fault"
        if reason == EXIT_BREAKPOINT and self.regs["eip"] != end:
            self.regs["eip"] -= 1  # the filler's
            return ""
        return OUTCOMES.get(reason, "")
