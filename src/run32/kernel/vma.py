"""The table of guest mappings (VMAs): sorted, non-overlapping, merged as Linux merges them.

A record says what `/proc/self/maps` says of a mapping, plus what later calls need to know.
Addresses are guest addresses; `end` is exclusive. This module knows no host memory: `space.py`
and the modules above it keep table and host mappings in step.
"""

from __future__ import annotations

from bisect import bisect_right, insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4

SHARED = 1 << 0
GROWSDOWN = 1 << 1
LOCKED = 1 << 2
LOCKONFAULT = 1 << 3
HUGETLB = 1 << 4
DONTCOPY = 1 << 5
"""MADV_DONTFORK: a child must not see the mapping."""
SHM = 1 << 6
"""Attached by shmat(2); `ino` is the segment's identifier."""
SPECIAL = 1 << 7
"""Put there by the kernel (kuser page, sigreturn page): never merged, never resized."""
NORESERVE = 1 << 8
ACCOUNT = 1 << 9
"""Private memory that has been writable at some time. Like NORESERVE, it keeps neighbours apart."""
NOHUGEPAGE = 1 << 10
"""Also what MAP_STACK means."""
DROPPABLE = 1 << 17
DONTDUMP = 1 << 16
"""MADV_DONTDUMP: not in core files."""
ADVICE = {
    0: (3 << 11, 0), 1: (3 << 11, 1 << 11), 2: (3 << 11, 1 << 12),
    10: (0, DONTCOPY), 11: (DONTCOPY, 0), 12: (0, 1 << 13), 13: (1 << 13, 0),
    14: (NOHUGEPAGE, 1 << 14), 15: (1 << 14, NOHUGEPAGE), 16: (0, DONTDUMP), 17: (DONTDUMP, 0),
    18: (0, 1 << 15), 19: (1 << 15, 0),
}  # fmt: skip
"""Marks that an madvise(2) advice (its number) clears and sets; a mark keeps neighbours apart."""


class Vma:
    """One mapping. `may` has the protection bits mprotect(2) may grant."""

    __slots__ = ("dev", "end", "flags", "ino", "may", "offset", "path", "prot", "start")

    def __init__(
        self,
        start: int,
        end: int,
        prot: int,
        flags: int = 0,
        *,
        path: bytes = b"",
        dev: int = 0,
        ino: int = 0,
        offset: int | None = None,
        may: int = 7,
    ) -> None:
        self.start = start
        self.end = end
        self.prot = prot
        self.flags = flags
        self.path = path
        self.dev = dev
        self.ino = ino
        # Private anonymous memory counts its offset from guest address 0, so that neighbours merge.
        self.offset = start if offset is None else offset
        self.may = may

    def __lt__(self, other: Vma) -> bool:
        return self.start < other.start

    def __repr__(self) -> str:
        mode = "".join(c if self.prot & b else "-" for c, b in (("r", 1), ("w", 2), ("x", 4)))
        share = "s" if self.flags & SHARED else "p"
        return f"<{self.start:08x}-{self.end:08x} {mode}{share} {self.offset:08x} {self.path!r}>"

    @property
    def is_file(self) -> bool:
        """Whether something other than private anonymous memory backs it."""
        return self.ino != 0 or bool(self.flags & SHARED)

    def is_data(self) -> bool:
        """Whether RLIMIT_DATA counts it: private, writable, not a stack."""
        return (self.prot & PROT_WRITE) != 0 and not self.flags & (SHARED | GROWSDOWN)

    def slice(self, start: int, end: int) -> Vma:
        """The part of this mapping inside [start, end), as a new record."""
        part = self.copy()
        part.start, part.end = max(start, self.start), min(end, self.end)
        part.offset = self.offset + part.start - self.start
        return part

    def copy(self) -> Vma:
        """A record with the same contents."""
        return Vma(
            self.start,
            self.end,
            self.prot,
            self.flags,
            path=self.path,
            dev=self.dev,
            ino=self.ino,
            offset=self.offset,
            may=self.may,
        )

    def joins(self, after: Vma) -> bool:
        """Whether `after` continues this mapping, so that both are one to Linux."""
        return (
            self.end == after.start
            and self.prot == after.prot
            and self.flags == after.flags
            and self.ino == after.ino
            and self.dev == after.dev
            and self.may == after.may
            and not self.flags & SPECIAL
            and self.offset + (self.end - self.start) == after.offset
            and self.path == after.path
        )


