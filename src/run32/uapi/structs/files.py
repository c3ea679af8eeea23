"""File metadata and locks. Headers: asm/stat.h, asm/statfs.h, asm-generic/statfs.h, asm/fcntl.h.

The hosts' `struct stat` differ from each other in field order, so each has its own class. A field
written `name: Type = "other"` takes its value from the host's field `other`.
"""

from run32.spec.layout import (
    S32,
    S64,
    U16,
    U32,
    U64,
    Char,
    Int,
    Long,
    Pointer,
    Short,
    Size,
    Struct,
    UInt,
    ULong,
    UShort,
)


class stat_x86_64(Struct, cname="struct stat", header="asm/stat.h"):
    st_dev: ULong
    st_ino: ULong
    st_nlink: ULong
    st_mode: UInt
    st_uid: UInt
    st_gid: UInt
    pad0: UInt
    st_rdev: ULong
    st_size: Long
    st_blksize: Long
    st_blocks: Long
    st_atime: ULong
    st_atime_nsec: ULong
    st_mtime: ULong
    st_mtime_nsec: ULong
    st_ctime: ULong
    st_ctime_nsec: ULong
    unused: Long[3]


class stat_aarch64(Struct, cname="struct stat", header="asm/stat.h"):
    st_dev: ULong
    st_ino: ULong
    st_mode: UInt
    st_nlink: UInt
    st_uid: UInt
    st_gid: UInt
    st_rdev: ULong
    pad1: ULong
    st_size: Long
    st_blksize: Int
    pad2: Int
    st_blocks: Long
    st_atime: Long
    st_atime_nsec: ULong
    st_mtime: Long
    st_mtime_nsec: ULong
    st_ctime: Long
    st_ctime_nsec: ULong
    unused4: UInt
    unused5: UInt


_HOST_STAT: dict[str, type[Struct]] = {
    "lp64": stat_x86_64,
    "x86_64": stat_x86_64,
    "aarch64": stat_aarch64,
}


class stat(Struct, variants=_HOST_STAT, header="asm/stat.h"):
    """The old 32-bit layout: 16-bit ids, 32-bit size."""

    st_dev: ULong
    st_ino: ULong
    st_mode: UShort
    st_nlink: UShort
    st_uid: UShort
    st_gid: UShort
    st_rdev: ULong
    st_size: ULong
    st_blksize: ULong
    st_blocks: ULong
    st_atime: ULong
    st_atime_nsec: ULong
    st_mtime: ULong
    st_mtime_nsec: ULong
    st_ctime: ULong
    st_ctime_nsec: ULong
    unused4: ULong
    unused5: ULong


class stat64(Struct, variants=_HOST_STAT, header="asm/stat.h"):
    st_dev: U64
    pad0: Char[4]
    st_ino32: ULong = "st_ino"
    st_mode: UInt
    st_nlink: UInt
    st_uid: ULong
    st_gid: ULong
    st_rdev: U64
    pad3: Char[4]
    st_size: S64
    st_blksize: ULong
    st_blocks: U64
    st_atime: ULong
    st_atime_nsec: ULong
    st_mtime: ULong
    st_mtime_nsec: ULong
    st_ctime: ULong
    st_ctime_nsec: ULong
    st_ino: U64


class fsid(Struct, cname="__kernel_fsid_t", header="linux/types.h"):
    val: Int[2]


class statfs(Struct, header="asm/statfs.h"):
    f_type: Long
    f_bsize: Long
    f_blocks: ULong
    f_bfree: ULong
    f_bavail: ULong
    f_files: ULong
    f_ffree: ULong
    f_fsid: fsid
    f_namelen: Long
    f_frsize: Long
    f_flags: Long
    f_spare: Long[4]


class statfs64(Struct, packed=("arm", "i386"), header="asm/statfs.h"):
    f_type: Long
    f_bsize: Long
    f_blocks: U64
    f_bfree: U64
    f_bavail: U64
    f_files: U64
    f_ffree: U64
    f_fsid: fsid
    f_namelen: Long
    f_frsize: Long
    f_flags: Long
    f_spare: Long[4]


class statx_timestamp(Struct, header="linux/stat.h"):
    tv_sec: S64
    tv_nsec: U32
    reserved: S32


class statx(Struct, header="linux/stat.h"):
    stx_mask: U32
    stx_blksize: U32
    stx_attributes: U64
    stx_nlink: U32
    stx_uid: U32
    stx_gid: U32
    stx_mode: U16
    spare0: U16[1]
    stx_ino: U64
    stx_size: U64
    stx_blocks: U64
    stx_attributes_mask: U64
    stx_atime: statx_timestamp
    stx_btime: statx_timestamp
    stx_ctime: statx_timestamp
    stx_mtime: statx_timestamp
    stx_rdev_major: U32
    stx_rdev_minor: U32
    stx_dev_major: U32
    stx_dev_minor: U32
    stx_mnt_id: U64
    spare2: U64[13]


class flock(Struct, header="asm/fcntl.h"):
    l_type: Short
    l_whence: Short
    l_start: Long
    l_len: Long
    l_pid: Int


class flock64(Struct, header="asm/fcntl.h"):
    l_type: Short
    l_whence: Short
    l_start: S64
    l_len: S64
    l_pid: Int


class iovec(Struct, header="linux/uio.h"):
    iov_base: Pointer
    iov_len: Size


class cachestat_range(Struct):
    off: U64
    len: U64


class cachestat(Struct):
    nr_cache: U64
    nr_dirty: U64
    nr_writeback: U64
    nr_evicted: U64
    nr_recently_evicted: U64


class open_how(Struct, header="linux/openat2.h"):
    flags: U64
    mode: U64
    resolve: U64


class file_clone_range(Struct, header="linux/fs.h"):
    src_fd: S64
    src_offset: U64
    src_length: U64
    dest_offset: U64


class fstrim_range(Struct, header="linux/fs.h"):
    start: U64
    len: U64
    minlen: U64


class fiemap(Struct, header="linux/fiemap.h"):
    """The head; extents follow."""

    fm_start: U64
    fm_length: U64
    fm_flags: U32
    fm_mapped_extents: U32
    fm_extent_count: U32
    fm_reserved: U32
