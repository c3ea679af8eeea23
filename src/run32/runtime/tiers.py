"""What is hot in a guest process: samples of where it goes, and what is asked of the translator.

The interpreter counts branches down (`fuel`), then notes where the next ones go (the *trail*), and
leaves: a sample. Places in it that have no region are asked for when they were seen often enough,
and the translator is told which way control goes from them, so that it makes code of nothing else.
What it makes appears in the cache, is noticed at a later sample, mapped (`runtime/sourcemap.py`)
and from then on reached through the table.

All of it runs under the memory's lock.
"""

from __future__ import annotations

import os
import time

from run32.runtime.sourcemap import SourceMap
from run32.runtime.sources import LOOK, SELDOM, Source
from run32.spec.state import TRAIL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.process import Process
    from run32.runtime.thread import Thread
    from run32.runtime.translator import Link

FIRST, LEAST, MOST = 4096, 1024, 1 << 20  # branches between samples
SOON, LATE = 2_000_000, 8_000_000  # ns of CPU between samples that are too many and too few
PAUSE, LATER = 50_000_000, 20_000_000  # ns between requests, and after one that was not taken
# What a place counts for being in a trail, and what it must count to be asked for: it is in three
# trails, or eight times in one.
IN_TRAIL, OFTEN = 4, 11
PLACES, STEPS, MOST_WANTED = 256, 4096, 4096  # in a request, and that wait to be asked for
REST = 60_000_000_000  # ns until a translator is asked again that can do nothing here
UNANSWERED = 3  # requests in a row without any result until nothing is waited for any more


