"""Mappings. `kernel.memory` owns the guest's 4 GiB, so all of these are slow paths."""

from run32.spec.layout import Int, Size, UInt, ULong
from run32.spec.syscalls import syscall
from run32.spec.types import Addr, Fd, Ptr, Zero
from run32.uapi.consts.memory import LockFlags, Madvice, MapFlags, Prot, RemapFlags, SyncFlags


@syscall(arm=45, i386=45, man="brk(2)", slow="memcalls")
def brk(address: Addr) -> Addr: ...


@syscall(arm=192, i386=192, man="mmap2(2)", slow="memcalls")
def mmap2(
    address: Addr, length: Size, prot: Prot, flags: MapFlags, fd: Fd, pgoffset: ULong
) -> Addr: ...


@syscall(arm=91, i386=91, man="munmap(2)", slow="memcalls")
def munmap(address: Addr, length: Size) -> Zero: ...


@syscall(arm=125, i386=125, man="mprotect(2)", slow="memcalls")
def mprotect(address: Addr, length: Size, prot: Prot) -> Zero: ...


@syscall(arm=163, i386=163, man="mremap(2)", slow="memcalls")
def mremap(old: Addr, old_size: Size, new_size: Size, flags: RemapFlags, new: Addr) -> Addr: ...


@syscall(arm=220, i386=219, man="madvise(2)", slow="memcalls")
def madvise(address: Addr, length: Size, advice: Madvice) -> Zero: ...


@syscall(arm=144, i386=144, man="msync(2)", slow="memcalls")
def msync(address: Addr, length: Size, flags: SyncFlags) -> Zero: ...


@syscall(arm=219, i386=218, man="mincore(2)", slow="memcalls")
def mincore(address: Addr, length: Size, vector: Ptr) -> Zero: ...


@syscall(arm=150, i386=150, man="mlock(2)", slow="memcalls")
def mlock(address: Addr, length: Size) -> Zero: ...


@syscall(arm=390, i386=376, man="mlock2(2)", slow="memcalls")
def mlock2(address: Addr, length: Size, flags: UInt) -> Zero: ...


@syscall(arm=151, i386=151, man="munlock(2)", slow="memcalls")
def munlock(address: Addr, length: Size) -> Zero: ...


@syscall(arm=152, i386=152, man="mlockall(2)", slow="memcalls")
def mlockall(flags: LockFlags) -> Zero: ...


@syscall(arm=153, i386=153, man="munlockall(2)", slow="memcalls")
def munlockall() -> Zero: ...


@syscall(arm=253, i386=257, man="remap_file_pages(2)", slow="memcalls")
def remap_file_pages(
    address: Addr, size: Size, prot: Prot, pgoffset: ULong, flags: MapFlags
) -> Zero: ...


@syscall(arm=394, i386=380, man="pkey_mprotect(2)", slow="memcalls")
def pkey_mprotect(address: Addr, length: Size, prot: Prot, key: Int) -> Zero: ...


@syscall(arm=395, i386=381, man="pkey_alloc(2)", slow="memcalls")
def pkey_alloc(flags: UInt, rights: UInt) -> Int: ...


@syscall(arm=396, i386=382, man="pkey_free(2)", slow="memcalls")
def pkey_free(key: Int) -> Zero: ...


@syscall(arm=389, i386=375, man="membarrier(2)")
def membarrier(cmd: Int, flags: UInt, cpu: Int) -> Int: ...
