"""Sockets that have a name in the file system: AF_UNIX paths go through the root directory.

A path of the guest becomes a host path (`paths`); where that does not fit the 108 bytes of
sun_path, the socket is reached through /proc/self/fd of its directory. Names that come back lose
the prefix of the root directory again. See unix(7), net/unix/af_unix.c.

Also i386's socketcall(2), which takes the arguments of all these calls from memory.
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host
from run32.kernel.blocking import block
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EFAULT, EINVAL, ENAMETOOLONG
from run32.kernel.memory import Fault
from run32.kernel.oflags import O_CLOEXEC, O_PATH
from run32.kernel.paths import AT_FDCWD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
AF_UNIX = 1
FAMILY = 2
SUN_PATH = 108
SOCKADDR_UN = FAMILY + SUN_PATH
SOCKADDR_MAX = 128
SOL_SOCKET, SO_TYPE = 1, 3


def refused(fd: int) -> int:
    """-EBADF or -ENOTSOCK if `fd` is no socket, else 0: the first thing each call looks at."""
    return min(syscall(NR["getsockopt"], fd, SOL_SOCKET, SO_TYPE, out(4), pack("<i", 4)), 0)


class Address:
    """A socket address for the host; used as a context, for it may hold a directory open."""

    __slots__ = ("data", "directory")

    def __init__(self, task: Task, data: bytes, create: bool = False) -> None:
        """Requires: `data` is a whole socket address. `create`: the call makes the file."""
        self.directory = -1
        self.data = data
        if not is_path(data):
            return
        path = data[FAMILY:].split(b"\0")[0]
        found = task.paths.host(AT_FDCWD, path, not create, create)
        if found is path:
            return
        if len(found) >= SUN_PATH:
            found = self._shorten(found)
        self.data = data[:FAMILY] + found + b"\0"

    def _shorten(self, path: bytes) -> bytes:
        """A short spelling of a host path: through a descriptor of its directory."""
        directory, _, name = path.rpartition(b"/")
        flags = O_PATH | O_CLOEXEC
        self.directory = syscall(NR["openat"], AT_FDCWD, directory or b"/", flags, 0)
        if self.directory < 0:
            raise OSError(-self.directory, "directory of a socket")
        short = b"/proc/self/fd/%d/%s" % (self.directory, name)
        if len(short) >= SUN_PATH:
            self.close()
            raise OSError(ENAMETOOLONG, "socket path")
        return short

    def close(self) -> None:
        """Give the directory back."""
        if self.directory >= 0:
            syscall(NR["close"], self.directory)
            self.directory = -1

    def __enter__(self) -> Address:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_path(data: bytes) -> bool:
    """Whether a socket address names a file."""
    unix = data[:FAMILY] == b"\x01\0" and FAMILY < len(data) <= SOCKADDR_UN
    return unix and data[FAMILY] != 0


def read_address(task: Task, address: int, length: int) -> bytes:
    """A socket address out of guest memory. Raises Fault, or OSError with EINVAL."""
    if not 0 <= length <= SOCKADDR_MAX:
        raise OSError(EINVAL, "address length")
    return task.mem.read(address, length)


def bind(task: Task, fd: int, address: int, length: int) -> int:
    """bind(2)."""
    return _named("bind", task, fd, address, length, True)


def connect(task: Task, fd: int, address: int, length: int) -> int:
    """connect(2)."""
    return _named("connect", task, fd, address, length, False)


def _named(name: str, task: Task, fd: int, address: int, length: int, create: bool) -> int:
    try:
        data = read_address(task, address, length)
    except (Fault, OSError) as error:
        return refused(fd) or -(EFAULT if isinstance(error, Fault) else EINVAL)
    with Address(task, data, create) as known:
        return block(task, NR[name], fd, known.data, len(known.data))


def sendto(
    task: Task, fd: int, buf: int, length: int, flags: int, address: int, address_length: int
) -> int:
    """sendto(2)."""
    length = min(length, (1 << 32) - buf)
    if not address:
        return block(task, NR["sendto"], fd, task.mem.base + buf, length, flags, 0, 0)
    try:
        data = read_address(task, address, address_length)
    except (Fault, OSError) as error:
        return refused(fd) or -(EFAULT if isinstance(error, Fault) else EINVAL)
    with Address(task, data) as known:
        text = known.data
        return block(task, NR["sendto"], fd, task.mem.base + buf, length, flags, text, len(text))


def getsockname(task: Task, fd: int, address: int, length: int) -> int:
    """getsockname(2)."""
    return _name_of("getsockname", task, fd, address, length)


def getpeername(task: Task, fd: int, address: int, length: int) -> int:
    """getpeername(2)."""
    return _name_of("getpeername", task, fd, address, length)


def _name_of(name: str, task: Task, fd: int, address: int, length: int) -> int:
    raw, size = out(SOCKADDR_MAX), pack("<i", SOCKADDR_MAX)
    result = syscall(NR[name], fd, raw, size)
    if result < 0:
        return result
    write_address(task, raw[: unpack("<i", size)[0]], address, length)
    return 0


def accept(task: Task, fd: int, address: int, length: int) -> int:
    """accept(2)."""
    return accept4(task, fd, address, length, 0)


def accept4(task: Task, fd: int, address: int, length: int, flags: int) -> int:
    """accept4(2): where the peer's name cannot be handed over, the connection is gone."""
    if not address:
        return block(task, NR["accept4"], fd, 0, 0, flags)
    raw, size = out(SOCKADDR_MAX), pack("<i", SOCKADDR_MAX)
    made = block(task, NR["accept4"], fd, raw, size, flags)
    if made >= 0:
        try:
            write_address(task, raw[: unpack("<i", size)[0]], address, length)
        except (Fault, OSError):
            syscall(NR["close"], made)
            raise
    return made


