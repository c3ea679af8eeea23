"""The map that says of each guest page whether an access there surely cannot fault.

Region code asks it (`spec/pages.py` says how), so that it need not store registers before accesses
to ordinary memory. Pages count that are private and anonymous, with the protection that the access
needs: nothing but a call of this process's own changes what they are. Never files, which may be
truncated, nor what other processes share.

The map follows the table of mappings: a byte is right whenever no call that changes mappings is on
its way. That is enough for a process with one thread, and others do not ask.
"""

from __future__ import annotations

from run32.kernel import cdata, host
from run32.kernel.vma import (
    HUGETLB,
    PROT_READ,
    PROT_WRITE,
    SHARED,
    SHM,
    SPECIAL,
    Vma,
    VmaTable,
)
from run32.spec.pages import MAP_BELOW, PAGES, REACH, READABLE, SHIFT, WRITABLE

UNSURE = SHARED | HUGETLB | SHM | SPECIAL
MADV_DONTNEED = 4
NR = host.NR


def bits_of(vma: Vma) -> int:
    """What the map says of a mapping's pages, but for the last one."""
    if vma.is_file or vma.flags & UNSURE or not vma.prot & PROT_READ:
        return 0
    return READABLE | WRITABLE if vma.prot & PROT_WRITE else READABLE


class PageMap:
    """The map of one guest address space at host address `base`."""

    def __init__(self, base: int, table: VmaTable) -> None:
        """Requires: the host pages of the map are reserved."""
        at = base - MAP_BELOW
        for name, how in (("mprotect", PROT_READ | PROT_WRITE), ("madvise", MADV_DONTNEED)):
            if host.syscall(NR[name], at, PAGES, how):
                raise MemoryError("no memory for the map of pages")
        self.at, self.table = at, table
        self.head = (0, 0)
        self.bytes = memoryview((cdata.c_char * PAGES).from_address(at)).cast("B")
        for vma in table:
            self.changed(vma.start, vma.end)

    def clear(self) -> None:
        """Nothing is sure."""
        host.syscall(NR["madvise"], self.at, PAGES, MADV_DONTNEED)

    def changed(self, start: int, end: int) -> None:
        """Mappings in [start, end) are others now."""
        low, bytes_ = max(start - REACH, 0), self.bytes
        bytes_[low >> SHIFT : end >> SHIFT] = bytes(end - low >> SHIFT)
        before = until = 0
        for first, last, bits in self._ranges(low, end + REACH):
            if first == until and low < until <= end:
                bytes_[(until >> SHIFT) - 1] = before & bits
            at, to = max(first, low, REACH) >> SHIFT, min(last - REACH, end) >> SHIFT
            if bits and at < to:
                bytes_[at:to] = bytes([bits]) * (to - at)
            before, until = bits, last

    def _ranges(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Ranges around [start, end) with what is true of all their pages, in order."""
        found = [(v.start, v.end, bits_of(v)) for v in self.table.overlapping(start, end)]
        low, high = self.head
        if low < min(high, end) and start < high:
            found.append((low, high, READABLE | WRITABLE))
            found.sort()
        return found

    def set_head(self, low: int, high: int) -> None:
        """[low, high) are pages below a stack that are accessible although it ends above them."""
        (old_low, old_high), self.head = self.head, (low, high)
        for start, end in ((old_low, old_high), (low, high)):
            if start < end:
                self.changed(start, end)

    def is_sure(self, address: int) -> bool:
        """Whether the map says that no access to `address` can fault."""
        page = address >> SHIFT
        return bool((self.bytes[page] | self.bytes[page - 1]) & WRITABLE)
