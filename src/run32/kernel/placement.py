"""Where Linux puts things in a 32-bit address space on a 64-bit kernel.

Sources: `arch_pick_mmap_layout` and `arch_get_unmapped_area{,_topdown}` (mm/util.c and mm/mmap.c
for arm on arm64, arch/x86/mm/mmap.c and arch/x86/kernel/sys_x86_64.c for i386 on x86-64), and
`vm_unmapped_area` with its stack guard gaps.

Invariants: a `Layout` never changes; nothing here touches memory.
"""

from __future__ import annotations

import os

from run32.kernel.vma import GROWSDOWN, Vma, VmaTable

MIB = 1 << 20
STACK_RND_MASK = 0x7FF
"""Pages (of 4 KiB) by which a 32-bit stack top is randomised."""
INFINITY = (1 << 64) - 1
COMPAT_RND_BITS = {"arm": 11, "i386": 8}
"""`vm.mmap_rnd_compat_bits` as the kernels ship it."""


class Layout:
    """The address space of one program: its fixed points, all guest addresses."""

    __slots__ = (
        "abi",
        "brk_base",
        "compat_base",
        "dyn_base",
        "guard_gap",
        "is_topdown",
        "min_addr",
        "mmap_base",
        "page",
        "randomize",
        "stack_top",
        "task_size",
    )

    def __init__(
        self,
        abi: str,
        page: int,
        *,
        stack_limit: int = 8 * MIB,
        compat_layout: bool = False,
        randomize: bool = True,
        limit_3gb: bool = False,
        min_addr: int = 65536,
    ) -> None:
        self.abi = abi
        self.page = page
        # mmap_min_addr proper: the sysctl, but not below CONFIG_LSM_MMAP_MIN_ADDR
        self.min_addr = max(min_addr, 32768 if abi == "arm" else 65536)
        self.randomize = randomize
        self.guard_gap = 256 * page
        if abi == "arm":
            # The kuser page is the last thing mapped; with 64 KiB pages it is the last page.
            self.task_size = (1 << 32) - (page if page < 65536 else 0)
            self.stack_top = 0xFFFF0000
            gap_of, unmapped_base = self.stack_top, self.align(self.task_size // 4)
            self.dyn_base = 2 * self.task_size // 3
            legacy = compat_layout or stack_limit >= INFINITY
        elif abi == "i386":
            self.task_size = self.stack_top = 0xC0000000 if limit_3gb else 0xFFFFE000
            gap_of, unmapped_base = self.task_size, self.align(self.task_size // 3)
            self.dyn_base = unmapped_base + 16 * MIB
            legacy = compat_layout
        else:
            raise ValueError(f"unknown ABI {abi!r}: expected 'arm' or 'i386'")
        rnd = self.random_pages(1 << COMPAT_RND_BITS[abi])
        pad = self.guard_gap
        if randomize:
            pad += (STACK_RND_MASK >> self._extra_shift()) * page
        gap = min(stack_limit, INFINITY)
        if gap + pad <= INFINITY:
            gap += pad
        gap = max(128 * MIB, min(gap, gap_of // 6 * 5))
        self.is_topdown = not legacy
        self.compat_base = unmapped_base + (rnd if abi == "i386" or legacy else 0)
        self.mmap_base = self.align(gap_of - gap - rnd) if self.is_topdown else self.compat_base
        self.brk_base = self.dyn_base

    def _extra_shift(self) -> int:
        """Bits by which a page is larger than 4 KiB (arm64 scales its stack mask by them)."""
        return self.page.bit_length() - 13

    def align(self, addr: int) -> int:
        """Round up to a page."""
        return (addr + self.page - 1) & -self.page

    def random_pages(self, count: int) -> int:
        """A random whole number of pages below `count` of them, in bytes; 0 without ASLR."""
        if not self.randomize:
            return 0
        return int.from_bytes(os.urandom(4), "little") % count * self.page

    def pick_stack_top(self) -> int:
        """The stack's end for a new program."""
        return self.stack_top - self.random_pages((STACK_RND_MASK >> self._extra_shift()) + 1)

    def pick_pie_bias(self) -> int:
        """Load address for a position independent program that has an interpreter."""
        rnd = self.random_pages(1 << COMPAT_RND_BITS[self.abi])
        return (self.dyn_base + rnd) & -self.page

    def pick_brk(self, end: int, page_count: int = 0) -> int:
        """The heap's start: up to 32 MiB above `end` of the program."""
        count = page_count or 32 * MIB // self.page
        return self.align(end) + self.random_pages(count) if self.randomize else end

    def start_gap(self, vma: Vma) -> int:
        """Lowest address another mapping may not use below `vma` (its guard gap, if a stack)."""
        if vma.flags & GROWSDOWN:
            return max(0, vma.start - self.guard_gap)
        return vma.start

    def is_free(self, table: VmaTable, addr: int, length: int) -> bool:
        """Whether [addr, addr + length) is unmapped and clear of stack guard gaps."""
        vma = table.above(addr)
        return vma is None or addr + length <= self.start_gap(vma)

    def place(self, table: VmaTable, hint: int, length: int, align: int = 0) -> int:
        """Address for a new mapping of `length` bytes (a multiple of the page); 0 if none is free.

        `hint` is already rounded; `align` is a power of two larger than a page, for huge pages.
        """
        if align:
            hint = (hint + align - 1) & -align
        if hint and hint + length <= self.task_size and hint >= self.min_addr:
            if self.is_free(table, hint, length):
                return hint
        if self.is_topdown:
            low = max(self.page, self.min_addr)
            addr = self._search_down(table, length, low, self.mmap_base, align)
            if addr:
                return addr
        return self._search_up(table, length, self.compat_base, self.task_size, align)

    def _search_down(self, table: VmaTable, length: int, low: int, high: int, align: int) -> int:
        """Highest fitting address with [addr, addr + length) inside [low, high)."""
        mask = -align if align else -1
        gap_end = high
        for vma in reversed(table.overlapping(low, high + self.guard_gap)):
            addr = (gap_end - length) & mask
            if addr >= max(vma.end, low):
                return addr
            gap_end = min(gap_end, self.start_gap(vma))
        addr = (gap_end - length) & mask
        return addr if addr >= low else 0

    def _search_up(self, table: VmaTable, length: int, low: int, high: int, align: int) -> int:
        """Lowest fitting address with [addr, addr + length) inside [low, high)."""
        step = align or self.page
        gap_start = (low + step - 1) & -step
        for vma in table.overlapping(gap_start, high):
            if gap_start + length <= min(self.start_gap(vma), high):
                return gap_start
            gap_start = max(gap_start, (vma.end + step - 1) & -step)
        return gap_start if gap_start + length <= high else 0
