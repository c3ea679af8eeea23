"""What the slow path knows about descriptors, and descriptor calls that the host cannot answer.

Guest descriptors are host descriptors, and nothing is told when one is closed. So a note kept in
`task.fds` carries the identity (device, inode) of the file it was made for and counts only while
the descriptor still names that file.
"""

from __future__ import annotations

from struct import unpack_from

from run32.kernel import host, oflags
from run32.kernel.buf import out, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
AT_EMPTY_PATH = 0x1000
AT_NO_AUTOMOUNT = 0x800
STATX_BASIC = 0x7FF
S_IFMT, S_IFREG, S_IFDIR = 0o170000, 0o100000, 0o040000
F_GETFL = 3


class Facts:
    """What statx(2) says about a file."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def _u32(self, offset: int) -> int:
        return int.from_bytes(self._raw[offset : offset + 4], "little")

    def _u64(self, offset: int) -> int:
        return int.from_bytes(self._raw[offset : offset + 8], "little")

    @property
    def mode(self) -> int:
        """File type and permission bits."""
        return int.from_bytes(self._raw[28:30], "little")

    @property
    def is_regular(self) -> bool:
        """A regular file."""
        return self.mode & S_IFMT == S_IFREG

    @property
    def is_dir(self) -> bool:
        """A directory."""
        return self.mode & S_IFMT == S_IFDIR

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._u64(40)

    @property
    def dev_major(self) -> int:
        """Major number of the file system; 0 for those without a block device."""
        return self._u32(136)

    @property
    def identity(self) -> tuple[int, int, int]:
        """Device and inode."""
        return self._u32(136), self._u32(140), self._u64(32)

    def numbers(self) -> tuple[int, ...]:
        """(dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks, six time words)."""
        raw = self._raw
        blksize, nlink, uid, gid, mode = unpack_from("<I8x3IH", raw, 4)
        ino, size, blocks = unpack_from("<3Q", raw, 32)
        times = unpack_from("<qI20xqI4xqI", raw, 64)
        access, change, modify = times[0:2], times[2:4], times[4:6]
        rmajor, rminor, major, minor = unpack_from("<4I", raw, 128)
        return (
            encode_dev(major, minor), ino, mode, nlink, uid, gid, encode_dev(rmajor, rminor),
            size, blksize, blocks, *access, *modify, *change,
        )  # fmt: skip


def encode_dev(major: int, minor: int) -> int:
    """The kernel's user-visible device number."""
    return (minor & 0xFF) | major << 8 | (minor & ~0xFF) << 12


def facts(dirfd: int, path: bytes | int = b"", flags: int = 0) -> Facts | None:
    """Facts about descriptor `dirfd`, or about `path` below it; None if it cannot be examined."""
    result = statx(dirfd, path, flags)
    return result if isinstance(result, Facts) else None


def statx(dirfd: int, path: bytes | int, flags: int) -> Facts | int:
    """`Facts`, or -errno. An empty path names `dirfd` itself."""
    buffer = out(256)
    if path == b"":
        flags |= AT_EMPTY_PATH
    flags |= AT_NO_AUTOMOUNT
    result = syscall(NR["statx"], dirfd, path, flags, STATX_BASIC, buffer)
    return result if result else Facts(buffer)


def note_small(task: Task, fd: int, known: Facts) -> None:
    """Remember that `fd` was opened without O_LARGEFILE."""
    major, minor, inode = known.identity
    desk = task.shared.desk
    if fd < desk.count:
        desk.note(fd, encode_dev(major, minor), inode)
    else:
        task.fds[fd] = ("small", known.identity)


def forget(task: Task, fd: int) -> None:
    """`fd` is new: what was noted under its number is over."""
    task.fds.pop(fd, None)
    task.shared.desk.note(fd, 0, 0)


def copied(task: Task, old: int, new: int) -> int:
    """`new`, the duplicate of `old` (or -errno), once it has the same notes."""
    if new >= 0:
        note = task.fds.get(old)
        desk = task.shared.desk
        desk.note(new, *desk.noted(old))
        if note is not None:
            task.fds[new] = note
        else:
            task.fds.pop(new, None)
    return new


def is_small(task: Task, fd: int) -> bool:
    """Whether the guest opened `fd` without O_LARGEFILE."""
    noted = task.shared.desk.noted(fd)
    note = task.fds.get(fd)
    if not any(noted) and (note is None or note[0] != "small"):
        return False
    known = facts(fd)
    if known is None:
        return False
    major, minor, inode = known.identity
    if (encode_dev(major, minor), inode) == noted:
        return True
    return note is not None and note[:2] == ("small", known.identity)


def status_flags(task: Task, fd: int) -> int:
    """F_GETFL in guest values, or -errno."""
    flags = syscall(NR["fcntl"], fd, F_GETFL, 0)
    if flags < 0:
        return flags
    note = task.fds.get(fd)
    if note is not None and note[0] == "mem" and flags & oflags.O_PATH:
        flags = note[2]
    elif is_small(task, fd):
        flags &= ~oflags.O_LARGEFILE
    return oflags.to_guest(task.abi, flags)


def is_dir(fd: int) -> bool:
    """Whether `fd` is a directory."""
    known = facts(fd)
    return known is not None and known.is_dir
