"""The arm kernel's private calls (arch/arm/kernel/traps.c)."""

from __future__ import annotations

from run32.kernel.errno import EFAULT, EINVAL
from run32.kernel.task import Killed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

SIGTRAP = 5
TLS_REGISTER = "tpidruro"


def breakpoint_(task: Task) -> int:
    """SIGTRAP, as the `bkpt` instruction gives it."""
    raise Killed(SIGTRAP, True)


def cacheflush(task: Task, start: int, end: int, flags: int) -> int:
    """Make [start, end) visible to instruction fetch: translated code of it is dropped."""
    if end < start or flags:
        return -EINVAL
    if start == end:
        return 0
    with task.mem.lock:
        task.mem.rewritten(start, end)
        return 0 if task.mem.table.overlapping(start, end) else -EFAULT


def set_tls(task: Task, value: int) -> int:
    """Set the thread pointer (the user read-only thread id register)."""
    task.regs[TLS_REGISTER] = value
    return 0


def get_tls(task: Task) -> int:
    """The thread pointer."""
    return task.regs[TLS_REGISTER]
