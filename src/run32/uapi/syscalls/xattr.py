"""Extended attributes. Names and values are bytes; only the paths need us."""

from run32.spec.layout import Size
from run32.spec.syscalls import syscall
from run32.spec.types import Count, Fd, InBuf, OutBuf, Path, Str, Zero
from run32.uapi.consts.files import XattrFlags


@syscall(arm=226, i386=226, man="setxattr(2)", slow="xattr")
def setxattr(path: Path, name: Str, value: InBuf, size: Size, flags: XattrFlags) -> Zero: ...


@syscall(arm=227, i386=227, man="lsetxattr(2)", slow="xattr")
def lsetxattr(path: Path, name: Str, value: InBuf, size: Size, flags: XattrFlags) -> Zero: ...


@syscall(arm=228, i386=228, man="fsetxattr(2)")
def fsetxattr(fd: Fd, name: Str, value: InBuf, size: Size, flags: XattrFlags) -> Zero: ...


@syscall(arm=229, i386=229, man="getxattr(2)", slow="xattr")
def getxattr(path: Path, name: Str, value: OutBuf, size: Size) -> Count: ...


@syscall(arm=230, i386=230, man="lgetxattr(2)", slow="xattr")
def lgetxattr(path: Path, name: Str, value: OutBuf, size: Size) -> Count: ...


@syscall(arm=231, i386=231, man="fgetxattr(2)")
def fgetxattr(fd: Fd, name: Str, value: OutBuf, size: Size) -> Count: ...


@syscall(arm=232, i386=232, man="listxattr(2)", slow="xattr")
def listxattr(path: Path, names: OutBuf, size: Size) -> Count: ...


@syscall(arm=233, i386=233, man="llistxattr(2)", slow="xattr")
def llistxattr(path: Path, names: OutBuf, size: Size) -> Count: ...


@syscall(arm=234, i386=234, man="flistxattr(2)")
def flistxattr(fd: Fd, names: OutBuf, size: Size) -> Count: ...


@syscall(arm=235, i386=235, man="removexattr(2)", slow="xattr")
def removexattr(path: Path, name: Str) -> Zero: ...


@syscall(arm=236, i386=236, man="lremovexattr(2)", slow="xattr")
def lremovexattr(path: Path, name: Str) -> Zero: ...


@syscall(arm=237, i386=237, man="fremovexattr(2)")
def fremovexattr(fd: Fd, name: Str) -> Zero: ...
