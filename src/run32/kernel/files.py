"""Opening files and changing their permissions, owner and length.

open(2), openat2(2), creat(2), access(2), chmod(2), chown(2), truncate(2), chdir(2), getcwd(2).

A 64-bit kernel forces O_LARGEFILE on its own programs; a 32-bit program that does not ask for it
must get EOVERFLOW for a file over 2 GiB, so that check is made here, and the descriptor is noted
in `fds` for F_GETFL. Every opened descriptor is examined once (one statx): procfs files that would
show the host's view are replaced (`procfs`).
"""

from __future__ import annotations

from run32.kernel import fds, host, oflags
from run32.kernel.blocking import block
from run32.kernel.buf import out, syscall
from run32.kernel.errno import E2BIG, EINVAL, ENAMETOOLONG, EOVERFLOW, ERANGE
from run32.kernel.lookup import cwd_lookup, lookup, lookup_at, string
from run32.kernel.oflags import O_CREAT, O_EXCL, O_NOFOLLOW, O_PATH, O_TRUNC, O_WRONLY
from run32.kernel.paths import AT_FDCWD, PATH_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

MANY = 48
"""A descriptor number that says: descriptors may run out, so import everything now."""
MAX_NON_LFS = 0x7FFFFFFF
IN_DONT_FOLLOW = 0x02000000
NR = host.NR


def open(task: Task, path: int, flags: int, mode: int) -> int:  # noqa: A001
    """open(2)."""
    return openat(task, AT_FDCWD, path, flags, mode)


def creat(task: Task, path: int, mode: int) -> int:
    """creat(2)."""
    return openat(task, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode)


def openat(task: Task, dirfd: int, path: int, flags: int, mode: int) -> int:
    """openat(2)."""
    flags = oflags.to_host(task.abi, flags)
    hpath = lookup(task, dirfd, path, _follows(flags), bool(flags & O_CREAT))
    if too_large_to_truncate(dirfd, hpath, flags):
        return -EOVERFLOW
    return opened(task, block(task, NR["openat"], dirfd, hpath, flags, mode), flags)


def openat2(task: Task, dirfd: int, path: int, how: int, size: int) -> int:
    """openat2(2): one struct for all ABIs, and O_LARGEFILE is always implied."""
    if size < 24:
        return -EINVAL
    if size > 4096:
        return -E2BIG
    data = task.mem.read(how, size)
    if any(data[24:]):
        return -E2BIG
    raw = int.from_bytes(data[:8], "little")
    flags = oflags.to_host(task.abi, raw)
    resolve = int.from_bytes(data[16:24], "little")
    if resolve:
        hpath = string(task, path)
    else:
        hpath = lookup(task, dirfd, path, _follows(flags), bool(flags & O_CREAT))
    words = flags.to_bytes(8, "little") + data[8:24]
    made = block(task, NR["openat2"], dirfd, hpath, words, 24)
    return opened(task, made, flags | oflags.O_LARGEFILE)


def _follows(flags: int) -> bool:
    return not flags & O_NOFOLLOW and flags & (O_CREAT | O_EXCL) != O_CREAT | O_EXCL


def too_large_to_truncate(dirfd: int, path: bytes | int, flags: int) -> bool:
    """Whether O_TRUNC must not happen because open is about to fail with EOVERFLOW."""
    if not flags & O_TRUNC or flags & (oflags.O_LARGEFILE | O_PATH):
        return False
    facts = fds.facts(dirfd, path)
    return facts is not None and facts.is_regular and facts.size > MAX_NON_LFS


def opened(task: Task, fd: int, flags: int) -> int:
    """What open returns for host descriptor `fd` (or -errno); `flags` are the host's."""
    if fd < 0:
        return fd
    desk = task.shared.desk
    if fd >= MANY or desk.is_near:
        task.preload()
        desk.loaded()
    fds.forget(task, fd)
    facts = fds.facts(fd)
    if facts is None:
        return fd
    if not flags & (oflags.O_LARGEFILE | O_PATH):
        if facts.is_regular and facts.size > MAX_NON_LFS:
            syscall(NR["close"], fd)
            return -EOVERFLOW
        fds.note_small(task, fd, facts)
    if facts.is_regular:
        if facts.dev_major == 0:
            from run32.kernel.procfs import opened as opened_in_procfs

            return opened_in_procfs(task, fd, flags)
    return fd


def access(task: Task, path: int, mode: int) -> int:
    """access(2)."""
    return faccessat(task, AT_FDCWD, path, mode)


def faccessat(task: Task, dirfd: int, path: int, mode: int) -> int:
    """faccessat(2), the system call without flags."""
    return syscall(NR["faccessat"], dirfd, lookup(task, dirfd, path), mode)


def faccessat2(task: Task, dirfd: int, path: int, mode: int, flags: int) -> int:
    """faccessat2(2)."""
    hpath = lookup_at(task, dirfd, path, flags)
    return syscall(NR["faccessat2"], dirfd, hpath, mode, flags)