class VmaTable:
    """All mappings in address order, with running totals for RLIMIT_AS and RLIMIT_DATA."""

    __slots__ = ("_list", "data", "locked", "total")

    def __init__(self) -> None:
        self._list: list[Vma] = []
        self.total = 0
        self.data = 0
        self.locked = 0

    def __iter__(self) -> Iterator[Vma]:
        return iter(self._list)

    def __len__(self) -> int:
        return len(self._list)

    def _index(self, addr: int) -> int:
        """Index of the first mapping that ends above `addr`."""
        items = self._list
        i = bisect_right(items, addr, key=_start)
        return i - 1 if i and items[i - 1].end > addr else i

    def at(self, addr: int) -> Vma | None:
        """The mapping that contains `addr`."""
        vma = self.above(addr)
        return vma if vma is not None and vma.start <= addr else None

    def above(self, addr: int) -> Vma | None:
        """The first mapping that ends above `addr` (Linux's find_vma)."""
        i = self._index(addr)
        return self._list[i] if i < len(self._list) else None

    def before(self, addr: int) -> Vma | None:
        """The last mapping that ends at or below `addr`."""
        i = self._index(addr)
        return self._list[i - 1] if i else None

    def overlapping(self, start: int, end: int) -> list[Vma]:
        """Mappings that share an address with [start, end), in order."""
        items = self._list
        first = last = self._index(start)
        while last < len(items) and items[last].start < end:
            last += 1
        return items[first:last]

    def covered(self, start: int, end: int) -> int:
        """How many bytes of [start, end) are mapped."""
        return sum(min(v.end, end) - max(v.start, start) for v in self.overlapping(start, end))

    def remove(self, start: int, end: int) -> list[Vma]:
        """Take [start, end) out, splitting at its ends; returns the parts taken out."""
        items = self._list
        first = self._index(start)
        taken: list[Vma] = []
        kept: list[Vma] = []
        last = first
        while last < len(items) and items[last].start < end:
            vma = items[last]
            self._count(vma, -1)
            if vma.start < start:
                kept.append(vma.slice(vma.start, start))
            if vma.start >= start and vma.end <= end:
                taken.append(vma)
            else:
                taken.append(vma.slice(start, end))
            if vma.end > end:
                kept.append(vma.slice(end, vma.end))
            last += 1
        items[first:last] = kept
        for vma in kept:
            self._count(vma, 1)
        return taken

    def insert(self, vma: Vma, *, apart: bool = False) -> Vma:
        """Add a mapping whose range is free; returns the record that holds it after merging.

        With `apart` it is not merged with the mapping below.
        """
        items = self._list
        self._count(vma, 1)
        i = bisect_right(items, vma.start, key=_start)
        if i and not apart and items[i - 1].joins(vma):
            before = items.pop(i - 1)
            i -= 1
            vma.start, vma.offset = before.start, before.offset
        if i < len(items) and vma.joins(items[i]):
            vma.end = items.pop(i).end
        insort(items, vma)
        return vma

    def grow_down(self, vma: Vma, start: int) -> None:
        """Move the start of a stack down."""
        self._count(vma, -1)
        vma.offset -= vma.start - start
        vma.start = start
        self._count(vma, 1)

    def clear(self) -> None:
        """Forget everything."""
        self._list.clear()
        self.total = self.data = self.locked = 0

    def _count(self, vma: Vma, sign: int) -> None:
        size = (vma.end - vma.start) * sign
        self.total += size
        if vma.is_data():
            self.data += size
        if vma.flags & LOCKED:
            self.locked += size


def _start(vma: Vma) -> int:
    return vma.start
