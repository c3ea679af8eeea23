"""Native thunks on files: every result against Python's own view of the same descriptor."""

import errno
import os
import stat
import struct
import tempfile

import pytest
from uapi.thunk_harness import READ_ONLY

from run32.spec.layout import layout, unpack
from run32.spec.syscalls import FALLBACK
from run32.uapi.structs.files import stat64

TOP = 0xFFFFF000


@pytest.fixture
def file():
    with tempfile.TemporaryFile(buffering=0) as f:
        f.write(b"0123456789" * 10)
        f.seek(0)
        yield f.fileno()


def off64(abi, value, used):
    """Registers of a 64-bit argument that follows `used` others."""
    pad = [0] if abi == "arm" and used % 2 else []
    return [*pad, value & 0xFFFFFFFF, value >> 32]


def test_read_write(k, guest, file):
    at = guest.space(32)
    assert k.read(file, at, 10) == 10
    assert guest.get(at, 12) == b"0123456789\xa5\xa5"
    assert k.write(file, guest.put(b"abc"), 3) == 3
    assert os.pread(file, 4, 9) == b"9abc"


def test_errors_come_in_linux_order(k, guest, file):
    assert k.read(99, 0xDEAD0000, 4) == FALLBACK
    assert k.read(file, 0xDEAD0000, 4) == -errno.EFAULT
    assert k.read(file, READ_ONLY, 4) == -errno.EFAULT
    assert k.write(file, 0, 4) == -errno.EFAULT
    assert k.read(file, 0, 0) == 0


def test_counts_past_4_gib_never_reach_the_host(k, guest, file):
    assert k.read(file, TOP, 0xFFFFFFFF) == -errno.EFAULT
    assert k.read(file, guest.space(256), 0xFFFFFFFF) == 100


def test_positioned(k, guest, file, abi):
    at = guest.space(16)
    assert k.pread64(file, at, 4, *off64(abi, 95, 3)) == 4
    assert guest.get(at, 4) == b"5678"
    assert k.pwrite64(file, at, 4, *off64(abi, (1 << 32) + 5, 3)) == FALLBACK
    assert k.pwrite64(file, at, 4, *off64(abi, (1 << 31) - 5, 3)) == 4
    assert os.fstat(file).st_size == (1 << 31) - 1
    assert k.ftruncate(file, 50) == 0
    assert k.ftruncate(file, -1) == -errno.EINVAL
    assert os.fstat(file).st_size == 50


def test_vectors(k, guest, file):
    a, b = guest.space(8), guest.space(8)
    iov = guest.put(struct.pack("<4I", a, 4, b, 6))
    assert k.readv(file, iov, 2) == 10
    assert (guest.get(a, 5), guest.get(b, 7)) == (b"0123\xa5", b"456789\xa5")
    assert k.writev(file, iov, 2) == 10
    assert k.preadv(file, iov, 2, 95, 0) == 5
    assert k.preadv2(file, iov, 2, 1, 0, 0) == 10
    assert guest.get(a, 4) == b"1234"
    assert k.readv(99, iov, 2) == FALLBACK
    assert k.readv(file, iov, 1025) == -errno.EINVAL
    assert k.readv(file, guest.put(struct.pack("<2I", a, 0x80000000)), 1) == -errno.EINVAL
    assert k.readv(file, guest.put(struct.pack("<2I", TOP, 0x7FFFFFFF)), 1) == -errno.EFAULT
    assert k.readv(file, 0xFFFFFFFC, 2) == -errno.EFAULT


def test_many_vectors(k, guest, file):
    data = guest.put(b"x")
    iov = guest.put(struct.pack("<2I", data, 1) * 1024)
    assert k.writev(file, iov, 1024) == 1024


def test_lseek(k, guest, file):
    assert k.lseek(file, 7, os.SEEK_SET) == 7
    assert k.lseek(file, -3, os.SEEK_CUR) == 4
    assert k.lseek(file, -5, os.SEEK_SET) == -errno.EINVAL
    os.ftruncate(file, 1 << 33)
    assert k.lseek(file, 0, os.SEEK_END) == -errno.EOVERFLOW
    at = guest.space(16)
    assert k._llseek(file, 1, 2, at, os.SEEK_SET) == 0
    assert guest.words(at, "QQ") == ((1 << 32) + 2, 0xA5A5A5A5A5A5A5A5)
    assert k._llseek(file, 0xFFFFFFFF, 0xFFFFFFFF, at, os.SEEK_SET) == -errno.EINVAL


