"""The host kernel and host memory, as the slow path reaches them.

`syscall` is the raw system call: a result, or a negative errno, never an exception. `copy` moves
bytes between host addresses and reports a bad address instead of dying of it. Both start as
fallbacks through libc; the runtime replaces them with native functions through `bind`.

Invariants: importing this module imports nothing but the number table and `cdata`; nothing here
keeps a file descriptor.
"""

from __future__ import annotations

import os

from run32.kernel import cdata
from run32.spec import hostnr

TYPE_CHECKING = False  # typing itself is not imported on the launch path
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

EFAULT = 14

ARCH = os.uname().machine
if ARCH in ("x86_64", "amd64"):
    NR = hostnr.parse(hostnr.X86_64)
elif ARCH in ("aarch64", "arm64"):
    NR = hostnr.parse(hostnr.AARCH64)
else:
    raise ImportError(f"run32 runs on x86-64 and AArch64 hosts; this one says it is {ARCH!r}")

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
"""Bytes in a host page: 4096, 16384 or 65536."""

_READV = NR["process_vm_readv"]


def _syscall_libc(nr: int, *args: int) -> int:
    """Raw system call through libc's syscall(2)."""
    global _libc_syscall
    if _libc_syscall is None:
        _libc_syscall = _load_libc_syscall()
    if len(args) < 6:
        args = args + _ZEROS[len(args) :]
    result: int
    result, errno = _libc_syscall(nr, args)
    return -errno if result == -1 else result


def _load_libc_syscall() -> Any:
    i64 = cdata.c_int64
    function = cdata.CFUNCTYPE(i64, *[i64] * 7, use_errno=True)(cdata.symbol("syscall"))
    get_errno, set_errno = cdata.get_errno, cdata.set_errno

    def call(nr: int, args: tuple[int, ...]) -> tuple[int, int]:
        set_errno(0)
        result = function(nr, *args)
        # A call may really return -1 (a syscall never sets errno to 0 when it fails).
        return result, get_errno() if result == -1 else 0

    return call


_ZEROS = (0, 0, 0, 0, 0, 0)
_libc_syscall: Any = None


def _copy_readv(dst: int, src: int, n: int) -> int:
    """Copy with process_vm_readv(2) on ourselves: it checks both sides page by page."""
    pair = cdata.c_uint64 * 2
    done = 0
    pid = os.getpid()
    while done < n:
        local, remote = pair(dst + done, n - done), pair(src + done, n - done)
        moved = _syscall(_READV, pid, cdata.addressof(local), 1, cdata.addressof(remote), 1, 0)
        if moved < 0:
            return moved
        if moved == 0:
            return -EFAULT
        done += moved
    return 0


_syscall: Callable[..., int] = _syscall_libc
_copy: Callable[[int, int, int], int] = _copy_readv


def syscall(nr: int, *args: int) -> int:
    """System call `nr` of the host with up to six arguments: its result, or -errno."""
    return _syscall(nr, *args)


def copy(dst: int, src: int, n: int) -> int:
    """Copy `n` bytes between host addresses: 0, or -EFAULT when either side is not accessible.

    Bytes before the inaccessible one may have been copied.
    """
    return _copy(dst, src, n)


def bind(
    syscall_fn: Callable[..., int] | None = None,
    copy_fn: Callable[[int, int, int], int] | None = None,
) -> None:
    """Replace the fallbacks by native functions with the same contract."""
    global _syscall, _copy
    if syscall_fn is not None:
        _syscall = syscall_fn
    if copy_fn is not None:
        _copy = copy_fn


def peek(addr: int, n: int) -> bytes | None:
    """`n` bytes at a host address, or None when not all of them are readable."""
    buffer = cdata.create_string_buffer(n)
    if _copy(cdata.addressof(buffer), addr, n):
        return None
    return buffer.raw


def poke(addr: int, data: bytes | bytearray | memoryview) -> int:
    """Store `data` at a host address: 0, or -EFAULT when not all of it is writable."""
    n = len(data)
    buffer = (cdata.c_char * n).from_buffer_copy(data)
    return _copy(addr, cdata.addressof(buffer), n)


def clear(addr: int, n: int) -> int:
    """Store `n` zero bytes at a host address: 0 or -EFAULT."""
    return poke(addr, bytes(n))
