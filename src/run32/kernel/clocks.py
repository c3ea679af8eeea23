"""Reading clocks: clock_gettime(2) and gettimeofday(2).

Native code reads them through the host's vDSO. It comes here once, to have that looked up, and for
what it leaves out.
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host
from run32.kernel.buf import out, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
M32 = 0xFFFFFFFF


def _prepare(task: Task) -> None:
    desk = task.shared.desk
    if task.runner is not None and not desk.clock:
        from run32.kernel.vdso import clock

        desk.clock = clock()


def _read(clock: int) -> bytes | int:
    now = out(16)
    return syscall(NR["clock_gettime"], clock, now) or now[:16]


def clock_gettime(task: Task, clock: int, tp: int) -> int:
    """clock_gettime(2) with 32-bit times, which are cut to 32 bits as Linux does."""
    _prepare(task)
    now = _read(clock)
    if isinstance(now, int):
        return now
    task.mem.write(tp, pack("<II", *(value & M32 for value in unpack("<qq", now))))
    return 0


def clock_gettime64(task: Task, clock: int, tp: int) -> int:
    """clock_gettime(2) with 64-bit times."""
    _prepare(task)
    now = _read(clock)
    if isinstance(now, int):
        return now
    task.mem.write(tp, now)
    return 0


def gettimeofday(task: Task, tv: int, tz: int) -> int:
    """gettimeofday(2)."""
    _prepare(task)
    now, zone = out(16), out(8)
    result = syscall(NR["gettimeofday"], now, zone)
    if result < 0:
        return result
    if tv:
        task.mem.write(tv, pack("<II", *(v & M32 for v in unpack("<qq", now[:16]))))
    if tz:
        task.mem.write(tz, zone[:8])
    return 0
