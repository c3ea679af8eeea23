"""Stacks that grow: MAP_GROWSDOWN mappings and the main stack.

Linux extends a stack when something touches the pages below it (mm/mmap.c `expand_downwards`). A
fault in guest code comes to `fault`. The host kernel, copying into a guest buffer for a system
call, cannot ask us: therefore the host pages below the main stack are accessible from the start as
far as the stack limit allows, and the table catches up (`_sync_growth`) before anyone sees it.

Invariants: [grow_low, grow_high) is that head start; no mapping lies in it; grow_high is the start
of the lowest main stack mapping.
"""

from __future__ import annotations

import os

from run32.kernel import cdata, host
from run32.kernel.space import MAP_ANON, MAP_NORESERVE, MAP_PRIVATE, Space, host_prot
from run32.kernel.vma import ACCOUNT, GROWSDOWN, PROT_EXEC, Vma

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD_START_MAX = 64 << 20
STACK_EXPAND = 128 << 10
MADV_NOHUGEPAGE = 15
_UNTOUCHED = bytes(range(64))
_NOT_RESIDENT = bytes(range(0, 256, 2))
_MINCORE, _MADVISE = host.NR["mincore"], host.NR["madvise"]


def _first_touched(page: int, count: int) -> int:
    """How many of `count` host pages from `page` on nobody has touched."""
    try:
        fd = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return _first_resident(page, count)
    try:
        entries = os.pread(fd, count * 8, page * 8)
    finally:
        os.close(fd)
    # Bits 63 and 62 of an entry: present, swapped out.
    tops = entries[7::8]
    touched = tops.lstrip(_UNTOUCHED)
    return len(tops) - len(touched) if touched else count


def _first_resident(page: int, count: int) -> int:
    """The same without /proc, blind to pages that are swapped out."""
    states = cdata.create_string_buffer(count)
    where = cdata.addressof(states)
    if host.syscall(_MINCORE, page * host.PAGE_SIZE, count * host.PAGE_SIZE, where):
        return count
    return count - len(states.raw.lstrip(_NOT_RESIDENT))


class StackSpace(Space):
    """Guest memory whose stacks grow."""

    grow_low = grow_high = 0

    def map_stack(self, size: int, *, executable: bool = False, top: int = 0) -> Vma:
        """Map the main stack: `size` bytes in use plus Linux's initial 128 KiB, below `top`."""
        top = top or self.layout.pick_stack_top() & -self.page
        room = self.layout.align(size + STACK_EXPAND)
        start = top - max(self.layout.align(size), min(room, self.limit_stack & -self.page))
        prot = 7 if executable or self.read_implies_exec else 3
        if self._host_map(start, top - start, 3, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE):
            raise MemoryError(f"cannot map the stack at {start:#x}")
        vma = Vma(start, top, prot, GROWSDOWN | ACCOUNT)
        self._record(vma)
        self.start_stack = top - size
        self._give_head_start(vma)
        return vma

    def _give_head_start(self, vma: Vma) -> None:
        """Make the host pages below the main stack accessible ahead of its growth."""
        low = vma.end - min(self.limit_stack & -self.page, HEAD_START_MAX)
        before = self.table.before(vma.start)
        if before is not None:
            low = max(low, before.end + self.layout.guard_gap)
        low = max(low, self.layout.align(self.layout.min_addr))
        self.grow_low = self.grow_high = vma.start
        size = vma.start - low
        if size > 0 and not self._host_map(low, size, 3, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE):
            host.syscall(_MADVISE, self.base + low, size, MADV_NOHUGEPAGE)
            self.grow_low = low
        if self.grow_low > max(vma.end - self.limit_stack, self.layout.min_addr):
            self._tell_growth()

    def _tell_growth(self) -> None:
        """Stacks may grow when something touches the pages below them."""
        for hook in self.on_growth:
            hook()

    def _drop_head_start(self, upto: int = 0) -> None:
        """Take the head start back, below `upto` or all of it."""
        upto = min(upto or self.grow_high, self.grow_high)
        if upto > self.grow_low:
            self._host_none(self.grow_low, upto)
            self.grow_low = upto

    def _sync_growth(self) -> None:
        """Extend the main stack's record to the lowest page touched inside the head start."""
        size = self.grow_high - self.grow_low
        if size <= 0:
            return
        count = size // host.PAGE_SIZE
        first = _first_touched((self.base + self.grow_low) // host.PAGE_SIZE, count)
        vma = self.table.at(self.grow_high)
        if first < count and vma is not None:
            self._grow_record(vma, self.grow_low + first * host.PAGE_SIZE & -self.page)
            self.grow_high = vma.start

    def _grow_record(self, vma: Vma, start: int) -> None:
        old = vma.start
        self.table.grow_down(vma, start)
        if vma.prot & PROT_EXEC:
            self._tell_exec(start, old, True)

    def _near_growth(self, start: int, end: int) -> bool:
        return start < self.grow_high and end > self.grow_low - self.layout.guard_gap

    def _enter(self, start: int, end: int) -> None:
        """Call before looking at [start, end) in the table: stacks there are up to date."""
        if self._near_growth(start, end):
            self._sync_growth()

    def _claim(self, start: int, end: int) -> None:
        """Call before [start, end) is mapped or unmapped: growth cannot pass it any more."""
        if start < self.grow_high and end > self.grow_low - self.layout.guard_gap:
            self._sync_growth()
            self._drop_head_start(end + self.layout.guard_gap)
            self._tell_growth()
        elif start <= self.grow_high < end:
            self._sync_growth()
            self._drop_head_start()
            self._tell_growth()

    def vmas(self) -> Iterator[Vma]:
        """Mappings in address order, the stack as far as it has been used."""
        with self.lock:
            self._sync_growth()
            return super().vmas()

    def set_stack_limit(self, limit: int) -> None:
        """RLIMIT_STACK has changed: growth stops at, or may go to, the new limit."""
        with self.lock:
            self._sync_growth()
            self.limit_stack = limit
            vma = self.table.at(self.grow_high) if self.grow_high else None
            if vma is not None:
                self._drop_head_start(vma.end - min(limit & -self.page, vma.end))
                if self.grow_low > max(vma.end - limit, self.layout.min_addr):
                    self._tell_growth()

    def fault(self, gaddr: int) -> bool:
        """Grow the stack above `gaddr` if Linux would; True when the access is worth retrying."""
        with self.lock:
            self._sync_growth()
            vma = self.table.above(gaddr)
            if vma is None or vma.start <= gaddr or not vma.flags & GROWSDOWN:
                return False
            return self._expand(vma, gaddr & -self.page)

    def _expand(self, vma: Vma, start: int) -> bool:
        """`expand_downwards`: every limit, then the pages."""
        if start < self.layout.min_addr:
            return False
        before = self.table.before(vma.start)
        if before is not None and not before.flags & GROWSDOWN and before.prot & 7:
            if start - before.end < self.layout.guard_gap:
                return False
        if vma.end - start > self.limit_stack or not self._may_expand(vma.start - start, False):
            return False
        size, prot = vma.start - start, host_prot(vma.prot)
        if self._host_map(start, size, prot, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE):
            return False
        if vma.start == self.grow_high:
            # Whatever was left of the head start lies above the new start now.
            self.grow_low = self.grow_high = start
        self._grow_record(vma, start)
        return True
