"""The initial stack: strings, auxiliary vector, pointers, as fs/exec.c and binfmt_elf.c build them.

From the top down: 8 zero bytes, the program's path (AT_EXECFN), environment strings, argument
strings, a random gap, the platform name, 16 random bytes, then, 16-byte aligned at the bottom:
argc, argv, envp, auxv. The numbers are those of a compat kernel (arm64's for arm, x86-64's for
i386).
"""

from __future__ import annotations

import os
from struct import pack

from run32.loader.errors import E2BIG, ENOMEM, ExecError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from run32.kernel.memory import Memory
    from run32.loader.image import Image

AT_NULL, AT_PHDR, AT_PHENT, AT_PHNUM, AT_PAGESZ, AT_BASE, AT_FLAGS, AT_ENTRY = (
    0,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
)
AT_UID, AT_EUID, AT_GID, AT_EGID, AT_PLATFORM, AT_HWCAP, AT_CLKTCK = 11, 12, 13, 14, 15, 16, 17
AT_SECURE, AT_RANDOM, AT_HWCAP2, AT_EXECFN = 23, 25, 26, 31

# fmt: off
# CPUID leaf 1 edx: fpu tsc cx8 cmov mmx fxsr sse sse2
I386_HWCAP = 1 << 0 | 1 << 4 | 1 << 8 | 1 << 15 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26
# fmt: on
CLOCK_TICKS = 100

STRING_MAX = 32 * 4096
"""MAX_ARG_STRLEN, the longest single argument."""
ARG_MAX = 131072
TOTAL_MAX = 6 << 20
TOP_PAD = 8


def check_size(argv: Sequence[bytes], envp: Sequence[bytes], stack_limit: int) -> None:
    """`bprm_stack_limits`: the E2BIG conditions of execve(2)."""
    for text in (*argv, *envp):
        if len(text) >= STRING_MAX:
            raise ExecError(E2BIG, f"an argument or environment string has {len(text)} bytes")
    limit = max(min(TOTAL_MAX, stack_limit // 4), ARG_MAX)
    total = sum(len(t) + 1 for t in (*argv, *envp)) + 8 * (max(len(argv), 1) + len(envp))
    if total > limit:
        raise ExecError(E2BIG, f"arguments and environment have {total} bytes, limit {limit}")


def strings_size(argv: Sequence[bytes], envp: Sequence[bytes], execfn: bytes) -> int:
    """Bytes the string area takes at the top of the stack."""
    return TOP_PAD + len(execfn) + 1 + sum(len(t) + 1 for t in (*argv, *envp))


def build(
    mem: Memory,
    image: Image,
    argv: Sequence[bytes],
    envp: Sequence[bytes],
    execfn: bytes,
    top: int,
) -> None:
    """Write the initial stack below `top` and note in `image` where things are."""
    image.env_end = at = top - TOP_PAD - len(execfn) - 1
    execfn_at = at
    strings = b"".join(t + b"\0" for t in (*argv, *envp)) + execfn + b"\0" + bytes(TOP_PAD)
    image.arg_start = top - len(strings)
    image.env_start = image.arg_end = image.arg_start + sum(len(t) + 1 for t in argv)
    p = image.arg_start
    if mem.layout.randomize:
        p -= int.from_bytes(os.urandom(2), "little") % (4096 if mem.abi == "arm" else 8192)
    p &= -16
    platform = (mem.cpu.platform if mem.abi == "arm" else b"i686") + b"\0"
    platform_at = p - len(platform)
    random_at = platform_at - 16
    auxv = auxiliary_vector(mem, image, random_at, execfn_at, platform_at)
    pointers = _pointers(argv, image.arg_start) + _pointers(envp, image.env_start)
    vector = pack(f"<{len(pointers) + 1}I", len(argv), *pointers) + auxv
    image.sp = (random_at - len(vector)) & -16
    image.auxv = auxv
    block = vector.ljust(random_at - image.sp, b"\0") + os.urandom(16) + platform
    block = block.ljust(image.arg_start - image.sp, b"\0") + strings
    stack = mem.table.at(top - 1)
    if stack is None or (image.sp < stack.start and not mem.fault(image.sp)):
        # Not even the vectors fit: with the head start below a stack they nearly always do.
        if stack is None or mem.grow_low > image.sp:
            raise ExecError(ENOMEM, "the stack limit is too small for the program's arguments")
    mem.write(image.sp, block)
    mem.start_stack = image.sp


def auxiliary_vector(
    mem: Memory, image: Image, random_at: int, execfn_at: int, platform_at: int
) -> bytes:
    """The auxiliary vector, in the kernel's order."""
    uid, euid, gid, egid = os.getuid(), os.geteuid(), os.getgid(), os.getegid()
    hwcap, hwcap2 = I386_HWCAP, 0
    if mem.abi == "arm":
        hwcap, hwcap2 = mem.cpu.hwcap, mem.cpu.hwcap2
    entries = (
        (AT_HWCAP, hwcap),
        (AT_PAGESZ, mem.page),
        (AT_CLKTCK, CLOCK_TICKS),
        (AT_PHDR, image.phdr),
        (AT_PHENT, 32),
        (AT_PHNUM, image.phnum),
        (AT_BASE, image.interp_base),
        (AT_FLAGS, 0),
        (AT_ENTRY, image.program_entry),
        (AT_UID, uid),
        (AT_EUID, euid),
        (AT_GID, gid),
        (AT_EGID, egid),
        (AT_SECURE, int(image.is_secure or uid != euid or gid != egid)),
        (AT_RANDOM, random_at),
        (AT_HWCAP2, hwcap2),
        (AT_EXECFN, execfn_at),
        (AT_PLATFORM, platform_at),
        (AT_NULL, 0),
    )
    return b"".join(pack("<II", key, value & 0xFFFFFFFF) for key, value in entries)


def _pointers(strings: Sequence[bytes], at: int) -> list[int]:
    """Address of each string, then the terminating zero."""
    out = []
    for text in strings:
        out.append(at)
        at += len(text) + 1
    out.append(0)
    return out
