"""Scheduling, priorities, NUMA placement."""

from run32.spec.layout import Int, UInt, ULong
from run32.spec.syscalls import PLANNED, TRUNCATE, syscall
from run32.spec.types import Addr, Count, In, Out, Pid, Ptr, Zero
from run32.uapi.consts.process import PriorityWhich, SchedPolicy
from run32.uapi.structs.process import sched_attr, sched_param
from run32.uapi.structs.time import kernel_timespec, timespec

NUMA = "node masks are not converted yet"


@syscall(arm=158, i386=158, man="sched_yield(2)")
def sched_yield() -> Zero: ...


@syscall(arm=154, i386=154, man="sched_setparam(2)")
def sched_setparam(pid: Pid, param: In[sched_param]) -> Zero: ...


@syscall(arm=155, i386=155, man="sched_getparam(2)")
def sched_getparam(pid: Pid, param: Out[sched_param]) -> Zero: ...


@syscall(arm=156, i386=156, man="sched_setscheduler(2)")
def sched_setscheduler(pid: Pid, policy: SchedPolicy, param: In[sched_param]) -> Zero: ...


@syscall(arm=157, i386=157, man="sched_getscheduler(2)")
def sched_getscheduler(pid: Pid) -> SchedPolicy: ...


@syscall(arm=159, i386=159, man="sched_get_priority_max(2)")
def sched_get_priority_max(policy: SchedPolicy) -> Int: ...


@syscall(arm=160, i386=160, man="sched_get_priority_min(2)")
def sched_get_priority_min(policy: SchedPolicy) -> Int: ...


@syscall(arm=161, i386=161, man="sched_rr_get_interval(2)", narrow=TRUNCATE)
def sched_rr_get_interval(pid: Pid, interval: Out[timespec]) -> Zero: ...


@syscall(arm=423, i386=423, man="sched_rr_get_interval(2)", host="sched_rr_get_interval")
def sched_rr_get_interval_time64(pid: Pid, interval: Out[kernel_timespec]) -> Zero: ...


@syscall(arm=241, i386=241, man="sched_setaffinity(2)", rule="setaffinity")
def sched_setaffinity(pid: Pid, size: UInt, mask: Ptr) -> Zero: ...


@syscall(arm=242, i386=242, man="sched_getaffinity(2)", rule="getaffinity")
def sched_getaffinity(pid: Pid, size: UInt, mask: Ptr) -> Count:
    """The guest's mask comes in 4-byte words, the host's in 8-byte ones."""


@syscall(arm=380, i386=351, man="sched_setattr(2)")
def sched_setattr(pid: Pid, attr: In[sched_attr], flags: UInt) -> Zero: ...


@syscall(arm=381, i386=352, man="sched_getattr(2)")
def sched_getattr(pid: Pid, attr: Ptr, size: UInt, flags: UInt) -> Zero: ...


@syscall(arm=345, i386=318, man="getcpu(2)")
def getcpu(cpu: Out[UInt], node: Out[UInt], unused: Addr) -> Zero: ...


@syscall(arm=34, i386=34, man="nice(2)", rule="nice")
def nice(increment: Int) -> Zero: ...


@syscall(arm=96, i386=96, man="getpriority(2)")
def getpriority(which: PriorityWhich, who: Int) -> Int: ...


@syscall(arm=97, i386=97, man="setpriority(2)")
def setpriority(which: PriorityWhich, who: Int, priority: Int) -> Zero: ...


@syscall(arm=314, i386=289, man="ioprio_set(2)")
def ioprio_set(which: Int, who: Int, priority: Int) -> Zero: ...


@syscall(arm=315, i386=290, man="ioprio_get(2)")
def ioprio_get(which: Int, who: Int) -> Int: ...


@syscall(arm=319, i386=274, man="mbind(2)", status=PLANNED, note=NUMA)
def mbind(
    start: Addr, length: ULong, mode: Int, nodes: Ptr, highest: ULong, flags: UInt
) -> Zero: ...


@syscall(arm=320, i386=275, man="get_mempolicy(2)", status=PLANNED, note=NUMA)
def get_mempolicy(
    mode: Out[Int], nodes: Ptr, highest: ULong, address: Addr, flags: ULong
) -> Zero: ...


@syscall(arm=321, i386=276, man="set_mempolicy(2)", status=PLANNED, note=NUMA)
def set_mempolicy(mode: Int, nodes: Ptr, highest: ULong) -> Zero: ...


@syscall(arm=400, i386=294, man="migrate_pages(2)", status=PLANNED, note=NUMA)
def migrate_pages(pid: Pid, highest: ULong, old: Ptr, new: Ptr) -> Int: ...


@syscall(arm=344, i386=317, man="move_pages(2)", status=PLANNED, note=NUMA)
def move_pages(pid: Pid, count: ULong, pages: Ptr, nodes: Ptr, status: Ptr, flags: Int) -> Int: ...


@syscall(arm=450, i386=450, man="set_mempolicy_home_node(2)", status=PLANNED, note=NUMA)
def set_mempolicy_home_node(start: Addr, length: ULong, node: ULong, flags: ULong) -> Zero: ...
