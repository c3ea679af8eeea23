"""Extended attributes by path (xattr(7)); names and values are bytes that need no conversion."""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.errno import ERANGE
from run32.kernel.lookup import cwd_lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
NAME_MAX = 255
SIZE_MAX = 65536


def _name(task: Task, gaddr: int) -> bytes:
    """An attribute's name. Raises OSError with ERANGE where it is too long."""
    name = task.mem.read_cstr(gaddr, NAME_MAX + 1)
    if len(name) > NAME_MAX:
        raise OSError(ERANGE, "attribute name")
    return name


def _set(
    task: Task, call: str, path: int, name: int, value: int, size: int, flags: int, follow: bool
) -> int:
    hpath = cwd_lookup(task, path, follow)
    what = _name(task, name)
    where = task.mem.host_ptr(value, min(size, SIZE_MAX + 1)) if size else 0
    return syscall(NR[call], hpath, what, where, size, flags)


def _get(task: Task, call: str, path: int, name: int, value: int, size: int, follow: bool) -> int:
    hpath = cwd_lookup(task, path, follow)
    what = _name(task, name)
    size = min(size, SIZE_MAX)
    where = task.mem.host_ptr(value, size) if size else 0
    return syscall(NR[call], hpath, what, where, size)


def _list(task: Task, call: str, path: int, names: int, size: int, follow: bool) -> int:
    hpath = cwd_lookup(task, path, follow)
    size = min(size, SIZE_MAX)
    where = task.mem.host_ptr(names, size) if size else 0
    return syscall(NR[call], hpath, where, size)


def _remove(task: Task, call: str, path: int, name: int, follow: bool) -> int:
    hpath = cwd_lookup(task, path, follow)
    return syscall(NR[call], hpath, _name(task, name))


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
