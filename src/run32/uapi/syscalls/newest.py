"""Calls of Linux 6.6 and later that nothing in wide use depends on yet."""

from run32.spec.layout import Int, Size, UInt, ULong
from run32.spec.syscalls import ABSENT, PLANNED, syscall
from run32.spec.types import Addr, Count, DirFd, InBuf, InOut, OutBuf, Path, Ptr, Str, Zero
from run32.uapi.consts.files import AtFlags

NEW = "newer than what programs use; they fall back when it is absent"


@syscall(arm=453, i386=453, man="map_shadow_stack(2)", status=ABSENT, note="a 64-bit x86 facility")
def map_shadow_stack(address: Addr, size: ULong, flags: UInt) -> Addr: ...


@syscall(arm=459, i386=459, man="lsm_get_self_attr(2)", status=PLANNED, note=NEW)
def lsm_get_self_attr(attr: UInt, context: Ptr, size: InOut[UInt], flags: UInt) -> Int: ...


@syscall(arm=460, i386=460, man="lsm_set_self_attr(2)", status=PLANNED, note=NEW)
def lsm_set_self_attr(attr: UInt, context: InBuf, size: UInt, flags: UInt) -> Int: ...


@syscall(arm=461, i386=461, man="lsm_list_modules(2)", status=PLANNED, note=NEW)
def lsm_list_modules(ids: Ptr, size: InOut[UInt], flags: UInt) -> Int: ...


@syscall(arm=462, i386=462, man="mseal(2)", status=PLANNED, note=NEW)
def mseal(address: Addr, length: Size, flags: ULong) -> Zero: ...


@syscall(arm=463, i386=463, man="setxattrat(2)", status=PLANNED, note=NEW)
def setxattrat(
    dirfd: DirFd, path: Path, flags: AtFlags, name: Str, args: InBuf, size: Size
) -> Zero: ...


@syscall(arm=464, i386=464, man="getxattrat(2)", status=PLANNED, note=NEW)
def getxattrat(
    dirfd: DirFd, path: Path, flags: AtFlags, name: Str, args: InBuf, size: Size
) -> Count: ...


@syscall(arm=465, i386=465, man="listxattrat(2)", status=PLANNED, note=NEW)
def listxattrat(dirfd: DirFd, path: Path, flags: AtFlags, names: OutBuf, size: Size) -> Count: ...


@syscall(arm=466, i386=466, man="removexattrat(2)", status=PLANNED, note=NEW)
def removexattrat(dirfd: DirFd, path: Path, flags: AtFlags, name: Str) -> Zero: ...
