"""The same system calls, made by a native i386 program and by the personality, give the same.

Linux is the oracle: result, errno (also when several things are wrong) and memory contents. Both
sides work in directories of their own with equal contents; both have equal guest memory.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from run32.spec import syscalls

SCRATCH, READ_ONLY, UNMAPPED, TOP = 0x20000000, 0x30000000, 0x40000000, 0xFFFFFFF0
NUMBERS = {row.name: number for number, row in syscalls.table("i386").items()}
AT_FDCWD = 0xFFFFFF9C


class Side:
    """One process that makes system calls for us."""

    def __init__(self, command: list[str], folder: Path, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=env,
            umask=0o22,
        )

    def send(self, kind: str, *words: int, data: bytes = b"") -> None:
        pipe = self.process.stdin
        assert pipe is not None
        values = [value & 0xFFFFFFFF for value in words]
        pipe.write(struct.pack("<8I", ord(kind), *values, *[0] * (7 - len(values))) + data)
        pipe.flush()

    def receive(self, n: int) -> bytes:
        pipe = self.process.stdout
        assert pipe is not None
        data = pipe.read(n)
        assert len(data) == n, f"{self.process.args} has died: {self.process.wait(5)}"
        return data


class Both:
    """`both("name", args...)`: the result, which must be the same on both sides."""

    def __init__(self, native: Side, ours: Side) -> None:
        self.sides = (native, ours)
        self.next = SCRATCH

    def space(self, size: int) -> int:
        at = self.next
        self.next += (size + 15) & ~15
        assert self.next < SCRATCH + (1 << 20)
        return at

    def put(self, data: bytes) -> int:
        at = self.space(len(data))
        for side in self.sides:
            side.send("W", at, len(data), data=data)
        return at

    def str(self, text: str) -> int:
        return self.put(text.encode() + b"\0")

    def results(self, name: str, *args: int) -> list[int]:
        for side in self.sides:
            side.send("S", NUMBERS[name], *args)
        return [struct.unpack("<i", side.receive(4))[0] for side in self.sides]

    def __call__(self, name: str, *args: int) -> int:
        native, ours = self.results(name, *args)
        shown = ", ".join(hex(a & 0xFFFFFFFF) for a in args)
        assert ours == native, f"{name}({shown}): Linux {native}, run32 {ours}"
        return native

    def bytes(self, at: int, size: int) -> bytes:
        found = []
        for side in self.sides:
            side.send("R", at, size)
            found.append(side.receive(size))
        assert found[0] == found[1]
        return found[0]

    def reset(self) -> None:
        self.next = SCRATCH


@pytest.fixture(scope="module")
def native_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    gcc = shutil.which("i686-linux-gnu-gcc")
    if gcc is None:
        pytest.skip("i686-linux-gnu-gcc missing: no comparison with native i386")
    program = tmp_path_factory.mktemp("native") / "native_calls"
    source = Path(__file__).with_name("native_calls.c")
    subprocess.run([gcc, "-O1", "-static", "-o", program, source], check=True, timeout=60)
    try:
        subprocess.run([program], stdin=subprocess.DEVNULL, check=True, timeout=10)
    except OSError:
        pytest.skip("this kernel does not execute i386 programs")
    return program


def furnish(folder: Path) -> None:
    """What both sides find in their directories."""
    folder.mkdir()
    (folder / "file").write_bytes(b"0123456789")
    (folder / "dir").mkdir()
    (folder / "dir/inner").write_text("inner")
    (folder / "link").symlink_to("file")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo")
    with open(folder / "huge", "wb") as file:
        file.truncate(5 << 30)
    for path in ("file", "dir", "dir/inner", "fifo", "huge"):
        os.utime(folder / path, (1000, 2000))


@pytest.fixture
def both(native_program: Path, tmp_path: Path) -> Iterator[Both]:
    env = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    sides = []
    for name, command in (
        ("linux", [str(native_program)]),
        ("run32", [sys.executable, str(Path(__file__).with_name("gate_calls.py"))]),
    ):
        furnish(tmp_path / name)
        sides.append(Side(command, tmp_path / name, env))
    yield Both(*sides)
    for side in sides:
        side.process.kill()
        side.process.wait()


PATHS = ["file", "dir", "link", "dangling", "loop", "fifo", "huge", "none", "none/x", "file/x",
         "dir/", "file/", "", ".", "..", "dir/../file", "link/x", "x" * 255, "x" * 256]  # fmt: skip


def pointers(both: Both) -> list[int]:
    """Addresses of paths, good and bad."""
    near_end = READ_ONLY + 4095
    return [both.str(p) for p in PATHS] + [0, 4, UNMAPPED, TOP, near_end, both.put(b"y" * 4096)]


def test_opening(both: Both) -> None:
    for path in pointers(both):
        for flags in (0, 1, 2, 3, 0o100, 0o300, 0o200000, 0o400000, 0o600000, 0o10000000,
                      0o100000, 0o102000, 0o40, 0o4000001, 0o20200002, 0o10600000):  # fmt: skip
            fd = both("open", path, flags | 0o4000, 0o640)
            if fd >= 0:
                both("fcntl64", fd, 3, 0)
                both("fcntl64", fd, 1, 0)
                both("close", fd)
    for flags in (0, 0o200000, 0o10000000):
        for dirfd in (AT_FDCWD, 0, 77, 0xFFFFFFFF):
            both("openat", dirfd, both.str("file"), flags, 0)
            both("openat", dirfd, both.str("/"), flags, 0)


def test_paths_of_every_kind(both: Both) -> None:
    buf = both.space(256)
    for path in pointers(both):
        for name in ("stat", "lstat", "stat64", "lstat64", "statfs", "chdir"):
            if name == "chdir" and path < SCRATCH + 64 * 16 and path:
                both(name, both.str("dir/none"))
                continue
            if both(name, path, *(() if name == "chdir" else (buf,))) == 0 and name == "chdir":
                both(name, both.str(".."))
        for mode in (0, 4, 2, 1, 8, 0xFFFFFFFF):
            both("access", path, mode)
        both("statfs64", path, 84, buf)
        both("statfs64", path, 88, buf)
        both("readlink", path, buf, 64)
        both("readlink", path, buf, 0)
        both("readlink", path, UNMAPPED, 64)
        both("truncate", path, 0x80000000)
        both("rmdir", path) if path != both.sides else None
        both("utimes", path, UNMAPPED)
        both("chmod", path, 0o644)
        for flags in (0, 0x100, 0x400, 0x800, 0x1000, 0x8000):
            both("fstatat64", AT_FDCWD, path, buf, flags)
            both("fchownat", AT_FDCWD, path, 0xFFFFFFFF, 0xFFFFFFFF, flags)
            both("unlinkat", AT_FDCWD, path, flags | 0x10000)
            both("linkat", AT_FDCWD, path, AT_FDCWD, both.str("dir"), flags)
            both("statx", AT_FDCWD, path, flags, 0x7FF, buf)
            both("statx", 0, path, flags, 0x7FF, buf)
        both.next -= 6 * 16


def test_contents_of_stat(both: Both) -> None:
    buf = both.space(128)
    both("stat64", both.str("file"), buf)
    both.bytes(buf + 16, 16)  # mode, links, owner
    both.bytes(buf + 44, 12)  # size, block size
    both.bytes(buf + 64, 16)  # access and modification times
    both("stat", both.str("file"), buf)
    both.bytes(buf + 8, 8)
    both.bytes(buf + 20, 8)
    both.bytes(buf + 32, 16)
    both("stat", both.str("huge"), buf)
    both("stat64", both.str("file"), READ_ONLY)
    both("stat64", both.str("file"), READ_ONLY - 8)
    both("fstat64", 77, UNMAPPED)
    both("fstat64", 0xFFFFFF9C, buf)
    both("fstat", 0xFFFFFF9C, buf)
    both("uname", UNMAPPED)


def test_names(both: Both) -> None:
    names = [both.str(p) for p in ("file", "dir", "dir/new", "none/x", "", "link", "dir/inner")]
    names += [0, UNMAPPED]
    for old in names:
        for new in names:
            both("link", old, new)
            both("rename", old, new)
            both("symlink", old, new)
            for flags in (1, 2, 3, 8):
                both("renameat2", AT_FDCWD, old, AT_FDCWD, new, flags)
        both("mkdir", old, 0o777)
        both("mknod", old, 0o010600, 0)
        both("mknod", old, 0o040600, 0)
        both("unlink", old)
        both("rmdir", old)


def test_descriptors(both: Both) -> None:
    file = both("open", both.str("file"), 2, 0)
    folder = both("open", both.str("dir"), 0o200000, 0)
    huge = both("open", both.str("huge"), 0o100002, 0)
    result = both.space(8)
    for fd in (file, folder, huge, 77, 0xFFFFFFFF):
        for cmd in (*range(0, 18), 36, 37, 38, *range(1024, 1040), 99):
            for arg in (0, 5, UNMAPPED):
                if cmd in (0, 1030) and arg == UNMAPPED or cmd in (1025, 1026, 8, 10, 15):
                    continue
                got = both("fcntl64", fd, cmd, arg)
                if cmd in (0, 1030) and got > 2:
                    both("close", got)
                if cmd not in (0, 1030):
                    both("fcntl", fd, cmd, arg)
        for whence in (0, 1, 2, 3, 4, 5):
            for offset in (0, 1, 0xFFFFFFFF, 0x7FFFFFFF):
                if fd != folder or whence > 2:
                    both("_llseek", fd, 0xFFFFFFFF if offset >> 31 else 0, offset, result, whence)
        both("_llseek", fd, 0, 0, UNMAPPED, 0)
        both("getdents", fd, result, 4)
        both("getdents64", fd, result, 4)
        both("ftruncate", fd, 0xFFFFFFFF)
        both("dup2", fd, fd)
        both("dup2", fd, 0xFFFFFFFF)
        both("dup3", fd, fd, 0)
        both("fchdir", 77)
        both("ioctl", fd, 0x5401, result)
        both("ioctl", fd, 0x12345678, result)
        both("ioctl", fd, 0x541B, UNMAPPED)
        both("fstatfs64", fd, 84, UNMAPPED)
        both("fstatfs64", fd, 8, result)


def test_vectors_and_transfers(both: Both) -> None:
    file = both("open", both.str("file"), 2, 0)
    buf = both.space(64)
    good = both.put(struct.pack("<4I", buf, 4, buf + 8, 4))
    negative = both.put(struct.pack("<4I", buf, 4, buf, 0x80000000))
    bad = both.put(struct.pack("<4I", buf, 4, UNMAPPED, 4))
    top = both.put(struct.pack("<4I", buf, 4, 0xFFFFFFFC, 4))
    for fd in (file, 77):
        for iov in (good, negative, bad, UNMAPPED):
            for count in (0, 1, 2, 1024, 1025, 0xFFFFFFFF):
                both("readv", fd, iov, count)
                both("_llseek", fd, 0, 0, buf, 0)
                both("writev", fd, iov, min(count, 1))
        for address in (buf, UNMAPPED, READ_ONLY, 0xFFFFF000, 0):
            both("_llseek", fd, 0, 2, buf + 32, 0)
            both("read", fd, address, 4)
            both("write", fd, address, 3)
            both("pread64", fd, address, 4, 0xFFFFFFFF, 0xFFFFFFFF)
            both("pread64", fd, address, 4, 100, 0)
    assert top
    both.bytes(buf, 16)


def test_identity_and_limits(both: Both) -> None:
    buf = both.space(32)
    both.put(bytes(64))
    for which in (*range(0, 20), 0xFFFFFFFF):
        both("setrlimit", which, UNMAPPED)
        both("setrlimit", which, both.put(struct.pack("<2I", 5, 4)))
        if which not in (2, 3, 9):
            both("ugetrlimit", which, buf)
        both("ugetrlimit", which, UNMAPPED)
        both("prlimit64", 0, which, UNMAPPED, buf)
        both.next = SCRATCH + 128
    for size in (0xFFFFFFFF, 0, 1):
        both("getgroups", size, UNMAPPED)
    for name in ("getuid", "getgid", "geteuid", "getegid", "getuid32"):
        both(name)
    both("getresuid", buf, buf + 2, UNMAPPED)
    both("setgroups", 0xFFFFFFFF, buf)
    both("setgroups", 1, UNMAPPED)
    both("personality", 0xFFFFFFFF)
    both("set_robust_list", buf, 11)
    for option in (1, 3, 4, 7, 8, 15, 16, 21, 23, 27, 29, 30, 34, 36, 37, 38, 39, 40, 99):
        both("prctl", option, 99, 0, 0, 0)
        both("prctl", option, UNMAPPED, 0, 0, 0)
    both("sysinfo", UNMAPPED)


def test_signal_calls(both: Both) -> None:
    action = both.put(struct.pack("<3IQ", 0x8048000, 0xFFFFFFFF, 0, 0xFFFFFFFFFFFFFFFF))
    old = both.space(32)
    for signo in (0, 1, 9, 10, 19, 32, 33, 64, 65, 0xFFFFFFFF):
        for new in (0, action, UNMAPPED):
            for where in (0, old, UNMAPPED):
                both("rt_sigaction", signo, new, where, 8)
                both("sigaction", signo, new, where)
        both("rt_sigaction", signo, action, old, 4)
        both.bytes(old, 20)
    mask = both.put(b"\xff" * 8)
    for how in (0, 1, 2, 3):
        for new in (0, mask, UNMAPPED):
            for where in (0, old, UNMAPPED):
                both("rt_sigprocmask", how, new, where, 8)
                both("sigprocmask", how, new, where)
        both.bytes(old, 8)
        both("rt_sigprocmask", how, mask, 0, 4)
    for size in (0, 4, 8, 9):
        both("rt_sigpending", old, size)
    both.bytes(old, 8)
    for flags in (0, 1, 2, 3, 4, 0x80000000, 0x80000001):
        for size in (0, 2047, 2048, 8192):
            stack = both.put(struct.pack("<3I", 0x20080000, flags, size))
            both("sigaltstack", stack, 0)
            both("sigaltstack", 0, old)
            both.bytes(old, 12)
    both("sigaltstack", UNMAPPED, 0)
    both("sigaltstack", 0, UNMAPPED)
    both("kill", 0x7FFFFFFF, 0)
    both("tgkill", 0, 1, 0)
    both("tkill", 0, 0)
    both("tgkill", 1, 0x7FFFFFFF, 0)


def test_times(both: Both) -> None:
    now, omit = (1 << 30) - 1, (1 << 30) - 2
    nano = (0, 1, 999999999, 1000000000, 0xFFFFFFFF, now, omit)
    name = both.str("file")
    for first in nano:
        for second in nano:
            times = both.put(struct.pack("<4I", 5, first, 6, second))
            both("utimensat", AT_FDCWD, name, times, 0)
            both("utimes", name, times)
            long = both.put(struct.pack("<qIIqII", 5, first, 7, 6, second, 9))
            both("utimensat_time64", AT_FDCWD, name, long, 0)
            both.next = name + 16
    both("utimensat", AT_FDCWD, 0, 0, 0)
    both("utimensat", 77, 0, 0, 0)
    both("utimensat", 77, name, 0, 0x8000)


def test_cookies_of_a_small_directory(both: Both) -> None:
    """The positions are not compared (they hash names with a seed of the file system)."""
    fd = both("open", both.str("."), 0o200000, 0)
    buf = both.space(4096)
    both("getdents64", fd, buf, 4096)
    both("getdents64", fd, buf, 4096)
    both("lseek", fd, 0, 0)
    both("getdents", fd, buf, 4096)
    both("getdents", fd, buf, 4096)


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", "2"))))
def test_random_arguments(both: Both, seed: int) -> None:
    """Arguments out of a small set, for calls that change nothing outside the directory."""
    rng = random.Random(seed)
    names = """openat faccessat fchmodat readlinkat mkdirat symlinkat linkat renameat unlinkat
        fstatat64 statx utimensat truncate64 ftruncate64 getxattr lgetxattr listxattr setxattr
        removexattr getcwd access statfs64 fchownat mknodat faccessat2 fcntl64 dup3
        openat2""".split()
    paths = [both.str(p) for p in PATHS[:14] if p != "fifo"]  # opening one may wait
    buf = both.space(4096)
    values = [0, 1, 2, 3, 8, 24, 0x100, 0x1000, 0o200000, 0xFFFFFFFF, AT_FDCWD, UNMAPPED, buf, TOP]
    for _ in range(3000):
        name = rng.choice(names)
        row = syscalls.table("i386")[NUMBERS[name]]
        args = []
        for arg in row.args:
            kind = arg.ctype.__name__
            if kind in ("Path", "Str"):
                args.append(rng.choice(paths + [UNMAPPED, 0] if rng.random() < 0.2 else paths))
            elif kind == "DirFd":
                args.append(AT_FDCWD if rng.random() < 0.7 else rng.choice(values))
            elif kind == "Fd":
                args.append(rng.choice([3, 4, 5, 77, 0xFFFFFFFF]))
            elif arg.ctype.SIZE == 8:
                args += [rng.choice([0, 5, 0xFFFFFFFF]), rng.choice([0, 0, 1, 0xFFFFFFFF])]
            else:
                args.append(rng.choice(values))
        if name in ("openat", "openat2", "fcntl64", "dup3"):
            args = [a if a != 0xFFFFFFFF or i == 0 else 1 for i, a in enumerate(args)]
        if name == "fcntl64" and args[1] in (8, 1026):
            continue
        if name == "mknodat" and args[2] & 0o170000 not in (0, 0o100000):
            continue
        fd = both(name, *args)
        if name in ("openat", "openat2", "dup3", "fcntl64") and fd > 5:
            both("close", fd)
