"""stat(2) in its old and 64-bit forms, statx(2), statfs(2).

The host is asked with statx(2), whose layout all hosts share. What does not fit follows the
kernel's compat code: old stat gives EOVERFLOW for an inode, link count or size that does not fit,
16-bit ids become 65534, times are truncated; stat64 has no such checks. statfs gives EOVERFLOW for
counts.
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host, layouts
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EBADF, EINVAL, ENOENT, EOVERFLOW
from run32.kernel.fds import AT_EMPTY_PATH, Facts
from run32.kernel.fds import statx as host_statx
from run32.kernel.lookup import AT_SYMLINK_NOFOLLOW, cwd_lookup, lookup, lookup_at, pointer
from run32.kernel.paths import AT_FDCWD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
MAX_NON_LFS = 0x7FFFFFFF
M32 = 0xFFFFFFFF
OVERFLOW_ID = 65534
AT_NO_AUTOMOUNT = 0x800
FSTATAT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | 0x6000


def _low_id(value: int) -> int:
    return OVERFLOW_ID if value >> 16 else value


def _put_stat(task: Task, found: Facts | int, buf: int) -> int:
    """Write an old `struct stat`."""
    if isinstance(found, int):
        return found
    n = found.numbers()
    dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks = n[:10]
    if ino > M32 or nlink > 0xFFFF or size > MAX_NON_LFS:
        return -EOVERFLOW
    times = [value & M32 for value in n[10:]]
    data = pack(
        layouts.STAT, dev & M32, ino, mode, nlink, _low_id(uid), _low_id(gid), rdev & M32, size,
        blksize, blocks & M32, *times, 0, 0,
    )  # fmt: skip
    task.mem.write(buf, data)
    return 0


def _put_stat64(task: Task, found: Facts | int, buf: int) -> int:
    """Write a `struct stat64`."""
    if isinstance(found, int):
        return found
    n = found.numbers()
    dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks = n[:10]
    times = [value & M32 for value in n[10:]]
    data = pack(
        layouts.STAT64[task.abi], dev, ino & M32, mode, nlink, uid, gid, rdev, size, blksize,
        blocks, *times, ino,
    )  # fmt: skip
    task.mem.write(buf, data)
    return 0


def stat(task: Task, path: int, buf: int) -> int:
    """stat(2), old."""
    return _put_stat(task, _by_path(task, path, 0), buf)


def lstat(task: Task, path: int, buf: int) -> int:
    """lstat(2), old."""
    return _put_stat(task, _by_path(task, path, AT_SYMLINK_NOFOLLOW), buf)


def fstat(task: Task, fd: int, buf: int) -> int:
    """fstat(2), old."""
    return _put_stat(task, host_statx(fd, b"", 0) if fd >= 0 else -EBADF, buf)


def stat64(task: Task, path: int, buf: int) -> int:
    """stat64(2)."""
    return _put_stat64(task, _by_path(task, path, 0), buf)


def lstat64(task: Task, path: int, buf: int) -> int:
    """lstat64(2)."""
    return _put_stat64(task, _by_path(task, path, AT_SYMLINK_NOFOLLOW), buf)


def fstat64(task: Task, fd: int, buf: int) -> int:
    """fstat64(2)."""
    return _put_stat64(task, host_statx(fd, b"", 0) if fd >= 0 else -EBADF, buf)


def fstatat64(task: Task, dirfd: int, path: int, buf: int, flags: int) -> int:
    """fstatat64(2). As in newer kernels an empty path with AT_EMPTY_PATH is fstat, flags unseen."""
    hpath = lookup_at(task, dirfd, path, flags)
    if not hpath and flags & AT_EMPTY_PATH and dirfd >= 0:
        return fstat64(task, dirfd, buf)
    if flags & ~FSTATAT_FLAGS:
        return -EINVAL
    if hpath == b"" and not flags & AT_EMPTY_PATH:
        return -ENOENT
    return _put_stat64(task, host_statx(dirfd, hpath, flags), buf)


def _by_path(task: Task, path: int, flags: int) -> Facts | int:
    hpath = lookup_at(task, AT_FDCWD, path, flags)
    return host_statx(AT_FDCWD, hpath, flags) if hpath else -ENOENT


def statx(task: Task, dirfd: int, path: int, flags: int, mask: int, buf: int) -> int:
    """statx(2): the same struct everywhere."""
    hpath = lookup_at(task, dirfd, path, flags)
    return syscall(NR["statx"], dirfd, hpath, flags, mask, pointer(task, buf, 256))


def _put_statfs(task: Task, result: int, raw: bytes, buf: int) -> int:
    if result < 0:
        return result
    numbers = unpack(layouts.HOST_STATFS, raw)
    kind, bsize, blocks, bfree, bavail, files, ffree, _, _, _, frsize, _ = numbers
    if (bsize | blocks | bfree | bavail | frsize) >> 32:
        return -EOVERFLOW
    if any(count >> 32 and count != (1 << 64) - 1 for count in (files, ffree)):
        return -EOVERFLOW
    task.mem.write(buf, pack(layouts.STATFS, *(value & M32 for value in numbers)))
    return 0


def _put_statfs64(task: Task, result: int, raw: bytes, buf: int) -> int:
    if result < 0:
        return result
    n = unpack(layouts.HOST_STATFS, raw)
    if (n[1] | n[10]) >> 32:
        return -EOVERFLOW
    data = pack(layouts.STATFS64, n[0] & M32, n[1], *n[2:9], n[9] & M32, n[10], n[11] & M32)
    task.mem.write(buf, data)
    return 0


def _host_statfs(task: Task, path: int) -> tuple[int, bytes]:
    raw = out(120)
    return syscall(NR["statfs"], cwd_lookup(task, path), raw), raw


def _host_fstatfs(fd: int) -> tuple[int, bytes]:
    raw = out(120)
    return syscall(NR["fstatfs"], fd, raw), raw


def statfs(task: Task, path: int, buf: int) -> int:
    """statfs(2), old."""
    return _put_statfs(task, *_host_statfs(task, path), buf)


def fstatfs(task: Task, fd: int, buf: int) -> int:
    """fstatfs(2), old."""
    return _put_statfs(task, *_host_fstatfs(fd), buf)


def _is_statfs64_size(task: Task, size: int) -> bool:
    """84 bytes; programs that pad the struct to 88 are let through on arm, as Linux does."""
    return size == 84 or (size == 88 and task.abi == "arm")


def statfs64(task: Task, path: int, size: int, buf: int) -> int:
    """statfs64(2)."""
    if not _is_statfs64_size(task, size):
        return -EINVAL
    return _put_statfs64(task, *_host_statfs(task, path), buf)


def fstatfs64(task: Task, fd: int, size: int, buf: int) -> int:
    """fstatfs64(2)."""
    if not _is_statfs64_size(task, size):
        return -EINVAL
    return _put_statfs64(task, *_host_fstatfs(fd), buf)


def name_to_handle_at(
    task: Task, dirfd: int, path: int, handle: int, mount_id: int, flags: int
) -> int:
    """name_to_handle_at(2): `struct file_handle` is the same everywhere."""
    follow = bool(flags & 0x400)
    hpath = lookup(task, dirfd, path, follow)
    room = min(task.mem.u32(handle), 128)
    haddr = pointer(task, handle, 8 + room)
    maddr = pointer(task, mount_id, 4)
    return syscall(NR["name_to_handle_at"], dirfd, hpath, haddr, maddr, flags)
