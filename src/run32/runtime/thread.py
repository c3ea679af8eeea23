"""One guest thread: a host thread, its cpu, its task, and the loop over exits from native code.

The loop is all of the slow path's control flow: native code runs until it needs Python, the exit
reason says why. `run` ends by raising Exit, Killed or ThreadEnd; `live` turns that into the end of
the thread or the process.
"""

from __future__ import annotations

import os
import time

from run32.kernel.buf import addr
from run32.kernel.task import SIG_DFL, SIG_IGN, Exit, Killed, Task, ThreadEnd
from run32.runtime.engine import Cpu
from run32.runtime.registers import ArmRegisters, X86Registers
from run32.runtime.signals import Delivery
from run32.spec.exits import (
    EXIT_COUNTER,
    EXIT_FAULT,
    EXIT_HOT,
    EXIT_INTERRUPTED,
    EXIT_PENDING,
    EXIT_SYSCALL,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from run32.kernel.process import Request
    from run32.kernel.task import SigAction
    from run32.loader import Image
    from run32.runtime.faults import GuestFault
    from run32.runtime.fork import Mailbox
    from run32.runtime.process import Process

EFAULT = 14
SIGBUS, SIGSEGV = 7, 11
IN_THUNK = 5  # `fault_where` of a fault inside a syscall thunk
IN_DELIVERY = 8  # and inside codegen/delivery.py
SLOW_RESULT = -65536
SOCKET_CALLS = ("sockets", "msgs")  # modules of `run32.kernel`


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
        self.tracer: Any = None
        self.mailbox: Mailbox | None = None
        """Of a vfork child: where its parent waits."""
        self.delivery = Delivery(self)
        self.period = process.tiers.fuel
        """Branches of the interpreter between samples (`runtime/tiers.py`)."""
        self.sampled = 0
        cpu.set("fuel", self.period)
        if self.period:
            cpu.set("trail_end", process.tiers.first)
        self._pending = cpu.at["pending"]
        self._host_actions: dict[int, bytes] = {}

    def attach(self, task: Task) -> None:
        """`task` is what this thread executes."""
        self.task = task
        task.runner = self
        if self.process.tracer is not None:
            self.tracer = self.process.tracer.sibling(task)
            self.cpu.set("thunk_count", 0)  # every call comes to Python
        cpu = self.cpu
        at, stack = cpu.quad_at["sigmask"], cpu.at["altstack"]
        task.signals.keep(cpu.quads[at : at + 1], cpu.words[stack : stack + 3])
        self.delivery.note_python()

    def begin(self, image: Image) -> None:
        """Registers as a new program finds them."""
        self.cpu.clear()
        if self.process.tiers.enabled:
            self.cpu.set("fuel", self.period)
        self.regs.start(image.entry, image.sp, image.is_thumb)

    # -- what the kernel personality asks for (`task.runner`) -------------------------------------
    def fork(self, request: Request) -> int:
        """A new process: its id, or 0 in it, or -errno."""
        from run32.runtime.fork import fork

        return fork(self, request)

    def start_thread(self, request: Request) -> int:
        """A new thread: its id, or -errno."""
        from run32.runtime.threads import start

        return start(self, request)

    def execute(
        self, path: bytes, name: bytes, argv: Sequence[bytes], envp: Sequence[bytes]
    ) -> int:
        """Replace the program by that at host path `path`, called `name`: 0 or -errno."""
        from run32.runtime.exec import execute

        return execute(self, path, name, argv, envp)

    def has_executed(self, pid: int) -> bool:
        """Whether process `pid` has executed a program without the host's knowing."""
        executed = self.process.executed
        return executed is not None and executed.has(pid)

    def keep_action(self, signo: int, action: SigAction) -> None:
        """Native code is to find this disposition."""
        if signo in (SIGBUS, SIGSEGV) and action.handler not in (SIG_DFL, SIG_IGN):
            self.process.tiers.be_exact(self)
        self.engine.keep_action(signo, action.handler, action.flags, action.restorer, action.mask)

    def be_exact(self) -> None:
        """From now on somebody may look at the registers of a thread that dies."""
        self.process.tiers.be_exact(self)

    def host_action(self, flags: int) -> bytes:
        """The host's struct sigaction for a signal with a guest handler."""
        found = self._host_actions.get(flags)
        if found is None:
            found = bytes(self.engine.action("run32_on_signal", flags))
            self._host_actions[flags] = found
        return found

    def block(self, nr: int, *args: int | bytes) -> int:
        """A host call for the guest that may wait: a result, -errno, or that it was not made.

        -512 and -513 must reach the guest's result: see `run32.runtime.signals`.
        """
        words = [a if isinstance(a, int) else addr(a) for a in args]
        words += [0] * (6 - len(words))
        result: int = self.engine.call(*words, nr, self.cpu.address)
        return result

    # -- system calls -----------------------------------------------------------------------------
    def native(self, nr: int) -> int:
        """Run the thunk of syscall `nr` on the argument registers as they are."""
        offset = self.engine.thunk_offsets.get(nr, 0)
        if not offset:
            return -38
        if self.engine.run_thunk(self.cpu.address, offset) == EXIT_FAULT:
            return self._bad_pointer(nr)
        result = self.cpu.quad("result")
        return result - (1 << 64) if result >> 63 else result

    def syscall(self) -> None:
        """Answer the system call that guest code stopped at."""
        process, words = self.process, self.cpu.words
        nr = words[process.number_register]
        args = process.arguments(words)
        tracer = self.tracer
        if tracer is not None:
            tracer.enter(nr, args)
        result = self._call(nr, args)
        if self.engine.unsettled:
            from run32.runtime.threads import settle

            settle(self)
        if tracer is not None:
            tracer.leave(nr, args, result)
        if words[self._pending]:
            self.delivery.deliver(nr, result)
        else:
            words[0] = result & 0xFFFFFFFF

    def _call(self, nr: int, args: Sequence[int]) -> int:
        process = self.process
        if self.tracer is not None and nr in self.engine.thunk_offsets:
            result = self.native(nr)
            if result != SLOW_RESULT:
                return result
        return process.dispatcher.dispatch(self.task, nr, args)

    # -- the loop ---------------------------------------------------------------------------------
    def run(self) -> None:
        """Run guest code until it ends. Raises Exit, Killed or ThreadEnd."""
        cpu, enter, address = self.cpu, self.engine.enter, self.cpu.address
        process, delivery = self.process, self.delivery
        words, pending = cpu.words, self._pending
        while True:
            if process.ending is not None and process.ending is not self:
                raise ThreadEnd
            reason = enter(address)
            if reason == EXIT_FAULT and cpu.get("fault_where") == IN_DELIVERY:
                reason = cpu.get("exit_arg")  # native code could not make or read a signal frame
            if reason == EXIT_SYSCALL:
                if words[pending]:  # a signal came before the call
                    delivery.back()
                    delivery.deliver()
                else:
                    self.syscall()
            elif reason == EXIT_FAULT:
                self._fault()
            elif reason == EXIT_PENDING:
                delivery.deliver()
            elif reason == EXIT_HOT:
                process.tiers.hot(self)
            elif reason == EXIT_INTERRUPTED:
                result = cpu.quad("result")
                if result >> 63:
                    result -= 1 << 64
                delivery.deliver(words[process.number_register], result)
            elif reason == EXIT_COUNTER:
                registers, count = cpu.get("exit_arg"), time.monotonic_ns() >> 4
                words[registers & 0xFF] = count & 0xFFFFFFFF
                words[registers >> 8] = count >> 32 & 0xFFFFFFFF
            else:
                from run32.runtime.faults import from_exit

                self.deliver(from_exit(reason, cpu, self.memory))

    def live(self) -> None:
        """Run to the end of the thread. Returns only if others live on."""
        process = self.process
        try:
            self.run()
        except ThreadEnd as ended:
            process.thread_ended(self, ended.status)
        except Exit as ended:
            process.finish(ended.status)
        except Killed as killed:
            process.die(self, killed)

    def _fault(self) -> None:
        from run32.runtime.faults import leave_region, settle

        cpu, near = self.cpu, None
        host_pc = cpu.quad("fault_host_pc")
        if self.engine.is_region(host_pc):
            tiers = self.process.tiers
            near = tiers.region_at(host_pc)
            if near is not None:
                cpu.set("pc", near)
            elif not tiers.is_entry(host_pc, cpu.get("pc")):
                leave_region(self.engine, cpu, self.memory)
                return  # a later access may be meant: the interpreter will find it
        fault = settle(self.engine, cpu, self.memory)
        if fault is not None:
            fault.is_near = near is not None
        if self.cpu.get("fault_where") == IN_THUNK:
            # native code copied through a bad guest pointer; the pc is behind the svc already
            if fault is None:  # the stack has grown: make the call again
                size = 4 if self.task.abi == "arm" and not self.cpu.get("thumb") else 2
                self.cpu.set("pc", self.cpu.get("pc") - size)
            else:
                result = self._bad_pointer(self.cpu.words[self.process.number_register])
                self.cpu.words[0] = result & 0xFFFFFFFF
        elif fault is not None:
            self.deliver(fault)

    def _bad_pointer(self, nr: int) -> int:
        """What a call says whose thunk met a bad pointer: those on sockets look at the descriptor
        first."""
        process = self.process
        entry = process.dispatcher.table.get(nr, "")
        if not isinstance(entry, str) and entry[2] in SOCKET_CALLS:
            from run32.kernel.sockets import refused

            return refused(process.arguments(self.cpu.words)[0]) or -EFAULT
        return -EFAULT

    def deliver(self, fault: GuestFault) -> None:
        """A synchronous signal: its handler, or the end of the process."""
        if self.tracer is not None:
            self.tracer.signal(fault)
        if not fault.is_near and self.delivery.force(fault):
            return
        from run32.runtime.process import report

        report(f"{os.fsdecode(self.task.program.exe)}: {fault.line()}")
        from run32.kernel.siginfo import fault as info

        raise Killed(fault.signo, True, info(fault.signo, fault.code, fault.address))
