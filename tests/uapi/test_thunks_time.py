"""Native thunks on clocks, waiting and futexes."""

import ctypes
import errno
import os
import resource
import select
import signal
import socket
import struct
import time

import pytest
from uapi.thunk_harness import PAGES, READ_ONLY, use_desk

from run32.kernel import vdso
from run32.kernel.desk import ENTRIES, Desk
from run32.spec.desk import NO_CLOCK
from run32.spec.layout import layout, unpack
from run32.spec.syscalls import FALLBACK
from run32.uapi.structs.process import rusage
from run32.uapi.structs.time import tms

RUBBISH = 0xDEADBEEF  # above a 64-bit tv_nsec


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    with left, right:
        yield left, right


@pytest.fixture(params=["vdso", "syscall"])
def clock(k, abi, request):
    """A desk with one of the two ways to read a clock."""
    memory = ctypes.create_string_buffer(ENTRIES + 16)
    Desk(memoryview(memory).cast("B")).clock = vdso.clock() if request.param == "vdso" else NO_CLOCK
    use_desk(abi, ctypes.addressof(memory))
    yield memory
    use_desk(abi, 0)


def test_clock_gettime(k, guest, clock):
    at = guest.space(16)
    assert k.clock_gettime(0, at) == 0
    seconds, nanos, after, _ = guest.words(at, "2i2I")
    assert abs(seconds - time.time()) < 3 and 0 <= nanos < 10**9 and after == 0xA5A5A5A5
    assert k.clock_gettime64(1, at) == 0
    assert abs(guest.words(at, "qq")[0] - time.monotonic()) < 3
    assert k.clock_gettime(99, at) == -errno.EINVAL
    assert k.clock_gettime64(99, at) == -errno.EINVAL
    assert k.clock_gettime64(2, at) == 0  # not in the vDSO: the process's own time
    assert k.clock_gettime(0, 0xFFFFFFFC) == -errno.EFAULT
    assert k.clock_getres(1, 0) == 0


def test_clock_without_a_desk(k, guest):
    assert k.clock_gettime(0, guest.space(16)) == FALLBACK


def test_the_host_s_vdso():
    class Timespec(ctypes.Structure):
        _fields_ = [("sec", ctypes.c_int64), ("nsec", ctypes.c_int64)]  # noqa: RUF012

    address = vdso.clock()
    if address == NO_CLOCK:
        pytest.skip("this host has no clock_gettime in its vDSO")
    read = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)(address)
    now = Timespec()
    assert read(time.CLOCK_MONOTONIC, ctypes.addressof(now)) == 0
    assert abs(now.sec - time.monotonic()) < 3
    assert read(999, ctypes.addressof(now)) == -errno.EINVAL
    assert vdso.find(ctypes.addressof(now)) == 0


def test_gettimeofday(k, guest, clock):
    tv, tz = guest.space(8), guest.space(8)
    assert k.gettimeofday(tv, 0) == 0
    seconds, micros = guest.words(tv, "2I")
    assert abs(seconds - time.time()) < 3 and micros < 10**6
    assert k.gettimeofday(tv, tz) == FALLBACK
    assert k.gettimeofday(0, 0) == FALLBACK


def test_sleeping(k, guest):
    begin = time.monotonic()
    assert k.nanosleep(guest.put(struct.pack("<2i", 0, 20_000_000)), 0) == 0
    assert k.clock_nanosleep(1, 0, guest.put(struct.pack("<2i", 0, 10_000_000)), 0) == 0
    request = guest.put(struct.pack("<qII", 0, 10_000_000, RUBBISH))
    assert k.clock_nanosleep_time64(1, 0, request, 0) == 0
    assert time.monotonic() - begin >= 0.04
    assert k.nanosleep(guest.put(struct.pack("<2i", 0, -1)), 0) == -errno.EINVAL
    assert k.nanosleep(guest.put(struct.pack("<2i", -1, 0)), 0) == -errno.EINVAL
    assert k.nanosleep(0, 0) == -errno.EFAULT


def test_time_left_after_a_signal(k, guest):
    left = guest.space(8)
    old = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert k.nanosleep(guest.put(struct.pack("<2i", 30, 0)), left) == -errno.EINTR
        assert guest.word(left) == 29
        late = guest.put(struct.pack("<2i", int(time.monotonic()) + 30, 0))
        untouched = guest.space(8)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert k.clock_nanosleep(1, 1, late, untouched) == -errno.EINTR
        assert guest.word(untouched) == 0xA5A5A5A5
    finally:
        signal.signal(signal.SIGALRM, old)


