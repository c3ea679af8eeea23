"""Small ELF files made by hand: what the loader tests load and damage."""

from __future__ import annotations

import os
from pathlib import Path
from struct import pack

EHDR, PHDR = 52, 32
ARM, I386 = 40, 3
EXEC, DYN = 2, 3
LOAD, INTERP, STACK = 1, 3, 0x6474E551


def phdr(
    kind: int, offset: int, vaddr: int, filesz: int, memsz: int, flags: int, align: int = 0x1000
) -> bytes:
    """One program header."""
    return pack("<8I", kind, offset, vaddr, vaddr, filesz, memsz, flags, align)


def ehdr(
    kind: int, count: int, *, machine: int = ARM, entry: int = 0, flags: int = 0x05000400,
    ident: bytes = b"\x7fELF\1\1\1" + bytes(9), phentsize: int = PHDR, phoff: int = EHDR,
) -> bytes:  # fmt: skip
    """The file header."""
    return pack(
        "<16sHHIIIIIHHHHHH", ident, kind, machine, 1, entry, phoff, 0, flags, EHDR, phentsize,
        count, 40, 0, 0,
    )  # fmt: skip


def program(
    *, kind: int = EXEC, base: int = 0x10000, machine: int = ARM, interp: bytes = b"",
    stack: int | None = 6, bss: int = 0x3000, entry: int = 0x101,
) -> bytes:  # fmt: skip
    """Text of a page, 0x234 bytes of data at an odd place in the third page, `bss` zero bytes."""
    flags = 0x05000400 if machine == ARM else 0
    headers = [
        phdr(LOAD, 0, base, 0x1000, 0x1000, 5),
        phdr(LOAD, 0x1100, base + 0x2100, 0x234, 0x234 + bss, 6),
    ]
    if interp:
        headers.insert(0, phdr(INTERP, 0x800, base + 0x800, len(interp) + 1, len(interp) + 1, 4, 1))
    if stack is not None:
        headers.append(phdr(STACK, 0, 0, 0, 0, stack, 16))
    head = ehdr(kind, len(headers), machine=machine, entry=base + entry, flags=flags)
    image = bytearray(0x1334)
    table = head + b"".join(headers)
    image[: len(table)] = table
    image[0x800 : 0x800 + len(interp)] = interp
    image[0x900:0x910] = b"program text....!"[:16]
    image[0x1100:0x1334] = b"D" * 0x234
    return bytes(image)


def write(path: Path, data: bytes, mode: int = 0o755) -> bytes:
    """Write an executable file; returns its path as bytes."""
    path.write_bytes(data)
    path.chmod(mode)
    return os.fsencode(path)
