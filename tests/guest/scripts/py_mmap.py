import mmap
import os

f = open("map.bin", "w+b")
f.write(b"0123456789" * 1000)
f.flush()
m = mmap.mmap(f.fileno(), 0)
print(len(m), m[5:15], m.find(b"90", 500))
m[0:5] = b"HELLO"
m.resize(50000)
print(len(m), os.fstat(f.fileno()).st_size, m[49990:], m[:12])
m[40000:40004] = b"tail"
m.flush()
m.move(100, 0, 50)
print(m[100:112])
m.close()
f.seek(39998)
print(f.read(8))
a = mmap.mmap(-1, 1 << 20)
a[1 << 19] = 65
print(a[(1 << 19) :][:2])
