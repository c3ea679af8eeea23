"""open(2) flags: guest values to host values and back.

Four flags have other values on arm and AArch64 than on i386 and x86-64; all others agree
(`asm/fcntl.h` of each architecture).
"""

from __future__ import annotations

from run32.kernel import host

O_ACCMODE = 0o3
O_WRONLY = 0o1
O_RDWR = 0o2
O_CREAT = 0o100
O_EXCL = 0o200
O_TRUNC = 0o1000
O_NONBLOCK = 0o4000
O_CLOEXEC = 0o2000000
O_PATH = 0o10000000
TMPFILE_BIT = 0o20000000

# fmt: off
_VALUES = {         # directory, nofollow, direct, largefile
    "arm":          (0o40000,   0o100000, 0o200000, 0o400000),
    "x86":          (0o200000,  0o400000, 0o40000,  0o100000),
}
# fmt: on
_HOST_KIND = "x86" if host.ARCH in ("x86_64", "amd64") else "arm"
_MIXED = 0o740000


def _kind(abi: str) -> str:
    return "arm" if abi == "arm" else "x86"


def _table(source: str, target: str) -> dict[int, int]:
    pairs = tuple(zip(_VALUES[source], _VALUES[target], strict=True))
    return {
        bits: sum(new for old, new in pairs if bits & old)
        for bits in (n << 14 for n in range(32))
        if bits & ~_MIXED == 0
    }


_TO_HOST = {abi: _table(_kind(abi), _HOST_KIND) for abi in ("arm", "i386")}
_TO_GUEST = {abi: _table(_HOST_KIND, _kind(abi)) for abi in ("arm", "i386")}

O_DIRECTORY, O_NOFOLLOW, O_DIRECT, O_LARGEFILE = _VALUES[_HOST_KIND]
"""Host values."""


def to_host(abi: str, flags: int) -> int:
    """Host value of guest open flags."""
    return flags & ~_MIXED | _TO_HOST[abi][flags & _MIXED]


def to_guest(abi: str, flags: int) -> int:
    """Guest value of host open flags."""
    return flags & ~_MIXED | _TO_GUEST[abi][flags & _MIXED]
