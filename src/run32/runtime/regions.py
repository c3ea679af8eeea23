"""Regions in this process: files of the cache, mapped and made reachable from guest code.

`Cache` knows the directory and this host; `Code` is one cache file mapped for one bias. Code is
mapped behind the engine's blob, so that a 32-bit offset from the blob reaches it, with a page of
its own before it that holds the bias. A mapping is never given back while another thread may run in
it: `retired` ones are revived for the same bias, or reused when the process has one thread.

Invariant: nothing of a file is used before its owner, its head and the sum of what is used were
found right; places outside of the guest range that is given are never touched.
"""

from __future__ import annotations

import os
import time

from run32.codegen import regionfile
from run32.codegen.regionfile import CODE, INDEX, OFFSET, PAGE
from run32.kernel import cdata, host
from run32.runtime.engine import (
    CODE_FILES,
    MAP_FIXED,
    MAP_PRIVATE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
    Engine,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NR = host.NR
LEAST_ROOM = 256 << 10
WRITABLE_BY_OTHERS = 0o022
DAY = 86400


class Cache:
    """Where this engine's regions for this host are, and the native functions on them."""

    def __init__(self, engine: Engine, cache: str) -> None:
        self.engine = engine
        self.symbols = symbols = engine.meta["symbols"]
        self.stamp = (
            regionfile.name_of_engine(engine.path) + "-" + regionfile.host_key(self._cpuid())
        )
        self.directory = f"{regionfile.top(cache)}/{self.stamp}"
        u32, u64, code = cdata.c_uint32, cdata.c_uint64, engine.code
        self.sum: Callable[[int, int], int] = cdata.PYFUNCTYPE(u64, u64, u64)(
            code + symbols["run32_sum"]
        )
        install: Any = cdata.PYFUNCTYPE(None, *[u64] * 5, *[u32] * 4)
        self.install: Callable[..., None] = install(code + symbols["run32_install"])
        self.region_base = code + symbols["region_miss"]
        self.page = host.PAGE_SIZE
        self.lines = (
            memoryview((cdata.c_uint64 * (2 * CODE_FILES)).from_address(engine.code_files))
            .cast("B")
            .cast("Q")
        )
        """Start and end of what is mapped, for the handler of faults (`codegen/entry.py`)."""
        self.files: list[int] = []
        """The starts; 0 where a line is free."""
        self.free: dict[int, list[int]] = {}
        self.copies = False
        """Whether code is copied to anonymous memory: perf(1) has names for no other."""

    def _cpuid(self) -> Callable[[int, int], tuple[int, int, int, int]] | None:
        if "host_cpuid" not in self.symbols:
            return None
        u32 = cdata.c_uint32
        call: Any = cdata.PYFUNCTYPE(None, u32, u32, cdata.c_void_p)
        function = call(self.engine.code + self.symbols["host_cpuid"])
        out = (u32 * 4)()

        def cpuid(leaf: int, sub: int) -> tuple[int, int, int, int]:
            function(leaf, sub, cdata.addressof(out))
            return out[0], out[1], out[2], out[3]

        return cpuid

    def room(self, size: int) -> int:
        """Address space for a page and `size` bytes (a power of two) behind it; 0 if there is no
        more."""
        spare = self.free.get(size)
        if spare:
            return spare.pop()
        engine, page = self.engine, self.page
        at = -(-engine.free_code // page) * page
        if at + page + size > engine.code_end:
            return 0
        engine.free_code = at + page + size
        return at

    def note(self, start: int, size: int) -> bool:
        """Code is mapped at [start, start + size); whether there was a line for it."""
        if start in self.files:
            self.lines[2 * self.files.index(start) + 1] = start + size
            return True
        if 0 not in self.files:
            if len(self.files) == CODE_FILES - 1:
                return False
            self.files.append(0)
        line = self.files.index(0)
        self.files[line] = self.lines[2 * line] = start
        self.lines[2 * line + 1] = start + size
        return True

    def give_back(self, at: int, size: int) -> None:
        """Let address space from `room` be used again. Requires: no thread runs there."""
        if at + self.page in self.files:
            line = self.files.index(at + self.page)
            self.files[line] = self.lines[2 * line + 1] = 0
        self.free.setdefault(size, []).append(at)


class Code:
    """A cache file, mapped for guest code whose file offset 0 is at guest address `bias`."""

    def __init__(self, cache: Cache, bias: int, low: int, high: int) -> None:
        self.cache = cache
        self.bias = bias & 0xFFFFFFFF
        self.low = low
        self.high = high
        self.at = 0  # host address of the bias's page
        self.room = 0
        self.seen = 0  # bytes of the file whose records were looked at
        self.mapped = 0
        self.file: tuple[int, int] = (0, 0)
        self.records: list[regionfile.Record] = []
        self.installed = 0
        self.text = (0, 0)
        """The places that can have code."""
        self.outgrown: list[tuple[int, int]] = []
        self.accept: Callable[[list[tuple[int, int]]], bool] | None = None
        """Asked, if there, whether code made from these guest ranges may be used."""

    @property
    def base(self) -> int:
        """Host address of the file's first byte."""
        return self.at + self.cache.page

    def update(self, path: str, fresh: bool) -> bool:
        """Install what the file at `path` has beyond what is known; whether there was anything.

        With `fresh` no slot of the range has been decoded yet.
        """
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            st = os.fstat(fd)
            if not is_ours(st) or st.st_size < PAGE + regionfile.HEAD:
                return False
            same = self.file == (st.st_dev, st.st_ino)
            if same and st.st_size <= self.mapped:
                return False
            if not same or st.st_size > self.room:
                self.seen = 0
                self.records = []
                if not self._claim(st.st_size):
                    return False
            self.file = st.st_dev, st.st_ino
            if not self._map(fd, st.st_size):
                return False
            if time.time() - st.st_mtime > DAY:
                os.utime(path)  # it is of use: see `codegen.regionfiles.tidy`
        except OSError:
            return False
        finally:
            os.close(fd)
        return self._read(fresh)

    def _claim(self, size: int) -> bool:
        """Room for a file of `size` bytes that grows; what was mapped before stays."""
        room = LEAST_ROOM
        while room < 2 * size:
            room *= 2
        at = self.cache.room(room)
        if not at or size > regionfile.MAX_FILE:
            return False
        if self.at:
            self.outgrown.append((self.at, self.room))
        self.at, self.room, self.mapped = at, room, 0
        syscall = self.cache.engine.quick_syscall
        if syscall(NR["mprotect"], at, self.cache.page, PROT_READ | PROT_WRITE, 0, 0, 0):
            return False
        cdata.c_uint32.from_address(self.base - PAGE).value = self.bias
        return True

    def _map(self, fd: int, size: int) -> bool:
        """Map the rest of the file."""
        page = self.cache.page
        first = self.mapped // page * page
        at, length = self.base + first, size - first
        syscall = self.cache.engine.quick_syscall
        prot, flags = PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED
        copies = self.cache.copies
        if copies or syscall(NR["mmap"], at, length, prot, flags, fd, first) != at:
            # a file system mounted noexec, or wanted so
            if syscall(NR["mprotect"], at, length, PROT_READ | PROT_WRITE, 0, 0, 0):
                return False
            data = os.pread(fd, length, first)
            cdata.memmove(at, data, len(data))
            if syscall(NR["mprotect"], at, length, prot, 0, 0, 0):
                return False
        self.mapped = size
        return self.cache.note(self.base, size)

    def _read(self, fresh: bool) -> bool:
        """Install the good records behind `seen`."""
        base = self.base
        view = memoryview((cdata.c_char * self.mapped).from_address(base)).cast("B")
        sums = self.cache.sum

        def sum_of(at: int, size: int) -> int:
            return sums(base + at, size)

        found = False
        if not self.seen:
            if regionfile.check_head(view, sum_of, self.cache.stamp):
                return False
            self.text = regionfile.text_range(view)
            self.seen = PAGE
            at = regionfile.index_offset(view)
            index = regionfile.read_record(view, at, sum_of, INDEX) if at else None
            if index is not None and sum_of(PAGE, at - PAGE) == index.covers:
                self._install(index, fresh)
                self.seen = at + index.length
                found = True
        while True:
            record = regionfile.read_record(view, self.seen, sum_of)
            if record is None:
                return found
            self.seen += record.length
            if record.kind == CODE:
                self._install(record, fresh)
                found = True

    def _install(self, record: regionfile.Record, fresh: bool) -> None:
        if self.accept is not None and not self.accept(self.spans(record)):
            return
        self.records.append(record)
        self.installed += record.entries
        self.enter(record, fresh)

    def enter(self, record: regionfile.Record, fresh: bool) -> None:
        """Make the entries of `record` reachable."""
        engine, cache = self.cache.engine, self.cache
        shadows = (0, 0) if fresh else (engine.shadows[0][0], engine.shadows[1][0])
        cache.install(
            engine.table,
            *shadows,
            self.base + record.entries_at,
            record.entries,
            self.bias,
            self.base - cache.region_base,
            self.low,
            self.high - self.low,
        )

    def again(self, fresh: bool) -> None:
        """Make everything reachable that was before it was retired."""
        for record in self.records:
            self.enter(record, fresh)

    def places(self) -> set[int]:
        """Places that the file has an answer for."""
        found: set[int] = set()
        for record in self.records:
            at, n = self.base + record.entries_at, record.entries
            found.update((cdata.c_uint32 * (2 * n)).from_address(at)[::2])
        return found

    def around(self, address: int) -> int | None:
        """The place whose code a host address lies in; None if the address is not in this."""
        at = address - self.base
        if not self.at or not 0 <= at < self.mapped:
            return None
        best, found = -1, None
        for record in self.records:
            n = record.entries
            words = (cdata.c_uint32 * (2 * n)).from_address(self.base + record.entries_at)
            for place, code in zip(words[::2], words[1::2], strict=True):
                if best < code & OFFSET <= at and code:
                    best, found = code & OFFSET, place + self.bias & 0xFFFFFFFF
        return found

    def is_entry(self, address: int, place: int) -> bool | None:
        """Whether the code at a host address was made with an entry at guest address `place`.

        None if the address is not in this.
        """
        for at, room in (*self.outgrown, (self.at, self.room)):
            base = at + self.cache.page
            if at and base <= address < base + room:
                wanted = place - self.bias & 0xFFFFFFFF
                return wanted in self._entries_around(base, address - base)
        return None

    def _entries_around(self, base: int, offset: int) -> list[int]:
        """The entries of the record that the file has at an offset."""
        at = PAGE
        while at < offset:
            words = (cdata.c_uint32 * 16).from_address(base + at)
            if words[0] != regionfile.RECORD or not words[8]:
                break
            if offset < at + words[8]:
                table = (cdata.c_uint32 * (2 * words[10])).from_address(base + at + 64)
                return table[::2]
            at += words[8]
        return []

    def spans(self, record: regionfile.Record) -> list[tuple[int, int]]:
        """Guest ranges that the code of a record was made from."""
        at, n = self.base + record.spans_at, record.spans
        words = [w + self.bias & 0xFFFFFFFF for w in (cdata.c_uint32 * (2 * n)).from_address(at)]
        return list(zip(words[::2], words[1::2], strict=True))

    def remove(self) -> None:
        """Make nothing of this reachable, entry by entry."""
        table = self.cache.engine.table
        for place in self.places():
            at = place + self.bias & 0xFFFFFFFF
            if self.low <= at < self.high:
                word = cdata.c_uint32.from_address(table + 4 * at)
                if word.value:  # what is not executable any more may not be written
                    word.value = 0

    def discard(self) -> None:
        """Give the address space back. Requires: no thread runs there."""
        for at, room in (*self.outgrown, (self.at, self.room)):
            if at:
                self.cache.give_back(at, room)
        self.outgrown = []
        self.at = self.room = self.mapped = self.seen = 0
        self.records = []


def is_ours(st: os.stat_result) -> bool:
    """Whether only this user or root can have written a file."""
    return st.st_uid in (0, os.geteuid()) and not st.st_mode & WRITABLE_BY_OTHERS
