"""Engines that execute batches of cases: sums of states, or the states themselves.

qemu-arm and run32 (interpreter, or regions made before) execute the harness; the reference
evaluator executes states that the harness has written down.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    here = Path(__file__).parents[1]
    sys.path[:0] = [str(here), str(here / "isa"), str(here / "fuzz")]

from fuzz import batches, cases
from fuzz.cases import CODE, DATA, DATA_SIZE, SLOT, Case

from run32.isa.arm.all import ARM
from run32.spec import reference

STATE = struct.Struct("<18I32Q")
RECORD = struct.Struct(f"<6I{STATE.size}s{STATE.size}s{DATA_SIZE}s")
FLAGS = 0xF80F0000
SIGSEGV = 11


class State(NamedTuple):
    """`struct state` of the harness."""

    r: tuple[int, ...]
    cpsr: int
    fpscr: int
    d: tuple[int, ...]

    @classmethod
    def unpack(cls, raw: bytes) -> State:
        v = STATE.unpack(raw)
        return cls(v[:15], v[16] & FLAGS, v[17], v[18:])

    def pack(self) -> bytes:
        return STATE.pack(*self.r, 0, self.cpsr, self.fpscr, *self.d)


class Record(NamedTuple):
    """One state, before and after."""

    number: int
    k: int
    signo: int
    pc: int
    before: State
    after: State
    data: bytes

    def differences(self, other: Record, floats: bool, stores: bool) -> list[str]:
        """What is not equal; after a signal only which one it is and where."""
        if (self.signo, self.pc) != (other.signo, other.pc):
            return [f"signal {self.signo} at {self.pc:#x}, {other.signo} at {other.pc:#x}"]
        if self.signo:
            return []
        a, b = self.after, other.after
        found = [
            f"r{i} {x:#x} {y:#x}" for i, (x, y) in enumerate(zip(a.r, b.r, strict=True)) if x != y
        ]
        if a.cpsr != b.cpsr:
            found.append(f"cpsr {a.cpsr:#x} {b.cpsr:#x}")
        if floats and a.fpscr != b.fpscr:
            found.append(f"fpscr {a.fpscr:#x} {b.fpscr:#x}")
        if floats:
            pairs = enumerate(zip(a.d, b.d, strict=True))
            found += [f"d{i} {x:#018x} {y:#018x}" for i, (x, y) in pairs if x != y]
        if stores and self.data != other.data:
            found.append("memory")
        return found


class HarnessEngine:
    """The harness under some emulator."""

    def __init__(self, name: str, runner: tuple[str, ...], **environment: str) -> None:
        self.name = name
        self.runner = runner
        self.environment = environment
        self.calm: tuple[str, ...] = ()
        self.errors: list[str] = []
        """What it said when cases ended it."""

    def prepare(self, batch: Path, made: list[Case]) -> None:
        """What is to be done once for a batch: nothing."""

    def sums(self, batch: Path, seed: int, states: int, most: int) -> list[bytes]:
        """For each of `most` cases a sum over its states and how many ended in a signal.

        A case that ends the engine has no sum.
        """
        out = batch.with_suffix(f".{self.name}")
        found: list[bytes] = []
        while len(found) < most:
            out.write_bytes(b"")
            options = (str(seed), str(states), str(len(found)), "0", *self.calm)
            try:
                batches.run(self.runner, "states", str(batch), str(out), *options,
                            **self.environment)  # fmt: skip
            except RuntimeError as error:
                self.errors.append(str(error))
            raw = out.read_bytes()
            found += [raw[i : i + 12] for i in range(0, len(raw) - 11, 12)]
            if len(found) < most:
                found.append(b"")
        out.unlink()
        return found

    def records(
        self, batch: Path, seed: int, states: int, first: int = 0, count: int = 1 << 30
    ) -> Iterator[Record]:
        """All states of some cases."""
        out = batch.with_suffix(f".{self.name}")
        out.write_bytes(b"")
        batches.run(self.runner, "states", str(batch), str(out), str(seed), str(states), str(first),
                    str(count), **self.environment)  # fmt: skip
        with out.open("rb") as file:
            while raw := file.read(RECORD.size):
                number, k, signo, pc, _, _, before, after, data = RECORD.unpack(raw)
                yield Record(number, k, signo, pc, State.unpack(before), State.unpack(after), data)
        out.unlink()


class Host(NamedTuple):
    """A machine that run32 runs on: how, and where its engines are."""

    runner: tuple[str, ...]
    environment: dict[str, str]
    machine: str = ""
    """Its name where it is not this one."""

    def engine(self) -> Path:
        """The ARM engine, which is built if it is missing."""
        if self.machine:
            from tools import arm64_user

            arm64_user.build_engines()
            code = "import os, run32.codegen.store as s; "
            code += "print(s.find(os.environ['RUN32_CACHE'], 'arm'))"
            return Path(self.python("-c", code).strip())
        from tools.guests import ENGINE_CACHE

        from run32.codegen import build

        return Path(build.build(str(ENGINE_CACHE), "arm"))

    def python(self, *arguments: str) -> str:
        """What Python there prints."""
        from tools import arm64_user

        command = [*arm64_user.python(), *arguments]
        env = {**os.environ, **self.environment}
        return subprocess.run(
            command, env=env, check=True, stdout=subprocess.PIPE, text=True
        ).stdout


HERE = Host(batches.RUN32, {})


def aarch64() -> Host:
    """An emulated AArch64 host. Requires: `arm64_user.ensure()` said ""."""
    from tools import arm64_user

    return Host(arm64_user.run32_command(), arm64_user.environment(), "aarch64")


class Regions(HarnessEngine):
    """run32 with all cases of a batch translated before."""

    def __init__(self, cache: Path, engine: Path, host: Host = HERE) -> None:
        environment = {
            **host.environment,
            "RUN32_CACHE": str(cache),
            "RUN32_TIERS": "mixed",
            "RUN32_TRANSLATOR_IDLE": "1",
        }
        super().__init__("regions", host.runner, **environment)
        self.cache = cache
        self.engine = engine
        self.host = host
        self.translated = 0

    @classmethod
    def in_cache(cls, folder: Path, host: Host = HERE) -> Regions:
        """With regions below `folder`, and the engine that is there already."""
        engine = host.engine()
        (folder / "engine").symlink_to(engine.parent)
        return cls(folder, engine, host)

    def prepare(self, batch: Path, made: list[Case]) -> None:
        """Translate the cases; with exact state at each access if the harness has handlers.

        LLVM runs here, whatever the host.
        """
        from run32.cli.compile import Target
        from run32.codegen.worker import Job, translate

        target = Target(str(batch), [])
        mode = "fast" if self.calm else "exact"
        todo, results = list(cases.places(made)), []
        while todo:
            job = Job("", todo, mode, str(self.engine))
            job.path, job.fields = target.path, target.fields
            result = translate(job, self.host.machine)
            results.append((todo[: len(todo) - len(result.left)], result))
            todo = result.left
        if self.host.machine:
            kept = batch.with_suffix(".results")
            kept.write_bytes(pickle.dumps((str(batch), mode, results)))
            arguments = (str(kept), str(self.cache), str(self.engine))
            self.translated += int(self.host.python(__file__, *arguments))
            kept.unlink()
        else:
            self.translated += install(str(batch), mode, results, self.cache, self.engine)


def install(batch: str, mode: str, results: list[Any], cache: Path, engine: Path) -> int:
    """Put regions into the cache of this host; the size of the code."""
    from run32.cli.compile import Target, stamp_of
    from run32.codegen import regionfile
    from run32.codegen.regionfiles import Files

    stamp = stamp_of(str(engine))
    directory = f"{regionfile.top(str(cache))}/{stamp}"
    for sub in ("id", "code"):
        os.makedirs(os.path.join(directory, sub), 0o700, exist_ok=True)
    files = Files(directory, stamp, str(engine))
    target = Target(batch, [])
    key = files.key(target.path, target.fields, b"", mode)
    size = sum(files.add(key, tried, result) for tried, result in results)
    files.index()
    return size


def noise() -> bytes:
    """What the data window holds before a case."""
    x, words = 12345, []
    for _ in range(DATA_SIZE // 4):
        x = x * 1664525 + 1013904223 & 0xFFFFFFFF
        words.append(x)
    return struct.pack(f"<{len(words)}I", *words)


class Windows:
    """Memory of the reference: the code of a batch and the data window."""

    def __init__(self, code: bytes, data: bytes) -> None:
        self.code = code
        self.data = bytearray(data)

    def read(self, address: int, size: int) -> bytes:
        for base, window in ((CODE, self.code), (DATA, self.data)):
            if base <= address and address + size <= base + len(window):
                return bytes(window[address - base : address - base + size])
        raise reference.MemoryFault(address)

    def write(self, address: int, data: bytes) -> None:
        if not DATA <= address <= DATA + DATA_SIZE - len(data):
            raise reference.MemoryFault(address)
        self.data[address - DATA : address - DATA + len(data)] = data


def evaluate(code: bytes, noise: bytes, case: Case, record: Record) -> Record:
    """What the reference evaluator makes of a record's first state."""
    memory = Windows(code, noise)
    m = reference.RefMachine(memory)
    before, start = record.before, CODE + SLOT * record.number
    m.r[:15] = before.r
    m.address, m.thumb = start, case.thumb
    n, z, c, v = (before.cpsr >> i & 1 for i in (31, 30, 29, 28))
    m.fields |= {"n": n << 31, "z": 1 - z, "c": c, "v": v}
    m.fields |= {"q": before.cpsr >> 27 & 1, "ge": before.cpsr >> 16 & 15, "fpscr": before.fpscr}
    m.d[:] = before.d
    end, leave = start + len(case.code), None
    while leave is None and start <= m.address < end:
        leave = reference.step(m, ARM)
    f = m.fields
    nzcv = f["n"] >> 31 << 3 | (f["z"] == 0) << 2 | f["c"] << 1 | f["v"]
    after = State(
        tuple(m.r[:15]), nzcv << 28 | f["q"] << 27 | f["ge"] << 16, f["fpscr"], tuple(m.d)
    )
    signo, pc = (SIGSEGV, m.address) if leave is not None else (0, 0)
    return Record(record.number, record.k, signo, pc, before, after, bytes(memory.data))


if __name__ == "__main__":
    print(install(*pickle.loads(Path(sys.argv[1]).read_bytes()), *map(Path, sys.argv[2:])))
