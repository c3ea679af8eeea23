"""Extended attributes by path (xattr(7)); names and values are bytes that need no conversion.

A name's end need not be found here: the guard pages behind the guest stop a reader.
"""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.lookup import cwd_lookup, pointer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
SIZE_MAX = 65536


def _set(
    task: Task, call: str, path: int, name: int, value: int, size: int, flags: int, follow: bool
) -> int:
    hpath = cwd_lookup(task, path, follow)
    what, where = pointer(task, name, 1), pointer(task, value, size)
    return syscall(NR[call], hpath, what, where if value else 0, size, flags)


def _get(task: Task, call: str, path: int, name: int, value: int, size: int, follow: bool) -> int:
    hpath = cwd_lookup(task, path, follow)
    what, where = pointer(task, name, 1), pointer(task, value, min(size, SIZE_MAX))
    return syscall(NR[call], hpath, what, where if value else 0, size)


def _list(task: Task, call: str, path: int, names: int, size: int, follow: bool) -> int:
    hpath = cwd_lookup(task, path, follow)
    where = pointer(task, names, min(size, SIZE_MAX))
    return syscall(NR[call], hpath, where if names else 0, size)


def _remove(task: Task, call: str, path: int, name: int, follow: bool) -> int:
    hpath = cwd_lookup(task, path, follow)
    return syscall(NR[call], hpath, pointer(task, name, 1))


def setxattr(task: Task, path: int, name: int, value: int, size: int, flags: int) -> int:
    """setxattr(2)."""
    return _set(task, "setxattr", path, name, value, size, flags, True)


def lsetxattr(task: Task, path: int, name: int, value: int, size: int, flags: int) -> int:
    """lsetxattr(2)."""
    return _set(task, "lsetxattr", path, name, value, size, flags, False)


def getxattr(task: Task, path: int, name: int, value: int, size: int) -> int:
    """getxattr(2)."""
    return _get(task, "getxattr", path, name, value, size, True)


def lgetxattr(task: Task, path: int, name: int, value: int, size: int) -> int:
    """lgetxattr(2)."""
    return _get(task, "lgetxattr", path, name, value, size, False)


def listxattr(task: Task, path: int, names: int, size: int) -> int:
    """listxattr(2)."""
    return _list(task, "listxattr", path, names, size, True)


def llistxattr(task: Task, path: int, names: int, size: int) -> int:
    """llistxattr(2)."""
    return _list(task, "llistxattr", path, names, size, False)


def removexattr(task: Task, path: int, name: int) -> int:
    """removexattr(2)."""
    return _remove(task, "removexattr", path, name, True)


def lremovexattr(task: Task, path: int, name: int) -> int:
    """lremovexattr(2)."""
    return _remove(task, "lremovexattr", path, name, False)
