"""Processes, limits, signals, scheduling, IPC.

Headers: linux/{resource,sysinfo,utsname,sched,sem,mqueue,futex}.h, asm/signal.h.
"""

from run32.spec.layout import (
    S16,
    S32,
    S64,
    U16,
    U32,
    U64,
    Char,
    Int,
    Long,
    Pointer,
    Short,
    Size,
    Struct,
    UInt,
    ULong,
    UShort,
)
from run32.uapi.structs.time import timeval


class rlimit(Struct, header="linux/resource.h"):
    rlim_cur: ULong
    rlim_max: ULong


class rlimit64(Struct, header="linux/resource.h"):
    rlim_cur: U64
    rlim_max: U64


class rusage(Struct, header="linux/resource.h"):
    ru_utime: timeval
    ru_stime: timeval
    ru_maxrss: Long
    ru_ixrss: Long
    ru_idrss: Long
    ru_isrss: Long
    ru_minflt: Long
    ru_majflt: Long
    ru_nswap: Long
    ru_inblock: Long
    ru_oublock: Long
    ru_msgsnd: Long
    ru_msgrcv: Long
    ru_nsignals: Long
    ru_nvcsw: Long
    ru_nivcsw: Long


class host_sysinfo(Struct, cname="struct sysinfo", header="linux/sysinfo.h"):
    uptime: Long
    loads: ULong[3]
    totalram: ULong
    freeram: ULong
    sharedram: ULong
    bufferram: ULong
    totalswap: ULong
    freeswap: ULong
    procs: UShort
    pad: UShort
    totalhigh: ULong
    freehigh: ULong
    mem_unit: UInt


_HOST_SYSINFO: dict[str, type[Struct]] = {m: host_sysinfo for m in ("lp64", "x86_64", "aarch64")}


class sysinfo(Struct, variants=_HOST_SYSINFO, header="linux/sysinfo.h"):
    uptime: Long
    loads: ULong[3]
    totalram: ULong
    freeram: ULong
    sharedram: ULong
    bufferram: ULong
    totalswap: ULong
    freeswap: ULong
    procs: UShort
    pad: UShort
    totalhigh: ULong
    freehigh: ULong
    mem_unit: UInt
    tail: Char[8]


class new_utsname(Struct, header="linux/utsname.h"):
    sysname: Char[65]
    nodename: Char[65]
    release: Char[65]
    version: Char[65]
    machine: Char[65]
    domainname: Char[65]


class sched_param(Struct, header=""):
    sched_priority: Int


class sched_attr(Struct, header="linux/sched/types.h"):
    size: U32
    sched_policy: U32
    sched_flags: U64
    sched_nice: S32
    sched_priority: U32
    sched_runtime: U64
    sched_deadline: U64
    sched_period: U64
    sched_util_min: U32
    sched_util_max: U32


class sigset(Struct, cname="", header=""):
    """A 64-bit signal set: two words on the guests, the same bytes as the host's one."""

    lo: U32
    hi: U32


class sigaction(Struct, header=""):
    """The kernel's sigaction of rt_sigaction: sa_mask last."""

    sa_handler: Pointer
    sa_flags: ULong
    sa_restorer: Pointer
    sa_mask: sigset


class sigaltstack(Struct, header="asm/signal.h"):
    ss_sp: Pointer
    ss_flags: Int
    ss_size: Size


class sigset_argpack(Struct, header=""):
    """The sixth argument of pselect6."""

    p: Pointer
    size: Size


class sembuf(Struct, header="linux/sem.h"):
    sem_num: UShort
    sem_op: Short
    sem_flg: Short


class mq_attr(Struct, header="linux/mqueue.h"):
    mq_flags: Long
    mq_maxmsg: Long
    mq_msgsize: Long
    mq_curmsgs: Long
    reserved: Long[4]


class cap_header(Struct, cname="struct __user_cap_header_struct", header="linux/capability.h"):
    version: U32
    pid: Int


class cap_data(Struct, cname="struct __user_cap_data_struct", header="linux/capability.h"):
    effective: U32
    permitted: U32
    inheritable: U32


class iocb(Struct, header="linux/aio_abi.h"):
    """A request of asynchronous I/O; pointers lie in 64 bits."""

    aio_data: U64
    aio_key: U32
    aio_rw_flags: U32
    aio_lio_opcode: U16
    aio_reqprio: S16
    aio_fildes: U32
    aio_buf: U64
    aio_nbytes: U64
    aio_offset: S64
    aio_reserved2: U64
    aio_flags: U32
    aio_resfd: U32


class io_event(Struct, header="linux/aio_abi.h"):
    data: U64
    obj: U64
    res: S64
    res2: S64


class futex_waitv(Struct, header="linux/futex.h"):
    """One entry of what futex_waitv waits for."""

    val: U64
    uaddr: U64
    flags: U32
    reserved: U32


class loff(Struct, cname="", header=""):
    """A 64-bit offset behind a pointer."""

    value: S64
