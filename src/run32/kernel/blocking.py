"""Host calls of the slow path that may wait, so that a signal for the guest ends them.

Where a CPU engine runs the task, the call is not made while a signal is to be delivered; the result
is then -512 or -513, which the engine turns into EINTR or into the call made again. Functions of
the slow path hand a negative result through without looking at it.
"""

from __future__ import annotations

from run32.kernel.buf import syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task


def block(task: Task, nr: int, *args: int | bytes) -> int:
    """System call `nr` of the host: a result, -errno, or that it was not made."""
    if task.runner is None:
        return syscall(nr, *args)
    result: int = task.runner.block(nr, *args)
    return result
