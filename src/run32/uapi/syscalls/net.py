"""Sockets. Addresses have one layout everywhere; messages and some options do not.

AF_UNIX addresses may be paths, which the root directory translates: those are left to Python.
"""

from run32.spec.layout import Int, Size, UInt
from run32.spec.syscalls import syscall
from run32.spec.types import Addr, Count, Fd, In, InBuf, InOut, Out, OutBuf, Ptr, Zero
from run32.uapi.consts.net import AcceptFlags, Family, MsgFlags, Shutdown, SockLevel, SockType
from run32.uapi.structs.time import timespec, timespec64


@syscall(arm=281, i386=359, man="socket(2)")
def socket(family: Family, kind: SockType, protocol: Int) -> Fd: ...


@syscall(arm=288, i386=360, man="socketpair(2)")
def socketpair(family: Family, kind: SockType, protocol: Int, pair: Out[Int[2]]) -> Zero: ...


@syscall(arm=282, i386=361, man="bind(2)", slow="sockets")
def bind(fd: Fd, address: InBuf, length: Int) -> Zero: ...


@syscall(arm=283, i386=362, man="connect(2)", slow="sockets")
def connect(fd: Fd, address: InBuf, length: Int) -> Zero: ...


@syscall(arm=284, i386=363, man="listen(2)")
def listen(fd: Fd, backlog: Int) -> Zero: ...


@syscall(arm=285, man="accept(2)", slow="sockets", fast=True, rule="peer")
def accept(fd: Fd, address: Ptr, length: InOut[Int]) -> Fd: ...


@syscall(arm=366, i386=364, man="accept4(2)", slow="sockets", fast=True, rule="peer")
def accept4(fd: Fd, address: Ptr, length: InOut[Int], flags: AcceptFlags) -> Fd: ...


@syscall(arm=286, i386=367, man="getsockname(2)", slow="sockets", fast=True, rule="sockname")
def getsockname(fd: Fd, address: Ptr, length: InOut[Int]) -> Zero: ...


@syscall(arm=287, i386=368, man="getpeername(2)", slow="sockets", fast=True, rule="sockname")
def getpeername(fd: Fd, address: Ptr, length: InOut[Int]) -> Zero: ...


@syscall(arm=289, man="send(2)", host="sendto", order="fd buf length flags 0 0")
def send(fd: Fd, buf: InBuf, length: Size, flags: MsgFlags) -> Count: ...


@syscall(arm=290, i386=369, man="sendto(2)", slow="sockets", fast=True, rule="address")
def sendto(
    fd: Fd, buf: InBuf, length: Size, flags: MsgFlags, address: InBuf, address_length: Int
) -> Count: ...


@syscall(arm=291, man="recv(2)", host="recvfrom", order="fd buf length flags 0 0")
def recv(fd: Fd, buf: OutBuf, length: Size, flags: MsgFlags) -> Count: ...


@syscall(arm=292, i386=371, man="recvfrom(2)", slow="sockets", fast=True, rule="peer")
def recvfrom(
    fd: Fd, buf: OutBuf, length: Size, flags: MsgFlags, address: Ptr, address_length: InOut[Int]
) -> Count: ...


@syscall(arm=293, i386=373, man="shutdown(2)")
def shutdown(fd: Fd, how: Shutdown) -> Zero: ...


@syscall(arm=294, i386=366, man="setsockopt(2)", slow="sockopts")
def setsockopt(fd: Fd, level: SockLevel, option: Int, value: InBuf, length: Int) -> Zero: ...


@syscall(arm=295, i386=365, man="getsockopt(2)", slow="sockopts")
def getsockopt(fd: Fd, level: SockLevel, option: Int, value: Ptr, length: InOut[Int]) -> Zero: ...


@syscall(arm=296, i386=370, man="sendmsg(2)", slow="msgs", fast=True, rule="sendmsg")
def sendmsg(fd: Fd, message: Addr, flags: MsgFlags) -> Count: ...


@syscall(arm=297, i386=372, man="recvmsg(2)", slow="msgs", fast=True, rule="recvmsg")
def recvmsg(fd: Fd, message: Addr, flags: MsgFlags) -> Count: ...


@syscall(arm=374, i386=345, man="sendmmsg(2)", slow="msgs")
def sendmmsg(fd: Fd, messages: Addr, count: UInt, flags: MsgFlags) -> Count: ...


@syscall(arm=365, i386=337, man="recvmmsg(2)", slow="msgs")
def recvmmsg(
    fd: Fd, messages: Addr, count: UInt, flags: MsgFlags, timeout: In[timespec]
) -> Count: ...


@syscall(arm=417, i386=417, man="recvmmsg(2)", slow="msgs")
def recvmmsg_time64(
    fd: Fd, messages: Addr, count: UInt, flags: MsgFlags, timeout: In[timespec64]
) -> Count: ...
