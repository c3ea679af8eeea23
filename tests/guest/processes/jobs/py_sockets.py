"""socket, socketserver, http, selectors, ssl-free servers and clients over every local family."""

import array
import errno
import http.server
import os
import selectors
import socket
import socketserver
import struct
import threading
import urllib.request

with socket.create_server(("127.0.0.1", 0)) as listener:

    def answer():
        for _ in range(3):
            with listener.accept()[0] as peer:
                data = b""
                while part := peer.recv(65536):
                    data += part
                peer.sendall(struct.pack("!I", len(data)) + data[::-1][:10])

    thread = threading.Thread(target=answer)
    thread.start()
    for size in (1, 1000, 3_000_000):
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b"ab" * size)
            client.shutdown(socket.SHUT_WR)
            print(client.recv(100, socket.MSG_WAITALL))
    thread.join()
for family, address in ((socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_UNIX, "datagram")):
    with (
        socket.socket(family, socket.SOCK_DGRAM) as one,
        socket.socket(family, socket.SOCK_DGRAM) as two,
    ):
        one.bind(address)
        two.connect(one.getsockname())
        two.sendmsg([b"in ", b"parts"])
        print(one.recvmsg(100)[0])
left, right = socket.socketpair()
with open("fd", "w") as file:
    socket.send_fds(left, [b"take"], [file.fileno(), 0])
data, fds, flags, _ = socket.recv_fds(right, 10, 4)
os.write(fds[0], b"through a socket")
[os.close(fd) for fd in fds]
print(data, len(fds), flags == 0, open("fd").read())
credentials = left.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
print(struct.unpack("3i", credentials)[0] == os.getpid())
left.settimeout(0.05)
try:
    left.recv(1)
except TimeoutError as error:
    print(error)
left.setblocking(False)
try:
    left.recv(1)
except BlockingIOError as error:
    print(errno.errorcode[error.errno])
right.close()
try:
    left.send(b"x")
except BrokenPipeError as error:
    print(errno.errorcode[error.errno])
with socket.socket() as refused:
    refused.bind(("127.0.0.1", 0))
    print(errno.errorcode[socket.socket().connect_ex(refused.getsockname())])
selector = selectors.DefaultSelector()
pairs = [socket.socketpair() for _ in range(30)]
for n, (near, far) in enumerate(pairs):
    selector.register(near, selectors.EVENT_READ, n)
    far.send(bytes([n]))
seen = set()
while len(seen) < 30:
    for key, _ in selector.select(5):
        seen.add(key.data == key.fileobj.recv(1)[0] and key.data)
print(len(seen), type(selector).__name__)


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


for kind in (socketserver.ThreadingTCPServer, socketserver.ForkingTCPServer):
    with kind(("127.0.0.1", 0), Upper) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        clients = [socket.create_connection(server.server_address) for _ in range(5)]
        for n, client in enumerate(clients):
            client.sendall(b"line %d\n" % n)
            client.shutdown(socket.SHUT_WR)  # handlers that are forked have it open too
        print([client.makefile().readline().strip() for client in clients])
        [client.close() for client in clients]
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        return None


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in ("words.txt", "noise.bin", "dir/a/notes.txt"):
        with opener.open(url + path) as answer:
            body = answer.read()
            print(answer.status, len(body), body == open(path, "rb").read())
    try:
        opener.open(url + "missing")
    except urllib.error.HTTPError as error:
        print(error.code)
    server.shutdown()
stream, other = socket.socketpair()
with open("noise.bin", "rb") as file:
    sender = threading.Thread(target=lambda: (stream.sendfile(file), stream.close()))
    sender.start()
    total = 0
    while part := other.recv(10000):
        total += len(part)
    sender.join()
print(total, array.array("i", fds).itemsize)
os.unlink("datagram")
