"""Raw system calls with `bytes` as pointer arguments, without ctypes.

A CPython `bytes` object keeps its data inline: at `id(b) + bytes.__basicsize__ - 1`. That gives an
address for strings passed to the host kernel, and a fresh `bytes(n)` that nobody else can
know serves as an output buffer (`out`). This costs 60 ns where ctypes costs a microsecond and 6 ms
of import. `tests/kernel/test_buf.py` fails on an interpreter where it does not hold.

Invariants: a buffer made by `out` is private until the system call has filled it (its hash is never
taken before); the caller keeps the object alive while its address is in use.
"""

from __future__ import annotations

from run32.kernel import host

_DATA = bytes.__basicsize__ - 1


def syscall(nr: int, *args: int | bytes) -> int:
    """System call `nr` of the host: its result, or -errno; `bytes` are passed by address."""
    return host.syscall(nr, *[a if isinstance(a, int) else id(a) + _DATA for a in args])


def addr(data: bytes) -> int:
    """Host address of the first byte of `data`; a NUL byte follows the last."""
    return id(data) + _DATA


def out(size: int) -> bytes:
    """A zeroed buffer of at least `size` bytes for the host kernel to write to."""
    # bytes of length 0 and 1 are shared objects
    return bytes(size if size > 16 else 16)
