"""Directories: getdents(2), getdents64(2), readdir(2), and lseek(2) with 31-bit cookies.

A 32-bit program keeps a directory position in a signed 32-bit `long`. The host's position
(`d_off`) has 64 bits: small counters on tmpfs, btrfs, xfs or overlayfs, but a 63-bit hash on ext4
and bcachefs and any number at all on NFS, FUSE or 9p. A cookie stands for a host position like
this:

- `d_off` below 2**31 is its own cookie (nothing is remembered);
- on file systems whose position is a hash that rises through the directory and that can be sought
  freely (ext4, bcachefs) the cookie is the upper half of `d_off`, which is what the kernel itself
  gives 32-bit programs on ext4. Seeking to `cookie << 32` arrives at the first entry with that
  hash, even after entries were removed or added. Where two entries share the upper half, the later
  one takes the next cookie and its exact position is remembered;
- elsewhere the cookie is a 31-bit mix of `d_off`, advanced past collisions, and the exact position
  is remembered. A process that has no memory of a cookie (it got the descriptor from someone else)
  finds the position by reading the directory through a second open file description.

So a cookie is a function of the directory, not of a descriptor or a process: it stays valid for the
life of the descriptor, through dup(2), fork(2) and SCM_RIGHTS, and after rewinddir(3).

What is remembered is kept per directory (device, inode) in `task.cookies`, and grows only with
collisions or, on file systems of the third kind, with the entries that were read.
"""

from __future__ import annotations

from struct import pack_into, unpack_from

from run32.kernel import fds, host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EBADF, EINVAL, EOVERFLOW
from run32.kernel.memory import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
M32 = 0xFFFFFFFF
M64 = 0xFFFFFFFFFFFFFFFF
SMALL = 1 << 31
END_COOKIE = SMALL - 1
END_OFFSET = (1 << 63) - 1
CHUNK = 65536
SEEK_SET, SEEK_CUR, SEEK_DATA, SEEK_HOLE = 0, 1, 3, 4
EXT4_MAGIC, BCACHEFS_MAGIC = 0xEF53, 0xCA451A4E
LONGEST_CHAIN = 16


class Directory:
    """Cookies of one directory, by way of an open descriptor."""

    __slots__ = ("fd", "is_rising", "known")

    def __init__(self, task: Task, fd: int) -> None:
        self.fd = fd
        raw = out(120)
        magic = unpack_from("<I", raw)[0] if syscall(NR["fstatfs"], fd, raw) == 0 else 0
        self.is_rising = magic in (EXT4_MAGIC, BCACHEFS_MAGIC)
        found = fds.facts(fd)
        identity = found.identity if found is not None else (0, 0, 0)
        self.known: dict[int, int] = task.cookies.setdefault(identity, {})

    def cookie(self, offset: int) -> int:
        """The cookie of a host position that was read earlier, or that starts a batch."""
        if offset < SMALL:
            return offset
        if not self.is_rising:
            return self._mixed(offset)
        if offset == END_OFFSET:
            return END_COOKIE
        first = offset >> 32
        for later in range(first + 1, first + LONGEST_CHAIN):
            if self.known.get(later) == offset:
                return later
        return first

    def cookies(self, start: int, offsets: list[int]) -> list[int]:
        """Cookies of a batch of positions that follow host position `start`."""
        if not self.is_rising:
            return [value if value < SMALL else self._mixed(value) for value in offsets]
        result = []
        previous, last = start, self.cookie(start)
        for offset in offsets:
            if offset < SMALL:
                value = offset
            elif offset == END_OFFSET:
                value = END_COOKIE
            else:
                value = offset >> 32
                if offset == previous:
                    value = last
                elif value <= last and previous < offset:
                    value = last + 1
                    self.known[value] = offset
            result.append(value)
            previous, last = offset, value
        return result

    def _mixed(self, offset: int) -> int:
        value = mix(offset)
        while self.known.setdefault(value, offset) != offset:
            value = value % END_COOKIE + 1
        return value

    def offset(self, cookie: int) -> int | None:
        """The host position of `cookie`, or None if the directory has none."""
        known = self.known.get(cookie)
        if known is not None:
            return known
        if cookie == 0 or not self._is_wide():
            return cookie
        if self.is_rising:
            return END_OFFSET if cookie == END_COOKIE else cookie << 32
        return self._search(cookie)

    def _is_wide(self) -> bool:
        """Whether this directory's positions need 64 bits: the first entries tell."""
        here = syscall(NR["lseek"], self.fd, 0, SEEK_CUR)
        if here < 0 or syscall(NR["lseek"], self.fd, 0, SEEK_SET) < 0:
            return False
        raw = out(1024)
        n = syscall(NR["getdents64"], self.fd, raw, 1024)
        syscall(NR["lseek"], self.fd, here, SEEK_SET)
        return any(offset >= SMALL for _, offset, _ in entries(raw, max(n, 0)))

    def _search(self, cookie: int) -> int | None:
        """Read the whole directory again for the position whose mix is `cookie`."""
        dot = b"."
        again = syscall(NR["openat"], self.fd, dot, 0o2000000, 0)
        if again < 0:
            return None
        try:
            raw = out(CHUNK)
            while (n := syscall(NR["getdents64"], again, raw, CHUNK)) > 0:
                for _, offset, _ in entries(raw, n):
                    if (offset if offset < SMALL else self._mixed(offset)) == cookie:
                        return offset
        finally:
            syscall(NR["close"], again)
        return None


