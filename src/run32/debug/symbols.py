"""Names for places in an ELF file of the guest: symbols, and what unwind tables tell.

Names come from .symtab and .dynsym. Stripped code has function starts only in the ARM unwind index
(.ARM.exidx): those are called `sub_ADDRESS`. Mapping symbols (`$a`, `$t`) say where code is Thumb.
Source: ELF for the Arm Architecture (IHI 0044), 5.5.5; Exception Handling ABI (IHI 0038).

Addresses are those in the file (`vaddr`); a *place* is a file offset, as in `codegen/unit.py`.
Invariant: reads the file once and keeps no descriptor; a damaged table is one without names.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_right

PT_LOAD, PF_X = 1, 1
SHT_SYMTAB, SHT_DYNSYM, SHT_ARM_EXIDX = 2, 11, 0x70000001
SHF_EXECINSTR = 4
NOTYPE, FUNC, IFUNC = 0, 2, 10
SYMBOL = struct.Struct("<IIIBBH")


class Function:
    """A named range of code; `size` is 0 where the file does not say, `thumb` None likewise."""

    __slots__ = ("name", "size", "start", "thumb")

    def __init__(self, name: str, start: int, size: int, thumb: bool | None) -> None:
        self.name = name
        self.start = start
        self.size = size
        self.thumb = thumb


class Symbols:
    """The functions of the file at host path `path`. Raises OSError; ValueError if it is no 32-bit
    ELF file."""

    def __init__(self, path: str | bytes) -> None:
        with open(path, "rb") as file:
            data = file.read()
        if data[:6] != b"\x7fELF\x01\x01" or len(data) < 52:
            raise ValueError("not a 32-bit ELF file")
        self.file = os.path.basename(os.fsdecode(path))
        self.machine = int.from_bytes(data[18:20], "little")
        self.entry = int.from_bytes(data[24:28], "little")
        self.segments: list[tuple[int, int, int]] = []
        """Executable parts: file offset, address, size."""
        self.names: dict[str, Function] = {}
        self.modes: list[tuple[int, bool]] = []
        """From which address on code is Thumb or not, by mapping symbols."""
        found: dict[int, Function] = {}
        try:
            self._segments(data)
            self._sections(data, found)
        except (struct.error, IndexError):
            found = dict(found)
        self.modes.sort()
        self._functions = [found[at] for at in sorted(found)]
        self._starts = [f.start for f in self._functions]

    # -- reading ----------------------------------------------------------------------------------
    def _segments(self, data: bytes) -> None:
        at, (size, count) = (
            struct.unpack_from("<I", data, 28)[0],
            struct.unpack_from("<HH", data, 42),
        )
        for i in range(count):
            kind, offset, address, _, length, _, flags, _ = struct.unpack_from(
                "<8I", data, at + i * size
            )
            if kind == PT_LOAD and flags & PF_X:
                self.segments.append((offset, address, length))

    def _sections(self, data: bytes, found: dict[int, Function]) -> None:
        at = struct.unpack_from("<I", data, 32)[0]
        size, count = struct.unpack_from("<HH", data, 46)
        heads = [struct.unpack_from("<10I", data, at + i * size) for i in range(count if at else 0)]
        code = {i for i, head in enumerate(heads) if head[2] & SHF_EXECINSTR}
        for head in heads:
            if head[1] == SHT_ARM_EXIDX:
                self._unwind(data[head[4] : head[4] + head[5]], head[3], found)
        for kind in (SHT_DYNSYM, SHT_SYMTAB):
            for head in heads:
                if head[1] == kind and head[6] < len(heads):
                    strings = heads[head[6]]
                    names = data[strings[4] : strings[4] + strings[5]]
                    self._table(data[head[4] : head[4] + head[5]], names, code, found)

    def _unwind(self, table: bytes, address: int, found: dict[int, Function]) -> None:
        for i in range(0, len(table) - 7, 8):
            offset = int.from_bytes(table[i : i + 4], "little") & 0x7FFFFFFF
            start = address + i + offset - (offset >> 30 << 31) & 0xFFFFFFFE
            found[start] = Function(f"sub_{start:x}", start, 0, None)

    def _table(
        self, table: bytes, names: bytes, code: set[int], found: dict[int, Function]
    ) -> None:
        usable = len(table) // SYMBOL.size * SYMBOL.size
        for name_at, value, size, info, _, section in SYMBOL.iter_unpack(table[:usable]):
            kind = info & 15
            if kind not in (NOTYPE, FUNC, IFUNC) or section not in code:
                continue
            name = names[name_at : names.find(b"\0", name_at)].decode("utf-8", "replace")
            if kind == NOTYPE and name[:1] == "$":
                if name[1:2] in ("a", "t"):
                    self.modes.append((value, name[1] == "t"))
                continue
            if not name:
                continue
            thumb = bool(value & 1) if kind != NOTYPE else None
            function = Function(name, value & ~1, size, thumb)
            self.names.setdefault(name, function)
            old = found.get(function.start)
            if old is None or _rank(function) < _rank(old):
                found[function.start] = function

    # -- asking -----------------------------------------------------------------------------------
    def address(self, place: int) -> int | None:
        """The address in the file of a place."""
        for offset, address, size in self.segments:
            if offset <= place < offset + size:
                return place - offset + address
        return None

    def place(self, address: int) -> int | None:
        """The place of an address, if code is there."""
        for offset, start, size in self.segments:
            if start <= address < start + size:
                return address - start + offset
        return None

    def at(self, address: int) -> Function | None:
        """The function that `address` is in."""
        i = bisect_right(self._starts, address) - 1
        if i < 0:
            return None
        function = self._functions[i]
        end = function.start + function.size
        return function if not function.size or address < end else None

    def is_thumb(self, address: int) -> bool:
        """Whether the instruction at an even `address` is Thumb code, as well as the file tells."""
        i = bisect_right(self.modes, (address, True)) - 1
        if i >= 0:
            return self.modes[i][1]
        function = self.at(address)
        if function is not None and function.thumb is not None:
            return function.thumb
        return bool(self.entry & 1)

    def describe(self, address: int) -> str:
        """`name+0x12`, or the file's name with the address."""
        function = self.at(address)
        if function is None:
            return f"{self.file}+{address:#x}"
        beyond = address - function.start
        return f"{function.name}+{beyond:#x}" if beyond else function.name

    def similar(self, name: str) -> list[str]:
        """Names that may have been meant."""
        import difflib

        inside = [n for n in self.names if name in n]
        return (difflib.get_close_matches(name, self.names, 3) or sorted(inside, key=len)[:3])[:3]


class SymbolFiles:
    """The symbols of files, each read once; None for one that cannot be read."""

    def __init__(self) -> None:
        self.files: dict[bytes, Symbols | None] = {}

    def of(self, path: bytes) -> Symbols | None:
        """The symbols of the file `path`."""
        if path not in self.files:
            try:
                self.files[path] = Symbols(path)
            except (OSError, ValueError):
                self.files[path] = None
        return self.files[path]


def _rank(function: Function) -> tuple[bool, bool, int, str]:
    """Which of several names of one place is the best: the least."""
    name = function.name
    return function.thumb is None, name[:1] == "_", len(name), name
