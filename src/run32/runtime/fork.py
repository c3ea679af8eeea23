"""New processes: fork, and vfork with its shared-memory contract.

A guest process is forked as a host process. The child has the whole interpreter in memory, so
nothing is started or imported again; only the calling thread lives on in it. Ordinary forks go
through libc's fork (malloc's locks stay sane); flags that it cannot express (namespaces,
CLONE_PARENT, pidfd, CLONE_FILES) through the raw call.

**vfork, and clone with CLONE_VM|CLONE_VFORK** (posix_spawn), promise that the parent sleeps until
the child executes a program or ends, and that it then sees what the child wrote. A host process
that shared our memory could not execute a 32-bit program in place, so the child is an ordinary fork
with a copy. When it is about to execute (past every check) or to end, it *ships* what it changed
through a shared mailbox, and the parent puts that into its own memory before it goes on:

- alone in its process, the parent's memory is as it was at the fork, so all pages the child has
  made its own (pagemap says which) are shipped, along with changes of the heap's end and of
  anonymous mappings;
- beside other threads, which go on, only differences against a snapshot taken at the fork count:
  of the program's data, the caller's stack and its thread block.

The mailbox's first word is a robust futex of the child: if the child dies in any way, or becomes a
64-bit program of the host, the kernel itself wakes the parent.
"""

from __future__ import annotations

import _thread
import marshal
import os

from run32.kernel import cdata, dispatch, host
from run32.kernel.buf import out, syscall
from run32.kernel.process import (
    CLONE_CHILD_CLEARTID,
    CLONE_CHILD_SETTID,
    CLONE_CLEAR_SIGHAND,
    CLONE_PARENT_SETTID,
    CLONE_PIDFD,
    CLONE_SETTLS,
    CLONE_VFORK,
    CLONE_VM,
    SIGCHLD,
)
from run32.kernel.space import Fault
from run32.kernel.vma import PROT_WRITE, SHARED, SPECIAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from run32.kernel.memory import Memory
    from run32.kernel.process import Request
    from run32.runtime.thread import Thread

NR = host.NR
EAGAIN, EINTR, ETIMEDOUT = 11, 4, 110
ALL_SIGNALS = bytes([0xFF] * 8)
SIG_SETMASK = 2
# handled by us, or by libc with fork's own arguments
OURS = (
    CLONE_VM | CLONE_VFORK | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID
    | CLONE_CHILD_CLEARTID | CLONE_CLEAR_SIGHAND
)  # fmt: skip
PR_GET_TID_ADDRESS = 40
MAP_SHARED, MAP_ANONYMOUS, MAP_NORESERVE = 0x01, 0x20, 0x4000
FUTEX_WAIT, FUTEX_WAKE = 0, 1
WAITERS, TID_MASK, OWNER_DIED = 0x80000000, 0x3FFFFFFF, 0x40000000
LOOK = (0).to_bytes(8, "little") + (50_000_000).to_bytes(8, "little")
P_PID, WNOHANG_EXITED_NOWAIT, WALL = 1, 0x01000005, 0x40000000
DONE = 1  # the word once the child has shipped and goes on
WORD, HEAD, ENTRY, LENGTH, DATA = 0, 64, 128, 192, 4096
ROOM = 1 << 20  # beside the pages that can have changed
PRESENT, SWAPPED, FILE, EXCLUSIVE = 1 << 63, 1 << 62, 1 << 61, 1 << 56
STACK_BELOW, STACK_ABOVE = 4096, 65536
DATA_MAX = 4 << 20

_before_fork = cdata.PYFUNCTYPE(None)(cdata.symbol("PyOS_BeforeFork"))
_after_fork_parent = cdata.PYFUNCTYPE(None)(cdata.symbol("PyOS_AfterFork_Parent"))
_AFTER_FORK_CHILD = cdata.symbol("PyOS_AfterFork_Child")


