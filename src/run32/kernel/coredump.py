"""Core files of guests (core(5)), as a kernel writes them for a 32-bit ARM program.

`write` makes one: an ELF file with a note segment (per thread NT_PRSTATUS and NT_ARM_VFP; process,
signal, auxiliary vector, mapped files) and a load segment for every mapping. What of a mapping is
in the file follows /proc/self/coredump_filter and MADV_DONTDUMP; pages that were never touched are
holes. The file's name follows /proc/sys/kernel/core_pattern; a pattern that names a program or a
socket, which only the kernel can feed, counts as the pattern `core`.

Requires: no thread of the guest runs any more. Nothing here raises.
Sources: fs/coredump.c, fs/binfmt_elf.c, fs/compat_binfmt_elf.c. Layouts: `uapi/structs/core.py`,
which `tests/kernel/test_layouts.py` holds the formats below against.
"""

from __future__ import annotations

import os
from struct import pack

from run32.kernel import host
from run32.kernel import vma as v
from run32.kernel.limits import CORE, host_limit
from run32.kernel.paths import AT_FDCWD
from run32.kernel.space import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from run32.kernel.task import Task
    from run32.kernel.vma import Vma

    Registers = tuple[Sequence[int], bytes]
    """r0 to r15, cpsr, the r0 of a system call; 32 double words and fpscr."""

# fmt: off
EHDR = "<16s2H5I6H"
PHDR = "<8I"
NOTE = "<3I"
PRSTATUS = "<3ih2x2I4i8i18Ii"
PRPSINFO = "<4BI2H4i16s80s"
FILES = "<2I"
FILE = "<3I"
ET_CORE, EM_ARM, PT_LOAD, PT_NOTE = 4, 40, 1, 4
NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_ARM_VFP = 1, 3, 6, 0x400
NT_SIGINFO, NT_FILE = 0x53494749, 0x46494C45
# fmt: on
IDENT = b"\x7fELF\x01\x01\x01"
ANON_PRIVATE, ANON_SHARED, MAPPED_PRIVATE, MAPPED_SHARED = 1, 2, 4, 8
ELF_HEADERS, HUGE_PRIVATE, HUGE_SHARED = 16, 32, 64
FILTER = ANON_PRIVATE | ANON_SHARED | ELF_HEADERS | HUGE_PRIVATE
MIN_LIMIT = 4096
"""A smaller RLIMIT_CORE means no file (ELF_EXEC_PAGESIZE)."""
GET_DUMPABLE = 3
PRESENT, SWAPPED, FILE_PAGE = 1 << 63, 1 << 62, 1 << 61
CHUNK = 1 << 20
FILE_NOTE_MAX = 4 << 20
OPEN = os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
NAME_MAX = 128
EMFILE = 24
STAT_FLAGS, STAT_TIMES, STAT_NICE = 9, 14, 19  # fields of /proc/PID/stat, as proc(5) counts them


def write(task: Task, signo: int, info: bytes, threads: Sequence[tuple[Task, Registers]]) -> bool:
    """Leave a core file for `task`, which dies of `signo` with siginfo `info`.

    `threads` are all threads, the dying one first. False if there is none, or not all of it.
    """
    limit = host_limit(CORE)
    if isinstance(limit, int) or limit[0] < MIN_LIMIT or not task.prctl.get(GET_DUMPABLE, 1):
        return False
    try:
        fd = _create(task, signo)
    except OSError:
        return False
    if fd < 0:
        return False
    try:
        _Core(task, fd, limit[0]).write(_notes(task, signo, info, threads))
    except (OSError, Full):
        return False
    finally:
        os.close(fd)
    return True


# -- the file


