"""`run32 compile PROGRAM|ROOTFS`: translation ahead of time, on all cores.

Begun at the entry point, at symbols of functions, and where relocated words of the data point into
code (tables of functions); from there on calls lead further. What is reached in no such way is
translated when a run finds it hot. A program brings the libraries that it needs.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import sys
from collections import deque
from collections.abc import Iterator

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection
from elftools.elf.segments import InterpSegment

from run32.cli.engine import ensure
from run32.cli.errors import NOT_FOUND, Problem
from run32.cli.launch import DEFAULT_PATH, find_program, host_view
from run32.cli.progress import Progress
from run32.cli.settings import Settings
from run32.codegen import regionfile
from run32.codegen.pool import Pool
from run32.codegen.regionfiles import Files
from run32.codegen.worker import NOTHING, Job

LIBRARIES = ("lib/arm-linux-gnueabihf", "usr/lib/arm-linux-gnueabihf", "lib", "usr/lib",
             "lib/arm-linux-gnueabi", "usr/lib/arm-linux-gnueabi")  # fmt: skip
R_ARM_ABS32, R_ARM_RELATIVE = 2, 23
STT_FUNC = ("STT_FUNC", "STT_GNU_IFUNC")


class Target:
    """A file to translate: where to begin, and what is done."""

    def __init__(self, path: str, places: list[int]) -> None:
        st = os.stat(path)
        self.path = os.fsencode(path)
        self.fields = (st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
        self.todo = deque(places)
        self.met = set(places)
        self.key = ""

    def add(self, places: list[int]) -> int:
        """More places to begin at; how many are new."""
        new = [p for p in dict.fromkeys(places) if p not in self.met]
        self.met.update(new)
        self.todo.extend(new)
        return len(new)


def compile_all(name: str, settings: Settings) -> int:
    """Translate a program or a root's programs. Raises `Problem`."""
    engine = ensure(settings, "arm")
    if os.path.isdir(name):
        paths = sorted(arm_files(name))
    else:
        search = os.environ.get("PATH", DEFAULT_PATH)
        guest = find_program(name, settings.rootfs, search)
        paths = with_libraries(os.path.realpath(host_view(guest, settings.rootfs)), settings.rootfs)
    if not paths:
        raise Problem(name, "no 32-bit ARM program", "", NOT_FOUND)
    targets = []
    for path in paths:
        with contextlib.suppress(OSError, ELFError):
            targets.append(Target(path, starts(path)))
    stamp = stamp_of(engine)
    directory = f"{regionfile.top(settings.cache)}/{stamp}"
    for sub in ("id", "code"):
        os.makedirs(os.path.join(directory, sub), 0o700, exist_ok=True)
    try:
        compiler = Compiler(Files(directory, stamp, engine), engine)
        count, size = compiler.run(targets)
    except OSError as error:
        subject = str(error.filename or settings.cache)
        raise Problem(subject, error.strerror or str(error)) from None
    if compiler.failed:
        print(
            f"run32: {len(compiler.failed)} functions were left to the interpreter, an error of "
            f"run32's: please report {compiler.failed[0]}",
            file=sys.stderr,
        )
    print(f"{len(targets)} files, {count} instructions, {size / 1024:.0f} KiB of new code")
    return 0


def stamp_of(engine: str) -> str:
    """The name of an engine's regions on this host."""
    from run32.codegen.regionwriter import Sums

    return f"{regionfile.name_of_engine(engine)}-{regionfile.host_key(Sums(engine).cpuid)}"


