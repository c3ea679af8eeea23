"""Guest memory against Linux itself: random memory calls, replayed by a native i386 program.

The program prints its memory map, the calls' results and the map afterwards; `Memory("i386")`
starts from the same map, makes the same calls and must give the same results and the same map.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from run32.kernel import host
from run32.kernel.memory import Memory, Vma
from run32.kernel.vma import ACCOUNT, SHARED, SPECIAL

PAGE = 4096
WINDOW = 0x20000000
FILE_FD, OUT_FD = 3, 4
Mapping = tuple[int, int, str, int, str]
Area = tuple[int, int, str]
Call = tuple[str, tuple[int, ...]]
NUMBERS = {
    "mmap": 192,
    "munmap": 91,
    "mprotect": 125,
    "mremap": 163,
    "madvise": 219,
    "mincore": 218,
    "msync": 144,
    "mlock": 150,
    "munlock": 151,
    "brk": 45,
    "poke": 180,
    "peek": 181,
}
NORANDOM = 0x0040000


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    gcc = shutil.which("i686-linux-gnu-gcc")
    if gcc is None:
        pytest.skip("i686-linux-gnu-gcc missing: no comparison with native i386")
    program = tmp_path_factory.mktemp("replay") / "mm_replay"
    source = Path(__file__).with_name("mm_replay.c")
    subprocess.run([gcc, "-O1", "-w", "-static", "-o", program, source], check=True, timeout=60)
    try:
        subprocess.run([program], stdin=subprocess.DEVNULL, check=True, timeout=10)
    except OSError:
        pytest.skip("this kernel does not execute i386 programs")
    return program


class Run:
    """One native run: initial map, results, final map."""

    def __init__(self, program: Path, calls: list[Call], file: Path, stack: int = 0) -> None:
        text = "".join(
            " ".join(f"{v & 0xFFFFFFFF:x}" for v in (NUMBERS[name], *args)) + "\n"
            for name, args in calls
        )

        def prepare() -> None:
            host.syscall(host.NR["personality"], NORANDOM)
            os.dup2(os.open(file, os.O_RDWR), FILE_FD + 10)
            os.dup2(os.open(file.with_suffix(".out"), os.O_RDWR | os.O_CREAT), OUT_FD + 10)
            os.dup2(FILE_FD + 10, FILE_FD)
            os.dup2(OUT_FD + 10, OUT_FD)
            os.closerange(5, 64)
            if stack:
                import resource

                resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))

        done = subprocess.run(
            [program], input=text, capture_output=True, text=True, timeout=30,
            preexec_fn=prepare, close_fds=False, check=True,
        )  # fmt: skip
        before, results, after, _ = done.stdout.split("--\n")
        self.before = list(parse_maps(before))
        self.results = [int(line, 16) for line in results.split()]
        self.after = list(parse_maps(after))


def parse_maps(text: str) -> Iterator[Mapping]:
    for line in text.splitlines():
        fields = line.split(None, 5)
        low, _, high = fields[0].partition("-")
        name = fields[5] if len(fields) > 5 else ""
        yield int(low, 16), int(high, 16), fields[1], int(fields[2], 16), name


def memory_like(maps: list[Mapping]) -> Memory:
    """A Memory with the mappings of a fresh native process."""
    mem = Memory("i386", randomize=False, mmap_min_addr=4096)
    for start, end, mode, offset, name in maps:
        prot = sum(bit for c, bit in (("r", 1), ("w", 2), ("x", 4)) if c in mode)
        if name == "[stack]":
            stack = mem.map_stack(PAGE, top=end)
            assert stack.start == start, "the initial stack is as large as Linux makes it"
            continue
        flags = SPECIAL if name.startswith("[v") else 0
        vma = Vma(start, end, prot, flags, path=b"" if name == "[heap]" else name.encode())
        if prot & 2:
            vma.flags |= ACCOUNT
        if name.startswith("/"):
            vma.ino, vma.offset = 1, offset
        assert mem._host_map(start, end - start, 3, 0x22) == 0
        mem.adopt(vma, apart=name == "[heap]")
        if name == "[heap]":
            mem.set_brk(start)
            mem.end_brk = end
    return mem


def calls_on(mem: Memory, fd: int, out: int) -> dict[str, Callable[..., int]]:
    # The host kernel cannot ask us to grow a MAP_GROWSDOWN mapping: `fault` comes first.
    def poke(_: int, addr: int, size: int, offset: int, __: int) -> int:
        mem.fault(addr)
        return host.syscall(host.NR["pread64"], fd, mem.host_ptr(addr, size), size, offset)

    def peek(_: int, addr: int, size: int, offset: int, __: int) -> int:
        mem.fault(addr)
        return host.syscall(host.NR["pwrite64"], out, mem.host_ptr(addr, size), size, offset)

    def mmap(addr: int, length: int, prot: int, flags: int, number: int, offset: int) -> int:
        number = fd if number == FILE_FD else -1
        return mem.mmap(addr, length, prot, flags, number, offset * PAGE)

    return {
        "mmap": mmap, "munmap": mem.munmap, "mprotect": mem.mprotect, "mremap": mem.mremap,
        "madvise": mem.madvise, "mincore": mem.mincore, "msync": mem.msync, "mlock": mem.mlock,
        "munlock": mem.munlock, "brk": mem.brk, "poke": poke, "peek": peek,
    }  # fmt: skip


def compare(program: Path, calls: list[Call], folder: Path, *, maps: bool = True) -> None:
    file = folder / "file"
    file.write_bytes(bytes(range(256)) * 16 * 16)
    native = Run(program, calls, file)
    assert len(native.results) == len(calls)
    wanted = file.with_suffix(".out").read_bytes()
    file.with_suffix(".out").unlink()
    file.write_bytes(bytes(range(256)) * 16 * 16)
    mem = memory_like(native.before)
    fd, out = os.open(file, os.O_RDWR), os.open(folder / "ours", os.O_RDWR | os.O_CREAT)
    try:
        table = calls_on(mem, fd, out)
        for i, (name, args) in enumerate(calls):
            result = table[name](*args) & 0xFFFFFFFF
            expected = native.results[i]
            shown = ", ".join(f"{a:#x}" for a in args)
            assert result == expected, (
                f"call {i}: {name}({shown}) = {result:#x}, Linux says {expected:#x}\n"
                + "\n".join(f"{n}({', '.join(hex(x) for x in a)})" for n, a in calls[: i + 1])
                + "\n" + "\n".join(map(str, mem.vmas()))
            )  # fmt: skip
        assert (folder / "ours").read_bytes() == wanted
        if not maps:
            return
        ours = our_maps(mem)
        theirs = [tuple(entry[:3]) for entry in native.after]
        assert ours == theirs, "\n".join(show_map_difference(ours, theirs))
    finally:
        os.close(fd)
        os.close(out)
        (folder / "ours").unlink()
        mem.close()


def show_map_difference(ours: list[Area], theirs: list[Area]) -> Iterator[str]:
    for who, entries, others in (("run32", ours, theirs), ("Linux", theirs, ours)):
        for start, end, mode in sorted(set(entries) - set(others)):
            yield f"only {who} has {start:08x}-{end:08x} {mode}"


def our_maps(mem: Memory) -> list[Area]:
    return [
        (
            v.start,
            v.end,
            "".join(c if v.prot & b else "-" for c, b in (("r", 1), ("w", 2), ("x", 4)))
            + ("s" if v.flags & SHARED else "p"),
        )
        for v in mem.vmas()
    ]


def some_range(rng: random.Random) -> tuple[int, int]:
    addr = WINDOW + rng.randrange(24) * PAGE
    length = rng.choice([1, 1, 2, 2, 3, 4, 6, 9]) * PAGE
    if rng.random() < 0.08:
        addr += rng.randrange(1, PAGE)
    if rng.random() < 0.15:
        length = rng.choice([0, 1, 100, PAGE + 1, 5 * PAGE - 1, 0xFFFFF000, 0xFFFFFFFF])
    return addr, length


def random_mmap(rng: random.Random) -> Call:
    addr, length = some_range(rng)
    flags = rng.choice([1, 2, 2, 2]) | rng.choice([0, 0x10, 0x10, 0x100000])
    if rng.random() < 0.04:
        flags = rng.randrange(16) | 0x20
    if rng.random() < 0.1:
        flags &= ~0x10
        addr = rng.choice([0, 0x1000, 0x8000, 0xFFFFD000, 0xFFFFE000, 0xFFFFF000, 0x10000])
    if rng.random() < 0.25:
        addr = 0
        flags &= 15
    fd, offset = -1, 0
    if rng.random() < 0.7 or flags & 15 > 2:
        flags |= 0x20
    else:
        fd, offset = FILE_FD, rng.randrange(16)
    if rng.random() < 0.05:
        flags |= rng.choice([0x40, 0x100, 0x4000, 0x20000])
    prot = rng.choice([0, 1, 3, 3, 3, 5, 7])
    return "mmap", (addr, length, prot, flags, fd, offset)


def random_mremap(rng: random.Random) -> Call:
    addr, length = some_range(rng)
    target, new = some_range(rng)
    flags = rng.choice([0, 1, 1, 1, 3, 3, 5, 7, 2, 8])
    if flags & 4 and rng.random() < 0.7:
        new = length
    # Since 6.17 a move without resizing may span several mappings: not compared here.
    if flags & 2 and new == length:
        length = new = PAGE
    return "mremap", (addr, length, new, flags, target)


def random_call(rng: random.Random, *, touching: bool) -> Call:
    addr, length = some_range(rng)
    kind: str = rng.choice(
        ["mmap"] * 6 + ["munmap"] * 3 + ["mprotect"] * 4 + ["mremap"] * 4
        + ["madvise", "msync", "brk", "mincore", "mlock"] + ["poke", "peek"] * 3 * touching
    )  # fmt: skip
    if kind == "mmap":
        return random_mmap(rng)
    if kind == "mremap":
        return random_mremap(rng)
    if kind == "mprotect":
        prot = rng.choice([0, 1, 3, 3, 5, 7, 2, 8, 0x10, 0x01000003, 0x02000003, 0x03000003])
        return kind, (addr, length, prot)
    if kind == "madvise":
        # Larger ranges would meet the native program's vDSO pages, which refuse some advice.
        length = min(length, 64 * PAGE)
        return kind, (addr, length, rng.choice([0, 1, 2, 3, 4, 14, 99, 4, 4]))
    if kind == "msync":
        return kind, (addr, length, rng.choice([1, 2, 4, 5, 6, 0, 8]))
    if kind == "mincore":
        return kind, (addr, min(length, 64 * PAGE), 0x100)
    if kind == "mlock":
        return rng.choice(["munlock", "mlock"]), (addr, length if length < 1 << 20 else PAGE)
    if kind == "munmap":
        return kind, (addr, length)
    if kind == "brk":
        return kind, (rng.choice([0, 0x20001000, 0x1F000000, 0x30000000]),)
    number = FILE_FD if kind == "poke" else OUT_FD
    return kind, (number, addr, rng.choice([1, 4, 100]), rng.randrange(PAGE), 0)


@pytest.mark.parametrize("seed", range(12))
def test_untouched_memory_like_linux(replay: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    # Locked pages are touched pages, and touched neighbours merge by other rules.
    calls = [random_call(rng, touching=False) for _ in range(150)]
    calls = [c for c in calls if c[0] not in ("mlock", "munlock")]
    compare(replay, calls, tmp_path)


@pytest.mark.parametrize("seed", range(100, 112))
def test_touched_memory_like_linux(replay: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    calls = [random_call(rng, touching=True) for _ in range(200)]
    compare(replay, calls, tmp_path, maps=False)


@pytest.mark.parametrize("stack", [1 << 20, 64 << 20, 512 << 20, 3 << 30])
def test_placement_follows_the_stack_limit(replay: Path, tmp_path: Path, stack: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    calls: list[Call] = [("mmap", (0, size, 3, 0x22, -1, 0)) for size in (PAGE, 3 << 20, PAGE)]
    native = Run(replay, calls, file, stack)
    mem = Memory("i386", randomize=False, stack_limit=stack, mmap_min_addr=4096)
    top = max(end for _, end, _, _, name in native.before if name.startswith("[v"))
    assert mem.layout.mmap_base == top
    for start, end, _, _, name in native.before:
        if name.startswith("[v"):
            mem.adopt(Vma(start, end, 1, SPECIAL))
    assert [mem.mmap(*args) for _, args in calls] == native.results
    mem.close()
