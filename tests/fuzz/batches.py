"""Batches of instruction words for `harness.c`, and the harness under qemu-arm or run32.

A batch begins as an ELF file with one executable segment, so that run32 may translate its code
like any program's: ELF header, `head` at 128 (see harness.c), then what `head` leads to.
"""

from __future__ import annotations

import os
import resource
import struct
import subprocess
from array import array
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from tools import build
from tools.guests import run32_command

MAGIC, HEAD_AT = 0x32337A66, 128
KINDS = {"a32": 0, "t16": 1, "t32": 2}
FLAGS = ("-O2", "-marm", "-march=armv7-a", "-mfpu=neon-vfpv4", "-static")
FLAGS += ("-Wl,-Ttext-segment=0x13570000",)  # away from where aimless stores go
LONGEST = 600
QEMU = ("qemu-arm", "-cpu", "max")
RUN32 = tuple(run32_command())


def harness() -> Path:
    """The program. Requires: the cross compiler."""
    return build.compile_c(Path(__file__).with_name("harness.c"), *FLAGS)


def elf_header(at: int, size: int) -> bytes:
    """The header of an ELF file whose code is `size` bytes at offset `at`."""
    ident = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
    head = struct.pack("<2H5I6H", 2, 40, 1, 0, 52, 0, 0x05000400, 52, 32, 1, 40, 0, 0)
    segment = struct.pack("<8I", 1, at, 0x20000000, 0x20000000, size, size, 5, 4096)
    return (ident + head + segment).ljust(HEAD_AT, b"\0")


def write_words(path: Path, set_: str, words: array[int]) -> None:
    """A batch of words of one instruction set, for verdicts."""
    head = struct.pack("<8I", MAGIC, len(words), KINDS[set_], 0, 0, 4096, 0, 0)
    path.write_bytes((elf_header(4096, 0) + head).ljust(4096, b"\0") + words.tobytes())


def back() -> int:
    """The address that the code of a case jumps to when it is done."""
    with harness().open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        return int(table.get_symbol_by_name("back")[0]["st_value"])


def no_core_files() -> None:
    """With one to come regions would have to be exact."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def run(runner: tuple[str, ...], *arguments: str, **environment: str) -> None:
    """Run the harness. Raises RuntimeError with what it says if it fails."""
    command = [*runner, str(harness()), *arguments]
    env = {**os.environ, **environment}
    try:
        done = subprocess.run(
            command, capture_output=True, env=env, timeout=LONGEST, preexec_fn=no_core_files
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{' '.join(command)}: not done after {LONGEST} seconds") from None
    if done.returncode:
        text = done.stderr.decode(errors="replace")[-800:]
        raise RuntimeError(f"{' '.join(command)}: status {done.returncode}: {text}")


def verdicts(set_: str, words: array[int], folder: Path, runner: tuple[str, ...] = QEMU) -> bytes:
    """What becomes of each word: the signal that it raises by itself, or 0."""
    batch, out = folder / f"words-{set_}", folder / f"verdicts-{set_}"
    write_words(batch, set_, words)
    run(runner, "verdict", str(batch), str(out))
    found = out.read_bytes()
    assert len(found) == len(words)
    return found
