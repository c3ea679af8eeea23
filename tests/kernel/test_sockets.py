"""Sockets and IPC through the slow path: names below a root directory, both ABIs, multiplexers."""

import errno
import os
import socket
import struct
from pathlib import Path

import pytest
from kernel.task_harness import Guest

from run32.kernel import host, netioctl, sockopts
from run32.spec import ioctls
from run32.uapi.consts import sockopts as names

SOCK_STREAM, SOCK_DGRAM, AF_UNIX = 1, 2, 1
IPC_64 = 0x100


def shmget(size: int, mode: int) -> int:
    """A private segment of the host: the row has a thunk alone."""
    return host.syscall(host.NR["shmget"], 0, size, mode)


def sun(path: str | bytes) -> bytes:
    """A local address."""
    return struct.pack("<H", AF_UNIX) + os.fsencode(path) + b"\0"


def name(guest: Guest, call: str, fd: int) -> bytes:
    """What getsockname or getpeername tells."""
    at, length = guest.space(128), guest.put(struct.pack("<i", 110))
    assert guest.call(call, fd, at, length) == 0
    return guest.mem.read(at, guest.mem.u32(length))


@pytest.fixture(params=["short", "long" * 30])
def rooted(request: pytest.FixtureRequest, tmp_path: Path) -> Guest:
    """A guest below a root directory, whose own path may be too long for a socket's."""
    root = tmp_path / request.param
    (root / "only-here").mkdir(parents=True)
    guest = Guest(rootfs=str(root))
    guest.root = root
    yield guest
    guest.close()


def test_paths_below_the_root_directory(rooted: Guest) -> None:
    address = rooted.put(sun("/only-here/socket"))
    size = len(sun("/only-here/socket"))
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        before = len(os.listdir("/proc/self/fd"))
        assert rooted.call("bind", server.fileno(), address, size) == 0
        assert (rooted.root / "only-here/socket").is_socket()
        server.listen()
        assert rooted.call("connect", client.fileno(), address, size) == 0
        assert len(os.listdir("/proc/self/fd")) == before
        assert rooted.call("bind", client.fileno(), address, size) == -errno.EADDRINUSE
        if rooted.root.name == "short":
            assert name(rooted, "getsockname", server.fileno()) == sun("/only-here/socket")
            assert name(rooted, "getpeername", client.fileno()) == sun("/only-here/socket")


@pytest.mark.parametrize("rooted", ["short"], indirect=True)
def test_peers_are_shown_as_the_guest_knows_them(rooted: Guest) -> None:
    known = sun("/only-here/client")
    address = rooted.put(known)
    at, length = rooted.space(128), rooted.put(struct.pack("<i", 110))

    def told() -> bytes:
        size = rooted.mem.u32(length)
        rooted.mem.put_u32(length, 110)
        return rooted.mem.read(at, size)

    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(os.fsencode(rooted.root / "server"))
        server.listen()
        assert rooted.call("bind", client.fileno(), address, len(known)) == 0
        for flags in ((), (os.O_CLOEXEC,)):
            client.connect(os.fsencode(rooted.root / "server"))
            made = rooted.call(
                "accept4" if flags else "accept", server.fileno(), at, length, *flags
            )
            assert made > 0
            assert os.get_inheritable(made) == (not flags)
            assert told() == known
            os.close(made)
            if not flags:
                client.close()
                client.__init__(socket.AF_UNIX)
                os.unlink(rooted.root / "only-here/client")
                assert rooted.call("bind", client.fileno(), address, len(known)) == 0
        before = len(os.listdir("/proc/self/fd"))
        with socket.socket(socket.AF_UNIX) as another:
            another.connect(os.fsencode(rooted.root / "server"))
            assert rooted.call("accept", server.fileno(), at, 8) == -errno.EFAULT
        assert len(os.listdir("/proc/self/fd")) == before
    os.unlink(rooted.root / "only-here/client")
    kind = (socket.AF_UNIX, socket.SOCK_DGRAM)
    with socket.socket(*kind) as server, socket.socket(*kind) as client:
        server.bind(os.fsencode(rooted.root / "log"))
        assert rooted.call("bind", client.fileno(), address, len(known)) == 0
        for _ in range(3):
            client.sendto(b"line", os.fsencode(rooted.root / "log"))
        data = rooted.space(8)
        assert rooted.call("recvfrom", server.fileno(), data, 8, 0, at, length) == 4
        assert told() == known
        iov = rooted.put(struct.pack("<2I", data, 8))
        head = rooted.put(struct.pack("<8I", at, 110, iov, 1, 0, 0, 0, 0))
        assert rooted.call("recvmsg", server.fileno(), head, 0) == 4
        assert rooted.mem.read(at, rooted.mem.u32(head + 4)) == known
        rooted.mem.write(head, struct.pack("<2I", at, 5))
        rooted.mem.write(at, b"-" * 16)
        assert rooted.call("recvmmsg", server.fileno(), head, 1, 0, 0) == 1
        assert rooted.mem.u32(head + 4) == len(known)
        assert rooted.mem.read(at, 16) == known[:5] + b"-" * 11


