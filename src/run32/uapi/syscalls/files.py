"""Reading, writing and positioning: calls on an open descriptor.

A descriptor has the host's number, so data moves without our help. Calls that may
meet a special descriptor (the guest's own /proc/self/mem, kernel/rw.py) have a slow path as well.
"""

from run32.spec.layout import Int, Size, UInt, ULong
from run32.spec.syscalls import EOVERFLOW, syscall
from run32.spec.types import (
    Addr,
    Count,
    Fd,
    In,
    InBuf,
    InOut,
    IovecIn,
    IovecOut,
    LoHi,
    Off,
    Off64,
    Out,
    OutBuf,
    Zero,
)
from run32.uapi.consts.files import Advice, FallocateMode, RwFlags, SpliceFlags, Whence
from run32.uapi.structs.files import cachestat as cachestat_result
from run32.uapi.structs.files import cachestat_range
from run32.uapi.structs.process import loff


@syscall(arm=3, i386=3, man="read(2)", slow="rw", fast=True)
def read(fd: Fd, buf: OutBuf, count: Size) -> Count: ...


@syscall(arm=4, i386=4, man="write(2)", slow="rw", fast=True)
def write(fd: Fd, buf: InBuf, count: Size) -> Count: ...


@syscall(arm=145, i386=145, man="readv(2)", slow="rw", fast=True)
def readv(fd: Fd, iov: IovecOut, iovcnt: Size) -> Count: ...


@syscall(arm=146, i386=146, man="writev(2)", slow="rw", fast=True)
def writev(fd: Fd, iov: IovecIn, iovcnt: Size) -> Count: ...


@syscall(arm=180, i386=180, man="pread64(2)", slow="rw", fast=True)
def pread64(fd: Fd, buf: OutBuf, count: Size, pos: Off64) -> Count: ...


@syscall(arm=181, i386=181, man="pwrite64(2)", slow="rw", fast=True, rule="below2g")
def pwrite64(fd: Fd, buf: InBuf, count: Size, pos: Off64) -> Count: ...


@syscall(arm=361, i386=333, man="preadv(2)", slow="rw", fast=True)
def preadv(fd: Fd, iov: IovecOut, iovcnt: Size, pos: LoHi) -> Count: ...


@syscall(arm=362, i386=334, man="pwritev(2)", slow="rw", fast=True)
def pwritev(fd: Fd, iov: IovecIn, iovcnt: Size, pos: LoHi) -> Count: ...


@syscall(arm=392, i386=378, man="preadv2(2)", order="fd iov iovcnt pos 0 flags")
def preadv2(fd: Fd, iov: IovecOut, iovcnt: Size, pos: LoHi, flags: RwFlags) -> Count: ...


@syscall(arm=393, i386=379, man="pwritev2(2)", order="fd iov iovcnt pos 0 flags")
def pwritev2(fd: Fd, iov: IovecIn, iovcnt: Size, pos: LoHi, flags: RwFlags) -> Count: ...


@syscall(arm=19, i386=19, man="lseek(2)", slow="dirs", fast=True, rule="notdir", narrow=EOVERFLOW)
def lseek(fd: Fd, offset: Off, whence: Whence) -> Off:
    """A directory's offset is a cookie of ours: the thunk declines directories."""


@syscall(arm=140, i386=140, man="_llseek(2)", slow="dirs", fast=True, rule="llseek")
def _llseek(fd: Fd, high: ULong, low: ULong, result: Out[loff], whence: Whence) -> Zero: ...


@syscall(arm=187, i386=187, man="sendfile(2)", narrow=EOVERFLOW)
def sendfile(out_fd: Fd, in_fd: Fd, offset: InOut[Off], count: Size) -> Count: ...


@syscall(arm=239, i386=239, man="sendfile(2)", host="sendfile")
def sendfile64(out_fd: Fd, in_fd: Fd, offset: InOut[loff], count: Size) -> Count: ...


@syscall(arm=391, i386=377, man="copy_file_range(2)")
def copy_file_range(
    fd_in: Fd, off_in: InOut[loff], fd_out: Fd, off_out: InOut[loff], count: Size, flags: UInt
) -> Count: ...


@syscall(arm=340, i386=313, man="splice(2)")
def splice(
    fd_in: Fd,
    off_in: InOut[loff],
    fd_out: Fd,
    off_out: InOut[loff],
    count: Size,
    flags: SpliceFlags,
) -> Count: ...


@syscall(arm=342, i386=315, man="tee(2)")
def tee(fd_in: Fd, fd_out: Fd, count: Size, flags: SpliceFlags) -> Count: ...


@syscall(arm=343, i386=316, man="vmsplice(2)")
def vmsplice(fd: Fd, iov: IovecOut, iovcnt: ULong, flags: SpliceFlags) -> Count: ...


@syscall(arm=93, i386=93, man="ftruncate(2)")
def ftruncate(fd: Fd, length: Off) -> Zero: ...


@syscall(arm=194, i386=194, man="ftruncate(2)", slow="files")
def ftruncate64(fd: Fd, length: Off64) -> Zero:
    """Past 2 GiB only where the descriptor was opened with O_LARGEFILE."""


@syscall(arm=352, i386=324, man="fallocate(2)")
def fallocate(fd: Fd, mode: FallocateMode, offset: Off64, length: Off64) -> Zero: ...


@syscall(arm=225, i386=225, man="readahead(2)")
def readahead(fd: Fd, offset: Off64, count: Size) -> Zero: ...


@syscall(arm=270, man="posix_fadvise(2)", host="fadvise64", order="fd offset length advice")
def arm_fadvise64_64(fd: Fd, advice: Advice, offset: Off64, length: Off64) -> Zero: ...


@syscall(arm=341, man="sync_file_range(2)", host="sync_file_range", order="fd offset length flags")
def sync_file_range2(fd: Fd, flags: UInt, offset: Off64, length: Off64) -> Zero: ...


@syscall(arm=118, i386=118, man="fsync(2)")
def fsync(fd: Fd) -> Zero: ...


@syscall(arm=148, i386=148, man="fdatasync(2)")
def fdatasync(fd: Fd) -> Zero: ...


@syscall(arm=36, i386=36, man="sync(2)")
def sync() -> Zero: ...


@syscall(arm=373, i386=344, man="syncfs(2)")
def syncfs(fd: Fd) -> Zero: ...


@syscall(arm=451, i386=451, man="cachestat(2)")
def cachestat(
    fd: Fd, range_: In[cachestat_range], result: Out[cachestat_result], flags: UInt
) -> Zero: ...


@syscall(arm=54, i386=54, man="ioctl(2)", slow="ioctl")
def ioctl(fd: Fd, request: UInt, argument: Addr) -> Int: ...
