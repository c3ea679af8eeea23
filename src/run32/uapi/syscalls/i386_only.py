"""Calls that only i386 has: the oldest ones, with arguments in structs, and x86 facilities."""

from run32.spec.layout import Int, Long, Size, UInt, ULong
from run32.spec.syscalls import PLANNED, syscall
from run32.spec.types import Addr, Count, Fd, In, Off64, Out, Path, Pid, Zero
from run32.uapi.consts.files import Advice
from run32.uapi.consts.process import Resource, Signal, WaitFlags
from run32.uapi.structs.process import rlimit

I386 = "i386 programs are not built yet"


@syscall(i386=250, man="posix_fadvise(2)")
def fadvise64(fd: Fd, offset: Off64, length: Size, advice: Advice) -> Zero: ...


@syscall(i386=272, man="posix_fadvise(2)", host="fadvise64")
def fadvise64_64(fd: Fd, offset: Off64, length: Off64, advice: Advice) -> Zero: ...


@syscall(i386=314, man="sync_file_range(2)")
def sync_file_range(fd: Fd, offset: Off64, length: Off64, flags: UInt) -> Zero: ...


@syscall(i386=7, man="waitpid(2)", status=PLANNED, note=I386)
def waitpid(pid: Pid, status: Out[Int], options: WaitFlags) -> Pid: ...


@syscall(i386=13, man="time(2)", status=PLANNED, note=I386)
def time(result: Out[Int]) -> Long: ...


@syscall(i386=22, man="umount(2)", status=PLANNED, note=I386)
def umount(target: Path) -> Zero: ...


@syscall(i386=25, man="stime(2)", status=PLANNED, note=I386)
def stime(value: In[Int]) -> Zero: ...


@syscall(i386=27, man="alarm(2)", status=PLANNED, note=I386)
def alarm(seconds: UInt) -> UInt: ...


@syscall(i386=30, man="utime(2)", status=PLANNED, note=I386)
def utime(path: Path, times: In[Int[2]]) -> Zero: ...


@syscall(i386=18, man="oldstat(2)", status=PLANNED, note=I386)
def oldstat(path: Path, buf: Addr) -> Zero: ...


@syscall(i386=28, man="oldfstat(2)", status=PLANNED, note=I386)
def oldfstat(fd: Fd, buf: Addr) -> Zero: ...


@syscall(i386=84, man="oldlstat(2)", status=PLANNED, note=I386)
def oldlstat(path: Path, buf: Addr) -> Zero: ...


@syscall(i386=48, man="signal(2)", status=PLANNED, note=I386)
def signal(signal: Signal, handler: Addr) -> Addr: ...


@syscall(i386=59, man="oldolduname(2)", status=PLANNED, note=I386)
def oldolduname(buf: Addr) -> Zero: ...


@syscall(i386=109, man="olduname(2)", status=PLANNED, note=I386)
def olduname(buf: Addr) -> Zero: ...


@syscall(i386=68, man="sgetmask(2)", status=PLANNED, note=I386)
def sgetmask() -> UInt: ...


@syscall(i386=69, man="ssetmask(2)", status=PLANNED, note=I386)
def ssetmask(mask: UInt) -> UInt: ...


@syscall(i386=76, man="getrlimit(2)", status=PLANNED, note=I386)
def getrlimit(resource: Resource, limit: Out[rlimit]) -> Zero: ...


@syscall(i386=82, man="select(2)", status=PLANNED, note=I386)
def select(arguments: Addr) -> Count: ...


@syscall(i386=89, man="readdir(2)", status=PLANNED, note=I386)
def readdir(fd: Fd, entry: Addr, count: UInt) -> Int: ...


@syscall(i386=90, man="mmap(2)", status=PLANNED, note=I386)
def mmap(arguments: Addr) -> Addr: ...


@syscall(i386=101, man="ioperm(2)", status=PLANNED, note=I386)
def ioperm(first: ULong, count: ULong, on: Int) -> Zero: ...


@syscall(i386=110, man="iopl(2)", status=PLANNED, note=I386)
def iopl(level: Int) -> Zero: ...


@syscall(i386=102, man="socketcall(2)", slow="sockets")
def socketcall(call: Int, arguments: Addr) -> Int: ...


@syscall(i386=117, man="ipc(2)", slow="sysvipc")
def ipc(call: UInt, first: Int, second: ULong, third: ULong, pointer: Addr, fifth: Long) -> Int: ...


@syscall(i386=123, man="modify_ldt(2)", status=PLANNED, note=I386)
def modify_ldt(function: Int, pointer: Addr, size: ULong) -> Int: ...


@syscall(i386=243, man="set_thread_area(2)", status=PLANNED, note=I386)
def set_thread_area(descriptor: Addr) -> Zero: ...


@syscall(i386=244, man="get_thread_area(2)", status=PLANNED, note=I386)
def get_thread_area(descriptor: Addr) -> Zero: ...


@syscall(i386=384, man="arch_prctl(2)", status=PLANNED, note=I386)
def arch_prctl(option: Int, argument: Addr) -> Int: ...


@syscall(i386=447, man="memfd_secret(2)", status=PLANNED, note=I386)
def memfd_secret(flags: UInt) -> Fd: ...
