"""Setting file times, with 32-bit and 64-bit times (utimensat(2), utime(2))."""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.errno import EINVAL
from run32.kernel.lookup import lookup_at
from run32.kernel.paths import AT_FDCWD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
MICROSECONDS = 1_000_000


def _set(task: Task, dirfd: int, path: int, times: bytes | None, flags: int) -> int:
    """`times`: two host timespecs, or None for now. A NULL path means `dirfd` itself."""
    where = times if times is not None else 0
    if not path:
        return syscall(NR["utimensat"], dirfd, 0, where, flags)
    hpath = lookup_at(task, dirfd, path, flags)
    return syscall(NR["utimensat"], dirfd, hpath, where, flags)


def utimensat(task: Task, dirfd: int, path: int, times: int, flags: int) -> int:
    """utimensat(2) with 32-bit times."""
    block = None
    if times:
        block = pack("<4q", *unpack("<4i", task.mem.read(times, 16)))
    return _set(task, dirfd, path, block, flags)


def utimensat_time64(task: Task, dirfd: int, path: int, times: int, flags: int) -> int:
    """utimensat(2) with 64-bit times; the padding beside nanoseconds may hold anything."""
    block = None
    if times:
        block = pack("<qI4xqI4x", *unpack("<qI4xqI4x", task.mem.read(times, 32)))
    return _set(task, dirfd, path, block, flags)


def utimes(task: Task, path: int, times: int) -> int:
    """utimes(2)."""
    return futimesat(task, AT_FDCWD, path, times)


def futimesat(task: Task, dirfd: int, path: int, times: int) -> int:
    """futimesat(2): microseconds."""
    block = None
    if times:
        first, first_us, second, second_us = unpack("<4i", task.mem.read(times, 16))
        if not (0 <= first_us < MICROSECONDS and 0 <= second_us < MICROSECONDS):
            return -EINVAL
        block = pack("<4q", first, first_us * 1000, second, second_us * 1000)
    return _set(task, dirfd, path, block, 0)


def utime(task: Task, path: int, times: int) -> int:
    """utime(2): whole seconds."""
    block = None
    if times:
        access, modify = unpack("<2i", task.mem.read(times, 8))
        block = pack("<4q", access, 0, modify, 0)
    return _set(task, AT_FDCWD, path, block, 0)
