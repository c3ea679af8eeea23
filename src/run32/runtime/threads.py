"""Guest threads as host threads: start, end, and ending all but one.

A guest thread is a Python thread whose host thread id is the guest's thread id. It holds the GIL
only while it runs slow-path code. Its host stack is small: guest calls do not nest on it.

The first thread is the leader: Linux keeps it as a zombie when it ends before others, we park its
host thread. When another thread executes a program, that program runs on the leader's host thread,
as it has the process's id. Threads are made to end by a kick (a SIGTRAP that the handler only takes
as a reason to look up), repeated until they are gone.
"""

from __future__ import annotations

import _thread
import os

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.process import (
    CLONE_CHILD_CLEARTID,
    CLONE_CHILD_SETTID,
    CLONE_FILES,
    CLONE_FS,
    CLONE_PARENT_SETTID,
    CLONE_SETTLS,
    CLONE_SYSVSEM,
    release,
)
from run32.kernel.space import Fault
from run32.kernel.vma import PROT_EXEC
from run32.runtime.engine import SLOT, Cpu

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.process import Request
    from run32.kernel.task import Task
    from run32.loader import Image
    from run32.runtime.thread import Thread

NR = host.NR
EAGAIN = 11
SIGTRAP = 5
HOST_STACK = 512 << 10
ALL_SIGNALS = bytes([0xFF] * 8)
SIG_SETMASK = 2
SS_DISABLE = 2
FAILED = 125
PATIENCE = 0.01  # seconds between kicks
MOST_PATIENCE = 1.0  # seconds that others may take to leave guest code

_spare: list[Cpu] = []
_seen: set[int] = set()


def start(thread: Thread, request: Request) -> int:
    """A new thread that goes on where `thread` is: its id, or -errno."""
    from run32.runtime.thread import Thread as NewThread

    process = thread.process
    process.engine.is_shared = True
    _prepare(process)
    cpu = _spare.pop() if _spare else Cpu(thread.engine)
    thread.cpu.set("parallel", 1)
    thread.cpu.copy_to(cpu)
    child = NewThread(process, cpu)
    child.attach(thread.task.sibling(child.regs))
    mask = out(8)
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_SIGNALS, mask, 8)
    born = _thread.allocate_lock()
    born.acquire()
    try:
        _thread.start_new_thread(_live, (child, request, born))
    except (RuntimeError, MemoryError):
        syscall(NR["rt_sigprocmask"], SIG_SETMASK, mask, 0, 8)
        _spare.append(cpu)
        return -EAGAIN
    born.acquire()
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, mask, 0, 8)
    return child.task.tid


def _prepare(process: object) -> None:
    if id(process) not in _seen:
        _seen.add(id(process))
        _thread.stack_size(HOST_STACK)


def _live(child: Thread, request: Request, born: _thread.LockType) -> None:
    """The whole life of a host thread."""
    task, cpu = child.task, child.cpu
    task.tid = tid = syscall(NR["gettid"])
    child.engine.adopt(cpu)
    _set_up(child, request)
    task.shared.tasks[tid] = task
    child.delivery.after_fork()
    born.release()
    try:
        child.live()
    except BaseException:  # an error of run32 itself: nobody else would tell
        import traceback

        traceback.print_exc()
        os._exit(FAILED)
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_SIGNALS, 0, 8)
    stack = (0).to_bytes(8, "little") + SS_DISABLE.to_bytes(8, "little") + bytes(8)
    syscall(NR["sigaltstack"], stack, 0)
    _spare.append(cpu)


def _set_up(child: Thread, request: Request) -> None:
    """Registers and words of memory as clone(2) sets them."""
    task, flags = child.task, request.flags
    is_arm = task.abi == "arm"
    regs = child.regs
    regs["r0" if is_arm else "eax"] = 0
    if request.stack:
        regs["sp" if is_arm else "esp"] = request.stack & 0xFFFFFFFF
    if flags & CLONE_SETTLS:
        regs["tpidruro" if is_arm else "gs_base"] = request.tls
    for flag, address in (
        (CLONE_PARENT_SETTID, request.parent_tid),
        (CLONE_CHILD_SETTID, request.child_tid),
    ):
        if flags & flag:
            try:
                task.mem.put_u32(address, task.tid)
            except Fault:
                continue
    if flags & CLONE_CHILD_CLEARTID:
        task.clear_child_tid = request.child_tid
    apart = (CLONE_FS | CLONE_FILES | CLONE_SYSVSEM) & ~flags
    if apart & (CLONE_FS | CLONE_FILES):
        syscall(NR["unshare"], apart & (CLONE_FS | CLONE_FILES))