def test_poll(k, guest, pair):
    left, right = pair
    at = guest.put(struct.pack("<ihhihh", left.fileno(), select.POLLIN, 0, 999, 1, 0))
    assert k.poll(at, 1, 0) == 0
    right.send(b"x")
    assert k.poll(at, 2, -1) == 2
    assert guest.words(at, "ihhihh")[2::3] == (select.POLLIN, select.POLLNVAL)
    assert k.poll(0xFFFFFFF0, 0x20000000, 0) in (-errno.EFAULT, -errno.EINVAL)
    begin = time.monotonic()
    assert k.poll(0, 0, 1030) == 0
    assert 1.0 < time.monotonic() - begin < 2


def test_ppoll_writes_the_time_left(k, guest, pair):
    left, right = pair
    right.send(b"x")
    at = guest.put(struct.pack("<ihh", left.fileno(), select.POLLIN, 0))
    short = guest.put(struct.pack("<2i", 5, 0))
    assert k.ppoll(at, 1, short, 0, 0) == 1
    assert guest.words(short, "2i")[0] == 4
    long = guest.put(struct.pack("<qII", 5, 0, RUBBISH))
    assert k.ppoll_time64(at, 1, long, 0, 0) == 1
    assert guest.words(long, "qI")[0] == 4
    assert k.ppoll(at, 1, READ_ONLY, guest.put(bytes(8)), 8) == 1  # zero, and unchanged
    assert k.ppoll(at, 1, 0, guest.put(bytes(8)), 4) == -errno.EINVAL


def fd_set(*fds, size=4):
    return sum(1 << fd for fd in fds).to_bytes(size, "little")


def test_select(k, guest, pair):
    left, right = pair
    fds = left.fileno(), right.fileno()
    size = max(fds) // 32 * 4 + 4  # whole words
    reads = guest.put(fd_set(*fds, size=size) + b"\xa5" * 8)  # then what must stay
    writes = guest.put(fd_set(*fds, size=size) + b"\xa5" * 8)
    right.send(b"x")
    timeout = guest.put(struct.pack("<2i", 3, 2_500_000))
    assert k._newselect(max(fds) + 1, reads, writes, 0, timeout) == 3
    assert guest.get(reads, size + 8) == fd_set(left.fileno(), size=size) + b"\xa5" * 8
    assert guest.get(writes, size + 8) == fd_set(*fds, size=size) + b"\xa5" * 8
    assert guest.word(timeout) in (4, 5)
    assert k._newselect(-1, 0, 0, 0, timeout) == -errno.EINVAL
    free = os.dup(fds[0])
    os.close(free)
    size = free // 32 * 4 + 4
    bad = guest.put(fd_set(free, size=size))
    assert k._newselect(free + 1, bad, 0, 0, timeout) == -errno.EBADF
    assert guest.get(bad, size) == fd_set(free, size=size)


def test_pselect6(k, guest, pair):
    left, right = pair
    right.send(b"x")
    reads = guest.put(fd_set(left.fileno(), size=128))
    mask = guest.put(struct.pack("<2I", guest.put(bytes(8)), 8))
    timeout = guest.put(struct.pack("<2i", 5, 0))
    assert k.pselect6(1024, reads, 0, 0, timeout, mask) == 1
    assert guest.word(timeout) == 4
    mask = guest.put(struct.pack("<2I", guest.put(bytes(8)), 4))
    assert k.pselect6_time64(1024, reads, 0, 0, 0, mask) == -errno.EINVAL
    assert k.pselect6_time64(1024, reads, 0, 0, 0, 0) == 1


def test_futex(k, guest):
    word = guest.put(struct.pack("<I", 7))
    short = guest.put(struct.pack("<2i", 0, 10_000_000))
    short64 = guest.put(struct.pack("<qII", 0, 10_000_000, RUBBISH))
    assert k.futex(word, 128, 8, short) == -errno.EAGAIN
    assert k.futex(word, 128, 7, short) == -errno.ETIMEDOUT
    assert k.futex_time64(word, 128, 7, short64) == -errno.ETIMEDOUT
    assert k.futex(word, 129, 1) == 0
    assert k.futex(word, 128 + 4, 1, 0x7FFFFFFF, word + 16, 7) == 0  # a count, not an address
    assert k.futex(word + 1, 128, 7, short) == -errno.EINVAL
    assert k.futex(0xDEAD0000, 128, 7, short) == -errno.EFAULT


