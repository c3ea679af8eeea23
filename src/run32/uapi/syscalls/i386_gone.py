"""i386 numbers that Linux answers with ENOSYS, some only under a 64-bit kernel (vm86)."""

from run32.spec.layout import Int
from run32.spec.syscalls import ABSENT, syscall

GONE = "removed from Linux, or never there under a 64-bit kernel"


@syscall(i386=17, man="unimplemented(2)", status=ABSENT, note=GONE)
def break_() -> Int: ...


@syscall(i386=31, man="unimplemented(2)", status=ABSENT, note=GONE)
def stty() -> Int: ...


@syscall(i386=32, man="unimplemented(2)", status=ABSENT, note=GONE)
def gtty() -> Int: ...


@syscall(i386=35, man="unimplemented(2)", status=ABSENT, note=GONE)
def ftime() -> Int: ...


@syscall(i386=44, man="unimplemented(2)", status=ABSENT, note=GONE)
def prof() -> Int: ...


@syscall(i386=53, man="unimplemented(2)", status=ABSENT, note=GONE)
def lock() -> Int: ...


@syscall(i386=56, man="unimplemented(2)", status=ABSENT, note=GONE)
def mpx() -> Int: ...


@syscall(i386=58, man="unimplemented(2)", status=ABSENT, note=GONE)
def ulimit() -> Int: ...


@syscall(i386=98, man="unimplemented(2)", status=ABSENT, note=GONE)
def profil() -> Int: ...


@syscall(i386=112, man="unimplemented(2)", status=ABSENT, note=GONE)
def idle() -> Int: ...


@syscall(i386=113, man="unimplemented(2)", status=ABSENT, note=GONE)
def vm86old() -> Int: ...


@syscall(i386=127, man="unimplemented(2)", status=ABSENT, note=GONE)
def create_module() -> Int: ...


@syscall(i386=130, man="unimplemented(2)", status=ABSENT, note=GONE)
def get_kernel_syms() -> Int: ...


@syscall(i386=137, man="unimplemented(2)", status=ABSENT, note=GONE)
def afs_syscall() -> Int: ...


@syscall(i386=166, man="unimplemented(2)", status=ABSENT, note=GONE)
def vm86() -> Int: ...


@syscall(i386=167, man="unimplemented(2)", status=ABSENT, note=GONE)
def query_module() -> Int: ...


@syscall(i386=188, man="unimplemented(2)", status=ABSENT, note=GONE)
def getpmsg() -> Int: ...


@syscall(i386=189, man="unimplemented(2)", status=ABSENT, note=GONE)
def putpmsg() -> Int: ...
