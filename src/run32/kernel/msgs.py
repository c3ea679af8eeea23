"""Messages: sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2).

The header holds pointers and lengths, so it is rebuilt for the host; data goes straight from and to
guest memory, control messages through a buffer (`cmsgs`). Native thunks take the messages without
control data and names of files; these functions take all. See net/compat.c for what is checked and
in which order.
"""

from __future__ import annotations

from struct import calcsize, pack, unpack, unpack_from

from run32.kernel import cmsgs, host
from run32.kernel.blocking import block
from run32.kernel.buf import addr, out
from run32.kernel.errno import EFAULT, EINVAL, ENOBUFS
from run32.kernel.memory import Fault
from run32.kernel.sockets import SOCKADDR_MAX, Address, is_path, read_address, refused, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
SPACE = 1 << 32
INT_MAX = 0x7FFFFFFF
IOV_MAX = 1024
MSG_CMSG_COMPAT = 1 << 31
MSGHDR, HOST_MSGHDR = "<Ii5I", "<QI4x4QI4x"
"""msghdr: name namelen iov iovlen control controllen flags."""
HEAD, HOST_HEAD = 28, 56
MMSGHDR, HOST_MMSGHDR = 32, 64
CONTROL_MAX = 1 << 20
"""More control data than any call returns."""


class Message:
    """A guest's msghdr and what the host gets for it; keep it until the call is over."""

    __slots__ = (
        "address", "control", "control_at", "control_room", "head", "header", "iov", "name", "peer",
        "room",
    )  # fmt: skip

    def __init__(self, task: Task, at: int, sends: bool) -> None:
        """Raises Fault, OSError."""
        mem = task.mem
        fields = unpack(MSGHDR, mem.read(at, HEAD))
        self.name, length, iov, count, self.control_at, self.control_room, _ = fields
        self.head = at
        self.address: Address | None = None
        self.peer, self.room = b"", length
        name = mem.base + self.name if self.name else 0
        if sends and name and length > 0:
            data = read_address(task, self.name, min(length, 128))
            if is_path(data):
                self.address = Address(task, data)
                name, length = addr(self.address.data), len(self.address.data)
        if not sends and name and length >= 0 and task.paths.root is not None:
            self.peer = out(SOCKADDR_MAX)
            name, length = addr(self.peer), SOCKADDR_MAX
        self.iov = vectors(task, iov, count)
        self.control = self._control(task, sends)
        control = addr(self.control) if self.control else 0
        self.header = pack(
            HOST_MSGHDR,
            *(name, length & 0xFFFFFFFF, addr(self.iov), count),
            *(control, len(self.control), 0),
        )

    def _control(self, task: Task, sends: bool) -> bytes:
        room = self.control_room
        if not sends:
            size = cmsgs.host_room(min(room, CONTROL_MAX)) if self.control_at else 0
            return out(size) if size else b""
        if not room:
            return b""
        if room > INT_MAX:
            raise OSError(ENOBUFS, "control data")
        return cmsgs.to_host(task, self.control_at, room)

    def received(self, task: Task, header: bytes) -> None:
        """Hand the guest what recvmsg filled in; `header` is the host's msghdr. Raises Fault."""
        _, length, _, _, _, used, flags = unpack(HOST_MSGHDR, header)
        taken, cut = cmsgs.to_guest(
            task, self.control[:used], self.control_at, min(self.control_room, CONTROL_MAX)
        )
        if self.peer:
            peer = shown(task, self.peer[:length])
            task.mem.write(self.name, peer[: self.room])
            length = len(peer)
        if self.name:
            task.mem.write(self.head + 4, pack("<I", length))
        task.mem.write(self.head + 20, pack("<2I", taken, flags | cut))

    def close(self) -> None:
        """The call is over."""
        if self.address is not None:
            self.address.close()


