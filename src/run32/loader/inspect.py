"""What a program file says about itself: the lines of `run32 info PROGRAM`.

Not on the launch path, so pyelftools may read what execution does not need (dynamic section, ARM
build attributes). Invariant: a broken file gives lines or an ExecError, never another exception.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import Any

from run32.loader import open_program, script
from run32.loader.elf import (
    ET_DYN,
    MACHINES,
    Elf,
    Segment,
    check_ident,
    is_host_program,
    pread,
)
from run32.loader.errors import show

TAGS_MAX = 4096
"""Dynamic tags looked at: a damaged table may have millions."""
FLOAT_FLAGS = {0x400: "hard float", 0x200: "soft float"}
CPU_ARCH = {
    0: "before v4", 1: "v4", 2: "v4T", 3: "v5T", 4: "v5TE", 5: "v5TEJ", 6: "v6", 7: "v6KZ",
    8: "v6T2", 9: "v6K", 10: "v7", 11: "v6-M", 12: "v6S-M", 13: "v7E-M", 14: "v8-A", 15: "v8-R",
    16: "v8-M baseline", 17: "v8-M mainline", 21: "v8.1-M", 22: "v9-A",
}  # fmt: skip
FP_ARCH = {
    0: "none", 1: "VFPv1", 2: "VFPv2", 3: "VFPv3", 4: "VFPv3-D16", 5: "VFPv4", 6: "VFPv4-D16",
    7: "FP for ARMv8", 8: "FP for ARMv8 (D16)",
}  # fmt: skip
SIMD_ARCH = {0: "none", 1: "NEONv1", 2: "NEONv1 with fused multiply-add", 3: "NEON for ARMv8",
             4: "NEON for ARMv8.1"}  # fmt: skip
THUMB = {0: "none", 1: "Thumb-1", 2: "Thumb-2", 3: "as the architecture says"}
ARGS = {0: "core registers", 1: "VFP registers", 2: "toolchain specific", 3: "compatible with both"}
ATTRIBUTES = {
    "TAG_CPU_ARCH": ("CPU architecture", CPU_ARCH),
    "TAG_THUMB_ISA_USE": ("Thumb", THUMB),
    "TAG_FP_ARCH": ("floating point", FP_ARCH),
    "TAG_ADVANCED_SIMD_ARCH": ("SIMD", SIMD_ARCH),
    "TAG_ABI_VFP_ARGS": ("float arguments", ARGS),
}


def info(path: bytes | str) -> list[str]:
    """Lines that describe the program at host path `path`. Raises ExecError for what is no ELF."""
    path = os.fsencode(path)
    fd = open_program(path)
    try:
        head = pread(fd, script.BUFFER, 0, path)
        if head[:2] == b"#!":
            words = script.parse(head, path)
            return ["kind: script", "interpreter: " + " ".join(show(w) for w in words)]
        if head[:5] == b"\x7fELF\x02":
            return _host_lines(head)
        check_ident(head, path)
        elf = Elf(fd, path)
        return [*_header_lines(elf), *_library_lines(path), *_segment_lines(elf)]
    finally:
        os.close(fd)


def _host_lines(head: bytes) -> list[str]:
    machine = int.from_bytes(head[18:20], "little")
    here = "this machine runs it itself" if is_host_program(head) else "not for this machine"
    return [f"kind: 64-bit ELF for {MACHINES.get(machine, f'machine {machine}')}", f"runs: {here}"]


def _header_lines(elf: Elf) -> list[str]:
    if elf.type != ET_DYN:
        kind = "ET_EXEC"
    elif elf.interp:
        kind = "position independent"
    else:
        kind = "static PIE or shared library"
    lines = [f"kind: 32-bit ELF for {MACHINES[elf.machine]}, {kind}"]
    if elf.abi == "arm":
        floats = [name for bit, name in FLOAT_FLAGS.items() if elf.flags & bit]
        version = f"EABI{elf.flags >> 24}"
        lines.append("ABI: " + ", ".join([version, *floats]))
    lines.append(f"entry: {elf.entry:#010x}" + (" (Thumb)" if _is_thumb(elf) else ""))
    lines.append("interpreter: " + (show(elf.interp) if elf.interp else "none (static)"))
    stack = "not stated (executable)" if elf.stack_flags < 0 else _mode(elf.stack_flags)
    lines.append(f"stack: {stack}")
    return lines


def _is_thumb(elf: Elf) -> bool:
    return elf.abi == "arm" and bool(elf.entry & 1)


def _segment_lines(elf: Elf) -> list[str]:
    return [f"segment: {_segment(s)}" for s in elf.loads]


def _segment(s: Segment) -> str:
    return (
        f"{s.vaddr:08x}-{s.end:08x} {_mode(s.flags)} file {s.offset:#x}+{s.filesz:#x} "
        f"align {s.align:#x}"
    )


def _mode(flags: int) -> str:
    return "".join(c if flags & b else "-" for c, b in (("r", 4), ("w", 2), ("x", 1)))


def _library_lines(path: bytes) -> list[str]:
    """Needed libraries and build attributes, through pyelftools."""
    try:
        from elftools.elf.elffile import ELFFile
    except ImportError:
        return ["libraries: unknown (install pyelftools to see them)"]
    lines: list[str] = []
    try:
        with open(path, "rb") as file:
            elf = ELFFile(file)
            lines += _needed(elf)
            lines += _attributes(elf)
    except Exception as error:  # pyelftools raises whatever a broken table makes it raise
        why = str(error) or type(error).__name__
        lines.append(f"damaged: sections or dynamic table cannot be read: {why.splitlines()[0]}")
    return lines


def _needed(elf: Any) -> list[str]:
    lines = []
    for segment in elf.iter_segments("PT_DYNAMIC"):
        for tag in islice(segment.iter_tags(), TAGS_MAX):
            if tag.entry.d_tag == "DT_NEEDED":
                lines.append(f"needs: {tag.needed}")
            elif tag.entry.d_tag in ("DT_RUNPATH", "DT_RPATH"):
                where = getattr(tag, "runpath", None) or getattr(tag, "rpath", "")
                lines.append(f"library path: {where}")
    return lines


def _attributes(elf: Any) -> list[str]:
    lines = []
    for section in elf.iter_sections("SHT_ARM_ATTRIBUTES"):
        for sub in section.iter_subsections():
            for subsub in sub.iter_subsubsections():
                for attribute in subsub.iter_attributes():
                    line = _attribute(attribute.tag, attribute.value)
                    if line:
                        lines.append(line)
    return lines


def _attribute(tag: str, value: Any) -> str:
    if tag == "TAG_CPU_NAME":
        return f"built for: {value}"
    known = ATTRIBUTES.get(tag)
    if known is None:
        return ""
    label, names = known
    return f"{label}: {names.get(value, f'value {value}')}"
