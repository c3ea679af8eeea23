"""Signal bookkeeping, what the host is told, and what ends the process."""

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest
from kernel.task_harness import Guest

from run32.kernel.task import Killed

EPERM, EFAULT, EINVAL, ENOMEM, ESRCH = 1, 14, 22, 12, 3
USR1, USR2, PIPE, SEGV, TERM, CHLD, ABRT, KILL, STOP = 10, 12, 13, 11, 15, 17, 6, 9, 19


@pytest.fixture
def g() -> Iterator[Guest]:
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    kept = {s: signal.getsignal(s) for s in (USR1, USR2, PIPE, TERM, CHLD, ABRT)}
    made = Guest()
    yield made
    made.close()
    for signo, handler in kept.items():
        signal.signal(signo, signal.SIG_DFL)
        signal.signal(signo, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def action(g: Guest, handler: int, flags: int = 0, mask: int = 0) -> int:
    return g.put(struct.pack("<3IQ", handler, flags, 0xBEEF, mask))


def ignored() -> int:
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith("SigIgn")).split()[1], 16)


def test_dispositions_are_kept_and_returned(g: Guest) -> None:
    old = g.space(20)
    mask = 1 << (KILL - 1) | 1 << (STOP - 1) | 1 << 33 | 1
    assert g.call("rt_sigaction", USR1, action(g, 0x8001, 0xFFFFFFFF, mask), 0, 8) == 0
    assert g.call("rt_sigaction", USR1, 0, old, 8) == 0
    handler, flags, restorer, kept = g.words(old, "3IQ")
    assert (handler, restorer, kept) == (0x8001, 0xBEEF, 1 << 33 | 1)
    assert flags & 0x94000007 == 0x94000007 and not flags & 0x00100000
    assert g.call("rt_sigaction", USR2, 0, old, 8) == 0
    assert g.words(old, "3IQ") == (0, 0, 0, 0)
    short = g.space(16)
    assert g.call("sigaction", USR1, 0, short) == 0
    assert g.words(short, "2I") == (0x8001, 1)
    assert g.call("sigaction", USR1, g.put(struct.pack("<4I", 0x9000, 5, 4, 6)), 0) == 0
    assert g.call("rt_sigaction", USR1, 0, old, 8) == 0
    assert g.words(old, "3IQ") == (0x9000, 4, 6, 5)


@pytest.mark.parametrize("signo", [0, 65, -1, KILL, STOP])
def test_bad_signals(g: Guest, signo: int) -> None:
    assert g.call("rt_sigaction", signo, action(g, 1), 0, 8) == -EINVAL
    if signo in (KILL, STOP):
        assert g.call("rt_sigaction", signo, 0, g.space(20), 8) == 0


def test_bad_arguments(g: Guest) -> None:
    assert g.call("rt_sigaction", USR1, 0, 0, 4) == -EINVAL
    assert g.call("rt_sigaction", USR1, 0x10, 0, 8) == -EFAULT
    assert g.call("rt_sigprocmask", 7, g.put(bytes(8)), 0, 8) == -EINVAL
    assert g.call("rt_sigprocmask", 7, 0, g.space(8), 8) == 0
    assert g.call("rt_sigprocmask", 0, 0x10, 0, 8) == -EFAULT


def test_ignoring_reaches_the_host(g: Guest) -> None:
    bit = 1 << (USR2 - 1)
    g.call("rt_sigaction", USR2, action(g, 1), 0, 8)
    assert ignored() & bit
    g.call("rt_sigaction", USR2, action(g, 0), 0, 8)
    assert not ignored() & bit
    g.call("rt_sigaction", PIPE, action(g, 0x8000), 0, 8)
    assert ignored() & 1 << (PIPE - 1), "a handler for SIGPIPE must not let it kill"
    g.call("rt_sigaction", SEGV, action(g, 1), 0, 8)
    assert not ignored() & 1 << (SEGV - 1), "fault signals are the runtime's"


