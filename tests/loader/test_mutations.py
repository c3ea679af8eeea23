"""2,000 damaged ELF files: each is refused with ExecError or loaded, and nothing else happens."""

from __future__ import annotations

import os
import random
import resource
import time
from collections import Counter
from pathlib import Path

import pytest
from loader.elf_files import DYN, I386, program, write

from run32.kernel.memory import Memory
from run32.kernel.space import GUARD_HIGH, GUARD_LOW, SPACE
from run32.kernel.task import Task
from run32.loader import ExecError, load
from run32.loader.inspect import info

COUNT = 2000
EVIL = [0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFF, 0x1000, 0x1001, 0x7FFFFFFF, 0x80000000, 0xFFFFF000,
        0xFFFFFFFF, 0xFFFEF000, 0xFFFF0000]  # fmt: skip


def mutate(rng: random.Random, data: bytes) -> bytes:
    """Random damage, mostly where it hurts: in the headers."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        kind = rng.randrange(6)
        if kind == 0:
            out[rng.randrange(min(len(out), 256))] = rng.randrange(256)
        elif kind == 1:
            at = rng.randrange(6, 45) * 4
            out[at : at + 4] = rng.choice(EVIL).to_bytes(4, "little")
        elif kind == 2:
            at = 52 + 4 * rng.randrange(32)
            value = int.from_bytes(out[at : at + 4], "little") ^ 1 << rng.randrange(32)
            out[at : at + 4] = value.to_bytes(4, "little")
        elif kind == 3:
            at = rng.randrange(16, 52, 2)
            out[at : at + 2] = rng.randrange(1 << 16).to_bytes(2, "little")
        elif kind == 4:
            i, j = rng.randrange(3), rng.randrange(3)
            one, two = 52 + 32 * i, 52 + 32 * j
            out[one : one + 32], out[two : two + 32] = out[two : two + 32], out[one : one + 32]
        elif rng.random() < 0.2:
            del out[rng.randrange(1, len(out)) :]
            out += bytes(max(0, 160 - len(out))) if rng.random() < 0.5 else b""
        if len(out) < 160:
            break
    return bytes(out)


def resident() -> int:
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def assert_sound(mem: Memory) -> None:
    """The table is ordered, inside the space, and its totals are right."""
    at = total = 0
    for vma in mem.table:
        assert at <= vma.start < vma.end <= SPACE
        at = vma.end
        total += vma.end - vma.start
    assert total == mem.table.total


def assert_reserved(mem: Memory) -> None:
    at, end = mem.base - GUARD_LOW, mem.base + SPACE + GUARD_HIGH
    for line in Path("/proc/self/maps").read_text().splitlines():
        low, _, high = line.split()[0].partition("-")
        if int(low, 16) <= at < int(high, 16):
            at = int(high, 16)
    assert at >= end


@pytest.mark.parametrize("abi", ["arm", "i386"])
def test_damaged_files(tmp_path: Path, abi: str) -> None:
    machine = I386 if abi == "i386" else 40
    interp = write(tmp_path / "ld.so", program(kind=DYN, base=0, machine=machine))
    seeds = [
        program(machine=machine),
        program(kind=DYN, base=0, machine=machine, stack=None),
        program(kind=DYN, base=0, machine=machine, interp=interp),
    ]
    rng = random.Random(f"mutations {abi}")
    mem = Memory(abi, stack_limit=8 << 20, randomize=False)
    task = Task(abi, mem, {}, personality=0x40000)
    before, started, slowest = resident(), time.monotonic(), 0.0
    results: Counter[str] = Counter()
    path = tmp_path / "victim"
    open_files = set(os.listdir("/proc/self/fd"))
    for i in range(COUNT // 2):
        data = mutate(rng, seeds[i % 3])
        write(path, data)
        at = time.monotonic()
        try:
            load(task, os.fsencode(path), [b"victim", b"x"], [b"A=b"])
        except ExecError as error:
            assert error.errno > 0 and "\n" not in str(error) and str(error)
            results["late" if error.is_late else "refused"] += 1
        else:
            results["loaded"] += 1
        slowest = max(slowest, time.monotonic() - at)
        assert_sound(mem)
        if i % 10 == 0:
            try:
                info(path)
            except ExecError:
                results["no info"] += 1
    assert set(os.listdir("/proc/self/fd")) == open_files
    assert_reserved(mem)
    assert results["refused"] > 100 and results["loaded"] > 100, results
    assert resident() - before < 64 << 20
    mem.close()
    print(f"{abi}: {dict(results)} in {time.monotonic() - started:.1f} s, slowest {slowest:.3f} s")
