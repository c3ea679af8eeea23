"""fcntl: locks in both layouts, against another process; duplicates; pipes; dup2."""

import fcntl
import os
import struct
from pathlib import Path

import pytest
from kernel.task_harness import Guest

EBADF, EAGAIN, EINVAL, EOVERFLOW = 9, 11, 22, 75
RDLCK, WRLCK, UNLCK = 0, 1, 2
F_GETLK, F_SETLK, F_GETLK64, F_SETLK64, F_OFD_GETLK, F_OFD_SETLK = 5, 6, 12, 13, 36, 37


def lock64(g: Guest, kind: int, start: int, length: int) -> int:
    pad = "4x" if g.abi == "arm" else ""
    return g.put(struct.pack(f"<2h{pad}qqi{pad}", kind, 0, start, length, 0))


def read64(g: Guest, at: int) -> tuple[int, ...]:
    return g.words(at, "2h4xqqi" if g.abi == "arm" else "2hqqi")


class Holder:
    """Another process with a write lock on a range."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        ready, told = os.pipe()
        self.go, leave = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            file = os.open(path, os.O_RDWR)
            fcntl.lockf(file, fcntl.LOCK_EX, length, start)
            os.write(told, b"x")
            os.read(self.go, 1)
            os._exit(0)
        os.read(ready, 1)
        self.leave = leave

    def end(self) -> None:
        os.write(self.leave, b"x")
        os.waitpid(self.pid, 0)


def test_locks_meet_the_locks_of_others(each: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(bytes(100))
    fd = os.open(path, os.O_RDWR)
    holder = Holder(path, 10, 20)
    try:
        block = each.put(struct.pack("<2h3i", WRLCK, 0, 0, 0, 0))
        assert each.call("fcntl", fd, F_SETLK, block) == -EAGAIN
        assert each.call("fcntl", fd, F_GETLK, block) == 0
        assert each.words(block, "2h3i") == (WRLCK, 0, 10, 20, holder.pid)
        block = lock64(each, RDLCK, 0, 5)
        assert each.call("fcntl64", fd, F_SETLK64, block) == 0
        block = lock64(each, RDLCK, 0, 0)
        assert each.call("fcntl64", fd, F_GETLK64, block) == 0
        assert read64(each, block) == (WRLCK, 0, 10, 20, holder.pid)
        assert each.call("fcntl64", fd, F_OFD_GETLK, block) == -EINVAL  # l_pid must be 0
        block = lock64(each, WRLCK, 15, 1)
        assert each.call("fcntl64", fd, F_OFD_SETLK, block) == -EAGAIN
    finally:
        holder.end()
    block = lock64(each, WRLCK, 15, 1)
    assert each.call("fcntl64", fd, F_OFD_SETLK, block) == 0
    old = each.call("fcntl", fd, F_SETLK64, lock64(each, UNLCK, 0, 0))
    assert old == (-EINVAL if each.abi == "arm" else 0)


def test_locks_that_do_not_fit(each: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    fd = os.open(path, os.O_RDWR)
    for start, length, result in (((1 << 32), 5, -EOVERFLOW), (5, 1 << 33, 0)):
        holder = Holder(path, start, length)
        block = each.put(struct.pack("<2h3i", WRLCK, 0, 0, 0, 0))
        assert each.call("fcntl64", fd, F_GETLK, block) == result
        if result == 0:
            assert each.words(block, "2h3i")[2:4] == (5, 0x7FFFFFFF)
        holder.end()


def test_plain_commands(guest: Guest) -> None:
    read_end, write_end = os.pipe()
    assert guest.call("fcntl64", read_end, 0, 200) == 200
    assert guest.call("fcntl64", read_end, 1030, 200) == 201
    assert guest.call("fcntl64", 201, 1, 0) == 1
    assert guest.call("fcntl64", 201, 2, 0) == 0
    assert guest.call("fcntl64", 201, 1, 0) == 0
    assert guest.call("fcntl64", write_end, 1031, 65536) == 65536
    assert guest.call("fcntl64", read_end, 8, os.getpid()) == 0
    assert guest.call("fcntl64", read_end, 9, 0) == os.getpid()
    owner = guest.space(8)
    assert guest.call("fcntl64", read_end, 16, owner) == 0
    assert guest.words(owner, "2i") == (1, os.getpid())
    assert guest.call("fcntl64", read_end, 9999, 0) == -EINVAL
    assert guest.call("fcntl64", 999, 9999, 0) == -EBADF
    assert guest.call("fcntl64", 999, 3, 0) == -EBADF
    for fd in (read_end, write_end, 200, 201):
        os.close(fd)


def test_dup2(guest: Guest) -> None:
    fd = os.open("/dev/null", os.O_RDONLY)
    assert guest.call("dup2", fd, 300) == 300
    assert guest.call("dup2", fd, fd) == fd
    assert guest.call("dup2", 999, 999) == -EBADF
    assert not os.get_inheritable(fd) and os.get_inheritable(300)
    os.close(300)


def test_seals_and_hints(guest: Guest) -> None:
    fd = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    assert guest.call("fcntl64", fd, 1033, 2) == 0
    assert guest.call("fcntl64", fd, 1034, 0) == 2
    os.write(fd, b"abc")
    with pytest.raises(PermissionError):
        os.ftruncate(fd, 0)
    hint = guest.space(8)
    assert guest.call("fcntl64", fd, 1035, hint) in (0, -EINVAL)
    assert guest.call("fcntl64", fd, 1035, 0xFFFFFFFC) == -14


def test_bad_lock_pointers(guest: Guest) -> None:
    fd = os.open("/dev/null", os.O_RDWR)
    assert guest.call("fcntl64", fd, F_GETLK64, 0x10) == -14
    assert guest.call("fcntl64", fd, F_SETLK, 0xFFFFFFFC) == -14