def mix(offset: int) -> int:
    """A 64-bit position as a number from 1 to 2**31 - 2."""
    value = (offset ^ offset >> 33) * 0xFF51AFD7ED558CCD & M64
    value = (value ^ value >> 29) * 0xC4CEB9FE1A85EC53 & M64
    return (value ^ value >> 32) % (END_COOKIE - 1) + 1


def entries(raw: bytes, n: int) -> list[tuple[int, int, int]]:
    """(place, d_off, d_reclen) of each `struct linux_dirent64` in the first `n` bytes."""
    result = []
    place = 0
    while place < n:
        offset, length = unpack_from("<QH", raw, place + 8)
        result.append((place, offset, length))
        place += length
    return result


def _read(task: Task, fd: int, size: int) -> tuple[int, int, bytes, list[tuple[int, int, int]]]:
    """(result, start, raw, entries with cookies for d_off) of one host getdents64."""
    start = syscall(NR["lseek"], fd, 0, SEEK_CUR)
    raw = out(size)
    n = syscall(NR["getdents64"], fd, raw, size)
    if n <= 0:
        return n, start, raw, []
    found = entries(raw, n)
    if any(offset >= SMALL for _, offset, _ in found):
        cookies = Directory(task, fd).cookies(start, [offset for _, offset, _ in found])
        found = [
            (place, cookie, size) for (place, _, size), cookie in zip(found, cookies, strict=True)
        ]
    return n, start, raw, found


def _go_back(fd: int, start: int) -> None:
    syscall(NR["lseek"], fd, start, SEEK_SET)


def getdents64(task: Task, fd: int, buf: int, count: int) -> int:
    """getdents64(2): host records with the position replaced by its cookie.

    Linux takes the count as an int: a "negative" one has no room for an entry.
    """
    n, start, raw, found = _read(task, fd, min(count, CHUNK) if count < SMALL else 0)
    if n <= 0:
        return n
    records = bytearray(raw[:n])
    for place, cookie, _ in found:
        pack_into("<Q", records, place + 8, cookie)
    try:
        task.mem.write(buf, bytes(records))
    except Fault:
        _go_back(fd, start)
        raise
    return n


