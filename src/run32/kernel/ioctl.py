"""ioctl(2): terminals, and requests that every descriptor knows (ioctl_tty(2), asm/ioctls.h).

Only listed requests reach the host; all others are ENOTTY. A request passes unchanged when its
argument has the same bytes in both worlds; the range of a pointer is checked here, its mapping by
the host kernel. A few requests carry the size of a `long` in their number and have another number
on the host; their arguments are nevertheless 32-bit ints (or are converted below).
"""

from __future__ import annotations

from run32.kernel import host, oflags
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EBADF, EINVAL, ENOTTY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
VALUE = -1
"""The argument is a number, not a pointer."""

# fmt: off
SIZES = {
    # termios and termio
    0x5401: 36, 0x5402: 36, 0x5403: 36, 0x5404: 36,
    0x5405: 18, 0x5406: 18, 0x5407: 18, 0x5408: 18,
    0x802C542A: 44, 0x402C542B: 44, 0x402C542C: 44, 0x402C542D: 44,
    0x5456: 36, 0x5457: 36,
    # TCSBRK TCXONC TCFLSH TIOCEXCL TIOCNXCL TIOCSCTTY
    0x5409: VALUE, 0x540A: VALUE, 0x540B: VALUE, 0x540C: VALUE, 0x540D: VALUE, 0x540E: VALUE,
    # process group, output queue, simulated input, window size
    0x540F: 4, 0x5410: 4, 0x5411: 4, 0x5412: 1, 0x5413: 8, 0x5414: 8,
    # modem lines, carrier
    0x5415: 4, 0x5416: 4, 0x5417: 4, 0x5418: 4, 0x5419: 4, 0x541A: 4, 0x545C: VALUE,
    # FIONREAD TIOCCONS TIOCPKT FIONBIO TIOCNOTTY line discipline
    0x541B: 4, 0x541D: VALUE, 0x5420: 4, 0x5421: 4, 0x5422: VALUE, 0x5423: 4, 0x5424: 4,
    # breaks, session
    0x5425: VALUE, 0x5427: VALUE, 0x5428: VALUE, 0x5429: 4,
    # pseudo terminals
    0x80045430: 4, 0x40045431: 4, 0x80045432: 4, 0x40045436: VALUE, 0x5437: VALUE,
    0x80045438: 4, 0x80045439: 4, 0x80045440: 4,
    # FIONCLEX FIOCLEX FIOASYNC
    0x5450: VALUE, 0x5451: VALUE, 0x5452: 4,
    # ownership of SIGIO, out-of-band mark
    0x8901: 4, 0x8902: 4, 0x8903: 4, 0x8904: 4, 0x8905: 4,
    # FIBMAP FIGETBSZ
    0x0001: 4, 0x0002: 4,
    # files: FICLONE FICLONERANGE, FIFREEZE FITHAW FITRIM
    0x40049409: VALUE, 0x4020940D: 32, 0xC0045877: 4, 0xC0045878: 4, 0xC0185879: 24,
    # block devices: BLKROSET BLKROGET BLKRRPART BLKFLSBUF BLKRAGET(no) BLKSSZGET and sizes
    0x125D: 4, 0x125E: 4, 0x125F: VALUE, 0x1261: VALUE, 0x1268: 4, 0x1278: 4, 0x1279: 4,
    0x127A: 4, 0x127B: 4, 0x127C: 4, 0x127D: 16, 0x127E: 2,
    # random: RNDGETENTCNT
    0x80045200: 4,
    # console: KDGKBTYPE KDGETMODE KDGKBMODE KDGETLED, VT_GETSTATE
    0x4B33: 1, 0x4B3B: 4, 0x4B44: 4, 0x4B31: 1, 0x5603: 6,
}

RENUMBERED = {          # guest request: (host request, bytes)
    0x80046601: (0x80086601, 4),        # FS_IOC_GETFLAGS
    0x40046602: (0x40086602, 4),        # FS_IOC_SETFLAGS
    0x80047601: (0x80087601, 4),        # FS_IOC_GETVERSION
    0x40047602: (0x40087602, 4),        # FS_IOC_SETVERSION
    0x80041270: (0x80081270, 4),        # BLKBSZGET
    0x40041271: (0x40081271, 4),        # BLKBSZSET
    0x80041272: (0x80081272, 8),        # BLKGETSIZE64
}
# fmt: on
FIOQSIZE = {"arm": 0x545E, "i386": 0x5460}
HOST_FIOQSIZE = 0x5460
TIOCGPTPEER = 0x5441
BLKGETSIZE = 0x1260
BLKRAGET = 0x1263
FS_IOC_FIEMAP = 0xC020660B
FIEMAP_HEAD, FIEMAP_EXTENT = 32, 56
FIEMAP_LIMIT = 1 << 20


def ioctl(task: Task, fd: int, request: int, argument: int) -> int:
    """ioctl(2)."""
    size = SIZES.get(request)
    if size is not None:
        if size == VALUE:
            if argument >> 31:
                argument -= 1 << 32
            return syscall(NR["ioctl"], fd, request, argument)
        return syscall(NR["ioctl"], fd, request, task.mem.host_ptr(argument, size))
    if request in RENUMBERED:
        number, size = RENUMBERED[request]
        return syscall(NR["ioctl"], fd, number, task.mem.host_ptr(argument, size))
    if request == FIOQSIZE[task.abi]:
        return syscall(NR["ioctl"], fd, HOST_FIOQSIZE, task.mem.host_ptr(argument, 8))
    if request == TIOCGPTPEER:
        return syscall(NR["ioctl"], fd, request, oflags.to_host(task.abi, argument))
    if request in (BLKGETSIZE, BLKRAGET):
        return _get_long(task, fd, request, argument)
    if request == FS_IOC_FIEMAP:
        return _fiemap(task, fd, argument)
    return unknown(fd)


def unknown(fd: int) -> int:
    """The answer to a request that is not listed."""
    return -ENOTTY if syscall(NR["fcntl"], fd, 1, 0) >= 0 else -EBADF


def _get_long(task: Task, fd: int, request: int, argument: int) -> int:
    """A result the host stores as a 64-bit long: EFBIG-free truncation, as compat code does."""
    value = out(8)
    result = syscall(NR["ioctl"], fd, request, value)
    if result >= 0:
        task.mem.write(argument, value[:4])
    return result


def _fiemap(task: Task, fd: int, argument: int) -> int:
    """FS_IOC_FIEMAP: a header and as many extents as it asks for."""
    count = task.mem.u32(argument + 24)
    if count > FIEMAP_LIMIT:
        return -EINVAL
    where = task.mem.host_ptr(argument, FIEMAP_HEAD + FIEMAP_EXTENT * count)
    return syscall(NR["ioctl"], fd, FS_IOC_FIEMAP, where)
