"""strace lines: what a call looks like before and after it returns."""

import struct

import pytest

from run32.debug.strace import NOT_IMPLEMENTED, Tracer, format_call, format_result
from run32.kernel.memory import Fault
from run32.spec.syscalls import table

AT_FDCWD = -100 & 0xFFFFFFFF


class Memory:
    """Guest memory from 0x1000 up."""

    def __init__(self):
        self.data = bytearray()

    def put(self, data):
        self.data += bytes(-len(self.data) % 8)
        self.data += data
        return 0x1000 + len(self.data) - len(data)

    def read(self, at, n):
        if not 0x1000 <= at or at - 0x1000 + n > len(self.data):
            raise Fault(at)
        return bytes(self.data[at - 0x1000 : at - 0x1000 + n])

    def read_cstr(self, at, limit=4096):
        if not 0x1000 <= at < 0x1000 + len(self.data):
            raise Fault(at)
        return bytes(self.data[at - 0x1000 :]).split(b"\0")[0]

    def u32(self, at):
        return struct.unpack("<I", self.read(at, 4))[0]


class Task:
    abi = "arm"

    def __init__(self):
        self.mem = Memory()


@pytest.fixture
def task():
    return Task()


def number(name, abi="arm"):
    return next(n for n, row in table(abi).items() if row.name == name)


def line(task, name, *args, result=None, abi="arm"):
    """A finished line."""
    registers = [a & 0xFFFFFFFF for a in args] + [0] * (7 - len(args))
    nr = number(name, abi)
    text = format_call(task, abi, nr, registers, result)
    return text if result is None else f"{text} = {format_result(abi, nr, result)}"


def test_open(task):
    path = task.mem.put(b"/etc/passwd\0")
    o_cloexec = 0o2000000
    expected = 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3'
    assert line(task, "openat", AT_FDCWD, path, o_cloexec, 0, result=3) == expected
    text = line(task, "open", path, 0o1101, 0o644, result=-13)
    assert text == (
        'open("/etc/passwd", O_WRONLY|O_CREAT|O_TRUNC, 0644) = -1 EACCES (Permission denied)'
    )


def test_open_flags_differ_per_abi(task):
    path = task.mem.put(b".\0")
    for abi, value in (("arm", 0o40000), ("i386", 0o200000)):
        text = line(task, "openat", AT_FDCWD, path, value, abi=abi)
        assert text == 'openat(AT_FDCWD, ".", O_RDONLY|O_DIRECTORY)'


def test_buffers_are_cut_at_32(task):
    at = task.mem.put(b"x" * 50)
    assert line(task, "write", 1, at, 50, result=50) == f'write(1, "{"x" * 32}"..., 50) = 50'
    at = task.mem.put(b'a"\\\n\x01\x012\xff' + bytes(40))
    assert (
        line(task, "read", 3, at, 100, result=8) == 'read(3, "a\\"\\\\\\n\\1\\0012\\377", 100) = 8'
    )
    assert line(task, "read", 3, at, 100) == f"read(3, {at:#x}, 100)"
    assert line(task, "read", 3, at, 100, result=-9).endswith(
        f"{at:#x}, 100) = -1 EBADF (Bad file descriptor)"
    )


def test_bad_addresses(task):
    assert line(task, "openat", AT_FDCWD, 0xDEAD0000, 0) == "openat(AT_FDCWD, 0xdead0000, O_RDONLY)"
    assert line(task, "openat", AT_FDCWD, 0, 0) == "openat(AT_FDCWD, NULL, O_RDONLY)"


def test_pairs_and_structs(task):
    assert line(task, "pread64", 3, 0, 4, 0, 1, 2) == f"pread64(3, NULL, 4, {(2 << 32) + 1})"
    at = task.mem.put(struct.pack("<2i", 1, 500))
    assert line(task, "nanosleep", at, 0, result=0) == (
        "nanosleep({tv_sec=1, tv_nsec=500}, NULL) = 0"
    )
    at = task.mem.put(struct.pack("<2i", 7, 9))
    assert line(task, "clock_gettime", 1, at, result=0) == (
        "clock_gettime(CLOCK_MONOTONIC, {tv_sec=7, tv_nsec=9}) = 0"
    )
    fds = task.mem.put(struct.pack("<2i", 3, 4))
    assert line(task, "pipe2", fds, 0o2000000, result=0) == "pipe2([3, 4], O_CLOEXEC) = 0"


def test_vectors_and_polls(task):
    data = task.mem.put(b"hello")
    iov = task.mem.put(struct.pack("<4I", data, 5, data, 2))
    assert line(task, "writev", 1, iov, 2, result=7) == (
        'writev(1, [{iov_base="hello", iov_len=5}, {iov_base="he", iov_len=2}], 2) = 7'
    )
    fds = task.mem.put(struct.pack("<ihh", 3, 1, 4))
    assert line(task, "poll", fds, 1, -1) == "poll([{fd=3, events=POLLIN}], 1, -1)"
    assert line(task, "poll", fds, 1, -1, result=1) == (
        "poll([{fd=3, revents=POLLOUT}], 1, -1) = 1"
    )


def test_mappings(task):
    text = line(task, "mmap2", 0, 8192, 3, 0x22, -1, 0, result=0xF7F00000)
    assert text == (
        "mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xf7f00000"
    )


def test_ioctl_and_fcntl(task):
    at = task.mem.put(struct.pack("<4H", 24, 80, 0, 0))
    assert line(task, "ioctl", 1, 0x5413, at, result=0) == (
        "ioctl(1, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0"
    )
    assert line(task, "ioctl", 1, 0x1234, 0, result=-25) == (
        "ioctl(1, 0x1234, NULL) = -1 ENOTTY (Inappropriate ioctl for device)"
    )
    assert line(task, "fcntl64", 3, 2, 1, result=0) == "fcntl64(3, F_SETFD, FD_CLOEXEC) = 0"
    assert line(task, "fcntl64", 3, 1, 0, result=1) == "fcntl64(3, F_GETFD) = 1"


def test_unknown_and_planned_calls_are_named(task):
    text = format_call(task, "arm", 399_999, [1, 2, 3, 4, 5, 6, 7])
    assert text == "syscall_0x61a7f(0x1, 0x2, 0x3, 0x4, 0x5, 0x6)"
    assert format_result("arm", 399_999, -38).endswith(NOT_IMPLEMENTED)
    assert line(task, "userfaultfd", 0, result=-38) == (
        "userfaultfd(0) = -1 ENOSYS (Function not implemented)" + NOT_IMPLEMENTED
    )
    assert not line(task, "usr26", result=-38).endswith(NOT_IMPLEMENTED)


def test_every_row_formats(task):
    at = task.mem.put(bytes(4096))
    for abi in ("arm", "i386"):
        for nr in table(abi):
            for value in (0, at, 0xDEADBEEF):
                for result in (None, 0, 4, -22):
                    assert "(" in format_call(task, abi, nr, [value] * 7, result)


def test_tracer_writes_a_file(task, tmp_path):
    tracer = Tracer(task, str(tmp_path / "out"))
    tracer.enter(number("getpid"), [0] * 7)
    tracer.leave(number("getpid"), [0] * 7, 42)
    tracer.enter(number("exit_group"), [3] + [0] * 6)
    assert (tmp_path / "out").read_text() == "getpid() = 42\nexit_group(3) = ?\n"
