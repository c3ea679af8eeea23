"""One run of one command: CPU seconds, wall seconds, output; and what helpers spent meanwhile.

A translator that run32 starts outlives its clients, so wait4(2) on the client does not count it.
`Helpers` makes this process the reaper of orphans (PR_SET_CHILD_SUBREAPER): whatever a measured
process leaves behind stays below this process in the tree, where its CPU time can be read.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
TICK = 1 / os.sysconf("SC_CLK_TCK")
TIMEOUT = 300.0


class Failed(Exception):
    """A command that did not end with status 0."""


@dataclass(frozen=True)
class Sample:
    """What one run took, in seconds, and what it printed."""

    cpu: float
    """User and system time of the process and of the children that it waited for."""
    wall: float
    helpers: float
    """CPU time of the processes beside it, while it ran."""
    output: str
    """Its beginning, and a digest of all of it."""


class Helpers:
    """The processes that measured commands left running."""

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._reaped = 0.0

    def pids(self) -> list[int]:
        """All descendants of this process. Requires: no measured command runs."""
        return list(self._tree())

    def _tree(self) -> dict[int, float]:
        """Descendant -> CPU seconds, its dead children included."""
        parents: dict[int, tuple[int, float]] = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError):
                    fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                    parents[int(entry)] = int(fields[1]), sum(map(int, fields[11:15])) * TICK
        found: dict[int, float] = {}
        front = [os.getpid()]
        while front:
            front = [pid for pid, (parent, _) in parents.items() if parent in front]
            found |= {pid: parents[pid][1] for pid in front}
        return found

    def cpu(self) -> float:
        """CPU seconds of all helpers so far, dead or alive. Requires: as for `pids`."""
        with contextlib.suppress(ChildProcessError):
            while (done := os.wait4(-1, os.WNOHANG))[0]:
                self._reaped += done[2].ru_utime + done[2].ru_stime
        return self._reaped + sum(self._tree().values())

    def settle(self, limit: float = 120.0) -> None:
        """Wait until the helpers are idle, `limit` seconds at most."""
        end = time.monotonic() + limit
        before = self.cpu()
        while self.pids() and time.monotonic() < end:
            time.sleep(0.5)
            now = self.cpu()
            if now - before < 0.02:
                return
            before = now

    def stop(self, pids: list[int]) -> None:
        """End the helpers `pids`: politely, then surely."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            end = time.monotonic() + 3
            while set(pids) & set(self.pids()) and time.monotonic() < end:
                self.cpu()
                time.sleep(0.02)


def measure(command: list[str], *, cwd: Path, env: dict[str, str], helpers: Helpers) -> Sample:
    """Run `command` once. Raises `Failed`."""
    before = helpers.cpu()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=cwd, env=env
        )
        timer = threading.Timer(TIMEOUT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            late = f" after {TIMEOUT:.0f} s" if wall >= TIMEOUT else ""
            raise Failed(f"status {process.returncode}{late} {' '.join(last)}")
        cpu = usage.ru_utime + usage.ru_stime
        return Sample(cpu, wall, max(0.0, helpers.cpu() - before), digest(output.read()))


def digest(output: bytes) -> str:
    """Short, readable, and different for different outputs."""
    start = output[:60].decode("ascii", "backslashreplace").strip()
    return f"{start} ({len(output)} bytes, {hashlib.sha256(output).hexdigest()[:16]})"
