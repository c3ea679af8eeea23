"""Futexes. A guest word is a host word, so the kernel's own queues serve; times are converted."""

from run32.spec.layout import Int, Size, UInt, ULong
from run32.spec.syscalls import syscall
from run32.spec.types import Addr, In, Out, Pid, Ptr, Zero
from run32.uapi.consts.process import ClockId, FutexOp
from run32.uapi.structs.process import futex_waitv as futex_waitv_
from run32.uapi.structs.time import timespec, timespec64


@syscall(arm=240, i386=240, man="futex(2)", rule="futex")
def futex(
    word: Ptr, op: FutexOp, value: UInt, timeout: In[timespec], word2: Ptr, value3: UInt
) -> Int:
    """For operations that do not wait the fourth argument is a number."""


@syscall(arm=422, i386=422, man="futex(2)", host="futex", rule="futex")
def futex_time64(
    word: Ptr, op: FutexOp, value: UInt, timeout: In[timespec64], word2: Ptr, value3: UInt
) -> Int: ...


@syscall(arm=338, i386=311, man="set_robust_list(2)", slow="process")
def set_robust_list(head: Addr, size: Size) -> Zero: ...


@syscall(arm=339, i386=312, man="get_robust_list(2)", slow="process")
def get_robust_list(pid: Pid, head: Out[UInt], size: Out[UInt]) -> Zero: ...


@syscall(arm=449, i386=449, man="futex_waitv(2)", slow="futexes")
def futex_waitv(
    waiters: In[futex_waitv_], count: UInt, flags: UInt, timeout: In[timespec64], clock: ClockId
) -> Int: ...


@syscall(arm=454, i386=454, man="futex(2)")
def futex_wake(word: Ptr, mask: ULong, count: Int, flags: UInt) -> Int: ...


@syscall(arm=455, i386=455, man="futex(2)")
def futex_wait(
    word: Ptr, value: ULong, mask: ULong, flags: UInt, timeout: In[timespec64], clock: ClockId
) -> Int: ...


@syscall(arm=456, i386=456, man="futex(2)", slow="futexes")
def futex_requeue(waiters: In[futex_waitv_], flags: UInt, wake: Int, requeue: Int) -> Int: ...