class Tiers(SourceMap):
    """The regions of one guest process."""

    def __init__(self, process: Process, cache: str, tier: str) -> None:
        super().__init__(process, cache, enabled=tier != "interp")
        self.waits = tier == "regions"
        self.fuel = 0 if not self.enabled else 1 if self.waits else FIRST
        self.first = TRAIL - 1 if self.waits else 0
        """Where trails begin."""
        self.link: Link | None = None
        self.top = cache
        self.send_at = 0
        self.unanswered = 0
        """Requests in a row that were waited for and have brought nothing."""

    # -- samples ----------------------------------------------------------------------------------
    def hot(self, thread: Thread) -> None:
        """The interpreter of `thread` has taken as many branches as it was told to."""
        if not self.enabled:
            return
        cpu = thread.cpu
        now = time.monotonic_ns()
        self.counts["samples"] += 1
        if self.waits:
            cpu.set("fuel", 1)
        else:
            used = time.thread_time_ns()
            passed = used - thread.sampled
            if passed < SOON:
                thread.period = min(2 * thread.period, MOST)
            elif passed > LATE:
                thread.period = max(thread.period // 2, LEAST)
            thread.sampled = used
            cpu.set("fuel", thread.period)
        at = cpu.at["trail"]
        trail = cpu.words[at + self.first : at + TRAIL].tolist()
        cpu.set("trail_end", self.first)
        lock = self.memory.lock
        if not lock.acquire(blocking=self.waits):
            return
        try:
            self._sample(thread, trail, now)
        finally:
            lock.release()

    def _sample(self, thread: Thread, trail: list[int], now: int) -> None:
        for source in self.awaited[:]:
            if now - source.looked > source.pause:
                source.looked = now
                source.pause = min(2 * source.pause, SELDOM)
                if self._look(source, fresh=False):
                    source.pause = LOOK
                    self._settle(source)
        self._note(trail)
        if now > self.send_at and self.awaited:
            self._send(thread, now)
        if self.waits:
            self._check_answers()

    def _check_answers(self) -> None:
        """Install what has been waited for. Places without a result are not asked for again, and
        where nothing comes at all (a full disk), the interpreter does it all."""
        for source in self.awaited[:]:
            if self._look(source, fresh=False):
                self._settle(source)
            if source.asked:
                self.unanswered += 1
                source.answered |= source.asked
                self._settle(source)
            else:
                self.unanswered = 0
        if self.unanswered >= UNANSWERED:
            self._rest()

    def _rest(self) -> None:
        """Ask for nothing for a while, as nobody can answer; wait for nothing ever."""
        self.waits = False
        self.send_at = time.monotonic_ns() + REST

    def _note(self, trail: list[int]) -> None:
        """Note places of a trail that have no region, and where control went from there."""
        table = self.table
        source = None
        seen = set()
        for place, after in zip(trail, [*trail[1:], 0], strict=True):
            if table[place]:
                continue
            if source is None or not source.low <= place < source.high:
                source = self._wanting(place)
                if source is None:
                    continue
            if place not in source.answered:
                weight = 1 if place in seen else IN_TRAIL
                seen.add(place)
                source.wanted[place] = source.wanted.get(place, 0) + weight
                if after:
                    source.steps.add((place, after))

    def _wanting(self, place: int) -> Source | None:
        """The source of a place without a region, made now if there is none."""
        source = self._source(place)
        if source is None:
            return None
        if not source.looked and source.code is not None:
            self._settle(source)
        if source.data and not self._is_same(source, [(source.low, source.high)]):
            source.stale = True
            return None
        if source not in self.awaited:
            self.awaited.append(source)
        if len(source.wanted) > MOST_WANTED:
            source.wanted.clear()
        return source

    def _settle(self, source: Source) -> None:
        """Note for which places there is an answer."""
        source.looked = source.looked or 1
        if source.code is not None:
            bias = source.bias
            source.answered |= {p + bias & 0xFFFFFFFF for p in source.code.places()}
        source.asked -= source.answered
        if not source.asked and not source.wanted and source in self.awaited:
            self.awaited.remove(source)

    def flush(self, thread: Thread) -> None:
        """Ask for what is left: the program ends, if it is this process's own."""
        if self.enabled and not self.waits and self.pid == os.getpid():
            self._send(thread, time.monotonic_ns(), last=True)

    def _send(self, thread: Thread, now: int, *, last: bool = False) -> None:
        """Ask the translator for what was seen often; it is started if need be."""
        least = 1 if self.waits else OFTEN
        asking = [s for s in self.awaited if max(s.wanted.values(), default=0) >= least]
        if not asking:
            return
        try:
            if self.link is None:
                from run32.runtime.translator import Link

                self.link = Link(self.cache, self.top)
                if not self.waits and not self.link.is_there(thread) and not last:
                    self.send_at = now + LATER
                    return
            for source in asking:
                often = [p for p, n in source.wanted.items() if n >= least]
                self._ask(thread, source, often, now, last)
        except (ImportError, OSError):
            self._rest()

    def _ask(self, thread: Thread, source: Source, places: list[int], now: int, last: bool) -> None:
        """Ask for some of what is wanted, for what was seen most often first."""
        assert self.link is not None
        bias, wanted = source.bias, source.wanted
        places = sorted(places, key=wanted.__getitem__, reverse=True)[:PLACES]
        inner = [f"{p - bias & 0xFFFFFFFF}:{wanted[p]}" for p in places]
        steps = list(source.steps - source.told)[:STEPS]
        ways = [f"{p - bias & 0xFFFFFFFF:x}:{q - bias & 0xFFFFFFFF:x}" for p, q in steps]
        fields = [
            self.mode.encode(),
            b"memory" if source.data else b"file",
            ",".join([str(f) for f in source.fields]).encode(),
            ",".join(inner).encode(),
            ",".join(ways).encode(),
            source.path,
        ]
        taken = self.link.send(thread, fields, source.data, self.waits, last)
        if self.waits and not taken:
            self._rest()
            return
        self.send_at = now + (PAUSE if taken else LATER)
        if taken:
            self.counts["requests"] += 1
            self.counts["places"] += len(source.asked | set(places)) - len(source.asked)
            source.asked.update(places)
            source.told.update(steps)
            source.steps.difference_update(steps)
            for place in places:
                del wanted[place]
