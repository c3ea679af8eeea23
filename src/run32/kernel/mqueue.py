"""mq_notify(2): struct sigevent holds a value as wide as a pointer.

With SIGEV_THREAD, which the C library makes of a thread and a netlink socket, the value is the
address of a cookie that the kernel reads. See ipc/mqueue.c.
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.errno import EFAULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
SIGEVENT = 64
SIGEV_THREAD = 2
COOKIE = 32


def mq_notify(task: Task, fd: int, event: int) -> int:
    """mq_notify(2)."""
    if not event:
        return syscall(NR["mq_notify"], fd, 0)
    value, signo, notify, tid = unpack("<Iiii", task.mem.read(event, SIGEVENT)[:16])
    if notify == SIGEV_THREAD:
        if not value:
            return -EFAULT
        value = task.mem.host_ptr(value, COOKIE)
    block = pack("<Qiii44x", value, signo, notify, tid)
    return syscall(NR["mq_notify"], fd, block)
