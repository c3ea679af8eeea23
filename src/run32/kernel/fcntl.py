"""fcntl(2) and fcntl64(2), and dup(2), which copies the notes of a descriptor.

Differences from the host: F_GETFL and F_SETFL carry open flags (`oflags`), the two lock structs
have guest layouts, and the old fcntl knows no 64-bit locks. A lock that F_GETLK reports and that
does not fit 32 bits is EOVERFLOW if it starts beyond, and is cut short if only its length does not
fit.
"""

from __future__ import annotations

from struct import calcsize, pack, unpack

from run32.kernel import blocking, fds, host, layouts, oflags
from run32.kernel.buf import syscall
from run32.kernel.errno import EBADF, EFAULT, EINVAL, EOVERFLOW
from run32.kernel.lookup import pointer
from run32.kernel.memory import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
F_DUPFD, F_GETFD, F_GETFL, F_SETFL, F_GETLK, F_SETOWN = 0, 1, 3, 4, 5, 8
F_DUPFD_CLOEXEC = 1030
F_GETLK64, F_SETLKW64 = 12, 14
F_SETOWN_EX, F_GETOWN_EX, F_GETOWNER_UIDS = 15, 16, 17
F_OFD_GETLK, F_OFD_SETLKW = 36, 38
F_RW_HINTS = range(1035, 1039)
F_LOCKS = range(5, 8)
F_LOCKS64 = range(F_GETLK64, F_SETLKW64 + 1)
F_OFD_LOCKS = range(F_OFD_GETLK, F_OFD_SETLKW + 1)
PLAIN = frozenset((0, 1, 2, 8, 9, 10, 11, *range(1024, 1035)))
POINTED = {F_SETOWN_EX: 8, F_GETOWN_EX: 8, F_GETOWNER_UIDS: 8, **dict.fromkeys(F_RW_HINTS, 8)}
UNKNOWN = 0x7FFFFFFF
"""A command no kernel has: the host says EBADF or EINVAL."""
OFF_MAX = 0x7FFFFFFF


def fcntl64(task: Task, fd: int, cmd: int, arg: int) -> int:
    """fcntl64(2)."""
    if cmd == F_GETFL:
        return fds.status_flags(task, fd)
    if cmd == F_SETFL:
        return syscall(NR["fcntl"], fd, F_SETFL, oflags.to_host(task.abi, arg))
    if cmd in F_LOCKS:
        return _lock(task, fd, cmd, arg, layouts.FLOCK)
    if cmd in F_LOCKS64:
        return _lock(task, fd, cmd - F_GETLK64 + F_GETLK, arg, layouts.FLOCK64[task.abi])
    if cmd in F_OFD_LOCKS:
        return _lock(task, fd, cmd, arg, layouts.FLOCK64[task.abi])
    if cmd in PLAIN:
        if cmd == F_SETOWN and arg >> 31:
            arg -= 1 << 32
        result = syscall(NR["fcntl"], fd, cmd, arg)
        return fds.copied(task, fd, result) if cmd in (F_DUPFD, F_DUPFD_CLOEXEC) else result
    if cmd in POINTED:
        return blocking.block(task, NR["fcntl"], fd, cmd, pointer(task, arg, POINTED[cmd]))
    return syscall(NR["fcntl"], fd, UNKNOWN, 0)


def fcntl(task: Task, fd: int, cmd: int, arg: int) -> int:
    """fcntl(2), old: on arm without 64-bit locks (i386 enters the same function for both)."""
    if task.abi == "arm" and (cmd in F_LOCKS64 or cmd in F_OFD_LOCKS):
        return -EINVAL
    return fcntl64(task, fd, cmd, arg)


def _lock(task: Task, fd: int, cmd: int, arg: int, layout: str) -> int:
    try:
        raw = task.mem.read(arg, calcsize(layout))
    except Fault:
        bad = syscall(NR["fcntl"], fd, UNKNOWN, 0)
        return -EBADF if bad == -EBADF else -EFAULT
    kind, whence, start, length, pid = unpack(layout, raw)
    block = pack(layouts.HOST_FLOCK, kind, whence, start, length, pid)
    result = blocking.block(task, NR["fcntl"], fd, cmd, block)
    if result < 0 or cmd not in (F_GETLK, F_OFD_GETLK):
        return result
    kind, whence, start, length, pid = unpack(layouts.HOST_FLOCK, block)
    if layout is layouts.FLOCK:
        if start > OFF_MAX:
            return -EOVERFLOW
        length = min(length, OFF_MAX)
    task.mem.write(arg, pack(layout, kind, whence, start, length, pid))
    return 0


def dup(task: Task, old: int) -> int:
    """dup(2)."""
    return fds.copied(task, old, syscall(NR["dup"], old))


def dup2(task: Task, old: int, new: int) -> int:
    """dup2(2): like dup3(2), but equal descriptors are fine if open."""
    if old == new:
        return new if syscall(NR["fcntl"], old, F_GETFD, 0) >= 0 else -EBADF
    return dup3(task, old, new, 0)


def dup3(task: Task, old: int, new: int, flags: int) -> int:
    """dup3(2)."""
    return fds.copied(task, old, syscall(NR["dup3"], old, new, flags))
