"""`--perf-map`: /tmp/perf-PID.map, from which perf(1) names generated code.

A line is an address, a size and a name, in the order of installation; perf reads the file when it
reports. The interpreter's functions come first, then each region that is installed, under the name
of the guest's function with `+OFFSET` where it begins inside of it.
Code is copied into anonymous memory: perf takes other memory's names from the file behind it.
Source: tools/perf/Documentation/jit-interface.txt in Linux.

Invariant: a file that cannot be written costs only the names.
"""

from __future__ import annotations

import ctypes
import os

from run32.codegen.regionfile import OFFSET
from run32.debug.symbols import SymbolFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.process import Process
    from run32.runtime.regions import Code
    from run32.runtime.sources import Source

DIRECTORY = "/tmp"


class PerfMap:
    """The map of one process."""

    def __init__(self, process: Process, directory: str = DIRECTORY) -> None:
        self.process = process
        self.directory = directory
        self.symbols = SymbolFiles()
        self.written: dict[int, tuple[int, int]] = {}
        """By identity of a `Code`: its address, and how many records are in the file."""
        self._append(self._engine(), fresh=True)
        tiers = process.tiers
        tiers.on_update = self.note
        if tiers.enabled:
            tiers.cache.copies = True

    def _engine(self) -> list[str]:
        """The interpreter and the thunks."""
        engine = self.process.engine
        known = sorted((at, name) for name, at in engine.meta["symbols"].items())
        ends = [at for at, _ in known[1:]] + [engine.meta["size"]]
        return [
            f"{engine.code + at:x} {end - at:x} run32:{name}"
            for (at, name), end in zip(known, ends, strict=True)
            if end > at
        ]

    def note(self, source: Source) -> None:
        """Code of `source` was installed."""
        code = source.code
        if code is None:
            return
        at, done = self.written.get(id(code), (0, 0))
        if at != code.at:
            done = 0
        self.written[id(code)] = code.at, len(code.records)
        lines = self._lines(source, code, done)
        if lines:
            self._append(lines)

    def _lines(self, source: Source, code: Code, done: int) -> list[str]:
        """The regions of the records from number `done` on."""
        starts: dict[int, int] = {}
        for record in code.records[done:]:
            at, n = code.base + record.entries_at, record.entries
            words = (ctypes.c_uint32 * (2 * n)).from_address(at)
            starts.update(
                (w & OFFSET, p) for p, w in zip(words[::2], words[1::2], strict=True) if w
            )
        ordered = sorted(starts)
        ends = [*ordered[1:], code.mapped][: len(ordered)]
        return [
            f"{code.base + at:x} {end - at:x} {self._name(source, starts[at])}"
            for at, end in zip(ordered, ends, strict=True)
        ]

    def _name(self, source: Source, place: int) -> str:
        symbols = self.symbols.of(source.path) if source.path else None
        address = symbols.address(place & ~1) if symbols is not None else None
        if symbols is None or address is None:
            return f"guest {place + source.bias & 0xFFFFFFFE:#x}"
        name = symbols.describe(address)
        return name if name.startswith(symbols.file) else f"{name} [{symbols.file}]"

    def after_fork(self) -> None:
        """A child has the same code, under another number."""
        self.written.clear()
        self._append(self._engine(), fresh=True)
        for source in self.process.tiers.sources:
            self.note(source)

    def _append(self, lines: list[str], fresh: bool = False) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        flags |= os.O_TRUNC if fresh else os.O_APPEND
        try:
            fd = os.open(f"{self.directory}/perf-{os.getpid()}.map", flags, 0o600)
        except OSError:
            return
        try:
            os.write(fd, "".join(line + "\n" for line in lines).encode(errors="replace"))
        except OSError:
            return
        finally:
            os.close(fd)
