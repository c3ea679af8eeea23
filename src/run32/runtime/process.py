"""One guest process: what its threads share, its start, and its end.

A guest's end is the host process's end: `os._exit` with its status, or death
by its signal.
"""

from __future__ import annotations

import gc
import os
import sys
from _operator import itemgetter
from _thread import allocate_lock

from run32.kernel import cdata, cpus, host
from run32.kernel.buf import syscall
from run32.kernel.dispatch import Dispatcher
from run32.kernel.limits import CORE, host_limit
from run32.kernel.memory import Memory
from run32.kernel.paths import AT_FDCWD
from run32.kernel.signals import leave_cores
from run32.kernel.task import COMM_LEN, SIG_IGN, Program, SigAction, Task, ThreadEnd
from run32.loader import load
from run32.runtime.engine import Cpu, Engine
from run32.runtime.thread import Thread
from run32.runtime.tiers import Tiers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from run32.kernel.task import Killed
    from run32.loader import Image
PR_SET_DUMPABLE = 4
SIG_UNBLOCK = 1
_NR = host.NR


class Process:
    """A guest process in this host process. Requires: at most one at a time."""

    def __init__(
        self,
        engine: Engine,
        rootfs: str | None,
        strace: str | None = None,
        tier: str = "interp",
        cache: str = "",
        stats: bool = False,
        profile: str | None = None,
        perf_map: bool = False,
        machine: str = cpus.RICHEST,
    ) -> None:
        self.engine = engine
        self.tracer: Any = None
        isa = engine.meta["isa"]
        cpu = Cpu(engine)
        ignored = engine.start(cpu)
        self.memory = Memory(isa)
        self.memory.cpu = cpus.ARM[machine]
        engine.attach(self.memory)
        self.memory.on_sharing.append(self._be_parallel)
        self.tiers = Tiers(self, cache, tier)
        self.stats: Any = None
        if stats:
            from run32.debug.stats import Stats

            self.stats = Stats(self)
        self.dispatcher = Dispatcher(engine.meta["syscalls"], isa, self._native)
        self.number_register, arguments = engine.meta["syscall_registers"]
        self.arguments = itemgetter(*arguments)
        self.thread = Thread(self, cpu)
        """The thread that began the process, or called fork."""
        self.task = Task(
            isa,
            self.memory,
            self.thread.regs,
            rootfs,
            preload=self.dispatcher.preload_all,
            desk=engine.make_desk(),
        )
        self.task.ioctls = engine.meta["ioctls"]
        self.task.tid = os.getpid()
        self.task.shared.tasks[self.task.tid] = self.task
        self.thread.attach(self.task)
        self.thread.delivery.inherit(ignored)
        limit = host_limit(CORE)
        leave_cores(self.task, 0 if isinstance(limit, int) else limit[0])
        self.ending: Thread | None = None
        """A thread that makes all others end, for execve(2) or a core file."""
        self.dumping = allocate_lock()
        """Held from the moment on that a thread leaves a core file."""
        self.parked: Thread | None = None
        """The leader, once it has ended before others."""
        self.wakeup = allocate_lock()
        self.wakeup.acquire()
        self.handed: Image | None = None
        """The program that the parked leader is to run (`threads.hand_over`)."""
        self.executed: Any = None
        """`fork.Executed`, from the first fork on."""
        self.shown: Any = None
        if strace is not None:
            from run32.debug.strace import Tracer

            self.tracer = Tracer(self.task, strace)
            self.thread.attach(self.task)
        self.watchers: list[Any] = []
        """What begins anew in a forked child."""
        self.profile: Any = None
        if perf_map:
            from run32.debug.perfmap import PerfMap

            self.watchers.append(PerfMap(self))
        if profile is not None:
            from run32.debug.profile import Profile

            self.profile = Profile(self, profile)
            self.watchers.append(self.profile)

    def _be_parallel(self) -> None:
        """Other processes may write to the guest's memory: what is atomic must be so on the host.

        Requires: where there are several threads, they know already (`threads.start`).
        """
        for task in self.task.shared.tasks.values():
            task.runner.cpu.set("parallel", 1)

    @staticmethod
    def _native(task: Task, nr: int, args: Sequence[int]) -> int:
        result: int = task.runner.native(nr)
        return result

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
        self.show(task)
        self.thread.begin(image)

    def show(self, task: Task) -> None:
        """Make the name and arguments that `ps` shows the guest's."""
        if self.shown is None:
            from run32.runtime.shown import Shown

            self.shown = Shown()
        program = task.program
        spans = (program.arg_start, program.arg_end, program.env_start, program.env_end)
        self.shown.update(task.comm, self.memory.base, spans, program.argv)

    # -- threads and signals ----------------------------------------------------------------------
    def reset_handlers(self, task: Task) -> None:
        """Handled signals get their default action, ignored ones stay so (execve(2))."""
        from run32.kernel.signals import set_action

        for signo, action in list(task.signals.actions.items()):
            if action.handler != SIG_IGN:
                if action.handler:
                    set_action(task, signo, SigAction())
                del task.signals.actions[signo]

    def stop_others(self, thread: Thread) -> None:
        """End every thread but `thread`. If that is not the leader, the leader's host thread waits
        to be given the new program (`hand_over`)."""
        if len(thread.task.shared.tasks) > 1 or thread.task.tid != os.getpid():
            from run32.runtime.threads import stop_others

            stop_others(thread)

    def hand_over(self, thread: Thread, image: Image) -> None:
        """Begin a new program: on the leader's host thread, whichever `thread` executed it."""
        if thread.task.tid == os.getpid():
            thread.begin(image)
            return
        from run32.runtime.threads import hand_over

        hand_over(thread, image)
        raise ThreadEnd

    def thread_ended(self, thread: Thread, status: int) -> None:
        """`thread` is done; the process ends with its last thread."""
        from run32.runtime.threads import ended

        ended(thread, status)

    # -- the end ----------------------------------------------------------------------------------
    def finish(self, status: int) -> None:
        """End the process with an exit status, unless it is leaving a core file."""
        if self.dumping.locked():
            from run32.runtime.cores import park

            park(self.dumping)
        self._let_go()
        os._exit(status)

    def die(self, thread: Thread, killed: Killed) -> None:
        """End the process by a signal that `thread` got, with a core file if that may be."""
        if self.task.shared.leaves_cores and killed.core:
            from run32.runtime.cores import leave

            leave(thread, killed)
        self._let_go()
        die(killed.signo)

    def _let_go(self) -> None:
        from run32.kernel.process import release

        self.tiers.flush(self.thread)
        if self.stats is not None:
            self.stats.report()
        if self.profile is not None:
            self.profile.finish()
        for task in list(self.task.shared.tasks.values()):
            release(task)
        mailbox = self.thread.mailbox
        if mailbox is not None:
            self.thread.mailbox = None
            mailbox.ship()
            mailbox.release()


