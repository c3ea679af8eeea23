"""Signal bookkeeping: dispositions, mask, alternate stack, sending and waiting (signal(7)).

Dispositions and mask live in `task.signals`, and the host follows: ignored is ignored there too,
default is default, blocked is blocked, and a signal with a guest handler has the engine's handler,
which hands it to the runtime (`task.runner`). So the host queues, orders and discards, interrupts
calls, stops and kills as Linux says. Signals that a CPU raises (SIGSEGV, SIGBUS, SIGILL, SIGFPE,
SIGTRAP) always have the engine's handler and are never blocked at the host; of those that the guest
blocks, one each waits in `task.signals.queue`.

Without a runner (a Gate), handlers are recorded and `task.signals.pending` says what the guest has
sent itself; a signal with a handler keeps the host's default, except SIGPIPE, which is ignored.
A fatal signal that the guest sends itself raises `Killed` where the host would leave a core.
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EINVAL, ENOMEM, ENOSYS, EPERM
from run32.kernel.siginfo import SI_TKILL, SI_USER, sent
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
SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO, SA_RESTORER = 1, 2, 4, 0x04000000
SA_ONSTACK, SA_RESTART, SA_NODEFER, SA_RESETHAND = 0x08000000, 1 << 28, 1 << 30, 1 << 31
SS_ONSTACK, SS_DISABLE, SS_AUTODISARM = 1, 2, 1 << 31
MINSIGSTKSZ = 2048
MASK64 = (1 << 64) - 1
SP = {"arm": "r13", "i386": "esp"}


def _host_action(task: Task, signo: int, action: SigAction) -> None:
    """Have the host do with a signal what the guest wants."""
    if signo in FAULTS:
        return
    flags = action.flags & (SA_NOCLDSTOP | SA_NOCLDWAIT) if signo == SIGCHLD else 0
    handler = action.handler
    is_ours = handler not in (SIG_DFL, SIG_IGN)
    if handler == SIG_DFL and signo in DUMPS:
        is_ours = task.shared.leaves_cores
    if not is_ours or task.runner is None:
        if handler != SIG_DFL:
            handler = SIG_IGN if handler == SIG_IGN or signo == SIGPIPE else SIG_DFL
        block = pack("<4Q", handler, flags, 0, 0)
    else:
        block = task.runner.host_action(flags | SA_RESTART)
    syscall(NR["rt_sigaction"], signo, block, 0, 8)


def set_action(task: Task, signo: int, new: SigAction) -> None:
    """Record a disposition and let the host follow."""
    new.mask &= ~UNBLOCKABLE
    new.flags &= KNOWN_FLAGS
    task.signals.actions[signo] = new
    if task.runner is not None:
        task.runner.keep_action(signo, new)
    _host_action(task, signo, new)
    if new.handler == SIG_IGN or (new.handler == SIG_DFL and signo in HARMLESS):
        task.signals.pending &= ~(1 << (signo - 1))
        task.signals.queue.pop(signo, None)


def leave_cores(task: Task, limit: int) -> None:
    """RLIMIT_CORE is `limit` now: unless that is 0, the signals that dump core are taken here even
    where nobody handles them, so that a core file is the guest's and not the host's."""
    if task.runner is None or bool(limit) == task.shared.leaves_cores:
        return
    task.shared.leaves_cores = bool(limit)
    if limit:
        task.runner.be_exact()
    for signo in DUMPS - FAULTS:
        action = _action(task, signo)
        if action.handler == SIG_DFL:
            _host_action(task, signo, action)


def _action(task: Task, signo: int) -> SigAction:
    """The disposition of a signal; one that the parent had ignored is still ignored."""
    found = task.signals.actions.get(signo)
    if found is None:
        found = SigAction()
        if task.runner is not None and signo not in FAULTS:
            block = out(32)
            syscall(NR["rt_sigaction"], signo, 0, block, 8)
            if unpack("<Q", block[:8])[0] == SIG_IGN:
                found.handler = SIG_IGN
                task.signals.actions[signo] = found
    return found


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
    before = _action(task, signo)
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
    before = _action(task, signo)
    if action is not None:
        set_action(task, signo, action)
    if old:
        mask = before.mask & 0xFFFFFFFF
        task.mem.write(old, pack("<4I", before.handler, mask, before.flags, before.restorer))
    return 0


def set_mask(task: Task, mask: int) -> None:
    """Make `mask` the blocked set, at the host too."""
    mask &= MASK64 & ~UNBLOCKABLE
    signals, runner = task.signals, task.runner
    signals.mask = mask
    due = signals.waiting() & ~mask & FAULT_MASK
    if runner is not None:
        if due:  # they come before those of the host's queue
            runner.delivery.poke(is_stale=True)
        else:
            runner.delivery.set_host_mask()
        return
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, pack("<Q", mask & ~FAULT_MASK), 0, 8)
    if due:
        signo = (due & -due).bit_length()
        signals.pending &= ~(1 << (signo - 1))
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
    return (int.from_bytes(raw[:8], "little") | task.signals.waiting()) & task.signals.mask


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


def checked_stack(address: int, mode: int, length: int) -> tuple[int, int, int] | int:
    """An alternate stack as it is kept, or -errno."""
    kind = mode & ~SS_AUTODISARM
    if kind not in (0, SS_ONSTACK, SS_DISABLE):
        return -EINVAL
    if kind == SS_DISABLE:
        return 0, mode, 0
    return (address, mode, length) if length >= MINSIGSTKSZ else -ENOMEM


def sigaltstack(task: Task, new: int, old: int) -> int:
    """sigaltstack(2)."""
    base, flags, size = task.signals.altstack
    sp = task.regs[SP[task.abi]]
    on_stack = not flags & (SS_DISABLE | SS_AUTODISARM) and 0 < sp - base <= size
    wanted = unpack("<3I", task.mem.read(new, 12)) if new else None
    if wanted is not None:
        if on_stack:
            return -EPERM
        checked = checked_stack(*wanted)
        if isinstance(checked, int):
            return checked
        task.signals.altstack = checked
    if old:
        shown = SS_ONSTACK if on_stack else flags & ~SS_ONSTACK
        task.mem.write(old, pack("<3I", base, shown, size))
    return 0


def send_to_self(task: Task, signo: int, code: int = SI_USER) -> int:
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
        raise Killed(signo, signo in DUMPS, sent(signo, code))
    task.signals.pending |= bit
    return 0


def _own(task: Task, signo: int) -> bool:
    """Whether a signal that the thread sends itself is acted on here instead of by the host."""
    if not 1 <= signo <= NSIG:
        return False
    if task.runner is None:
        return True
    signals = task.signals
    is_default = signals.action(signo).handler == SIG_DFL
    return signo in DUMPS and is_default and not signals.mask >> signo - 1 & 1


def kill(task: Task, pid: int, signo: int) -> int:
    """kill(2)."""
    if pid == task.pid and _own(task, signo):
        return send_to_self(task, signo)
    return syscall(NR["kill"], pid, signo)


def tkill(task: Task, tid: int, signo: int) -> int:
    """tkill(2)."""
    if tid > 0 and tid == syscall(NR["gettid"]) and _own(task, signo):
        return send_to_self(task, signo, SI_TKILL)
    return syscall(NR["tkill"], tid, signo)


def tgkill(task: Task, pid: int, tid: int, signo: int) -> int:
    """tgkill(2)."""
    if pid == task.pid and tid > 0 and tid == syscall(NR["gettid"]) and _own(task, signo):
        return send_to_self(task, signo, SI_TKILL)
    return syscall(NR["tgkill"], pid, tid, signo)


def sigreturn(task: Task) -> int:
    """sigreturn(2): back from a handler without siginfo."""
    return _sigreturn(task, False)


def rt_sigreturn(task: Task) -> int:
    """rt_sigreturn(2): back from a handler with siginfo."""
    return _sigreturn(task, True)


def _sigreturn(task: Task, is_rt: bool) -> int:
    if task.runner is None or task.abi != "arm":
        return -ENOSYS
    result: int = task.runner.delivery.sigreturn(is_rt)
    return result
