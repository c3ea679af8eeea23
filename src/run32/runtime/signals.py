"""Delivery of signals to one guest thread.

The host keeps the queue: its handler (codegen/entry.py) takes one signal, blocks all others and
sets `pending`; `deliver` hands it over, gives the host the mask that the guest then has, and
repeats while further signals arrive. Several that are due at once therefore stack their frames in
the host's order, as they do on Linux.

A system call that a signal has ended is settled before the first frame is made: its result, or the
pc back at the call with the arguments as they were (`deliver`'s `nr` and `result`).
Sources: signal(7), kernel/signal.c and arch/arm64/kernel/signal.c.
"""

from __future__ import annotations

import os

from run32.kernel import cdata, host
from run32.kernel import signals as bookkeeping
from run32.kernel.buf import out, syscall
from run32.kernel.memory import Fault
from run32.kernel.siginfo import SI_KERNEL, fault, to_guest
from run32.kernel.signals import FAULT_MASK, HARMLESS, SA_NODEFER, SA_RESETHAND, SA_RESTART
from run32.kernel.task import SIG_DFL, SIG_IGN, Killed, SigAction
from run32.spec.armframe import WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.faults import GuestFault
    from run32.runtime.thread import Thread

NR = host.NR
EINTR, NOT_RESTARTED, NOT_MADE = 4, -512, -513
"""Results of `run32_call`: interrupted or perhaps not made, and certainly not made."""
SIGILL, SIGTRAP, SIGSEGV = 4, 5, 11
SIG_SETMASK = 2
SEGV_MAPERR, SEGV_ACCERR = 1, 2
SLOTS, INFO = 6, 128
SIGPROCMASK = NR["rt_sigprocmask"]
ALLOWED = (1 << 64) - 1 & ~bookkeeping.UNBLOCKABLE
ORDER = (1, 2, 3, 4, 5, 0)
MASK32 = 0xFFFFFFFF

# Calls that end with EINTR when a handler without SA_RESTART ran; all others that say NOT_RESTARTED
# begin again.
ENDING = frozenset(
    """accept accept4 clock_nanosleep clock_nanosleep_time64 close connect copy_file_range creat
    fallocate fcntl fcntl64 fdatasync flock fsync ftruncate ftruncate64 futex futex_time64
    futex_wait futex_waitv getrandom io_getevents ioctl mq_timedreceive mq_timedreceive_time64
    mq_timedsend mq_timedsend_time64 msgrcv msgsnd open openat openat2 pread64 preadv preadv2
    pwrite64 pwritev pwritev2 read readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg semop
    semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto splice
    sync_file_range2 tee truncate truncate64 vmsplice wait4 waitid waitpid write writev""".split()
)
# Calls with a mask of their own: the argument that points to it, or to a pair that does.
PACKED = 5
POLLS = {
    "ppoll": 3,
    "ppoll_time64": 3,
    "pselect6": PACKED,
    "pselect6_time64": PACKED,
    "epoll_pwait": 4,
    "epoll_pwait2": 4,
    "io_pgetevents": PACKED,
    "io_pgetevents_time64": PACKED,
}
# Calls that only a handler ends.
WAITING = frozenset(("pause", "sigsuspend", "rt_sigsuspend"))


