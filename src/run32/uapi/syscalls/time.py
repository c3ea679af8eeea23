"""Clocks, timers and sleeping, with 32-bit times and with 64-bit ones.

A 32-bit time is cut to 32 bits on the way out, as Linux does; a 64-bit one is the host's own layout
except for the rubbish a program may leave above tv_nsec (see structs/time.py).
"""

from run32.spec.layout import Int, Long
from run32.spec.syscalls import TRUNCATE, syscall
from run32.spec.types import Fd, In, InOut, Out, Ptr, Zero
from run32.uapi.consts.net import TimerfdFlags, TimerfdSetFlags
from run32.uapi.consts.process import ClockId, Itimer, TimerFlags
from run32.uapi.structs.time import (
    itimerspec,
    itimerspec64,
    itimerval,
    kernel_timespec,
    timespec,
    timespec64,
    timeval,
    timex,
    timex64,
    timezone,
    tms,
)


@syscall(arm=263, i386=265, man="clock_gettime(2)", slow="clocks", fast=True, rule="clock")
def clock_gettime(clock: ClockId, tp: Out[timespec]) -> Zero: ...


@syscall(arm=403, i386=403, man="clock_gettime(2)", slow="clocks", fast=True, rule="clock")
def clock_gettime64(clock: ClockId, tp: Out[kernel_timespec]) -> Zero: ...


@syscall(arm=262, i386=264, man="clock_settime(2)")
def clock_settime(clock: ClockId, tp: In[timespec]) -> Zero: ...


@syscall(arm=404, i386=404, man="clock_settime(2)", host="clock_settime")
def clock_settime64(clock: ClockId, tp: In[timespec64]) -> Zero: ...


@syscall(arm=264, i386=266, man="clock_getres(2)", narrow=TRUNCATE)
def clock_getres(clock: ClockId, tp: Out[timespec]) -> Zero: ...


@syscall(arm=406, i386=406, man="clock_getres(2)", host="clock_getres")
def clock_getres_time64(clock: ClockId, tp: Out[kernel_timespec]) -> Zero: ...


@syscall(arm=162, i386=162, man="nanosleep(2)", rule="remaining", narrow=TRUNCATE)
def nanosleep(request: In[timespec], remaining: Out[timespec]) -> Zero: ...


@syscall(arm=265, i386=267, man="clock_nanosleep(2)", rule="remaining", narrow=TRUNCATE)
def clock_nanosleep(
    clock: ClockId, flags: TimerFlags, request: In[timespec], remaining: Out[timespec]
) -> Zero: ...


@syscall(arm=407, i386=407, man="clock_nanosleep(2)", host="clock_nanosleep")
def clock_nanosleep_time64(
    clock: ClockId, flags: TimerFlags, request: In[timespec64], remaining: Out[kernel_timespec]
) -> Zero: ...


@syscall(arm=78, i386=78, man="gettimeofday(2)", slow="clocks", fast=True, rule="time_of_day")
def gettimeofday(tv: Out[timeval], tz: Out[timezone]) -> Zero: ...


@syscall(arm=79, i386=79, man="settimeofday(2)")
def settimeofday(tv: In[timeval], tz: In[timezone]) -> Zero: ...


@syscall(arm=43, i386=43, man="times(2)", narrow=TRUNCATE)
def times(buf: Out[tms]) -> Long: ...


@syscall(arm=124, i386=124, man="adjtimex(2)", narrow=TRUNCATE)
def adjtimex(buf: InOut[timex]) -> Int: ...


@syscall(arm=372, i386=343, man="clock_adjtime(2)", narrow=TRUNCATE)
def clock_adjtime(clock: ClockId, buf: InOut[timex]) -> Int: ...


@syscall(arm=405, i386=405, man="clock_adjtime(2)", host="clock_adjtime")
def clock_adjtime64(clock: ClockId, buf: InOut[timex64]) -> Int: ...


@syscall(arm=105, i386=105, man="getitimer(2)", narrow=TRUNCATE)
def getitimer(which: Itimer, value: Out[itimerval]) -> Zero: ...


@syscall(arm=104, i386=104, man="setitimer(2)", narrow=TRUNCATE)
def setitimer(which: Itimer, new: In[itimerval], old: Out[itimerval]) -> Zero: ...


@syscall(arm=350, i386=322, man="timerfd_create(2)")
def timerfd_create(clock: ClockId, flags: TimerfdFlags) -> Fd: ...


@syscall(arm=353, i386=325, man="timerfd_settime(2)", narrow=TRUNCATE)
def timerfd_settime(
    fd: Fd, flags: TimerfdSetFlags, new: In[itimerspec], old: Out[itimerspec]
) -> Zero: ...


@syscall(arm=354, i386=326, man="timerfd_gettime(2)", narrow=TRUNCATE)
def timerfd_gettime(fd: Fd, value: Out[itimerspec]) -> Zero: ...


@syscall(arm=411, i386=411, man="timerfd_settime(2)", host="timerfd_settime")
def timerfd_settime64(
    fd: Fd, flags: TimerfdSetFlags, new: In[itimerspec64], old: Out[itimerspec64]
) -> Zero: ...


@syscall(arm=410, i386=410, man="timerfd_gettime(2)", host="timerfd_gettime")
def timerfd_gettime64(fd: Fd, value: Out[itimerspec64]) -> Zero: ...


@syscall(arm=257, i386=259, man="timer_create(2)", slow="sigwait")
def timer_create(clock: ClockId, event: Ptr, timer: Out[Int]) -> Zero: ...


@syscall(arm=258, i386=260, man="timer_settime(2)", narrow=TRUNCATE)
def timer_settime(
    timer: Int, flags: TimerFlags, new: In[itimerspec], old: Out[itimerspec]
) -> Zero: ...


@syscall(arm=259, i386=261, man="timer_gettime(2)", narrow=TRUNCATE)
def timer_gettime(timer: Int, value: Out[itimerspec]) -> Zero: ...


@syscall(arm=409, i386=409, man="timer_settime(2)", host="timer_settime")
def timer_settime64(
    timer: Int, flags: TimerFlags, new: In[itimerspec64], old: Out[itimerspec64]
) -> Zero: ...


@syscall(arm=408, i386=408, man="timer_gettime(2)", host="timer_gettime")
def timer_gettime64(timer: Int, value: Out[itimerspec64]) -> Zero: ...


@syscall(arm=260, i386=262, man="timer_getoverrun(2)")
def timer_getoverrun(timer: Int) -> Int: ...


@syscall(arm=261, i386=263, man="timer_delete(2)")
def timer_delete(timer: Int) -> Zero: ...
