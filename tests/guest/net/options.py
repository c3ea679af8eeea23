import socket
import struct

s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 0))
s.listen()
for name in ("SO_REUSEADDR", "SO_TYPE", "SO_ACCEPTCONN", "SO_KEEPALIVE", "SO_DOMAIN", "SO_ERROR"):
    print(name, s.getsockopt(socket.SOL_SOCKET, getattr(socket, name)))
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3))
print(struct.unpack("ii", s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
s.settimeout(0.05)
try:
    s.accept()
except TimeoutError as error:
    print(error)
for family, kind in ((socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_UNIX, socket.SOCK_STREAM)):
    t = socket.socket(family, kind)
    print(t.family.name, t.type.name, t.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE))
try:
    socket.create_connection(("127.0.0.1", 1), 2)
except ConnectionRefusedError as error:
    print(error)
print(socket.if_indextoname(1), socket.inet_ntoa(socket.inet_aton("127.0.0.1")))
