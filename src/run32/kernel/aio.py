"""Asynchronous I/O (io_submit(2)) on the host's.

A context of the host is the address of a ring that lies above 4 GiB, so the guest gets a page of
its own instead, whose address stands for it. libaio looks there for a ring; an empty page makes it
ask the kernel. Each request is copied with host addresses in it; the copy is the request's identity
at the host until its event has been seen, which then shows the guest's request again.

A child of fork(2) has the table but the host no contexts for it: EINVAL, as on Linux. The layouts
of iocb and io_event are the same everywhere; a 32-bit kernel's pointers lie in the low half of
their fields. Source: fs/aio.c.
"""

from __future__ import annotations

from struct import iter_unpack, pack, unpack

from run32.kernel import host, layouts
from run32.kernel.blocking import block
from run32.kernel.buf import addr, out, syscall
from run32.kernel.errno import EAGAIN, EFAULT, EINVAL
from run32.kernel.memory import Fault
from run32.kernel.msgs import vectors
from run32.kernel.signals import FAULT_MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
IOCB, EVENT = 64, 32
PREAD, PWRITE, PREADV, PWRITEV = 0, 1, 7, 8
SPACE = 1 << 32
MOST_EVENTS = 0x10000000 // EVENT
AT_ONCE = 4096
PROT_READ, MAP_PRIVATE_ANON = 1, 0x22


class Context:
    """A guest's io_context_t."""

    __slots__ = ("flights", "host")

    def __init__(self, where: int) -> None:
        self.host = where
        self.flights: dict[int, tuple[int, bytes]] = {}
        """Requests under way: the host's iocb address, the guest's, and the copy itself."""


def io_setup(task: Task, count: int, context: int) -> int:
    """io_setup(2)."""
    if task.mem.u32(context) or not count:
        return -EINVAL
    if count > MOST_EVENTS:
        return -EINVAL
    made = out(8)
    result = syscall(NR["io_setup"], count, made)
    if result < 0:
        return result
    where = int.from_bytes(made[:8], "little")
    page = task.mem.mmap(0, task.mem.page, PROT_READ, MAP_PRIVATE_ANON)
    if page < 0:
        syscall(NR["io_destroy"], where)
        return -EAGAIN
    task.shared.aio[page] = Context(where)
    try:
        task.mem.put_u32(context, page)
    except Fault:
        io_destroy(task, page)
        raise
    return 0


def io_destroy(task: Task, context: int) -> int:
    """io_destroy(2): waits for what is under way."""
    found = task.shared.aio.pop(context, None)
    if found is None:
        return -EINVAL
    result = syscall(NR["io_destroy"], found.host)
    if result == 0:
        task.mem.munmap(context, task.mem.page)
    return result


def destroy_all(task: Task) -> None:
    """What execve(2) does."""
    for found in task.shared.aio.values():
        syscall(NR["io_destroy"], found.host)
    task.shared.aio.clear()


def _request(task: Task, at: int) -> tuple[bytes, bytes]:
    """The host's iocb for the guest's at `at`, and what it points to. Raises Fault, OSError."""
    fields = list(unpack(layouts.IOCB, task.mem.read(at, IOCB)))
    opcode, buf, count = fields[3], fields[6], fields[7]
    keep = b""
    if opcode in (PREADV, PWRITEV) and buf < SPACE:
        keep = vectors(task, buf, min(count, 1 << 20))
        fields[6] = addr(keep)
    elif opcode in (PREAD, PWRITE, PREADV, PWRITEV):
        # behind the 4 GiB is a guard: the request is taken, its event says EFAULT
        fields[6] = task.mem.base + min(buf, SPACE)
        if count < 1 << 63:
            fields[7] = min(count, max(SPACE - buf, task.mem.page))
    return pack(layouts.IOCB, *fields), keep