def fork(thread: Thread, request: Request) -> int:
    """The child's id in the parent, 0 in the child, or -errno."""
    task, flags = thread.task, request.flags
    mailbox = None
    if flags & CLONE_VFORK:
        mailbox = Mailbox(thread.memory, bool(flags & CLONE_VM), len(task.shared.tasks) > 1)
    if thread.process.executed is None:
        thread.process.executed = Executed()
    mask = out(8)
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_SIGNALS, mask, 8)
    with dispatch.importing, thread.memory.lock:
        pid = _host_fork(thread, request)
        if pid == 0:
            _become_child(thread, request, mailbox)
    if pid == 0:
        thread.delivery.after_fork()
        return 0
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, mask, 0, 8)
    if pid > 0:
        if mailbox is not None:
            mailbox.wait(pid)
        if flags & CLONE_PARENT_SETTID:
            try:
                task.mem.put_u32(request.parent_tid, pid)
            except Fault:
                pass
    if mailbox is not None:
        mailbox.close()
    return pid


def _host_fork(thread: Thread, request: Request) -> int:
    """Fork the host process."""
    flags = request.flags & ~OURS
    if not flags and request.signal == SIGCHLD:
        try:
            return os.fork()
        except OSError as error:
            return -(error.errno or EAGAIN)
    where = out(8)
    if syscall(NR["prctl"], PR_GET_TID_ADDRESS, where, 0, 0, 0):
        where = bytes(8)
    tid = int.from_bytes(where[:8], "little")
    how = flags | request.signal | (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID if tid else 0)
    pidfd = thread.memory.base + request.pidfd if flags & CLONE_PIDFD else 0
    order = (pidfd, tid, 0) if host.ARCH in ("x86_64", "amd64") else (pidfd, 0, tid)
    return prepared(thread, how, *order)


def prepared(thread: Thread, how: int, a: int = 0, b: int = 0, c: int = 0) -> int:
    """clone(2) with Python's own state prepared for it, as `os.fork` does."""
    _before_fork()
    pid = thread.engine.fork(how, a, b, c, _AFTER_FORK_CHILD)
    if pid:
        _after_fork_parent()
    return pid


def _become_child(thread: Thread, request: Request, mailbox: Mailbox | None) -> None:
    """In the child: what is different from the parent. Requires: the memory's lock is held."""
    process, task, flags = thread.process, thread.task, request.flags
    tid = os.getpid()
    task.tid = tid
    process.thread, process.task = thread, task
    process.ending = None
    process.dumping = _thread.allocate_lock()
    task.shared.tasks = {tid: task}
    task.robust_list = 0
    task.clear_child_tid = request.child_tid if flags & CLONE_CHILD_CLEARTID else 0
    thread.memory.after_fork_child()
    thread.engine.be_alone()
    dispatch.after_fork_child()
    process.executed.forget(tid)
    for watcher in process.watchers:
        watcher.after_fork()
    if flags & CLONE_CLEAR_SIGHAND:
        process.reset_handlers(task)
    thread.mailbox = mailbox
    if mailbox is not None:
        mailbox.adopt(thread, tid)
    if flags & CLONE_SETTLS:
        task.regs["tpidruro" if task.abi == "arm" else "gs_base"] = request.tls
    words = []
    if flags & CLONE_CHILD_SETTID:
        words.append(request.child_tid)
    if flags & CLONE_PARENT_SETTID and flags & CLONE_VM:
        words.append(request.parent_tid)
    for address in words:
        try:
            task.mem.put_u32(address, tid)
        except Fault:
            continue
    if request.stack:
        task.regs["sp" if task.abi == "arm" else "esp"] = request.stack & 0xFFFFFFFF


class Executed:
    """Which processes of this family have executed a program in place, in shared memory."""

    COUNT = 1 << 16

    def __init__(self) -> None:
        flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE
        at = syscall(NR["mmap"], 0, 4 * self.COUNT, 3, flags, -1, 0)
        if at < 0:
            raise OSError(-at, "shared memory")
        self.words = (cdata.c_uint32 * self.COUNT).from_address(at)

    def note(self, pid: int) -> None:
        """`pid` has executed a program."""
        self.words[pid % self.COUNT] = pid

    def forget(self, pid: int) -> None:
        """`pid` is a new process."""
        if self.words[pid % self.COUNT] == pid:
            self.words[pid % self.COUNT] = 0

    def has(self, pid: int) -> bool:
        """Whether `pid` has, as far as is known."""
        return self.words[pid % self.COUNT] == pid


