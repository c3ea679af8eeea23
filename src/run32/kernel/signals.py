"""Signal bookkeeping: dispositions, mask, alternate stack, sending (signal(7)).

Dispositions and mask live in `task.signals`. The host follows as far as it must so that signals
from outside behave: ignored is ignored there too (a write to a broken pipe then gives EPIPE),
default is default, blocked is blocked. Signals that a CPU raises (SIGSEGV, SIGBUS, SIGILL, SIGFPE,
SIGTRAP) belong to the runtime's own handlers, so neither their disposition nor their mask reaches
the host. A signal whose handler the guest has set keeps the host's default, except SIGPIPE, which
is ignored there: the write then fails with EPIPE. Handlers are recorded for the runtime to call.

A fatal signal that the guest sends itself raises `Killed`.
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EINVAL, ENOMEM, EPERM
from run32.kernel.task import NSIG, SIG_DFL, SIG_IGN, Killed, SigAction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
# fmt: off
SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL = 3, 4, 5, 6, 7, 8, 9
SIGSEGV, SIGPIPE, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN = 11, 13, 17, 18, 19, 20, 21
SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGWINCH, SIGSYS = 22, 23, 24, 25, 28, 31
# fmt: on
FAULTS = frozenset((SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP))
STOPS = frozenset((SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU))
HARMLESS = frozenset((SIGCHLD, SIGCONT, SIGURG, SIGWINCH))
DUMPS = frozenset((SIGQUIT, SIGABRT, SIGXCPU, SIGXFSZ, SIGSYS)) | FAULTS
UNBLOCKABLE = 1 << (SIGKILL - 1) | 1 << (SIGSTOP - 1)
FAULT_MASK = sum(1 << (signo - 1) for signo in FAULTS)
KNOWN_FLAGS = 0xDC000807
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2
SS_ONSTACK, SS_DISABLE, SS_AUTODISARM = 1, 2, 1 << 31
MINSIGSTKSZ = 2048
MASK64 = (1 << 64) - 1
SP = {"arm": "r13", "i386": "esp"}


def host_disposition(signo: int, handler: int) -> None:
    """Set the host's disposition to SIG_DFL or SIG_IGN."""
    if signo in FAULTS:
        return
    block = pack("<4Q", handler, 0, 0, 0)
    syscall(NR["rt_sigaction"], signo, block, 0, 8)


def set_action(task: Task, signo: int, new: SigAction) -> None:
    """Record a disposition and let the host follow."""
    new.mask &= ~UNBLOCKABLE
    new.flags &= KNOWN_FLAGS
    task.signals.actions[signo] = new
    ignored = new.handler == SIG_IGN or (new.handler != SIG_DFL and signo == SIGPIPE)
    host_disposition(signo, SIG_IGN if ignored else SIG_DFL)
    if ignored or (new.handler == SIG_DFL and signo in HARMLESS):
        task.signals.pending &= ~(1 << (signo - 1))


def _check(signo: int, is_change: bool) -> bool:
    return 1 <= signo <= NSIG and not (is_change and signo in (SIGKILL, SIGSTOP))


def rt_sigaction(task: Task, signo: int, new: int, old: int, size: int) -> int:
    """rt_sigaction(2)."""
    if size != 8:
        return -EINVAL
    action = None
    if new:
        action = SigAction(*unpack("<3IQ", task.mem.read(new, 20)))
    if not _check(signo, action is not None):
        return -EINVAL
    before = task.signals.action(signo)
    if action is not None:
        set_action(task, signo, action)
    if old:
        data = pack("<3IQ", before.handler, before.flags, before.restorer, before.mask)
        task.mem.write(old, data)
    return 0


def sigaction(task: Task, signo: int, new: int, old: int) -> int:
    """sigaction(2), old: a 32-bit mask between handler and flags."""
    action = None
    if new:
        handler, mask, flags, restorer = unpack("<4I", task.mem.read(new, 16))
        action = SigAction(handler, flags, restorer, mask)
    if not _check(signo, action is not None):
        return -EINVAL
    before = task.signals.action(signo)
    if action is not None:
        set_action(task, signo, action)
    if old:
        mask = before.mask & 0xFFFFFFFF
        task.mem.write(old, pack("<4I", before.handler, mask, before.flags, before.restorer))
    return 0


def set_mask(task: Task, mask: int) -> None:
    """Make `mask` the blocked set, at the host too."""
    mask &= MASK64 & ~UNBLOCKABLE
    task.signals.mask = mask
    block = pack("<Q", mask & ~FAULT_MASK)
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, block, 0, 8)
    _take_unblocked(task)


