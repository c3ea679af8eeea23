"""A static linker for the engine: relocatable ELF64 objects in, one position-independent blob out.

Everything in the blob is reached pc-relatively, so it can be mapped at any page-aligned address
without a loader. Only allocated, read-only sections are taken; a relocation that would need an
absolute address, a GOT or writable data is refused.
Sources: System V ABI AMD64 supplement 4.4, ELF for the Arm 64-bit Architecture (IHI 0056) 5.7.
"""

from __future__ import annotations

import struct

_SHT_PROGBITS, _SHT_SYMTAB, _SHT_RELA = 1, 2, 4
_SHF_WRITE, _SHF_ALLOC = 1, 2
_EM_X86_64, _EM_AARCH64 = 62, 183


class LinkError(Exception):
    """An object that cannot become part of a position-independent blob."""


class _Section:
    __slots__ = ("align", "data", "flags", "info", "link", "name", "offset", "type")

    def __init__(self, raw: bytes, header: tuple[int, ...], name: str) -> None:
        _, self.type, self.flags, _, start, size, self.link, self.info, self.align, _ = header
        self.name = name
        self.data = b"" if self.type == 8 else raw[start : start + size]
        self.offset = -1  # in the blob


class _Object:
    """One parsed relocatable object."""

    def __init__(self, raw: bytes) -> None:
        if raw[:6] != b"\x7fELF\x02\x01":
            raise LinkError("not a little-endian ELF64 object")
        self.machine = struct.unpack_from("<H", raw, 18)[0]
        start = struct.unpack_from("<Q", raw, 40)[0]
        _, count, strings = struct.unpack_from("<HHH", raw, 58)
        headers = [struct.unpack_from("<IIQQQQIIQQ", raw, start + 64 * i) for i in range(count)]
        names = headers[strings]

        def name(offset: int) -> str:
            at = names[4] + offset
            return raw[at : raw.index(b"\0", at)].decode()

        self.sections = [_Section(raw, h, name(h[0])) for h in headers]
        self.symbols: list[tuple[str, int, int]] = []  # name, section index, value
        for s in self.sections:
            if s.type == _SHT_SYMTAB:
                text = self.sections[s.link].data
                for at in range(0, len(s.data), 24):
                    where, _, _, index, value, _ = struct.unpack_from("<IBBHQQ", s.data, at)
                    label = text[where : text.index(b"\0", where)].decode()
                    self.symbols.append((label, index, value))

    @property
    def kept(self) -> list[_Section]:
        """Sections that go into the blob."""
        return [
            s
            for s in self.sections
            if s.type == _SHT_PROGBITS
            and s.flags & _SHF_ALLOC
            and s.data
            and not s.name.startswith(".eh_frame")
        ]


class Raw:
    """Ready machine code: bytes, symbols in it, and pc-relative calls (place, kind, label)."""

    __slots__ = ("calls", "data", "machine", "symbols")

    def __init__(
        self, machine: int, data: bytes, symbols: dict[str, int], calls: list[tuple[int, int, str]]
    ) -> None:
        self.machine = machine
        self.data = data
        self.symbols = symbols
        self.calls = calls


class Blob:
    """The linked result: bytes, the offsets of all global symbols, and (offset, size) of sections
    by name, of the last object that has them."""

    __slots__ = ("data", "sections", "symbols")

    def __init__(
        self, data: bytes, symbols: dict[str, int], sections: dict[str, tuple[int, int]]
    ) -> None:
        self.data = data
        self.symbols = symbols
        self.sections = sections