def io_submit(task: Task, context: int, count: int, blocks: int) -> int:
    """io_submit(2): how many requests were taken; the first one's error."""
    if count < 0:
        return -EINVAL
    found = task.shared.aio.get(context)
    if found is None:
        return -EINVAL
    for index in range(count):
        try:
            at = task.mem.u32(blocks + 4 * index)
            request, keep = _request(task, at)
        except Fault:
            result = -EFAULT
        except OSError as error:
            result = -(error.errno or EINVAL)
        else:
            result = _submit(task, found, at, request)
        if result < 0:
            return index or result
    return count


def _submit(task: Task, context: Context, at: int, request: bytes) -> int:
    where = addr(request)
    context.flights[where] = at, request
    result = block(task, NR["io_submit"], context.host, 1, pack("<Q", where))
    if result < 0:
        del context.flights[where]
    elif any(task.mem.read(at + 8, 4)):
        task.mem.write(at + 8, bytes(4))  # aio_key
    return result


def io_cancel(task: Task, context: int, request: int, result: int) -> int:
    """io_cancel(2)."""
    if task.mem.u32(request + 8):
        return -EINVAL
    found: Context | None = task.shared.aio.get(context)
    if found is None:
        return -EINVAL
    for where, (at, _) in found.flights.items():
        if at == request:
            answer: int = syscall(NR["io_cancel"], found.host, where, out(EVENT))
            if answer != -EINVAL:
                return answer
    return -EINVAL


def io_getevents(task: Task, context: int, least: int, most: int, events: int, timeout: int) -> int:
    """io_getevents(2)."""
    when = pack("<2q", *unpack("<2i", task.mem.read(timeout, 8))) if timeout else 0
    return _events(task, context, least, most, events, when)


def io_pgetevents(
    task: Task, context: int, least: int, most: int, events: int, timeout: int, mask: int
) -> int:
    """io_pgetevents(2) with a 32-bit time."""
    when = pack("<2q", *unpack("<2i", task.mem.read(timeout, 8))) if timeout else 0
    return _masked(task, context, least, most, events, when, mask)


def io_pgetevents_time64(
    task: Task, context: int, least: int, most: int, events: int, timeout: int, mask: int
) -> int:
    """io_pgetevents(2); the upper half of the nanoseconds is ignored."""
    when = pack("<2q", *unpack("<qi4x", task.mem.read(timeout, 16))) if timeout else 0
    return _masked(task, context, least, most, events, when, mask)


def _masked(
    task: Task, context: int, least: int, most: int, events: int, when: bytes | int, mask: int
) -> int:
    """`mask` points to a signal set's address and size."""
    if not mask:
        return _events(task, context, least, most, events, when)
    where, size = unpack("<2I", task.mem.read(mask, 8))
    if not where:
        return _events(task, context, least, most, events, when)
    if size != 8:
        return -EINVAL
    blocked = int.from_bytes(task.mem.read(where, 8), "little") & ~FAULT_MASK
    inner = pack("<Q", blocked)
    pair = pack("<2Q", addr(inner), 8)
    return _events(task, context, least, most, events, when, pair)


def _events(
    task: Task,
    context: int,
    least: int,
    most: int,
    events: int,
    when: bytes | int,
    mask: bytes | int = 0,
) -> int:
    found = task.shared.aio.get(context)
    if found is None or least < 0 or least > most:
        return -EINVAL
    most = max(least, min(most, AT_ONCE))
    raw = out(EVENT * most)
    nr = NR["io_pgetevents"] if mask else NR["io_getevents"]
    result = block(task, nr, found.host, least, most, raw, when, mask)
    if result <= 0:
        return result
    parts = []
    for data, where, first, second in iter_unpack(layouts.IO_EVENT, raw[: EVENT * result]):
        at, _ = found.flights.pop(where, (0, b""))
        parts.append(pack(layouts.IO_EVENT, data, at, first, second))
    task.mem.write(events, b"".join(parts))
    return result