def test_datagrams_to_paths(rooted: Guest) -> None:
    address, size = rooted.put(sun("/only-here/log")), len(sun("/only-here/log"))
    kind = (socket.AF_UNIX, socket.SOCK_DGRAM)
    with socket.socket(*kind) as server, socket.socket(*kind) as client:
        assert rooted.call("bind", server.fileno(), address, size) == 0
        data = rooted.put(b"line")
        assert rooted.call("sendto", client.fileno(), data, 4, 0, address, size) == 4
        iov = rooted.put(struct.pack("<2I", data, 2))
        head = rooted.put(struct.pack("<7I", address, size, iov, 1, 0, 0, 0))
        assert rooted.call("sendmsg", client.fileno(), head, 0) == 2
        both = rooted.put(struct.pack("<8I", address, size, iov, 1, 0, 0, 0, 0))
        assert rooted.call("sendmmsg", client.fileno(), both, 1, 0) == 1
        assert [server.recv(9) for _ in range(3)] == [b"line", b"li", b"li"]


def test_links_and_missing_names(rooted: Guest) -> None:
    os.symlink("/only-here", rooted.root / "link")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        path = sun("/link/socket")
        assert rooted.call("bind", server.fileno(), rooted.put(path), len(path)) == 0
        assert (rooted.root / "only-here/socket").is_socket()
        gone = sun("/only-here/nothing")
        result = rooted.call("connect", client.fileno(), rooted.put(gone), len(gone))
        assert result == -errno.ENOENT
        abstract = b"\1\0\0run32-%d" % os.getpid()
        assert rooted.call("bind", client.fileno(), rooted.put(abstract), len(abstract)) == 0
        assert name(rooted, "getsockname", client.fileno()) == abstract


def test_descriptors_travel(each: Guest) -> None:
    left, right = socket.socketpair()
    reader, writer = os.pipe()
    with left, right:
        iov = each.put(struct.pack("<2I", each.put(b"data"), 4))
        rights = struct.pack("<Iii2i", 20, socket.SOL_SOCKET, socket.SCM_RIGHTS, reader, writer)
        control = each.put(rights)
        head = each.put(struct.pack("<7I", 0, 0, iov, 1, control, 20, 0))
        assert each.call("sendmsg", left.fileno(), head, 0) == 4
        assert each.call("sendmsg", left.fileno(), head, 0) == 4
        room = each.put(b"\xa5" * 64)
        head = each.put(struct.pack("<7I", 0, 0, iov, 1, room, 64, 99))
        assert each.call("recvmsg", right.fileno(), head, 0) == 4
        assert each.words(head, "7I")[4:] == (room, 20, 0)
        length, level, kind, *fds = each.words(room, "Iii2i")
        assert (length, level, kind) == (20, socket.SOL_SOCKET, socket.SCM_RIGHTS)
        assert each.mem.read(room + 20, 4) == b"\xa5" * 4
        os.write(fds[1], b"!")
        assert os.read(reader, 2) == b"!"
        before = len(os.listdir("/proc/self/fd"))
        head = each.put(struct.pack("<7I", 0, 0, iov, 1, room, 19, 0))
        assert each.call("recvmsg", right.fileno(), head, 0x80000000) == 4
        assert each.words(head, "7I")[5:] == (16, 8)  # one of two, MSG_CTRUNC
        assert len(os.listdir("/proc/self/fd")) == before + 1
        for fd in (*fds, each.words(room, "4i")[3], reader, writer):
            os.close(fd)


