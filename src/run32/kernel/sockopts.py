"""Socket options: setsockopt(2), getsockopt(2).

An option reaches the host only if it is known here: its value is then the same on both sides
(`KNOWN`), or is converted (`SET`, `GET`). Everything else is ENOPROTOOPT, as an option that the
kernel does not know. What differs: times with a `long`, filters (a pointer), and multicast
requests, in which an address is aligned to a long. See net/core/sock.c, net/ipv4/ip_sockglue.c.

`uapi/consts/sockopts.py` has the names; `tests/kernel/test_sockets.py` compares the numbers.
"""

from __future__ import annotations

from struct import pack, unpack, unpack_from

from run32.kernel import host
from run32.kernel.buf import addr, out, syscall
from run32.kernel.errno import EFAULT, EINVAL, ENOPROTOOPT, EOPNOTSUPP
from run32.kernel.memory import Fault
from run32.kernel.sockets import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from run32.kernel.task import Task

    Setter = Callable[[Task, int, int], bytes]

NR = host.NR
SOL_SOCKET, SO_DOMAIN, SO_GET_FILTER = 1, 39, 26
SOL_IP, SOL_IPV6, SOL_VSOCK = 0, 41, 40
AF_UNIX, AF_INET = 1, 2
VALUE_MAX = 1 << 16
SPACE = 1 << 32


def numbers(*parts: int | range) -> frozenset[int]:
    """A set of numbers and ranges."""
    return frozenset(
        n for part in parts for n in (part if isinstance(part, range) else range(part, part + 1))
    )


KNOWN: dict[int, frozenset[int]] = {
    SOL_SOCKET: numbers(range(1, 20), 25, range(27, 51), range(52, 66), range(66, 84)),
    SOL_IP: numbers(range(1, 9), range(10, 16), range(18, 27), range(32, 42), range(49, 53), 80),
    6: numbers(range(1, 35), 36, 37),  # TCP
    17: numbers(1, range(100, 105)),  # UDP
    SOL_IPV6: numbers(range(1, 6), range(7, 34), 36, 37, range(49, 64), range(66, 83), 80),
    58: numbers(1),  # ICMPv6
    101: numbers(range(1, 8)),  # CAN_RAW
    136: numbers(10, 11),  # UDP-Lite
    255: numbers(1, 7),  # raw
    263: numbers(range(1, 22), 23, 24),  # packet
    270: numbers(range(1, 13)),  # netlink
    279: numbers(range(1, 7)),  # alg
    282: numbers(range(1, 5)),  # TLS
    SOL_VSOCK: numbers(range(0, 6), 8),
}
"""Options by level whose values have one layout."""


def _time_in(task: Task, value: int, length: int) -> bytes:
    """An old timeval."""
    if length < 8:
        raise OSError(EINVAL, "timeval")
    return pack("<2q", *unpack("<2i", task.mem.read(value, 8)))


def _filter_in(task: Task, value: int, length: int) -> bytes:
    """struct sock_fprog: a count and the address of 8-byte instructions."""
    if length != 8:
        raise OSError(EINVAL, "sock_fprog")
    count, code = unpack("<H2xI", task.mem.read(value, 8))
    return pack("<H6xQ", count, task.mem.host_ptr(code, 8 * count) if code else 0)


def _group_in(task: Task, value: int, length: int) -> bytes:
    """struct group_req: an interface and an address."""
    if length < 132:
        raise OSError(EINVAL, "group_req")
    data = task.mem.read(value, 132)
    return data[:4] + bytes(4) + data[4:]


def _source_in(task: Task, value: int, length: int) -> bytes:
    """struct group_source_req: an interface and two addresses."""
    if length < 260:
        raise OSError(EINVAL, "group_source_req")
    data = task.mem.read(value, 260)
    return data[:4] + bytes(4) + data[4:]


def _sources_in(task: Task, value: int, length: int) -> bytes:
    """struct group_filter: interface, address, mode, count, addresses."""
    if not 140 <= length <= VALUE_MAX:
        raise OSError(EINVAL, "group_filter")
    data = task.mem.read(value, length)
    return data[:4] + bytes(4) + data[4:]


