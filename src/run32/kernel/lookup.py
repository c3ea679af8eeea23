"""Pointer and path arguments of system calls: from guest addresses to what the host is given.

A bad address becomes one that the host kernel refuses (`POISON`), so that EFAULT comes where Linux
finds it, after whatever else it finds wrong first. Beside rootfs translation (`paths`) this handles
the one name whose meaning the host cannot know: `/proc/self/exe`, which must be the guest program
and not the interpreter that runs it.
"""

from __future__ import annotations

from run32.kernel.memory import Fault
from run32.kernel.paths import AT_FDCWD, PATH_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

AT_SYMLINK_NOFOLLOW = 0x100
AT_REMOVEDIR = 0x200
AT_SYMLINK_FOLLOW = 0x400
AT_EMPTY_PATH = 0x1000
SPACE = 1 << 32
POISON = -4096
"""An address in the kernel's half of the address space."""


def pointer(task: Task, gaddr: int, size: int) -> int:
    """Host address of `size` bytes at `gaddr`, or POISON if they are not inside the 4 GiB."""
    return task.mem.base + gaddr if gaddr + size <= SPACE else POISON


def string(task: Task, gaddr: int) -> bytes | int:
    """The C string at `gaddr`, cut where it is longer than any path, or POISON."""
    try:
        return task.mem.read_cstr(gaddr, PATH_MAX)
    except Fault:
        return POISON


def lookup(
    task: Task, dirfd: int, gaddr: int, follow: bool = True, create: bool = False
) -> bytes | int:
    """Host path for the guest path at `gaddr` (or POISON). Raises OSError.

    `follow`: the call follows a symbolic link in the last component; `create`: it may make it.
    """
    path = string(task, gaddr)
    return path if isinstance(path, int) else translate(task, dirfd, path, follow, create)


def translate(
    task: Task, dirfd: int, path: bytes, follow: bool = True, create: bool = False
) -> bytes:
    """Host path for guest `path`; see `lookup`."""
    if follow and path.endswith(b"exe"):
        from run32.kernel.procfs import is_own_exe

        if is_own_exe(dirfd, path):
            return task.program.exe_host
    return task.paths.host(dirfd, path, follow, create)


def lookup_at(task: Task, dirfd: int, gaddr: int, flags: int) -> bytes | int:
    """`lookup` for calls that take AT_SYMLINK_NOFOLLOW.

    With AT_EMPTY_PATH newer kernels take NULL for an empty path: the host's decide.
    """
    if not gaddr and flags & AT_EMPTY_PATH:
        return 0
    return lookup(task, dirfd, gaddr, not flags & AT_SYMLINK_NOFOLLOW)


def cwd_lookup(task: Task, gaddr: int, follow: bool = True) -> bytes | int:
    """`lookup` for calls without a directory argument."""
    return lookup(task, AT_FDCWD, gaddr, follow)