def test_masks(g: Guest) -> None:
    old = g.space(8)
    every = g.put(b"\xff" * 8)
    assert g.call("rt_sigprocmask", 2, every, 0, 8) == 0
    assert g.call("rt_sigprocmask", 1, g.put(struct.pack("<Q", 1 << (USR1 - 1))), old, 8) == 0
    full = (1 << 64) - 1 & ~(1 << (KILL - 1) | 1 << (STOP - 1))
    assert g.words(old, "Q")[0] == full
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert USR2 in blocked and USR1 not in blocked and SEGV not in blocked and 40 in blocked
    assert g.call("sigprocmask", 2, g.put(struct.pack("<I", 0)), old) == 0
    assert g.task.signals.mask == full & ~0xFFFFFFFF
    assert g.call("rt_sigprocmask", 2, g.put(bytes(8)), 0, 8) == 0
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_pending(g: Guest) -> None:
    g.call("rt_sigprocmask", 0, g.put(struct.pack("<Q", 1 << (USR1 - 1) | 1 << (SEGV - 1))), 0, 8)
    assert g.call("kill", os.getpid(), USR1) == 0
    assert g.call("tgkill", os.getpid(), os.getpid(), SEGV) == 0
    pending = g.space(8)
    assert g.call("rt_sigpending", pending, 8) == 0
    assert g.words(pending, "Q")[0] == 1 << (USR1 - 1) | 1 << (SEGV - 1)
    assert g.call("rt_sigpending", pending, 16) == -EINVAL
    g.call("rt_sigaction", USR1, action(g, 1), 0, 8)
    assert g.call("sigpending", pending) == 0
    assert g.words(pending, "I")[0] == 1 << (SEGV - 1), "ignoring discards"
    with pytest.raises(Killed) as ended:
        g.call("rt_sigprocmask", 2, g.put(bytes(8)), 0, 8)
    assert ended.value.signo == SEGV


def test_signals_to_self(g: Guest) -> None:
    me = os.getpid()
    assert g.call("kill", me, 0) == 0
    assert g.call("kill", me, CHLD) == 0
    for name, args in (("kill", (me,)), ("tgkill", (me, me)), ("tkill", (me,))):
        for signo, core in ((TERM, False), (ABRT, True), (SEGV, True), (34, False), (KILL, False)):
            with pytest.raises(Killed) as ended:
                g.call(name, *args, signo)
            assert (ended.value.signo, ended.value.core) == (signo, core)
    g.call("rt_sigaction", TERM, action(g, 1), 0, 8)
    assert g.call("kill", me, TERM) == 0
    assert g.call("kill", me, 65) == -EINVAL
    assert g.call("tgkill", me, 0, TERM) == -EINVAL
    assert g.call("kill", 2**31 - 1, 0) == -ESRCH


def test_alternate_stack(g: Guest) -> None:
    old = g.space(12)
    assert g.call("sigaltstack", 0, old) == 0
    assert g.words(old, "3I") == (0, 2, 0)
    assert g.call("sigaltstack", g.put(struct.pack("<3I", 0x8000, 0, 8192)), old) == 0
    assert g.call("sigaltstack", 0, old) == 0
    assert g.words(old, "3I") == (0x8000, 0, 8192)
    assert g.call("sigaltstack", g.put(struct.pack("<3I", 0x8000, 4, 8192)), 0) == -EINVAL
    assert g.call("sigaltstack", g.put(struct.pack("<3I", 0x8000, 0, 2047)), 0) == -ENOMEM
    g.regs["r13"] = 0x9000
    assert g.call("sigaltstack", 0, old) == 0
    assert g.words(old, "3I") == (0x8000, 1, 8192)
    assert g.call("sigaltstack", g.put(struct.pack("<3I", 0, 2, 0)), 0) == -EPERM
    g.regs["r13"] = 0x7000
    assert g.call("sigaltstack", g.put(struct.pack("<3I", 5, 2, 5)), 0) == 0
    assert g.call("sigaltstack", 0, old) == 0
    assert g.words(old, "3I") == (0, 2, 0)


def test_a_broken_pipe_behaves_as_the_guest_asked() -> None:
    code = """
import os, signal, struct, sys
sys.path[:0] = %r
from kernel.task_harness import Guest
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
g = Guest()
r, w = os.pipe(); os.close(r)
if sys.argv[1] == "ignore":
    assert g.call("rt_sigaction", 13, g.put(struct.pack("<3IQ", 1, 0, 0, 0)), 0, 8) == 0
print(g.call("write", w, g.put(b"x"), 1), flush=True)
"""
    tests = os.path.dirname(os.path.dirname(__file__))
    for how, out, status in (("ignore", "-32\n", 0), ("default", "", -PIPE)):
        done = subprocess.run(
            [sys.executable, "-c", code % [tests, *sys.path], how], capture_output=True, text=True
        )
        assert (done.stdout, done.returncode) == (out, status), done.stderr
