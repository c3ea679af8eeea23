"""ioctl(2) requests of sockets: interfaces by name (netdevice(7)) and time stamps.

A guest's struct ifreq has 32 bytes, the host's 40; what they hold is the same for most requests,
but SIOCGIFMAP has longs, SIOCETHTOOL a pointer, and SIOCGIFCONF an array of them. See net/core/
dev_ioctl.c and net/socket.c.
"""

from __future__ import annotations

from struct import pack, unpack, unpack_from

from run32.kernel import host
from run32.kernel.buf import addr, out, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
IFREQ, HOST_IFREQ = 32, 40
NAME = 16
SIOCGSTAMP = 0x8906
MAP, HOST_MAP = "<2IH3B3x", "<2QH3B3x"
"""struct ifmap: mem_start mem_end base_addr irq dma port."""
COUNT_MAX = 4096


def request(task: Task, fd: int, number: int, argument: int) -> int:
    """A request whose ifreq holds plain data."""
    block = task.mem.read(argument, IFREQ) + bytes(HOST_IFREQ - IFREQ)
    result = syscall(NR["ioctl"], fd, number, block)
    if result >= 0:
        task.mem.write(argument, block[:IFREQ])
    return result


def device_map(task: Task, fd: int, number: int, argument: int) -> int:
    """SIOCGIFMAP, SIOCSIFMAP."""
    data = task.mem.read(argument, IFREQ)
    block = data[:NAME] + pack(HOST_MAP, *unpack(MAP, data[NAME:]))
    result = syscall(NR["ioctl"], fd, number, block)
    if result >= 0:
        start, end, *rest = unpack(HOST_MAP, block[NAME:])
        fields = pack(MAP, start & 0xFFFFFFFF, end & 0xFFFFFFFF, *rest)
        task.mem.write(argument, block[:NAME] + fields)
    return result


def pointed(task: Task, fd: int, number: int, argument: int) -> int:
    """SIOCETHTOOL: the ifreq holds the address of a command that has one layout."""
    data = task.mem.read(argument, IFREQ)
    (where,) = unpack_from("<I", data, NAME)
    block = data[:NAME] + pack("<Q16x", task.mem.host_ptr(where, 4))
    return syscall(NR["ioctl"], fd, number, block)


def conf(task: Task, fd: int, number: int, argument: int) -> int:
    """SIOCGIFCONF: the addresses of all interfaces, or the room they take if there is no buffer."""
    mem = task.mem
    length, where = unpack("<iI", mem.read(argument, 8))
    count = COUNT_MAX if not where else max(min(length // IFREQ, COUNT_MAX), 0)
    raw = out(count * HOST_IFREQ)
    block = pack("<i4xQ", count * HOST_IFREQ, addr(raw) if where else 0)
    result = syscall(NR["ioctl"], fd, number, block)
    if result < 0:
        return result
    found = unpack_from("<i", block)[0] // HOST_IFREQ
    if where:
        parts = [raw[at : at + IFREQ] for at in range(0, found * HOST_IFREQ, HOST_IFREQ)]
        mem.write(where, b"".join(parts))
    mem.write(argument, pack("<i", found * IFREQ))
    return 0


def stamp(task: Task, fd: int, number: int, argument: int) -> int:
    """SIOCGSTAMP, SIOCGSTAMPNS with a 32-bit time."""
    raw = out(16)
    result = syscall(NR["ioctl"], fd, number, raw)
    if result >= 0:
        seconds, fraction = unpack_from("<2q", raw)
        task.mem.write(argument, pack("<2I", seconds & 0xFFFFFFFF, fraction))
    return result


REQUESTS = {
    0x8906: stamp,
    0x8907: stamp,
    0x8912: conf,
    0x8946: pointed,
    0x8970: device_map,
    0x8971: device_map,
}
"""Requests that are more than an ifreq with plain data."""


def convert(task: Task, fd: int, number: int, argument: int) -> int:
    """A request of this module by its number."""
    return REQUESTS.get(number, request)(task, fd, number, argument)
