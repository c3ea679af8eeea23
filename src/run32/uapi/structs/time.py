"""Times. Headers: linux/time_types.h, linux/times.h, linux/timex.h.

A 32-bit program may leave rubbish in the upper half of a 64-bit `tv_nsec`, and the kernel
ignores it (get_timespec64 under a compat task); hence the guests' own variant with explicit
padding."""

from run32.spec.layout import S32, S64, U32, Int, Long, Struct, UInt


class timespec(Struct, cname="struct __kernel_old_timespec", header="linux/time_types.h"):
    tv_sec: Long
    tv_nsec: Long


class kernel_timespec(Struct, cname="struct __kernel_timespec", header="linux/time_types.h"):
    tv_sec: S64
    tv_nsec: S64


_HOSTS: dict[str, type[Struct]] = {m: kernel_timespec for m in ("lp64", "x86_64", "aarch64")}


class timespec64(
    Struct, variants=_HOSTS, cname="struct __kernel_timespec", header="linux/time_types.h"
):
    tv_sec: S64
    tv_nsec: U32
    tv_pad: U32


class timeval(Struct, cname="struct __kernel_old_timeval", header="linux/time_types.h"):
    tv_sec: Long
    tv_usec: Long


class timezone(Struct, header="linux/time.h"):
    tz_minuteswest: Int
    tz_dsttime: Int


class itimerspec(Struct, cname="struct __kernel_old_itimerspec", header=""):
    it_interval: timespec
    it_value: timespec


class itimerspec64(Struct, cname="struct __kernel_itimerspec", header="linux/time_types.h"):
    it_interval: timespec64
    it_value: timespec64


class itimerval(Struct, cname="struct __kernel_old_itimerval", header="linux/time_types.h"):
    it_interval: timeval
    it_value: timeval


class tms(Struct, header="linux/times.h"):
    tms_utime: Long
    tms_stime: Long
    tms_cutime: Long
    tms_cstime: Long


class timex(Struct, header="linux/timex.h"):
    modes: UInt
    offset: Long
    freq: Long
    maxerror: Long
    esterror: Long
    status: Int
    constant: Long
    precision: Long
    tolerance: Long
    time: timeval
    tick: Long
    ppsfreq: Long
    jitter: Long
    shift: Int
    stabil: Long
    jitcnt: Long
    calcnt: Long
    errcnt: Long
    stbcnt: Long
    tai: Int
    spare: Int[11]


class timex_timeval(Struct, cname="struct __kernel_timex_timeval", header="linux/timex.h"):
    tv_sec: S64
    tv_usec: S64


class timex64(Struct, cname="struct __kernel_timex", header="linux/timex.h"):
    modes: UInt
    pad0: Int
    offset: S64
    freq: S64
    maxerror: S64
    esterror: S64
    status: Int
    pad1: Int
    constant: S64
    precision: S64
    tolerance: S64
    time: timex_timeval
    tick: S64
    ppsfreq: S64
    jitter: S64
    shift: Int
    pad2: Int
    stabil: S64
    jitcnt: S64
    calcnt: S64
    errcnt: S64
    stbcnt: S64
    tai: S32
    spare: Int[11]
