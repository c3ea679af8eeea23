"""The loader against Linux itself: the same i386 program, loaded natively and by us."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from struct import unpack

import pytest

from run32.kernel import host
from run32.kernel.memory import Memory
from run32.kernel.task import Task
from run32.loader import Image, load

NORANDOM = 0x0040000
ARGV = [b"show", b"", b"argument two"]
ENV = [b"HOME=/nowhere", b"X=" + b"y" * 5000]
# What a 64-bit kernel adds for i386 and we do not have (yet): vDSO, rseq, minimal signal stack.
EXTRA = {32, 33, 51, 27, 28}


def build(folder: Path, name: str, *flags: str) -> Path:
    gcc = shutil.which("i686-linux-gnu-gcc")
    if gcc is None:
        pytest.skip("i686-linux-gnu-gcc missing: no comparison with native i386")
    source = Path(__file__).with_name("show_start.c")
    out = folder / name
    command = [gcc, "-O1", "-w", "-nostdlib", "-ffreestanding", "-fno-stack-protector"]
    subprocess.run([*command, *flags, "-o", out, source], check=True, timeout=60)
    return out


def run_native(path: Path) -> tuple[list[tuple[int, int, str]], int, bytes]:
    """Mappings, initial stack pointer and stack contents of a native run."""

    def prepare() -> None:
        host.syscall(host.NR["personality"], NORANDOM)

    try:
        done = subprocess.run(
            ARGV, executable=path, env=dict(e.split(b"=", 1) for e in ENV), capture_output=True,
            timeout=20, preexec_fn=prepare, check=True,
        )  # fmt: skip
    except OSError:
        pytest.skip("this kernel does not execute i386 programs")
    maps, _, rest = done.stdout.partition(b"--\n")
    areas = []
    for line in maps.decode().splitlines():
        fields = line.split()
        low, _, high = fields[0].partition("-")
        if not (len(fields) > 5 and fields[5].startswith("[v")):
            areas.append((int(low, 16), int(high, 16), fields[1][:3]))
    return areas, int.from_bytes(rest[:4], "little"), rest[4:]


def load_ours(path: Path) -> tuple[Task, Image]:
    task = Task("i386", Memory("i386"), {}, personality=NORANDOM)
    return task, load(task, os.fsencode(path), ARGV, ENV)


def auxv_of(words: tuple[int, ...]) -> list[tuple[int, int]]:
    """The auxiliary vector behind argv and envp."""
    at = 1 + words[0] + 1
    at = words.index(0, at) + 1
    return list(zip(words[at::2], words[at + 1 :: 2], strict=False))


KINDS = {
    "static": ("-static",),
    "high": ("-static", "-Wl,-Ttext-segment=0x40000000"),
    "static-pie": ("-static-pie", "-fPIE"),
    "execstack": ("-static", "-Wl,-z,execstack"),
    "interp": ("-pie", "-fPIE", "-Wl,-dynamic-linker,INTERP"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_same_start(tmp_path: Path, kind: str) -> None:
    flags = KINDS[kind]
    if kind == "interp":
        interp = build(tmp_path, "ld", "-static-pie", "-fPIE")
        flags = tuple(flag.replace("INTERP", str(interp)) for flag in flags)
    path = build(tmp_path, "show", *flags)
    native_areas, native_sp, native_stack = run_native(path)
    task, image = load_ours(path)
    mem = task.mem
    try:
        modes = ("---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx")
        ours = [(v.start, v.end, modes[v.prot]) for v in mem.vmas()]
        assert ours == native_areas
        top = native_sp + len(native_stack)
        assert mem.table.at(top - 1) is not None and top == 0xFFFFE000
        words = unpack(f"<{len(native_stack) // 4}I", native_stack[: len(native_stack) & ~3])
        native_aux = auxv_of(words)
        native_aux = native_aux[: native_aux.index((0, 0)) + 1]
        ours_aux = list(
            zip(*[iter(unpack(f"<{len(image.auxv) // 4}I", image.auxv))] * 2, strict=True)
        )
        kept = [pair for pair in native_aux if pair[0] not in EXTRA]
        assert [k for k, _ in ours_aux] == [k for k, _ in kept]
        assert {k: v for k, v in ours_aux if k not in (16, 26)} == {
            k: v for k, v in kept if k not in (16, 26)
        }
        size = 4 * (1 + len(ARGV) + 1 + len(ENV) + 1)
        at_random = dict(ours_aux)[25]
        assert native_sp == (at_random - size - 8 * len(native_aux)) & -16
        assert image.sp == (at_random - size - 8 * len(ours_aux)) & -16
        # from the platform name up, both stacks hold the same bytes
        same = dict(ours_aux)[15]
        assert mem.read(same, top - same) == native_stack[same - native_sp :]
        assert mem.read(image.sp, size) == native_stack[:size]
    finally:
        mem.close()
