"""The arm kernel's private calls (arch/arm/kernel/traps.c)."""

from __future__ import annotations

from run32.kernel.errno import EFAULT, EINVAL
from run32.kernel.task import Killed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

SIGTRAP = 5
PROT_EXEC = 4
TLS_REGISTER = "tpidruro"


def breakpoint_(task: Task) -> int:
    """SIGTRAP, as the `bkpt` instruction gives it."""
    raise Killed(SIGTRAP, True)


def cacheflush(task: Task, start: int, end: int, flags: int) -> int:
    """Make [start, end) visible to instruction fetch: translated code of it is dropped."""
    if end < start or flags:
        return -EINVAL
    mem, mask = task.mem, -task.mem.page
    found = start == end
    for vma in mem.table.overlapping(start, end):
        found = True
        if vma.prot & PROT_EXEC:
            low, high = max(start & mask, vma.start), min(-(-end & mask), vma.end)
            for hook in mem.on_exec_change:
                hook(low, high, True)
    return 0 if found else -EFAULT


def set_tls(task: Task, value: int) -> int:
    """Set the thread pointer (the user read-only thread id register)."""
    task.regs[TLS_REGISTER] = value
    return 0


def get_tls(task: Task) -> int:
    """The thread pointer."""
    return task.regs[TLS_REGISTER]
