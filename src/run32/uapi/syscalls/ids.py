"""User and group ids. The 16-bit calls show 65534 for an id that does not fit.

Setting ids is a slow path: what run32 may still have to import must be in memory before.
"""

from run32.spec.layout import Int
from run32.spec.syscalls import syscall
from run32.spec.types import Count, Gid, Gid16, Out, Ptr, Uid, Uid16, Zero


@syscall(arm=24, i386=24, man="getuid(2)", slow="ids")
def getuid() -> Uid16: ...


@syscall(arm=47, i386=47, man="getgid(2)", slow="ids")
def getgid() -> Gid16: ...


@syscall(arm=49, i386=49, man="geteuid(2)", slow="ids")
def geteuid() -> Uid16: ...


@syscall(arm=50, i386=50, man="getegid(2)", slow="ids")
def getegid() -> Gid16: ...


@syscall(arm=199, i386=199, man="getuid(2)", host="getuid")
def getuid32() -> Uid: ...


@syscall(arm=200, i386=200, man="getgid(2)", host="getgid")
def getgid32() -> Gid: ...


@syscall(arm=201, i386=201, man="geteuid(2)", host="geteuid")
def geteuid32() -> Uid: ...


@syscall(arm=202, i386=202, man="getegid(2)", host="getegid")
def getegid32() -> Gid: ...


@syscall(arm=209, i386=209, man="getresuid(2)", host="getresuid")
def getresuid32(real: Out[Uid], effective: Out[Uid], saved: Out[Uid]) -> Zero: ...


@syscall(arm=211, i386=211, man="getresgid(2)", host="getresgid")
def getresgid32(real: Out[Gid], effective: Out[Gid], saved: Out[Gid]) -> Zero: ...


@syscall(arm=205, i386=205, man="getgroups(2)", host="getgroups")
def getgroups32(size: Int, groups: Ptr) -> Count: ...


@syscall(arm=165, i386=165, man="getresuid(2)", slow="ids")
def getresuid(real: Out[Uid16], effective: Out[Uid16], saved: Out[Uid16]) -> Zero: ...


@syscall(arm=171, i386=171, man="getresgid(2)", slow="ids")
def getresgid(real: Out[Gid16], effective: Out[Gid16], saved: Out[Gid16]) -> Zero: ...


@syscall(arm=80, i386=80, man="getgroups(2)", slow="ids")
def getgroups(size: Int, groups: Ptr) -> Count: ...


@syscall(arm=81, i386=81, man="setgroups(2)", slow="ids")
def setgroups(size: Int, groups: Ptr) -> Zero: ...


@syscall(arm=206, i386=206, man="setgroups(2)", slow="ids")
def setgroups32(size: Int, groups: Ptr) -> Zero: ...


@syscall(arm=23, i386=23, man="setuid(2)", slow="ids")
def setuid(id_: Uid16) -> Zero: ...


@syscall(arm=213, i386=213, man="setuid(2)", slow="ids")
def setuid32(id_: Uid) -> Zero: ...


@syscall(arm=46, i386=46, man="setgid(2)", slow="ids")
def setgid(id_: Gid16) -> Zero: ...


@syscall(arm=214, i386=214, man="setgid(2)", slow="ids")
def setgid32(id_: Gid) -> Zero: ...


@syscall(arm=70, i386=70, man="setreuid(2)", slow="ids")
def setreuid(real: Uid16, effective: Uid16) -> Zero: ...


@syscall(arm=203, i386=203, man="setreuid(2)", slow="ids")
def setreuid32(real: Uid, effective: Uid) -> Zero: ...


@syscall(arm=71, i386=71, man="setregid(2)", slow="ids")
def setregid(real: Gid16, effective: Gid16) -> Zero: ...


@syscall(arm=204, i386=204, man="setregid(2)", slow="ids")
def setregid32(real: Gid, effective: Gid) -> Zero: ...


@syscall(arm=164, i386=164, man="setresuid(2)", slow="ids")
def setresuid(real: Uid16, effective: Uid16, saved: Uid16) -> Zero: ...


@syscall(arm=208, i386=208, man="setresuid(2)", slow="ids")
def setresuid32(real: Uid, effective: Uid, saved: Uid) -> Zero: ...


@syscall(arm=170, i386=170, man="setresgid(2)", slow="ids")
def setresgid(real: Gid16, effective: Gid16, saved: Gid16) -> Zero: ...


@syscall(arm=210, i386=210, man="setresgid(2)", slow="ids")
def setresgid32(real: Gid, effective: Gid, saved: Gid) -> Zero: ...


@syscall(arm=138, i386=138, man="setfsuid(2)", slow="ids")
def setfsuid(id_: Uid16) -> Uid: ...


@syscall(arm=215, i386=215, man="setfsuid(2)", slow="ids")
def setfsuid32(id_: Uid) -> Uid: ...


@syscall(arm=139, i386=139, man="setfsgid(2)", slow="ids")
def setfsgid(id_: Gid16) -> Gid: ...


@syscall(arm=216, i386=216, man="setfsgid(2)", slow="ids")
def setfsgid32(id_: Gid) -> Gid: ...
