"""Segments into guest memory, as `load_elf_binary` and `elf_load` of fs/binfmt_elf.c place them.

Invariants: called with an empty, freshly laid out `Memory`; every failure is an ExecError.
"""

from __future__ import annotations

import os

from run32.kernel.space import MAP_ANON, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_PRIVATE
from run32.loader.elf import ET_DYN, ET_EXEC, Elf, Segment
from run32.loader.errors import EINVAL, ENOEXEC, ENOMEM, ExecError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.memory import Memory

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
CHUNK = 1 << 20


class Image:
    """A loaded program: what the first instruction and /proc need to know. Guest addresses."""

    __slots__ = (
        "abi", "arg_end", "arg_start", "argv", "auxv", "brk", "end_code", "end_data", "entry",
        "env_end", "env_start", "envp", "execfn", "interp_base", "interp_path", "is_secure",
        "is_thumb", "path", "phdr", "phnum", "program_entry", "sigpage", "sp", "start_code",
        "start_data",
    )  # fmt: skip

    def __init__(self, abi: str, path: bytes) -> None:
        self.abi = abi
        self.path = path
        """Host path of the ELF program (a script's interpreter, not the script)."""
        self.argv: list[bytes] = []
        self.envp: list[bytes] = []
        self.execfn = b""
        self.entry = self.program_entry = self.sp = 0
        """`entry` is where execution starts (the interpreter's, if any), bit 0 cleared on arm."""
        self.is_thumb = False
        self.interp_base = self.phdr = self.phnum = self.brk = self.sigpage = 0
        self.interp_path = b""
        self.auxv = b""
        self.arg_start = self.arg_end = self.env_start = self.env_end = 0
        self.start_code = self.end_code = self.start_data = self.end_data = 0
        self.is_secure = False


def map_program(mem: Memory, elf: Elf, fd: int, path: bytes, image: Image) -> None:
    """Map the program itself; sets phdr, entry, code and data bounds and brk."""
    low, high = elf.span(mem.page)
    if elf.type == ET_EXEC:
        bias = 0
    elif elf.interp:
        bias = _pie_bias(mem, elf, low)
    else:
        bias = _free_place(mem, elf, high - low, path) - low
    _map_segments(mem, elf, fd, path, bias)
    image.phdr = elf.phdr_addr + bias if elf.phdr_addr else bias
    image.phnum = elf.phnum
    image.program_entry = (elf.entry + bias) & 0xFFFFFFFF
    _note_bounds(elf, bias, image)
    start = mem.layout.align(max(s.end for s in elf.loads) + bias)
    if elf.type == ET_DYN and not elf.interp:
        # A loader run directly, or a static PIE: the heap goes where a program would have been.
        start = mem.layout.dyn_base & -mem.page
    image.brk = mem.layout.pick_brk(start)
    mem.set_brk(image.brk, data_size=image.end_data - image.start_data)


def map_interpreter(mem: Memory, elf: Elf, fd: int, path: bytes) -> tuple[int, int]:
    """Map the ELF interpreter; returns its load bias (AT_BASE) and its entry point."""
    low, high = elf.span(mem.page)
    bias = 0
    if elf.type == ET_DYN:
        bias = _free_place(mem, elf, high - low, path, hint=low) - low
    _map_segments(mem, elf, fd, path, bias)
    entry = elf.entry + bias
    if entry >= mem.layout.task_size:
        raise ExecError(EINVAL, f"{show(path)}: entry point {entry:#x} outside the address space")
    return bias & 0xFFFFFFFF, entry


def _pie_bias(mem: Memory, elf: Elf, low: int) -> int:
    bias = mem.layout.pick_pie_bias() & -elf.max_align(mem.page)
    return (bias - low) & -mem.page


def _free_place(mem: Memory, elf: Elf, size: int, path: bytes, hint: int = 0) -> int:
    align = elf.max_align(mem.page)
    addr = mem.layout.place(mem.table, hint, size, 0)
    if addr and align > mem.page and addr & (align - 1):
        addr = mem.layout.place(mem.table, 0, size, align) or addr
    if not addr:
        raise ExecError(ENOMEM, f"{show(path)}: no free {size} bytes of address space")
    return addr


def _map_segments(mem: Memory, elf: Elf, fd: int, path: bytes, bias: int) -> None:
    page = mem.page
    if page > 4096 and any((s.vaddr - s.offset) & (page - 1) for s in elf.loads if s.filesz):
        _copy_segments(mem, elf, fd, path, bias)
        return
    how = MAP_PRIVATE | MAP_FIXED_NOREPLACE
    for segment in elf.loads:
        if segment.memsz:
            _map_segment(mem, segment, fd, path, bias, how)
            how = MAP_PRIVATE | MAP_FIXED


def _map_segment(mem: Memory, s: Segment, fd: int, path: bytes, bias: int, how: int) -> None:
    """`elf_load`: the file part, zeroes to the end of its page, then anonymous pages."""
    page = mem.page
    within = s.vaddr & (page - 1)
    addr = s.vaddr - within + bias
    if s.filesz:
        _must(mem.mmap(addr, s.filesz + within, s.prot, how, fd, s.offset - within), s, path)
    zero = addr + within + s.filesz
    end = mem.layout.align(addr + within + s.memsz)
    if s.memsz == s.filesz:
        return
    anonymous = mem.layout.align(zero) if s.filesz else addr
    if s.filesz and s.prot & PROT_WRITE and zero < anonymous:
        mem.write(zero, bytes(min(anonymous, end) - zero))
    if anonymous < end:
        prot = PROT_READ | PROT_WRITE | s.prot & PROT_EXEC
        _must(mem.mmap(anonymous, end - anonymous, prot, how | MAP_ANON), s, path)


def _copy_segments(mem: Memory, elf: Elf, fd: int, path: bytes, bias: int) -> None:
    """For pages larger than the file was linked for: copy, with the union of protections a page."""
    prots: dict[int, int] = {}
    for s in elf.loads:
        prot = s.prot | (PROT_READ | PROT_WRITE if s.memsz > s.filesz else 0)
        first = (s.vaddr + bias) & -mem.page
        for at in range(first, mem.layout.align(s.end + bias), mem.page):
            if at not in prots:
                how = MAP_PRIVATE | MAP_ANON | MAP_FIXED_NOREPLACE
                _must(mem.mmap(at, mem.page, PROT_READ | PROT_WRITE, how), s, path)
            prots[at] = prots.get(at, 0) | prot
        done = 0
        while done < s.filesz:
            data = os.pread(fd, min(CHUNK, s.filesz - done), s.offset + done)
            if not data:
                raise ExecError(ENOEXEC, f"{show(path)}: truncated in segment {s.index}")
            mem.write(s.vaddr + bias + done, data)
            done += len(data)
    for at, prot in prots.items():
        mem.mprotect(at, mem.page, prot)


def _must(result: int, s: Segment, path: bytes) -> None:
    if result < 0:
        what = f"segment {s.index} cannot be mapped at {s.vaddr:#x}"
        raise ExecError(-result, f"{show(path)}: {what}: {os.strerror(-result)}")


def _note_bounds(elf: Elf, bias: int, image: Image) -> None:
    loads = elf.loads
    image.start_code = min(s.vaddr for s in loads) + bias
    image.start_data = max(s.vaddr for s in loads) + bias
    code = [s.vaddr + s.filesz for s in loads if s.prot & PROT_EXEC]
    image.end_code = max(code, default=0) + bias
    image.end_data = max(s.vaddr + s.filesz for s in loads) + bias
