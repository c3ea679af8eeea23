"""mremap with every flag, and moving host pages without ever leaving a hole in the reservation.

Source: mm/mremap.c. The host call would unmap the old range, and a host allocation might land
there; so pages are moved with MREMAP_DONTUNMAP (which keeps the old range mapped) and the old range
is made inaccessible afterwards. Growth happens at the new place, or by mapping more pages behind.
"""

from __future__ import annotations

from run32.kernel import host
from run32.kernel import vma as v
from run32.kernel.mappings import EINVAL, ENOMEM, Mappings, may_be_huge
from run32.kernel.space import MAP_ANON, MAP_FIXED, MAP_PRIVATE, host_prot

EPERM, EFAULT = 1, 14
MAYMOVE, FIXED, DONTUNMAP = 1, 2, 4
_MREMAP, _MUNMAP = host.NR["mremap"], host.NR["munmap"]


class Moves(Mappings):
    """Guest memory with mremap(2)."""

    def mremap(self, addr: int, old: int, new: int, flags: int, new_addr: int = 0) -> int:
        """mremap(2): the address of the resized or moved mapping, or -errno."""
        with self.lock:
            old, new = self.layout.align(old), self.layout.align(new)
            error = self._check_params(addr, old, new, flags, new_addr)
            if error:
                return error
            self._enter(addr, addr + max(old, new))
            vma = self.table.at(addr)
            if vma is None:
                return -EFAULT
            if flags & (FIXED | DONTUNMAP):
                return self._move_to(vma, addr, old, new, flags, new_addr)
            if old >= new:
                if old > new:
                    error = self._shrink(addr + new, addr + old)
                    if error:
                        return error
                return addr
            return self._grow(vma, addr, old, new, flags)

    def _check_params(self, addr: int, old: int, new: int, flags: int, new_addr: int) -> int:
        """`check_mremap_params` of Linux 6.17: what can be said without looking at mappings."""
        task_size = self.layout.task_size
        if flags & ~(MAYMOVE | FIXED | DONTUNMAP) or addr & (self.page - 1):
            return -EINVAL
        if not new or new > task_size:
            return -EINVAL
        if not flags & (FIXED | DONTUNMAP):
            return 0
        if new_addr > task_size - new or new_addr & (self.page - 1) or not flags & MAYMOVE:
            return -EINVAL
        if flags & DONTUNMAP and old != new:
            return -EINVAL
        overlaps = addr + old > new_addr and new_addr + new > addr
        return -EINVAL if overlaps else 0

    def _shrink(self, start: int, end: int) -> int:
        if end > self.layout.task_size:
            return -EINVAL
        return self._unmap(start, end)

    def _grow(self, vma: v.Vma, addr: int, old: int, new: int, flags: int) -> int:
        error = self._check_resize(vma, addr, old, new, flags)
        if error:
            return error
        if old and addr + old == vma.end and self._fits_behind(vma.end, new - old):
            return addr if self._extend(vma, new - old) else -ENOMEM
        if not flags & MAYMOVE:
            return -ENOMEM
        target = self._get_area(0, new, 0)
        if target < 0:
            return target
        return self._move(vma, addr, old, new, target, flags)

    def _check_resize(self, vma: v.Vma, addr: int, old: int, new: int, flags: int) -> int:
        """`vma_to_resize`: may [addr, addr + old) become `new` bytes long?"""
        if not old and not vma.flags & v.SHARED:
            return -EINVAL
        if flags & DONTUNMAP and vma.flags & v.SPECIAL:
            return -EINVAL
        if min(old, new) > vma.end - addr:
            return -EFAULT
        if new <= old:
            return 0
        if vma.flags & v.SPECIAL:
            return -EFAULT
        if not self._may_expand(new - old, vma.is_data()):
            return -ENOMEM
        return 0

    def _fits_behind(self, end: int, more: int) -> bool:
        """`vma_expandable`: is there room right behind?"""
        if end + more > self.layout.task_size:
            return False
        return not self.table.overlapping(end, end + more)

    def _move_to(self, vma: v.Vma, addr: int, old: int, new: int, flags: int, new_addr: int) -> int:
        """MREMAP_FIXED and MREMAP_DONTUNMAP."""
        error = self._check_resize(vma, addr, old, new, flags)
        if error:
            return error
        if flags & DONTUNMAP and not self._may_expand(old, vma.is_data()):
            return -ENOMEM
        if flags & FIXED:
            if new_addr < self.min_addr and not self.is_privileged():
                return -EPERM
            error = self._unmap(new_addr, new_addr + new)
            if error:
                return error
        if old > new:
            error = self._shrink(addr + new, addr + old)
            if error:
                return error
            old = new
        found = self.table.at(addr)
        if found is None:
            return -EFAULT
        target = self._get_area(new_addr, new, MAP_FIXED if flags & FIXED else 0)
        if target < 0:
            return target
        return self._move(found, addr, old, new, target, flags)

    # -- carrying it out

    def _extend(self, vma: v.Vma, more: int) -> bool:
        """Lengthen `vma` in place."""
        end = vma.end
        self._claim(end, end + more)
        if self._is_plain(vma):
            flags = self._host_flags(MAP_PRIVATE | MAP_ANON)
            if self._host_map(end, more, host_prot(vma.prot), flags):
                return False
            if may_be_huge(vma):
                self._ask_for_huge_pages(vma.start, end + more)
        else:
            # Take the mapping out of the reservation, lengthen it there, and put it back.
            size = vma.end - vma.start
            if self._relocate(vma.start, size, size + more, vma.start, vma.flags):
                return False
        tail = vma.slice(end - self.page, end)
        tail.start, tail.end = end, end + more
        tail.offset += self.page
        self._record(tail)
        return True

    def _is_plain(self, vma: v.Vma) -> bool:
        return not vma.is_file and not vma.flags & v.HUGETLB

    def _move(self, vma: v.Vma, addr: int, old: int, new: int, target: int, flags: int) -> int:
        """Move (or, for old = 0, duplicate) pages to `target` and update the table."""
        moved = vma.slice(addr, addr + old) if old else vma.copy()
        # Linux renumbers private anonymous pages that were never touched, so that they merge with
        # neighbours; whether they were is not worth finding out here.
        moved.offset = target if self._is_plain(vma) else vma.offset + addr - vma.start
        moved.start, moved.end = target, target + new
        self._claim(target, target + new)
        if self._is_plain(vma):
            error = self._move_plain(vma, addr, old, new, target)
        else:
            error = self._relocate(addr, old, new, target, vma.flags)
        if error:
            return error
        self._record(moved)
        if not old:
            return target
        if flags & DONTUNMAP:
            # The old range stays mapped; its anonymous pages are gone, so any code changed.
            self._refill(vma, addr, old)
            if vma.prot & v.PROT_EXEC:
                self._tell_exec(addr, addr + old, True)
        else:
            self._claim(addr, addr + old)
            self._host_none(addr, addr + old)
            self._forget(addr, addr + old)
        return target

    def _refill(self, vma: v.Vma, addr: int, size: int) -> None:
        """After MREMAP_DONTUNMAP the old range reads as fresh pages, also if pages were copied."""
        if self._is_plain(vma):
            flags = MAP_PRIVATE | MAP_ANON
            self._host_map(addr, size, host_prot(vma.prot), flags)

    def _move_plain(self, vma: v.Vma, addr: int, old: int, new: int, target: int) -> int:
        """Private anonymous memory: move what exists, map the rest."""
        start, goal = self.base + addr, self.base + target
        kept = min(old, new)
        result = host.syscall(_MREMAP, start, kept, kept, MAYMOVE | FIXED | DONTUNMAP, goal)
        flags = self._host_flags(MAP_PRIVATE | MAP_ANON)
        if result < 0:
            # Several host mappings, or a kernel without DONTUNMAP: private pages can be copied.
            error = self._host_map(target, kept, 3, flags)
            if error:
                return error
            if not vma.prot & 3:
                self._host_protect(addr, addr + kept, 1)
            if host.copy(goal, start, kept):
                return -ENOMEM
            self._host_protect(target, target + kept, vma.prot)
        error = 0
        if new > kept:
            error = self._host_map(target + kept, new - kept, host_prot(vma.prot), flags)
        if not error and may_be_huge(vma):
            self._ask_for_huge_pages(target, target + new)
        return error

    def _relocate(self, addr: int, old: int, new: int, target: int, marks: int) -> int:
        """Move host pages of a file or shared mapping by way of host memory outside the guest."""
        start, goal = self.base + addr, self.base + target
        if old == new:
            how = MAYMOVE | FIXED | DONTUNMAP
            result = host.syscall(_MREMAP, start, old, new, how, goal)
            if result == goal:
                return 0
        if marks & v.SHARED:
            outside = host.syscall(_MREMAP, start, 0, new, MAYMOVE)
        else:
            outside = host.syscall(_MREMAP, start, old, old, MAYMOVE | DONTUNMAP)
            if outside > 0 and new != old:
                result = host.syscall(_MREMAP, outside, old, new, MAYMOVE)
                if result < 0:
                    host.syscall(_MREMAP, outside, old, old, MAYMOVE | FIXED, start)
                    return result
                outside = result
        if outside < 0:
            return outside
        result = host.syscall(_MREMAP, outside, new, new, MAYMOVE | FIXED, goal)
        if result < 0:
            host.syscall(_MUNMAP, outside, new)
            return result
        return 0
