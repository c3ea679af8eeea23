"""siginfo_t between the host's layout and the one of a 32-bit kernel.

What the union holds follows from signal number and si_code, as `siginfo_layout` of the kernel says.
The first three words (signo, errno, code) are the same; behind them the host has four bytes of
padding, pointers and clock_t of eight bytes and sigval of eight. Sources: sigaction(2),
include/uapi/asm-generic/siginfo.h, include/linux/compat.h.
"""

from __future__ import annotations

import os
from struct import pack, unpack_from

SIZE = 128
SI_USER, SI_KERNEL, SI_QUEUE, SI_TIMER, SI_SIGIO, SI_TKILL = 0, 0x80, -1, -2, -5, -6
SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGCHLD, SIGIO, SIGSYS = 4, 5, 7, 8, 11, 17, 29, 31
FAULTS = frozenset((SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV))
KILL, TIMER, POLL, FAULT, CHILD, QUEUE, SYS = range(7)
NSIGPOLL, NSIGCHLD, NSIGSYS = 6, 6, 2
# per layout: struct format behind the first 16 bytes of the host's, behind the guest's first 12
_FORMATS = {
    KILL: ("<iI", "<iI"),
    TIMER: ("<iiQ", "<iiI"),
    POLL: ("<qi", "<ii"),
    FAULT: ("<Q", "<I"),
    CHILD: ("<iIi4xqq", "<iIiii"),
    QUEUE: ("<iIQ", "<iII"),
    SYS: ("<QiI", "<IiI"),
}
MASK32 = 0xFFFFFFFF
NOTHING = bytes(SIZE - 20)


def kind(signo: int, code: int) -> int:
    """Which layout the union of a siginfo has."""
    if SI_USER < code < SI_KERNEL:
        if signo in FAULTS:
            return FAULT
        if signo == SIGCHLD and code <= NSIGCHLD:
            return CHILD
        if signo == SIGSYS and code <= NSIGSYS:
            return SYS
        return POLL if code <= NSIGPOLL else KILL
    if code == SI_TIMER:
        return TIMER
    if code == SI_SIGIO:
        return POLL
    return QUEUE if code < 0 else KILL


def _fit(value: int, letter: str) -> int:
    """`value` cut to what a 32-bit struct letter holds."""
    value &= MASK32
    return value - (1 << 32) if letter == "i" and value >> 31 else value


def to_guest(info: bytes) -> bytes:
    """A guest siginfo (128 bytes) from a host siginfo."""
    signo, errno, code = unpack_from("<3i", info)
    if code in (SI_USER, SI_TKILL):
        return info[:12] + info[16:24] + NOTHING
    theirs, ours = _FORMATS[kind(signo, code)]
    values = unpack_from(theirs, info, 16)
    narrow = [_fit(value, letter) for value, letter in zip(values, ours[1:], strict=True)]
    return (pack("<3i", signo, errno, code) + pack(ours, *narrow)).ljust(SIZE, b"\0")


def to_host(info: bytes, signo: int) -> bytes:
    """A host siginfo for `signo` from what a guest queues."""
    _, errno, code = unpack_from("<3i", info)
    theirs, ours = _FORMATS[kind(signo, code)]
    values = unpack_from(ours, info, 12)
    return (pack("<3i4x", signo, errno, code) + pack(theirs, *values)).ljust(SIZE, b"\0")


def sent(signo: int, code: int = SI_USER) -> bytes:
    """The guest siginfo of a signal that the process sends itself."""
    return pack("<4iI", signo, 0, code, os.getpid(), os.getuid()).ljust(SIZE, b"\0")


def fault(signo: int, code: int, address: int) -> bytes:
    """The guest siginfo of a synchronous fault."""
    if code == SI_KERNEL:
        address = 0
    return pack("<3iI", signo, 0, code, address).ljust(SIZE, b"\0")
