"""/proc as a 32-bit process sees it, and /proc/self/mem, which must never reach host memory."""

import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel.task_harness import Guest

AT_FDCWD = -100
EBADF, EACCES, EFAULT, EIO, EINVAL = 9, 13, 14, 5, 22
PID = str(os.getpid())


def no_pid(path: str) -> str:
    """A test id that is the same in every process."""
    return path.replace(PID, "PID")


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Guest]:
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/prog").write_bytes(b"\x7fELF guest")
    made = Guest(rootfs=str(root))
    made.task.program.exe_host = os.fsencode(root / "usr/bin/prog")
    made.task.program.auxv = struct.pack("<6I", 16, 1 << 1 | 1 << 6 | 1 << 17, 6, 4096, 0, 0)
    yield made
    made.close()


def opened(g: Guest, path: str, flags: int = 0, dirfd: int = AT_FDCWD) -> int:
    return g.call("openat", dirfd, g.str(path), flags, 0)


def text(g: Guest, path: str, dirfd: int = AT_FDCWD) -> bytes:
    fd = opened(g, path, 0, dirfd)
    assert fd >= 0, fd
    parts = []
    while part := os.read(fd, 65536):
        parts.append(part)
    os.close(fd)
    return b"".join(parts)


def link(g: Guest, path: str) -> bytes:
    buf = g.space(4096)
    n = g.call("readlink", g.str(path), buf, 4096)
    assert n > 0, n
    return g.mem.read(buf, n)


SELF = ["/proc/self", f"/proc/{PID}", "/proc/thread-self", f"/proc/self/task/{PID}"]


@pytest.mark.parametrize("base", SELF, ids=no_pid)
def test_exe_is_the_guest_program(g: Guest, base: str) -> None:
    assert link(g, f"{base}/exe") == b"/usr/bin/prog"
    assert text(g, f"{base}/exe") == b"\x7fELF guest"
    buf = g.space(128)
    assert g.call("stat64", g.str(f"{base}/exe"), buf) == 0
    assert g.words(buf + 48, "q")[0] == 10


def test_exe_through_a_directory(g: Guest) -> None:
    fd = opened(g, "/proc/self", 0o40000)
    assert text(g, "exe", fd) == b"\x7fELF guest"
    buf = g.space(64)
    n = g.call("readlinkat", fd, g.str("exe"), buf, 64)
    assert g.mem.read(buf, n) == b"/usr/bin/prog"
    g.call("fchdir", fd)
    try:
        assert text(g, "exe") == b"\x7fELF guest"
    finally:
        os.chdir("/")


def test_links_of_descriptors_hide_the_root(g: Guest, tmp_path: Path) -> None:
    fd = opened(g, "/usr/bin/prog")
    assert link(g, f"/proc/self/fd/{fd}") == b"/usr/bin/prog"
    os.chdir(tmp_path / "root/usr")
    assert link(g, "/proc/self/cwd") == b"/usr"
    os.chdir("/")
    outside = opened(g, str(tmp_path))
    assert link(g, f"/proc/self/fd/{outside}") == os.fsencode(tmp_path)


@pytest.mark.parametrize("base", SELF, ids=no_pid)
def test_maps(g: Guest, base: str) -> None:
    fd = opened(g, "/usr/bin/prog")
    at = g.mem.mmap(0x20000000, 4096, 5, 0x12, fd, 0)
    lines = text(g, f"{base}/maps").decode().splitlines()
    mine = next(line for line in lines if line.startswith(f"{at:08x}-"))
    stat = os.fstat(fd)
    head = (
        f"{at:08x}-{at + 4096:08x} r-xp 00000000 "
        f"{os.major(stat.st_dev):02x}:{os.minor(stat.st_dev):02x} {stat.st_ino} "
    )
    assert mine == f"{head:<72} /usr/bin/prog"
    assert all(int(line.split("-")[0], 16) < 1 << 32 for line in lines)
    assert f"{g.start:08x}-{g.start + (1 << 20):08x} rw-p 00000000 00:00 0 " in lines
    smaps = text(g, f"{base}/smaps").decode()
    assert f"{at:08x}-{at + 4096:08x} r-xp" in smaps and "Rss:" in smaps
    assert "python" not in smaps


