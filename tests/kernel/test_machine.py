"""uname, personality, sysinfo, limits, prctl, ids, ioctl, memory calls, arm's private calls."""

import os
import pty
import resource
import select
import struct
from pathlib import Path

import pytest
from kernel.task_harness import Guest

from run32.kernel.misc import old_release
from run32.kernel.task import Killed

EPERM, ESRCH, EBADF, EFAULT, EINVAL, ENOTTY = 1, 3, 9, 14, 22, 25
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
INFINITY = 0xFFFFFFFF


def fields(g: Guest, buf: int) -> list[bytes]:
    raw = g.mem.read(buf, 390)
    return [raw[i : i + 65].split(b"\0")[0] for i in range(0, 390, 65)]


def test_uname(each: Guest) -> None:
    buf = each.space(400)
    assert each.call("uname", buf) == 0
    real = os.uname()
    machine = {"arm": b"armv7l", "i386": b"i686"}[each.abi]
    assert fields(each, buf)[:5] == [
        b"Linux", os.fsencode(real.nodename), os.fsencode(real.release), os.fsencode(real.version),
        machine,
    ]  # fmt: skip
    assert each.call("personality", 0x0020000) == 0
    assert each.call("uname", buf) == 0
    assert fields(each, buf)[2].startswith(b"2.6.")
    assert each.call("uname", 0x10) == -EFAULT


@pytest.mark.parametrize(
    ("release", "old"),
    [
        (b"6.18.44-fc-v657", b"2.6.78-fc-v657"),
        (b"6.1.0-13-arm64", b"2.6.61-13-arm64"),
        (b"5.10.1", b"2.6.70"),
        (b"6.2-rc1", b"2.6.62-rc1"),
        (b"2.6.32-x", b"2.6.32-x"),
    ],
)
def test_old_release(release: bytes, old: bytes) -> None:
    assert old_release(release) == old


def test_personality_is_the_guests_own(guest: Guest) -> None:
    assert guest.call("personality", 0xFFFFFFFF) == 0
    assert guest.call("personality", 0x0440008) == 0
    assert guest.call("personality", 0xFFFFFFFF) == 0x0440008
    assert guest.mem.read_implies_exec
    with open("/proc/self/personality") as file:
        assert int(file.read(), 16) & 0x0440008 == 0


def test_sysinfo(each: Guest) -> None:
    buf = each.space(64)
    assert each.call("sysinfo", buf) == 0
    values = each.words(buf, "i3I6I2H2II")
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert abs(values[4] * values[-1] - total) <= values[-1]
    assert values[0] > 0 and values[10] > 1


def test_kept_limits(guest: Guest) -> None:
    before = resource.getrlimit(resource.RLIMIT_STACK)
    buf = guest.space(16)
    for which in (2, 3, 9):
        assert guest.call("setrlimit", which, guest.put(struct.pack("<2I", 1 << 26, 1 << 27))) == 0
        assert guest.call("ugetrlimit", which, buf) == 0
        assert guest.words(buf, "2I") == (1 << 26, 1 << 27)
        assert guest.call("prlimit64", 0, which, 0, buf) == 0
        assert guest.words(buf, "2Q") == (1 << 26, 1 << 27)
    bad = guest.put(struct.pack("<2I", 2, 1))
    assert guest.call("setrlimit", 3, bad) == -EINVAL
    assert resource.getrlimit(resource.RLIMIT_STACK) == before
    assert guest.call("mmap2", 0, 1 << 27, 3, 0x22, 0xFFFFFFFF, 0) == -12


def test_host_limits(guest: Guest) -> None:
    buf = guest.space(16)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert guest.call("ugetrlimit", 7, buf) == 0
    assert guest.words(buf, "2I") == (min(soft, INFINITY), min(hard, INFINITY))
    new = guest.put(struct.pack("<2Q", soft - 1, hard))
    assert guest.call("prlimit64", os.getpid(), 7, new, buf) == 0
    assert guest.words(buf, "2Q") == (soft, hard)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft - 1, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert guest.call("ugetrlimit", 99, buf) == -EINVAL
    assert guest.call("prlimit64", 2**31 - 1, 7, 0, buf) == -ESRCH
    assert guest.call("ugetrlimit", 13, buf) == 0


