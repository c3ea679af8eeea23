"""Opening, permissions, ownership, lengths, links, times and attributes, against Python's view."""

import os
import stat
import struct
from pathlib import Path

import pytest
from kernel.task_harness import Guest

EPERM, EBADF, EFAULT, EEXIST, EISDIR, EINVAL = 1, 9, 14, 17, 21, 22
EOVERFLOW, EXDEV, E2BIG = 75, 18, 7
AT_FDCWD, NOFOLLOW, EMPTY = -100, 0x100, 0x1000
FLAGS = {
    "arm": {"directory": 0o40000, "nofollow": 0o100000, "direct": 0o200000, "large": 0o400000},
    "i386": {"directory": 0o200000, "nofollow": 0o400000, "direct": 0o40000, "large": 0o100000},
}
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """A sparse file of 3 GiB."""
    path = tmp_path / "huge"
    with open(path, "wb") as file:
        file.truncate(3 << 30)
    return path


def test_open_flags_are_converted_both_ways(each: Guest, tmp_path: Path) -> None:
    f = FLAGS[each.abi]
    path = each.str(tmp_path)
    fd = each.call("openat", AT_FDCWD, path, f["directory"] | f["large"], 0)
    assert fd >= 0
    assert each.call("fcntl64", fd, 3, 0) == f["directory"] | f["large"]
    (tmp_path / "file").write_text("abc")
    file = each.str(tmp_path / "file")
    assert each.call("open", file, f["directory"], 0) == -20
    (tmp_path / "link").symlink_to("file")
    link = each.str(tmp_path / "link")
    assert each.call("open", link, f["nofollow"], 0) == -40
    fd = each.call("open", link, 0o2, 0)
    assert each.call("fcntl", fd, 3, 0) == 0o2, "O_LARGEFILE only where it was asked for"
    twin = os.dup(fd)
    os.close(fd)
    fd2 = each.call("open", file, 0o2 | f["large"], 0)
    assert fd2 == fd
    assert each.call("fcntl", fd2, 3, 0) == 0o2 | f["large"]
    assert each.call("fcntl", fd2, 4, 0o4000 | 0o2000) == 0
    assert each.call("fcntl", fd2, 3, 0) == 0o2 | 0o6000 | f["large"]
    os.close(twin)


def test_creating(guest: Guest, tmp_path: Path) -> None:
    old = os.umask(0o22)
    path = guest.str(tmp_path / "new")
    fd = guest.call("open", path, 0o301, 0o666)
    assert stat.S_IMODE(os.fstat(fd).st_mode) == 0o644
    assert guest.call("open", path, 0o301, 0o666) == -EEXIST
    fd = guest.call("creat", guest.str(tmp_path / "other"), 0o600)
    assert os.write(fd, b"x") == 1
    assert guest.call("open", guest.str(tmp_path), 0o1, 0) == -EISDIR
    tmpfile = guest.call("open", guest.str(tmp_path), 0o20040002, 0o600)
    assert tmpfile >= 0 and os.fstat(tmpfile).st_nlink == 0
    os.umask(old)


def test_files_over_2_gib_need_o_largefile(each: Guest, huge: Path) -> None:
    path, large = each.str(huge), FLAGS[each.abi]["large"]
    assert each.call("open", path, 0, 0) == -EOVERFLOW
    assert each.call("open", path, 0o1002, 0) == -EOVERFLOW
    assert huge.stat().st_size == 3 << 30, "O_TRUNC must not have happened"
    assert each.call("open", path, large, 0) >= 0
    assert each.call("open", path, 0o10000000, 0) >= 0, "O_PATH opens nothing"
    buf = each.space(256)
    assert each.call("stat", path, buf) == -EOVERFLOW
    assert each.call("stat64", path, buf) == 0
    offset = {"arm": 48, "i386": 44}[each.abi]
    assert each.words(buf + offset, "q")[0] == 3 << 30


