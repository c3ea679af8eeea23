import os
import select
import time

r, w = os.pipe()
print(select.select([r], [w], [], 0.01)[1] == [w])
os.write(w, b"ready")
print(select.select([r], [], [], 1)[0] == [r], os.read(r, 10))
p = select.poll()
p.register(r, select.POLLIN)
t = time.monotonic()
print(p.poll(30), time.monotonic() - t >= 0.029)
os.close(w)
print([e for _, e in p.poll(10)])
print(os.read(r, 1))
