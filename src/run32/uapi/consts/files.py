"""Constants of files and directories.

Headers: asm/fcntl.h (arm and x86 swap four O_ flags), asm-generic/fcntl.h, linux/fcntl.h,
linux/fs.h, linux/stat.h, linux/falloc.h, linux/xattr.h."""

from run32.spec.types import Enum, Flags, per


class FdFlags(Flags):
    """Flags of a descriptor where no access mode is meant: pipe2, dup3.

    O_LARGEFILE, O_DIRECT, O_DIRECTORY and O_NOFOLLOW depend on the ABI.
    """

    O_CREAT = 0o100
    O_EXCL = 0o200
    O_NOCTTY = 0o400
    O_TRUNC = 0o1000
    O_APPEND = 0o2000
    O_NONBLOCK = 0o4000
    O_DSYNC = 0o10000
    O_SYNC = 0o4010000
    FASYNC = 0o20000
    O_DIRECT = per(arm=0o200000, x86=0o40000)
    O_LARGEFILE = per(arm=0o400000, x86=0o100000)
    O_NOATIME = 0o1000000
    O_CLOEXEC = 0o2000000
    O_PATH = 0o10000000
    O_TMPFILE = per(arm=0o20040000, x86=0o20200000)
    O_DIRECTORY = per(arm=0o40000, x86=0o200000)
    O_NOFOLLOW = per(arm=0o100000, x86=0o400000)


class OpenFlags(FdFlags):
    """open(2) flags."""

    FIELD = 3
    O_RDONLY = 0
    O_WRONLY = 1
    O_RDWR = 2


class AtFlags(Flags):
    AT_SYMLINK_NOFOLLOW = 0x100
    AT_EACCESS = 0x200
    AT_SYMLINK_FOLLOW = 0x400
    AT_NO_AUTOMOUNT = 0x800
    AT_EMPTY_PATH = 0x1000
    AT_STATX_FORCE_SYNC = 0x2000
    AT_STATX_DONT_SYNC = 0x4000
    AT_RECURSIVE = 0x8000


class StatxMask(Flags):
    STATX_ALL = 0xFFF
    STATX_BASIC_STATS = 0x7FF
    STATX_TYPE = 1
    STATX_MODE = 2
    STATX_NLINK = 4
    STATX_UID = 8
    STATX_GID = 0x10
    STATX_ATIME = 0x20
    STATX_MTIME = 0x40
    STATX_CTIME = 0x80
    STATX_INO = 0x100
    STATX_SIZE = 0x200
    STATX_BLOCKS = 0x400
    STATX_BTIME = 0x800
    STATX_MNT_ID = 0x1000
    STATX_DIOALIGN = 0x2000


class UnlinkFlags(Flags):
    AT_REMOVEDIR = 0x200


class AccessMode(Flags):
    F_OK = 0
    R_OK = 4
    W_OK = 2
    X_OK = 1


class AccessFlags(Flags):
    AT_SYMLINK_NOFOLLOW = 0x100
    AT_EACCESS = 0x200
    AT_EMPTY_PATH = 0x1000


class Whence(Enum):
    SEEK_SET = 0
    SEEK_CUR = 1
    SEEK_END = 2
    SEEK_DATA = 3
    SEEK_HOLE = 4


class FcntlCmd(Enum):
    F_DUPFD = 0
    F_GETFD = 1
    F_SETFD = 2
    F_GETFL = 3
    F_SETFL = 4
    F_GETLK = 5
    F_SETLK = 6
    F_SETLKW = 7
    F_SETOWN = 8
    F_GETOWN = 9
    F_SETSIG = 10
    F_GETSIG = 11
    F_GETLK64 = 12
    F_SETLK64 = 13
    F_SETLKW64 = 14
    F_SETOWN_EX = 15
    F_GETOWN_EX = 16
    F_OFD_GETLK = 36
    F_OFD_SETLK = 37
    F_OFD_SETLKW = 38
    F_SETLEASE = 1024
    F_GETLEASE = 1025
    F_NOTIFY = 1026
    F_DUPFD_CLOEXEC = 1030
    F_SETPIPE_SZ = 1031
    F_GETPIPE_SZ = 1032
    F_ADD_SEALS = 1033
    F_GET_SEALS = 1034


class FallocateMode(Flags):
    FALLOC_FL_KEEP_SIZE = 1
    FALLOC_FL_PUNCH_HOLE = 2
    FALLOC_FL_COLLAPSE_RANGE = 8
    FALLOC_FL_ZERO_RANGE = 16
    FALLOC_FL_INSERT_RANGE = 32
    FALLOC_FL_UNSHARE_RANGE = 64


class Advice(Enum):
    POSIX_FADV_NORMAL = 0
    POSIX_FADV_RANDOM = 1
    POSIX_FADV_SEQUENTIAL = 2
    POSIX_FADV_WILLNEED = 3
    POSIX_FADV_DONTNEED = 4
    POSIX_FADV_NOREUSE = 5


class FlockOp(Flags):
    LOCK_SH = 1
    LOCK_EX = 2
    LOCK_NB = 4
    LOCK_UN = 8


class XattrFlags(Flags):
    XATTR_CREATE = 1
    XATTR_REPLACE = 2


class RenameFlags(Flags):
    RENAME_NOREPLACE = 1
    RENAME_EXCHANGE = 2
    RENAME_WHITEOUT = 4


class SpliceFlags(Flags):
    SPLICE_F_MOVE = 1
    SPLICE_F_NONBLOCK = 2
    SPLICE_F_MORE = 4
    SPLICE_F_GIFT = 8


class RwFlags(Flags):
    RWF_HIPRI = 1
    RWF_DSYNC = 2
    RWF_SYNC = 4
    RWF_NOWAIT = 8
    RWF_APPEND = 16
