"""Numbers that keep their place in the tables but that Linux itself answers with ENOSYS."""

from run32.spec.layout import Int, Long, Size, ULong
from run32.spec.syscalls import ABSENT, syscall
from run32.spec.types import Addr, Count, Off64, OutBuf, Path, Zero

GONE = "removed from Linux"


@syscall(arm=86, i386=86, man="uselib(2)", status=ABSENT, note=GONE)
def uselib(path: Path) -> Zero: ...


@syscall(arm=134, i386=134, man="bdflush(2)", status=ABSENT, note=GONE)
def bdflush(function: Int, data: Addr) -> Zero: ...


@syscall(arm=149, i386=149, man="_sysctl(2)", status=ABSENT, note=GONE)
def _sysctl(args: Addr) -> Zero: ...


@syscall(arm=169, i386=169, man="nfsservctl(2)", status=ABSENT, note=GONE)
def nfsservctl(cmd: Int, argument: Addr, result: Addr) -> Zero: ...


@syscall(arm=249, i386=253, man="lookup_dcookie(2)", status=ABSENT, note=GONE)
def lookup_dcookie(cookie: Off64, buf: OutBuf, length: Size) -> Count: ...


@syscall(arm=313, i386=273, man="vserver(2)", status=ABSENT, note="never implemented")
def vserver() -> Zero: ...


@syscall(arm=271, man="pciconfig_iobase(2)", status=ABSENT, note="only on one old machine")
def pciconfig_iobase(which: Long, bus: ULong, function: ULong) -> Int: ...


@syscall(arm=272, man="pciconfig_read(2)", status=ABSENT, note="only on one old machine")
def pciconfig_read(
    bus: ULong, function: ULong, offset: ULong, length: ULong, buf: Addr
) -> Zero: ...


@syscall(arm=273, man="pciconfig_write(2)", status=ABSENT, note="only on one old machine")
def pciconfig_write(
    bus: ULong, function: ULong, offset: ULong, length: ULong, buf: Addr
) -> Zero: ...
