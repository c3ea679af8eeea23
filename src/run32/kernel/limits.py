"""Resource limits (getrlimit(2)).

RLIMIT_STACK, RLIMIT_AS and RLIMIT_DATA are the guest's own: the host process needs more room than
a 32-bit program is allowed, so they are kept in `task.limits` and enforced by `Memory`. All others
are the host's. In the 32-bit structs every value that does not fit is infinity.
"""

from __future__ import annotations

import os
from struct import pack, unpack

from run32.kernel import host, layouts
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EINVAL, EPERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
DATA, STACK, CORE, NOFILE, AS = 2, 3, 4, 7, 9
KEPT = (DATA, STACK, AS)
INFINITY = (1 << 64) - 1
INFINITY32 = 0xFFFFFFFF


def host_limit(
    which: int, new: tuple[int, int] | None = None, pid: int = 0
) -> tuple[int, int] | int:
    """The host's (soft, hard) limit, replaced by `new` if given; or -errno."""
    old = out(16)
    block = pack(layouts.RLIMIT64, *new) if new is not None else b""
    result = syscall(NR["prlimit64"], pid, which, block if block else 0, old)
    if result < 0:
        return result
    soft, hard = unpack(layouts.RLIMIT64, old)
    return soft, hard


def get(task: Task, which: int) -> tuple[int, int] | int:
    """The guest's (soft, hard) limit, or -errno."""
    kept = task.limits.get(which)
    return kept if kept is not None else host_limit(which)


def set_(task: Task, which: int, new: tuple[int, int]) -> int:
    """Set a limit of the guest: 0 or -errno."""
    if which not in KEPT:
        if which == NOFILE:
            task.preload()
        result = host_limit(which, new)
        if isinstance(result, int):
            return result
        if which == CORE:
            from run32.kernel.signals import leave_cores

            leave_cores(task, new[0])
        return 0
    soft, hard = new
    old = get(task, which)
    if isinstance(old, int):
        return old
    if soft > hard:
        return -EINVAL
    if hard > old[1] and os.geteuid() != 0:
        return -EPERM
    task.limits[which] = new
    if which == STACK:
        task.mem.set_stack_limit(soft)
    elif which == AS:
        task.mem.limit_as = soft
    else:
        task.mem.limit_data = soft
    return 0


def _widen(value: int) -> int:
    return INFINITY if value == INFINITY32 else value


def setrlimit(task: Task, which: int, limit: int) -> int:
    """setrlimit(2) with 32-bit values."""
    soft, hard = unpack(layouts.RLIMIT, task.mem.read(limit, 8))
    return set_(task, which, (_widen(soft), _widen(hard)))


def ugetrlimit(task: Task, which: int, limit: int) -> int:
    """getrlimit(2) with 32-bit values."""
    return _get32(task, which, limit, INFINITY32)


def getrlimit(task: Task, which: int, limit: int) -> int:
    """The old getrlimit(2) of i386: values are cut to 2**31 - 1."""
    return _get32(task, which, limit, 0x7FFFFFFF)


def _get32(task: Task, which: int, limit: int, most: int) -> int:
    found = get(task, which)
    if isinstance(found, int):
        return found
    task.mem.write(limit, pack(layouts.RLIMIT, *(min(value, most) for value in found)))
    return 0


def prlimit64(task: Task, pid: int, which: int, new: int, old: int) -> int:
    """prlimit64(2)."""
    values = unpack(layouts.RLIMIT64, task.mem.read(new, 16)) if new else None
    is_own = pid == 0 or pid == task.pid
    if is_own:
        found = get(task, which)
        if not isinstance(found, int) and values is not None:
            result = set_(task, which, (values[0], values[1]))
            found = found if result == 0 else result
    else:
        found = host_limit(which, (values[0], values[1]) if values is not None else None, pid)
    if isinstance(found, int):
        return found
    if old:
        task.mem.write(old, pack(layouts.RLIMIT64, *found))
    return 0
