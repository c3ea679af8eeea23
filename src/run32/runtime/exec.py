"""execve: a 32-bit program replaces the guest in place, a 64-bit one replaces the host process.

In place nothing of the host process starts anew: guest memory is emptied and filled, registers,
signal handlers and what exec(2) names are reset, close-on-exec descriptors are closed, and
what `ps` shows is made the guest's. Everything that can fail is checked before the
point of no return (`loader.load` calls `commit` there): until then the old program goes on with an
errno, after that a failure is death by SIGKILL. Sources: fs/exec.c, execve(2), prctl(2).
"""

from __future__ import annotations

import os

from run32.kernel import host
from run32.kernel.buf import addr, out, syscall
from run32.kernel.limits import KEPT, host_limit
from run32.kernel.lookup import translate
from run32.kernel.paths import AT_FDCWD
from run32.kernel.process import release
from run32.kernel.task import Killed
from run32.loader import ExecError, HostProgram, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from run32.runtime.thread import Thread

NR = host.NR
SIGKILL = 9
EACCES, EAGAIN, ENOEXEC, ETXTBSY = 13, 11, 8, 26
F_GETFD, F_SETLEASE, F_RDLCK, F_UNLCK = 1, 1024, 0, 2
FD_CLOEXEC = 1
PR_GET_DUMPABLE = 3
SIG_SETMASK = 2


def execute(
    thread: Thread, path: bytes, name: bytes, argv: Sequence[bytes], envp: Sequence[bytes]
) -> int:
    """Execute the program at host path `path`, which the guest calls `name`: 0, or -errno."""
    task = thread.task
    process = thread.process
    if is_being_written(path):
        return -ETXTBSY

    def commit(abi: str) -> None:
        if abi != process.engine.meta["isa"]:
            raise ExecError(ENOEXEC, "a program of another 32-bit architecture")
        process.stop_others(thread)
        thread.engine.be_alone()
        if task.shared.aio:
            from run32.kernel.aio import destroy_all

            destroy_all(task)
        process.tiers.restart()
        release(task)
        thread.cpu.set("parallel", 0)
        if thread.mailbox is not None:
            thread.mailbox.ship()
            thread.mailbox.release()
            thread.mailbox = None

    def resolve(interpreter: bytes) -> bytes:
        return translate(task, AT_FDCWD, interpreter)

    try:
        image = load(task, path, argv, envp, name, resolve=resolve, commit=commit)
    except HostProgram as program:
        return on_host(thread, program.path, program.argv, envp)
    except ExecError as error:
        if error.is_late:
            raise Killed(SIGKILL) from None
        return -error.errno
    if process.executed is not None:
        process.executed.note(os.getpid())
    close_on_exec()
    process.reset_handlers(task)
    task.signals.altstack = (0, 2, 0)
    task.clear_child_tid = task.robust_list = task.rseq = task.tls = 0
    task.prctl.pop(PR_GET_DUMPABLE, None)
    process.show(task)
    process.hand_over(thread, image)
    return 0


def is_being_written(path: bytes) -> bool:
    """Whether the file is open for writing somewhere (ETXTBSY), as far as the kernel tells: a read
    lease is refused then."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return False
    try:
        result = syscall(NR["fcntl"], fd, F_SETLEASE, F_RDLCK)
        if result == 0:
            syscall(NR["fcntl"], fd, F_SETLEASE, F_UNLCK)
    finally:
        os.close(fd)
    return result == -EAGAIN


def close_on_exec() -> None:
    """Close the descriptors that execve(2) would."""
    for entry in os.listdir("/proc/self/fd"):
        fd = int(entry)
        if syscall(NR["fcntl"], fd, F_GETFD) == FD_CLOEXEC:
            syscall(NR["close"], fd)


def on_host(thread: Thread, path: bytes, argv: Sequence[bytes], envp: Sequence[bytes]) -> int:
    """Become a 64-bit program: -errno if the host refuses."""
    task = thread.task
    if thread.process.profile is not None:
        thread.process.profile.save()
    if thread.mailbox is not None:
        thread.mailbox.ship()  # the kernel wakes the parent if this succeeds
    mask = out(8)
    guest_mask = task.signals.mask.to_bytes(8, "little")
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, guest_mask, mask, 8)
    before = {which: host_limit(which) for which in KEPT}
    for which in KEPT:
        kept = task.limits.get(which)
        if kept is not None:
            host_limit(which, kept)
    vectors = []
    for strings in (argv, envp):
        vectors.append(b"".join(addr(s).to_bytes(8, "little") for s in strings) + bytes(8))
    result = syscall(NR["execve"], path, *vectors)
    for which, limit in before.items():
        if not isinstance(limit, int):
            host_limit(which, limit)
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, mask, 0, 8)
    return result
