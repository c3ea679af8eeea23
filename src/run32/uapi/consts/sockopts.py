"""Names of socket options by level: socket(7), packet(7), netlink(7); see also `consts.ipopts`.

`kernel.sockopts` lets those through whose values have one layout, converts some, and leaves out
`LEFT_OUT`: an address inside, or data that is laid out by the caller's word size.
"""

from run32.spec.types import Enum
from run32.uapi.consts.ipopts import IpOption, Ipv6Option, TcpOption, UdpOption


class SocketOption(Enum):
    """SOL_SOCKET: asm-generic/socket.h."""

    SO_DEBUG = 1
    SO_REUSEADDR = 2
    SO_TYPE = 3
    SO_ERROR = 4
    SO_DONTROUTE = 5
    SO_BROADCAST = 6
    SO_SNDBUF = 7
    SO_RCVBUF = 8
    SO_KEEPALIVE = 9
    SO_OOBINLINE = 10
    SO_NO_CHECK = 11
    SO_PRIORITY = 12
    SO_LINGER = 13
    SO_BSDCOMPAT = 14
    SO_REUSEPORT = 15
    SO_PASSCRED = 16
    SO_PEERCRED = 17
    SO_RCVLOWAT = 18
    SO_SNDLOWAT = 19
    SO_RCVTIMEO_OLD = 20
    SO_SNDTIMEO_OLD = 21
    SO_BINDTODEVICE = 25
    SO_ATTACH_FILTER = 26
    SO_DETACH_FILTER = 27
    SO_TIMESTAMP_OLD = 29
    SO_ACCEPTCONN = 30
    SO_PEERSEC = 31
    SO_SNDBUFFORCE = 32
    SO_RCVBUFFORCE = 33
    SO_PASSSEC = 34
    SO_TIMESTAMPNS_OLD = 35
    SO_MARK = 36
    SO_TIMESTAMPING_OLD = 37
    SO_PROTOCOL = 38
    SO_DOMAIN = 39
    SO_RXQ_OVFL = 40
    SO_WIFI_STATUS = 41
    SO_PEEK_OFF = 42
    SO_NOFCS = 43
    SO_LOCK_FILTER = 44
    SO_BUSY_POLL = 46
    SO_MAX_PACING_RATE = 47
    SO_BPF_EXTENSIONS = 48
    SO_INCOMING_CPU = 49
    SO_ATTACH_BPF = 50
    SO_ATTACH_REUSEPORT_CBPF = 51
    SO_ATTACH_REUSEPORT_EBPF = 52
    SO_CNX_ADVICE = 53
    SO_MEMINFO = 55
    SO_INCOMING_NAPI_ID = 56
    SO_COOKIE = 57
    SO_PEERGROUPS = 59
    SO_ZEROCOPY = 60
    SO_TXTIME = 61
    SO_BINDTOIFINDEX = 62
    SO_TIMESTAMP_NEW = 63
    SO_TIMESTAMPNS_NEW = 64
    SO_TIMESTAMPING_NEW = 65
    SO_RCVTIMEO_NEW = 66
    SO_SNDTIMEO_NEW = 67
    SO_DETACH_REUSEPORT_BPF = 68
    SO_PREFER_BUSY_POLL = 69
    SO_BUSY_POLL_BUDGET = 70
    SO_NETNS_COOKIE = 71
    SO_BUF_LOCK = 72
    SO_RESERVE_MEM = 73
    SO_TXREHASH = 74
    SO_RCVMARK = 75


class PacketOption(Enum):
    """SOL_PACKET: linux/if_packet.h."""

    PACKET_ADD_MEMBERSHIP = 1
    PACKET_DROP_MEMBERSHIP = 2
    PACKET_RECV_OUTPUT = 3
    PACKET_RX_RING = 5
    PACKET_STATISTICS = 6
    PACKET_COPY_THRESH = 7
    PACKET_AUXDATA = 8
    PACKET_ORIGDEV = 9
    PACKET_VERSION = 10
    PACKET_HDRLEN = 11
    PACKET_RESERVE = 12
    PACKET_TX_RING = 13
    PACKET_LOSS = 14
    PACKET_VNET_HDR = 15
    PACKET_TX_TIMESTAMP = 16
    PACKET_TIMESTAMP = 17
    PACKET_FANOUT = 18
    PACKET_TX_HAS_OFF = 19
    PACKET_QDISC_BYPASS = 20
    PACKET_ROLLOVER_STATS = 21
    PACKET_FANOUT_DATA = 22
    PACKET_IGNORE_OUTGOING = 23


class NetlinkOption(Enum):
    """SOL_NETLINK: linux/netlink.h."""

    NETLINK_ADD_MEMBERSHIP = 1
    NETLINK_DROP_MEMBERSHIP = 2
    NETLINK_PKTINFO = 3
    NETLINK_BROADCAST_ERROR = 4
    NETLINK_NO_ENOBUFS = 5
    NETLINK_RX_RING = 6
    NETLINK_TX_RING = 7
    NETLINK_LISTEN_ALL_NSID = 8
    NETLINK_LIST_MEMBERSHIPS = 9
    NETLINK_CAP_ACK = 10
    NETLINK_EXT_ACK = 11
    NETLINK_GET_STRICT_CHK = 12


LEVELS: dict[int, type[Enum]] = {
    1: SocketOption,
    0: IpOption,
    6: TcpOption,
    17: UdpOption,
    41: Ipv6Option,
    263: PacketOption,
    270: NetlinkOption,
}

LEFT_OUT = {
    0: {9, 16, 17},  # control messages, and policies with 64-bit fields
    6: {35},  # TCP_ZEROCOPY_RECEIVE: an address to map pages at
    41: {6, 34, 35},
    263: {22},  # PACKET_FANOUT_DATA: a filter or a descriptor
}
"""Options that are not let through, by level."""
