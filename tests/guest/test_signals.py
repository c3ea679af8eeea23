"""Signals behave under run32 as on Linux: C programs, and shells and interpreters with handlers.

`signals/NAME.expected` is the output of `signals/NAME.c` on a real arm64 kernel that executes
AArch32, in an emulated machine (`make bless`). Each program is built for A32 and for T32, so that
handlers and interrupted code are of either kind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tools.blessing import bless_programs
from tools.build import STATIC, compile_c
from tools.guests import environment, run32, run32_command

PROGRAMS = sorted(Path(__file__).with_name("signals").glob("*.c"))


@pytest.fixture(scope="session")
def blessed(bless: bool, arm_gcc: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With --bless, the `.expected` files are what Linux says now."""
    if bless:
        bless_programs(PROGRAMS, tmp_path_factory.mktemp("bless-signals"))


@pytest.mark.parametrize("isa", ["a32", "t32"])
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_program(
    source: Path, isa: str, blessed: None, engine: Path, arm_gcc: str, tmp_path: Path
) -> None:
    program = compile_c(source, *STATIC, "-marm" if isa == "a32" else "-mthumb")
    result = run32([str(program)], cwd=tmp_path)
    status = result.status if result.status >= 0 else 128 - result.status
    found = result.stdout.decode() + f"status {status}\n"
    assert found == source.with_suffix(".expected").read_text(), result.stderr.decode()


@pytest.mark.parametrize("name", ["frames", "handlers", "jumps", "order", "registers", "stacks"])
def test_delivery_in_python(name: str, engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    """Under --strace every frame is made and read by the runtime, else most are by native code."""
    source = Path(__file__).parent / f"signals/{name}.c"
    program = compile_c(source, *STATIC, "-mthumb")
    result = run32([str(program)], cwd=tmp_path, options=(f"--strace={tmp_path / 'trace'}",))
    status = result.status if result.status >= 0 else 128 - result.status
    found = result.stdout.decode() + f"status {status}\n"
    assert found == source.with_suffix(".expected").read_text(), result.stderr.decode()


BASH = """
trap 'echo usr1' USR1; trap 'echo term' TERM; trap 'echo bye $?' EXIT; trap 'echo int' INT
kill -USR1 $$; kill -TERM $$; kill -INT $$
trap '' USR2; kill -USR2 $$; echo ignored
(kill -USR1 $BASHPID; echo not reached); echo subshell $?
sleep 0.05 & wait $!; echo waited $?
trap 'echo child' CHLD; /bin/true; trap - CHLD
sh -c 'kill -9 $$'; echo killed $?
sh -c 'kill -SEGV $$'; echo crashed $?
sleep 5 & kill $!; wait $!; echo $?
read -t 0.05 x </dev/zero || echo timeout
trap 'echo alarm; exit 3' ALRM; (sleep 0.1; kill -ALRM $$) & while :; do :; done
"""
BASH_SAYS = """usr1
term
int
ignored
subshell 138
waited 0
child
killed 137
crashed 139
143
timeout
alarm
bye 3
"""

PYTHON = """
import signal, time, os, select, threading
seen = []
signal.signal(signal.SIGALRM, lambda s, f: seen.append(s))
signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
n = 0
while len(seen) < 20:
    n += 1
signal.setitimer(signal.ITIMER_REAL, 0)
print("timer", len(seen) >= 20, set(seen) == {signal.SIGALRM})
def interrupt(s, f): raise InterruptedError("in handler")
signal.signal(signal.SIGALRM, interrupt)
r, w = os.pipe()
signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    os.read(r, 1)
except InterruptedError as e:
    print("read:", e)
signal.signal(signal.SIGALRM, lambda s, f: None)
signal.setitimer(signal.ITIMER_REAL, 0.02)
t = time.monotonic(); time.sleep(0.1); print("slept", time.monotonic() - t >= 0.1)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwaitinfo([signal.SIGUSR1]).si_pid == os.getpid())
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    os.kill(os.getpid(), signal.SIGINT); time.sleep(1)
except KeyboardInterrupt:
    print("KeyboardInterrupt")
os.set_blocking(w, False); signal.set_wakeup_fd(w)
os.kill(os.getpid(), signal.SIGALRM); print(os.read(r, 9))
"""
PYTHON_SAYS = """timer True True
read: in handler
slept True
{<Signals.SIGUSR1: 10>} True
KeyboardInterrupt
b'\\x0e'
"""

PERL = """
$| = 1; $SIG{USR1} = sub { print "got $_[0]\\n" }; kill USR1 => $$;
$SIG{ALRM} = sub { die "alarm\\n" }; eval { alarm 1; 1 while 1; }; print $@;
$SIG{CHLD} = sub { wait; print "child ", $? >> 8, "\\n"; $done = 1 };
unless (fork) { exit 4 } 1 until $done;
$SIG{PIPE} = sub { print "pipe\\n" }; pipe R, W; close R; syswrite W, "x"; print "$!\\n";
$SIG{__WARN__} = sub { print "warned\\n" }; warn; kill KILL => $$;
"""
PERL_SAYS = """got USR1
alarm
child 4
pipe
Broken pipe
warned
"""


@pytest.mark.parametrize(
    ("argv", "says", "status"),
    [
        (["/bin/bash", "-c", BASH], BASH_SAYS, 3),
        (["/usr/bin/python3", "-c", PYTHON], PYTHON_SAYS, 0),
        (["/usr/bin/perl", "-e", PERL], PERL_SAYS, -9),
    ],
    ids=["bash", "python", "perl"],
)
def test_real_program(
    argv: list[str], says: str, status: int, engine: Path, armhf_root: Path, tmp_path: Path
) -> None:
    result = run32(argv, rootfs=armhf_root, cwd=tmp_path)
    assert (result.stdout.decode(), result.status) == (says, status), result.stderr.decode()


INHERITED = """
import signal
print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))))
print([n for n in (1, 2, 11, 15, 40) if signal.getsignal(n) == signal.SIG_IGN])
"""

PARENT = """
import os, signal, sys
for n in (1, 2, 11, 40):
    signal.signal(n, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [10, 11, 50])
os.execvp(sys.argv[1], sys.argv[1:])
"""


def test_what_the_parent_gave(engine: Path, armhf_root: Path, tmp_path: Path) -> None:
    guest = ["--rootfs", str(armhf_root), "--", "/usr/bin/python3", "-c", INHERITED]
    command = [sys.executable, "-c", PARENT, *run32_command(), *guest]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment(tmp_path))
    assert done.stdout == b"[10, 11, 50]\n[1, 2, 11, 40]\n", done.stderr.decode()


