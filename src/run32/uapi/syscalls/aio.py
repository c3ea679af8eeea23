"""Asynchronous I/O, performance counters, programs for the kernel."""

from run32.spec.layout import Int, Long, Size, UInt, ULong
from run32.spec.syscalls import PLANNED, syscall
from run32.spec.types import Addr, Count, Fd, In, Out, Pid, Zero
from run32.uapi.consts.files import FdFlags
from run32.uapi.structs.time import timespec, timespec64

BPF = "programs and attributes hold pointers that are not translated yet"
PERF = "counter attributes are not checked yet"
URING = "rings and their entries hold pointers that are not translated yet"
FAULTS = "user-space page faults are not built yet"


@syscall(arm=243, i386=245, man="io_setup(2)", slow="aio")
def io_setup(count: UInt, context: Out[UInt]) -> Zero: ...


@syscall(arm=244, i386=246, man="io_destroy(2)", slow="aio")
def io_destroy(context: Addr) -> Zero: ...


@syscall(arm=245, i386=247, man="io_getevents(2)", slow="aio")
def io_getevents(
    context: Addr, least: Long, most: Long, events: Addr, timeout: In[timespec]
) -> Count: ...


@syscall(arm=246, i386=248, man="io_submit(2)", slow="aio")
def io_submit(context: Addr, count: Long, blocks: Addr) -> Count: ...


@syscall(arm=247, i386=249, man="io_cancel(2)", slow="aio")
def io_cancel(context: Addr, block: Addr, result: Addr) -> Zero: ...


@syscall(arm=399, i386=385, man="io_getevents(2)", slow="aio")
def io_pgetevents(
    context: Addr, least: Long, most: Long, events: Addr, timeout: In[timespec], mask: Addr
) -> Count: ...


@syscall(arm=416, i386=416, man="io_getevents(2)", slow="aio")
def io_pgetevents_time64(
    context: Addr, least: Long, most: Long, events: Addr, timeout: In[timespec64], mask: Addr
) -> Count: ...


@syscall(arm=425, i386=425, man="io_uring_setup(2)", status=PLANNED, note=URING)
def io_uring_setup(entries: UInt, params: Addr) -> Fd: ...


@syscall(arm=426, i386=426, man="io_uring_enter(2)", status=PLANNED, note=URING)
def io_uring_enter(
    fd: Fd, submit: UInt, complete: UInt, flags: UInt, arg: Addr, size: Size
) -> Count: ...


@syscall(arm=427, i386=427, man="io_uring_register(2)", status=PLANNED, note=URING)
def io_uring_register(fd: Fd, operation: UInt, arg: Addr, count: UInt) -> Int: ...


@syscall(arm=386, i386=357, man="bpf(2)", status=PLANNED, note=BPF)
def bpf(cmd: Int, attr: Addr, size: UInt) -> Int: ...


@syscall(arm=383, i386=354, man="seccomp(2)", status=PLANNED, note=BPF)
def seccomp(operation: UInt, flags: UInt, args: Addr) -> Int: ...


@syscall(arm=364, i386=336, man="perf_event_open(2)", status=PLANNED, note=PERF)
def perf_event_open(attr: Addr, pid: Pid, cpu: Int, group: Fd, flags: ULong) -> Fd: ...


@syscall(arm=388, i386=374, man="userfaultfd(2)", status=PLANNED, note=FAULTS)
def userfaultfd(flags: FdFlags) -> Fd: ...