class Delivery:
    """The signals of one thread, between the host's handler and the guest's."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.cpu = cpu = thread.cpu
        self.is_arm = thread.engine.meta["isa"] == "arm"
        self._pending = cpu.at["pending"]
        self._full = cpu.at["signal_full"]
        self._python = cpu.at["signal_python"]
        self._stale = cpu.at["mask_stale"]
        self._info = cpu.at["signal_info"] * 4
        if self.is_arm:
            from run32.runtime.frames import Frames

            self.frames = Frames(thread)
        self._call: tuple[int, int] | None = None
        self.looks = 0
        """How often this thread has left guest code to look at what is pending."""
        block = cdata.c_uint64(0)
        self._mask_address = cdata.addressof(block)
        self._mask_word = memoryview(block).cast("B").cast("Q")
        self._mask_call = thread.engine.quick_call
        self._table = thread.engine.meta["syscalls"]

    def inherit(self, ignored: list[int]) -> None:
        """Start with the parent's mask, and with what it ignored of the CPU's signals."""
        signals = self.thread.task.signals
        mask = out(8)
        syscall(NR["rt_sigprocmask"], 0, 0, mask, 8)
        signals.mask = int.from_bytes(mask[:8], "little")
        self.set_host_mask()
        for signo in ignored:
            signals.actions[signo] = SigAction(SIG_IGN)

    # -- asynchronous signals ---------------------------------------------------------------------
    def deliver(self, nr: int = -1, result: int = 0) -> None:
        """Deliver what is pending; `nr` is a system call that has just ended with `result`.

        Raises Killed.
        """
        words, pending = self.cpu.words, self._pending
        self.looks += 1
        self._call = (nr, result) if nr >= 0 else None
        if result == -EINTR and self._name(nr) in POLLS:
            self._temporary_mask(POLLS[self._name(nr)])
        while words[pending]:
            words[pending] = 0
            for info in self._take():
                self._one(info)
            if words[self._stale]:
                self.set_host_mask()
        self.thread.task.signals.suspended = None
        self.note_python()
        if self._call is not None:
            self._settle(None)

    def _temporary_mask(self, index: int) -> None:
        """The mask that a poll had put in place is what its handler's mask is made of."""
        memory = self.thread.memory
        pointer = self.thread.process.arguments(self.cpu.words)[index]
        try:
            if index == PACKED and pointer:
                pointer = memory.u32(pointer)
            if pointer:
                mask = int.from_bytes(memory.read(pointer, 8), "little")
                self.thread.task.signals.suspended = mask & ALLOWED
        except Fault:
            return

    def _take(self) -> list[bytes]:
        """The host siginfo of every signal taken, those first that a CPU raises."""
        words, full, cpu = self.cpu.words, self._full, self.cpu
        found = []
        slots = (0,) if words[full] and not any(words[full + 1 : full + SLOTS]) else ORDER
        for slot in slots:
            if words[full + slot]:
                at = self._info + slot * INFO
                found.append(to_guest(bytes(cpu.bytes[at : at + INFO])))
                words[full + slot] = 0
                if slot == 0:  # all others are blocked at the host
                    words[self._stale] = 1
        queue = self.thread.task.signals.queue
        if queue:
            mask = self._mask()
            due = sorted(signo for signo in queue if not mask >> signo - 1 & 1)
            found[:0] = [queue.pop(signo) for signo in due]
        return found

    def _mask(self) -> int:
        signals = self.thread.task.signals
        return signals.mask if signals.suspended is None else signals.suspended

    def _one(self, info: bytes) -> None:
        """Act on one signal."""
        signals = self.thread.task.signals
        signo = info[0]
        bit = 1 << signo - 1
        if bit & FAULT_MASK & self._mask():
            signals.queue.setdefault(signo, info)
            return
        action = signals.action(signo)
        if action.handler == SIG_IGN:
            return
        if action.handler == SIG_DFL:
            self._default(signo, info)
            return
        if not self.is_arm:  # i386 frames are not built: its handlers are not called
            return
        if self._call is not None:
            self._settle(action)
        tracer = self.thread.process.tracer
        if tracer is not None:
            tracer.taken(info)
        self._enter(signo, info, action)

    def _default(self, signo: int, info: bytes) -> None:
        """The disposition became the default after the host's handler had taken the signal, or the
        signal dumps core."""
        if signo in HARMLESS:
            return
        if signo in bookkeeping.STOPS:
            syscall(NR["tgkill"], os.getpid(), syscall(NR["gettid"]), signo)
            return
        raise Killed(signo, signo in bookkeeping.DUMPS, info)

    def _enter(self, signo: int, info: bytes, action: SigAction) -> None:
        """Make the frame, set the mask of the handler."""
        task = self.thread.task
        signals = task.signals
        if action.flags & SA_RESETHAND:
            bookkeeping.set_action(task, signo, SigAction(0, action.flags, action.restorer))
        try:
            self.frames.push(signo, info, action, signals.mask)
        except Fault:
            self._no_stack(signo)
            return
        mask = self._mask() | action.mask
        if not action.flags & SA_NODEFER:
            mask |= 1 << signo - 1
        signals.suspended = None
        signals.mask = mask
        self.cpu.words[self._stale] = 1

    def _no_stack(self, signo: int) -> None:
        """The frame cannot be written: SIGSEGV, which kills if it is that signal already."""
        if signo == SIGSEGV:
            raise Killed(SIGSEGV, True, fault(SIGSEGV, SI_KERNEL, 0))
        self.raise_fault(SIGSEGV, SI_KERNEL, 0)

    def set_host_mask(self) -> None:
        """Block at the host what the guest blocks, but never what a CPU raises.

        Where a signal waits here, all stay blocked until `deliver` has taken it: one that came
        after it could not be kept, and would lose its place in the host's queue.
        """
        words, stale = self.cpu.words, self._stale
        self._mask_word[0] = self.thread.task.signals.mask & ~FAULT_MASK
        words[stale] = 1
        if not self._mask_call(
            SIG_SETMASK, self._mask_address, 0, 8, 0, 0, SIGPROCMASK, self.cpu.address
        ):
            words[stale] = 0

    # -- system calls -----------------------------------------------------------------------------
    def _settle(self, action: SigAction | None) -> None:
        """Store the result of the call that ended, or go back to begin it again."""
        assert self._call is not None
        nr, result = self._call
        self._call = None
        name = self._name(nr) if result in (NOT_RESTARTED, -EINTR) else ""
        again = result == NOT_MADE
        if result == NOT_RESTARTED:
            again = action is None or bool(action.flags & SA_RESTART) or name not in ENDING
        elif result == -EINTR:
            again = action is None and name in WAITING
        if again:
            self.back()
        else:
            self.cpu.words[0] = (-EINTR if result == NOT_RESTARTED else result) & MASK32

    def _name(self, nr: int) -> str:
        """A call's name, from the engine's table."""
        entry = self._table.get(nr, "")
        name = entry if isinstance(entry, str) else entry[0]
        return name.split("_", 2)[2] if name.startswith("thunk_") else name

    def back(self) -> None:
        """Put the pc back on the system call it stands behind."""
        cpu = self.cpu
        cpu.set("pc", cpu.get("pc") - (4 if self.is_arm and not cpu.get("thumb") else 2))

    # -- synchronous signals ----------------------------------------------------------------------
    def force(self, fault_: GuestFault) -> bool:
        """Deliver a fault to its handler; False where it has none, so that the process ends."""
        signals = self.thread.task.signals
        signo = fault_.signo
        action = signals.action(signo)
        blocked = signals.mask >> signo - 1 & 1
        if blocked or action.handler in (SIG_DFL, SIG_IGN) or not self.is_arm:
            return False
        frames = self.frames
        if fault_.is_access:
            frames.last_fault[0] = fault_.address & MASK32
            frames.last_fault[1] = WRITE if self.cpu.get("fault_error") else 0
        elif signo == SIGILL or (signo == SIGTRAP and not self._is_udf(fault_.pc)):
            frames.last_fault[0] = frames.last_fault[1] = 0
        self._enter(signo, fault(signo, fault_.code, fault_.address), action)
        self.set_host_mask()
        return True

    def _is_udf(self, pc: int) -> bool:
        """Whether a breakpoint is one of the undefined instructions that stand for one."""
        memory = self.thread.memory
        if self.cpu.get("thumb"):
            return memory.read(pc + 1, 1) != b"\xbe"
        return memory.u32(pc) & 0x0FF000F0 != 0x01200070

    def raise_fault(self, signo: int, code: int, address: int) -> None:
        """A fault that the kernel finds in what the guest asks for. Raises Killed."""
        signals = self.thread.task.signals
        action = signals.action(signo)
        if signals.mask >> signo - 1 & 1 or action.handler in (SIG_DFL, SIG_IGN):
            raise Killed(signo, True, fault(signo, code, address))
        signals.queue[signo] = fault(signo, code, address)
        self.poke()

    # -- what the kernel personality asks for -----------------------------------------------------
    def sigreturn(self, is_rt: bool) -> int:
        """sigreturn(2): r0 as the frame has it."""
        from run32.runtime.frames import BadFrame

        try:
            mask = self.frames.pop(is_rt)
        except BadFrame as bad:
            address = bad.args[0]
            mapped = self.thread.memory.table.above(address) is not None
            self.raise_fault(SIGSEGV, SEGV_ACCERR if mapped else SEGV_MAPERR, address)
            return self.cpu.words[0]
        signals = self.thread.task.signals
        mask &= ALLOWED
        if signals.queue or mask & FAULT_MASK:
            bookkeeping.set_mask(self.thread.task, mask)
        elif mask != signals.mask:
            signals.mask = mask
            self.set_host_mask()
        return self.cpu.words[0]

    def poke(self, is_stale: bool = False) -> None:
        """Have `deliver` called before the guest goes on; `is_stale` if the host has not been told
        the guest's mask."""
        if is_stale:
            self.cpu.words[self._stale] = 1
        self.cpu.words[self._python] = 1
        self.cpu.words[self._pending] = 1

    def note_python(self) -> None:
        """Tell native code whether it may deliver signals without `deliver`."""
        thread = self.thread
        is_ours = thread.process.tracer is not None or bool(thread.task.signals.queue)
        self.cpu.words[self._python] = is_ours

    def after_fork(self) -> None:
        """In the child: nothing is pending, and the host's mask is the guest's."""
        words = self.cpu.words
        for slot in range(SLOTS):
            words[self._full + slot] = 0
        words[self._pending] = 0
        self.thread.task.signals.queue.clear()
        self.note_python()
        self.set_host_mask()
