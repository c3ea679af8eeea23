"""One guest thread as its system calls see it, and how it ends.

`Task` holds everything outside guest memory and registers that a 32-bit kernel would keep for a
thread, its `shared` what the threads of a process have in common: path translation, identity of the
program, signal dispositions, limits that are the guest's own, and what descriptors do not tell.
Guest descriptors are host descriptors and host state (cwd, umask, credentials, descriptor flags) is
used directly, so that it is inherited and shared as Linux says; only what the host cannot hold
lives here.

Invariants: nothing here knows a CPU engine; `regs` is any mapping from register names (`r0`, `pc`,
`tpidruro`; `eax`, `gs_base`) to ints.
"""

from __future__ import annotations

import os

from run32.kernel.desk import Desk
from run32.kernel.paths import Paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol

    from run32.kernel.memory import Memory

    class Registers(Protocol):
        """Guest registers by ABI name."""

        def __getitem__(self, name: str) -> int: ...
        def __setitem__(self, name: str, value: int) -> None: ...


COMM_LEN = 16
NSIG = 64
SIG_DFL, SIG_IGN = 0, 1


class Exit(Exception):
    """The guest process ends with exit status `status` (0 to 255)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 0xFF


class Killed(Exception):
    """The guest process is to die of signal `signo`, whose disposition is the default one.

    `core`: it may leave a core file; `info`: the guest siginfo, where there is one.
    """

    def __init__(self, signo: int, core: bool = False, info: bytes = b"") -> None:
        super().__init__(signo)
        self.signo = signo
        self.core = core
        self.info = info


class ThreadEnd(Exception):
    """This guest thread ends, others live on; `status` counts if it proves to be the last."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(status)
        self.status = status & 0xFF


class SigAction:
    """One guest signal disposition: handler (or SIG_DFL, SIG_IGN), flags, restorer, mask."""

    __slots__ = ("flags", "handler", "mask", "restorer")

    def __init__(self, handler: int = 0, flags: int = 0, restorer: int = 0, mask: int = 0) -> None:
        self.handler = handler
        self.flags = flags
        self.restorer = restorer
        self.mask = mask


class Signals:
    """Dispositions (shared), and per thread: mask, pending set, alternate stack.

    Bit `n - 1` of a mask is signal `n`.
    """

    __slots__ = ("_altstack", "_mask", "actions", "pending", "queue", "suspended")

    def __init__(self, actions: dict[int, SigAction] | None = None, mask: int = 0) -> None:
        self.actions: dict[int, SigAction] = {} if actions is None else actions
        self._mask = memoryview(bytearray(8)).cast("Q")
        self._mask[0] = mask
        self.pending = 0
        """Signals for whoever drives a Gate to deliver."""
        self.queue: dict[int, bytes] = {}
        """Guest siginfo of blocked signals that the host must not block; see `kernel.signals`."""
        self.suspended: int | None = None
        """The mask that sigsuspend(2) or a poll has put in place, until a signal is delivered."""
        self._altstack = memoryview(bytearray(12)).cast("I")
        self.altstack = (0, 2, 0)

    @property
    def mask(self) -> int:
        """The set that is blocked."""
        return self._mask[0]

    @mask.setter
    def mask(self, mask: int) -> None:
        self._mask[0] = mask

    @property
    def altstack(self) -> tuple[int, int, int]:
        """(address, flags, size) of the alternate stack; SS_DISABLE is 2."""
        address, flags, size = self._altstack
        return address, flags, size

    @altstack.setter
    def altstack(self, stack: tuple[int, int, int]) -> None:
        words = self._altstack
        words[0], words[1], words[2] = stack

    def keep(self, mask: memoryview, altstack: memoryview) -> None:
        """Keep the mask in this 64-bit word, the alternate stack in these three of 32 bits from now
        on: native code uses them too."""
        mask[0] = self._mask[0]
        altstack[:] = self._altstack
        self._mask, self._altstack = mask, altstack

    def action(self, signo: int) -> SigAction:
        """The disposition of `signo` (default if never set)."""
        found = self.actions.get(signo)
        return found if found is not None else SigAction()

    def waiting(self) -> int:
        """The set of signals that wait here rather than at the host."""
        return self.pending | sum(1 << signo - 1 for signo in self.queue)


class Program:
    """What was executed: paths, arguments, auxiliary vector and where they lie in guest memory."""

    __slots__ = (
        "arg_end", "arg_start", "argv", "auxv", "env_end", "env_start", "envp", "exe", "exe_host",
        "start_stack",
    )  # fmt: skip

    def __init__(
        self,
        exe: bytes = b"",
        exe_host: bytes = b"",
        argv: Sequence[bytes] = (),
        envp: Sequence[bytes] = (),
        auxv: bytes = b"",
    ) -> None:
        self.exe = exe
        """Guest view of the program's absolute path: what /proc/self/exe shows."""
        self.exe_host = exe_host or exe
        """Where that file is on the host: what opening /proc/self/exe opens."""
        self.argv = tuple(argv)
        self.envp = tuple(envp)
        self.auxv = auxv
        """The auxiliary vector's bytes, AT_NULL included."""
        self.arg_start = self.arg_end = self.env_start = self.env_end = 0
        """Guest addresses of the argument and environment strings (0: unknown)."""
        self.start_stack = 0