def test_small_descriptors_stop_at_2_gib(guest: Guest, tmp_path: Path) -> None:
    name, limit = guest.str(tmp_path / "f"), 0x7FFFFFFF
    small = guest.call("open", name, 0o102, 0o600)
    data = guest.put(b"xy")
    assert guest.call("pwrite64", small, data, 2, 0, limit, 0) == -27
    assert guest.call("pwrite64", small, data, 2, 0, limit - 1, 0) == 1
    assert guest.call("pwrite64", small, data, 0, 0, limit, 0) == 0
    assert guest.call("ftruncate64", small, 0, limit + 1, 0) == -EINVAL
    assert guest.call("ftruncate64", small, 0, limit, 0) == 0
    large = guest.call("open", name, 0o400002, 0)
    assert guest.call("pwrite64", large, data, 2, 0, limit, 0) == 2
    assert guest.call("ftruncate64", large, 0, 0, 1) == 0
    assert (tmp_path / "f").stat().st_size == 1 << 32


def test_openat2(guest: Guest, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").write_text("x")
    fd = guest.call("open", guest.str(tmp_path / "d"), 0o40000, 0)
    how = guest.put(struct.pack("<3Q", 0o400000, 0, 0))
    assert guest.call("openat2", fd, guest.str("f"), how, 24) >= 0
    beneath = guest.put(struct.pack("<3Q", 0o400000, 0, 8))
    assert guest.call("openat2", fd, guest.str("../d/f"), beneath, 24) == -EXDEV
    assert guest.call("openat2", fd, guest.str("f"), how, 23) == -EINVAL
    assert guest.call("openat2", fd, guest.str("f"), guest.put(bytes(24) + b"\1" * 8), 32) == -E2BIG
    unknown = guest.put(struct.pack("<3Q", 1 << 40, 0, 0))
    assert guest.call("openat2", fd, guest.str("f"), unknown, 24) == -EINVAL


def test_stat_in_every_form(each: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 12345)
    os.utime(path, ns=(1_000_000_001, 2_000_000_002))
    want = path.stat()
    buf = each.space(256)
    assert each.call("stat64", each.str(path), buf) == 0
    dev, _, ino32, mode, nlink, uid, gid, rdev = each.words(buf, "QIIIIIIQ")
    assert (dev, ino32, mode, nlink) == (
        encoded(want.st_dev),
        want.st_ino & 0xFFFFFFFF,
        want.st_mode,
        1,
    )
    assert (uid, gid, rdev) == (want.st_uid, want.st_gid, 0)
    size_at, blocks_at, times_at, ino_at = {"arm": (48, 64, 72, 96), "i386": (44, 56, 64, 88)}[
        each.abi
    ]
    assert each.words(buf + size_at, "q")[0] == 12345
    assert each.words(buf + blocks_at, "Q")[0] == want.st_blocks
    assert each.words(buf + times_at, "4I") == (1, 1, 2, 2)
    assert each.words(buf + ino_at, "Q")[0] == want.st_ino
    fd = os.open(path, os.O_RDONLY)
    other = each.space(256)
    assert each.call("fstatat64", AT_FDCWD, each.str(path), other, 0) == 0
    assert each.mem.read(other, 104) == each.mem.read(buf, 104)
    assert each.call("fstatat64", fd, each.str(""), other, EMPTY) == 0
    assert each.call("fstatat64", fd, each.str(""), other, 0) == -2
    assert each.call("fstatat64", fd, each.str(""), other, 0x8000000) == -EINVAL
    assert each.call("stat", each.str(path), buf) == 0
    old = each.words(buf, "2I4H8I")
    assert old[1:4] == (want.st_ino, want.st_mode, 1) and old[7] == 12345
    assert each.words(buf + 32, "4I") == (1, 1, 2, 2)
    assert each.call("fstat", fd, buf) == 0
    assert each.call("fstat", -100, buf) == -EBADF
    assert each.call("stat64", each.str(path), 0x10) == -EFAULT
    assert each.call("statx", AT_FDCWD, each.str(path), 0, 0x7FF, buf) == 0
    assert each.words(buf + 40, "Q")[0] == 12345
    assert each.call("statx", fd, 0, EMPTY, 0x7FF, buf) == 0


def encoded(dev: int) -> int:
    return os.minor(dev) & 0xFF | os.major(dev) << 8 | (os.minor(dev) & ~0xFF) << 12


def test_inodes_that_do_not_fit_old_stat(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    from run32.kernel.fds import Facts

    raw = bytearray(256)
    struct.pack_into("<Q", raw, 32, 1 << 33)
    buf = guest.space(128)
    from run32.kernel import stats

    monkeypatch.setattr(stats, "host_statx", lambda *a: Facts(bytes(raw)))
    assert guest.call("fstat", 0, buf) == -EOVERFLOW
    struct.pack_into("<Q", raw, 32, 7)
    struct.pack_into("<I", raw, 20, 70000)
    assert guest.call("fstat", 0, buf) == 0
    assert guest.words(buf + 12, "H")[0] == 65534
    struct.pack_into("<I", raw, 16, 65536)
    assert guest.call("fstat", 0, buf) == -EOVERFLOW


def test_statfs(each: Guest, tmp_path: Path) -> None:
    want = os.statvfs(tmp_path)
    buf = each.space(128)
    path = each.str(tmp_path)
    assert each.call("statfs64", path, 84, buf) == 0
    kind, bsize, blocks, bfree, _, files, _, _, _, namelen, frsize = each.words(buf, "2I5Q2I2I")
    assert (bsize, blocks, files, namelen, frsize) == (
        want.f_bsize, want.f_blocks, want.f_files, want.f_namemax, want.f_frsize,
    )  # fmt: skip
    assert each.call("statfs64", path, 88, buf) == (0 if each.abi == "arm" else -EINVAL)
    assert each.call("statfs64", path, 80, buf) == -EINVAL
    assert each.call("statfs", path, buf) in (0, -EOVERFLOW)
    fd = os.open(tmp_path, os.O_RDONLY)
    assert each.call("fstatfs64", fd, 84, buf) == 0
    assert each.words(buf, "I")[0] == kind
    assert bfree <= blocks


def test_permissions_and_access(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    assert guest.call("chmod", guest.str(path), 0o4751) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o4751
    assert guest.call("fchmodat", AT_FDCWD, guest.str(path), 0o600) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert guest.call("access", guest.str(path), 6) == 0
    assert guest.call("access", guest.str(path), 9) == -EINVAL
    assert guest.call("faccessat2", AT_FDCWD, guest.str(path), 4, 0x200) == 0
    assert guest.call("access", guest.str(tmp_path / "none"), 0) == -2


@root_only
def test_owners_in_16_and_32_bits(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    (tmp_path / "l").symlink_to("f")
    name, link = guest.str(path), guest.str(tmp_path / "l")
    assert guest.call("chown", name, 1000, 0xFFFF) == 0
    assert (path.stat().st_uid, path.stat().st_gid) == (1000, 0)
    assert guest.call("chown32", name, 0xFFFFFFFF, 100000) == 0
    assert (path.stat().st_uid, path.stat().st_gid) == (1000, 100000)
    assert guest.call("lchown32", link, 5, 6) == 0
    assert (tmp_path / "l").lstat().st_uid == 5 and path.stat().st_uid == 1000
    assert guest.call("fchownat", AT_FDCWD, link, 7, 7, NOFOLLOW) == 0
    assert (tmp_path / "l").lstat().st_gid == 7
    assert guest.call("lchown", link, 0xFFFF, 9) == 0
    assert ((tmp_path / "l").lstat().st_uid, (tmp_path / "l").lstat().st_gid) == (7, 9)


def test_lengths(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("hello")
    assert guest.call("truncate", guest.str(path), 2) == 0
    assert path.read_text() == "he"
    assert guest.call("truncate", guest.str(path), -1) == -EINVAL
    assert guest.call("truncate64", guest.str(path), 0, 1, 1) == 0  # r1 is the hole
    assert path.stat().st_size == 1 + (1 << 32)


def test_times(each: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    name = each.str(path)
    now, omit = (1 << 30) - 1, (1 << 30) - 2
    times = each.put(struct.pack("<4i", -5, 1, 100, 2))
    assert each.call("utimensat", AT_FDCWD, name, times, 0) == 0
    assert (path.stat().st_atime_ns, path.stat().st_mtime_ns) == (-5 * 10**9 + 1, 100 * 10**9 + 2)
    times = each.put(struct.pack("<qIIqII", 1 << 33, 7, 0xDEAD, 0, omit, 0xDEAD))
    assert each.call("utimensat_time64", AT_FDCWD, name, times, 0) == 0
    assert (path.stat().st_atime_ns, path.stat().st_mtime_ns) == (
        (1 << 33) * 10**9 + 7,
        100 * 10**9 + 2,
    )
    times = each.put(struct.pack("<4i", 1, 500000, 2, 0))
    assert each.call("utimes", name, times) == 0
    assert path.stat().st_atime_ns == 1_500_000_000
    assert each.call("utimes", name, each.put(struct.pack("<4i", 1, 1000000, 2, 0))) == -EINVAL
    fd = os.open(path, os.O_RDWR)
    assert each.call("utimensat", fd, 0, each.put(struct.pack("<4i", 9, 0, 9, now)), 0) == 0
    assert path.stat().st_atime == 9 and path.stat().st_mtime > 1e9
    assert each.call("utimes", name, 0) == 0
    assert path.stat().st_atime > 1e9


def test_names(guest: Guest, tmp_path: Path) -> None:
    def at(name: str) -> int:
        return guest.str(tmp_path / name)

    assert guest.call("mkdir", at("d"), 0o750) == 0
    assert guest.call("mknod", at("fifo"), 0o010644, 0) == 0
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)
    assert guest.call("symlink", guest.str("d"), at("l")) == 0
    assert guest.call("linkat", AT_FDCWD, at("l"), AT_FDCWD, at("hard"), 0) == 0
    assert os.readlink(tmp_path / "hard") == "d"
    (tmp_path / "f").write_text("f")
    assert guest.call("renameat2", AT_FDCWD, at("f"), AT_FDCWD, at("l"), 1) == -EEXIST
    assert guest.call("renameat2", AT_FDCWD, at("f"), AT_FDCWD, at("l"), 2) == 0
    assert (tmp_path / "l").read_text() == "f"
    assert guest.call("unlinkat", AT_FDCWD, at("d"), 0) == -EISDIR
    assert guest.call("unlinkat", AT_FDCWD, at("d"), 0x200) == 0
    assert guest.call("rmdir", at("l")) == -20
    assert guest.call("readlink", at("hard"), guest.space(8), 0) == -EINVAL
    assert guest.call("readlink", at("l"), guest.space(8), 8) == -EINVAL


def test_extended_attributes(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    name, key = guest.str(path), guest.str("user.key")
    result = guest.call("setxattr", name, key, guest.put(b"value"), 5, 0)
    if result == -95:
        pytest.skip("no extended attributes here")
    assert result == 0
    assert os.getxattr(path, "user.key") == b"value"
    buf = guest.space(64)
    assert guest.call("getxattr", name, key, buf, 64) == 5
    assert guest.mem.read(buf, 5) == b"value"
    assert guest.call("getxattr", name, key, 0, 0) == 5
    assert guest.call("getxattr", name, key, buf, 2) == -34
    assert guest.call("listxattr", name, buf, 64) >= 9
    assert guest.call("setxattr", name, key, guest.put(b"v"), 1, 1) == -EEXIST
    assert guest.call("setxattr", name, guest.str("user." + "k" * 300), buf, 1, 0) == -34
    assert guest.call("getxattr", name, key, 0xFFFFFFF0, 64) == -EFAULT
    assert guest.call("removexattr", name, key) == 0
    assert guest.call("lgetxattr", name, key, buf, 64) == -61


def test_inotify_watches_a_path(guest: Guest, tmp_path: Path) -> None:
    import ctypes

    fd = ctypes.CDLL(None).inotify_init1(0o4000)
    assert guest.call("inotify_add_watch", fd, guest.str(tmp_path), 0x100) > 0
    (tmp_path / "made").touch()
    assert b"made" in os.read(fd, 400)
