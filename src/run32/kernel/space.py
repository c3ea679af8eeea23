"""The 4 GiB reservation behind a guest, and safe access to it.

Guest address `a` is host address `base + a`. The whole space plus guards is reserved `PROT_NONE`
once and never given back while the guest lives: unmapping puts `PROT_NONE` pages in place again, so
that no host allocation can ever land inside the guest's 4 GiB, and a guest access beyond its
mappings meets either such a page or a guard.

Invariants: `table` and the host mappings agree after every public call; host pages of guest code
are never host-executable.
"""

from __future__ import annotations

import os
from _thread import RLock

from run32.kernel import cdata, host
from run32.kernel.placement import INFINITY, Layout
from run32.kernel.vma import PROT_EXEC, PROT_READ, PROT_WRITE, SHARED, SPECIAL, Vma, VmaTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EPERM, ENOMEM, EFAULT = 1, 12, 14
MAP_PRIVATE, MAP_FIXED, MAP_ANON, MAP_NORESERVE = 0x02, 0x10, 0x20, 0x4000
MAP_FIXED_NOREPLACE = 0x100000
RESERVED = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
RLIMIT_DATA, RLIMIT_STACK, RLIMIT_AS = 2, 3, 9

SPACE = 1 << 32
GUARD_LOW, GUARD_HIGH = 64 << 10, 1 << 20

_MMAP, _MUNMAP = host.NR["mmap"], host.NR["munmap"]
_MPROTECT, _PRLIMIT = host.NR["mprotect"], host.NR["prlimit64"]
_MADVISE, MADV_HUGEPAGE = host.NR["madvise"], 14
HUGE, MOST_HUGE = 2 << 20, 128 << 20


class Fault(Exception):
    """A guest address that is not mapped, or not with the needed permission."""

    def __init__(self, addr: int) -> None:
        super().__init__(addr)
        self.addr = addr

    def __str__(self) -> str:
        return f"guest address {self.addr:#010x} is not accessible"


class ReservationError(Exception):
    """The host refuses 4 GiB of address space; the message names the limit and the remedy."""


def host_prot(prot: int) -> int:
    """Host page protection for a guest's: never executable, readable where code may run."""
    return (prot & 3) | (PROT_READ if prot & PROT_EXEC else 0)


