import os
import select

r, w = os.pipe()
e = select.epoll()
e.register(r, select.EPOLLIN | select.EPOLLET)
print(e.poll(0))
os.write(w, b"x")
print([(f == r, v) for f, v in e.poll(1)], e.poll(0))
e.modify(r, select.EPOLLIN)
print(len(e.poll(0)))
e.unregister(r)
e.close()
