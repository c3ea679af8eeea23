import os
import socket
import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line[::-1].strip() + b"\n")


with socketserver.UnixStreamServer("socket", Handler) as server:
    print(server.server_address)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("socket")
        client.sendall(b"one\ntwo\nthree\n")
        client.shutdown(socket.SHUT_WR)
        print(client.makefile("rb").read(), client.getpeername())
    server.shutdown()
    thread.join()
os.unlink("socket")
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever).start()
    for _ in range(3):
        with socket.create_connection(server.server_address) as client:
            client.sendall(b"abc\n")
            client.shutdown(socket.SHUT_WR)
            print(client.recv(100))
    server.shutdown()
