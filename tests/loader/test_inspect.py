"""`run32 info`: what is said about good and bad files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from loader.elf_files import DYN, I386, program, write

from run32.loader.errors import ExecError
from run32.loader.inspect import info


def test_lines_of_a_hand_made_program(tmp_path: Path) -> None:
    path = write(tmp_path / "prog", program(kind=DYN, base=0, interp=b"/lib/ld-linux.so.3"))
    assert info(path)[:5] == [
        "kind: 32-bit ELF for ARM, position independent",
        "ABI: EABI5, hard float",
        "entry: 0x00000101 (Thumb)",
        "interpreter: /lib/ld-linux.so.3",
        "stack: rw-",
    ]
    assert "segment: 00002100-00005334 rw- file 0x1100+0x234 align 0x1000" in info(path)


def test_i386_and_scripts(tmp_path: Path) -> None:
    lines = info(write(tmp_path / "x86", program(machine=I386, stack=None)))
    assert lines[0] == "kind: 32-bit ELF for i386, ET_EXEC"
    assert "interpreter: none (static)" in lines
    assert "stack: not stated (executable)" in lines
    assert not any(line.startswith("ABI") for line in lines)
    script = write(tmp_path / "script", b"#!/bin/sh -e\n")
    assert info(script) == ["kind: script", "interpreter: /bin/sh -e"]


def test_host_programs() -> None:
    lines = info(sys.executable)
    assert lines[0].startswith("kind: 64-bit ELF for ")
    assert lines[1] == "runs: this machine runs it itself"


def test_unusable_files(tmp_path: Path) -> None:
    for data in (b"", b"text", program()[:70]):
        with pytest.raises(ExecError):
            info(write(tmp_path / "bad", data))
    with pytest.raises(ExecError):
        info(tmp_path / "missing")


def test_libraries_and_build_attributes(tmp_path: Path) -> None:
    gcc = shutil.which("arm-linux-gnueabihf-gcc")
    if gcc is None:
        pytest.skip("arm-linux-gnueabihf-gcc missing: libraries and attributes not checked")
    pytest.importorskip("elftools")
    source = tmp_path / "main.c"
    source.write_text("int main(void) { return 0; }\n")
    out = tmp_path / "main"
    flags = ["-mcpu=cortex-a7", "-mfpu=vfpv4-d16", "-mfloat-abi=hard"]
    subprocess.run([gcc, *flags, "-o", out, source], check=True, timeout=60)
    lines = info(out)
    assert "needs: libc.so.6" in lines
    assert "interpreter: /lib/ld-linux-armhf.so.3" in lines
    assert "CPU architecture: v7" in lines
    assert "floating point: VFPv4-D16" in lines
    assert "float arguments: VFP registers" in lines


def test_damaged_dynamic_table_gives_a_line(tmp_path: Path) -> None:
    data = bytearray(program(kind=DYN, base=0))
    data[52 + 64 : 52 + 68] = (2).to_bytes(4, "little")  # the PT_GNU_STACK becomes PT_DYNAMIC
    data[52 + 68 : 52 + 72] = (0x1300).to_bytes(4, "little")
    data[52 + 80 : 52 + 84] = (0xFFFFFF).to_bytes(4, "little")
    pytest.importorskip("elftools")
    lines = info(write(tmp_path / "damaged", bytes(data)))
    assert any(line.startswith("damaged: ") for line in lines)
    assert any(line.startswith("segment: ") for line in lines)