def recvfrom(
    task: Task, fd: int, buf: int, size: int, flags: int, address: int, length: int
) -> int:
    """recvfrom(2)."""
    at, size = task.mem.base + buf, min(size, (1 << 32) - buf)
    if not address:
        return block(task, NR["recvfrom"], fd, at, size, flags, 0, 0)
    raw, used = out(SOCKADDR_MAX), pack("<i", SOCKADDR_MAX)
    result = block(task, NR["recvfrom"], fd, at, size, flags, raw, used)
    if result >= 0:
        write_address(task, raw[: unpack("<i", used)[0]], address, length)
    return result


def write_address(task: Task, data: bytes, address: int, length: int) -> None:
    """Hand a socket address to the guest: as much as fits, and its whole length."""
    data = shown(task, data)
    room = unpack("<i", task.mem.read(length, 4))[0]
    if room < 0:
        raise OSError(EINVAL, "address length")
    task.mem.write(address, data[:room])
    task.mem.write(length, pack("<i", len(data)))


def shown(task: Task, data: bytes) -> bytes:
    """The guest's view of a socket address."""
    if not is_path(data) or data[FAMILY : FAMILY + 1] != b"/":
        return data
    path = data[FAMILY:].split(b"\0")[0]
    seen = task.paths.guest(path)
    return data if seen is path else data[:FAMILY] + seen + b"\0"


# -- i386's multiplexer

CALLS = (
    ("socket", 3, ""), ("bind", 3, "a"), ("connect", 3, "a"), ("listen", 2, ""),
    ("accept4", 3, " pp"), ("getsockname", 3, "a"), ("getpeername", 3, "a"),
    ("socketpair", 4, "   p"), ("sendto", 4, " p"), ("recvfrom", 4, " p"), ("sendto", 6, "a"),
    ("recvfrom", 6, " p  pp"), ("shutdown", 2, ""), ("setsockopt", 5, "o"), ("getsockopt", 5, "o"),
    ("sendmsg", 3, "m"), ("recvmsg", 3, "m"), ("accept4", 4, " pp"), ("recvmmsg", 5, "m"),
    ("sendmmsg", 4, "m"),
)  # fmt: skip
"""Name, arguments, and which are pointers (or the module that has the call), from SYS_SOCKET on."""


def socketcall(task: Task, call: int, arguments: int) -> int:
    """socketcall(2)."""
    if not 1 <= call <= len(CALLS):
        return -EINVAL
    name, count, kind = CALLS[call - 1]
    words = list(unpack(f"<{count}I", task.mem.read(arguments, 4 * count)))
    values = [word - ((word & 1 << 31) << 1) for word in words]
    if kind in ("a", "m", "o"):
        from run32.kernel.dispatch import load

        module = load({"a": "sockets", "m": "msgs", "o": "sockopts"}[kind])
        signed = [0, 1, 2] if kind == "o" else [0]
        if name in ("bind", "connect", "sendto", "setsockopt"):
            signed.append(count - 1)
        mixed = [values[i] if i in signed else words[i] for i in range(count)]
        return int(getattr(module, name)(task, *mixed))
    for index, letter in enumerate(kind):
        if letter == "p":
            values[index] = task.mem.base + words[index] if words[index] else 0
    if name in ("sendto", "recvfrom"):
        values[2] = min(words[2], (1 << 32) - words[1])
    return block(task, NR[name], *values)
