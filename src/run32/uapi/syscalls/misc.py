"""The machine as a whole: names, counters, random bytes, capabilities, administration."""

from run32.spec.layout import Int, Size, UInt
from run32.spec.syscalls import PLANNED, syscall
from run32.spec.types import (
    Addr,
    Count,
    Dev,
    DirFd,
    Fd,
    InBuf,
    InOut,
    Out,
    OutBuf,
    Path,
    Ptr,
    Str,
    Zero,
)
from run32.uapi.consts.files import AtFlags, OpenFlags
from run32.uapi.consts.process import GetrandomFlags
from run32.uapi.structs.process import cap_header, new_utsname
from run32.uapi.structs.process import sysinfo as sysinfo_buf

PATHS = "the paths in this call are not looked up yet"


@syscall(arm=122, i386=122, man="uname(2)", slow="misc")
def uname(buf: Out[new_utsname]) -> Zero: ...


@syscall(arm=116, i386=116, man="sysinfo(2)", slow="misc")
def sysinfo(info: Out[sysinfo_buf]) -> Zero:
    """Sizes are scaled by mem_unit until they fit 32 bits."""


@syscall(arm=384, i386=355, man="getrandom(2)")
def getrandom(buf: OutBuf, count: Size, flags: GetrandomFlags) -> Count: ...


@syscall(arm=74, i386=74, man="sethostname(2)")
def sethostname(name: InBuf, length: Int) -> Zero: ...


@syscall(arm=121, i386=121, man="setdomainname(2)")
def setdomainname(name: InBuf, length: Int) -> Zero: ...


@syscall(arm=184, i386=184, man="capget(2)")
def capget(header: InOut[cap_header], data: Ptr) -> Zero: ...


@syscall(arm=185, i386=185, man="capset(2)")
def capset(header: InOut[cap_header], data: Ptr) -> Zero: ...


@syscall(arm=103, i386=103, man="syslog(2)")
def syslog(kind: Int, buf: OutBuf, length: Int) -> Count: ...


@syscall(arm=88, i386=88, man="reboot(2)")
def reboot(magic1: UInt, magic2: UInt, cmd: UInt, arg: Str) -> Zero: ...


@syscall(arm=111, i386=111, man="vhangup(2)")
def vhangup() -> Zero: ...


@syscall(arm=135, i386=135, man="sysfs(2)", status=PLANNED, note="no 64-bit AArch64 call to use")
def sysfs(option: Int, arg1: Addr, arg2: Addr) -> Int: ...


@syscall(arm=62, i386=62, man="ustat(2)", status=PLANNED, note="no 64-bit AArch64 call to use")
def ustat(dev: Dev, buf: Addr) -> Zero: ...


@syscall(arm=51, i386=51, man="acct(2)", status=PLANNED, note=PATHS)
def acct(path: Path) -> Zero: ...


@syscall(arm=87, i386=87, man="swapon(2)", status=PLANNED, note=PATHS)
def swapon(path: Path, flags: Int) -> Zero: ...


@syscall(arm=115, i386=115, man="swapoff(2)", status=PLANNED, note=PATHS)
def swapoff(path: Path) -> Zero: ...


@syscall(arm=131, i386=131, man="quotactl(2)", status=PLANNED, note=PATHS)
def quotactl(cmd: UInt, special: Path, id_: Int, address: Addr) -> Zero: ...


@syscall(arm=443, i386=443, man="quotactl(2)", status=PLANNED, note="dqblk is not converted yet")
def quotactl_fd(fd: Fd, cmd: UInt, id_: Int, address: Addr) -> Zero: ...


@syscall(arm=370, i386=341, man="name_to_handle_at(2)", slow="stats")
def name_to_handle_at(
    dirfd: DirFd, path: Path, handle: Ptr, mount: Out[Int], flags: AtFlags
) -> Zero: ...


@syscall(arm=371, i386=342, man="open_by_handle_at(2)", status=PLANNED, note=PATHS)
def open_by_handle_at(mountfd: Fd, handle: Ptr, flags: OpenFlags) -> Fd: ...


@syscall(arm=444, i386=444, man="landlock_create_ruleset(2)")
def landlock_create_ruleset(attr: InBuf, size: Size, flags: UInt) -> Fd: ...


@syscall(arm=445, i386=445, man="landlock_add_rule(2)")
def landlock_add_rule(fd: Fd, kind: Int, attr: Ptr, flags: UInt) -> Zero: ...


@syscall(arm=446, i386=446, man="landlock_restrict_self(2)", status=PLANNED, note=PATHS)
def landlock_restrict_self(fd: Fd, flags: UInt) -> Zero:
    """Would also bind run32's own lookups below the root directory."""
