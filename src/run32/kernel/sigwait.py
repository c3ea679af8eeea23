"""Calls that wait for signals or queue them with a siginfo, and timers that send them.

Waiting happens in the host, with the guest's mask: see `kernel.signals`. Sources: sigsuspend(2),
sigwaitinfo(2), rt_sigqueueinfo(2), signalfd(2), timer_create(2).
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host, siginfo
from run32.kernel.blocking import block
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EINTR, EINVAL
from run32.kernel.signals import FAULT_MASK, MASK64, UNBLOCKABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
SIGEVENT = 64


def _suspend(task: Task, mask: int) -> int:
    mask &= MASK64 & ~UNBLOCKABLE
    signals = task.signals
    signals.suspended = mask
    if task.runner is not None and signals.waiting() & ~mask & FAULT_MASK:
        task.runner.delivery.poke()
        return -EINTR
    result = block(task, NR["rt_sigsuspend"], pack("<Q", mask & ~FAULT_MASK), 8)
    if result != -EINTR:
        signals.suspended = None  # it was not made
    return result


def sigsuspend(task: Task, unused1: int, unused2: int, mask: int) -> int:
    """sigsuspend(2), old: the first 32 signals."""
    return _suspend(task, mask)


def rt_sigsuspend(task: Task, mask: int, size: int) -> int:
    """rt_sigsuspend(2)."""
    if size != 8:
        return -EINVAL
    return _suspend(task, int.from_bytes(task.mem.read(mask, 8), "little"))


def pause(task: Task) -> int:
    """pause(2)."""
    return _suspend(task, task.signals.mask)


def rt_sigtimedwait(task: Task, mask: int, info: int, timeout: int, size: int) -> int:
    """rt_sigtimedwait(2) with a 32-bit time."""
    return _wait(task, mask, info, timeout, size, "<ii")


def rt_sigtimedwait_time64(task: Task, mask: int, info: int, timeout: int, size: int) -> int:
    """rt_sigtimedwait(2) with a 64-bit time; what lies above tv_nsec does not count."""
    return _wait(task, mask, info, timeout, size, "<qi4x")


def _wait(task: Task, mask: int, info: int, timeout: int, size: int, form: str) -> int:
    if size != 8:
        return -EINVAL
    wanted = int.from_bytes(task.mem.read(mask, 8), "little")
    when: int | bytes = 0
    if timeout:
        time = task.mem.read(timeout, 8 if form == "<ii" else 16)
        when = pack("<qq", *unpack(form, time))
    queue = task.signals.queue
    for signo in sorted(queue):
        if wanted >> signo - 1 & 1:
            found = queue.pop(signo)
            break
    else:
        raw = out(siginfo.SIZE)
        signo = block(task, NR["rt_sigtimedwait"], pack("<Q", wanted), raw, when, 8)
        if signo < 0:
            return signo
        found = siginfo.to_guest(raw)
    if info:
        task.mem.write(info, found)
    return signo


def rt_sigqueueinfo(task: Task, pid: int, signo: int, info: int) -> int:
    """rt_sigqueueinfo(2)."""
    data = siginfo.to_host(task.mem.read(info, siginfo.SIZE), signo)
    return syscall(NR["rt_sigqueueinfo"], pid, signo, data)


def rt_tgsigqueueinfo(task: Task, pid: int, tid: int, signo: int, info: int) -> int:
    """rt_tgsigqueueinfo(2)."""
    data = siginfo.to_host(task.mem.read(info, siginfo.SIZE), signo)
    return syscall(NR["rt_tgsigqueueinfo"], pid, tid, signo, data)


def pidfd_send_signal(task: Task, pidfd: int, signo: int, info: int, flags: int) -> int:
    """pidfd_send_signal(2)."""
    data: int | bytes = 0
    if info:
        raw = task.mem.read(info, siginfo.SIZE)
        data = siginfo.to_host(raw, int.from_bytes(raw[:4], "little", signed=True))
    return syscall(NR["pidfd_send_signal"], pidfd, signo, data, flags)


def signalfd(task: Task, fd: int, mask: int, size: int) -> int:
    """signalfd(2), old."""
    return signalfd4(task, fd, mask, size, 0)


def signalfd4(task: Task, fd: int, mask: int, size: int, flags: int) -> int:
    """signalfd(2): what is read from it is the same in both worlds."""
    if size != 8:
        return -EINVAL
    return syscall(NR["signalfd4"], fd, task.mem.read(mask, 8), 8, flags)


def timer_create(task: Task, clock: int, event: int, timer: int) -> int:
    """timer_create(2): struct sigevent has a longer sigval on the host."""
    data: int | bytes = 0
    if event:
        value, signo, notify, tid = unpack("<IiiI", task.mem.read(event, SIGEVENT)[:16])
        data = pack("<QiiI", value, signo, notify, tid).ljust(SIGEVENT, b"\0")
    made = out(4)
    result = syscall(NR["timer_create"], clock, data, made)
    if result < 0:
        return result
    try:
        task.mem.write(timer, made[:4])
    except BaseException:
        syscall(NR["timer_delete"], int.from_bytes(made[:4], "little"))
        raise
    return 0
