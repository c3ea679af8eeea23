"""poll, epoll and sockets. Headers: asm-generic/poll.h, linux/eventpoll.h, linux/socket.h."""

from run32.spec.layout import U32, U64, Int, Pointer, Short, Size, Struct, UInt


class pollfd(Struct, header="asm/poll.h"):
    fd: Int
    events: Short
    revents: Short


class epoll_event(Struct, packed=("x86_64",), header="linux/eventpoll.h"):
    """16 bytes on arm, 12 on i386 (u64 aligned to 4) and on x86-64 (packed)."""

    events: U32
    data: U64


class msghdr(Struct, cname="", header=""):
    msg_name: Pointer
    msg_namelen: Int
    msg_iov: Pointer
    msg_iovlen: Size
    msg_control: Pointer
    msg_controllen: Size
    msg_flags: UInt
