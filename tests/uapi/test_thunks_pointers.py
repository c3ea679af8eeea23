"""No address a guest passes harms the host: every thunk, every pointer argument, bad addresses."""

import errno
import os
import subprocess
import sys
from pathlib import Path

from run32.spec.syscalls import FALLBACK

SRC = Path(__file__).parents[2] / "src"
MUST_FAULT = {  # calls that follow the pointer whatever else is wrong
    "clock_gettime": "tp",
    "clock_gettime64": "tp",
    "access": "path",
    "open": "path",
    "stat64": "path",
    "statx": "path",
    "nanosleep": "request",
    "getrandom": "buf",
    "getrusage": "usage",
    "pipe2": "fds",
    "read": "buf",
    "fstat64": "buf",
    "sched_getaffinity": "mask",
    "poll": "fds",
}
UNMAPPED = ("0x1", "0x10", "0x7fffffff", "0xdead0000", "0xfffff000", "0xfffffffc", "0xffffffff")


def test_wild_pointers(engine):
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("wild_pointers.py")), str(engine)],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {lines[-1]}: {done.stderr[-2000:]}"
    assert len({name for name, *_ in lines}) > 90 and len(lines) > 1500
    for name, argument, address, result in lines:
        value = int(result)
        assert -4096 < value < 1 << 32 or value == FALLBACK, (name, argument, address, value)
        if MUST_FAULT.get(name) == argument and address in UNMAPPED:
            # the data of a file that is empty is not copied anywhere
            expected = {-errno.EFAULT} | ({0} if name == "read" else set())
            assert value in expected, (name, argument, address, value)
