"""mmap and files between processes: shared counters, private copies, locks, resizing, selectors."""

import fcntl
import mmap
import os
import select
import signal
import struct
import tempfile

area = mmap.mmap(-1, 8192)
children = []
for n in range(4):
    if not (pid := os.fork()):
        area[n * 4 : n * 4 + 4] = struct.pack("<I", n * n)
        os._exit(0)
    children.append(pid)
print([os.waitpid(pid, 0)[1] for pid in children], struct.unpack_from("<4I", area))
with open("file", "w+b") as file:
    file.truncate(10000)
    shared = mmap.mmap(file.fileno(), 0)
    private = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    if not os.fork():
        shared[5000:5005] = b"child"
        private[0:5] = b"never"
        shared.flush()
        os._exit(0)
    os.wait()
    print(shared[5000:5005], private[0:5], private[5000:5005], file.seek(5000), file.read(5))
    shared.resize(20000)
    shared[19999] = 65
    print(os.path.getsize("file"), len(shared), shared.find(b"A"))
    with open("file", "rb") as other, mmap.mmap(other.fileno(), 0, prot=mmap.PROT_READ) as readonly:
        try:
            readonly[0] = 1
        except TypeError as error:
            print(error)
    shared.madvise(mmap.MADV_DONTNEED)
    print(shared[19999])
count = open("count", "w+b", buffering=0)
count.write(struct.pack("<I", 0))
for _ in range(4):
    if not os.fork():
        mine = open("count", "r+b", buffering=0)
        for _ in range(50):
            fcntl.lockf(mine, fcntl.LOCK_EX)
            (value,) = struct.unpack("<I", os.pread(mine.fileno(), 4, 0))
            os.pwrite(mine.fileno(), struct.pack("<I", value + 1), 0)
            fcntl.lockf(mine, fcntl.LOCK_UN)
        os._exit(0)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
print(struct.unpack("<I", os.pread(count.fileno(), 4, 0)))
pid = os.fork()
if not pid:
    with open("short", "w+b") as short:
        short.truncate(100)
        beyond = mmap.mmap(short.fileno(), 100)
        short.truncate(0)
        beyond[50]
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGBUS)
pipes = [os.pipe() for _ in range(40)]
for n, (_, end) in enumerate(pipes):
    if not os.fork():
        select.select([], [], [], 0.002 * (40 - n))
        os.write(end, b"%d" % n)
        os._exit(0)
poll, got = select.poll(), []
[poll.register(read, select.POLLIN) for read, _ in pipes]
while len(got) < 40:
    for fd, _ in poll.poll():
        got.append(int(os.read(fd, 10)))
        poll.unregister(fd)
print(sorted(got) == list(range(40)))
with tempfile.NamedTemporaryFile(dir=".") as temporary:
    os.pwritev(temporary.fileno(), [b"one", b"two"], 100)
    print(os.preadv(temporary.fileno(), [bytearray(2), bytearray(9)], 100), temporary.tell())
reader, writer = os.pipe()
with open("words.txt", "rb") as source:
    print(
        os.splice(source.fileno(), writer, 1000),
        os.sendfile(count.fileno(), source.fileno(), 500, 200),
    )
print(
    len(os.read(reader, 5000)),
    os.copy_file_range(source := os.open("words.txt", 0), count.fileno(), 64),
)
