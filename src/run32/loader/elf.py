"""ELF headers as fs/binfmt_elf.c reads and judges them (32-bit, little-endian).

Pure parsing: nothing here touches guest memory. Everything a file can get wrong ends in `ExecError`
with the file and the offset or segment that is at fault.

Invariants: an `Elf` that exists has a supported machine, a readable program header table, loadable
segments whose file bytes exist, that stay below 4 GiB and do not overlap.
"""

from __future__ import annotations

import os
from struct import Struct

from run32.loader.errors import EIO, ENOEXEC, ExecError, show

EHDR = Struct("<16sHHIIIIIHHHHHH")
PHDR = Struct("<IIIIIIII")
ET_EXEC, ET_DYN = 2, 3
EM_386, EM_486, EM_ARM, EM_X86_64, EM_AARCH64 = 3, 6, 40, 62, 183
PT_LOAD, PT_INTERP, PT_PHDR, PT_GNU_STACK = 1, 3, 6, 0x6474E551
PF_X, PF_W, PF_R = 1, 2, 4
EF_ARM_EABI_MASK = 0xFF000000
PATH_MAX = 4096
HEADER_TABLE_MAX = 4096
SPACE = 1 << 32
ABI_OF = {EM_ARM: "arm", EM_386: "i386", EM_486: "i386"}
HOST_MACHINE = {"x86_64": EM_X86_64, "aarch64": EM_AARCH64}
MACHINES = {
    2: "SPARC", 3: "i386", 4: "m68k", 8: "MIPS", 15: "PA-RISC", 18: "SPARC", 20: "PowerPC",
    21: "64-bit PowerPC", 22: "S/390", 40: "ARM", 42: "SuperH", 43: "64-bit SPARC", 50: "Itanium",
    62: "x86-64", 94: "Xtensa", 183: "AArch64", 243: "RISC-V", 258: "LoongArch", 0x9026: "Alpha",
}  # fmt: skip
TYPES = {0: "a file without a type", 1: "an object file to be linked", 4: "a core dump"}


class Segment:
    """One program header."""

    align: int
    filesz: int
    flags: int
    memsz: int
    offset: int
    type: int
    vaddr: int
    __slots__ = ("align", "filesz", "flags", "index", "memsz", "offset", "type", "vaddr")

    def __init__(self, index: int, raw: tuple[int, ...]) -> None:
        self.index = index
        self.type, self.offset, self.vaddr, _, self.filesz, self.memsz, self.flags, self.align = raw

    @property
    def end(self) -> int:
        """Address behind the segment in memory."""
        return self.vaddr + self.memsz

    @property
    def prot(self) -> int:
        """PROT_* bits."""
        flags = self.flags
        return (flags & PF_R) >> 2 | (flags & PF_W) | (flags & PF_X) << 2


