"""Reading and writing descriptors that the host cannot serve: the guest's own /proc/self/mem.

Such a descriptor is an O_PATH one (see `procfs`): the host answers EBADF to every read, write and
seek, upon which the native thunks fall back to the functions here. Access goes through the host's
/proc/self/mem, so that it ignores page protection as Linux does, but only inside guest mappings:
a wild offset is EIO, never host memory.

The same functions do ordinary reads and writes where no thunks exist (another CPU engine).
"""

from __future__ import annotations

import os

from run32.kernel import fds, host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EBADF, EFAULT, EFBIG, EINVAL, EIO
from run32.kernel.lookup import pointer
from run32.kernel.memory import Fault
from run32.kernel.oflags import O_ACCMODE, O_CLOEXEC, O_PATH, O_RDWR, O_WRONLY
from run32.kernel.paths import AT_FDCWD, read_link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
F_GETFL = 3
IOV_MAX = 1024
SPACE = 1 << 32
MAX_RW = 0x7FFFF000
MAX_NON_LFS = 0x7FFFFFFF
SEEK_SET, SEEK_CUR = 0, 1
MEM_PATH = b"/proc/self/mem"


def note_mem(task: Task, fd: int, flags: int) -> None:
    """Remember how the guest opened its own memory: flags, and the position."""
    known = fds.facts(fd)
    if known is not None:
        fds.forget(task, fd)
        task.fds[fd] = ("mem", known.identity, flags, [0])


def _mem_note(task: Task, fd: int) -> tuple[int, list[int]] | None:
    """(open flags, position) when `fd` is the guest's own memory, else None."""
    flags = syscall(NR["fcntl"], fd, F_GETFL, 0)
    if flags < 0 or not flags & O_PATH:
        return None
    link = read_link(b"/proc/self/fd/%d" % fd)
    if not isinstance(link, bytes):
        return None
    parts = link.split(b"/")
    if parts[-1] != b"mem" or b"%d" % os.getpid() not in parts:
        return None
    note = task.fds.get(fd)
    known = fds.facts(fd)
    if note is not None and note[0] == "mem" and known and note[1] == known.identity:
        return note[2], note[3]
    # a duplicate: it shares what the original was opened for
    for note in task.fds.values():
        if note[0] == "mem" and known and note[1] == known.identity:
            task.fds[fd] = note
            return note[2], note[3]
    return None


def _access_mem(task: Task, offset: int, buf: int, count: int, is_write: bool) -> int:
    """Move up to `count` bytes between guest address `offset` and the buffer at `buf`."""
    done = 0
    mem = task.mem
    path = b"/proc/self/mem"
    fd = syscall(NR["openat"], AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0)
    if fd < 0:
        return fd
    try:
        while done < count:
            vma = mem.table.at(offset) if offset < SPACE else None
            if vma is None:
                break
            n = min(count - done, vma.end - offset, 65536)
            data = mem.read(buf + done, n) if is_write else out(n)
            nr = NR["pwrite64"] if is_write else NR["pread64"]
            moved = syscall(nr, fd, data, n, mem.base + offset)
            if moved <= 0:
                break
            if is_write:
                with mem.lock:
                    mem.rewritten(offset, offset + moved)
            else:
                mem.write(buf + done, data[:moved])
            done += moved
            offset += moved
    finally:
        syscall(NR["close"], fd)
    return done if done or not count else -EIO


def _special(
    task: Task, fd: int, buf: int, count: int, offset: int | None, is_write: bool
) -> int | None:
    """Result of a read or write on a special descriptor, or None if it is an ordinary one."""
    note = _mem_note(task, fd)
    if note is None:
        return None
    flags, position = note
    if flags & O_PATH:
        return -EBADF
    if flags & O_ACCMODE not in ((O_WRONLY, O_RDWR) if is_write else (0, O_RDWR)):
        return -EBADF
    if offset is not None:
        return _access_mem(task, offset, buf, count, is_write) if offset >= 0 else -EINVAL
    n = _access_mem(task, position[0], buf, count, is_write)
    if n > 0:
        position[0] += n
    return n


