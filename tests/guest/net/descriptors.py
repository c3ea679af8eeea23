import array
import os
import socket

left, right = socket.socketpair()
with open("words.txt", "rb") as file:
    socket.send_fds(left, [b"here"], [file.fileno(), 1])
data, fds, flags, _ = socket.recv_fds(right, 100, 5)
print(data, len(fds), flags, os.read(fds[0], 20))
print(left.sendmsg([b"a", b"bc"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]))
buffers = [bytearray(2), bytearray(4)]
print(right.recvmsg_into(buffers, socket.CMSG_SPACE(4))[0], buffers)
right.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
left.send(b"who")
data, control, flags, _ = right.recvmsg(10, socket.CMSG_SPACE(12))
(level, kind, creds) = control[0]
pid, uid, gid = array.array("i", creds)
print(data, kind, pid == os.getpid(), uid == os.getuid(), gid == os.getgid())
