"""Memory calls: guest arguments to methods of `Memory` (mmap(2) and relatives)."""

from __future__ import annotations

from struct import unpack

from run32.kernel import host
from run32.kernel.errno import EINVAL, ENOSPC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

MMAP2_UNIT = 4096


def mmap2(
    task: Task, address: int, length: int, prot: int, flags: int, fd: int, pgoffset: int
) -> int:
    """mmap2(2): the offset is in units of 4096 bytes, whatever the page size."""
    return task.mem.mmap(address, length, prot, flags, fd, pgoffset * MMAP2_UNIT)


def mmap(task: Task, block: int) -> int:
    """mmap(2) of i386: six words in memory, the offset in bytes."""
    values = unpack("<4IiI", task.mem.read(block, 24))
    if values[5] & (host.PAGE_SIZE - 1):
        return -EINVAL
    return task.mem.mmap(*values)


def munmap(task: Task, address: int, length: int) -> int:
    """munmap(2)."""
    return task.mem.munmap(address, length)


def mprotect(task: Task, address: int, length: int, prot: int) -> int:
    """mprotect(2)."""
    return task.mem.mprotect(address, length, prot)


def mremap(task: Task, old: int, old_size: int, new_size: int, flags: int, new: int) -> int:
    """mremap(2)."""
    return task.mem.mremap(old, old_size, new_size, flags, new)


def brk(task: Task, address: int) -> int:
    """brk(2), the system call: the break after the call."""
    return task.mem.brk(address)


def madvise(task: Task, address: int, length: int, advice: int) -> int:
    """madvise(2)."""
    return task.mem.madvise(address, length, advice)


def msync(task: Task, address: int, length: int, flags: int) -> int:
    """msync(2)."""
    return task.mem.msync(address, length, flags)


def mincore(task: Task, address: int, length: int, vector: int) -> int:
    """mincore(2)."""
    return task.mem.mincore(address, length, vector)


def mlock(task: Task, address: int, length: int) -> int:
    """mlock(2)."""
    return task.mem.mlock(address, length)


def mlock2(task: Task, address: int, length: int, flags: int) -> int:
    """mlock2(2)."""
    return task.mem.mlock(address, length, flags) if flags in (0, 1) else -EINVAL


def munlock(task: Task, address: int, length: int) -> int:
    """munlock(2)."""
    return task.mem.munlock(address, length)


def mlockall(task: Task, flags: int) -> int:
    """mlockall(2)."""
    return task.mem.mlockall(flags)


def munlockall(task: Task) -> int:
    """munlockall(2)."""
    return task.mem.munlockall()


def remap_file_pages(
    task: Task, address: int, size: int, prot: int, pgoffset: int, flags: int
) -> int:
    """remap_file_pages(2)."""
    return task.mem.remap_file_pages(address, size, prot, pgoffset, flags)


def pkey_mprotect(task: Task, address: int, length: int, prot: int, key: int) -> int:
    """pkey_mprotect(2): without protection keys only key -1 is valid."""
    return task.mem.mprotect(address, length, prot) if key == -1 else -EINVAL


def pkey_alloc(task: Task, flags: int, rights: int) -> int:
    """pkey_alloc(2): this machine has no protection keys."""
    return -EINVAL if flags or rights & ~3 else -ENOSPC


def pkey_free(task: Task, key: int) -> int:
    """pkey_free(2)."""
    return -EINVAL
