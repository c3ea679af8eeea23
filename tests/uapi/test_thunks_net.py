"""Native thunks of sockets: what they do themselves, and what they leave to Python."""

import errno
import os
import socket
import struct

import pytest

from run32.spec.syscalls import FALLBACK

MSG_TRUNC = 0x20


@pytest.fixture
def pair():
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left, right:
        yield left, right


def header(guest, parts, name=0, length=0, control=0, room=0):
    """A guest's msghdr over (address, length) parts."""
    iov = guest.put(b"".join(struct.pack("<2I", *part) for part in parts))
    return guest.put(struct.pack("<7I", name, length, iov, len(parts), control, room, 0xA5A5A5A5))


def test_message_without_control_data(k, guest, pair):
    left, right = pair
    one, two = guest.put(b"gather"), guest.put(b" scatter")
    assert k.sendmsg(left.fileno(), header(guest, [(one, 6), (two, 8)]), 0) == 14
    a, b = guest.space(4), guest.space(16)
    head = header(guest, [(a, 4), (b, 6)])
    assert k.recvmsg(right.fileno(), head, 0) == 10
    assert guest.get(a, 4) + guest.get(b, 7) == b"gather sca\xa5"
    assert guest.words(head, "7I")[5:] == (0, MSG_TRUNC)
    assert guest.words(head, "7I")[1] == 0
    assert k.recvmsg(right.fileno(), head, 0x40) == -errno.EAGAIN
    assert k.sendmsg(left.fileno(), header(guest, [(one, 6)]), 0x80000000) == 6


def test_message_with_a_name(k, guest):
    with socket.socket(type=socket.SOCK_DGRAM) as u, socket.socket(type=socket.SOCK_DGRAM) as v:
        u.bind(("127.0.0.1", 0))
        v.bind(("127.0.0.1", 0))
        port = struct.pack(">H", v.getsockname()[1])
        to = guest.put(b"\2\0" + port + bytes([127, 0, 0, 1]) + bytes(8))
        data = guest.put(b"named")
        assert k.sendmsg(u.fileno(), header(guest, [(data, 5)], to, 16), 0) == 5
        name, buf = guest.space(32), guest.space(8)
        head = header(guest, [(buf, 8)], name, 30)
        assert k.recvmsg(v.fileno(), head, 0) == 5
        assert guest.words(head, "7I")[1] == 16
        assert guest.get(name, 8) == b"\2\0" + struct.pack(">H", u.getsockname()[1]) + bytes(
            [127, 0, 0, 1]
        )
        assert guest.get(name + 16, 4) == b"\xa5" * 4
        assert k.sendto(u.fileno(), data, 5, 0, to, 16) == 5
        assert k.sendto(u.fileno(), data, 5, 0, to, 3) == -errno.EINVAL


def test_messages_that_python_takes(k, guest, pair):
    left, right = pair
    data = guest.put(b"x")
    control = guest.put(struct.pack("<Iiii", 16, 1, 1, 0))
    assert k.sendmsg(left.fileno(), header(guest, [(data, 1)], 0, 0, control, 16), 0) == FALLBACK
    assert k.recvmsg(right.fileno(), header(guest, [(data, 1)], 0, 0, control, 16), 0) == FALLBACK
    path = guest.put(b"\1\0/some/where\0")
    assert k.sendmsg(left.fileno(), header(guest, [(data, 1)], path, 14), 0) == FALLBACK
    assert k.sendto(left.fileno(), data, 1, 0, path, 14) == FALLBACK


def test_bad_vectors(k, guest, pair):
    left, _ = pair
    data = guest.put(b"x")
    many = guest.put(struct.pack("<7I", 0, 0, data, 1025, 0, 0, 0))
    assert k.sendmsg(left.fileno(), many, 0) == -errno.EMSGSIZE
    negative = header(guest, [(data, 0x80000000)])
    assert k.sendmsg(left.fileno(), negative, 0) == -errno.EINVAL
    wild = header(guest, [(0xDEAD0000, 4)])
    assert k.sendmsg(left.fileno(), wild, 0) == -errno.EFAULT
    top = guest.put(struct.pack("<7I", 0, 0, 0xFFFFFFFC, 1, 0, 0, 0))
    assert k.sendmsg(left.fileno(), top, 0) == -errno.EFAULT
    assert k.sendmsg(999, header(guest, [(data, 1)]), 0) == -errno.EBADF
    file = os.open("/dev/null", os.O_RDWR)
    assert k.recvmsg(file, header(guest, [(data, 1)]), 0) == -errno.ENOTSOCK
    os.close(file)


def test_names(k, guest):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        name, length = guest.space(32), guest.put(struct.pack("<i", 32))
        assert k.getsockname(s.fileno(), name, length) == 0
        assert guest.word(length) == 16
        assert guest.get(name + 2, 2) == struct.pack(">H", s.getsockname()[1])
        assert guest.get(name + 16, 4) == b"\xa5" * 4
        short, room = guest.space(16), guest.put(struct.pack("<i", 3))
        assert k.getsockname(s.fileno(), short, room) == 0
        assert guest.get(short, 5) == b"\2\0" + guest.get(name + 2, 1) + b"\xa5\xa5"
        assert guest.word(room) == 16
        negative = guest.put(struct.pack("<i", -1))
        assert k.getsockname(s.fileno(), name, negative) == -errno.EINVAL
        assert k.getpeername(s.fileno(), name, length) == -errno.ENOTCONN
        assert k.getsockname(999, name, length) == -errno.EBADF


def test_names_that_python_takes(k, guest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name, length = guest.space(128), guest.put(struct.pack("<i", 110))
    with socket.socket(socket.AF_UNIX) as s:
        assert k.getsockname(s.fileno(), name, length) == 0
        assert guest.word(length) == 2
        s.bind("here")
        assert k.getsockname(s.fileno(), name, length) == FALLBACK
        assert guest.word(length) == 2  # untouched for the second try