class Elf:
    """The headers of one file."""

    entry: int
    flags: int
    machine: int
    phnum: int
    phoff: int
    type: int
    __slots__ = (
        "abi", "entry", "flags", "interp", "loads", "machine", "phdr_addr", "phnum", "phoff",
        "stack_flags", "type",
    )  # fmt: skip

    def __init__(self, fd: int, path: bytes) -> None:
        """Read the headers behind `fd`. Raises ExecError."""
        size = os.fstat(fd).st_size
        raw = pread(fd, EHDR.size, 0, path)
        check_ident(raw, path)
        if len(raw) < EHDR.size:
            raise bad(path, f"truncated ELF header: {len(raw)} of {EHDR.size} bytes")
        header = EHDR.unpack(raw)
        self.type, self.machine, _, self.entry, self.phoff = header[1:6]
        self.flags, _, phentsize, self.phnum = header[7:11]
        self._check_kind(path)
        self.abi = ABI_OF[self.machine]
        segments = self._read_table(fd, path, phentsize)
        self.interp = b""
        self.stack_flags = -1
        self.loads = [s for s in segments if s.type == PT_LOAD]
        for segment in segments:
            if segment.type == PT_INTERP and not self.interp:
                self.interp = _read_interp(fd, segment, path)
            elif segment.type == PT_GNU_STACK:
                self.stack_flags = segment.flags
        self._check_loads(path, size)
        self.phdr_addr = self._find_table()

    def _check_kind(self, path: bytes) -> None:
        """File type, machine and ARM ABI."""
        if self.machine not in ABI_OF:
            name = MACHINES.get(self.machine, f"machine {self.machine}")
            if self.machine == EM_X86_64:
                name = "the x32 ABI of x86-64"
            raise bad(path, f"a 32-bit program for {name}; run32 runs ARM and i386 programs")
        if self.type not in (ET_EXEC, ET_DYN):
            what = TYPES.get(self.type, f"ELF type {self.type}")
            raise bad(path, f"not a program but {what}")
        if self.machine == EM_ARM and not self.flags & EF_ARM_EABI_MASK:
            raise bad(path, "a program for the old ARM ABI (OABI); run32 runs EABI programs")

    def _read_table(self, fd: int, path: bytes, phentsize: int) -> list[Segment]:
        if phentsize != PHDR.size:
            raise bad(path, f"program headers of {phentsize} bytes instead of {PHDR.size}")
        size = self.phnum * PHDR.size
        if not 0 < size <= HEADER_TABLE_MAX:
            raise bad(path, f"{self.phnum} program headers, expected 1 to 128")
        raw = pread(fd, size, self.phoff, path)
        if len(raw) < size:
            where = f"program headers at offset {self.phoff:#x}"
            raise bad(path, f"truncated: the {where} are cut off by the end of the file")
        return [Segment(i, t) for i, t in enumerate(PHDR.iter_unpack(raw))]

    def _check_loads(self, path: bytes, size: int) -> None:
        if not self.loads:
            raise bad(path, "no loadable segment")
        end, before = 0, -1
        for s in self.loads:
            what = f"segment {s.index}"
            if s.filesz > s.memsz:
                raise bad(path, f"{what} has more bytes in the file than in memory")
            if s.end > SPACE:
                raise bad(path, f"{what} at {s.vaddr:#x}+{s.memsz:#x} leaves the 4 GiB space")
            if s.offset + s.filesz > size:
                need = s.offset + s.filesz
                raise bad(path, f"truncated: {what} needs {need} bytes of a file of {size}")
            if s.filesz and (s.vaddr - s.offset) & 0xFFF:
                raise bad(path, f"{what}: address {s.vaddr:#x} and offset {s.offset:#x} disagree")
            if s.memsz and s.vaddr < end:
                raise bad(path, f"segments {before} and {s.index} overlap at {s.vaddr:#x}")
            if s.memsz:
                end, before = s.end, s.index

    def _find_table(self) -> int:
        """Address at which the program header table will be in memory; 0 if it will not be."""
        for s in self.loads:
            if s.offset <= self.phoff < s.offset + s.filesz:
                return self.phoff - s.offset + s.vaddr
        return 0

    def span(self, page: int) -> tuple[int, int]:
        """Lowest and highest page address of the image, before any load bias."""
        return self.loads[0].vaddr & -page, (self.loads[-1].end + page - 1) & -page

    def max_align(self, page: int) -> int:
        """Largest segment alignment that is a power of two, at least a page."""
        aligns = [s.align for s in self.loads if s.align and not s.align & (s.align - 1)]
        return max([page, *aligns])


def bad(path: bytes, why: str) -> ExecError:
    """The error for a malformed or unsupported file."""
    return ExecError(ENOEXEC, f"{show(path)}: {why}")


def pread(fd: int, n: int, offset: int, path: bytes) -> bytes:
    """Up to `n` bytes at `offset`; an I/O error becomes ExecError."""
    try:
        return os.pread(fd, n, offset)
    except OSError as error:
        raise ExecError(EIO, f"{show(path)}: cannot be read: {error.strerror}") from None


def is_host_program(head: bytes) -> bool:
    """Whether these first bytes are a 64-bit ELF program for this machine."""
    if head[:5] != b"\x7fELF\x02" or len(head) < 20:
        return False
    return int.from_bytes(head[18:20], "little") == HOST_MACHINE.get(os.uname().machine)


def check_ident(head: bytes, path: bytes) -> None:
    """Magic, class and byte order of what should be a 32-bit ELF file."""
    if not head:
        raise bad(path, "empty file")
    if head[:4] != b"\x7fELF":
        kind = "a text file" if _is_text(head) else "an unknown file format"
        hint = "; a script needs a #! line" if kind == "a text file" else ""
        raise bad(path, f"not a program: {kind}{hint}")
    if len(head) < 20:
        raise bad(path, f"truncated ELF header: {len(head)} of {EHDR.size} bytes")
    machine = int.from_bytes(head[18:20], "big" if head[5] == 2 else "little")
    name = MACHINES.get(machine, f"machine {machine}")
    if head[4] == 2:
        raise bad(path, f"a 64-bit program for {name}, which this machine does not execute")
    if head[4] != 1:
        raise bad(path, f"bad ELF class {head[4]} at offset 4")
    if head[5] == 2:
        raise bad(path, f"a big-endian program for {name}; run32 runs little-endian ones")
    if head[5] != 1:
        raise bad(path, f"bad ELF byte order {head[5]} at offset 5")


def _is_text(head: bytes) -> bool:
    return all(9 <= c <= 13 or c >= 32 for c in head)


def _read_interp(fd: int, segment: Segment, path: bytes) -> bytes:
    where = f"interpreter name at offset {segment.offset:#x}"
    if not 2 <= segment.filesz <= PATH_MAX:
        raise bad(path, f"{where} has {segment.filesz} bytes, expected 2 to {PATH_MAX}")
    raw = pread(fd, segment.filesz, segment.offset, path)
    if len(raw) < segment.filesz:
        raise bad(path, f"truncated: the {where} is cut off by the end of the file")
    if raw[-1]:
        raise bad(path, f"{where} does not end in a NUL byte")
    return raw[: raw.index(0)]
