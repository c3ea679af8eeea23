"""Waiting for descriptors: poll, select, epoll, eventfd, inotify."""

from run32.spec.layout import Int, Size, UInt
from run32.spec.syscalls import PLANNED, syscall
from run32.spec.types import (
    Count,
    DirFd,
    Fd,
    FdSet,
    In,
    InOut,
    InOutArray,
    Off64,
    OutArray,
    Path,
    Zero,
)
from run32.uapi.consts.files import OpenFlags
from run32.uapi.consts.net import EpollFlags, EpollOp, EventfdFlags, InotifyFlags
from run32.uapi.structs.events import epoll_event, pollfd
from run32.uapi.structs.process import sigset, sigset_argpack
from run32.uapi.structs.time import timespec, timespec64, timeval

NOTIFY = "watches by path are not built yet"


@syscall(arm=168, i386=168, man="poll(2)", host="ppoll", rule="poll")
def poll(fds: InOutArray[pollfd], count: UInt, timeout: Int) -> Count: ...


@syscall(arm=336, i386=309, man="ppoll(2)", rule="timeleft")
def ppoll(
    fds: InOutArray[pollfd], count: UInt, timeout: InOut[timespec], mask: In[sigset], size: Size
) -> Count: ...


@syscall(arm=414, i386=414, man="ppoll(2)", host="ppoll", rule="timeleft")
def ppoll_time64(
    fds: InOutArray[pollfd], count: UInt, timeout: InOut[timespec64], mask: In[sigset], size: Size
) -> Count: ...


@syscall(arm=142, i386=142, man="select(2)", host="pselect6", rule="select")
def _newselect(
    count: Int, read: FdSet, write: FdSet, except_: FdSet, timeout: InOut[timeval]
) -> Count: ...


@syscall(arm=335, i386=308, man="pselect6(2)", host="pselect6", rule="pselect")
def pselect6(
    count: Int,
    read: FdSet,
    write: FdSet,
    except_: FdSet,
    timeout: InOut[timespec],
    mask: In[sigset_argpack],
) -> Count: ...


@syscall(arm=413, i386=413, man="pselect6(2)", host="pselect6", rule="pselect")
def pselect6_time64(
    count: Int,
    read: FdSet,
    write: FdSet,
    except_: FdSet,
    timeout: InOut[timespec64],
    mask: In[sigset_argpack],
) -> Count: ...


@syscall(arm=250, i386=254, man="epoll_create(2)", host="epoll_create1", rule="epoll_create")
def epoll_create(size: Int) -> Fd: ...


@syscall(arm=357, i386=329, man="epoll_create1(2)")
def epoll_create1(flags: EpollFlags) -> Fd: ...


@syscall(arm=251, i386=255, man="epoll_ctl(2)")
def epoll_ctl(epfd: Fd, op: EpollOp, fd: Fd, event: In[epoll_event]) -> Zero: ...


@syscall(
    arm=252,
    i386=256,
    man="epoll_wait(2)",
    host="epoll_pwait",
    order="epfd events count timeout 0 0",
    rule="epoll",
)
def epoll_wait(epfd: Fd, events: OutArray[epoll_event], count: Int, timeout: Int) -> Count: ...


@syscall(arm=346, i386=319, man="epoll_pwait(2)", rule="epoll")
def epoll_pwait(
    epfd: Fd,
    events: OutArray[epoll_event],
    count: Int,
    timeout: Int,
    mask: In[sigset],
    size: Size,
) -> Count: ...


@syscall(arm=441, i386=441, man="epoll_pwait2(2)", rule="epoll")
def epoll_pwait2(
    epfd: Fd,
    events: OutArray[epoll_event],
    count: Int,
    timeout: In[timespec64],
    mask: In[sigset],
    size: Size,
) -> Count: ...


@syscall(arm=351, i386=323, man="eventfd(2)", host="eventfd2", order="initial 0")
def eventfd(initial: UInt) -> Fd: ...


@syscall(arm=356, i386=328, man="eventfd2(2)")
def eventfd2(initial: UInt, flags: EventfdFlags) -> Fd: ...


@syscall(arm=316, i386=291, man="inotify_init(2)", host="inotify_init1", order="0")
def inotify_init() -> Fd: ...


@syscall(arm=360, i386=332, man="inotify_init1(2)")
def inotify_init1(flags: InotifyFlags) -> Fd: ...


@syscall(arm=317, i386=292, man="inotify_add_watch(2)", slow="files")
def inotify_add_watch(fd: Fd, path: Path, mask: UInt) -> Int: ...


@syscall(arm=318, i386=293, man="inotify_rm_watch(2)")
def inotify_rm_watch(fd: Fd, watch: Int) -> Zero: ...


@syscall(arm=367, i386=338, man="fanotify_init(2)")
def fanotify_init(flags: UInt, event_flags: OpenFlags) -> Fd: ...


@syscall(arm=368, i386=339, man="fanotify_mark(2)", status=PLANNED, note=NOTIFY)
def fanotify_mark(fd: Fd, flags: UInt, mask: Off64, dirfd: DirFd, path: Path) -> Zero: ...