def test_maps_through_a_link_and_again(g: Guest, tmp_path: Path) -> None:
    (tmp_path / "m").symlink_to("/proc/self/maps")
    fd = opened(g, str(tmp_path / "m"))
    assert b"libc" not in os.read(fd, 65536) and os.lseek(fd, 0, 0) == 0
    assert os.read(fd, 10)
    with pytest.raises(OSError):
        os.write(fd, b"x")


def test_identity_files(g: Guest) -> None:
    assert text(g, "/proc/self/cmdline") == b"prog\0arg\0"
    assert text(g, "/proc/self/environ") == b"A=1\0"
    g.task.program.arg_start = g.put(b"renamed\0")
    g.task.program.arg_end = g.task.program.arg_start + 8
    assert text(g, "/proc/self/cmdline") == b"renamed\0"
    assert text(g, "/proc/self/auxv") == g.task.program.auxv
    g.task.personality = 0x0040000
    assert text(g, "/proc/self/personality") == b"00040000\n"


def test_sizes_and_masks(g: Guest) -> None:
    g.call("rt_sigaction", 10, g.put(struct.pack("<3IQ", 1, 0, 0, 0)), 0, 8)
    g.call("rt_sigaction", 12, g.put(struct.pack("<3IQ", 0x8000, 0, 0, 0)), 0, 8)
    status = text(g, "/proc/self/status").decode()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(fields["VmSize"].split()[0]) == g.mem.table.total >> 10
    assert (fields["SigIgn"], fields["SigCgt"]) == (f"{1 << 9:016x}", f"{1 << 11:016x}")
    assert int(fields["Pid"]) == os.getpid() and "x86_" not in status
    stat = text(g, "/proc/self/stat").decode().rpartition(") ")[2].split()
    assert int(stat[23 - 3]) == g.mem.table.total
    assert (int(stat[33 - 3]), int(stat[34 - 3])) == (1 << 9, 1 << 11)
    assert int(stat[28 - 3]) == 0 and int(stat[29 - 3]) == 0
    assert int(text(g, "/proc/self/statm").split()[0]) == g.mem.table.total // g.mem.page
    g.call("setrlimit", 3, g.put(struct.pack("<2I", 1 << 20, 0xFFFFFFFF)))
    limits = text(g, "/proc/self/limits").decode()
    assert "Max stack size            1048576" in limits


def test_cpuinfo(g: Guest) -> None:
    info = text(g, "/proc/cpuinfo").decode()
    assert info.count("processor\t:") == os.cpu_count()
    assert "Features\t: half vfp idiva \n" in info
    assert "CPU architecture: 7\n" in info and "flags" not in info


def test_other_processes_and_files_are_the_hosts(g: Guest) -> None:
    assert b"systemd" in text(g, "/proc/1/stat") or text(g, "/proc/1/stat").startswith(b"1 (")
    assert text(g, "/proc/meminfo").startswith(b"MemTotal")
    for name in ("pagemap", "clear_refs"):
        assert opened(g, f"/proc/self/{name}", 1 if name == "clear_refs" else 0) == -EACCES


MEM = ["/proc/self/mem", f"/proc/{PID}/mem", f"/proc/self/task/{PID}/mem", "link", "relative"]


def open_mem(g: Guest, how: str, tmp_path: Path, flags: int = 2) -> int:
    if how == "link":
        name = tmp_path / "link"
        if not name.is_symlink():
            name.symlink_to("/proc/thread-self/mem")
        return opened(g, str(name), flags)
    if how == "relative":
        return opened(g, "mem", flags, opened(g, "/proc/self", 0o40000))
    return opened(g, how, flags)


@pytest.mark.parametrize("how", MEM, ids=no_pid)
def test_mem_reads_and_writes_guest_memory(g: Guest, how: str, tmp_path: Path) -> None:
    fd = open_mem(g, how, tmp_path)
    assert fd >= 0
    data, buf = g.put(b"guest memory"), g.space(64)
    assert g.call("pread64", fd, buf, 12, 0, data, 0) == 12
    assert g.mem.read(buf, 12) == b"guest memory"
    assert g.call("fcntl64", fd, 3, 0) == 2
    assert g.call("lseek", fd, 0x10000, 0) == 0x10000
    result = g.space(8)
    assert g.call("_llseek", fd, 0, data, result, 0) == 0
    assert g.call("read", fd, buf, 5) == 5
    assert g.call("read", fd, buf, 7) == 7
    assert g.mem.read(buf, 7) == b" memory"
    assert g.call("pwrite64", fd, g.put(b"GUEST"), 5, 0, data, 0) == 5
    assert g.mem.read(data, 12) == b"GUEST memory"
    iov = g.put(struct.pack("<4I", buf, 3, buf + 10, 4))
    assert g.call("preadv", fd, iov, 2, data, 0) == 7
    assert g.mem.read(buf + 10, 4) == b"ST m"
    twin = os.dup(fd)
    assert g.call("pread64", twin, buf, 5, 0, data, 0) == 5