SET: dict[tuple[int, int], Setter] = {
    (SOL_SOCKET, 20): _time_in,  # SO_RCVTIMEO_OLD
    (SOL_SOCKET, 21): _time_in,  # SO_SNDTIMEO_OLD
    (SOL_SOCKET, 26): _filter_in,  # SO_ATTACH_FILTER
    (SOL_SOCKET, 51): _filter_in,  # SO_ATTACH_REUSEPORT_CBPF
    (SOL_VSOCK, 6): _time_in,  # SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD
    **{(level, option): _group_in for level in (SOL_IP, SOL_IPV6) for option in (42, 45)},
    **{(level, option): _source_in for level in (SOL_IP, SOL_IPV6) for option in (43, 44, 46, 47)},
    (SOL_IP, 48): _sources_in,
    (SOL_IPV6, 48): _sources_in,
}
"""Options whose value becomes the host's (MCAST_JOIN_GROUP is 42)."""
TIMES = frozenset(((SOL_SOCKET, 20), (SOL_SOCKET, 21), (SOL_VSOCK, 6)))
FILTERS = frozenset(((SOL_IP, 48), (SOL_IPV6, 48)))


def _unknown(fd: int, level: int, is_get: bool) -> int:
    """The answer to an option that is not known: a local socket has no level but SOL_SOCKET."""
    domain = out(4)
    result = syscall(NR["getsockopt"], fd, SOL_SOCKET, SO_DOMAIN, domain, pack("<i", 4))
    if result < 0:
        return result
    (family,) = unpack_from("<i", domain)
    alien = family == AF_UNIX or (family == AF_INET and is_get and level not in KNOWN)
    return -EOPNOTSUPP if alien and level != SOL_SOCKET else -ENOPROTOOPT


def setsockopt(task: Task, fd: int, level: int, option: int, value: int, length: int) -> int:
    """setsockopt(2)."""
    convert = SET.get((level, option))
    if convert is None:
        if option not in KNOWN.get(level, ()):
            return _unknown(fd, level, False)
        where = task.mem.base + value if value else 0
        return syscall(NR["setsockopt"], fd, level, option, where, length)
    if length < 0:
        return refused(fd) or -EINVAL
    try:
        data = convert(task, value, length)
    except Fault:
        return refused(fd) or -EFAULT
    except OSError as error:
        return refused(fd) or -(error.errno or EINVAL)
    return syscall(NR["setsockopt"], fd, level, option, data, len(data))


def getsockopt(task: Task, fd: int, level: int, option: int, value: int, length: int) -> int:
    """getsockopt(2)."""
    if (level, option) in TIMES:
        return _get_time(task, fd, level, option, value, length)
    if (level, option) in FILTERS:
        return _get_sources(task, fd, level, value, length)
    if option not in KNOWN.get(level, ()) and (level, option) != (SOL_SOCKET, SO_GET_FILTER):
        return _unknown(fd, level, True)
    mem = task.mem
    where = mem.base + value if value else 0
    size = mem.host_ptr(length, 4) if length else 0
    return syscall(NR["getsockopt"], fd, level, option, where, size)


def _get_time(task: Task, fd: int, level: int, option: int, value: int, length: int) -> int:
    raw = out(16)
    result = syscall(NR["getsockopt"], fd, level, option, raw, pack("<i", 16))
    if result < 0:
        return result
    room = unpack("<i", task.mem.read(length, 4))[0]
    if room < 0:
        return -EINVAL
    seconds, micros = unpack_from("<2q", raw)
    data = pack("<2I", seconds & 0xFFFFFFFF, micros)[:room]
    task.mem.write(value, data)
    task.mem.write(length, pack("<i", len(data)))
    return 0


def _get_sources(task: Task, fd: int, level: int, value: int, length: int) -> int:
    """MCAST_MSFILTER: interface, address and count go in; mode and addresses come out."""
    try:
        room = unpack("<i", task.mem.read(length, 4))[0]
        if room < 140:
            return refused(fd) or -EINVAL
        head = task.mem.read(value, 140)
    except Fault:
        return refused(fd) or -EFAULT
    (count,) = unpack_from("<I", head, 136)
    fits = min(count, (room - 140) // 128, VALUE_MAX // 128)
    block = head[:4] + bytes(4) + head[4:136] + pack("<I", fits) + bytes(128 * fits)
    size = pack("<i", len(block))
    result = syscall(NR["getsockopt"], fd, level, 48, addr(block), size)
    if result >= 0:
        used = min(fits, unpack_from("<I", block, 140)[0])
        task.mem.write(value + 132, block[136 : 144 + 128 * used])
        task.mem.write(length, pack("<i", 140 + 128 * used))
    return result
