"""Names in directories: link(2), unlink(2), rename(2), symlink(2), readlink(2), mkdir(2), mknod(2).

None of these follows a symbolic link in the last component of the name it makes or removes.
"""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EINVAL
from run32.kernel.lookup import AT_REMOVEDIR, AT_SYMLINK_FOLLOW, lookup, string
from run32.kernel.paths import AT_FDCWD, PATH_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR


def link(task: Task, old: int, new: int) -> int:
    """link(2)."""
    return linkat(task, AT_FDCWD, old, AT_FDCWD, new, 0)


def linkat(task: Task, olddir: int, old: int, newdir: int, new: int, flags: int) -> int:
    """linkat(2)."""
    source = lookup(task, olddir, old, follow=bool(flags & AT_SYMLINK_FOLLOW))
    target = lookup(task, newdir, new, follow=False, create=True)
    return syscall(NR["linkat"], olddir, source, newdir, target, flags)


def unlink(task: Task, path: int) -> int:
    """unlink(2)."""
    return unlinkat(task, AT_FDCWD, path, 0)


def rmdir(task: Task, path: int) -> int:
    """rmdir(2)."""
    return unlinkat(task, AT_FDCWD, path, AT_REMOVEDIR)


def unlinkat(task: Task, dirfd: int, path: int, flags: int) -> int:
    """unlinkat(2)."""
    hpath = lookup(task, dirfd, path, follow=False)
    return syscall(NR["unlinkat"], dirfd, hpath, flags)


def rename(task: Task, old: int, new: int) -> int:
    """rename(2)."""
    return renameat2(task, AT_FDCWD, old, AT_FDCWD, new, 0)


def renameat(task: Task, olddir: int, old: int, newdir: int, new: int) -> int:
    """renameat(2)."""
    return renameat2(task, olddir, old, newdir, new, 0)


def renameat2(task: Task, olddir: int, old: int, newdir: int, new: int, flags: int) -> int:
    """renameat2(2)."""
    source = lookup(task, olddir, old, follow=False)
    target = lookup(task, newdir, new, follow=False, create=True)
    return syscall(NR["renameat2"], olddir, source, newdir, target, flags)


def symlink(task: Task, target: int, path: int) -> int:
    """symlink(2)."""
    return symlinkat(task, target, AT_FDCWD, path)


def symlinkat(task: Task, target: int, dirfd: int, path: int) -> int:
    """symlinkat(2): the link's contents are stored as the guest gave them."""
    contents = string(task, target)
    hpath = lookup(task, dirfd, path, follow=False, create=True)
    return syscall(NR["symlinkat"], contents, dirfd, hpath)


def readlink(task: Task, path: int, buf: int, size: int) -> int:
    """readlink(2)."""
    return readlinkat(task, AT_FDCWD, path, buf, size)


def readlinkat(task: Task, dirfd: int, path: int, buf: int, size: int) -> int:
    """readlinkat(2); links of procfs show the guest's view."""
    if size <= 0 or size >> 31:
        return -EINVAL
    hpath = lookup(task, dirfd, path, follow=False)
    buffer = out(PATH_MAX)
    n = syscall(NR["readlinkat"], dirfd, hpath, buffer, PATH_MAX)
    if n < 0:
        return n
    contents = buffer[:n]
    if contents.startswith(b"/") and isinstance(hpath, bytes):
        from run32.kernel.procfs import link_contents

        contents = link_contents(task, dirfd, hpath, contents)
    contents = contents[:size]
    task.mem.write(buf, contents)
    return len(contents)


def mkdir(task: Task, path: int, mode: int) -> int:
    """mkdir(2)."""
    return mkdirat(task, AT_FDCWD, path, mode)


def mkdirat(task: Task, dirfd: int, path: int, mode: int) -> int:
    """mkdirat(2)."""
    hpath = lookup(task, dirfd, path, follow=False, create=True)
    return syscall(NR["mkdirat"], dirfd, hpath, mode)


def mknod(task: Task, path: int, mode: int, dev: int) -> int:
    """mknod(2)."""
    return mknodat(task, AT_FDCWD, path, mode, dev)


def mknodat(task: Task, dirfd: int, path: int, mode: int, dev: int) -> int:
    """mknodat(2): a 32-bit device number is encoded as the host's low 32 bits are."""
    hpath = lookup(task, dirfd, path, follow=False, create=True)
    return syscall(NR["mknodat"], dirfd, hpath, mode, dev)
