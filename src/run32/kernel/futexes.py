"""futex_waitv(2) and futex_requeue: arrays whose entries hold addresses.

The array has one layout everywhere; the host gets a copy with host addresses. Checks and their
order are the host's: an address outside the guest's 4 GiB becomes one that it refuses.
Source: kernel/futex/syscalls.c.
"""

from __future__ import annotations

from struct import iter_unpack, pack, unpack

from run32.kernel import host, layouts
from run32.kernel.blocking import block
from run32.kernel.buf import syscall
from run32.kernel.lookup import POISON
from run32.kernel.memory import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
SIZE = 24
MOST = 128
M32 = 0xFFFFFFFF


def _waiters(task: Task, gaddr: int, count: int) -> bytes | int:
    """The array at `gaddr` with host addresses, or what stands for a bad one."""
    if not gaddr or not 0 < count <= MOST:
        return 0 if not gaddr else POISON
    try:
        raw = task.mem.read(gaddr, SIZE * count)
    except Fault:
        return POISON
    parts = []
    for value, address, flags, reserved in iter_unpack(layouts.FUTEX_WAITV, raw):
        hosts = task.mem.base + address if address <= M32 - 3 else POISON | address & 3
        parts.append(pack(layouts.FUTEX_WAITV, value, hosts & (1 << 64) - 1, flags, reserved))
    return b"".join(parts)


def futex_waitv(task: Task, waiters: int, count: int, flags: int, timeout: int, clock: int) -> int:
    """futex_waitv(2)."""
    when: bytes | int = 0
    if timeout:
        try:
            when = pack(layouts.TIMESPEC64, *unpack("<qi4x", task.mem.read(timeout, 16)))
        except Fault:
            when = POISON
    entries = _waiters(task, waiters, count)
    return block(task, NR["futex_waitv"], entries, count, flags, when, clock)


def futex_requeue(task: Task, waiters: int, flags: int, wake: int, requeue: int) -> int:
    """futex_requeue: wake waiters of the first of two futexes, move others to the second."""
    return syscall(NR["futex_requeue"], _waiters(task, waiters, 2), flags, wake, requeue)
