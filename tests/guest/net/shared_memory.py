import mmap
import os
import select

m = mmap.mmap(-1, 4096)
pid = os.fork()
if pid == 0:
    m[:5] = b"child"
    os._exit(4)
fd = os.pidfd_open(pid)
print(select.select([fd], [], [], 5)[0] == [fd])
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), m[:5])
e = os.eventfd(3, os.EFD_SEMAPHORE)
print(os.eventfd_read(e), os.eventfd_read(e))
memory = os.memfd_create("m")
os.write(memory, b"abc")
r, w = os.pipe()
print(os.sendfile(w, memory, 0, 3), os.read(r, 9))
print(os.splice(memory, w, 2, offset_src=1), os.read(r, 9))
os.lockf(memory, os.F_LOCK, 10)
source, out = (os.open(name, os.O_RDWR | os.O_CREAT) for name in ("source", "copy"))
os.write(source, b"abcdef")
print(os.copy_file_range(source, out, 3, 1), os.pread(out, 9, 0))