class Shared:
    """What the threads of a guest process have in common."""

    __slots__ = (
        "abi", "actions", "aio", "comm", "cookies", "desk", "fds", "ioctls", "leaves_cores",
        "limits", "mem", "paths", "prctl", "preload", "program", "tasks",
    )  # fmt: skip

    def __init__(
        self, abi: str, mem: Memory, root: bytes | None, program: Program, desk: Desk | None = None
    ) -> None:
        self.abi = abi
        self.desk = desk or Desk()
        paths = Paths(root, self.desk)
        self.mem = mem
        self.paths = paths
        self.program = program
        self.comm = program.exe.rpartition(b"/")[2][: COMM_LEN - 1]
        self.actions: dict[int, SigAction] = {}
        self.limits: dict[int, tuple[int, int]] = {}
        """Resource limits kept by run32 instead of the host: {RLIMIT_*: (soft, hard)}."""
        self.fds: dict[int, Any] = {}
        """Per-descriptor facts that the host does not hold; see `run32.kernel.fds`."""
        self.cookies: dict[tuple[int, int, int], dict[int, int]] = {}
        """Directory positions that cannot be computed; see `run32.kernel.dirs`."""
        self.ioctls: Mapping[int, tuple[int, int, str]] = {}
        """Known requests; see `run32.kernel.ioctl`."""
        self.leaves_cores = False
        """Whether RLIMIT_CORE allows core files; see `kernel.signals.leave_cores`."""
        self.aio: dict[int, Any] = {}
        """Contexts of asynchronous I/O, by guest address; see `run32.kernel.aio`."""
        self.prctl: dict[int, int] = {}
        self.preload: Callable[[], None] = _nothing_to_preload
        self.tasks: dict[int, Task] = {}
        """Threads that live, by thread id."""


class _Common:
    """A field of `Task` that lives in its `shared`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, task: Any, owner: Any = None) -> Any:
        return getattr(task.shared, self.name)

    def __set__(self, task: Any, value: Any) -> None:
        setattr(task.shared, self.name, value)


if TYPE_CHECKING:

    class _Shown:
        abi: str
        comm: bytes
        ioctls: Mapping[int, tuple[int, int, str]]
        prctl: dict[int, int]
        preload: Callable[[], None]
        program: Program

else:

    class _Shown:
        """The fields of `shared` that a task shows as its own."""

        __slots__ = ()
        abi = _Common("abi")
        comm = _Common("comm")
        ioctls = _Common("ioctls")
        prctl = _Common("prctl")
        preload = _Common("preload")
        program = _Common("program")


class Task(_Shown):
    """One guest thread. Requires: `mem` and `regs` outlive it."""

    __slots__ = (
        "clear_child_tid", "cookies", "fds", "limits", "mem", "paths", "personality", "regs",
        "robust_len", "robust_list", "rseq", "runner", "shared", "signals", "tid", "tls",
    )  # fmt: skip

    def __init__(
        self,
        abi: str,
        mem: Memory,
        regs: Registers,
        rootfs: str | bytes | None = None,
        program: Program | None = None,
        preload: Callable[[], None] | None = None,
        personality: int = 0,
        shared: Shared | None = None,
        desk: Desk | None = None,
    ) -> None:
        if shared is None:
            root = os.fsencode(rootfs) if rootfs else None
            shared = Shared(abi, mem, root, program or Program(), desk)
            shared.preload = preload or _nothing_to_preload
        self.shared = shared
        self.regs = regs
        self.mem = shared.mem
        self.paths = shared.paths
        self.fds = shared.fds
        self.cookies = shared.cookies
        self.limits = shared.limits
        self.personality = personality
        """personality(2) of the guest, as the parent gave it (PER_LINUX or PER_LINUX32)."""
        self.signals = Signals(shared.actions)
        self.tid = 0
        """Thread id, the host's own."""
        self.runner: Any = None
        """What executes the thread (`run32.runtime.thread.Thread`); None behind a Gate."""
        self.clear_child_tid = 0
        self.robust_list = self.robust_len = 0
        self.rseq = 0
        self.tls = 0

    def sibling(self, regs: Registers) -> Task:
        """A further thread of this process, as clone(2) makes it: same mask, nothing pending."""
        task = Task("", self.mem, regs, personality=self.personality, shared=self.shared)
        task.signals.mask = self.signals.mask
        return task

    @property
    def pid(self) -> int:
        """Process (thread group) id, the host's own."""
        return os.getpid()


def _nothing_to_preload() -> None:
    """Used where no dispatcher is attached."""
