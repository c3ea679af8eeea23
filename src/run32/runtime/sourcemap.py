"""The guest code of one process that is translated: which memory it is, and the code mapped for it.

A *source* is guest memory that is translated as a whole:
- the executable part of a file that was never written to in memory. Its places are file offsets, so
  that its code serves wherever it is mapped; what the cache has is installed when it is mapped;
- else a *window* of memory, keyed by its content, with the places counted from its start. It is
  looked up when something in it is hot.

Invariants: `exec_changed` drops every source whose guest code may be another one now, before the
guest goes on; a window's code is installed only if the bytes it was made from are still there.
All of it runs under the memory's lock.
"""

from __future__ import annotations

import os

from run32.codegen import regionfile
from run32.codegen.store import digest
from run32.kernel import cdata, host
from run32.kernel import vma as v
from run32.kernel.space import Fault
from run32.runtime.engine import MADV_DONTNEED, Engine
from run32.runtime.regions import Cache, Code
from run32.runtime.sources import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from run32.kernel.memory import Memory, Vma
    from run32.runtime.process import Process
    from run32.runtime.thread import Thread

NR = host.NR
BEFORE, AFTER = 16 << 10, 48 << 10  # bytes of a window around its first place
WINDOWS = 256
WRITTEN = v.SHARED | v.ACCOUNT | v.NORESERVE | v.SHM | v.HUGETLB | v.SPECIAL
COUNTERS = ("samples", "requests", "places", "sources", "windows", "hits", "misses", "dropped",
            "updates")  # fmt: skip


