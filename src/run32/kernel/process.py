"""The end of the process, and what threads libraries register (exit(2), set_tid_address(2))."""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.errno import EINVAL, EPERM, ESRCH
from run32.kernel.task import Exit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
ROBUST_HEAD = 12
"""sizeof(struct robust_list_head) in both guest ABIs."""


def exit(task: Task, status: int) -> int:  # noqa: A001
    """exit(2): the only thread ends, so the process does."""
    raise Exit(status)


def exit_group(task: Task, status: int) -> int:
    """exit_group(2)."""
    raise Exit(status)


def set_tid_address(task: Task, address: int) -> int:
    """set_tid_address(2): the thread id."""
    task.clear_child_tid = address
    return syscall(NR["gettid"])


def set_robust_list(task: Task, head: int, size: int) -> int:
    """set_robust_list(2): remembered, for the walk when the thread ends."""
    if size != ROBUST_HEAD:
        return -EINVAL
    task.robust_list, task.robust_len = head, size
    return 0


def get_robust_list(task: Task, pid: int, head: int, size: int) -> int:
    """get_robust_list(2), for the calling thread."""
    if pid and pid != syscall(NR["gettid"]):
        return -ESRCH if syscall(NR["kill"], pid, 0) == -ESRCH else -EPERM
    task.mem.put_u32(size, ROBUST_HEAD)
    task.mem.put_u32(head, task.robust_list)
    return 0