def link(
    objects: list[bytes],
    raw: list[Raw] | None = None,
    tables: dict[str, list[str]] | None = None,
    known: dict[str, int] | None = None,
) -> Blob:
    """Link `objects` in order, then `raw` code.

    `tables` adds arrays of 32-bit blob offsets of the named symbols; `known` says where symbols of
    other code are, relative to the start of this blob.
    """
    parsed = [_Object(raw) for raw in objects]
    out = bytearray()
    symbols: dict[str, int] = dict(known or {})
    for obj in parsed:
        for s in obj.kept:
            if s.flags & _SHF_WRITE:
                raise LinkError(f"section {s.name} is writable; the blob is shared read-only")
            out += b"\0" * (-len(out) % max(s.align, 1))
            s.offset = len(out)
            out += s.data
        for label, index, value in obj.symbols:
            if label and 0 < index < len(obj.sections) and obj.sections[index].offset >= 0:
                symbols[label] = obj.sections[index].offset + value
    placed = []
    for piece in raw or []:
        out += b"\0" * (-len(out) % 16)
        placed.append((len(out), piece))
        symbols.update({name: len(out) + at for name, at in piece.symbols.items()})
        out += piece.data
    for table, members in (tables or {}).items():
        out += b"\0" * (-len(out) % 16)
        symbols[table] = len(out)
        out += struct.pack(f"<{len(members)}I", *(symbols[m] for m in members))
    for obj in parsed:
        _relocate(out, obj, symbols)
    for base, piece in placed:
        for place, kind, label in piece.calls:
            addend = -4 if piece.machine == _EM_X86_64 else 0
            target = symbols[label] + addend
            _PATCH[piece.machine](out, kind, base + place, target, label)
    found = {s.name: (s.offset, len(s.data)) for obj in parsed for s in obj.kept}
    return Blob(bytes(out), symbols, found)


def _relocate(out: bytearray, obj: _Object, symbols: dict[str, int]) -> None:
    patch = _PATCH.get(obj.machine)
    if patch is None:
        raise LinkError(f"machine {obj.machine} is neither x86-64 nor AArch64")
    for s in obj.sections:
        if s.type != _SHT_RELA or obj.sections[s.info].offset < 0:
            continue
        base = obj.sections[s.info].offset
        for at in range(0, len(s.data), 24):
            offset, info, addend = struct.unpack_from("<QQq", s.data, at)
            label, index, value = obj.symbols[info >> 32]
            if 0 < index < len(obj.sections) and obj.sections[index].offset >= 0:
                target = obj.sections[index].offset + value
            elif label in symbols:
                target = symbols[label]
            else:
                raise LinkError(f"undefined symbol {label!r}")
            patch(out, info & 0xFFFFFFFF, base + offset, target + addend, label)


def _patch_x86_64(out: bytearray, kind: int, place: int, target: int, label: str) -> None:
    if kind in (2, 4):  # PC32, PLT32
        struct.pack_into("<i", out, place, target - place)
    elif kind == 24:  # PC64
        struct.pack_into("<q", out, place, target - place)
    else:
        raise LinkError(f"x86-64 relocation {kind} against {label!r} is not pc-relative")


_LO12_SHIFT = {277: 0, 278: 0, 284: 1, 285: 2, 286: 3, 299: 4}


def _patch_aarch64(out: bytearray, kind: int, place: int, target: int, label: str) -> None:
    if kind in (260, 261):  # PREL64, PREL32
        struct.pack_into("<q" if kind == 260 else "<i", out, place, target - place)
        return
    word = struct.unpack_from("<I", out, place)[0]
    if kind in (282, 283):  # JUMP26, CALL26
        word |= (target - place) >> 2 & 0x3FFFFFF
    elif kind in (274, 275):  # ADR_PREL_LO21, ADR_PREL_PG_HI21
        value = target - place if kind == 274 else (target >> 12) - (place >> 12)
        word |= (value & 3) << 29 | (value >> 2 & 0x7FFFF) << 5
    elif kind in _LO12_SHIFT:
        word |= ((target & 0xFFF) >> _LO12_SHIFT[kind]) << 10
    elif kind in (273, 280):  # LD_PREL_LO19, CONDBR19
        word |= ((target - place) >> 2 & 0x7FFFF) << 5
    elif kind == 279:  # TSTBR14
        word |= ((target - place) >> 2 & 0x3FFF) << 5
    else:
        raise LinkError(f"AArch64 relocation {kind} against {label!r} is not pc-relative")
    struct.pack_into("<I", out, place, word)


_PATCH = {_EM_X86_64: _patch_x86_64, _EM_AARCH64: _patch_aarch64}