def begin(argv: list[str], armhf_root: Path, cwd: Path) -> subprocess.Popen[bytes]:
    """A guest that has said "ready"."""
    command = [*run32_command(), "--rootfs", str(armhf_root), "--", *argv]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=cwd, env=environment(cwd), start_new_session=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def state(pid: int) -> str:
    """The letter of ps(1)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL,
                                   signal.SIGSEGV, signal.SIGFPE, signal.SIGQUIT, 40])  # fmt: skip
def test_default_from_outside(signo: int, engine: Path, armhf_root: Path, tmp_path: Path) -> None:
    child = begin(["/bin/sh", "-c", "echo ready; while :; do :; done"], armhf_root, tmp_path)
    os.kill(child.pid, signo)
    assert child.wait(10) == -signo


def test_stop_and_continue(engine: Path, armhf_root: Path, tmp_path: Path) -> None:
    script = "trap 'echo cont' CONT; trap 'echo term; exit 5' TERM; echo ready; while :; do :; done"
    child = begin(["/bin/bash", "-c", script], armhf_root, tmp_path)
    os.kill(child.pid, signal.SIGSTOP)
    for _ in range(100):
        if state(child.pid) == "T":
            break
        time.sleep(0.02)
    assert state(child.pid) == "T"
    os.kill(child.pid, signal.SIGCONT)
    assert child.stdout is not None
    assert child.stdout.readline() == b"cont\n"
    os.kill(child.pid, signal.SIGTERM)
    out, _ = child.communicate(timeout=10)
    assert (out, child.returncode) == (b"term\n", 5)
