"""From a syscall number to a slow-path function and back to a result register.

The table is what the engine build condenses out of the syscall rows (`spec.syscalls.condense`), so
that the launch path never imports a row: number -> `(name, thunk, module, function, argspec)`. The
function `run32.kernel.<module>.<function>(task, *args)` takes plain ints and returns a result or
-errno. A number that is absent is ENOSYS. An entry without a module, or that is only the thunk's
name, goes to `native` where the caller passes one.

`argspec` has one letter per argument, in register order:

    i   signed 32 bits (file descriptors, int, long)      u   unsigned 32 bits (pointers, size_t)
    q   signed 64 bits out of two registers, low first    Q   the same, unsigned
    -   a register that is skipped (arm: pairs start at even registers)

A function may raise `Fault` (becomes -EFAULT) or OSError (becomes -errno); `Exit` and `Killed` pass
through to the runtime.

A module is imported when one of its calls is first used. After chroot, setuid, a full descriptor
table or a lowered RLIMIT_NOFILE an import may fail, so the bodies of such calls run
`task.preload()` first, which is `preload_all` here, and so does the first open whose descriptor is
`files.MANY` or above; the import of a single module raises the soft descriptor limit if it must.
"""

from __future__ import annotations

from _thread import RLock

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import E2BIG, EFAULT, ENOMEM, ENOSYS
from run32.kernel.memory import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from run32.kernel.task import Task

    Body = Callable[..., int]
    Decoder = tuple[tuple[str, int], ...]
    Entry = tuple[str, str, str, str, str]
    Table = Mapping[int, Entry | str]

MODULES = (
    "aio", "armcalls", "clocks", "coredump", "dirs", "exec", "fcntl", "fds", "files", "filetimes",
    "futexes", "ids", "ioctl", "keys", "limits", "links", "memcalls", "misc", "mqueue", "msgs",
    "netioctl", "prctl", "process", "procfs", "proctext", "rw", "siginfo", "signals", "sigwait",
    "sockets", "sockopts", "stats", "sysvipc", "vdso", "vmcalls", "xattr",
)  # fmt: skip
"""Slow-path modules, all of which `preload_all` imports."""

MASK = 0xFFFFFFFF

importing = RLock()
"""Held while a module is imported, and by who forks: a child must not inherit half a module."""


def decoder(argspec: str) -> Decoder:
    """The (kind, first register) of each argument. Raises ValueError for a bad character."""
    plan = []
    register = 0
    for kind in argspec:
        if kind in "iu":
            plan.append((kind, register))
            register += 1
        elif kind in "qQ":
            plan.append((kind, register))
            register += 2
        elif kind == "-":
            register += 1
        else:
            raise ValueError(f"argspec {argspec!r}: {kind!r} is none of i u q Q -")
    return tuple(plan)


def decode(plan: Decoder, args: Sequence[int]) -> list[int]:
    """Argument values out of registers; `args` holds at least the registers the plan names."""
    values = []
    for kind, register in plan:
        value = args[register] & MASK
        if kind in "qQ":
            value |= (args[register + 1] & MASK) << 32
            if kind == "q" and value >> 63:
                value -= 1 << 64
        elif kind == "i" and value >> 31:
            value -= 1 << 32
        values.append(value)
    return values


class Dispatcher:
    """Runs slow-path syscalls of one guest ABI."""

    __slots__ = ("_is_complete", "_ready", "abi", "native", "table")

    def __init__(
        self,
        table: Table,
        abi: str,
        native: Callable[[Task, int, Sequence[int]], int] | None = None,
    ) -> None:
        self.table = table
        self.abi = abi
        self.native = native
        self._is_complete = False
        self._ready: dict[int, tuple[Body, Decoder]] = {}

    def dispatch(self, task: Task, nr: int, args: Sequence[int]) -> int:
        """Run syscall `nr`: a result or a negative errno. Raises `Exit` or `Killed`."""
        ready = self._ready.get(nr)
        if ready is None:
            entry = self.table.get(nr)
            if entry is None:
                return -ENOSYS
            if isinstance(entry, str) or not entry[2]:
                return self.native(task, nr, args) if self.native else -ENOSYS
            ready = self._prepare(nr, entry)
        body, plan = ready
        try:
            return body(task, *decode(plan, args))
        except Fault:
            return -EFAULT
        except OSError as error:
            return -(error.errno or E2BIG)
        except MemoryError:
            return -ENOMEM

    def _prepare(self, nr: int, entry: Entry) -> tuple[Body, Decoder]:
        _, _, module, function, argspec = entry
        ready = (getattr(load(module), function), decoder(argspec))
        self._ready[nr] = ready
        return ready

    def preload_all(self) -> None:
        """Import every slow-path module and resolve every entry (see the module docstring)."""
        if self._is_complete:
            return
        self._is_complete = True
        for module in MODULES:
            load(module)
        for nr, entry in self.table.items():
            if not isinstance(entry, str) and entry[2] and nr not in self._ready:
                self._prepare(nr, entry)


def load(module: str) -> Any:
    """Import `run32.kernel.<module>`; where descriptors have run out, under a raised soft limit.

    Another thread may be at it already: `__import__` waits for it.
    """
    import sys

    name = "run32.kernel." + module
    with importing:
        try:
            __import__(name)
        except OSError:
            soft, hard = _descriptor_limit()
            _descriptor_limit((hard, hard))
            try:
                __import__(name)
            finally:
                _descriptor_limit((soft, hard))
    return sys.modules[name]


def after_fork_child() -> None:
    """In the child of fork(2), which was made while `importing` was held: it is free again."""
    global importing
    importing = RLock()


def _descriptor_limit(new: tuple[int, int] | None = None) -> tuple[int, int]:
    """RLIMIT_NOFILE as it was, after setting it to `new`."""
    old = out(16)
    block = b"" if new is None else b"".join(value.to_bytes(8, "little") for value in new)
    syscall(host.NR["prlimit64"], 0, 7, block if block else 0, old)
    return int.from_bytes(old[:8], "little"), int.from_bytes(old[8:16], "little")
