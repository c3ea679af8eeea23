"""Control messages: a guest's header is 12 bytes and aligned to 4, the host's is 16 and to 8.

The data after the header is the same but for old timestamps, whose seconds are a `long`. What does
not fit the guest's buffer is cut as net/compat.c cuts it: MSG_CTRUNC is set, descriptors beyond the
room are closed again. References: cmsg(3), net/compat.c, net/core/scm.c.
"""

from __future__ import annotations

from struct import pack, unpack, unpack_from

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.errno import EINVAL, ENOBUFS
from run32.kernel.memory import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from run32.kernel.task import Task

NR = host.NR
HEADER, HOST_HEADER = 12, 16
SOL_SOCKET = 1
SCM_RIGHTS, SCM_PIDFD = 1, 4
SCM_TIMESTAMP, SCM_TIMESTAMPNS, SCM_TIMESTAMPING = 29, 35, 37
TIMES = {SCM_TIMESTAMP: 2, SCM_TIMESTAMPNS: 2, SCM_TIMESTAMPING: 6}
"""Old timestamps: how many longs they are."""
MSG_CTRUNC = 8
TOTAL_MAX = 1 << 20
"""More control data than any socket takes: the kernel's limit is net.core.optmem_max."""
SLACK = 1280
"""More than SCM_RIGHTS with all of its 253 descriptors."""


def align(size: int, to: int) -> int:
    """`size` rounded up."""
    return (size + to - 1) & -to


def host_room(room: int) -> int:
    """A host buffer that holds whatever fits `room` bytes of the guest's; 0 if that is nothing."""
    return 2 * room + SLACK if room >= HEADER else 0


def to_host(task: Task, address: int, room: int) -> bytes:
    """The guest's control messages as the host's. Raises Fault, OSError.

    As Linux does, looks for a header wherever a byte is left, and one that is cut short is wrong.
    """
    mem = task.mem
    places: list[tuple[int, int]] = []
    at = total = 0
    while address and (at < room if places else room >= HEADER):
        length = mem.u32(address + at)
        if not HEADER <= length <= room - at:
            raise OSError(EINVAL, "control message length")
        places.append((address + at, length))
        at += align(length, 4)
        total += length
    if not places:
        raise OSError(EINVAL, "control data")
    if total > TOTAL_MAX:
        raise OSError(ENOBUFS, "control data")
    found = []
    for place, length in places:
        text = mem.read(place, length)
        level, kind = unpack_from("<4xii", text)
        data = text[HEADER:]
        head = pack("<Qii", len(data) + HOST_HEADER, level, kind)
        found.append(head + data + bytes(-len(data) % 8))
    return b"".join(found)


def messages(control: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(level, type, data) of each message in a host buffer."""
    at = 0
    while at + HOST_HEADER <= len(control):
        length, level, kind = unpack_from("<Qii", control, at)
        if length < HOST_HEADER:
            return
        yield level, kind, control[at + HOST_HEADER : at + length]
        at += align(length, 8)


def to_guest(task: Task, control: bytes, address: int, room: int) -> tuple[int, int]:
    """Store the host's messages in the guest's buffer: (bytes used, MSG_CTRUNC or 0)."""
    used = flags = 0
    for level, kind, data in messages(control):
        left = room - used
        if level == SOL_SOCKET and kind in (SCM_RIGHTS, SCM_PIDFD):
            fits = max(left - HEADER, 0) & -4
            for (fd,) in _descriptors(data[fits:]):
                syscall(NR["close"], fd)
            if len(data) > fits:
                flags = MSG_CTRUNC
            data = data[:fits]
            if not data:
                continue
        elif level == SOL_SOCKET and kind in TIMES and len(data) == 8 * TIMES[kind]:
            words = unpack(f"<{TIMES[kind]}q", data)
            data = pack(f"<{len(words)}I", *(word & 0xFFFFFFFF for word in words))
        if left < HEADER:
            flags = MSG_CTRUNC
            continue
        length = HEADER + len(data)
        if length > left:
            flags, length = MSG_CTRUNC, left
        text = pack("<Iii", length, level, kind) + data
        try:
            task.mem.write(address + used, text[:length])
        except Fault:
            break
        used += min(align(HEADER + len(data), 4), left)
    return used, flags


def _descriptors(data: bytes) -> list[tuple[int]]:
    return [unpack_from("<i", data, at) for at in range(0, len(data) & -4, 4)]
