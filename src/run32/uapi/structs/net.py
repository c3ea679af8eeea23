"""Interfaces, messages and socket options. Headers: linux/{if,if_arp,filter,in,socket}.h."""

from run32.spec.layout import (
    Char,
    Int,
    Pointer,
    Short,
    Size,
    Struct,
    UInt,
    ULong,
    Union,
    UShort,
)
from run32.uapi.structs.events import msghdr


class sockaddr(Struct, header=""):
    sa_family: UShort
    sa_data: Char[14]


class ifmap(Struct, header="linux/if.h"):
    mem_start: ULong
    mem_end: ULong
    base_addr: UShort
    irq: Char
    dma: Char
    port: Char


class ifreq_data(Union, cname="", header=""):
    ifr_addr: sockaddr
    ifr_flags: Short
    ifr_ivalue: Int
    ifr_map: ifmap
    ifr_newname: Char[16]
    ifr_data: Pointer


class ifreq(Struct, header=""):
    ifr_name: Char[16]
    ifr_ifru: ifreq_data


class ifconf(Struct, header=""):
    ifc_len: Int
    ifc_buf: Pointer


class arpreq(Struct, header="linux/if_arp.h"):
    arp_pa: sockaddr
    arp_ha: sockaddr
    arp_flags: Int
    arp_netmask: sockaddr
    arp_dev: Char[16]


class sock_fprog(Struct, header="linux/filter.h"):
    len: UShort
    filter: Pointer


class cmsghdr(Struct, cname="", header=""):
    cmsg_len: Size
    cmsg_level: Int
    cmsg_type: Int


class mmsghdr(Struct, cname="", header=""):
    msg_hdr: msghdr
    msg_len: UInt


class storage_data(Struct, cname="", header=""):
    ss_family: UShort
    data: Char[126]


class storage(Union, cname="", header=""):
    """128 bytes, aligned to a pointer."""

    parts: storage_data
    align: Pointer


class group_req(Struct, header="linux/in.h"):
    gr_interface: UInt
    gr_group: storage


class group_source_req(Struct, header="linux/in.h"):
    gsr_interface: UInt
    gsr_group: storage
    gsr_source: storage
