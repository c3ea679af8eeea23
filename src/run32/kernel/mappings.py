"""mmap, munmap, mprotect and brk with Linux's placement, limits, errors and their order.

Sources: mm/mmap.c (`do_mmap`, `mmap_region`, `do_munmap`, `brk`), mm/mprotect.c. Every method takes
guest integers and returns a guest address, 0 or -errno. What depends on the file (its mode, its
seals, its file system) is left to the host kernel, which maps it in place.
"""

from __future__ import annotations

import os

from run32.kernel import cdata, host
from run32.kernel import vma as v
from run32.kernel.placement import INFINITY
from run32.kernel.space import (
    MAP_ANON,
    MAP_FIXED,
    MAP_FIXED_NOREPLACE,
    MAP_NORESERVE,
    MAP_PRIVATE,
    host_prot,
)
from run32.kernel.stack import StackSpace

EPERM, EBADF, ENOMEM, EACCES, EEXIST, EINVAL = 1, 9, 12, 13, 17, 22
MAP_SHARED, MAP_SHARED_VALIDATE, MAP_DROPPABLE, MAP_TYPE = 0x01, 0x03, 0x08, 0x0F
MAP_32BIT, MAP_ABOVE4G, MAP_GROWSDOWN = 0x40, 0x80, 0x100
MAP_LOCKED, MAP_STACK, MAP_HUGETLB = 0x2000, 0x20000, 0x40000
HUGE_SHIFT, HUGE_MASK = 26, 0x3F
PROT_SEM, PROT_GROWSDOWN, PROT_GROWSUP = 0x8, 0x01000000, 0x02000000
MLOCK_ONFAULT = 1
ST_NOEXEC = 8
HUGETLBFS_BLOCK_MIN = 64 << 10
HUGETLBFS_MAGIC = 0x958458F6
ZERO_NAME = b"/dev/zero (deleted)"
_MLOCK2, _FSTATFS, _MADVISE = host.NR["mlock2"], host.NR["fstatfs"], host.NR["madvise"]


class Backing:
    """What a descriptor's file means for a mapping of it."""

    __slots__ = ("dev", "huge", "ino", "is_noexec", "path")

    def __init__(self, fd: int) -> None:
        """Raises OSError when `fd` is not open."""
        stat = os.fstat(fd)
        self.dev, self.ino = stat.st_dev, stat.st_ino
        fs = os.fstatvfs(fd)
        self.is_noexec = bool(fs.f_flag & ST_NOEXEC)
        self.huge = 0
        if fs.f_bsize >= HUGETLBFS_BLOCK_MIN and _fs_magic(fd) == HUGETLBFS_MAGIC:
            self.huge = fs.f_bsize
        try:
            self.path = os.readlink(b"/proc/self/fd/%d" % fd)
        except OSError:
            self.path = b""


def may_be_huge(vma: v.Vma) -> bool:
    """Whether it is ordinary private memory, of which a program says nothing particular."""
    never = v.SHARED | v.NORESERVE | v.NOHUGEPAGE | v.HUGETLB | v.GROWSDOWN | v.SPECIAL
    return not vma.is_file and not vma.flags & never


def _fs_magic(fd: int) -> int:
    buffer = cdata.create_string_buffer(256)
    if host.syscall(_FSTATFS, fd, cdata.addressof(buffer)):
        return 0
    return int.from_bytes(buffer.raw[:8], "little")


def _default_huge_size() -> int:
    try:
        with open("/proc/meminfo", "rb") as file:
            for line in file:
                if line.startswith(b"Hugepagesize:"):
                    return int(line.split()[1]) << 10
    except OSError:
        return 0
    return 0