def test_directories_are_left_to_the_slow_path(k, guest):
    fd = os.open("/", os.O_RDONLY)
    try:
        assert k.lseek(fd, 0, 0) == FALLBACK
        assert k._llseek(fd, 0, 0, guest.space(8), 0) == FALLBACK
    finally:
        os.close(fd)


def test_fstat64(k, guest, file, abi):
    size = layout(stat64, abi).size
    at = guest.space(size + 4)
    assert k.fstat64(file, at) == 0
    found, real = unpack(stat64, abi, guest.get(at, size)), os.fstat(file)
    for name in ("st_dev", "st_ino", "st_mode", "st_nlink", "st_uid", "st_gid", "st_size"):
        assert found[name] == getattr(real, name), name
    assert found["st_ino32"] == real.st_ino & 0xFFFFFFFF
    assert found["st_blocks"] == real.st_blocks
    assert found["st_mtime"] * 10**9 + found["st_mtime_nsec"] == real.st_mtime_ns
    assert guest.get(at + size, 4) == b"\xa5" * 4
    assert k.fstat64(99, 0) == -errno.EBADF


def test_pipes(k, guest, abi):
    at = guest.space(8)
    assert k.pipe(at) == 0
    for fd in guest.words(at, "2I"):
        os.close(fd)
    assert k.pipe2(at, os.O_CLOEXEC | os.O_NONBLOCK) == 0
    one, two = guest.words(at, "2I")
    assert not os.get_inheritable(one) and not os.get_blocking(two)
    os.close(one), os.close(two)
    packet = {"arm": 0o200000, "i386": 0o40000}[abi]  # O_DIRECT
    assert k.pipe2(at, packet) == 0
    one, two = guest.words(at, "2I")
    os.write(two, b"abc"), os.write(two, b"def")
    assert os.read(one, 10) == b"abc"
    os.close(one), os.close(two)
    other = {"arm": 0o40000, "i386": 0o200000}[abi]  # O_DIRECTORY
    assert k.pipe2(at, other) == -errno.EINVAL


def test_sendfile(k, guest, file):
    with tempfile.TemporaryFile(buffering=0) as target:
        at = guest.put(struct.pack("<I", 5))
        assert k.sendfile(target.fileno(), file, at, 20) == 20
        assert guest.word(at) == 25
        at = guest.put(struct.pack("<Q", 90))
        assert k.sendfile64(target.fileno(), file, at, 50) == 10
        assert guest.words(at, "Q") == (100,)
        assert k.sendfile(target.fileno(), file, 0, 3) == 3
        assert os.fstat(target.fileno()).st_size == 33


def test_fallocate_and_advice(k, file, abi):
    result = k.fallocate(file, 0, *off64(abi, 0, 2), *off64(abi, 4096, 4))
    assert result in (0, -errno.EOPNOTSUPP)
    if abi == "arm":
        assert k.arm_fadvise64_64(file, 4, 0, 0, 100, 0) == 0
        assert k.arm_fadvise64_64(file, 77, 0, 0, 100, 0) == -errno.EINVAL
        assert k.sync_file_range2(file, 2, 0, 0, 100, 0) == 0
    assert k.fsync(file) == 0
    assert k.fdatasync(99) == -errno.EBADF


def test_modes_and_owners(k, file):
    assert k.fchmod(file, 0o640) == 0
    assert stat.S_IMODE(os.fstat(file).st_mode) == 0o640
    before = os.fstat(file)
    assert k.fchown(file, 0xFFFF, 0xFFFF) == 0
    assert k.fchown32(file, 0xFFFFFFFF, 0xFFFFFFFF) == 0
    assert (os.fstat(file).st_uid, os.fstat(file).st_gid) == (before.st_uid, before.st_gid)


def test_umask_and_flock(k, file):
    old = k.umask(0o27)
    assert k.umask(old) == 0o27
    assert k.flock(file, 2) == 0
    assert k.flock(file, 16) == -errno.EINVAL


def test_memfd(k, guest):
    fd = k.memfd_create(guest.put(b"name\0"), 1)
    assert fd >= 0
    assert "memfd:name" in os.readlink(f"/proc/self/fd/{fd}")
    os.close(fd)
    assert k.memfd_create(0xDEAD0000, 0) == -errno.EFAULT