def test_epoll(k, guest, abi, pair):
    left, right = pair
    fd = k.epoll_create1(0)
    assert k.epoll_create(0) == -errno.EINVAL
    os.close(k.epoll_create(1))
    item = struct.Struct("<I4xQ" if abi == "arm" else "<IQ")
    event = guest.put(item.pack(select.EPOLLIN, 1 << 40))
    assert k.epoll_ctl(fd, 1, left.fileno(), event) == 0
    out = guest.space(16 * 4)
    assert k.epoll_wait(fd, out, 4, 0) == 0
    right.send(b"x")
    assert k.epoll_wait(fd, out, 4, -1) == 1
    assert item.unpack(guest.get(out, item.size)) == (select.EPOLLIN, 1 << 40)
    assert k.epoll_pwait(fd, out, 100, 0, 0, 0) == 1
    assert k.epoll_wait(fd, out, 0, 0) == -errno.EINVAL
    os.close(fd)


def test_timerfd_and_eventfd(k, guest):
    fd = k.timerfd_create(1, os.O_NONBLOCK)
    new = guest.put(struct.pack("<4i", 0, 0, 5, 0))
    old = guest.space(16)
    assert k.timerfd_settime(fd, 0, new, old) == 0
    assert guest.words(old, "4i") == (0, 0, 0, 0)
    now = guest.space(32)
    assert k.timerfd_gettime64(fd, now) == 0
    assert guest.words(now, "qIIqII")[3] == 4
    os.close(fd)
    fd = k.eventfd2(3, os.O_NONBLOCK)
    assert os.read(fd, 8) == struct.pack("<Q", 3)
    os.close(fd)
    os.close(k.eventfd(1))


def test_times_and_usage(k, guest, abi):
    at = guest.space(layout(tms, abi).size)
    ticks = int(os.times().elapsed * 100)
    assert (k.times(at) - ticks) & 0xFFFFFFFF < 100
    found = unpack(tms, abi, guest.get(at, 16))
    assert abs(found["tms_utime"] / 100 - os.times().user) < 1
    at = guest.space(layout(rusage, abi).size)
    assert k.getrusage(0, at) == 0
    found = unpack(rusage, abi, guest.get(at, layout(rusage, abi).size))
    real = resource.getrusage(resource.RUSAGE_SELF)
    assert abs(found["ru_maxrss"] - real.ru_maxrss) < 10_000
    assert 0 <= found["ru_utime.tv_usec"] < 10**6
    assert k.getrusage(77, at) == -errno.EINVAL


def test_identity(k, guest):
    assert k.getpid() == os.getpid() and k.getppid() == os.getppid()
    assert k.getuid32() == os.getuid() and k.getegid32() == os.getegid()
    assert k.getpgrp() == os.getpgrp() and k.getsid(0) == os.getsid(0)
    a, b, c = (guest.space(4) for _ in range(3))
    assert k.getresuid32(a, b, c) == 0
    assert (guest.word(a), guest.word(b), guest.word(c)) == os.getresuid()
    assert k.getgroups32(0, 0) == len(os.getgroups())


def test_affinity(k, guest):
    at = guest.space(128)
    size = k.sched_getaffinity(0, 128, at)
    assert size >= 8
    mask = int.from_bytes(guest.get(at, size), "little")
    assert {i for i in range(size * 8) if mask >> i & 1} == os.sched_getaffinity(0)
    assert k.sched_getaffinity(0, 6, at) == -errno.EINVAL
    assert k.sched_setaffinity(0, size, at) == 0
    short = k.sched_getaffinity(0, 4, PAGES + 0x8000)
    assert short in (4, -errno.EINVAL)  # EINVAL where there may be more than 64 CPUs


def test_priorities(k):
    assert k.getpriority(0, 0) == 20 - os.getpriority(os.PRIO_PROCESS, 0)
    assert k.nice(0) == 0


def test_random_and_sockets(k, guest):
    at = guest.space(64)
    assert k.getrandom(at, 64, 0) == 64
    assert guest.get(at, 64) != b"\xa5" * 64
    assert k.getrandom(at, 64, 0x100) == -errno.EINVAL
    pair = guest.space(8)
    assert k.socketpair(1, 1, 0, pair) == 0
    one, two = guest.words(pair, "2I")
    assert k.sendto(one, guest.put(b"hello"), 5, 0, 0, 0) == 5
    assert k.recvfrom(two, at, 64, 0, 0, 0) == 5
    assert guest.get(at, 5) == b"hello"
    length = guest.put(struct.pack("<I", 64))
    assert k.getsockname(two, at, length) == 0
    assert guest.word(length) == 2 and guest.words(at, "H") == (1,)
    os.close(one), os.close(two)


def test_itimer(k, guest):
    new, old = guest.put(struct.pack("<4i", 0, 0, 100, 7)), guest.space(16)
    assert k.setitimer(2, new, old) == 0
    assert k.getitimer(2, old) == 0
    assert guest.words(old, "4i")[2] in (99, 100)
    assert k.setitimer(2, guest.put(bytes(16)), 0) == 0