def chmod(task: Task, path: int, mode: int) -> int:
    """chmod(2)."""
    return fchmodat(task, AT_FDCWD, path, mode)


def fchmodat(task: Task, dirfd: int, path: int, mode: int) -> int:
    """fchmodat(2), the system call without flags."""
    return syscall(NR["fchmodat"], dirfd, lookup(task, dirfd, path), mode)


def fchmodat2(task: Task, dirfd: int, path: int, mode: int, flags: int) -> int:
    """fchmodat2(2)."""
    hpath = lookup_at(task, dirfd, path, flags)
    return syscall(NR["fchmodat2"], dirfd, hpath, mode, flags)


def fchmod(task: Task, fd: int, mode: int) -> int:
    """fchmod(2)."""
    return syscall(NR["fchmod"], fd, mode)


def wide_id(value: int) -> int:
    """A 16-bit user or group id of the old calls; 0xffff means "leave it"."""
    return 0xFFFFFFFF if value & 0xFFFF == 0xFFFF else value & 0xFFFF


def fchownat(task: Task, dirfd: int, path: int, uid: int, gid: int, flags: int) -> int:
    """fchownat(2)."""
    hpath = lookup_at(task, dirfd, path, flags)
    return syscall(NR["fchownat"], dirfd, hpath, uid, gid, flags)


def chown32(task: Task, path: int, uid: int, gid: int) -> int:
    """chown(2) with 32-bit ids."""
    return fchownat(task, AT_FDCWD, path, uid, gid, 0)


def lchown32(task: Task, path: int, uid: int, gid: int) -> int:
    """lchown(2) with 32-bit ids."""
    return fchownat(task, AT_FDCWD, path, uid, gid, 0x100)


def fchown32(task: Task, fd: int, uid: int, gid: int) -> int:
    """fchown(2) with 32-bit ids."""
    return syscall(NR["fchown"], fd, uid, gid)


def chown(task: Task, path: int, uid: int, gid: int) -> int:
    """chown(2) with 16-bit ids."""
    return chown32(task, path, wide_id(uid), wide_id(gid))


def lchown(task: Task, path: int, uid: int, gid: int) -> int:
    """lchown(2) with 16-bit ids."""
    return lchown32(task, path, wide_id(uid), wide_id(gid))


def fchown(task: Task, fd: int, uid: int, gid: int) -> int:
    """fchown(2) with 16-bit ids."""
    return fchown32(task, fd, wide_id(uid), wide_id(gid))


def truncate(task: Task, path: int, length: int) -> int:
    """truncate(2) with a 32-bit length."""
    return truncate64(task, path, length)


def truncate64(task: Task, path: int, length: int) -> int:
    """truncate64(2)."""
    return syscall(NR["truncate"], cwd_lookup(task, path), length)


def ftruncate(task: Task, fd: int, length: int) -> int:
    """ftruncate(2) with a 32-bit length."""
    return syscall(NR["ftruncate"], fd, length)


def ftruncate64(task: Task, fd: int, length: int) -> int:
    """ftruncate64(2): past 2 GiB only where the descriptor was opened with O_LARGEFILE."""
    if length > MAX_NON_LFS and fds.is_small(task, fd):
        return -EINVAL
    return syscall(NR["ftruncate"], fd, length)


def chdir(task: Task, path: int) -> int:
    """chdir(2)."""
    return syscall(NR["chdir"], cwd_lookup(task, path))


def fchdir(task: Task, fd: int) -> int:
    """fchdir(2)."""
    return syscall(NR["fchdir"], fd)


def getcwd(task: Task, buf: int, size: int) -> int:
    """getcwd(2): the length with the final NUL; the rootfs prefix is not shown."""
    buffer = out(PATH_MAX)
    n = syscall(NR["getcwd"], buffer, PATH_MAX)
    if n < 0:
        return n
    path = task.paths.guest(buffer[: n - 1]) + b"\0"
    if len(path) > size:
        return -ERANGE
    if len(path) > PATH_MAX:
        return -ENAMETOOLONG
    task.mem.write(buf, path)
    return len(path)


def chroot(task: Task, path: int) -> int:
    """chroot(2): afterwards every path is below the new root, so translation ends."""
    hpath = cwd_lookup(task, path)
    task.preload()
    result = syscall(NR["chroot"], hpath)
    if result == 0:
        task.paths.set_root(None)
    return result


def pivot_root(task: Task, new_root: int, put_old: int) -> int:
    """pivot_root(2)."""
    new, old = cwd_lookup(task, new_root), cwd_lookup(task, put_old)
    task.preload()
    result = syscall(NR["pivot_root"], new, old)
    if result == 0:
        task.paths.set_root(None)
    return result


def umask(task: Task, mask: int) -> int:
    """umask(2)."""
    return syscall(NR["umask"], mask & 0o777)


def inotify_add_watch(task: Task, fd: int, path: int, mask: int) -> int:
    """inotify_add_watch(2)."""
    hpath = cwd_lookup(task, path, follow=not mask & IN_DONT_FOLLOW)
    return syscall(NR["inotify_add_watch"], fd, hpath, mask)
