"""Threads and processes: creation and end, and what threads libraries register.

`clone` here judges the flags as kernel/fork.c does; making the thread or process is the runner's
(`task.runner`), which knows host threads and the CPU. Flag sets that no libc uses and that would
need two processes in one address space (CLONE_VM without CLONE_THREAD or CLONE_VFORK) are EINVAL.
Sources: kernel/fork.c (copy_process, clone3_args_valid), kernel/futex/core.c (robust lists),
clone(2), exit(2), set_tid_address(2).
"""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import E2BIG, EACCES, EFAULT, EINVAL, ENOSYS, EPERM, ESRCH
from run32.kernel.memory import Fault
from run32.kernel.task import NSIG, Exit, ThreadEnd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
ROBUST_HEAD = 12
"""sizeof(struct robust_list_head) in both guest ABIs."""
ROBUST_LIMIT = 2048
FUTEX_WAKE = 1
P_PID, WNOHANG, WEXITED, WNOWAIT = 1, 1, 4, 0x01000000
FUTEX_WAITERS, FUTEX_OWNER_DIED, FUTEX_TID_MASK = 0x80000000, 0x40000000, 0x3FFFFFFF
M32 = 0xFFFFFFFF

# fmt: off
CSIGNAL = 0xFF
CLONE_NEWTIME, CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND = 0x80, 0x100, 0x200, 0x400, 0x800
CLONE_PIDFD, CLONE_PTRACE, CLONE_VFORK, CLONE_PARENT = 0x1000, 0x2000, 0x4000, 0x8000
CLONE_THREAD, CLONE_NEWNS, CLONE_SYSVSEM, CLONE_SETTLS = 0x10000, 0x20000, 0x40000, 0x80000
CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID, CLONE_DETACHED = 0x100000, 0x200000, 0x400000
CLONE_UNTRACED, CLONE_CHILD_SETTID = 0x800000, 0x1000000
CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
CLONE_CLEAR_SIGHAND, CLONE_INTO_CGROUP = 1 << 32, 1 << 33
# fmt: on
SIGCHLD = 17
ARGS_SIZES = (64, 80, 88)  # struct clone_args, by version


class Request:
    """What clone(2) or clone3(2) asks for, on top of the flags (CSIGNAL removed)."""

    __slots__ = ("child_tid", "flags", "parent_tid", "pidfd", "signal", "stack", "tls")

    def __init__(
        self,
        flags: int,
        signal: int = SIGCHLD,
        stack: int = 0,
        parent_tid: int = 0,
        child_tid: int = 0,
        tls: int = 0,
        pidfd: int = 0,
    ) -> None:
        self.flags = flags
        self.signal = signal
        self.stack = stack
        self.parent_tid = parent_tid
        self.child_tid = child_tid
        self.tls = tls
        self.pidfd = pidfd


# -- creation


def fork(task: Task) -> int:
    """fork(2)."""
    return make(task, Request(0))


def vfork(task: Task) -> int:
    """vfork(2)."""
    return make(task, Request(CLONE_VM | CLONE_VFORK))


def clone(task: Task, flags: int, stack: int, parent: int, tls: int, child: int) -> int:
    """clone(2), in the argument order of arm and i386."""
    if flags & CLONE_PIDFD and flags & (CLONE_PARENT_SETTID | CLONE_DETACHED):
        return -EINVAL
    pidfd = parent if flags & CLONE_PIDFD else 0
    signal = flags & CSIGNAL
    return make(task, Request(flags & ~CSIGNAL, signal, stack, parent, child, tls, pidfd))


def clone3(task: Task, args: int, size: int) -> int:
    """clone3(2)."""
    if size > task.mem.page:
        return -E2BIG
    if size < ARGS_SIZES[0]:
        return -EINVAL
    raw = task.mem.read(args, size)
    if any(raw[ARGS_SIZES[-1] :]):
        return -E2BIG
    fields = [int.from_bytes(raw[at : at + 8], "little") for at in range(0, min(size, 88), 8)]
    flags, pidfd, child, parent, signal, stack, stack_size, tls = fields[:8]
    set_tid, set_tid_size = (*fields[8:10], 0, 0)[:2]
    if bool(set_tid) != bool(set_tid_size) or signal & ~CSIGNAL or signal > NSIG:
        return -EINVAL
    if flags >> 34 or flags & (CLONE_DETACHED | CSIGNAL & ~CLONE_NEWTIME):
        return -EINVAL
    if flags & CLONE_SIGHAND and flags & CLONE_CLEAR_SIGHAND:
        return -EINVAL
    if flags & (CLONE_THREAD | CLONE_PARENT) and signal:
        return -EINVAL
    if bool(stack) != bool(stack_size):
        return -EINVAL
    if (stack + stack_size) >> 32 or any(value >> 32 for value in (pidfd, child, parent, tls)):
        return -EINVAL if (stack + stack_size) >> 32 else -EFAULT
    if set_tid or flags & CLONE_INTO_CGROUP:
        return -EPERM  # as without the privilege
    return make(task, Request(flags, signal, stack + stack_size, parent, child, tls, pidfd))