def ended(thread: Thread, status: int) -> None:
    """A thread's last act. Does not return in the leader, nor in the last thread."""
    process, task = thread.process, thread.task
    if process.dumping.locked():
        from run32.runtime.cores import stop

        stop(thread)
    tasks = task.shared.tasks
    is_leader = task.tid == os.getpid()
    release(task)
    tasks.pop(task.tid, None)
    if not tasks and process.ending is None:
        process.finish(status)
    if is_leader:
        _park(thread)


def _park(thread: Thread) -> None:
    """The leader's host thread waits until another thread hands it a new program."""
    process = thread.process
    process.parked = thread
    while True:
        process.wakeup.acquire()
        image = process.handed
        if image is not None:
            break
    process.handed = process.ending = None
    thread.delivery.after_fork()
    thread.begin(image)
    thread.live()


def kick(task: Task, code: int) -> None:
    """Make a thread leave guest code or a system call and look at what there is to do."""
    info = SIGTRAP.to_bytes(8, "little") + code.to_bytes(4, "little", signed=True) + bytes(116)
    syscall(NR["rt_tgsigqueueinfo"], os.getpid(), task.tid, SIGTRAP, info)


def wait_for_looks(thread: Thread) -> None:
    """Wait until every other thread has left the guest code that it is in, unless it takes long:
    one that waits inside run32 is not in any."""
    from time import monotonic, sleep

    tasks = thread.task.shared.tasks
    waiting = []
    for task in list(tasks.values()):
        other = task.runner
        if task is not thread.task and isinstance(other, type(thread)):
            waiting.append((task, other.delivery, other.delivery.looks))
            other.delivery.poke()
            kick(task, thread.engine.meta["kick"])
    until, pause = monotonic() + MOST_PATIENCE, 0.0001
    while waiting and monotonic() < until:
        sleep(pause)
        pause = min(2 * pause, PATIENCE)
        waiting = [w for w in waiting if w[0].tid in tasks and w[1].looks == w[2]]


def settle(thread: Thread) -> None:
    """Let no slot be taken for part of an IT block that other code had: whoever was inside of one
    when the code changed is not any more when this returns.

    Requires: the memory's lock is not held.
    """
    engine, memory = thread.engine, thread.memory
    with memory.lock:
        ranges, engine.unsettled = engine.unsettled, []
    if len(thread.task.shared.tasks) > 1:
        wait_for_looks(thread)
    shadow, scale = engine.shadows[-1]
    with memory.lock:
        for start, end in ranges:
            for vma in memory.table.overlapping(start, end):
                low, high = max(start, vma.start), min(end, vma.end)
                if vma.prot & PROT_EXEC:
                    engine.forget_inner(shadow + low * scale, (high - low) * scale // SLOT)


def stop_others(thread: Thread) -> None:
    """End all threads but `thread`, whose program is about to be replaced."""
    from time import sleep

    process, task = thread.process, thread.task
    tasks = task.shared.tasks
    process.ending = thread
    pause = 0.0005
    while len(tasks) > 1:
        for other in list(tasks.values()):
            if other is not task:
                kick(other, thread.engine.meta["kick"])
        sleep(pause)
        pause = min(2 * pause, PATIENCE)
    if task.tid != os.getpid():
        while process.parked is None:
            sleep(PATIENCE)
    else:
        process.ending = None


def hand_over(thread: Thread, image: Image) -> bool:
    """If `thread` is not the leader: have the leader's host thread run the new program instead."""
    process, task = thread.process, thread.task
    if task.tid == os.getpid():
        return False
    leader = process.parked
    assert leader is not None
    old = leader.task
    old.signals = task.signals
    leader.attach(old)
    old.personality = task.personality
    old.robust_list = old.clear_child_tid = old.rseq = old.tls = 0
    task.shared.tasks = {old.tid: old}
    process.thread, process.task = leader, old
    process.parked = None
    process.handed = image
    process.wakeup.release()
    return True
