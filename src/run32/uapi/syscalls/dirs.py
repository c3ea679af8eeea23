"""Directories and names: everything that takes a path."""

from run32.spec.layout import Int, UInt, ULong
from run32.spec.syscalls import syscall
from run32.spec.types import Count, Dev, DirFd, Fd, Mode, Off, Off64, OutBuf, Path, Str, Zero
from run32.uapi.consts.files import AtFlags, RenameFlags, UnlinkFlags


@syscall(arm=141, i386=141, man="getdents(2)", slow="dirs")
def getdents(fd: Fd, dirent: OutBuf, count: UInt) -> Count: ...


@syscall(arm=217, i386=220, man="getdents64(2)", slow="dirs")
def getdents64(fd: Fd, dirent: OutBuf, count: UInt) -> Count: ...


@syscall(arm=12, i386=12, man="chdir(2)", slow="files")
def chdir(path: Path) -> Zero: ...


@syscall(arm=133, i386=133, man="fchdir(2)", slow="files")
def fchdir(fd: Fd) -> Zero: ...


@syscall(arm=61, i386=61, man="chroot(2)", slow="files")
def chroot(path: Path) -> Zero: ...


@syscall(arm=183, i386=183, man="getcwd(2)", slow="files")
def getcwd(buf: OutBuf, size: ULong) -> Count: ...


@syscall(arm=9, i386=9, man="link(2)", slow="links")
def link(old: Path, new: Path) -> Zero: ...


@syscall(arm=330, i386=303, man="linkat(2)", slow="links")
def linkat(olddirfd: DirFd, old: Path, newdirfd: DirFd, new: Path, flags: AtFlags) -> Zero: ...


@syscall(arm=10, i386=10, man="unlink(2)", slow="links")
def unlink(path: Path) -> Zero: ...


@syscall(arm=328, i386=301, man="unlinkat(2)", slow="links")
def unlinkat(dirfd: DirFd, path: Path, flags: UnlinkFlags) -> Zero: ...


@syscall(arm=38, i386=38, man="rename(2)", slow="links")
def rename(old: Path, new: Path) -> Zero: ...


@syscall(arm=329, i386=302, man="renameat(2)", slow="links")
def renameat(olddirfd: DirFd, old: Path, newdirfd: DirFd, new: Path) -> Zero: ...


@syscall(arm=382, i386=353, man="renameat2(2)", slow="links")
def renameat2(
    olddirfd: DirFd, old: Path, newdirfd: DirFd, new: Path, flags: RenameFlags
) -> Zero: ...


@syscall(arm=39, i386=39, man="mkdir(2)", slow="links")
def mkdir(path: Path, mode: Mode) -> Zero: ...


@syscall(arm=323, i386=296, man="mkdirat(2)", slow="links")
def mkdirat(dirfd: DirFd, path: Path, mode: Mode) -> Zero: ...


@syscall(arm=40, i386=40, man="rmdir(2)", slow="links")
def rmdir(path: Path) -> Zero: ...


@syscall(arm=83, i386=83, man="symlink(2)", slow="links")
def symlink(target: Str, path: Path) -> Zero: ...


@syscall(arm=331, i386=304, man="symlinkat(2)", slow="links")
def symlinkat(target: Str, dirfd: DirFd, path: Path) -> Zero: ...


@syscall(arm=85, i386=85, man="readlink(2)", slow="links", fast=True, rule="linked")
def readlink(path: Path, buf: OutBuf, size: Int) -> Count: ...


@syscall(arm=332, i386=305, man="readlinkat(2)", slow="links", fast=True, rule="linked")
def readlinkat(dirfd: DirFd, path: Path, buf: OutBuf, size: Int) -> Count: ...


@syscall(arm=14, i386=14, man="mknod(2)", slow="links")
def mknod(path: Path, mode: Mode, dev: Dev) -> Zero: ...


@syscall(arm=324, i386=297, man="mknodat(2)", slow="links")
def mknodat(dirfd: DirFd, path: Path, mode: Mode, dev: Dev) -> Zero: ...


@syscall(arm=92, i386=92, man="truncate(2)", slow="files")
def truncate(path: Path, length: Off) -> Zero: ...


@syscall(arm=193, i386=193, man="truncate(2)", slow="files")
def truncate64(path: Path, length: Off64) -> Zero: ...


@syscall(arm=60, i386=60, man="umask(2)")
def umask(mask: Mode) -> Mode: ...