def test_only_known_options(each: Guest) -> None:
    with socket.socket() as s:
        value, size = each.space(16), each.put(struct.pack("<i", 16))
        fd = s.fileno()
        assert each.call("getsockopt", fd, 1, 999, value, size) == -errno.ENOPROTOOPT
        assert each.call("setsockopt", fd, 6, 35, value, 64) == -errno.ENOPROTOOPT  # has a pointer
        assert each.call("getsockopt", 999, 1, 999, value, size) == -errno.EBADF
        assert each.call("setsockopt", fd, 1, 20, each.put(struct.pack("<2i", 7, 0)), 8) == 0
        assert struct.unpack("<2q", s.getsockopt(1, 20, 16)) == (7, 0)


def test_socketcall() -> None:
    guest = Guest("i386")

    def call(number: int, *args: int) -> int:
        at = guest.put(struct.pack(f"<{len(args)}I", *(a & 0xFFFFFFFF for a in args)))
        return guest.call("socketcall", number, at)

    pair = guest.space(8)
    assert call(8, AF_UNIX, SOCK_DGRAM, 0, pair) == 0
    left, right = guest.words(pair, "2i")
    assert call(9, left, guest.put(b"data"), 4, 0) == 4
    buf = guest.space(8)
    assert call(10, right, buf, 8, 0) == 4
    assert guest.mem.read(buf, 4) == b"data"
    iov = guest.put(struct.pack("<2I", buf, 4))
    assert call(16, left, guest.put(struct.pack("<7I", 0, 0, iov, 1, 0, 0, 0)), 0) == 4
    assert call(17, right, guest.put(struct.pack("<7I", 0, 0, iov, 1, 0, 0, 0)), 0) == 4
    assert call(15, left, 1, 3, buf, guest.put(struct.pack("<i", 4))) == 0
    assert guest.mem.u32(buf) == SOCK_DGRAM
    assert call(1, -1, 1, 0) == -errno.EAFNOSUPPORT
    assert call(99) == -errno.EINVAL
    assert guest.call("socketcall", 1, 8) == -errno.EFAULT
    listener = call(1, 2, SOCK_STREAM, 0)
    address = guest.put(struct.pack("<HH4s8x", 2, 0, bytes([127, 0, 0, 1])))
    assert call(2, listener, address, 16) == 0
    assert call(4, listener, 1) == 0
    assert call(6, listener, address, guest.put(struct.pack("<i", 16))) == 0
    client = call(1, 2, SOCK_STREAM, 0)
    assert call(3, client, address, 16) == 0
    accepted = call(5, listener, 0, 0)
    assert call(13, client, 1) == 0
    assert call(12, accepted, buf, 8, 0, 0, 0) == 0
    for fd in (left, right, listener, client, accepted):
        os.close(fd)
    guest.close()


def test_ipc_multiplexer() -> None:
    guest = Guest("i386")
    queue = guest.call("ipc", 13, 0, 0o600)
    message = guest.put(struct.pack("<i5s", 5, b"hello"))
    assert guest.call("ipc", 11, queue, 5, 0, message) == 0
    into = guest.space(16)
    assert guest.call("ipc", 12, queue, 8, 0, guest.put(struct.pack("<Ii", into, 5))) == 5
    assert guest.mem.read(into, 9) == struct.pack("<i5s", 5, b"hello")
    assert guest.call("ipc", 14, queue, 0) == 0
    sems = guest.call("ipc", 2, 0, 2, 0o600)
    assert guest.call("ipc", 3, sems, 1, 16, guest.put(struct.pack("<i", 3))) == 0
    assert guest.call("ipc", 1, sems, 1, 0, guest.put(struct.pack("<Hhh", 1, -1, 0))) == 0
    assert guest.call("ipc", 3, sems, 1, 12, guest.put(bytes(4))) == 2
    down = guest.put(struct.pack("<Hhh", 0, -1, 0))
    brief = guest.put(struct.pack("<2i", 0, 1000))
    assert guest.call("ipc", 4, sems, 1, 0, down, brief) == -errno.EAGAIN
    assert guest.call("ipc", 3, sems, 0, 0, guest.put(bytes(4))) == 0
    shared = guest.call("ipc", 23, 0, 4096, 0o600)
    at = guest.space(4)
    assert guest.call("ipc", 21, shared, 0, at, 0) == 0
    where = guest.mem.u32(at)
    guest.mem.write(where, b"there")
    assert guest.call("ipc", 22, 0, 0, 0, where) == 0
    assert guest.call("ipc", 24, shared, 0) == 0
    assert guest.call("ipc", 99) == -errno.ENOSYS
    guest.close()