class Space:
    """Reservation, mapping table and limits of one guest address space.

    `stack_limit` and the other limits default to this process's own (RLIMIT_STACK, AS, DATA).
    """

    def __init__(
        self,
        abi: str,
        *,
        page_size: int = 0,
        stack_limit: int = -1,
        compat_layout: bool = False,
        randomize: bool = True,
        limit_3gb: bool = False,
        read_implies_exec: bool = False,
        mmap_min_addr: int = -1,
    ) -> None:
        self.page = page_size or host.PAGE_SIZE
        self.min_addr = _min_addr() if mmap_min_addr < 0 else mmap_min_addr
        self.limit_as = _soft_limit(RLIMIT_AS)
        self.limit_data = _soft_limit(RLIMIT_DATA)
        self.limit_stack = _soft_limit(RLIMIT_STACK) if stack_limit < 0 else stack_limit
        self.lock = RLock()
        self.table = VmaTable()
        self.on_exec_change: list[Callable[[int, int, bool], None]] = []
        self.on_rewrite: list[Callable[[int, int], None]] = []
        self.on_growth: list[Callable[[], None]] = []
        self.on_sharing: list[Callable[[], None]] = []
        self.start_stack = 0
        self.start_brk = self.end_brk = 0
        self.data_size = 0
        self.read_implies_exec = read_implies_exec
        self.lock_future = 0
        self.base = 0
        self._reserve()
        self._new_layout(abi, compat_layout, randomize, limit_3gb)

    def _new_layout(self, abi: str, compat: bool, randomize: bool, limit_3gb: bool) -> None:
        self.abi = abi
        self.layout = Layout(
            abi,
            self.page,
            stack_limit=self.limit_stack,
            compat_layout=compat,
            randomize=randomize,
            limit_3gb=limit_3gb,
            min_addr=self.min_addr,
        )

    # -- the reservation

    def _reserve(self) -> None:
        """Reserve 4 GiB aligned to 4 GiB where there is room for that, else to 2 MiB."""
        for align in (SPACE, 2 << 20):
            size = GUARD_LOW + SPACE + GUARD_HIGH + align
            addr = host.syscall(_MMAP, 0, size, 0, RESERVED, -1, 0)
            if addr == -ENOMEM and _raise_as_limit():
                addr = host.syscall(_MMAP, 0, size, 0, RESERVED, -1, 0)
            if addr > 0:
                break
        else:
            raise ReservationError(_why_refused(-addr))
        self.base = (addr + GUARD_LOW + align - 1) & -align
        self._host_start, self._host_end = self.base - GUARD_LOW, self.base + SPACE + GUARD_HIGH
        if self._host_start > addr:
            host.syscall(_MUNMAP, addr, self._host_start - addr)
        if addr + size > self._host_end:
            host.syscall(_MUNMAP, self._host_end, addr + size - self._host_end)

    def close(self) -> None:
        """Give the reservation back. Nothing of this object may be used afterwards."""
        if self.base:
            host.syscall(_MUNMAP, self._host_start, self._host_end - self._host_start)
            self.base = 0
            self.table.clear()

    def reset(
        self,
        abi: str = "",
        *,
        compat_layout: bool = False,
        randomize: bool = True,
        limit_3gb: bool = False,
        read_implies_exec: bool = False,
    ) -> None:
        """Empty the space and choose a new layout, as execve(2) does."""
        with self.lock:
            was_exec = [(v.start, v.end) for v in self.table if v.prot & PROT_EXEC]
            self.table.clear()
            self._host_none(0, SPACE)
            self.start_stack = self.start_brk = self.end_brk = self.data_size = 0
            self.lock_future = 0
            self.read_implies_exec = read_implies_exec
            self._new_layout(abi or self.abi, compat_layout, randomize, limit_3gb)
            for start, end in was_exec:
                self._tell_exec(start, end, False)

    # -- host mappings inside the reservation

    def _host_map(
        self, addr: int, length: int, prot: int, flags: int, fd: int = -1, offset: int = 0
    ) -> int:
        """Map over part of the reservation; 0 or -errno. On failure no hole is left behind."""
        start = self.base + addr
        result = host.syscall(_MMAP, start, length, prot, flags | MAP_FIXED, fd, offset)
        if result == start:
            return 0
        # Older kernels unmap the old pages before a driver refuses: plug that hole, if any.
        plug = host.syscall(_MMAP, start, length, 0, RESERVED | MAP_FIXED_NOREPLACE, -1, 0)
        if plug == start:
            self._forget(addr, addr + length)
        elif plug > 0:
            host.syscall(_MUNMAP, plug, length)
        return result if result < 0 else -ENOMEM

    def _ask_for_huge_pages(self, start: int, end: int) -> None:
        """Where a program maps much private memory at once it gets huge pages, as far as the host
        has some for who asks: not where it maps so much that it may never use most of it."""
        first = -(-start // HUGE) * HUGE
        if first + HUGE <= end and end - start <= MOST_HUGE:
            host.syscall(_MADVISE, self.base + start, end - start, MADV_HUGEPAGE)

    def _host_none(self, start: int, end: int) -> None:
        """Make [start, end) inaccessible while keeping it reserved."""
        addr = self.base + start
        if host.syscall(_MMAP, addr, end - start, 0, RESERVED | MAP_FIXED, -1, 0) != addr:
            raise MemoryError(f"cannot take back guest memory {start:#x}-{end:#x}")

    def _host_protect(self, start: int, end: int, prot: int) -> int:
        return host.syscall(_MPROTECT, self.base + start, end - start, host_prot(prot))

    # -- table changes, with word to whoever holds translated code

    def _tell_exec(self, start: int, end: int, executable: bool) -> None:
        for hook in self.on_exec_change:
            hook(start, end, executable)

    def rewritten(self, start: int, end: int) -> None:
        """Bytes in [start, end) have changed: whoever holds code of it is told."""
        for vma in self.table.overlapping(start, end):
            if vma.prot & PROT_EXEC:
                low, high = max(start, vma.start), min(end, vma.end)
                for hook in self.on_rewrite:
                    hook(low, high)
                if not self.on_rewrite:
                    mask = -self.page
                    self._tell_exec(low & mask, min(-(-high & mask), vma.end), True)

    def _forget(self, start: int, end: int) -> list[Vma]:
        """Take [start, end) out of the table; returns what was there."""
        taken = self.table.remove(start, end)
        for vma in taken:
            if vma.prot & PROT_EXEC:
                self._tell_exec(vma.start, vma.end, False)
        return taken

    def _record(self, vma: Vma, *, apart: bool = False) -> None:
        """Put a mapping whose host pages are in place into the table."""
        start, end = vma.start, vma.end
        self._forget(start, end)
        self.table.insert(vma, apart=apart)
        self._tell_sharing(vma)
        if vma.prot & PROT_EXEC:
            self._tell_exec(start, end, True)

    def _tell_sharing(self, vma: Vma) -> None:
        """Tell who wants to know that other processes may write to memory that the guest can."""
        if vma.flags & SHARED and vma.prot & PROT_WRITE:
            for hook in self.on_sharing:
                hook()

    def _may_expand(self, size: int, is_data: bool) -> bool:
        """Whether RLIMIT_AS and RLIMIT_DATA allow `size` more bytes."""
        mask = -self.page
        if self.table.total + size > self.limit_as & mask:
            return False
        return not is_data or self.table.data + size <= self.limit_data & mask

    def is_privileged(self) -> bool:
        """Whether CAP_SYS_RAWIO and CAP_IPC_LOCK are (most likely) there."""
        return os.geteuid() == 0

    def map_special(self, addr: int, data: bytes, prot: int, name: bytes) -> None:
        """Install kernel-provided pages, such as the kuser page, at a fixed address."""
        size = self.layout.align(max(len(data), 1))
        error = self._host_map(addr, size, 3, MAP_PRIVATE | MAP_ANON)
        if error or host.poke(self.base + addr, data):
            raise MemoryError(f"cannot place {name.decode()} at {addr:#x}")
        self._host_protect(addr, addr + size, prot)
        self._record(Vma(addr, addr + size, prot, SPECIAL, path=name, may=prot & 5))

    # -- views

    def vmas(self) -> Iterator[Vma]:
        """Mappings in address order; `path` holds "[heap]" and "[stack]" where Linux says so."""
        for vma in list(self.table):
            name = self._label(vma)
            if name:
                vma = vma.copy()
                vma.path = name
            yield vma

    def _label(self, vma: Vma) -> bytes:
        if vma.path or vma.is_file:
            return b""
        if vma.start <= self.end_brk and vma.end >= self.start_brk:
            return b"[heap]"
        if vma.start <= self.start_stack <= vma.end:
            return b"[stack]"
        return b""

    # -- access: range checked here, permissions checked by the copy

    def host_ptr(self, gaddr: int, n: int) -> int:
        """Host address of [gaddr, gaddr + n), which must lie inside the 4 GiB."""
        if gaddr < 0 or n < 0 or gaddr + n > SPACE:
            raise Fault(gaddr)
        return self.base + gaddr

    def read(self, gaddr: int, n: int) -> bytes:
        """`n` bytes of guest memory."""
        data = host.peek(self.host_ptr(gaddr, n), n) if n else b""
        if data is None:
            raise Fault(gaddr)
        return data

    def write(self, gaddr: int, data: bytes | bytearray | memoryview) -> None:
        """Store bytes in guest memory."""
        if data and host.poke(self.host_ptr(gaddr, len(data)), data):
            raise Fault(gaddr)

    def read_cstr(self, gaddr: int, limit: int = 4096) -> bytes:
        """Bytes up to a NUL, which must come within `limit` bytes; without it, `limit` bytes."""
        parts = []
        addr, left = gaddr, limit
        while left > 0:
            n = min(left, 256, self.page - (addr & (self.page - 1)))
            data = self.read(addr, n)
            end = data.find(0)
            if end >= 0:
                parts.append(data[:end])
                break
            parts.append(data)
            addr += n
            left -= n
        return b"".join(parts)

    def u8(self, gaddr: int) -> int:
        """One byte."""
        return self.read(gaddr, 1)[0]

    def u16(self, gaddr: int) -> int:
        """A 16-bit little-endian value."""
        return int.from_bytes(self.read(gaddr, 2), "little")

    def u32(self, gaddr: int) -> int:
        """A 32-bit little-endian value."""
        return int.from_bytes(self.read(gaddr, 4), "little")

    def u64(self, gaddr: int) -> int:
        """A 64-bit little-endian value."""
        return int.from_bytes(self.read(gaddr, 8), "little")

    def put_u8(self, gaddr: int, value: int) -> None:
        """Store the low 8 bits of `value`."""
        self.write(gaddr, (value & 0xFF).to_bytes(1, "little"))

    def put_u16(self, gaddr: int, value: int) -> None:
        """Store the low 16 bits of `value`."""
        self.write(gaddr, (value & 0xFFFF).to_bytes(2, "little"))

    def put_u32(self, gaddr: int, value: int) -> None:
        """Store the low 32 bits of `value`."""
        self.write(gaddr, (value & 0xFFFFFFFF).to_bytes(4, "little"))

    def put_u64(self, gaddr: int, value: int) -> None:
        """Store the low 64 bits of `value`."""
        self.write(gaddr, (value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little"))


def _min_addr() -> int:
    try:
        fd = os.open("/proc/sys/vm/mmap_min_addr", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 65536
    try:
        return int(os.read(fd, 32))
    except (OSError, ValueError):
        return 65536
    finally:
        os.close(fd)


def _get_as_limit() -> tuple[int, int]:
    """Soft and hard RLIMIT_AS of this process."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    return soft & INFINITY, hard & INFINITY


def _soft_limit(which: int) -> int:
    """This process's own limit, which its parent meant for the guest."""
    pair = (cdata.c_uint64 * 2)()
    if host.syscall(_PRLIMIT, 0, which, 0, cdata.addressof(pair)):
        return INFINITY
    return int(pair[0])


def _raise_as_limit() -> bool:
    """Lift the soft RLIMIT_AS for our own sake; `limit_as` keeps the guest bound by it."""
    import resource

    soft, hard = _get_as_limit()
    if soft == hard:
        return False
    limit = resource.RLIM_INFINITY if hard == INFINITY else hard
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return True


def _why_refused(errno: int) -> str:
    """One line: which limit stands in the way of the reservation, and what to do."""
    what = "cannot reserve 4 GiB of address space for the 32-bit program: "
    _, hard = _get_as_limit()
    if hard != INFINITY:
        return (
            f"{what}the address-space limit (RLIMIT_AS) is {hard >> 10} KiB; "
            "run `ulimit -v unlimited` first, or raise the hard limit"
        )
    try:
        with open("/proc/sys/vm/overcommit_memory", encoding="ascii") as file:
            mode = file.read().strip()
    except OSError:
        mode = "?"
    if mode == "2":
        return f"{what}the kernel runs with vm.overcommit_memory=2 and no commit space is left"
    return (
        f"{what}{os.strerror(errno)}; the host's virtual address space (VA size) is too small or "
        "too full"
    )
