import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
fd = libc.inotify_init1(os.O_NONBLOCK)
os.mkdir("watched")
print(libc.inotify_add_watch(fd, b"watched", 0xFFF))
with open("watched/file", "w") as file:
    file.write("text")
os.rename("watched/file", "watched/other")
os.unlink("watched/other")
data = os.read(fd, 4096)
while data:
    wd, mask, cookie, length = struct.unpack_from("iIII", data)
    print(wd, hex(mask), cookie != 0, data[16 : 16 + length].rstrip(b"\0"))
    data = data[16 + length :]
print(libc.inotify_add_watch(fd, b"missing", 0xFFF), ctypes.get_errno())
