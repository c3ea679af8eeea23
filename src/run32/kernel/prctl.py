"""prctl(2): options that touch only the host task are passed on, the others are ours or refused.

Kept here: dumpable (the host needs its own /proc/self readable). Refused as a kernel without the
feature would: everything that would change how the host process itself runs (seccomp, syscall user
dispatch, PR_SET_MM, memory-deny-write-execute, arm64 and x86 specials).
"""

from __future__ import annotations

import os

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EINVAL
from run32.kernel.task import COMM_LEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
SET_PDEATHSIG, GET_PDEATHSIG = 1, 2
GET_DUMPABLE, SET_DUMPABLE = 3, 4
SET_NAME, GET_NAME = 15, 16
GET_SECCOMP, GET_CHILD_SUBREAPER, GET_TID_ADDRESS = 21, 37, 40
SET_PTRACER = 0x59616D61

# keepcaps, timing, capbset, securebits, timerslack, perf, mce_kill, subreaper, no_new_privs, thp,
# cap_ambient, speculation, io_flusher, sched_core
PASSED = frozenset(
    (1, 7, 8, 13, 14, 21, 23, 24, 27, 28, 29, 30, 31, 32, 33, 34, 36, 38, 39, 41, 42, 47, 52, 53)
    + (57, 58, SET_PTRACER)
)
INT_RESULTS = frozenset((GET_PDEATHSIG, GET_CHILD_SUBREAPER))
NEEDS_PRELOAD = frozenset((24, 28, 38, 47))
SIGNED_ARG = 0xFFFFFFFF


def prctl(task: Task, option: int, arg2: int, arg3: int, arg4: int, arg5: int) -> int:
    """prctl(2)."""
    if option == SET_NAME:
        return _set_name(task, arg2)
    if option == GET_NAME:
        name = out(COMM_LEN)
        result = syscall(NR["prctl"], GET_NAME, name, 0, 0, 0)
        if result == 0:
            task.mem.write(arg2, name[:COMM_LEN])
        return result
    if option == GET_DUMPABLE:
        return task.prctl.get(GET_DUMPABLE, 1)
    if option == SET_DUMPABLE:
        if arg2 not in (0, 1):
            return -EINVAL
        task.prctl[GET_DUMPABLE] = arg2
        return 0
    if option == GET_TID_ADDRESS:
        task.mem.put_u32(arg2, task.clear_child_tid)
        return 0
    if option in INT_RESULTS:
        value = out(4)
        result = syscall(NR["prctl"], option, value, 0, 0, 0)
        if result == 0:
            task.mem.write(arg2, value[:4])
        return result
    if option in PASSED:
        if option in NEEDS_PRELOAD:
            task.preload()
        if option == SET_PTRACER and arg2 == SIGNED_ARG:
            arg2 = -1
        return syscall(NR["prctl"], option, arg2, arg3, arg4, arg5)
    return -EINVAL


def _set_name(task: Task, gaddr: int) -> int:
    """The task's comm; /proc/self/comm and ps show the host's, so the host gets it too."""
    name = task.mem.read_cstr(gaddr, COMM_LEN - 1)
    result = syscall(NR["prctl"], SET_NAME, name, 0, 0, 0)
    if result == 0 and syscall(NR["gettid"]) == os.getpid():
        task.comm = name
    return result