class SourceMap:
    """The sources of one guest process, their code, and what it keeps exact (`mode`)."""

    def __init__(self, process: Process, cache: str, *, enabled: bool) -> None:
        self.process = process
        self.engine: Engine = process.engine
        self.memory: Memory = process.memory
        self.enabled = enabled and bool(self.engine.table)
        self.mode = "fast"
        self.sources: list[Source] = []
        self.awaited: list[Source] = []
        """Those in which something is to be asked for, or was."""
        self.retired: dict[tuple[str, int, str], Code] = {}
        self.written: list[tuple[int, int]] = []
        """Ranges of files whose memory was written to, as far as mappings do not tell."""
        self.counts = dict.fromkeys(COUNTERS, 0)
        self.on_update: Callable[[Source], None] | None = None
        """Told of a source whose code was installed."""
        self.pid = os.getpid()
        """The process that has executed the program: it is not forked."""
        if self.enabled:
            table = (cdata.c_uint32 * (1 << 32)).from_address(self.engine.table)
            self.table = memoryview(table).cast("B").cast("I")
            """Offsets of regions by place."""
            self.cache = Cache(self.engine, cache)
            self.memory.on_exec_change.append(self.exec_changed)
            self.memory.on_rewrite.append(self.rewritten)
            self.memory.on_growth.append(self.be_exact)

    # -- mappings ---------------------------------------------------------------------------------
    def exec_changed(self, start: int, end: int, executable: bool) -> None:
        """Guest range [start, end) became executable, not executable, or has new contents."""
        rewritten = False
        for source in [s for s in self.sources if s.low < end and start < s.high]:
            if not executable and not source.data and self._shrink(source, start, end):
                continue
            rewritten |= not source.data
            self._drop(source, start, end)
        if not executable:
            self.written = [w for w in self.written if w[1] <= start or end <= w[0]]
            return
        if rewritten:
            self.written.append((start, end))
        vma = self.memory.table.at(start)
        if vma is not None and self._is_file(vma, start, end):
            self._file(vma, start, end, fresh=True)

    def rewritten(self, start: int, end: int) -> None:
        """Guest code in [start, end) has other content."""
        for source in [s for s in self.sources if s.low < end and start < s.high]:
            if not source.data:
                self.written.append((start, end))
            self._drop(source, start, end)

    @staticmethod
    def _shrink(source: Source, start: int, end: int) -> bool:
        """Take [start, end) from a file's source where no code was made from it.

        Linkers map a library's file as a whole first, and then put its data over that.
        """
        if source.low < start and source.high <= end:
            low, high = source.low, start
        elif start <= source.low and end < source.high:
            low, high = end, source.high
        else:
            return False
        code = source.code
        if code is not None:
            first, last = (source.bias + place for place in code.text)
            if first < low or high < last:
                return False
            code.low, code.high = low, high
        source.low, source.high = low, high
        return True

    def _is_file(self, vma: Vma, start: int, end: int) -> bool:
        """Whether memory in [start, end) is what the file has."""
        if vma.flags & WRITTEN or vma.prot & v.PROT_WRITE or vma.path[:1] != b"/":
            return False
        return not any(low < end and start < high for low, high in self.written)

    def _file(self, vma: Vma, start: int, end: int, *, fresh: bool = False) -> Source | None:
        """A source for part of a file's mapping; what the cache has for it is installed.

        With `fresh` nothing of it was decoded yet.
        """
        try:
            st = os.stat(vma.path)
        except OSError:
            return None
        if (st.st_dev, st.st_ino) != (vma.dev, vma.ino):
            return None
        offset = vma.offset + start - vma.start
        fields = (st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
        if offset + end - start > 1 << 31:
            return None
        name = "id/" + regionfile.identity(fields)
        source = Source(start, end, start - offset & 0xFFFFFFFF, name, vma.path)
        source.fields = fields
        self.sources.append(source)
        self.counts["sources"] += 1
        self._look(source, fresh=fresh)
        self.counts["hits" if source.code is not None else "misses"] += 1
        return source

    def _window(self, vma: Vma, place: int) -> Source | None:
        """A source for memory around `place`, whatever is there now."""
        page = self.memory.page
        low = max(vma.start, (place - BEFORE) & -page)
        high = min(vma.end, (place + AFTER) & -page)
        if sum(1 for s in self.sources if s.data) >= WINDOWS:
            return None
        try:
            data = self.memory.read(low, high - low)
        except Fault:
            return None
        source = Source(low, high, low, "code/" + digest(data), b"")
        source.data = data
        self.sources.append(source)
        self.counts["windows"] += 1
        self._look(source, fresh=False)
        return source

    def _source(self, place: int) -> Source | None:
        """The source of a place, made now if there is none."""
        for source in self.sources:
            if source.low <= place < source.high and not source.stale:
                return source
        vma = self.memory.table.at(place)
        if vma is None or not vma.prot & v.PROT_EXEC:
            return None
        source_ = None
        if self._is_file(vma, vma.start, vma.end):
            source_ = self._file(vma, vma.start, vma.end)
        return source_ or self._window(vma, place)

    def _drop(self, source: Source, start: int, end: int) -> None:
        """Forget a source, because [start, end) has changed."""
        code = source.code
        if source.data and code is not None and code.records:
            spans = [span for record in code.records for span in code.spans(record)]
            if not any(low < end and start < high for low, high in spans):
                return
        self.sources.remove(source)
        if source in self.awaited:
            self.awaited.remove(source)
        self.counts["dropped"] += 1
        if code is None:
            return
        if source.data:
            code.remove()
        else:
            at, size = self.engine.table + 4 * source.low, 4 * (source.high - source.low)
            self.engine.quick_syscall(NR["madvise"], at, size, MADV_DONTNEED, 0, 0, 0)
        self.retired[source.name, source.bias, self.mode] = code
        self._kick()

    def _kick(self) -> None:
        """Make other threads leave code that was dropped."""
        tasks = self.process.task.shared.tasks
        if len(tasks) > 1:
            from run32.runtime.threads import kick

            here = host.syscall(NR["gettid"])
            for task in list(tasks.values()):
                if task.tid != here:
                    kick(task, self.engine.meta["kick"])

    def _reclaim(self) -> None:
        """Take back the address space of dropped code, where no thread can be in it."""
        if len(self.process.task.shared.tasks) <= 1:
            for code in self.retired.values():
                code.discard()
            self.retired.clear()

    def be_exact(self, thread: Thread | None = None) -> None:
        """From now on somebody may look at the registers when an access faults.

        `thread`, which must not hold the memory's lock, waits until no other one is in code that
        was made before.
        """
        if not self.enabled or self.mode == "exact":
            return
        with self.memory.lock:
            kept = self.sources[:]
            for source in kept:
                self._drop(source, source.low, source.high)
            self.mode = "exact"
            for source in kept:
                vma = None if source.data else self.memory.table.at(source.low)
                if vma is not None:
                    self._file(vma, source.low, source.high)
        if thread is not None and len(thread.task.shared.tasks) > 1:
            from run32.runtime.threads import wait_for_looks

            wait_for_looks(thread)

    def restart(self) -> None:
        """Before the process executes another program."""
        with self.memory.lock:
            for source in self.sources[:]:
                self._drop(source, source.low, source.high)
            self.written.clear()
            self.mode = "exact" if self.process.task.shared.leaves_cores else "fast"
            self.pid = os.getpid()

    def region_at(self, address: int) -> int | None:
        """The place of the region that a host address is in, if that does not keep the guest's
        state complete at its accesses: registers and pc are not known."""
        if self.mode == "exact":
            return None
        codes = [source.code for source in self.sources if source.code is not None]
        for code in (*codes, *self.retired.values()):
            place = code.around(address)
            if place is not None:
                return place
        return None

    def is_entry(self, address: int, place: int) -> bool:
        """Whether the region at a host address was made with an entry at `place`."""
        codes = [source.code for source in self.sources if source.code is not None]
        for code in (*codes, *self.retired.values()):
            found = code.is_entry(address, place)
            if found is not None:
                return found
        return True

    # -- the cache --------------------------------------------------------------------------------
    def _look(self, source: Source, *, fresh: bool) -> bool:
        """Install what the cache has for `source` and is not here yet; whether there was any."""
        fresh &= not self.engine.is_shared  # slots of what was there before are kept then
        code = source.code
        if code is None:
            key = (source.name, source.bias, self.mode)
            code = self.retired.pop(key, None)
            if code is not None:
                source.code = code
                code.again(fresh)
            else:
                code = Code(self.cache, source.bias, source.low, source.high)
        if source.data:
            code.accept = lambda spans: self._is_same(source, spans)
        found = code.update(f"{self.cache.directory}/{source.name}.{self.mode}", fresh)
        if code.at:
            source.code = code
            self._reclaim()
        self.counts["updates"] += found
        if self.on_update is not None and source.code is not None:
            self.on_update(source)
        return found

    def _is_same(self, source: Source, spans: list[tuple[int, int]]) -> bool:
        """Whether memory still has the bytes of a window in these ranges."""
        try:
            for low, high in spans:
                if (
                    self.memory.read(low, high - low)
                    != source.data[low - source.low : high - source.low]
                ):
                    return False
        except Fault:
            return False
        return True
