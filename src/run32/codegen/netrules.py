"""The hand-written parts of thunks for sockets: addresses and message headers.

Python takes over (FALLBACK) where an address is a path (AF_UNIX) and where a message has control
data; `kernel/sockets.py` and `kernel/msgs.py` say why.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.codegen.thunks import EINVAL, Thunk
from run32.spec.layout import layout
from run32.spec.syscalls import FALLBACK
from run32.uapi.structs.events import msghdr

AF_UNIX = 1
SOL_SOCKET, SO_DOMAIN = 1, 39
ADDRESS = 128
MSG_CMSG_COMPAT = 1 << 31


def decline_paths(k: Thunk, address: str, length: str) -> None:
    """Leave an AF_UNIX address that may be a path (i32 address and length) to the slow path."""
    given = k.emit(f"icmp ne i32 {address}, 0")
    long = k.emit(f"icmp sgt i32 {length}, 2")

    def look() -> None:
        family = k.load(k.guest(address), 0, 2)
        k.ret_if(k.emit(f"icmp eq i16 {family}, {AF_UNIX}"), FALLBACK)

    k.when(k.emit(f"and i1 {given}, {long}"), look)


def decline_local(k: Thunk, address: str) -> None:
    """Leave a peer's name to the slow path if it may be a path: where the guest wants it (i32
    address) and the socket is AF_UNIX."""
    given = k.emit(f"icmp ne i32 {address}, 0")
    domain, size = k.alloca(4), k.alloca(4)

    def look() -> None:
        k.store(str(0), domain, 0, 4)
        k.store(str(4), size, 0, 4)
        fd = k.scalar(k.row.args[0].ctype, k.raw["fd"])
        k.call("getsockopt", fd, SOL_SOCKET, SO_DOMAIN, k.address(domain), k.address(size))
        k.ret_if(k.emit(f"icmp eq i32 {k.load(domain, 0, 4)}, {AF_UNIX}"), FALLBACK)

    k.when(given, look)


def peer(k: Thunk) -> None:
    """accept, recvfrom: an address comes out."""
    decline_local(k, k.raw["address"])
    k.do(f"ret i64 {k.call(k.row.host, *k.host_arguments())}")


def address(k: Thunk) -> None:
    """sendto: an address goes in."""
    decline_paths(k, k.raw["address"], k.raw["address_length"])
    k.do(f"ret i64 {k.call(k.row.host, *k.host_arguments())}")


def sockname(k: Thunk) -> None:
    """getsockname, getpeername: an address comes out, by way of a buffer of ours."""
    buffer, size = k.alloca(ADDRESS), k.alloca(4)
    k.store(str(ADDRESS), size, 0, 4)
    fd = k.scalar(k.row.args[0].ctype, k.raw["fd"])
    result = k.call(k.row.host, fd, k.address(buffer), k.address(size))
    k.ret_if(k.emit(f"icmp ne i64 {result}, 0"), result)
    used = k.load(size, 0, 4)
    unix = k.emit(f"icmp eq i16 {k.load(buffer, 0, 2)}, {AF_UNIX}")
    named = k.emit(f"icmp ugt i32 {used}, 2")
    k.ret_if(k.emit(f"and i1 {unix}, {named}"), FALLBACK)
    length = k.guest(k.raw["length"])
    room = k.load(length, 0, 4)
    k.ret_if(k.emit(f"icmp slt i32 {room}, 0"), -EINVAL)
    less = k.emit(f"icmp ult i32 {room}, {used}")
    count = k.emit(f"zext i32 {k.emit(f'select i1 {less}, i32 {room}, i32 {used}')} to i64")
    target = k.guest(k.raw["address"])

    def byte(i: str) -> None:
        value = k.load(k.emit(f"getelementptr i8, ptr {buffer}, i64 {i}"), 0, 1)
        k.store(value, k.emit(f"getelementptr i8, ptr {target}, i64 {i}"), 0, 1)

    k.loop(count, byte)
    k.store(used, length, 0, 4)
    k.do("ret i64 0")


def header(k: Thunk, sends: bool) -> tuple[str, str, str]:
    """The host's msghdr of a message without control data: (buffer, guest's ptr, its name)."""
    at = {field.name: field.offset for field in layout(msghdr, k.abi).fields}
    to = {field.name: field.offset for field in layout(msghdr, k.host).fields}
    message = k.guest(k.raw["message"])
    controls = k.load(message, at["msg_controllen"], 4)
    k.ret_if(k.emit(f"icmp ne i32 {controls}, 0"), FALLBACK)
    name, length = k.load(message, at["msg_name"], 4), k.load(message, at["msg_namelen"], 4)
    if sends:
        decline_paths(k, name, length)
    else:
        decline_local(k, name)
    buffer = k.alloca(layout(msghdr, k.host).size)
    count = k.emit(f"zext i32 {k.load(message, at['msg_iovlen'], 4)} to i64")
    iov = k.vectors(k.load(message, at["msg_iov"], 4), count)
    k.store(k.pointer(name), buffer, to["msg_name"], 8)
    k.store(k.emit(f"zext i32 {length} to i64"), buffer, to["msg_namelen"], 8)
    k.store(iov, buffer, to["msg_iov"], 8)
    k.store(count, buffer, to["msg_iovlen"], 8)
    for field in ("msg_control", "msg_controllen", "msg_flags"):
        k.store("0", buffer, to[field], 8)
    return buffer, message, name


def transfer(k: Thunk, buffer: str) -> str:
    """The call itself; the flag that marks a 32-bit caller is the kernel's own."""
    fd = k.scalar(k.row.args[0].ctype, k.raw["fd"])
    flags = k.emit(f"zext i32 {k.raw['flags']} to i64")
    flags = k.emit(f"and i64 {flags}, {0xFFFFFFFF & ~MSG_CMSG_COMPAT}")
    return k.call(k.row.host, fd, k.address(buffer), flags)


def sendmsg(k: Thunk) -> None:
    """sendmsg without control data."""
    buffer, _, _ = header(k, True)
    k.do(f"ret i64 {transfer(k, buffer)}")


def recvmsg(k: Thunk) -> None:
    """recvmsg without room for control data: flags and the name's length come back."""
    at = {field.name: field.offset for field in layout(msghdr, k.abi).fields}
    to = {field.name: field.offset for field in layout(msghdr, k.host).fields}
    buffer, message, name = header(k, False)
    result = transfer(k, buffer)

    def give_back() -> None:
        def length() -> None:
            value = k.load(buffer, to["msg_namelen"], 4)
            k.store(value, message, at["msg_namelen"], 4)

        k.when(k.emit(f"icmp ne i32 {name}, 0"), length)
        k.store("0", message, at["msg_controllen"], 4)
        k.store(k.load(buffer, to["msg_flags"], 4), message, at["msg_flags"], 4)

    k.when(k.is_success(result), give_back)
    k.do(f"ret i64 {result}")


RULES: dict[str, Callable[[Thunk], None]] = {
    rule.__name__: rule for rule in (address, peer, sockname, sendmsg, recvmsg)
}