def vectors(task: Task, iov: int, count: int) -> bytes:
    """The host's struct iovecs; too many are left to the host to refuse. Raises Fault."""
    if count > IOV_MAX:
        return b""
    words = unpack(f"<{2 * count}I", task.mem.read(iov, 8 * count))
    base = task.mem.base
    found = []
    for start, length in zip(words[::2], words[1::2], strict=True):
        if length > INT_MAX:
            raise OSError(EINVAL, "iovec length")
        found += [base + start if start else 0, min(length, SPACE - start)]
    return pack(f"<{2 * count}Q", *found)


def _message(task: Task, fd: int, at: int, sends: bool) -> Message | int:
    """The message, or -errno with a bad descriptor's first."""
    try:
        return Message(task, at, sends)
    except Fault:
        return refused(fd) or -EFAULT
    except OSError as error:
        return refused(fd) or -(error.errno or EINVAL)


def sendmsg(task: Task, fd: int, message: int, flags: int) -> int:
    """sendmsg(2)."""
    found = _message(task, fd, message, True)
    if isinstance(found, int):
        return found
    try:
        return block(task, NR["sendmsg"], fd, found.header, flags & ~MSG_CMSG_COMPAT)
    finally:
        found.close()


def recvmsg(task: Task, fd: int, message: int, flags: int) -> int:
    """recvmsg(2)."""
    found = _message(task, fd, message, False)
    if isinstance(found, int):
        return found
    result = block(task, NR["recvmsg"], fd, found.header, flags & ~MSG_CMSG_COMPAT)
    if result >= 0:
        found.received(task, found.header)
    return result


def _messages(task: Task, fd: int, at: int, count: int, sends: bool) -> list[Message] | int:
    """Messages up to the first that cannot be used, or its -errno if it is the very first."""
    found: list[Message] = []
    for index in range(min(count, IOV_MAX)):
        one = _message(task, fd, at + MMSGHDR * index, sends)
        if isinstance(one, int):
            if not found:
                return one
            break
        found.append(one)
    return found


def sendmmsg(task: Task, fd: int, messages: int, count: int, flags: int) -> int:
    """sendmmsg(2)."""
    found = _messages(task, fd, messages, count, True)
    if isinstance(found, int):
        return found
    array = b"".join(one.header + bytes(8) for one in found) or out(HOST_MMSGHDR)
    try:
        result = block(task, NR["sendmmsg"], fd, array, len(found), flags & ~MSG_CMSG_COMPAT)
    finally:
        for one in found:
            one.close()
    for index, one in enumerate(found[: max(result, 0)]):
        size = unpack_from("<I", array, HOST_MMSGHDR * index + HOST_HEAD)[0]
        task.mem.write(one.head + HEAD, pack("<I", size))
    return result


def recvmmsg(task: Task, fd: int, messages: int, count: int, flags: int, timeout: int) -> int:
    """recvmmsg(2)."""
    return _receive_many(task, fd, messages, count, flags, timeout, "<2i")


def recvmmsg_time64(
    task: Task, fd: int, messages: int, count: int, flags: int, timeout: int
) -> int:
    """recvmmsg(2) with 64-bit seconds; the upper half of the nanoseconds is ignored."""
    return _receive_many(task, fd, messages, count, flags, timeout, "<qi4x")


def _receive_many(
    task: Task, fd: int, messages: int, count: int, flags: int, timeout: int, form: str
) -> int:
    """`form` is the timeout's: the time left is written back."""
    left: bytes | int = 0
    if timeout:
        left = pack("<2q", *unpack(form, task.mem.read(timeout, calcsize(form))))
    found = _messages(task, fd, messages, count, False)
    if isinstance(found, int):
        return found
    array = b"".join(one.header + bytes(8) for one in found) or out(HOST_MMSGHDR)
    result = block(task, NR["recvmmsg"], fd, array, len(found), flags & ~MSG_CMSG_COMPAT, left)
    for index, one in enumerate(found[: max(result, 0)]):
        start = HOST_MMSGHDR * index
        one.received(task, array[start : start + HOST_HEAD])
        size = unpack_from("<I", array, start + HOST_HEAD)[0]
        task.mem.write(one.head + HEAD, pack("<I", size))
    if result > 0 and isinstance(left, bytes):
        task.mem.write(timeout, pack(form, *unpack("<2q", left)))
    return result
