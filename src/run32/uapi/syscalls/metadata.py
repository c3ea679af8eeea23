"""Metadata of files: stat in all its sizes, permissions, owners, times, extended attributes."""

from run32.spec.layout import Size
from run32.spec.syscalls import TRUNCATE, syscall
from run32.spec.types import DirFd, Fd, Gid, Gid16, In, Mode, Out, Path, Uid, Uid16, Zero
from run32.uapi.consts.files import AccessFlags, AccessMode, AtFlags, StatxMask
from run32.uapi.structs.files import stat as old_stat
from run32.uapi.structs.files import stat64 as new_stat
from run32.uapi.structs.files import statfs as old_statfs
from run32.uapi.structs.files import statfs64 as new_statfs
from run32.uapi.structs.files import statx as statx_buf
from run32.uapi.structs.time import timespec, timespec64, timeval


@syscall(arm=106, i386=106, man="stat(2)", slow="stats")
def stat(path: Path, buf: Out[old_stat]) -> Zero: ...


@syscall(arm=107, i386=107, man="lstat(2)", slow="stats")
def lstat(path: Path, buf: Out[old_stat]) -> Zero: ...


@syscall(arm=108, i386=108, man="fstat(2)", slow="stats")
def fstat(fd: Fd, buf: Out[old_stat]) -> Zero:
    """EOVERFLOW where a size, inode or link count does not fit; 16-bit ids overflow to 65534."""


@syscall(arm=195, i386=195, man="stat(2)", slow="stats", fast=True, rule="stat_by_path")
def stat64(path: Path, buf: Out[new_stat]) -> Zero: ...


@syscall(arm=196, i386=196, man="lstat(2)", slow="stats", fast=True, rule="stat_by_path")
def lstat64(path: Path, buf: Out[new_stat]) -> Zero: ...


@syscall(arm=197, i386=197, man="fstat(2)", host="fstat", narrow=TRUNCATE, rule="stat_by_fd")
def fstat64(fd: Fd, buf: Out[new_stat]) -> Zero: ...


@syscall(arm=327, i386=300, man="fstatat(2)", slow="stats", fast=True, rule="stat_by_path")
def fstatat64(dirfd: DirFd, path: Path, buf: Out[new_stat], flags: AtFlags) -> Zero: ...


@syscall(arm=397, i386=383, man="statx(2)", slow="stats", fast=True, rule="statx")
def statx(
    dirfd: DirFd, path: Path, flags: AtFlags, mask: StatxMask, buf: Out[statx_buf]
) -> Zero: ...


@syscall(arm=99, i386=99, man="statfs(2)", slow="stats")
def statfs(path: Path, buf: Out[old_statfs]) -> Zero: ...


@syscall(arm=100, i386=100, man="fstatfs(2)", slow="stats")
def fstatfs(fd: Fd, buf: Out[old_statfs]) -> Zero: ...


@syscall(arm=266, i386=268, man="statfs64(2)", slow="stats")
def statfs64(path: Path, size: Size, buf: Out[new_statfs]) -> Zero:
    """The size is 84 (arm also takes 88, which a compiler with other padding passes)."""


@syscall(arm=267, i386=269, man="fstatfs64(2)", slow="stats")
def fstatfs64(fd: Fd, size: Size, buf: Out[new_statfs]) -> Zero: ...


@syscall(arm=33, i386=33, man="access(2)", slow="files", fast=True, rule="accessing")
def access(path: Path, mode: AccessMode) -> Zero: ...


@syscall(arm=334, i386=307, man="faccessat(2)", slow="files", fast=True, rule="accessing")
def faccessat(dirfd: DirFd, path: Path, mode: AccessMode) -> Zero: ...


@syscall(arm=439, i386=439, man="faccessat2(2)", slow="files", fast=True, rule="accessing")
def faccessat2(dirfd: DirFd, path: Path, mode: AccessMode, flags: AccessFlags) -> Zero: ...


@syscall(arm=15, i386=15, man="chmod(2)", slow="files")
def chmod(path: Path, mode: Mode) -> Zero: ...


@syscall(arm=333, i386=306, man="fchmodat(2)", slow="files")
def fchmodat(dirfd: DirFd, path: Path, mode: Mode) -> Zero: ...


@syscall(arm=452, i386=452, man="fchmodat2(2)", slow="files")
def fchmodat2(dirfd: DirFd, path: Path, mode: Mode, flags: AtFlags) -> Zero: ...


@syscall(arm=94, i386=94, man="fchmod(2)")
def fchmod(fd: Fd, mode: Mode) -> Zero: ...


@syscall(arm=182, i386=182, man="chown(2)", slow="files")
def chown(path: Path, owner: Uid16, group: Gid16) -> Zero: ...


@syscall(arm=16, i386=16, man="lchown(2)", slow="files")
def lchown(path: Path, owner: Uid16, group: Gid16) -> Zero: ...


@syscall(arm=95, i386=95, man="fchown(2)")
def fchown(fd: Fd, owner: Uid16, group: Gid16) -> Zero: ...


@syscall(arm=212, i386=212, man="chown(2)", slow="files")
def chown32(path: Path, owner: Uid, group: Gid) -> Zero: ...


@syscall(arm=198, i386=198, man="lchown(2)", slow="files")
def lchown32(path: Path, owner: Uid, group: Gid) -> Zero: ...


@syscall(arm=207, i386=207, man="fchown(2)", host="fchown")
def fchown32(fd: Fd, owner: Uid, group: Gid) -> Zero: ...


@syscall(arm=325, i386=298, man="fchownat(2)", slow="files")
def fchownat(dirfd: DirFd, path: Path, owner: Uid, group: Gid, flags: AtFlags) -> Zero: ...


@syscall(arm=269, i386=271, man="utimes(2)", slow="filetimes")
def utimes(path: Path, times: In[timeval[2]]) -> Zero: ...


@syscall(arm=326, i386=299, man="futimesat(2)", slow="filetimes")
def futimesat(dirfd: DirFd, path: Path, times: In[timeval[2]]) -> Zero: ...


@syscall(arm=348, i386=320, man="utimensat(2)", slow="filetimes")
def utimensat(dirfd: DirFd, path: Path, times: In[timespec[2]], flags: AtFlags) -> Zero: ...


@syscall(arm=412, i386=412, man="utimensat(2)", slow="filetimes")
def utimensat_time64(
    dirfd: DirFd, path: Path, times: In[timespec64[2]], flags: AtFlags
) -> Zero: ...