class Mappings(StackSpace):
    """Guest memory with the calls that create, change and remove mappings."""

    _shared_count = 0

    # -- mmap

    def mmap(
        self, addr: int, length: int, prot: int, flags: int, fd: int = -1, offset: int = 0
    ) -> int:
        """mmap(2); `offset` is in bytes (mmap2's is 4096 times its argument)."""
        with self.lock:
            if offset & (self.page - 1):
                return -EINVAL
            backing = None
            if not flags & MAP_ANON:
                try:
                    backing = Backing(fd)
                except OSError:
                    return -EBADF
            return self._mmap(addr, length, prot, flags, fd, offset, backing)

    def _mmap(
        self,
        addr: int,
        length: int,
        prot: int,
        flags: int,
        fd: int,
        offset: int,
        backing: Backing | None,
    ) -> int:
        huge = self._huge_size(flags, backing)
        if huge < 0 or not length:
            return -EINVAL
        step = huge or self.page
        length = (length + step - 1) & -step
        may = 7
        if backing is not None and backing.is_noexec:
            may = 3
        if prot & v.PROT_READ and self.read_implies_exec and may & 4:
            prot |= v.PROT_EXEC
        addr = self._get_area(addr, length, flags, huge)
        if addr < 0:
            return addr
        error = self._check_type(prot, flags, backing)
        if not error and not self._may_map(addr, length, prot, flags):
            error = -ENOMEM
        if error:
            return error
        self._claim(addr, addr + length)
        error = self._host_map(addr, length, host_prot(prot), self._host_flags(flags), fd, offset)
        if error:
            return error
        record = self._describe(addr, length, prot & 7, flags, offset, backing, may)
        if prot & v.PROT_WRITE and may_be_huge(record):
            self._ask_for_huge_pages(addr, addr + length)
        self._record(record)
        if flags & MAP_GROWSDOWN:
            self._tell_growth()
        if self.lock_future & MLOCK_ONFAULT:
            host.syscall(_MLOCK2, self.base + addr, length, MLOCK_ONFAULT)
        return addr

    def _huge_size(self, flags: int, backing: Backing | None) -> int:
        """Huge page size a mapping asks for, 0 for ordinary pages, -1 when it cannot have any."""
        if backing is not None:
            return -1 if flags & MAP_HUGETLB and not backing.huge else backing.huge
        if not flags & MAP_HUGETLB:
            return 0
        shift = flags >> HUGE_SHIFT & HUGE_MASK
        return (1 << shift if shift else _default_huge_size()) or -1

    def _get_area(self, addr: int, length: int, flags: int, huge: int = 0) -> int:
        """`get_unmapped_area`: where a mapping goes, or -errno."""
        layout = self.layout
        is_fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)
        if not is_fixed:
            addr &= -self.page
            if addr and addr < layout.min_addr:
                addr = layout.align(layout.min_addr)
        if length > layout.task_size:
            return -ENOMEM
        if is_fixed:
            if huge and addr & (huge - 1):
                return -EINVAL
        else:
            if addr:
                self._enter(addr, addr + length)
            addr = layout.place(self.table, addr, length, huge)
            if addr and self._near_growth(addr, addr + length):
                # Nothing else is free: the stack counts as far as it has really grown.
                self._sync_growth()
                addr = layout.place(self.table, addr, length, huge)
            if not addr:
                return -ENOMEM
        if addr > layout.task_size - length:
            return -ENOMEM
        if addr & (self.page - 1):
            return -EINVAL
        if addr < self.min_addr and not self.is_privileged():
            return -EPERM
        if flags & MAP_FIXED_NOREPLACE:
            self._enter(addr, addr + length)
            if self.table.overlapping(addr, addr + length):
                return -EEXIST
        return addr

    def _check_type(self, prot: int, flags: int, backing: Backing | None) -> int:
        """Checks the host would not make, because it never sees these bits."""
        if flags & MAP_GROWSDOWN and (backing is not None or flags & MAP_TYPE == MAP_SHARED):
            return -EINVAL
        if backing is not None and backing.is_noexec and prot & v.PROT_EXEC:
            return -EPERM
        return 0

    def _may_map(self, addr: int, length: int, prot: int, flags: int) -> bool:
        is_private = flags & MAP_TYPE not in (MAP_SHARED, MAP_SHARED_VALIDATE)
        is_data = prot & v.PROT_WRITE != 0 and is_private and not flags & MAP_GROWSDOWN
        if self._may_expand(length, is_data):
            return True
        return self._may_expand(length - self.table.covered(addr, addr + length), is_data)

    def _host_flags(self, flags: int) -> int:
        drop = MAP_FIXED_NOREPLACE | MAP_GROWSDOWN | MAP_32BIT | MAP_ABOVE4G
        if self.lock_future and not self.lock_future & MLOCK_ONFAULT:
            flags |= MAP_LOCKED
        return flags & ~drop

    def _describe(
        self,
        addr: int,
        length: int,
        prot: int,
        flags: int,
        offset: int,
        backing: Backing | None,
        may: int,
    ) -> v.Vma:
        """The table's record for a new mapping."""
        marks = v.SHARED if flags & MAP_TYPE in (MAP_SHARED, MAP_SHARED_VALIDATE) else 0
        marks |= v.GROWSDOWN if flags & MAP_GROWSDOWN else 0
        marks |= v.LOCKED if flags & MAP_LOCKED or self.lock_future else 0
        if flags & MAP_NORESERVE:
            marks |= v.NORESERVE
        elif prot & v.PROT_WRITE and not marks & v.SHARED:
            marks |= v.ACCOUNT
        marks |= v.DROPPABLE if flags & MAP_TYPE == MAP_DROPPABLE else 0
        marks |= v.NOHUGEPAGE if flags & MAP_STACK else 0
        marks |= v.HUGETLB if flags & MAP_HUGETLB or (backing and backing.huge) else 0
        record = v.Vma(addr, addr + length, prot, marks, may=may)
        if backing is not None:
            record.path, record.dev, record.ino = backing.path, backing.dev, backing.ino
            record.offset = offset
        elif marks & v.SHARED:
            # Each shared anonymous mapping is a file of its own to Linux.
            self._shared_count += 1
            record.path, record.dev, record.ino = ZERO_NAME, 1, self._shared_count
            record.offset = 0
        return record

    def place(self, length: int, align: int = 0) -> int:
        """Free guest address where Linux would put `length` bytes, or -ENOMEM; maps nothing."""
        with self.lock:
            return self._get_area(0, self.layout.align(length), 0, align)

    def adopt(self, vma: v.Vma, *, apart: bool = False) -> None:
        """Record a mapping some other host call has put into the reservation."""
        with self.lock:
            self._claim(vma.start, vma.end)
            self._record(vma, apart=apart)

    # -- munmap

    def munmap(self, addr: int, length: int) -> int:
        """munmap(2)."""
        with self.lock:
            task_size = self.layout.task_size
            if addr & (self.page - 1) or addr > task_size or length > task_size - addr:
                return -EINVAL
            length = self.layout.align(length)
            if not length:
                return -EINVAL
            return self._unmap(addr, addr + length)

    def _unmap(self, start: int, end: int) -> int:
        self._enter(start, end)
        parts = self.table.overlapping(start, end)
        if not parts:
            return 0
        for vma in parts:
            if vma.flags & v.HUGETLB and self._splits_huge(vma, start, end):
                return -EINVAL
        self._claim(start, end)
        low = max(start, parts[0].start)
        high = min(end, parts[-1].end)
        self._host_none(low, high)
        self._forget(start, end)
        return 0

    def _splits_huge(self, vma: v.Vma, start: int, end: int) -> bool:
        huge = _default_huge_size() or self.page
        cuts = [cut for cut in (start, end) if vma.start < cut < vma.end]
        return any(cut & (huge - 1) for cut in cuts)

    # -- mprotect

    def mprotect(self, addr: int, length: int, prot: int) -> int:
        """mprotect(2). Parts before an offending one are changed, as Linux does."""
        with self.lock:
            grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP)
            prot &= ~grows
            if grows == PROT_GROWSDOWN | PROT_GROWSUP or addr & (self.page - 1):
                return -EINVAL
            if not length:
                return 0
            end = addr + self.layout.align(length)
            if prot & ~(7 | PROT_SEM):
                return -EINVAL
            self._enter(addr, end)
            vma = self.table.above(addr)
            if vma is None or vma.start >= end:
                return -ENOMEM
            if grows & PROT_GROWSDOWN:
                if not vma.flags & v.GROWSDOWN:
                    return -EINVAL
                addr = vma.start
            elif vma.start > addr:
                return -ENOMEM
            elif grows:
                return -EINVAL
            return self._protect(addr, end, prot & 7)

    def _protect(self, start: int, end: int, prot: int) -> int:
        if start <= self.grow_high < end and host_prot(prot) != 3:
            self._drop_head_start()
            self._tell_growth()
        at = start
        for vma in list(self.table.overlapping(start, end)):
            if vma.start > at:
                return -ENOMEM
            wanted = prot
            if self.read_implies_exec and prot & v.PROT_READ and vma.may & v.PROT_EXEC:
                wanted |= v.PROT_EXEC
            at = min(vma.end, end)
            error = self._protect_part(vma, max(vma.start, start), at, wanted)
            if error:
                return error
        return 0 if at >= end else -ENOMEM

    def _protect_part(self, vma: v.Vma, start: int, end: int, prot: int) -> int:
        if prot & ~vma.may:
            return -EACCES
        if prot == vma.prot:
            return 0
        changed = vma.slice(start, end)
        changed.prot = prot
        if prot & v.PROT_WRITE and not vma.flags & (v.SHARED | v.NORESERVE | v.HUGETLB):
            changed.flags |= v.ACCOUNT
        elif not prot & v.PROT_WRITE and not vma.is_file:
            # Linux does so while no page of it was touched.
            changed.flags &= ~v.ACCOUNT
        if changed.is_data() and not vma.is_data() and not self._may_expand(0, False):
            return -ENOMEM
        if changed.is_data() and not vma.is_data():
            if self.table.data + end - start > self.limit_data & -self.page:
                return -ENOMEM
        self._tell_sharing(changed)
        error = self._host_protect(start, end, prot)
        if error:
            return error
        # code that becomes writable may change without anybody's saying so
        turned = (vma.prot ^ prot) & (v.PROT_EXEC | v.PROT_WRITE)
        is_exec = bool(prot & v.PROT_EXEC)
        self.table.remove(start, end)
        self.table.insert(changed)
        if turned & v.PROT_EXEC or (turned and is_exec):
            self._tell_exec(start, end, is_exec)
        return 0

    # -- brk

    def set_brk(self, start: int, *, data_size: int = 0) -> None:
        """Where the heap starts; `data_size` is the program's initialised data, for RLIMIT_DATA."""
        self.start_brk = self.end_brk = start
        self.data_size = data_size

    def brk(self, addr: int) -> int:
        """brk(2) as the kernel does it: the new break, or the old one when it cannot move."""
        with self.lock:
            if addr < self.start_brk:
                return self.end_brk
            used = addr - self.start_brk + self.data_size
            if self.limit_data < INFINITY and used > self.limit_data:
                return self.end_brk
            old, new = self.layout.align(self.end_brk), self.layout.align(addr)
            if new < old:
                if self._unmap(new, old):
                    return self.end_brk
            elif new > old and not self._extend_brk(old, new):
                return self.end_brk
            self.end_brk = addr
            return addr

    def _extend_brk(self, old: int, new: int) -> bool:
        if self._get_area(old, new - old, MAP_FIXED) < 0:
            return False
        self._enter(old, new + self.page)
        if not self.layout.is_free(self.table, old, new - old + self.page):
            return False
        prot = 7 if self.read_implies_exec else 3
        if not self._may_expand(new - old, True):
            return False
        self._claim(old, new)
        flags = self._host_flags(MAP_PRIVATE | MAP_ANON)
        if self._host_map(old, new - old, host_prot(prot), flags):
            return False
        marks = v.ACCOUNT | (v.LOCKED if self.lock_future else 0)
        # Linux looks for a heap to extend from start_brk on: the program's data stays apart.
        self._record(v.Vma(old, new, prot, marks), apart=old <= self.start_brk)
        return True
