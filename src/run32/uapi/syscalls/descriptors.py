"""Descriptors: opening, closing, duplicating, flags and locks.

Opening is a slow path: run32 notes per descriptor whether the guest asked for O_LARGEFILE. A note
carries the identity of its file, so closing needs no help; a duplicate inherits it.
"""

from run32.spec.layout import Int, Size, UInt
from run32.spec.syscalls import syscall
from run32.spec.types import Addr, DirFd, Fd, In, Mode, Out, Path, Str, Zero
from run32.uapi.consts.files import FcntlCmd, FdFlags, FlockOp, OpenFlags
from run32.uapi.consts.memory import MemfdFlags
from run32.uapi.structs.files import open_how


@syscall(arm=5, i386=5, man="open(2)", slow="files", fast=True, rule="opening")
def open_(path: Path, flags: OpenFlags, mode: Mode) -> Fd: ...


@syscall(arm=8, i386=8, man="creat(2)", slow="files")
def creat(path: Path, mode: Mode) -> Fd: ...


@syscall(arm=322, i386=295, man="openat(2)", slow="files", fast=True, rule="opening")
def openat(dirfd: DirFd, path: Path, flags: OpenFlags, mode: Mode) -> Fd: ...


@syscall(arm=437, i386=437, man="openat2(2)", slow="files")
def openat2(dirfd: DirFd, path: Path, how: In[open_how], size: Size) -> Fd: ...


@syscall(arm=6, i386=6, man="close(2)")
def close(fd: Fd) -> Zero: ...


@syscall(arm=436, i386=436, man="close_range(2)")
def close_range(first: UInt, last: UInt, flags: UInt) -> Zero: ...


@syscall(arm=41, i386=41, man="dup(2)", slow="fcntl")
def dup(fd: Fd) -> Fd: ...


@syscall(arm=63, i386=63, man="dup2(2)", slow="fcntl")
def dup2(old: Fd, new: Fd) -> Fd: ...


@syscall(arm=358, i386=330, man="dup3(2)", slow="fcntl")
def dup3(old: Fd, new: Fd, flags: FdFlags) -> Fd: ...


@syscall(arm=55, i386=55, man="fcntl(2)", slow="fcntl")
def fcntl(fd: Fd, cmd: FcntlCmd, arg: Addr) -> Int:
    """O_ flags and struct flock are converted; F_GETFL shows O_LARGEFILE only where asked for."""


@syscall(arm=221, i386=221, man="fcntl(2)", slow="fcntl")
def fcntl64(fd: Fd, cmd: FcntlCmd, arg: Addr) -> Int: ...


@syscall(arm=143, i386=143, man="flock(2)")
def flock(fd: Fd, operation: FlockOp) -> Zero: ...


@syscall(arm=42, i386=42, man="pipe(2)", host="pipe2", order="fds 0")
def pipe(fds: Out[Int[2]]) -> Zero: ...


@syscall(arm=359, i386=331, man="pipe2(2)")
def pipe2(fds: Out[Int[2]], flags: FdFlags) -> Zero: ...


@syscall(arm=385, i386=356, man="memfd_create(2)")
def memfd_create(name: Str, flags: MemfdFlags) -> Fd: ...