def getdents(task: Task, fd: int, buf: int, count: int) -> int:
    """getdents(2), old: 32-bit inode numbers (EOVERFLOW beyond), the type in the last byte."""
    count = count if count < SMALL else 0
    n, start, raw, found = _read(task, fd, max(280, min(count, CHUNK)))
    if n <= 0:
        return n
    records = bytearray()
    here = start
    problem = 0
    for place, cookie, length in found:
        inode, offset = unpack_from("<2Q", raw, place)
        name = raw[place + 19 : raw.index(b"\0", place + 19, place + length)]
        size = (10 + len(name) + 2 + 3) & ~3
        if inode > M32:
            problem = -EOVERFLOW
        elif len(records) + size > count:
            problem = -EINVAL
        if problem:
            _go_back(fd, here)
            break
        record = bytearray(size)
        pack_into("<2IH", record, 0, inode, cookie, size)
        record[10 : 10 + len(name)] = name
        record[-1] = raw[place + 18]
        records += record
        here = offset
    if not records:
        return problem
    try:
        task.mem.write(buf, bytes(records))
    except Fault:
        _go_back(fd, start)
        raise
    return len(records)


def readdir(task: Task, fd: int, buf: int, _count: int) -> int:
    """readdir(2): one entry into `struct old_linux_dirent`; 1, or 0 at the end."""
    n, start, raw, found = _read(task, fd, 280)
    if n <= 0:
        return n
    inode, offset = unpack_from("<2Q", raw, 0)
    name = raw[19 : raw.index(b"\0", 19)]
    if inode > M32:
        _go_back(fd, start)
        return -EOVERFLOW
    _go_back(fd, offset)
    position = start if start < SMALL else Directory(task, fd).cookie(start)
    record = bytearray(10)
    pack_into("<2IH", record, 0, inode, position, len(name))
    task.mem.write(buf, bytes(record) + name + b"\0")
    return 1


def seek(task: Task, fd: int, offset: int, whence: int) -> int:
    """lseek(2) on a directory; positions are cookies on both sides."""
    directory = Directory(task, fd)
    if whence not in (SEEK_SET, SEEK_CUR):
        if whence in (SEEK_DATA, SEEK_HOLE) and 0 <= offset < SMALL:
            offset = directory.offset(offset) or 0
        result = syscall(NR["lseek"], fd, offset, whence)
        return result if result < 0 else directory.cookie(result)
    if whence == SEEK_CUR:
        result = syscall(NR["lseek"], fd, 0, SEEK_CUR)
        if result < 0:
            return result
        here = directory.cookie(result)
        if offset == 0:
            return here
        offset += here
    if not 0 <= offset < SMALL:
        return -EINVAL
    position = directory.offset(offset)
    if position is None:
        return -EINVAL
    if position >> 63:
        position -= 1 << 64
    result = syscall(NR["lseek"], fd, position, SEEK_SET)
    # a position with the top bit set (some FUSE servers) comes back negative without being an errno
    return offset if result == position else result


def lseek(task: Task, fd: int, offset: int, whence: int) -> int:
    """lseek(2) with a 32-bit offset: EOVERFLOW where the position does not fit."""
    result = _seek_any(task, fd, offset, whence)
    if result >= SMALL:
        return -EOVERFLOW
    return result


def _llseek(task: Task, fd: int, high: int, low: int, result: int, whence: int) -> int:
    """_llseek(2): the position is stored, the result is 0."""
    offset = high << 32 | low
    if offset >> 63:
        offset -= 1 << 64
    found = _seek_any(task, fd, offset, whence)
    if found < 0:
        return found
    task.mem.write(result, found.to_bytes(8, "little"))
    return 0


def _seek_any(task: Task, fd: int, offset: int, whence: int) -> int:
    if fds.is_dir(fd):
        return seek(task, fd, offset, whence)
    result = syscall(NR["lseek"], fd, offset, whence)
    if result == -EBADF:
        from run32.kernel.rw import special_seek

        special = special_seek(task, fd, offset, whence)
        return result if special is None else special
    return result
