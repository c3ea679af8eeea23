"""One guest thread: a host thread, its cpu, its task, and the loop over exits from native code.

The loop is all of the slow path's control flow: native code runs until it needs Python, the exit
reason says why. `run` ends by raising Exit, Killed or ThreadEnd.
"""

from __future__ import annotations

import os

from run32.kernel.task import Killed, Task
from run32.runtime.engine import Cpu
from run32.runtime.registers import ArmRegisters, X86Registers
from run32.spec.exits import EXIT_FAULT, EXIT_PENDING, EXIT_SYSCALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from run32.runtime.faults import GuestFault
    from run32.runtime.process import Process

EFAULT = 14
IN_THUNK = 2  # `fault_where` of a fault inside a syscall thunk
SLOW_RESULT = -65536


class Thread:
    """A guest thread of `process`. Requires: `run` is called on the host thread it is to be."""

    def __init__(self, process: Process, cpu: Cpu) -> None:
        self.process = process
        self.engine = process.engine
        self.memory = process.memory
        self.cpu = cpu
        cpu.set_quad("mem", process.memory.base)
        i386 = process.engine.meta["isa"] == "i386"
        self.regs = X86Registers(cpu) if i386 else ArmRegisters(cpu)
        self.task: Task

    def attach(self, task: Task) -> None:
        """`task` is what this thread executes."""
        self.task = task
        task.runner = self

    # -- system calls -----------------------------------------------------------------------------
    def native(self, nr: int) -> int:
        """Run the thunk of syscall `nr` on the argument registers as they are."""
        offset = self.engine.thunk_offsets.get(nr, 0)
        if not offset:
            return -38
        if self.engine.run_thunk(self.cpu.address, offset) == EXIT_FAULT:
            return -EFAULT
        result = self.cpu.quad("result")
        return result - (1 << 64) if result >> 63 else result

    def syscall(self) -> None:
        """Answer the system call that guest code stopped at."""
        process, words = self.process, self.cpu.words
        nr = words[process.number_register]
        args = process.arguments(words)
        tracer = process.tracer
        if tracer is not None:
            tracer.enter(nr, args)
        result = self._call(nr, args)
        if tracer is not None:
            tracer.leave(nr, args, result)
        words[0] = result & 0xFFFFFFFF

    def _call(self, nr: int, args: Sequence[int]) -> int:
        process = self.process
        if process.tracer is not None and nr in self.engine.thunk_offsets:
            result = self.native(nr)
            if result != SLOW_RESULT:
                return result
        return process.dispatcher.dispatch(self.task, nr, args)

    # -- the loop ---------------------------------------------------------------------------------
    def run(self) -> None:
        """Run guest code until it ends. Raises Exit or Killed."""
        cpu, enter, address = self.cpu, self.engine.enter, self.cpu.address
        while True:
            reason = enter(address)
            if reason == EXIT_SYSCALL:
                self.syscall()
            elif reason == EXIT_FAULT:
                self._fault()
            elif reason == EXIT_PENDING:
                cpu.set("pending", 0)
            else:
                from run32.runtime.faults import from_exit

                self.deliver(from_exit(reason, cpu, self.memory))

    def _fault(self) -> None:
        from run32.runtime.faults import settle

        fault = settle(self.engine, self.cpu, self.memory)
        if self.cpu.get("fault_where") == IN_THUNK:
            # native code copied through a bad guest pointer; the pc is behind the svc already
            if fault is None:  # the stack has grown: make the call again
                size = 4 if self.task.abi == "arm" and not self.cpu.get("thumb") else 2
                self.cpu.set("pc", self.cpu.get("pc") - size)
            else:
                self.cpu.words[0] = -EFAULT & 0xFFFFFFFF
        elif fault is not None:
            self.deliver(fault)

    def deliver(self, fault: GuestFault) -> None:
        """A synchronous signal with its default action: the process ends by it."""
        from run32.runtime.process import report

        if self.process.tracer is not None:
            self.process.tracer.signal(fault)
        report(f"{os.fsdecode(self.task.program.exe)}: {fault.line()}")
        raise Killed(fault.signo, core=True)
