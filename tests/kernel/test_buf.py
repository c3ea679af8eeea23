"""The assumption about CPython that raw calls rest on, and lifetime of their arguments."""

import ctypes
import os

from run32.kernel import host
from run32.kernel.buf import addr, out, syscall


def test_bytes_have_their_data_inline() -> None:
    for data in (b"", b"x", b"hello", os.urandom(5000)):
        assert ctypes.string_at(addr(data), len(data) + 1) == data + b"\0"


def test_output_buffers_are_private() -> None:
    for size in (0, 1, 16, 400):
        one, two = out(size), out(size)
        assert one is not two and len(one) >= max(size, 16) and not any(one)


def test_arguments_live_as_long_as_the_call(monkeypatch) -> None:
    seen = []

    def spy(nr, *args):
        junk = [bytes(64) for _ in range(100)]
        seen.append(ctypes.string_at(args[0], 64))
        return len(junk)

    monkeypatch.setattr(host, "_syscall", spy)
    for i in range(50):
        syscall(0, b"%064d" % i)
    assert seen == [b"%064d" % i for i in range(50)]
