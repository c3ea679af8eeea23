import fcntl
import os

f = os.open("f.bin", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)
print(
    os.write(f, b"abc" * 100),
    os.lseek(f, -10, 2),
    os.read(f, 20),
    os.pread(f, 5, 1),
    os.pwrite(f, b"ZZ", 5),
)
os.ftruncate(f, 1 << 33)
print(os.fstat(f).st_size, os.lseek(f, (1 << 33) - 1, 0), os.read(f, 5))
os.ftruncate(f, 50)
print(os.pread(f, 100, 0), os.sendfile(1, f, 0, 20))
os.close(f)
d = os.dup(1)
os.write(d, b"dup\n")

print(fcntl.fcntl(d, fcntl.F_GETFD))
print(os.get_inheritable(d), os.isatty(1))
