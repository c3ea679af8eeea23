"""A guest that lives long: a threaded server whose requests use processes, threads and signals."""

import mmap
import os
import select
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

alarms = 0


def on_alarm(signo, frame):
    global alarms
    alarms += 1


def fork(n):
    pid = os.fork()
    if not pid:
        os._exit(n % 200)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def threads(n):
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(lambda x: x * n, range(20)))


def memory(n):
    with tempfile.TemporaryFile() as file:
        file.truncate(1 << 20)
        with mmap.mmap(file.fileno(), 0) as area:
            area[:4] = n.to_bytes(4, "little")
            return int.from_bytes(area[:4], "little") + len(bytearray(3 << 20))


def pipes(n):
    ends = [os.pipe() for _ in range(20)]
    for _, write in ends:
        os.write(write, b"%d" % n)
    poll = select.epoll()
    for read, _ in ends:
        poll.register(read, select.EPOLLIN)
    ready = len(poll.poll(1))
    total = sum(int(os.read(read, 20)) for read, _ in ends)
    poll.close()
    for pair in ends:
        os.close(pair[0])
        os.close(pair[1])
    return total + ready


def descriptors(n):
    left, right = socket.socketpair()
    with left, right, open(__file__) as file:
        socket.send_fds(left, [b"x"], [file.fileno()])
        _, (fd,), _, _ = socket.recv_fds(right, 1, 1)
        os.close(fd)
    return n


def kill(n):
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    return n


def command(n):
    return int(subprocess.run(["echo", str(n)], capture_output=True, check=True).stdout)


ACTIONS = {f.__name__: f for f in (fork, threads, memory, pipes, descriptors, kill, command)}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            name, number = line.split()
            self.wfile.write(b"%d\n" % ACTIONS[name.decode()](int(number)))


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


signal.signal(signal.SIGALRM, on_alarm)
signal.signal(signal.SIGUSR1, on_alarm)
with Server(sys.argv[1], Handler) as server:
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
print("ended")
