"""Path arguments of system calls: from a guest address to a host path.

Beside rootfs translation (`paths`) this handles the one name whose meaning the host cannot know:
`/proc/self/exe`, which must be the guest program and not the interpreter that runs it.
"""

from __future__ import annotations

from run32.kernel.paths import AT_FDCWD, guest_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

AT_SYMLINK_NOFOLLOW = 0x100
AT_REMOVEDIR = 0x200
AT_SYMLINK_FOLLOW = 0x400
AT_EMPTY_PATH = 0x1000


def lookup(task: Task, dirfd: int, gaddr: int, follow: bool = True, create: bool = False) -> bytes:
    """Host path for the guest path at `gaddr`. Raises Fault, OSError.

    `follow`: the call follows a symbolic link in the last component; `create`: it may make it.
    """
    return translate(task, dirfd, guest_path(task.mem, gaddr), follow, create)


def translate(
    task: Task, dirfd: int, path: bytes, follow: bool = True, create: bool = False
) -> bytes:
    """Host path for guest `path`; see `lookup`."""
    if follow and path.endswith(b"exe"):
        from run32.kernel.procfs import is_own_exe

        if is_own_exe(dirfd, path):
            return task.program.exe_host
    return task.paths.host(dirfd, path, follow, create)


def lookup_at(task: Task, dirfd: int, gaddr: int, flags: int) -> bytes:
    """`lookup` for calls that take AT_SYMLINK_NOFOLLOW."""
    return lookup(task, dirfd, gaddr, not flags & AT_SYMLINK_NOFOLLOW)


def cwd_lookup(task: Task, gaddr: int, follow: bool = True) -> bytes:
    """`lookup` for calls without a directory argument."""
    return lookup(task, AT_FDCWD, gaddr, follow)
