"""The translator's workers: processes that turn a hot place into an object file.

A job is a place, the guest code around it, and what is translated already. The worker opens the
guest's file itself and makes sure that it is the one meant. A worker that dies takes only its job
with it. Jobs and results are pickles over a socket pair, whose end is the worker's end.
"""

from __future__ import annotations

import errno
import functools
import gc
import os
import pickle
import signal
import socket
import struct
from typing import Any

from run32.codegen import llvm, store
from run32.codegen.translate import emit_unit
from run32.codegen.unit import Steps, Unit

FILES = 16
ENOUGH = 200
"""Instructions from which on a job is not given more places."""
PT_LOAD, PF_X = 1, 1
NICE = 5
NOTHING = "nothing to translate"


class Job:
    """`places` are to be translated, or at least the first one; `known` ones lead elsewhere."""

    __slots__ = ("data", "engine", "fields", "key", "known", "mode", "path", "places", "steps")

    def __init__(self, key: str, places: list[int], mode: str, engine: str) -> None:
        self.key = key
        self.places = places
        self.mode = mode
        self.engine = engine
        self.path = b""
        self.fields: tuple[int, ...] = ()
        self.data = b""
        """The bytes of a window of memory; else `path` and `fields` name a file."""
        self.known: frozenset[int] = frozenset()
        self.steps: Steps = {}
        """Where control was seen to go; if nothing is known it may go everywhere."""


class Result:
    """An object with code for `places`, made from `spans`; without code, why there is none."""

    __slots__ = ("beyond", "covered", "error", "insns", "left", "obj", "places", "spans")

    def __init__(self) -> None:
        self.obj = b""
        self.places: dict[int, int] = {}
        """With the lowest bits of their items in the table."""
        self.covered: list[int] = []
        """Where blocks of it begin."""
        self.beyond: list[int] = []
        """Where calls of it go that are not part of it."""
        self.spans: list[tuple[int, int]] = []
        self.insns = 0
        self.left: list[int] = []
        """Places of the job that were left for another one."""
        self.error = ""


class Guest:
    """Guest code by place: parts of a file, or a window of memory."""

    def __init__(self, parts: list[tuple[int, bytes]]) -> None:
        self.parts = parts

    def read(self, place: int) -> int | None:
        """The halfword at a place, or None outside."""
        for start, data in self.parts:
            at = place - start
            if 0 <= at < len(data) - 1:
                return data[at] | data[at + 1] << 8
        return None


_guests: dict[tuple[int, ...], Guest] = {}


def guest_of(job: Job) -> Guest:
    """The code that a job is about. Raises OSError if it is not there any more."""
    if job.data:
        return Guest([(0, job.data)])
    found = _guests.get(job.fields)
    if found is None:
        while len(_guests) >= FILES:
            del _guests[next(iter(_guests))]
        found = _guests[job.fields] = Guest(read_code(job.path, job.fields))
    return found


def read_code(path: bytes, fields: tuple[int, ...]) -> list[tuple[int, bytes]]:
    """The executable segments of an ELF file, by file offset.

    `fields` is what `regionfile.identity` takes. Raises OSError if the file is another one now, or
    has no such segments.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        st = os.fstat(fd)
        if (st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns) != tuple(fields):
            raise OSError(errno.ESTALE, "the file has changed", path)
        head = os.pread(fd, 52, 0)
        if head[:6] != b"\x7fELF\x01\x01" or len(head) < 52:
            raise OSError(errno.ENOEXEC, "not a 32-bit ELF file", path)
        at = struct.unpack_from("<I", head, 28)[0]
        size, count = struct.unpack_from("<HH", head, 42)
        table = os.pread(fd, size * count, at)
        parts = []
        for i in range(count if size >= 32 else 0):
            kind, offset, _, _, length, _, flags, _ = struct.unpack_from("<8I", table, i * size)
            if kind == PT_LOAD and flags & PF_X and length:
                parts.append((offset, os.pread(fd, min(length, st.st_size - offset), offset)))
        if not parts:
            raise OSError(errno.ENOEXEC, "no executable segment", path)
        return parts
    except struct.error:
        raise OSError(errno.ENOEXEC, "a damaged ELF file", path) from None
    finally:
        os.close(fd)


@functools.cache
def engine_symbols(engine: str) -> dict[str, int]:
    """Offsets of the functions of the engine's blob."""
    with open(os.path.join(engine, "symbols"), encoding="ascii") as lines:
        return {name: int(at, 16) for at, name in (line.split() for line in lines)}


@functools.cache
def has_fma() -> bool:
    """Whether this host has fused multiply-add."""
    return store.host() != "x86_64" or "+fma" in llvm.host_features().split(",")


@functools.cache
def features() -> frozenset[str]:
    """What this host has, in LLVM's words."""
    return frozenset(f[1:] for f in llvm.host_features().split(",") if f[:1] == "+")


def translate(job: Job, host: str = "") -> Result:
    """Do a job, for this host if nothing is said. Raises OSError if the guest code is gone."""
    from run32.isa.arm.all import ARM

    result = Result()
    guest = guest_of(job)
    unit = Unit(ARM, guest.read, biased=True)
    unit.known = job.known
    unit.is_fixed = not job.data
    unit.steps = job.steps
    for i, place in enumerate(job.places):
        if i and unit.size >= ENOUGH:
            result.left.append(place)
        elif place not in unit.blocks:
            unit.discover([place])
    if not unit.blocks:
        result.error = NOTHING
        return result
    result.insns = unit.size
    result.covered = list(unit.blocks)
    result.beyond = [b.call for b in unit.blocks.values() if b.call and b.call not in unit.blocks]
    symbols = engine_symbols(job.engine)
    host = host or store.host()
    is_here = host == store.host()
    text, result.places = emit_unit(
        unit,
        host,
        symbols,
        biased=True,
        mode=job.mode,
        fma=has_fma() if is_here else host != "x86_64",
        features=features() if is_here else frozenset(),
    )
    result.obj = llvm.compile_region(text, host)
    if job.data:
        result.spans = [
            (block.start & ~1, last.pc + last.length)
            for block in unit.blocks.values()
            for last in block.insns[-1:]
        ]
    return result


def serve(link: socket.socket) -> None:
    """Do jobs until the other end is closed. Does not return."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.nice(NICE)
    llvm.warm_up(store.host())
    gc.freeze()
    gc.set_threshold(20000, 20, 20)  # a unit is many small objects that live as long as it does
    try:
        while True:
            job = receive(link)
            if job is None:
                break
            try:
                result = translate(job)
            except Exception as error:
                result = Result()
                result.error = f"{type(error).__name__}: {error}"
            send(link, result)
    except OSError:
        os._exit(1)
    os._exit(0)


def send(link: socket.socket, thing: Any) -> None:
    """One pickle with its length before it."""
    data = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    link.sendall(struct.pack("<I", len(data)) + data)


def receive(link: socket.socket) -> Any:
    """The next pickle, or None at the end."""
    head = _exactly(link, 4)
    data = _exactly(link, struct.unpack("<I", head)[0]) if head else b""
    return pickle.loads(data) if data else None


def _exactly(link: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = link.recv(min(size, 1 << 20))
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