def report(text: str) -> None:
    """One line on standard error; a closed one is nobody's problem."""
    host.syscall(_NR["write"], 2, *_buffer(f"run32: {text}\n".encode()))


def _buffer(data: bytes) -> tuple[int, int]:
    keep = cdata.create_string_buffer(data, len(data))
    _buffer.keep = keep  # type: ignore[attr-defined]
    return cdata.addressof(keep), len(data)


def prepare_signals() -> None:
    """Undo what Python did to signal dispositions at start-up."""
    import _signal

    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(number, _signal.SIG_DFL)
    if _signal.getsignal(_signal.SIGINT) not in (_signal.SIG_DFL, _signal.SIG_IGN):
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def die(signo: int) -> None:
    """End this process by a signal, without leaving a core of the host side. From any thread."""
    host_limit(CORE, (0, 0))
    syscall(_NR["prctl"], PR_SET_DUMPABLE, 0, 0, 0, 0)
    syscall(_NR["rt_sigaction"], signo, bytes(32), 0, 8)
    syscall(_NR["rt_sigprocmask"], SIG_UNBLOCK, (1 << signo - 1).to_bytes(8, "little"), 0, 8)
    syscall(_NR["tgkill"], os.getpid(), syscall(_NR["gettid"]), signo)
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
    tier: str = "mixed",
    cache: str = "",
    stats: bool = False,
    profile: str | None = None,
    perf_map: bool = False,
    machine: str = cpus.RICHEST,
) -> int:
    """Run `path` (a guest path) on the engine in directory `engine`; does not return.

    Raises EngineError, `codegen.store.UnusableEngine`, `kernel.space.ReservationError` or
    `loader.ExecError` while nothing of the guest has run, each with one line.
    """
    prepare_signals()  # the process notes what is ignored
    process = Process(
        Engine(engine), rootfs, strace, tier, cache, stats, profile, perf_map, machine
    )
    envp = [os.fsencode(key) + b"=" + os.fsencode(value) for key, value in env.items()]
    process.load(os.fsencode(path), [os.fsencode(a) for a in argv], envp)
    sys.stdout.flush()
    gc.freeze()
    gc.enable()
    process.thread.live()
    return 125
