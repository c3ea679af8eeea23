import select
import signal
import socket
import time

r, w = socket.socketpair()
w.setblocking(False)
signal.set_wakeup_fd(w.fileno())
hits = []
signal.signal(signal.SIGALRM, lambda *_: hits.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.03, 0.03)
with select.epoll() as e:
    e.register(r.fileno(), select.EPOLLIN)
    while len(hits) < 3:
        for _, event in e.poll(5):
            assert event == 1 and set(r.recv(10)) == {signal.SIGALRM}
signal.setitimer(signal.ITIMER_REAL, 0)
print(len(hits) >= 3)
begin = time.monotonic()
print(select.select([r], [], [], 0.05)[0] in ([], [r]), time.monotonic() - begin < 4)
