"""31-bit directory cookies on a large directory, through dup and fork, on both kinds of d_off."""

import os
import random
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel.task_harness import Guest

from run32.kernel import dirs
from run32.kernel.dirs import Directory, mix

COUNT = 5000
O_DIRECTORY = 0o40000


@pytest.fixture(params=["disk", "shm"])
def big(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A directory with COUNT files, on the test disk (often ext4) and on tmpfs."""
    if request.param == "shm":
        if not os.access("/dev/shm", os.W_OK):
            pytest.skip("no /dev/shm")
        with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
            fill(Path(name))
            yield Path(name)
    else:
        fill(tmp_path)
        yield tmp_path


def fill(folder: Path) -> None:
    for i in range(COUNT):
        (folder / f"entry-{i:05}").touch()


def opened(guest: Guest, folder: Path) -> int:
    fd = guest.call("openat", -100, guest.str(folder), O_DIRECTORY, 0)
    assert fd >= 0
    return fd


def read64(guest: Guest, fd: int, size: int = 32768) -> list[tuple[str, int, int]]:
    """(name, cookie, inode) of one getdents64."""
    buf = guest.space(size)
    n = guest.call("getdents64", fd, buf, size)
    assert n >= 0
    raw = guest.mem.read(buf, n)
    found = []
    at = 0
    while at < n:
        inode, cookie, length = struct.unpack_from("<QQH", raw, at)
        name = raw[at + 19 : raw.index(b"\0", at + 19)].decode()
        found.append((name, cookie, inode))
        at += length
    return found


def read_all(guest: Guest, fd: int, size: int = 32768) -> list[tuple[str, int, int]]:
    result = []
    while batch := read64(guest, fd, size):
        result += batch
    return result


def seek(guest: Guest, fd: int, cookie: int) -> int:
    result = guest.space(8)
    high = 0xFFFFFFFF if cookie < 0 else 0
    assert guest.call("_llseek", fd, high, cookie, result, 0) == 0
    return guest.words(result, "Q")[0]


def names_match(found: list[tuple[str, int, int]]) -> bool:
    return sorted(n for n, _, _ in found) == sorted(
        [".", "..", *(f"entry-{i:05}" for i in range(COUNT))]
    )


def test_every_position_can_be_sought_in_any_order(guest: Guest, big: Path) -> None:
    fd = opened(guest, big)
    found = read_all(guest, fd)
    assert names_match(found)
    assert all(0 < cookie < 2**31 for _, cookie, _ in found)
    positions = [0, *(cookie for _, cookie, _ in found[:-1])]
    assert len(set(positions)) == len(positions)
    order = list(range(len(found)))
    random.Random(5).shuffle(order)
    for index in order[:2500]:
        assert seek(guest, fd, positions[index]) == positions[index]
        assert guest.call("lseek", fd, 0, 1) == positions[index]
        name, cookie, inode = read64(guest, fd, 40)[0]
        assert (name, cookie, inode) == found[index]
    # the end is a position, too
    seek(guest, fd, found[-1][1])
    assert read64(guest, fd) == []
    seek(guest, fd, 0)
    assert read_all(guest, fd) == found


def test_small_buffers_give_the_same_entries(guest: Guest, big: Path) -> None:
    fd = opened(guest, big)
    found = read_all(guest, fd)
    again = opened(guest, big)
    assert read_all(guest, again, 100) == found


def test_cookies_through_dup_and_another_process(guest: Guest, big: Path) -> None:
    fd = opened(guest, big)
    found = read_all(guest, fd)
    twin = os.dup(fd)
    seek(guest, twin, found[1234][1])
    assert read64(guest, twin, 40)[0] == found[1235]
    assert read64(guest, fd, 40)[0] == found[1236]  # they share the position
    # a process that has never read the directory
    guest.task.cookies.clear()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            seek(guest, fd, found[3000][1])
            status = 0 if read64(guest, fd, 40)[0] == found[3001] else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert read64(guest, fd, 40)[0] == found[3002]


def test_cookies_survive_removal_of_other_entries(guest: Guest, big: Path) -> None:
    fd = opened(guest, big)
    found = read_all(guest, fd)
    for name, _, _ in found[::2]:
        if name.startswith("entry"):
            os.unlink(big / name)
    left = [e for i, e in enumerate(found) if i % 2 or not e[0].startswith("entry")]
    for index in range(0, len(found) - 1, 331):
        seek(guest, fd, found[index][1])
        name = read64(guest, fd, 40)[0][0]
        after = {e[0] for e in left if found.index(e) > index}
        assert name in after and name == next(e[0] for e in found[index + 1 :] if e[0] in after)


def test_old_getdents_agrees(guest: Guest, big: Path) -> None:
    fd = opened(guest, big)
    new = read_all(guest, fd)
    seek(guest, fd, 0)
    old = []
    size = 512
    while True:
        buf = guest.space(size)
        n = guest.call("getdents", fd, buf, size)
        assert n >= 0
        if n == 0:
            break
        raw = guest.mem.read(buf, n)
        at = 0
        while at < n:
            inode, cookie, length = struct.unpack_from("<IIH", raw, at)
            name = raw[at + 10 : raw.index(b"\0", at + 10)].decode()
            kind = raw[at + length - 1]
            assert kind == (4 if name in (".", "..") else 8)
            old.append((name, cookie, inode))
            at += length
    assert old == new


def test_old_getdents_needs_room_for_one(guest: Guest, tmp_path: Path) -> None:
    (tmp_path / ("x" * 200)).touch()
    fd = opened(guest, tmp_path)
    seen = set()
    buf = guest.space(300)
    while (n := guest.call("getdents", fd, buf, 16)) > 0:
        seen.add(n)
    assert n == -22
    assert guest.call("getdents", fd, buf, 300) > 200


def test_errors(guest: Guest, tmp_path: Path) -> None:
    fd = opened(guest, tmp_path)
    assert guest.call("getdents64", fd, 0x10, 4096) == -14
    assert len(read64(guest, fd)) == 2, "a fault does not lose entries"
    assert guest.call("getdents64", 777, guest.space(64), 64) == -9
    plain = guest.call("openat", -100, guest.str("/etc/passwd"), 0, 0)
    assert guest.call("getdents64", plain, guest.space(64), 64) == -20
    assert guest.call("lseek", fd, -5, 0) == -22


class Fake:
    """Stands for a directory on a file system with arbitrary 64-bit positions (NFS, FUSE)."""

    def __init__(self, guest: Guest, rising: bool, offsets: list[int]) -> None:
        self.directory = Directory(guest.task, 0)
        self.directory.is_rising = rising
        self.directory.known = {}
        self.offsets = offsets


def test_colliding_hashes_get_their_own_cookies(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    offsets = [1 << 32, (7 << 32) + 1, (7 << 32) + 5, (7 << 32) + 9, (8 << 32) + 1, dirs.END_OFFSET]
    fake = Fake(guest, True, offsets)
    cookies = fake.directory.cookies(0, offsets)
    assert cookies == [1, 7, 8, 9, 10, dirs.END_COOKIE]
    assert [fake.directory.cookie(o) for o in offsets] == cookies
    monkeypatch.setattr(Directory, "_is_wide", lambda self: True)
    exact = [fake.directory.offset(c) for c in cookies[2:5]]
    assert exact == offsets[2:5]
    assert fake.directory.offset(7) == 7 << 32
    assert fake.directory.offset(dirs.END_COOKIE) == dirs.END_OFFSET


def test_arbitrary_positions_are_mixed_and_found(guest: Guest) -> None:
    rng = random.Random(3)
    offsets = [rng.randrange(1 << 31, 1 << 64) for _ in range(20000)]
    fake = Fake(guest, False, offsets)
    cookies = fake.directory.cookies(0, offsets)
    assert len(set(cookies)) == len(cookies)
    assert all(0 < c < 2**31 - 1 for c in cookies)
    assert [fake.directory.offset(c) for c in cookies] == offsets
    assert sum(mix(o) != c for o, c in zip(offsets, cookies, strict=True)) < 5