def test_infinity_in_32_bits(guest: Guest) -> None:
    buf = guest.space(16)
    infinite = guest.put(struct.pack("<2I", INFINITY, INFINITY))
    guest.task.limits[3] = (1 << 20, (1 << 64) - 1)
    assert guest.call("setrlimit", 3, infinite) == 0
    assert guest.call("prlimit64", 0, 3, 0, buf) == 0
    assert guest.words(buf, "2Q") == ((1 << 64) - 1, (1 << 64) - 1)
    guest.task.limits[3] = (1 << 33, 1 << 40)
    assert guest.call("ugetrlimit", 3, buf) == 0
    assert guest.words(buf, "2I") == (INFINITY, INFINITY)


def test_prctl(guest: Guest) -> None:
    import ctypes

    buf = guest.space(32)
    kept = Path("/proc/self/comm").read_text()
    assert guest.call("prctl", 15, guest.str("a-long-name-for-a-task"), 0, 0, 0) == 0
    assert Path("/proc/self/comm").read_text() == "a-long-name-for\n"
    assert guest.call("prctl", 16, buf, 0, 0, 0) == 0
    assert guest.mem.read(buf, 16) == b"a-long-name-for\0"
    ctypes.CDLL(None).prctl(15, kept.strip().encode(), 0, 0, 0)
    assert guest.call("prctl", 3, 0, 0, 0, 0) == 1
    assert guest.call("prctl", 4, 0, 0, 0, 0) == 0
    assert guest.call("prctl", 3, 0, 0, 0, 0) == 0
    assert os.access("/proc/self/mem", os.R_OK), "the host process stays as it was"
    assert guest.call("prctl", 4, 2, 0, 0, 0) == -EINVAL
    assert guest.call("prctl", 1, 10, 0, 0, 0) == 0
    assert guest.call("prctl", 2, buf, 0, 0, 0) == 0
    assert guest.words(buf, "I")[0] == 10
    assert guest.call("prctl", 1, 0, 0, 0, 0) == 0
    for option in (22, 35, 59, 65, 9999):
        assert guest.call("prctl", option, 1, 0, 0, 0) == -EINVAL
    assert guest.call("prctl", 15, 0x10, 0, 0, 0) == -EFAULT


