"""Struct layouts that the slow path packs by hand, as `struct` formats per guest ABI.

The facts live in `uapi/structs`, which the launch path may not import;
`tests/kernel/test_layouts.py` proves that every format here has the offsets and sizes derived from
them. `x` marks padding.

i386 aligns 64-bit integers to 4 bytes, arm to 8; everything else is shared.
"""

from __future__ import annotations

# fmt: off
STAT = "<2I4H12I"
"""stat: dev ino | mode nlink uid gid | rdev size blksize blocks, three times, two unused words."""

STAT64 = {
    "arm":  "<Q4xIIIII Q8xq I4xQ 6I Q",
    "i386": "<Q4xIIIII Q4xq IQ 6I Q",
}
"""stat64: dev ino32 mode nlink uid gid | rdev size | blksize blocks | three times | ino."""

STATFS = "<7I2I3I16x"
"""statfs: type bsize blocks bfree bavail files ffree | fsid | namelen frsize flags."""

STATFS64 = "<2I5Q2I3I16x"
"""statfs64: the same with 64-bit counts; 84 bytes on both (arm packs it)."""

HOST_STATFS = "<7Q2I3Q32x"
"""statfs of both hosts."""

FLOCK = "<2h3i"
"""flock: type whence start len pid."""

FLOCK64 = {
    "arm":  "<2h4xqqi4x",
    "i386": "<2hqqi",
}
"""flock64: type whence start len pid."""

HOST_FLOCK = "<2h4xqqi4x"
"""flock of both hosts."""

RLIMIT = "<2I"
RLIMIT64 = "<2Q"
IOCB = "<Q2IHhIQQqQ2I"
IO_EVENT = "<2Q2q"
FUTEX_WAITV = "<2Q2I"
TIMESPEC32 = "<2i"
TIMESPEC64 = "<2q"
RUSAGE = "<18i"
HOST_RUSAGE = "<18q"
TMS = "<4i"
HOST_TMS = "<4q"
SYSINFO = "<i3I6I2H2II8x"
"""sysinfo: uptime | loads | six sizes | procs pad | totalhigh freehigh | mem_unit."""
HOST_SYSINFO = "<q3Q6Q2H4x2QI4x"
# fmt: on
