"""One guest process: load the program, run it, answer its exits, end as it ends.

The loop below is all of the slow path's control flow: native code runs until it needs Python, the
exit reason says why. A guest's end is the host process's end: `os._exit` with its status, or death
by its signal.
"""

from __future__ import annotations

import os
import sys
from _operator import itemgetter

from run32.kernel import host
from run32.kernel.dispatch import Dispatcher
from run32.kernel.memory import Memory
from run32.kernel.paths import AT_FDCWD
from run32.kernel.task import COMM_LEN, Exit, Killed, Program, Task
from run32.loader import load
from run32.runtime.engine import Cpu, Engine
from run32.runtime.registers import ArmRegisters, X86Registers
from run32.spec.exits import EXIT_FAULT, EXIT_PENDING, EXIT_SYSCALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from run32.runtime.faults import GuestFault

EFAULT = 14
IN_THUNK = 2  # `fault_where` of a fault inside a syscall thunk
SLOW_RESULT = -65536
SIG_DFL = 0
_NR = host.NR


class Process:
    """A guest process in this host process. Requires: at most one at a time."""

    def __init__(self, engine: Engine, rootfs: str | None, strace: str | None = None) -> None:
        self.engine = engine
        self.cpu = Cpu(engine)
        engine.start(self.cpu)
        self.memory = Memory(engine.meta["isa"])
        engine.attach(self.memory)
        self.cpu.set_quad("mem", self.memory.base)
        self.dispatcher = Dispatcher(engine.meta["syscalls"], engine.meta["isa"], self.native)
        i386 = engine.meta["isa"] == "i386"
        self.regs = X86Registers(self.cpu) if i386 else ArmRegisters(self.cpu)
        self.number_register, arguments = engine.meta["syscall_registers"]
        self.arguments = itemgetter(*arguments)
        self.task = Task(
            engine.meta["isa"],
            self.memory,
            self.regs,
            rootfs,
            preload=self.dispatcher.preload_all,
        )
        self.task.ioctls = engine.meta["ioctls"]
        self.tracer: Any = None
        if strace is not None:
            from run32.debug.strace import Tracer

            self.tracer = Tracer(self.task, strace)
            self.cpu.set("thunk_count", 0)  # every call comes to Python

    def load(self, path: bytes, argv: Sequence[bytes], envp: Sequence[bytes]) -> None:
        """Map the program and set the registers to its entry point.

        Raises `loader.ExecError`.
        """
        task = self.task
        paths = task.paths

        def resolve(name: bytes) -> bytes:
            return paths.host(AT_FDCWD, name)

        image = load(task, resolve(path), argv, envp, path, resolve=resolve)
        exe_host = os.path.realpath(image.path)
        program = Program(paths.guest(exe_host), exe_host, image.argv, image.envp, image.auxv)
        program.arg_start, program.arg_end = image.arg_start, image.arg_end
        program.env_start, program.env_end = image.env_start, image.env_end
        program.start_stack = image.sp
        task.program = program
        task.comm = path.rpartition(b"/")[2][: COMM_LEN - 1]
        self.regs.start(image.entry, image.sp, image.is_thumb)

    # -- system calls -----------------------------------------------------------------------------
    def native(self, task: Task, nr: int, args: Sequence[int]) -> int:
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
        words = self.cpu.words
        nr = words[self.number_register]
        args = self.arguments(words)
        if self.tracer is not None:
            self.tracer.enter(nr, args)
        result = self._call(nr, args)
        if self.tracer is not None:
            self.tracer.leave(nr, args, result)
        words[0] = result & 0xFFFFFFFF

    def _call(self, nr: int, args: tuple[int, ...]) -> int:
        if self.tracer is not None and nr in self.engine.thunk_offsets:
            result = self.native(self.task, nr, args)
            if result != SLOW_RESULT:
                return result
        return self.dispatcher.dispatch(self.task, nr, args)

    # -- the loop ---------------------------------------------------------------------------------
    def run(self) -> None:
        """Run guest code until it ends. Raises Exit or Killed."""
        cpu, engine = self.cpu, self.engine
        enter, address = engine.enter, cpu.address
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
        if self.tracer is not None:
            self.tracer.signal(fault)
        report(f"{os.fsdecode(self.task.program.exe)}: {fault.line()}")
        raise Killed(fault.signo, core=True)


def report(text: str) -> None:
    """One line on standard error; a closed one is nobody's problem."""
    host.syscall(_NR["write"], 2, *_buffer(f"run32: {text}\n".encode()))


def _buffer(data: bytes) -> tuple[int, int]:
    import ctypes

    keep = ctypes.create_string_buffer(data, len(data))
    _buffer.keep = keep  # type: ignore[attr-defined]
    return ctypes.addressof(keep), len(data)


def prepare_signals() -> None:
    """Undo what Python did to signal dispositions at start-up."""
    import _signal

    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(number, _signal.SIG_DFL)
    if _signal.getsignal(_signal.SIGINT) not in (_signal.SIG_DFL, _signal.SIG_IGN):
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def end(status: int) -> None:
    """End this process with an exit status."""
    os._exit(status)


def die(signo: int) -> None:
    """End this process by a signal, without leaving a core of the host side."""
    import _signal
    import ctypes

    nothing = (ctypes.c_uint64 * 2)(0, 0)
    host.syscall(_NR["prlimit64"], 0, 4, ctypes.addressof(nothing), 0)  # RLIMIT_CORE
    if signo not in (9, 19):
        _signal.signal(signo, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [signo])
    host.syscall(_NR["kill"], os.getpid(), signo)
    os._exit(128 + signo)


def guest_isa(host_path: str) -> str:
    """Which engine the program at `host_path` needs; the loader judges the file later."""
    try:
        with open(host_path, "rb", 0) as file:
            head = file.read(20)
    except OSError:
        return "arm"
    return "i386" if head[:5] == b"\x7fELF\x01" and head[18:20] == b"\x03\0" else "arm"


def main(
    engine: str,
    path: str,
    argv: Sequence[str],
    env: Mapping[str, str],
    rootfs: str | None = None,
    strace: str | None = None,
) -> int:
    """Run `path` (a guest path) on the engine in directory `engine`; does not return.

    Raises EngineError, `codegen.store.UnusableEngine`, `kernel.space.ReservationError` or
    `loader.ExecError` while nothing of the guest has run, each with one line.
    """
    process = Process(Engine(engine), rootfs, strace)
    prepare_signals()
    envp = [os.fsencode(key) + b"=" + os.fsencode(value) for key, value in env.items()]
    process.load(os.fsencode(path), [os.fsencode(a) for a in argv], envp)
    sys.stdout.flush()
    try:
        process.run()
    except Exit as ended:
        end(ended.status)
    except Killed as killed:
        die(killed.signo)
    return 125