class Mailbox:
    """Shared memory between a vfork child and its sleeping parent. See the module docstring."""

    def __init__(self, memory: Memory, shares: bool, has_threads: bool) -> None:
        self.memory = memory
        self.shares = shares
        self.has_threads = has_threads
        private = sum(vma.end - vma.start for vma in _writable(memory)) if shares else 0
        self.size = DATA + 2 * private + ROOM
        flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE
        at = syscall(NR["mmap"], 0, self.size, 3, flags, -1, 0)
        if at < 0:
            raise OSError(-at, "mailbox")
        self.at = at
        self.words = (cdata.c_uint32 * (DATA // 4)).from_address(at)
        self.quads = (cdata.c_uint64 * (DATA // 8)).from_address(at)
        self.snapshot: dict[int, bytes] = {}
        self.layout: list[tuple[int, int, int, int]] = []
        self.old_robust = (0, 0)

    # -- in the parent

    def wait(self, pid: int) -> None:
        """Sleep until the child executes a program or ends; take over what it wrote."""
        while True:
            word = self.words[0]
            if word == DONE or word & OWNER_DIED:
                break
            # before the child has made the word its own, its death has to be looked for
            result = syscall(NR["futex"], self.at, FUTEX_WAIT, word, LOOK if not word else 0, 0, 0)
            if result == -ETIMEDOUT and not self.words[0] and _is_dead(pid):
                break
        if self.quads[LENGTH // 8]:
            self._unpack()

    def _unpack(self) -> None:
        size = self.quads[LENGTH // 8]
        view = memoryview((cdata.c_char * size).from_address(self.at + DATA)).cast("B")
        layout, brk, parts = marshal.loads(view)
        memory = self.memory
        if layout is not None:
            _adopt_layout(memory, layout, brk)
        for address, data in parts:
            try:
                memory.write(address, data)
            except Fault:
                continue

    def close(self) -> None:
        """Give the memory back."""
        syscall(NR["munmap"], self.at, self.size)

    # -- in the child

    def adopt(self, thread: Thread, tid: int) -> None:
        """The child is `tid`: from now on the kernel tells the parent of its death."""
        if self.shares:
            if self.has_threads:
                self._take_snapshot(thread)
            else:
                self.layout = _layout(self.memory)
        self.quads[HEAD // 8] = self.at + ENTRY  # struct robust_list_head
        self.quads[HEAD // 8 + 1] = (WORD - ENTRY) & (1 << 64) - 1
        self.quads[HEAD // 8 + 2] = 0
        self.quads[ENTRY // 8] = self.at + HEAD
        head, size = out(8), out(8)
        syscall(NR["get_robust_list"], 0, head, size)
        self.old_robust = int.from_bytes(head[:8], "little"), 24
        syscall(NR["set_robust_list"], self.at + HEAD, 24)
        self.words[0] = tid | WAITERS
        syscall(NR["futex"], self.at, FUTEX_WAKE, 1, 0, 0, 0)

    def ship(self) -> None:
        """Put what this child changed into the mailbox."""
        if not self.shares:
            return
        memory = self.memory
        layout: list[tuple[int, int, int, int]] | None = None
        if self.has_threads:
            parts = _differences(memory, self.snapshot)
        else:
            parts = _own_pages(memory)
            layout = _layout(memory)
            if layout == self.layout:
                layout = None
        data = marshal.dumps((layout, memory.end_brk, parts))
        if len(data) <= self.size - DATA:
            cdata.memmove(self.at + DATA, data, len(data))
            self.quads[LENGTH // 8] = len(data)

    def release(self) -> None:
        """Let the parent go on; this child is on its own."""
        syscall(NR["set_robust_list"], *self.old_robust)
        self.words[0] = DONE
        syscall(NR["futex"], self.at, FUTEX_WAKE, 1, 0, 0, 0)
        self.close()

    def _take_snapshot(self, thread: Thread) -> None:
        memory, page = self.memory, self.memory.page
        regs = thread.regs
        is_arm = memory.abi == "arm"
        sp, tls = regs["sp" if is_arm else "esp"], regs["tpidruro" if is_arm else "gs_base"]
        spans = [(sp - STACK_BELOW, sp + STACK_ABOVE), (tls - 2 * page, tls + 2 * page)]
        room, after = DATA_MAX, 0
        for vma in _writable(memory):
            is_data = bool(vma.path) or vma.start == after
            if is_data and vma.end - vma.start <= room:
                spans.append((vma.start, vma.end))
                room -= vma.end - vma.start
                after = vma.end
            for low, high in spans[:2]:
                for at in range(max(low & -page, vma.start), min(high, vma.end), page):
                    self._keep(at)
        for low, high in spans[2:]:
            for at in range(low, high, page):
                self._keep(at)

    def _keep(self, at: int) -> None:
        if at not in self.snapshot:
            try:
                self.snapshot[at] = self.memory.read(at, self.memory.page)
            except Fault:
                return


def _is_dead(pid: int) -> bool:
    info = out(128)
    result = syscall(NR["waitid"], P_PID, pid, info, WNOHANG_EXITED_NOWAIT | WALL, 0)
    return result < 0 or bool(int.from_bytes(info[:4], "little"))


def _writable(memory: Memory) -> list[Any]:
    return [v for v in memory.table if v.prot & PROT_WRITE and not v.flags & (SHARED | SPECIAL)]


def _layout(memory: Memory) -> list[tuple[int, int, int, int]]:
    """Private anonymous mappings, as (start, end, protection, flags)."""
    return [
        (v.start, v.end, v.prot, v.flags)
        for v in memory.table
        if not v.flags & (SHARED | SPECIAL) and not v.is_file
    ]


def _own_pages(memory: Memory) -> list[tuple[int, bytes]]:
    """Private pages that only this process has: those it wrote to since it was forked."""
    page = memory.page
    found: list[tuple[int, bytes]] = []
    fd = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    try:
        for vma in _writable(memory):
            first, count = (memory.base + vma.start) // page, (vma.end - vma.start) // page
            entries = memoryview(os.pread(fd, 8 * count, 8 * first)).cast("Q")
            run = 0
            for index, entry in enumerate(entries):
                if entry & SWAPPED or entry & (PRESENT | FILE | EXCLUSIVE) == PRESENT | EXCLUSIVE:
                    run += 1
                elif run:
                    found.append(_pages(memory, vma.start + (index - run) * page, run * page))
                    run = 0
            if run:
                found.append(_pages(memory, vma.start + (len(entries) - run) * page, run * page))
    finally:
        os.close(fd)
    return found


def _pages(memory: Memory, start: int, size: int) -> tuple[int, bytes]:
    return start, memory.read(start, size)


def _differences(memory: Memory, snapshot: dict[int, bytes]) -> list[tuple[int, bytes]]:
    """Runs of words that differ from the snapshot."""
    found = []
    for at, before in snapshot.items():
        try:
            now = memory.read(at, len(before))
        except Fault:
            continue
        if now == before:
            continue
        start = -1
        for i in range(0, len(now) + 4, 4):
            if i < len(now) and now[i : i + 4] != before[i : i + 4]:
                start = i if start < 0 else start
            elif start >= 0:
                found.append((at + start, now[start:i]))
                start = -1
    return found


def _adopt_layout(memory: Memory, layout: list[tuple[int, int, int, int]], brk: int) -> None:
    """Make the anonymous mappings those that the child left."""
    if brk != memory.end_brk:
        memory.brk(brk)
    theirs = {(start, end): (prot, flags) for start, end, prot, flags in layout}
    ours = {(start, end): prot for start, end, prot, _ in _layout(memory)}
    for start, end in ours.keys() - theirs.keys():
        for at in range(start, end, memory.page):
            if not any(low <= at < high for low, high in theirs):
                memory.munmap(at, memory.page)
    for start, end in theirs.keys() - ours.keys():
        prot = theirs[start, end][0]
        for at in range(start, end, memory.page):
            if memory.table.at(at) is None:
                memory.mmap(at, memory.page, prot, 0x32, -1, 0)
        memory.mprotect(start, end - start, prot)