def special_seek(task: Task, fd: int, offset: int, whence: int) -> int | None:
    """lseek on a special descriptor, or None if it is an ordinary one."""
    note = _mem_note(task, fd)
    if note is None:
        return None
    if note[0] & O_PATH:
        return -EBADF
    if whence not in (SEEK_SET, SEEK_CUR):
        return -EINVAL
    if whence == SEEK_CUR:
        offset += note[1][0]
    note[1][0] = offset & 0xFFFFFFFFFFFFFFFF
    return offset


def _one(
    task: Task, name: str, fd: int, buf: int, count: int, pos: tuple[int, ...], is_write: bool
) -> int:
    count = min(count, MAX_RW)
    result = syscall(NR[name], fd, pointer(task, buf, count), count, *pos)
    if result == -EBADF:
        special = _special(task, fd, buf, count, pos[0] if pos else None, is_write)
        if special is not None:
            return special
    return result


def read(task: Task, fd: int, buf: int, count: int) -> int:
    """read(2)."""
    return _one(task, "read", fd, buf, count, (), False)


def write(task: Task, fd: int, buf: int, count: int) -> int:
    """write(2)."""
    return _one(task, "write", fd, buf, count, (), True)


def pread64(task: Task, fd: int, buf: int, count: int, pos: int) -> int:
    """pread64(2)."""
    return _one(task, "pread64", fd, buf, count, (pos,), False)


def pwrite64(task: Task, fd: int, buf: int, count: int, pos: int) -> int:
    """pwrite64(2): without O_LARGEFILE a file ends at 2 GiB."""
    if 0 <= pos and pos + count > MAX_NON_LFS and count and fds.is_small(task, fd):
        if pos >= MAX_NON_LFS:
            return -EFBIG
        count = MAX_NON_LFS - pos
    return _one(task, "pwrite64", fd, buf, count, (pos,), True)


def vector(task: Task, iov: int, count: int) -> list[tuple[int, int]]:
    """(guest address, length) of each element; the total is cut to what one call may move.

    Raises OSError with EINVAL for too many elements or a negative length, and Fault.
    """
    if count > IOV_MAX:
        raise OSError(EINVAL, "iovec count")
    raw = task.mem.read(iov, 8 * count)
    words = [int.from_bytes(raw[i : i + 4], "little") for i in range(0, len(raw), 4)]
    result = []
    total = 0
    for base, length in zip(words[::2], words[1::2], strict=True):
        if length >> 31:
            raise OSError(EINVAL, "iovec length")
        if base + length > SPACE:
            raise OSError(EFAULT, "iovec address")
        length = min(length, MAX_RW - total)
        total += length
        result.append((base, length))
    return result


def _many(
    task: Task, name: str, fd: int, iov: int, count: int, rest: tuple[int, ...], is_write: bool
) -> int:
    try:
        parts = vector(task, iov, count)
    except (Fault, OSError):
        # Linux looks at the descriptor first
        result = syscall(NR[name], fd, 0, 0, *rest)
        if result == -EBADF and _mem_note(task, fd) is None:
            return result
        raise
    block = b"".join(
        task.mem.host_ptr(base, length).to_bytes(8, "little") + length.to_bytes(8, "little")
        for base, length in parts
    )
    result = syscall(NR[name], fd, block, len(parts), *rest)
    if result != -EBADF:
        return result
    if not parts:
        return result
    done = 0
    for base, length in parts:
        position = rest[0] + done if rest else None
        special = _special(task, fd, base, length, position, is_write)
        if special is None:
            return result
        if special < 0:
            return done or special
        done += special
        if special < length:
            break
    return done


def readv(task: Task, fd: int, iov: int, count: int) -> int:
    """readv(2)."""
    return _many(task, "readv", fd, iov, count, (), False)


def writev(task: Task, fd: int, iov: int, count: int) -> int:
    """writev(2)."""
    return _many(task, "writev", fd, iov, count, (), True)


def preadv(task: Task, fd: int, iov: int, count: int, pos: int) -> int:
    """preadv(2)."""
    return _many(task, "preadv", fd, iov, count, (pos, 0), False)


def pwritev(task: Task, fd: int, iov: int, count: int, pos: int) -> int:
    """pwritev(2)."""
    return _many(task, "pwritev", fd, iov, count, (pos, 0), True)