def _take_unblocked(task: Task) -> None:
    """A fault signal that was sent while blocked acts once it is unblocked."""
    due = task.signals.pending & ~task.signals.mask & FAULT_MASK
    if due:
        signo = (due & -due).bit_length()
        task.signals.pending &= ~(1 << (signo - 1))
        send_to_self(task, signo)


def _change(mask: int, how: int, bits: int) -> int:
    if how == SIG_BLOCK:
        return mask | bits
    return mask & ~bits if how == SIG_UNBLOCK else bits


def _procmask(task: Task, how: int, new: int, old: int, width: int) -> int:
    """`width` bytes of mask; an old 4-byte call leaves the upper signals alone."""
    before = task.signals.mask
    bits = int.from_bytes(task.mem.read(new, width), "little") if new else 0
    if new and how not in (SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK):
        return -EINVAL
    if old:
        task.mem.write(old, (before & (1 << 8 * width) - 1).to_bytes(width, "little"))
    if new:
        after = _change(before, how, bits)
        if width == 4 and how == SIG_SETMASK:
            after |= before & ~0xFFFFFFFF
        set_mask(task, after)
    return 0


def rt_sigprocmask(task: Task, how: int, new: int, old: int, size: int) -> int:
    """rt_sigprocmask(2)."""
    return _procmask(task, how, new, old, 8) if size == 8 else -EINVAL


def sigprocmask(task: Task, how: int, new: int, old: int) -> int:
    """sigprocmask(2), old: the first 32 signals."""
    return _procmask(task, how, new, old, 4)


def _pending(task: Task) -> int:
    raw = out(8)
    syscall(NR["rt_sigpending"], raw, 8)
    return (int.from_bytes(raw[:8], "little") | task.signals.pending) & task.signals.mask


def rt_sigpending(task: Task, pending: int, size: int) -> int:
    """rt_sigpending(2)."""
    if size > 8:
        return -EINVAL
    task.mem.write(pending, _pending(task).to_bytes(8, "little")[:size])
    return 0


def sigpending(task: Task, pending: int) -> int:
    """sigpending(2), old."""
    task.mem.put_u32(pending, _pending(task) & 0xFFFFFFFF)
    return 0


def sigaltstack(task: Task, new: int, old: int) -> int:
    """sigaltstack(2)."""
    base, flags, size = task.signals.altstack
    sp = task.regs[SP[task.abi]]
    on_stack = not flags & (SS_DISABLE | SS_AUTODISARM) and 0 < sp - base <= size
    wanted = unpack("<3I", task.mem.read(new, 12)) if new else None
    if wanted is not None:
        if on_stack:
            return -EPERM
        address, mode, length = wanted
        kind = mode & ~SS_AUTODISARM
        if kind not in (0, SS_ONSTACK, SS_DISABLE):
            return -EINVAL
        if kind == SS_DISABLE:
            address = length = 0
        elif length < MINSIGSTKSZ:
            return -ENOMEM
        task.signals.altstack = (address, mode, length)
    if old:
        shown = SS_ONSTACK if on_stack else flags & ~SS_ONSTACK
        task.mem.write(old, pack("<3I", base, shown, size))
    return 0


def send_to_self(task: Task, signo: int) -> int:
    """Send the task itself a signal: 0, or raises `Killed`."""
    bit = 1 << (signo - 1)
    if task.signals.mask & bit and signo in FAULTS:
        task.signals.pending |= bit
        return 0
    action = task.signals.action(signo)
    if task.signals.mask & bit:
        return syscall(NR["tgkill"], task.pid, syscall(NR["gettid"]), signo)
    if action.handler == SIG_IGN or (action.handler == SIG_DFL and signo in HARMLESS):
        return 0
    if action.handler == SIG_DFL or signo in (SIGKILL, SIGSTOP):
        if signo in STOPS:
            return syscall(NR["tgkill"], task.pid, syscall(NR["gettid"]), signo)
        raise Killed(signo, core=signo in DUMPS)
    task.signals.pending |= bit
    return 0


def kill(task: Task, pid: int, signo: int) -> int:
    """kill(2)."""
    if pid == task.pid and 1 <= signo <= NSIG:
        return send_to_self(task, signo)
    return syscall(NR["kill"], pid, signo)


def tkill(task: Task, tid: int, signo: int) -> int:
    """tkill(2)."""
    if tid > 0 and tid == syscall(NR["gettid"]) and 1 <= signo <= NSIG:
        return send_to_self(task, signo)
    return syscall(NR["tkill"], tid, signo)


def tgkill(task: Task, pid: int, tid: int, signo: int) -> int:
    """tgkill(2)."""
    if pid == task.pid and tid > 0 and tid == syscall(NR["gettid"]) and 1 <= signo <= NSIG:
        return send_to_self(task, signo)
    return syscall(NR["tgkill"], pid, tid, signo)
