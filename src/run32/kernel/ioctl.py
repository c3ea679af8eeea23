"""ioctl(2): only requests with a row reach the host; all others are ENOTTY.

`task.ioctls` is what the rows of `uapi/ioctls` say for this host (`spec.ioctls.condense`): guest
request -> (host request, bytes behind the argument, name). An argument that is a number passes as
it is; of a pointer the range is checked here and the mapping by the host kernel. Requests that
need more are converted below.
"""

from __future__ import annotations

from run32.kernel import host, oflags
from run32.kernel.blocking import block
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EBADF, EINVAL, ENOTTY
from run32.kernel.lookup import pointer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from run32.kernel.task import Task

NR = host.NR
BY_VALUE, BY_HAND = -1, -2
FIEMAP_HEAD, FIEMAP_EXTENT, FIEMAP_COUNT = 32, 56, 24
FIEMAP_LIMIT = 1 << 20


def ioctl(task: Task, fd: int, request: int, argument: int) -> int:
    """ioctl(2)."""
    row = task.ioctls.get(request)
    if row is None:
        return unknown(fd)
    number, size, name = row
    if size == BY_HAND:
        if name == "netioctl":
            from run32.kernel import netioctl

            return netioctl.convert(task, fd, number, argument)
        return CONVERTED[number](task, fd, number, argument)
    if size == BY_VALUE:
        return block(task, NR["ioctl"], fd, number, argument - ((argument & 1 << 31) << 1))
    return block(task, NR["ioctl"], fd, number, pointer(task, argument, size))


def unknown(fd: int) -> int:
    """The answer to a request without a row."""
    return -ENOTTY if syscall(NR["fcntl"], fd, 1, 0) >= 0 else -EBADF


def _long(task: Task, fd: int, number: int, argument: int) -> int:
    """BLKGETSIZE, BLKRAGET: the host stores a 64-bit long; the low half is the answer."""
    value = out(8)
    result = syscall(NR["ioctl"], fd, number, value)
    if result >= 0:
        task.mem.write(argument, value[:4])
    return result


def _size(task: Task, fd: int, number: int, argument: int) -> int:
    """FIOQSIZE: a 64-bit size on both sides, under another number on arm."""
    return syscall(NR["ioctl"], fd, number, pointer(task, argument, 8))


def _peer(task: Task, fd: int, number: int, argument: int) -> int:
    """TIOCGPTPEER: the argument holds open flags."""
    return syscall(NR["ioctl"], fd, number, oflags.to_host(task.abi, argument))


def _fiemap(task: Task, fd: int, number: int, argument: int) -> int:
    """FS_IOC_FIEMAP: a header and as many extents as it asks for."""
    count = task.mem.u32(argument + FIEMAP_COUNT)
    if count > FIEMAP_LIMIT:
        return -EINVAL
    where = pointer(task, argument, FIEMAP_HEAD + FIEMAP_EXTENT * count)
    return syscall(NR["ioctl"], fd, number, where)


CONVERTED: dict[int, Callable[[Task, int, int, int], int]] = {
    0x1260: _long,
    0x1263: _long,
    0x5441: _peer,
    0x5460: _size,
    0xC020660B: _fiemap,
}
"""Requests with `slow="ioctl"`, by their number on the host."""
