"""Mounts, old and new interface, and kernel modules."""

from run32.spec.layout import Int, Size, UInt, ULong
from run32.spec.syscalls import ABSENT, PLANNED, syscall
from run32.spec.types import Addr, Count, DirFd, Fd, InBuf, OutBuf, Path, Ptr, Str, Zero
from run32.uapi.consts.files import FdFlags

PATHS = "mounting is not built yet"
MODULES = "a 32-bit program cannot supply code for a 64-bit kernel"


@syscall(arm=21, i386=21, man="mount(2)", status=PLANNED, note=PATHS)
def mount(source: Path, target: Path, kind: Str, flags: ULong, data: Str) -> Zero: ...


@syscall(arm=52, i386=52, man="umount2(2)", status=PLANNED, note=PATHS)
def umount2(target: Path, flags: Int) -> Zero: ...


@syscall(arm=218, i386=217, man="pivot_root(2)", slow="files")
def pivot_root(new: Path, old: Path) -> Zero: ...


@syscall(arm=428, i386=428, man="open_tree(2)", status=PLANNED, note=PATHS)
def open_tree(dirfd: DirFd, path: Path, flags: UInt) -> Fd: ...


@syscall(arm=429, i386=429, man="move_mount(2)", status=PLANNED, note=PATHS)
def move_mount(fromdir: DirFd, frompath: Path, todir: DirFd, topath: Path, flags: UInt) -> Zero: ...


@syscall(arm=430, i386=430, man="fsopen(2)", status=PLANNED, note=PATHS)
def fsopen(kind: Str, flags: UInt) -> Fd: ...


@syscall(arm=431, i386=431, man="fsconfig(2)", status=PLANNED, note=PATHS)
def fsconfig(fd: Fd, cmd: UInt, key: Str, value: Ptr, aux: Int) -> Zero: ...


@syscall(arm=432, i386=432, man="fsmount(2)", status=PLANNED, note=PATHS)
def fsmount(fd: Fd, flags: UInt, attributes: UInt) -> Fd: ...


@syscall(arm=433, i386=433, man="fspick(2)", status=PLANNED, note=PATHS)
def fspick(dirfd: DirFd, path: Path, flags: UInt) -> Fd: ...


@syscall(arm=442, i386=442, man="mount_setattr(2)", status=PLANNED, note=PATHS)
def mount_setattr(dirfd: DirFd, path: Path, flags: UInt, attr: InBuf, size: Size) -> Zero: ...


@syscall(arm=457, i386=457, man="statmount(2)", status=PLANNED, note=PATHS)
def statmount(request: Ptr, buf: OutBuf, size: Size, flags: UInt) -> Zero: ...


@syscall(arm=458, i386=458, man="listmount(2)", status=PLANNED, note=PATHS)
def listmount(request: Ptr, ids: Ptr, count: Size, flags: UInt) -> Count: ...


@syscall(arm=467, i386=467, man="open_tree_attr(2)", status=PLANNED, note=PATHS)
def open_tree_attr(dirfd: DirFd, path: Path, flags: UInt, attr: InBuf, size: Size) -> Fd: ...


@syscall(arm=128, i386=128, man="init_module(2)", status=ABSENT, note=MODULES)
def init_module(image: InBuf, length: ULong, args: Str) -> Zero: ...


@syscall(arm=379, i386=350, man="finit_module(2)", status=ABSENT, note=MODULES)
def finit_module(fd: Fd, args: Str, flags: Int) -> Zero: ...


@syscall(arm=129, i386=129, man="delete_module(2)")
def delete_module(name: Str, flags: FdFlags) -> Zero: ...


@syscall(arm=347, i386=283, man="kexec_load(2)", status=ABSENT, note=MODULES)
def kexec_load(entry: Addr, count: ULong, segments: Addr, flags: ULong) -> Zero: ...


@syscall(arm=401, man="kexec_file_load(2)", status=ABSENT, note=MODULES)
def kexec_file_load(kernel: Fd, initrd: Fd, length: ULong, command: Str, flags: ULong) -> Zero: ...
