"""Calls on another process: process_vm_readv(2), process_vm_writev(2), kcmp(2).

A remote address is a guest's own if the process is a guest: this one, or one that was forked from
it and still has its guest memory where this one has it. Then it is translated and confined to
those 4 GiB like every other pointer; another run32 process is refused, for nobody knows where
its guest memory lies. Of an ordinary process the low 4 GiB are within reach, as for any 32-bit
program.
"""

from __future__ import annotations

import os
from struct import pack

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.errno import EFAULT, EINVAL, EPERM
from run32.kernel.paths import read_link
from run32.kernel.rw import vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
KCMP_EPOLL_TFD = 7


def _block(parts: list[tuple[int, int]], base: int) -> bytes:
    """Host iovecs of guest ranges."""
    return b"".join(pack("<2Q", base + start, length) for start, length in parts)


def process_vm_readv(
    task: Task, pid: int, local: int, locals_: int, remote: int, remotes: int, flags: int
) -> int:
    """process_vm_readv(2)."""
    return _move("process_vm_readv", task, pid, local, locals_, remote, remotes, flags)


def process_vm_writev(
    task: Task, pid: int, local: int, locals_: int, remote: int, remotes: int, flags: int
) -> int:
    """process_vm_writev(2)."""
    return _move("process_vm_writev", task, pid, local, locals_, remote, remotes, flags)


def _move(
    name: str, task: Task, pid: int, local: int, locals_: int, remote: int, remotes: int, flags: int
) -> int:
    if flags:
        return -EINVAL
    mem = task.mem
    ours = _block(vector(task, local, locals_), mem.base)
    if not locals_ or not remotes:
        return 0
    theirs = vector(task, remote, remotes)
    base = _remote_base(task, pid)
    if base < 0:
        return base
    result = syscall(NR[name], pid, ours, locals_, _block(theirs, base), remotes, 0)
    if name == "process_vm_writev" and result > 0 and base == mem.base:
        _tell_code(task, theirs)
    return result


def _tell_code(task: Task, parts: list[tuple[int, int]]) -> None:
    """Code among what was written has new contents."""
    for start, length in parts:
        with task.mem.lock:
            task.mem.rewritten(start, start + length)


def _remote_base(task: Task, pid: int) -> int:
    """What turns a remote address into one of the host, or -errno."""
    if pid in (task.pid, 0) or os.path.exists(b"/proc/self/task/%d" % pid):
        return task.mem.base
    theirs = read_link(b"/proc/%d/exe" % pid)
    if not isinstance(theirs, bytes) or theirs != read_link(b"/proc/self/exe"):
        return 0
    try:
        with open(b"/proc/%d/maps" % pid, "rb") as file:
            text = file.read()
    except OSError as error:
        return -(error.errno or EPERM)
    base = task.mem.base
    for line in text.splitlines():
        start, end = (int(part, 16) for part in line.split()[0].split(b"-"))
        if start <= base < end:  # guest page 0, which nothing maps
            return base if b" ---p " in line else -EPERM
    return -EPERM


def kcmp(task: Task, pid1: int, pid2: int, kind: int, index1: int, index2: int) -> int:
    """kcmp(2): only one kind has a pointer, to a struct of three ints."""
    where = index2
    if kind == KCMP_EPOLL_TFD:
        where = task.mem.host_ptr(index2, 12) if index2 else 0
        if not where:
            return -EFAULT
    return syscall(NR["kcmp"], pid1, pid2, kind, index1, where)
