"""What a stress run looks at from outside: processes that are left, and how servers grow."""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

MARK = "RUN32_STRESS"
"""Environment variable that tells whose processes are whose: children inherit it."""

SHARED = ("/dev/shm", "/dev/mqueue")
SYSV = ("/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg")


def marked(mark: str, session: int) -> list[int]:
    """Processes alive (not zombies) that were started with `mark`, or are in `session`.

    Either can miss some: a program executed with another environment, and one that calls setsid.
    """
    found = []
    wanted = f"{MARK}={mark}".encode()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            environ = Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
            stat = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if (wanted in environ or int(stat[3]) == session) and stat[0] not in "ZX":
            found.append(int(name))
    return found


def describe(pid: int) -> str:
    """What a process is doing, for a report about one that hangs."""
    lines = []
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        try:
            stat = (task / "stat").read_text()
            status = (task / "status").read_text()
            words = re.findall(r"^(?:State|SigPnd|ShdPnd|SigBlk|SigCgt):.*", status, re.MULTILINE)
            waits = (task / "wchan").read_text()
            call = (task / "syscall").read_text().strip()
        except OSError:
            continue
        title = stat[: stat.rindex(")") + 1]
        lines.append(f"  {title} {' '.join(words)} wchan={waits} syscall={call}")
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        command = "gone"
    return "\n".join([f"  {pid}: {command}", *lines])


def clear(mark: str, session: int, patience: float = 2.0) -> list[str]:
    """Kill what is left of `mark` after `patience` seconds; says what it was."""
    end = time.monotonic() + patience
    while (left := marked(mark, session)) and time.monotonic() < end:
        time.sleep(0.05)
    said = [describe(pid) for pid in left]
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return said


def shared_objects() -> set[str]:
    """Everything that outlives processes: POSIX shared memory and queues, System V objects."""
    found = {f"{d}/{name}" for d in SHARED if os.path.isdir(d) for name in os.listdir(d)}
    for table in SYSV:
        if os.path.exists(table):
            rows = Path(table).read_text().splitlines()[1:]
            found |= {f"{table} {' '.join(row.split()[:2])}" for row in rows}
    return found


@dataclass
class Growth:
    """Samples of one process: descriptors, threads, resident memory (KiB), children."""

    name: str
    pid: int
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)

    def sample(self) -> None:
        base = Path(f"/proc/{self.pid}")
        try:
            files = len(os.listdir(base / "fd"))
            status = (base / "status").read_text()
            children = "".join(f.read_text() for f in base.glob("task/*/children")).split()
        except OSError:
            return
        threads = int(re.findall(r"^Threads:\s*(\d+)", status, re.MULTILINE)[0])
        resident = int(re.findall(r"^VmRSS:\s*(\d+)", status, re.MULTILINE)[0])
        self.rows.append((files, threads, resident, len(children)))

    def verdict(self) -> tuple[str, bool]:
        """The figures in words, and whether they grew: last fifth against second fifth."""
        if len(self.rows) < 10:
            return f"{self.name}: {len(self.rows)} samples, too few to judge", False
        fifth = len(self.rows) // 5
        early, late = self.rows[fifth : 2 * fifth], self.rows[-fifth:]
        words, grew = [], False
        for index, what in enumerate(("descriptors", "threads", "RSS KiB", "children")):
            before = median(row[index] for row in early)
            after = median(row[index] for row in late)
            slack = max(2048, before * 0.05) if index == 2 else 3
            grew = grew or after > before + slack
            words.append(f"{what} {before:.0f} -> {after:.0f} (first {self.rows[0][index]})")
        return f"{self.name}: " + ", ".join(words), grew