@pytest.mark.parametrize("how", MEM, ids=no_pid)
def test_mem_never_reaches_the_host(g: Guest, how: str, tmp_path: Path) -> None:
    fd = open_mem(g, how, tmp_path)
    buf = g.space(64)
    secret = ctypes.create_string_buffer(b"host secret")
    where = ctypes.addressof(secret)
    assert g.call("pread64", fd, buf, 11, 0, where & 0xFFFFFFFF, where >> 32) == -EIO
    assert g.call("pwrite64", fd, g.put(b"X" * 11), 11, 0, where & 0xFFFFFFFF, where >> 32) == -EIO
    for gaddr in (0, 0x1000, 0xFFFFF000, 0xFFFFFFFF):
        assert g.call("pread64", fd, buf, 8, 0, gaddr, 0) == -EIO
    relative = where - g.mem.base
    low, high = relative & 0xFFFFFFFF, relative >> 32 & 0xFFFFFFFF
    assert g.call("pread64", fd, buf, 11, 0, low, high) in (-EIO, -EINVAL)
    assert secret.value == b"host secret"
    for nr in (os.read, os.pread):
        with pytest.raises(OSError):
            nr(fd, 10, *([where] if nr is os.pread else []))
    assert g.call("pread64", fd, buf, 8, 0, 0, 0x80000000) == -EINVAL


def test_mem_stops_at_the_end_of_a_mapping(g: Guest) -> None:
    fd = opened(g, "/proc/self/mem", 2)
    at = g.mem.mmap(0x30000000, 8192, 3, 0x22)
    g.mem.munmap(at + 4096, 4096)
    g.mem.write(at + 4090, b"sixsix")
    buf = g.space(64)
    assert g.call("pread64", fd, buf, 64, 0, at + 4090, 0) == 6
    assert g.call("pread64", fd, 0x10, 4, 0, at, 0) == -EFAULT


def test_mem_ignores_protection_and_tells_of_code(g: Guest) -> None:
    fd = opened(g, "/proc/self/mem", 2)
    at = g.mem.mmap(0x30000000, 4096, 5, 0x22)
    changed = []
    g.mem.on_exec_change.append(lambda *what: changed.append(what))
    assert g.call("pwrite64", fd, g.put(b"code"), 4, 0, at + 8, 0) == 4
    assert g.mem.read(at + 8, 4) == b"code"
    assert changed == [(at, at + 4096, True)]  # whole pages
    assert g.mem.mprotect(at, 4096, 0) == 0
    assert g.call("pread64", fd, g.space(8), 4, 0, at + 8, 0) == 4


def test_mem_honours_its_open_mode(g: Guest) -> None:
    read_only, write_only = opened(g, "/proc/self/mem"), opened(g, "/proc/self/mem", 1)
    data = g.put(b"abcd")
    assert g.call("pwrite64", read_only, data, 4, 0, data, 0) == -EBADF
    assert g.call("pread64", write_only, data, 4, 0, data, 0) == -EBADF
    assert g.call("pread64", read_only, data, 4, 0, data, 0) == 4
    path_only = opened(g, "/proc/self/mem", 0o10000000)
    assert g.call("pread64", path_only, data, 4, 0, data, 0) == -EBADF
    again = opened(g, f"/proc/self/fd/{path_only}", 2)
    assert g.call("pread64", again, g.space(8), 4, 0, data, 0) == 4


def test_mem_of_another_run32_process_is_refused(g: Guest) -> None:
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(read_end, 1)
        os._exit(0)
    try:
        assert opened(g, f"/proc/{pid}/mem", 2) == -EACCES
    finally:
        os.write(write_end, b"x")
        os.waitpid(pid, 0)