def _text(path: str, default: bytes) -> bytes:
    """Contents of a small host file."""
    try:
        fd = _open(path.encode(), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return default
    try:
        return os.read(fd, 4096)
    except OSError:
        return default
    finally:
        os.close(fd)


def _open(path: bytes, flags: int) -> int:
    """Open a host file; the guest, which is dead, gives a descriptor up where all are in use."""
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno != EMFILE:
            raise
    host.syscall(host.NR["close"], 0)
    return os.open(path, flags, 0o600)


def _create(task: Task, signo: int) -> int:
    """The open, empty core file, or -1 where there may be none. Raises OSError."""
    pattern = _text("/proc/sys/kernel/core_pattern", b"core").rstrip(b"\n")
    if pattern.startswith((b"|", b"@")):
        pattern = b"core"
    name = file_name(task, pattern, signo)
    if not name:
        return -1
    if b"%p" not in pattern and _text("/proc/sys/kernel/core_uses_pid", b"0").strip() != b"0":
        name += b".%d" % os.getpid()
    fd = _open(task.paths.host(AT_FDCWD, name, follow=False, create=True), OPEN)
    stat = os.fstat(fd)
    is_plain = stat.st_mode & 0o170000 == 0o100000 and stat.st_nlink <= 1
    if not is_plain or stat.st_uid != os.geteuid() or stat.st_mode & 0o677 != 0o600:
        os.close(fd)
        return -1
    os.ftruncate(fd, 0)
    return fd


def file_name(task: Task, pattern: bytes, signo: int) -> bytes:
    """The name that a core_pattern stands for (core(5))."""
    program, pid, tid = task.program, os.getpid(), task.tid
    soft = host_limit(CORE)

    def plain(text: bytes) -> bytes:
        """A name in which nothing leads elsewhere."""
        if text in (b".", b".."):
            return text.replace(b".", b"!", 1)
        return text.replace(b"/", b"!")

    values = {
        b"%": b"%", b"p": b"%d" % pid, b"P": b"%d" % pid, b"i": b"%d" % tid, b"I": b"%d" % tid,
        b"u": b"%d" % os.getuid(), b"g": b"%d" % os.getgid(), b"s": b"%d" % signo, b"d": b"1",
        b"t": b"%d" % _now(), b"h": plain(os.uname().nodename.encode()), b"e": plain(task.comm),
        b"f": plain(program.exe.rpartition(b"/")[2]), b"E": plain(program.exe),
        b"c": b"%d" % (soft[0] if not isinstance(soft, int) else 0), b"C": b"0",
    }  # fmt: skip
    parts = pattern.split(b"%")
    name, at = parts[0], 1
    while at < len(parts):
        part = parts[at]
        if not part and at + 1 < len(parts):  # %%
            name += b"%" + parts[at + 1]
            at += 1
        else:
            name += values.get(part[:1], b"") + part[1:] if part else b""
        at += 1
    return name


def _now() -> int:
    from time import time

    return int(time())


# -- notes


def _note(name: bytes, kind: int, data: bytes) -> bytes:
    head = pack(NOTE, len(name) + 1, len(data), kind)
    return head + name.ljust(len(name) // 4 * 4 + 4, b"\0") + data + bytes(-len(data) % 4)


def _notes(task: Task, signo: int, info: bytes, threads: Sequence[tuple[Task, Registers]]) -> bytes:
    """The note segment, in the kernel's order."""
    parts = []
    for thread, (registers, vfp) in threads:
        status = _prstatus(thread, signo, registers)
        parts.append(_note(b"CORE", NT_PRSTATUS, status))
        if thread is task:
            parts.append(_note(b"CORE", NT_PRPSINFO, _prpsinfo(task)))
            parts.append(_note(b"CORE", NT_SIGINFO, info))
            parts.append(_note(b"CORE", NT_AUXV, task.program.auxv))
            files = _files(task)
            if len(files) <= FILE_NOTE_MAX:
                parts.append(_note(b"CORE", NT_FILE, files))
        parts.append(_note(b"LINUX", NT_ARM_VFP, vfp))
    return b"".join(parts)


def _stat_fields(path: str) -> list[int]:
    """Numbers of a host stat file from field 3 on; zeros where it cannot be read."""
    fields = _text(path, b"").rpartition(b") ")[2].split()
    return [0, *(int(field) for field in fields[1:])] if len(fields) > 20 else [0] * 50


def _family() -> tuple[int, int, int]:
    return os.getppid(), os.getpgrp(), os.getsid(0)


def _prstatus(thread: Task, signo: int, registers: Sequence[int]) -> bytes:
    pid = os.getpid()
    own = "" if thread.tid == pid else f"task/{thread.tid}/"
    fields = _stat_fields(f"/proc/self/{own}stat")
    ticks = os.sysconf("SC_CLK_TCK")
    times: list[int] = []
    for value in fields[STAT_TIMES - 3 : STAT_TIMES + 1]:
        times += (value // ticks, value % ticks * (1000000 // ticks))
    signals = thread.signals
    return pack(
        PRSTATUS, signo, 0, 0, signo, signals.waiting() & 0xFFFFFFFF, signals.mask & 0xFFFFFFFF,
        thread.tid, *_family(), *times, *registers, 0,
    )  # fmt: skip


def _prpsinfo(task: Task) -> bytes:
    program, fields = task.program, _stat_fields("/proc/self/stat")
    try:
        text = task.mem.read(program.arg_start, min(program.arg_end - program.arg_start, 79))
    except Fault:
        text = b""
    uid, gid = (value if value < 1 << 16 else 65534 for value in (os.getuid(), os.getgid()))
    return pack(
        PRPSINFO, 0, ord("R"), 0, fields[STAT_NICE - 3] & 0xFF, fields[STAT_FLAGS - 3] & 0xFFFFFFFF,
        uid, gid, os.getpid(), *_family(), task.comm, text.replace(b"\0", b" "),
    )  # fmt: skip


def _files(task: Task) -> bytes:
    """NT_FILE: what is mapped from where, by the names that the guest knows."""
    page = task.mem.page
    entries, names = [], []
    for vma in task.mem.table:
        if vma.path and not vma.flags & v.SPECIAL:
            entries.append(pack(FILE, vma.start, vma.end, vma.offset // page & 0xFFFFFFFF))
            names.append(task.paths.guest(vma.path) + b"\0")
    return pack(FILES, len(entries), page) + b"".join(entries) + b"".join(names)


# -- memory


class Full(Exception):
    """RLIMIT_CORE is used up."""


class _Core:
    """Writes the file from the front, with holes, up to the limit."""

    def __init__(self, task: Task, fd: int, limit: int) -> None:
        self.memory = task.mem
        self.fd = fd
        self.left = limit
        self.at = 0
        raw = _text("/proc/self/coredump_filter", b"")
        self.filter = int(raw, 16) if raw.strip() else FILTER
        self._maps = self._pages = -1

    def write(self, notes: bytes) -> None:
        """Everything. Raises Full or OSError."""
        self._pages = _try_open(b"/proc/self/pagemap")
        self._maps = _try_open(b"/proc/self/mem")
        page = self.memory.page
        plan = [(vma, self._size(vma)) for vma in self.memory.table]
        offset = 52 + 32 * (len(plan) + 1)
        head = [
            pack(EHDR, IDENT, ET_CORE, EM_ARM, 1, 0, 52, 0, 0, 52, 32, len(plan) + 1, 0, 0, 0),
            pack(PHDR, PT_NOTE, offset, 0, 0, len(notes), 0, 0, 4),
        ]
        offset = -(-(offset + len(notes)) // page) * page
        for vma, size in plan:
            flags = (vma.prot & 1) << 2 | vma.prot & 2 | vma.prot >> 2 & 1
            span = vma.end - vma.start
            head.append(pack(PHDR, PT_LOAD, offset, vma.start, 0, size, span, flags, page))
            offset += size
        self._put(b"".join(head) + notes)
        self.at = -(-self.at // page) * page
        for vma, size in plan:
            if size:
                self._put_memory(vma, size)
        os.ftruncate(self.fd, self.at)

    def _put(self, data: bytes) -> None:
        """Data at the current position."""
        part = data[: self.left]
        done = 0
        while done < len(part):
            done += os.pwrite(self.fd, part[done:], self.at + done)
        self.at += done
        self.left -= done
        if done < len(data):
            raise Full

    def _size(self, vma: Vma) -> int:
        """How much of a mapping is dumped (vma_dump_size)."""
        flags, chosen, whole = vma.flags, self.filter, vma.end - vma.start
        if flags & v.SPECIAL:
            return whole
        if flags & v.DONTDUMP:
            return 0
        is_shared = flags & v.SHARED
        if flags & v.HUGETLB:
            return whole if chosen & (HUGE_SHARED if is_shared else HUGE_PRIVATE) else 0
        if is_shared:
            is_anonymous = flags & v.SHM or vma.path.endswith(b" (deleted)")
            return whole if chosen & (ANON_SHARED if is_anonymous else MAPPED_SHARED) else 0
        if chosen & ANON_PRIVATE and self._has_own_pages(vma):
            return whole
        if not vma.path:
            return 0
        if chosen & MAPPED_PRIVATE:
            return whole
        if chosen & ELF_HEADERS and vma.offset == 0 and vma.prot & v.PROT_READ:
            if self._read(vma.start, 4) == IDENT[:4]:
                return self.memory.page
        return 0

    def _entries(self, vma: Vma) -> Iterator[tuple[int, memoryview]]:
        """The host's page table entries: (guest address, 64-bit words)."""
        page, at = self.memory.page, vma.start
        while at < vma.end:
            count = min((vma.end - at) // page, CHUNK // 8)
            raw = b""
            if self._pages >= 0:
                raw = os.pread(self._pages, 8 * count, (self.memory.base + at) // page * 8)
            if len(raw) < 8 * count:  # nothing is known: take everything as there
                raw = PRESENT.to_bytes(8, "little") * count
            yield at, memoryview(raw).cast("Q")
            at += count * page

    def _has_own_pages(self, vma: Vma) -> bool:
        """Whether a private mapping has been written to."""
        for _, words in self._entries(vma):
            for word in words:
                if word & (PRESENT | SWAPPED) and not word & FILE_PAGE:
                    return True
        return False

    def _put_memory(self, vma: Vma, size: int) -> None:
        """`size` bytes of a mapping; what was never touched or cannot be read stays a hole."""
        begin, page = self.at, self.memory.page
        if vma.is_file or size < vma.end - vma.start:
            self._put_run(begin, vma.start, vma.start, size)
        else:
            for at, words in self._entries(vma):
                first = None
                for index, word in enumerate(words):
                    if word & (PRESENT | SWAPPED):
                        first = index if first is None else first
                    elif first is not None:
                        span = (index - first) * page
                        self._put_run(begin, vma.start, at + first * page, span)
                        first = None
                if first is not None:
                    span = (len(words) - first) * page
                    self._put_run(begin, vma.start, at + first * page, span)
        self.at = begin + size

    def _put_run(self, begin: int, start: int, at: int, size: int) -> None:
        """Guest memory [at, at + size) of the mapping from `start`, which is at file `begin`."""
        page, end = self.memory.page, at + size
        while at < end:
            data = self._read(at, min(end - at, CHUNK))
            if data:
                self.at = begin + at - start
                self._put(data)
            at += len(data) or page

    def _read(self, at: int, size: int) -> bytes:
        """Guest memory whatever its protection, or nothing where there is none."""
        if self._maps >= 0:
            try:
                return os.pread(self._maps, size, self.memory.base + at)
            except OSError:
                return b""
        return host.peek(self.memory.base + at, size) or b""


def _try_open(path: bytes) -> int:
    try:
        return _open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1
