"""The code files of one engine and host, as their writers see them: names, contents, upkeep."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import struct

from run32.codegen import regionfile
from run32.codegen.link import LinkError
from run32.codegen.regionwriter import Sums, Writer
from run32.codegen.store import digest
from run32.codegen.worker import Result, read_code

OPEN_FILES = 64
LIMIT = 1024
"""MiB of all code files together, unless RUN32_CACHE_LIMIT says otherwise."""


class Files:
    """The code files that this translator writes."""

    def __init__(self, directory: str, stamp: str, engine: str) -> None:
        self.directory = directory
        self.stamp = stamp
        self.sums = Sums(engine)
        self.keys: dict[tuple[object, ...], str] = {}
        self.writers: dict[str, Writer] = {}
        self.texts: dict[str, tuple[int, int]] = {}
        self.changed: set[str] = set()

    def key(self, path: bytes, fields: tuple[int, ...], data: bytes, mode: str) -> str:
        """The name of the code file for a guest file or a window, made known to guests.

        Raises OSError.
        """
        if data:
            key = f"{digest(data)}.{mode}"
            self.texts[key] = (0, len(data))
            return key
        seen = (fields, mode)
        if seen not in self.keys:
            parts = read_code(path, fields)
            content = [struct.pack("<Q", start) + part for start, part in parts]
            name = f"{digest(b''.join(content))}.{mode}"
            self.texts[name] = (parts[0][0], max(start + len(part) for start, part in parts))
            link = f"{self.directory}/id/{regionfile.identity(fields)}.{mode}"
            with contextlib.suppress(FileNotFoundError):
                if os.readlink(link) != f"../code/{name}":
                    os.unlink(link)
            with contextlib.suppress(FileExistsError):
                os.symlink(f"../code/{name}", link)
            self.keys[seen] = name
        return self.keys[seen]

    def known(self, key: str) -> dict[int, int]:
        """What the code file has answers for. Raises OSError."""
        with self.writer(key) as writer:
            return writer.entries

    def writer(self, key: str) -> Writer:
        """The writer of a code file."""
        found = self.writers.get(key)
        if found is None:
            while len(self.writers) >= OPEN_FILES:
                self.writers.pop(next(iter(self.writers))).close()
            path = f"{self.directory}/code/{key}"
            title = f"{self.stamp} {key}"
            found = Writer(path, title, self.texts[key], self.sums)
            self.writers[key] = found
        return found

    def add(self, key: str, tried: list[int], result: Result | None) -> int:
        """Append what a worker has made of the places in `tried`, and which of them have no code;
        the size of the code. Raises OSError."""
        size = 0
        with self.writer(key) as writer:
            if result is not None and result.obj:
                places = {p: n for p, n in result.places.items() if not writer.entries.get(p)}
                with contextlib.suppress(LinkError, KeyError):
                    size = writer.add(result.obj, places, result.spans)
            covered = result.covered if result is not None and size else ()
            refused = [p for p in tried if p not in writer.entries and p not in covered]
            if refused:
                writer.refuse(refused)
        self.changed.add(key)
        return size

    def index(self) -> None:
        """Let readers find everything by one table."""
        for key in self.changed:
            with contextlib.suppress(OSError), self.writer(key) as writer:
                writer.index()
        self.changed.clear()


def listing(top: str) -> list[tuple[str, os.stat_result]]:
    """All code files below the directory of regions, with what stat(2) says."""
    found = []
    for folder, _, names in os.walk(top):
        if os.path.basename(folder) == "code":
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    found.append((path, os.stat(path, follow_symlinks=False)))
    return found


def limit() -> int:
    """How large all code files may be together, in bytes."""
    try:
        return int(os.environ.get("RUN32_CACHE_LIMIT") or LIMIT) << 20
    except ValueError:
        return LIMIT << 20


def tidy(cache: str, directory: str) -> None:
    """Delete what nobody can use: regions of engines that are gone, and, above the limit, files
    that were not used for longest. Links whose file is gone go too."""
    top = regionfile.top(cache)
    for name in os.listdir(top):
        path = os.path.join(top, name)
        engine = os.path.join(cache, "engine", name.rpartition("-")[0])
        if path != directory and not os.path.exists(engine) and not is_served(path):
            shutil.rmtree(path, ignore_errors=True)
    files = sorted(listing(top), key=lambda item: item[1].st_mtime)
    total = sum(st.st_size for _, st in files)
    for path, st in files:
        if total <= limit():
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            total -= st.st_size
    links = os.path.join(directory, "id")
    for name in os.listdir(links):
        path = os.path.join(links, name)
        if not os.path.exists(path):
            with contextlib.suppress(OSError):
                os.unlink(path)


def is_served(directory: str) -> bool:
    """Whether a translator runs for a directory of regions."""
    try:
        lock = os.open(os.path.join(directory, "lock"), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
