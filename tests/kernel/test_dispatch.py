"""Argument decoding, errors and preloading of the dispatcher."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from run32.kernel import dispatch
from run32.kernel.memory import Fault
from run32.kernel.task import Exit

TESTS = Path(__file__).parent.parent


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own."""
    path = os.pathsep.join([str(TESTS), *(p for p in sys.path if p)])
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_decode_signs_pairs_and_holes() -> None:
    registers = [0xFFFFFF9C, 0xFFFFFFFF, 0xDEAD, 0, 0x80000000, 0x1FFFF, 7]
    plan = dispatch.decoder("iu-Qu")
    with pytest.raises(ValueError):
        dispatch.decoder("i_")
    assert dispatch.decode(plan, registers[:3] + [1, 2, 9]) == [
        -100, 0xFFFFFFFF, 2 << 32 | 1, 9,
    ]  # fmt: skip
    assert dispatch.decode(dispatch.decoder("i-q"), registers[:2] + [0, 1 << 31]) == [
        -100,
        -(1 << 63),
    ]


def test_unknown_calls_are_enosys(guest) -> None:
    for number in (9999, 0x900000, 2**31):
        assert guest.dispatcher.dispatch(guest.task, number, [0] * 7) == -38
    assert guest.call("ptrace", 0, 0, 0) == -38


def test_faults_and_os_errors_become_errno(guest, monkeypatch) -> None:
    from run32.kernel import files

    def faulting(task, *args):
        raise Fault(5)

    def failing(task, *args):
        raise OSError(40, "x")

    monkeypatch.setattr(files, "chdir", faulting)
    assert guest.call("chdir", 0) == -14
    guest.dispatcher._ready.clear()
    monkeypatch.setattr(files, "chdir", failing)
    assert guest.call("chdir", 0) == -40


def test_exit_passes_through(guest) -> None:
    with pytest.raises(Exit) as ended:
        guest.call("exit_group", 0x1234)
    assert ended.value.status == 0x34


def test_calls_work_after_chroot_without_any_python_files(tmp_path) -> None:
    """After chroot into an empty directory no import can work: everything was preloaded."""
    code = f"""
import os, sys
from kernel.task_harness import Guest
g = Guest()
assert g.call("chroot", g.str({str(tmp_path)!r})) == 0, "chroot"
assert g.call("chdir", g.str("/")) == 0
loaded = set(sys.modules)
buf = g.space(512)
assert g.call("uname", buf) == 0
assert g.call("stat64", g.str("/"), buf) == 0
fd = g.call("openat", -100, g.str("/new"), 0o101, 0o600)
assert fd >= 0, fd
assert g.call("sysinfo", buf) == 0
assert g.call("getrlimit" if "getrlimit" in g.numbers else "ugetrlimit", 7, buf) == 0
assert set(sys.modules) == loaded, set(sys.modules) - loaded
print("done")
"""
    if os.geteuid() != 0:
        pytest.skip("chroot needs root")
    done = python(code)
    assert done.stdout == "done\n", done.stderr


RUN_OUT = """
import os, resource
from kernel.task_harness import Guest
g = Guest()
g.dispatcher._is_complete = %s
resource.setrlimit(resource.RLIMIT_NOFILE, (%d, 400))
path = g.str("/dev/null")
last = 0
while (fd := g.call("openat", -100, path, 0, 0)) >= 0:
    last = fd
assert fd == -24, fd
if %s:
    resource.setrlimit(resource.RLIMIT_NOFILE, (%d, %d))
buf = g.space(512)
assert g.call("sysinfo", buf) == 0
assert g.call("rt_sigpending", buf, 8) == 0
print("done", last)
"""


def test_descriptors_may_run_out() -> None:
    """First without preloading (the soft limit gives way), then with both limits reached."""
    for code, last in (
        (RUN_OUT % (True, 40, False, 0, 0), 39),
        (RUN_OUT % (False, 64, True, 64, 64), 63),
    ):
        done = python(code)
        assert done.stdout == f"done {last}\n", done.stderr
