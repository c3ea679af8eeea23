"""Error numbers of Linux (errno(3)): the same on arm, i386, x86-64 and AArch64.

Plain constants, so that the launch path need not import the standard module and its dictionary.
"""

# fmt: off
EPERM = 1
ENOENT = 2
ESRCH = 3
EINTR = 4
EIO = 5
ENXIO = 6
E2BIG = 7
ENOEXEC = 8
EBADF = 9
ECHILD = 10
EAGAIN = 11
ENOMEM = 12
EACCES = 13
EFAULT = 14
EBUSY = 16
EEXIST = 17
EXDEV = 18
ENODEV = 19
ENOTDIR = 20
EISDIR = 21
EINVAL = 22
ENFILE = 23
EMFILE = 24
ENOTTY = 25
EFBIG = 27
ENOSPC = 28
ESPIPE = 29
EROFS = 30
EPIPE = 32
EDOM = 33
ERANGE = 34
EDEADLK = 35
ENAMETOOLONG = 36
ENOSYS = 38
ENOTEMPTY = 39
ELOOP = 40
EOVERFLOW = 75
ENOTSOCK = 88
ENOPROTOOPT = 92
EOPNOTSUPP = 95
ENOBUFS = 105
ETIMEDOUT = 110
# fmt: on