def make(task: Task, request: Request) -> int:
    """The id of a new thread or process (0 in the process itself), or -errno."""
    flags = request.flags
    problem = (
        flags & CLONE_FS and flags & (CLONE_NEWNS | CLONE_NEWUSER)
        or flags & CLONE_THREAD and not flags & CLONE_SIGHAND
        or flags & CLONE_SIGHAND and not flags & CLONE_VM
        or flags & CLONE_THREAD and flags & (CLONE_NEWUSER | CLONE_NEWPID)
        or flags & CLONE_PIDFD and flags & (CLONE_DETACHED | CLONE_THREAD)
        or flags & CLONE_NEWTIME and flags & CLONE_THREAD
    )  # fmt: skip
    if problem or request.signal > NSIG:
        return -EINVAL
    if task.runner is None:
        return -ENOSYS
    if flags & CLONE_THREAD:
        result: int = task.runner.start_thread(request)
        return result
    if flags & CLONE_VM and not flags & CLONE_VFORK:
        return -EINVAL
    result = task.runner.fork(request)
    return result


def setpgid(task: Task, pid: int, group: int) -> int:
    """setpgid(2): the host does not know that a child has executed a program in place."""
    if pid > 0 and group >= 0 and task.runner is not None and task.runner.has_executed(pid):
        result = syscall(NR["waitid"], P_PID, pid, out(128), WEXITED | WNOHANG | WNOWAIT, 0)
        same = syscall(NR["getsid"], pid) == syscall(NR["getsid"], 0)
        if result == 0 and same and pid != task.pid:
            return -EACCES
    return syscall(NR["setpgid"], pid, group)


# -- the end


def exit(task: Task, status: int) -> int:  # noqa: A001
    """exit(2): this thread ends; with the last one the process does."""
    if len(task.shared.tasks) > 1:
        raise ThreadEnd(status)
    raise Exit(status)


def exit_group(task: Task, status: int) -> int:
    """exit_group(2)."""
    raise Exit(status)


def release(task: Task) -> None:
    """What the kernel does in user memory for a thread that ends (mm_release): its robust futexes
    are marked, and whoever joins it is woken."""
    if task.robust_list:
        head, task.robust_list = task.robust_list, 0
        walk_robust_list(task, head)
    if task.clear_child_tid:
        address, task.clear_child_tid = task.clear_child_tid, 0
        if len(task.shared.tasks) > 1:
            try:
                task.mem.put_u32(address, 0)
            except Fault:
                return
            wake(task, address)


def wake(task: Task, address: int, count: int = 1) -> None:
    """FUTEX_WAKE, private or not: a waiter of either kind is found by the same word."""
    word = task.mem.base + address
    syscall(NR["futex"], word, FUTEX_WAKE, count, 0, 0, 0)
    syscall(NR["futex"], word, FUTEX_WAKE | 128, count, 0, 0, 0)


def walk_robust_list(task: Task, head: int) -> None:
    """exit_robust_list of kernel/futex/core.c."""
    mem = task.mem
    try:
        entry, offset, pending = (mem.u32(head + at) for at in (0, 4, 8))
        limit = ROBUST_LIMIT
        while entry & ~1 != head and limit:
            following = mem.u32(entry & ~1)
            if entry != pending:
                futex_death(task, (entry & ~1) + offset & M32, entry & 1, False)
            entry = following
            limit -= 1
        if pending & ~1:
            futex_death(task, (pending & ~1) + offset & M32, pending & 1, True)
    except Fault:
        return


def futex_death(task: Task, address: int, is_pi: int, is_pending: bool) -> None:
    """handle_futex_death: mark the futex of a dead owner and wake one waiter."""
    if address & 3:
        return
    value = task.mem.u32(address)
    if is_pending and not is_pi and not value:
        wake(task, address)
        return
    if value & FUTEX_TID_MASK != task.tid:
        return
    task.mem.put_u32(address, value & FUTEX_WAITERS | FUTEX_OWNER_DIED)
    if not is_pi and value & FUTEX_WAITERS:
        wake(task, address)


# -- what threads libraries register


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
    """get_robust_list(2), for the threads of this process."""
    found = task if not pid else task.shared.tasks.get(pid)
    if found is None and pid == syscall(NR["gettid"]):
        found = task
    if found is None:
        return -ESRCH if syscall(NR["kill"], pid, 0) == -ESRCH else -EPERM
    task.mem.put_u32(size, ROBUST_HEAD)
    task.mem.put_u32(head, found.robust_list)
    return 0