def test_ids_in_16_bits(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert guest.call("getuid") == min(os.getuid(), 65534)
    three = [guest.space(4) for _ in range(3)]
    assert guest.call("getresuid", *three) == 0
    assert [guest.words(at, "I")[0] for at in three] == list(os.getresuid())
    from run32.kernel import ids

    assert [ids.narrow(v) for v in (0, 65535, 65536, 70000)] == [0, 65535, 65534, 65534]
    assert [ids.wide(v) for v in (0xFFFF, 5)] == [0xFFFFFFFF, 5]
    assert guest.call("getgroups", 0, 0) == len(os.getgroups())


@root_only
def test_setting_ids(guest: Guest) -> None:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            groups = guest.put(struct.pack("<3H", 5, 6, 7))
            assert guest.call("setgroups", 3, groups) == 0
            assert os.getgroups() == [5, 6, 7]
            assert guest.call("setgroups32", 1, guest.put(struct.pack("<I", 70000))) == 0
            buf = guest.space(8)
            assert guest.call("getgroups", 1, buf) == 1
            assert guest.words(buf, "H")[0] == 65534
            assert guest.call("setresgid", 100, 0xFFFF, 0xFFFF) == 0
            assert os.getresgid() == (100, 0, 0)
            assert guest.call("setresuid32", 1000, 1000, 0) == 0
            assert guest.call("setuid", 1000) == 0
            assert guest.call("setuid", 5) == -EPERM
            assert guest.call("setfsuid", 0xFFFF) == 1000
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_terminal_ioctls(each: Guest) -> None:
    master, slave = pty.openpty()
    buf = each.space(64)
    assert each.call("ioctl", slave, 0x5401, buf) == 0
    termios = each.mem.read(buf, 36)
    assert each.call("ioctl", slave, 0x5402, each.put(termios)) == 0
    assert each.call("ioctl", slave, 0x5414, each.put(struct.pack("<4H", 24, 80, 0, 0))) == 0
    assert each.call("ioctl", master, 0x5413, buf) == 0
    assert each.words(buf, "4H") == (24, 80, 0, 0)
    os.write(master, b"abc\n")
    assert select.select([slave], [], [], 10)[0]
    assert each.call("ioctl", slave, 0x541B, buf) == 0
    assert each.words(buf, "I")[0] == 4
    assert each.call("ioctl", master, 0x80045430, buf) == 0
    assert each.call("ioctl", slave, 0x5401, 0x10) == -EFAULT
    assert each.call("ioctl", slave, 0x5401, 0xFFFFFFF0) == -EFAULT
    flags = {"arm": 0o400000, "i386": 0o100000}[each.abi]
    assert each.call("ioctl", master, 0x5441, 2 | 0o400 | flags) >= 0


def test_file_ioctls(each: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 5000)
    fd = os.open(path, os.O_RDWR)
    os.fsync(fd)
    buf = each.space(256)
    assert each.call("ioctl", fd, 0x5401, buf) == -ENOTTY
    assert each.call("ioctl", fd, 0x541B, buf) == 0
    assert each.words(buf, "I")[0] == 5000
    assert each.call("ioctl", fd, 0x5450, 0) == 0
    assert each.call("ioctl", fd, {"arm": 0x545E, "i386": 0x5460}[each.abi], buf) == 0
    assert each.words(buf, "Q")[0] == os.fstat(fd).st_blocks * 512
    assert each.call("ioctl", fd, 0xDEAD, 0) == -ENOTTY
    assert each.call("ioctl", 999, 0xDEAD, 0) == -EBADF
    result = each.call("ioctl", fd, 0x80046601, buf)
    assert result in (0, -ENOTTY, -95)
    if result == 0:
        each.mem.write(buf, struct.pack("<2Q4I", 0, 1 << 62, 1, 0, 2, 0))
        assert each.call("ioctl", fd, 0xC020660B, buf) in (0, -95)


def test_memory_calls(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"A" * 4096 + b"B" * 4096)
    fd = os.open(path, os.O_RDONLY)
    at = guest.call("mmap2", 0, 4096, 1, 2, fd, 1)
    assert guest.mem.read(at, 4) == b"BBBB"
    assert guest.call("mprotect", at, 4096, 0) == 0
    assert guest.call("munmap", at, 4096) == 0
    assert guest.call("munmap", at + 1, 4096) == -EINVAL
    guest.mem.set_brk(0x10000000)
    assert guest.call("brk", 0) == 0x10000000
    assert guest.call("brk", 0x10001234) == 0x10001234
    assert guest.call("brk", guest.start + 4096) == 0x10001234
    assert guest.call("mlock2", guest.start, 4096, 2) == -EINVAL
    assert guest.call("pkey_alloc", 0, 0) == -28
    assert guest.call("mincore", guest.start, 4096, guest.space(8)) == 0


def test_private_calls_of_arm(guest: Guest) -> None:
    assert guest.call("set_tls", 0x12345678) == 0
    assert guest.regs["tpidruro"] == 0x12345678
    assert guest.call("get_tls") == 0x12345678
    told = []
    guest.mem.on_exec_change.append(lambda *what: told.append(what))
    assert guest.call("cacheflush", guest.start, guest.start + 64, 0) == 0
    assert guest.call("cacheflush", guest.start, guest.start + 64, 1) == -EINVAL
    assert guest.call("cacheflush", 64, 0, 0) == -EINVAL
    assert guest.call("cacheflush", 0x1000, 0x2000, 0) == -EFAULT


def test_thread_bookkeeping(guest: Guest) -> None:
    assert guest.call("set_tid_address", 0x1234) == os.getpid()
    head, size = guest.space(4), guest.space(4)
    assert guest.call("set_robust_list", 0x5678, 12) == 0
    assert guest.call("set_robust_list", 0x5678, 24) == -EINVAL
    assert guest.call("get_robust_list", 0, head, size) == 0
    assert (guest.words(head, "I"), guest.words(size, "I")) == ((0x5678,), (12,))
    assert guest.call("get_robust_list", 2**31 - 1, head, size) == -ESRCH
    assert guest.call("prctl", 40, head, 0, 0, 0) == 0
    assert guest.words(head, "I")[0] == 0x1234


def test_breakpoint_is_sigtrap(guest: Guest) -> None:
    from run32.kernel import armcalls

    with pytest.raises(Killed) as ended:
        armcalls.breakpoint_(guest.task)
    assert ended.value.signo == 5