class Compiler:
    """Keeps the workers busy with one target after the other."""

    def __init__(self, files: Files, engine: str) -> None:
        self.files = files
        self.engine = engine
        self.selector = selectors.DefaultSelector()
        self.pool = Pool(self.selector)
        self.count = self.size = 0
        self.failed: list[str] = []
        """File, place and error of what could not be translated."""

    def run(self, targets: list[Target]) -> tuple[int, int]:
        """Translate; instructions and bytes of code made."""
        total = sum(len(t.todo) for t in targets)
        done = 0
        running: dict[tuple[str, int], Target] = {}
        with Progress(f"translating {len(targets)} files", max(total, 1)) as progress:
            waiting = deque(targets)
            while waiting or running:
                while waiting and self.pool.is_free():
                    target = waiting[0]
                    if not target.key:
                        target.key = self.files.key(target.path, target.fields, b"", "fast")
                    if not target.todo:
                        if target not in running.values():
                            waiting.popleft()
                            continue
                        break
                    place = target.todo.popleft()
                    done += 1
                    known = self.files.known(target.key)
                    if place in known:
                        continue
                    job = Job(target.key, [place], "fast", self.engine)
                    job.path, job.fields = target.path, target.fields
                    job.known = frozenset(p for p, at in known.items() if at)
                    self.pool.give(job)
                    running[target.key, place] = target
                if not running:
                    continue
                for event, _ in self.selector.select():
                    finished, result = self.pool.take(event.fileobj)  # type: ignore[arg-type]
                    if finished is None:
                        continue
                    target = running.pop((finished.key, finished.places[0]))
                    self.size += self.files.add(finished.key, finished.places, result)
                    error = "the worker died" if result is None else result.error
                    if error and error != NOTHING:
                        at = f"{os.fsdecode(target.path)} {finished.places[0]:#x}"
                        self.failed.append(f"{at}: {error}")
                    if result is not None:
                        self.count += result.insns
                        total += target.add(result.beyond)
                    note = os.fsdecode(target.path).rpartition("/")[2]
                    progress.update(done, total, note)
        self.files.index()
        return self.count, self.size


def starts(path: str) -> list[int]:
    """Places in a file where functions begin. Raises ELFError or OSError."""
    with open(path, "rb") as file:
        elf = ELFFile(file)
        loads = [s for s in elf.iter_segments("PT_LOAD") if s["p_flags"] & 1]
        found = {elf["e_entry"]: None}
        for section in elf.iter_sections():
            if isinstance(section, SymbolTableSection):
                for symbol in section.iter_symbols():
                    if symbol["st_info"]["type"] in STT_FUNC and symbol["st_shndx"] != "SHN_UNDEF":
                        found[symbol["st_value"]] = None
        found.update(dict.fromkeys(pointers(elf)))
        places = []
        for address in found:
            for s in loads:
                if s["p_vaddr"] <= address < s["p_vaddr"] + s["p_filesz"]:
                    places.append(address - s["p_vaddr"] + s["p_offset"])
        return places


def pointers(elf: ELFFile) -> Iterator[int]:
    """Addresses that relocated words hold, if they look like Thumb functions."""
    for section in elf.iter_sections():
        if not isinstance(section, RelocationSection):
            continue
        for relocation in section.iter_relocations():
            if relocation["r_info_type"] == R_ARM_RELATIVE:
                for offset in elf.address_offsets(relocation["r_offset"], 4):
                    elf.stream.seek(offset)
                    word = int.from_bytes(elf.stream.read(4), "little")
                    if word & 1:
                        yield word


def arm_files(root: str) -> Iterator[str]:
    """ELF files for 32-bit ARM below a directory, each once."""
    seen = set()
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                st = os.lstat(path)
                if st.st_mode & 0o170000 == 0o100000 and (st.st_dev, st.st_ino) not in seen:
                    seen.add((st.st_dev, st.st_ino))
                    if is_arm(path):
                        yield path


def is_arm(path: str) -> bool:
    """Whether a file is a program or a library for 32-bit ARM."""
    with open(path, "rb") as file:
        head = file.read(20)
    return head[:5] == b"\x7fELF\x01" and head[16] in (2, 3) and head[18:20] == b"\x28\0"


def with_libraries(path: str, rootfs: str | None) -> list[str]:
    """A program, its interpreter, and the libraries that they need, as far as they are found."""
    found: dict[str, None] = {}
    todo = [path]
    while todo:
        path = todo.pop()
        if path in found or not os.path.isfile(path) or not is_arm(path):
            continue
        found[path] = None
        with contextlib.suppress(ELFError), open(path, "rb") as file:
            elf = ELFFile(file)
            for segment in elf.iter_segments():
                if isinstance(segment, InterpSegment):
                    name = segment.get_interp_name()
                    todo.append(os.path.realpath(host_view(name, rootfs)))
                if isinstance(segment, DynamicSegment):
                    for tag in segment.iter_tags("DT_NEEDED"):
                        name = str(tag.needed)  # type: ignore[attr-defined]
                        todo += library(name, rootfs)
    return list(found)


def library(name: str, rootfs: str | None) -> list[str]:
    """Where a needed library is, by its name; nothing if it is in no usual place."""
    for folder in LIBRARIES:
        path = host_view(f"/{folder}/{name}", rootfs)
        if os.path.isfile(path):
            return [os.path.realpath(path)]
    return []
