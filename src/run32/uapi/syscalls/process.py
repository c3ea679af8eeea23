"""Processes: identity, creation and end, limits, scheduling groups."""

from run32.spec.layout import Int, Size, UInt, ULong
from run32.spec.syscalls import PLANNED, TRUNCATE, syscall
from run32.spec.types import (
    Addr,
    Count,
    DirFd,
    Fd,
    In,
    IovecIn,
    IovecOut,
    Out,
    Path,
    Pid,
    Ptr,
    Strings,
    Zero,
)
from run32.uapi.consts.files import AtFlags
from run32.uapi.consts.memory import Madvice
from run32.uapi.consts.process import CloneFlags, PrctlOption, Resource, RusageWho, WaitFlags
from run32.uapi.structs.process import rlimit, rusage
from run32.uapi.structs.process import rlimit64 as new_rlimit

PROCESSES = "processes and threads are not built yet"


@syscall(arm=1, i386=1, man="exit(2)", slow="process")
def exit_(status: Int) -> Zero: ...


@syscall(arm=248, i386=252, man="exit_group(2)", slow="process")
def exit_group(status: Int) -> Zero: ...


@syscall(arm=2, i386=2, man="fork(2)", slow="process")
def fork() -> Pid: ...


@syscall(arm=190, i386=190, man="vfork(2)", slow="process")
def vfork() -> Pid: ...


@syscall(arm=120, i386=120, man="clone(2)", slow="process")
def clone(flags: CloneFlags, stack: Addr, parent_tid: Addr, tls: Addr, child_tid: Addr) -> Pid: ...


@syscall(arm=435, i386=435, man="clone3(2)", slow="process")
def clone3(args: Addr, size: Size) -> Pid: ...


@syscall(arm=11, i386=11, man="execve(2)", slow="exec")
def execve(path: Path, argv: Strings, envp: Strings) -> Zero: ...


@syscall(arm=387, i386=358, man="execveat(2)", slow="exec")
def execveat(dirfd: DirFd, path: Path, argv: Strings, envp: Strings, flags: AtFlags) -> Zero: ...


@syscall(arm=114, i386=114, man="wait4(2)", rule="wait4", narrow=TRUNCATE)
def wait4(pid: Pid, status: Out[Int], options: WaitFlags, usage: Out[rusage]) -> Pid: ...


@syscall(arm=280, i386=284, man="waitid(2)", rule="waitid", narrow=TRUNCATE)
def waitid(which: Int, pid: Pid, info: Ptr, options: WaitFlags, usage: Out[rusage]) -> Zero: ...


@syscall(arm=20, i386=20, man="getpid(2)")
def getpid() -> Pid: ...


@syscall(arm=64, i386=64, man="getppid(2)")
def getppid() -> Pid: ...


@syscall(arm=224, i386=224, man="gettid(2)")
def gettid() -> Pid: ...


@syscall(arm=65, i386=65, man="getpgrp(2)", host="getpgid", order="0")
def getpgrp() -> Pid: ...


@syscall(arm=132, i386=132, man="getpgid(2)")
def getpgid(pid: Pid) -> Pid: ...


@syscall(arm=57, i386=57, man="setpgid(2)", slow="process")
def setpgid(pid: Pid, pgid: Pid) -> Zero: ...


@syscall(arm=147, i386=147, man="getsid(2)")
def getsid(pid: Pid) -> Pid: ...


@syscall(arm=66, i386=66, man="setsid(2)")
def setsid() -> Pid: ...


@syscall(arm=256, i386=258, man="set_tid_address(2)", slow="process")
def set_tid_address(address: Addr) -> Pid: ...


@syscall(arm=172, i386=172, man="prctl(2)", slow="prctl")
def prctl(option: PrctlOption, arg2: Addr, arg3: Addr, arg4: Addr, arg5: Addr) -> Int: ...


@syscall(arm=26, i386=26, man="ptrace(2)", status=PLANNED, note="no tracing of guests yet")
def ptrace(request: Int, pid: Pid, address: Addr, data: Addr) -> Int: ...


@syscall(arm=136, i386=136, man="personality(2)", slow="misc")
def personality(persona: UInt) -> Int: ...


@syscall(arm=75, i386=75, man="setrlimit(2)", slow="limits")
def setrlimit(resource: Resource, limit: In[rlimit]) -> Zero: ...


@syscall(arm=191, i386=191, man="getrlimit(2)", slow="limits")
def ugetrlimit(resource: Resource, limit: Out[rlimit]) -> Zero:
    """Values above 32 bits show as infinity."""


@syscall(arm=369, i386=340, man="prlimit64(2)", slow="limits")
def prlimit64(pid: Pid, resource: Resource, new: In[new_rlimit], old: Out[new_rlimit]) -> Zero: ...


@syscall(arm=77, i386=77, man="getrusage(2)", narrow=TRUNCATE)
def getrusage(who: RusageWho, usage: Out[rusage]) -> Zero: ...


@syscall(arm=434, i386=434, man="pidfd_open(2)")
def pidfd_open(pid: Pid, flags: UInt) -> Fd: ...


@syscall(arm=438, i386=438, man="pidfd_getfd(2)")
def pidfd_getfd(pidfd: Fd, target: Fd, flags: UInt) -> Fd: ...


@syscall(arm=448, i386=448, man="process_mrelease(2)")
def process_mrelease(pidfd: Fd, flags: UInt) -> Zero: ...


@syscall(arm=337, i386=310, man="unshare(2)", status=PLANNED, note=PROCESSES)
def unshare(flags: CloneFlags) -> Zero: ...


@syscall(arm=375, i386=346, man="setns(2)", status=PLANNED, note=PROCESSES)
def setns(fd: Fd, kind: CloneFlags) -> Zero: ...


@syscall(arm=376, i386=347, man="process_vm_readv(2)", slow="vmcalls")
def process_vm_readv(
    pid: Pid, local: IovecOut, locals_: ULong, remote: IovecIn, remotes: ULong, flags: ULong
) -> Count: ...


@syscall(arm=377, i386=348, man="process_vm_writev(2)", slow="vmcalls")
def process_vm_writev(
    pid: Pid, local: IovecIn, locals_: ULong, remote: IovecOut, remotes: ULong, flags: ULong
) -> Count: ...


@syscall(arm=378, i386=349, man="kcmp(2)", slow="vmcalls")
def kcmp(pid1: Pid, pid2: Pid, kind: Int, index1: ULong, index2: ULong) -> Int: ...


@syscall(arm=440, i386=440, man="process_madvise(2)", status=PLANNED, note=PROCESSES)
def process_madvise(
    pidfd: Fd, iov: IovecIn, iovcnt: Size, advice: Madvice, flags: UInt
) -> Count: ...


@syscall(arm=398, i386=386, man="rseq(2)", status=PLANNED, note=PROCESSES)
def rseq(area: Addr, size: UInt, flags: UInt, signature: UInt) -> Zero: ...


@syscall(arm=0, i386=0, man="restart_syscall(2)", status=PLANNED, note="no signal handlers yet")
def restart_syscall() -> Int: ...