def test_shared_memory_status(each: Guest) -> None:
    shared = shmget(12345, 0o640)
    buf = each.put(b"\xa5" * 88)
    assert each.call("shmctl", shared, 2 | IPC_64, buf) == 0
    size, *times = each.words(buf + 36, "7I")
    assert size == 12345 and times[:4] == [0, 0, 0, 0] and times[5] == 0
    assert each.mem.read(buf + 84, 4) == b"\xa5" * 4
    key, uid, gid, cuid, cgid, mode = each.words(buf, "5IH")
    assert (key, uid, cuid, mode) == (0, os.getuid(), os.getuid(), 0o640)
    assert each.call("shmctl", shared, 0, 0) == 0


def test_oldest_structs_are_refused_on_arm(guest: Guest) -> None:
    shared = shmget(4096, 0o600)
    assert guest.call("shmctl", shared, 2, guest.space(128)) == -errno.EINVAL
    assert guest.call("shmctl", shared, 0, 0) == 0


def test_own_memory_stays_confined(each: Guest) -> None:
    into = each.space(16)
    local = each.put(struct.pack("<2I", into, 16))
    beyond = each.put(struct.pack("<2I", 0xFFFFFFF8, 16))
    pid = os.getpid()
    assert each.call("process_vm_readv", pid, local, 1, beyond, 1, 0) == -errno.EFAULT
    low = each.put(struct.pack("<2I", 0x1000, 16))
    assert each.call("process_vm_readv", pid, local, 1, low, 1, 0) == -errno.EFAULT
    text = each.put(b"sixteen bytes ok")
    own = each.put(struct.pack("<2I", text, 16))
    assert each.call("process_vm_readv", pid, local, 1, own, 1, 0) == 16
    assert each.mem.read(into, 16) == b"sixteen bytes ok"


def test_interface_requests(each: Guest) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = each.put(struct.pack("<16s16s", b"lo", b"") + b"\xa5" * 8)
        assert each.call("ioctl", s.fileno(), 0x8933, request) == 0
        assert each.mem.u32(request + 16) == 1
        assert each.mem.read(request + 32, 8) == b"\xa5" * 8
        buf = each.space(32 * 40)
        conf = each.put(struct.pack("<iI", 32 * 40, buf))
        assert each.call("ioctl", s.fileno(), 0x8912, conf) == 0
        length = each.mem.u32(conf)
        names = [each.mem.read(buf + at, 16).rstrip(b"\0") for at in range(0, length, 32)]
        assert b"lo" in names and length % 32 == 0


def test_every_known_option_has_a_name_or_is_plain() -> None:
    """Options that are let through are those the headers of 6.1 name, or newer plain ones."""
    for level, group in names.LEVELS.items():
        known = sockopts.KNOWN[level] | {o for lv, o in sockopts.SET if lv == level}
        named = {value for value in group.values("arm").values()}
        assert named - known <= names.LEFT_OUT.get(level, set()), (level, named - known)
        assert not known & names.LEFT_OUT.get(level, set())


def test_requests_with_their_own_function_have_rows() -> None:
    assert set(netioctl.REQUESTS) <= set(ioctls.table("arm"))


def test_keys(each: Guest) -> None:
    ring = each.call("keyctl", 1, 0)  # a session keyring of our own
    if ring in (-errno.EPERM, -errno.ENOSYS, -errno.EDQUOT):
        pytest.skip("this machine gives no keyrings")
    size = each.call("keyctl", 6, 0xFFFFFFFD, 0, 0)
    buf = each.space(256)
    assert each.call("keyctl", 6, 0xFFFFFFFD, buf, 256) == size
    assert each.mem.read(buf, 8) == b"keyring;"
    assert each.call("keyctl", 6, 0xFFFFFFFD, 8, 256) == -errno.EFAULT
    assert each.call("keyctl", 23, 0, 0, 0) == -errno.EOPNOTSUPP
