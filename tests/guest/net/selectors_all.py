import os
import selectors
import socket

for kind in (selectors.SelectSelector, selectors.PollSelector, selectors.EpollSelector):
    with kind() as selector:
        a, b = socket.socketpair()
        a.setblocking(False)
        selector.register(a, selectors.EVENT_READ | selectors.EVENT_WRITE, "socket")
        r, w = os.pipe()
        selector.register(r, selectors.EVENT_READ, "pipe")
        print(kind.__name__, sorted((k.data, e) for k, e in selector.select(0)))
        b.send(b"x")
        os.write(w, b"y")
        print(sorted((k.data, e) for k, e in selector.select(1)))
        selector.modify(a, selectors.EVENT_READ, "again")
        a.recv(1)
        os.read(r, 1)
        print(selector.select(0.01))
        b.close()
        print(sorted((k.data, e) for k, e in selector.select(1)))
        for fd in (r, w):
            os.close(fd)
        a.close()
