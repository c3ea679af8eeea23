"""Writing code files of the region cache. One writer at a time per file, by its lock.

Appending reserves the space first, so that a full disk leaves the file as it was. A record becomes
good when its last byte is there; until then readers pass it over.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from collections.abc import Iterable, Mapping

from run32.codegen import landings, regionfile, store
from run32.codegen.link import link
from run32.codegen.regionfile import INDEX, PAGE
from run32.codegen.regionfunction import BIAS

CODE_ALIGN = {"x86_64": 64, "aarch64": 4096}


class Sums:
    """The engine's native sum, for a process that runs no guest."""

    def __init__(self, engine: str) -> None:
        import mmap

        meta = store.read_meta(engine)
        with open(os.path.join(engine, "blob"), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._map = mmap.mmap(-1, size, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            self._map[:] = file.read()
        self._keep = (ctypes.c_char * size).from_buffer(self._map)
        u64 = ctypes.c_uint64
        prototype = ctypes.PYFUNCTYPE(u64, u64, u64)
        self._sum = prototype(ctypes.addressof(self._keep) + meta["symbols"]["run32_sum"])
        self.cpuid = None
        if "host_cpuid" in meta["symbols"]:
            call = ctypes.PYFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p)
            self._cpuid = call(ctypes.addressof(self._keep) + meta["symbols"]["host_cpuid"])
            self.cpuid = self._ask

    def _ask(self, leaf: int, sub: int) -> tuple[int, int, int, int]:
        out = (ctypes.c_uint32 * 4)()
        self._cpuid(leaf, sub, ctypes.addressof(out))
        return out[0], out[1], out[2], out[3]

    def of(self, data: bytes) -> int:
        """The sum of `data`."""
        buffer = ctypes.create_string_buffer(data, len(data) + 32)
        at = ctypes.addressof(buffer)
        result: int = self._sum(at, len(data))
        return result


class Writer:
    """One code file, open for appending. Raises OSError where the cache cannot be written."""

    def __init__(self, path: str, key: str, text: tuple[int, int], sums: Sums) -> None:
        self.path = path
        self.key = key
        self.text = text
        self.sums = sums
        self.entries: dict[int, int] = {}
        """Place -> offset of its code in the file, 0 where there is none."""
        self.end = PAGE
        self.indexed = 0
        self.valid = b""
        self.has_spans = False
        """Readers have to look at each record: there is to be no index."""
        self.fd = -1

    def __enter__(self) -> Writer:
        """Lock the file, and read what another writer may have added."""
        if self.fd >= 0:
            fcntl.flock(self.fd, fcntl.LOCK_EX)
            if self._is_current():
                return self
            self.close()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self.fd = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX)
            st = os.fstat(self.fd)
            if st.st_size == 0:
                self._grow(self.fd, 0, self._head())
                self.entries, self.end, self.indexed = {}, PAGE, 0
            elif not self._read(st):
                self._replace()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        if self.fd >= 0:
            fcntl.flock(self.fd, fcntl.LOCK_UN)

    def _head(self) -> bytes:
        return regionfile.make_head(self.key, self.text, self.sums.of)

    def _is_current(self) -> bool:
        ours = os.fstat(self.fd)
        try:
            now = os.stat(self.path, follow_symlinks=False)
        except OSError:
            return False
        return (now.st_dev, now.st_ino, now.st_size) == (ours.st_dev, ours.st_ino, self.end)

    def close(self) -> None:
        """Let go of the file."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _read(self, st: os.stat_result) -> bool:
        """Whether all of the file is good; its entries."""
        data = memoryview(os.pread(self.fd, st.st_size, 0))
        self.entries = {}
        self.end, self.indexed = PAGE, 0
        self.valid = b""
        at, size = PAGE, len(data)

        def sum_of(offset: int, length: int) -> int:
            return self.sums.of(bytes(data[offset : offset + length]))

        if size < PAGE or regionfile.check_head(data, sum_of, self.key):
            return False

        while at < size:
            record = regionfile.read_record(data, at, sum_of)
            if record is None:
                break
            if record.kind == INDEX:
                self.indexed = at
            self.has_spans |= bool(record.spans)
            words = data[record.entries_at : record.spans_at].cast("I")
            self.entries.update(zip(words[::2], words[1::2], strict=True))
            at += record.length
        self.end = at
        self.valid = bytes(data[PAGE:at])
        return at == size and st.st_uid == os.geteuid() and not st.st_mode & 0o022

    def _replace(self) -> None:
        """Put a file with what is good in the place of a damaged one."""
        temporary = f"{self.path}.{os.getpid()}"
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            self._grow(fd, 0, self._head() + self.valid)
            os.rename(temporary, self.path)
        except BaseException:
            os.close(fd)
            os.unlink(temporary)
            raise
        os.close(self.fd)
        self.fd = fd
        self.end = PAGE + len(self.valid)

    @staticmethod
    def _grow(fd: int, at: int, data: bytes) -> None:
        os.posix_fallocate(fd, at, len(data))
        while data:
            n = os.pwrite(fd, data, at)
            data, at = data[n:], at + n

    def add(self, obj: bytes, places: Mapping[int, int], spans: Iterable[tuple[int, int]]) -> int:
        """Append translated code; the size of the code. `obj` defines `translate.symbol`s of the
        `places`, whose lowest bits in the table are given."""
        from run32.codegen.regionfunction import symbol

        spans = list(spans)
        align = CODE_ALIGN[store.host()]
        start = regionfile.code_offset(self.end, len(places), len(spans), align)
        blob = link([obj], known={BIAS: -PAGE - start})
        found = {p: start + blob.symbols[symbol(p)] | low for p, low in places.items()}
        noted = blob.sections.get(landings.SECTION, (0, 0))
        self._append(found, spans, blob.data, start - self.end, noted)
        return len(blob.data)

    def refuse(self, places: Iterable[int]) -> None:
        """Note places that have no code and will have none."""
        self._append(dict.fromkeys(places, 0), [], b"", 0)

    def _append(
        self,
        entries: dict[int, int],
        spans: list[tuple[int, int]],
        code: bytes,
        code_at: int,
        noted: tuple[int, int] = (0, 0),
    ) -> None:
        raw = pack(entries.items())
        record = regionfile.make_record(
            regionfile.CODE, raw, pack(spans), code, self.sums.of, 0, code_at, noted
        )
        if self.end + len(record) > regionfile.MAX_FILE:
            raise OSError(27, "the code file is full", self.path)
        self._grow(self.fd, self.end, record)
        self.end += len(record)
        self.entries.update(entries)
        self.has_spans |= bool(spans)

    def index(self) -> None:
        """Append an index of all there is, if there is none yet that is nearly complete."""
        if self.end - self.indexed < 4096 or not self.entries or self.has_spans:
            return
        at = self.end
        data = os.pread(self.fd, at - PAGE, PAGE)
        covers = self.sums.of(data)
        record = regionfile.make_record(
            INDEX, pack(sorted(self.entries.items())), b"", b"", self.sums.of, covers
        )
        self._grow(self.fd, at, record)
        self.end += len(record)
        self.indexed = at
        os.pwrite(self.fd, at.to_bytes(8, "little"), regionfile.INDEX_AT)


def pack(pairs: Iterable[tuple[int, int]]) -> bytes:
    """Pairs of 32-bit words."""
    words = [word for pair in pairs for word in pair]
    return struct.pack(f"<{len(words)}I", *words)
