"""Constants of sockets and event descriptors.

Headers: linux/{socket,in,eventpoll,eventfd,timerfd,inotify,signalfd}.h, asm-generic/socket.h.
"""

from run32.spec.types import Enum, Flags


class Family(Enum):
    AF_UNSPEC = 0
    AF_UNIX = 1
    AF_INET = 2
    AF_INET6 = 10
    AF_NETLINK = 16
    AF_PACKET = 17
    AF_ALG = 38
    AF_VSOCK = 40


class SockType(Flags):
    FIELD = 0xF
    SOCK_STREAM = 1
    SOCK_DGRAM = 2
    SOCK_RAW = 3
    SOCK_RDM = 4
    SOCK_SEQPACKET = 5
    SOCK_DCCP = 6
    SOCK_PACKET = 10
    SOCK_NONBLOCK = 0o4000
    SOCK_CLOEXEC = 0o2000000


class AcceptFlags(Flags):
    SOCK_NONBLOCK = 0o4000
    SOCK_CLOEXEC = 0o2000000


class MsgFlags(Flags):
    MSG_OOB = 1
    MSG_PEEK = 2
    MSG_DONTROUTE = 4
    MSG_CTRUNC = 8
    MSG_TRUNC = 0x20
    MSG_DONTWAIT = 0x40
    MSG_EOR = 0x80
    MSG_WAITALL = 0x100
    MSG_CONFIRM = 0x800
    MSG_ERRQUEUE = 0x2000
    MSG_NOSIGNAL = 0x4000
    MSG_MORE = 0x8000
    MSG_WAITFORONE = 0x10000
    MSG_ZEROCOPY = 0x4000000
    MSG_FASTOPEN = 0x20000000
    MSG_CMSG_CLOEXEC = 0x40000000


class Shutdown(Enum):
    SHUT_RD = 0
    SHUT_WR = 1
    SHUT_RDWR = 2


class SockLevel(Enum):
    SOL_IP = 0
    SOL_SOCKET = 1
    SOL_TCP = 6
    SOL_UDP = 17
    SOL_IPV6 = 41
    SOL_NETLINK = 270


class EpollOp(Enum):
    EPOLL_CTL_ADD = 1
    EPOLL_CTL_DEL = 2
    EPOLL_CTL_MOD = 3


class EpollFlags(Flags):
    EPOLL_CLOEXEC = 0o2000000


class EventfdFlags(Flags):
    EFD_SEMAPHORE = 1
    EFD_NONBLOCK = 0o4000
    EFD_CLOEXEC = 0o2000000


class TimerfdFlags(Flags):
    TFD_NONBLOCK = 0o4000
    TFD_CLOEXEC = 0o2000000


class TimerfdSetFlags(Flags):
    TFD_TIMER_ABSTIME = 1
    TFD_TIMER_CANCEL_ON_SET = 2


class InotifyFlags(Flags):
    IN_NONBLOCK = 0o4000
    IN_CLOEXEC = 0o2000000
