"""The ways a workload runs: native code, qemu-arm, and run32 in each of its tiers.

| way | what runs |
|---|---|
| `native` | this machine's own build of the same source, or its own program of the same name |
| `qemu-arm` | the ARM program |
| `interpreter` | the ARM program under run32, never translated |
| `cold` | under run32 with a cache that holds the engine and nothing else |
| `warm` | under run32 with a cache that earlier runs of the same command filled |
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import string
import tempfile
from pathlib import Path

from guest.inputs import numbers, words
from tools.build import compile_c
from tools.guests import ENGINE_CACHE, environment, library_environment, run32_command

from bench.catalog import Workload

HERE = Path(__file__).resolve().parent
LETTERS = string.ascii_lowercase.encode()
COMMON = ("-O2", "-w", "-fno-tree-vectorize", "-ffp-contract=off")
ARM_FLAGS = ("-march=armv7-a", "-mfpu=vfpv3-d16")
WAYS = ("native", "qemu-arm", "interpreter", "cold", "warm")
RUN32 = WAYS[2:]
TIERS = {"interpreter": "interp", "cold": "mixed", "warm": "mixed"}
HOST_PATH = "/usr/local/bin:/usr/bin:/bin"
PACK = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


class Missing(Exception):
    """Why a way cannot run a workload on this machine."""


class Place:
    """A directory to run in: scripts, input files, caches. Requires: compilers for C workloads."""

    def __init__(self, directory: Path, root: Path | str) -> None:
        self.work = directory / "work"
        self.caches = directory / "caches"
        self.root = root
        """The Debian armhf root, or why there is none."""
        for path in (self.work, self.caches):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(HERE / "programs", self.work)
        self.caches.mkdir()

    def need_root(self) -> Path:
        """The Debian root. Raises `Missing`."""
        if isinstance(self.root, str):
            raise Missing(self.root)
        return self.root

    def text(self, kib: int, suffix: str) -> str:
        """Name of a file of `kib` KiB of words, compressed if `suffix` says so."""
        name = f"text-{kib}{suffix}"
        path = self.work / name
        if not path.exists():
            plain = self.work / f"text-{kib}"
            if not plain.exists():
                plain.write_bytes(prose(kib * 1024))
            if suffix:
                path.write_bytes(PACK[suffix](plain.read_bytes()))
        return name

    def arguments(self, workload: Workload, quick: bool) -> list[str]:
        """The program and its arguments, as every way sees them."""
        n = workload.scale(quick)
        found = []
        for argument in workload.argv:
            if argument.startswith("{text"):
                argument = self.text(n, argument[5:-1])
            found.append(argument.replace("{n}", str(n)))
        return found

    def command(self, way: str, workload: Workload, quick: bool) -> list[str]:
        """The command of one way. Raises `Missing`."""
        if workload.source:
            program = self.compiled(way, workload)
            arguments = [str(workload.scale(quick))]
            if way == "native":
                return [str(program), *arguments]
            root = self.need_root() if not workload.static else None
            if way == "qemu-arm":
                return ["qemu-arm", *(["-L", str(root)] if root else []), str(program), *arguments]
            option = ["--rootfs", str(root)] if root else []
            return [*run32_command(), *option, "--", str(program), *arguments]
        argv = self.arguments(workload, quick)
        if way == "native":
            program_path = shutil.which(argv[0], path=HOST_PATH)
            if program_path is None:
                raise Missing(f"{argv[0]} is not installed on this machine")
            return [program_path, *argv[1:]]
        armhf = self.need_root()
        if way == "qemu-arm":
            path = next(p for d in ("usr/bin", "bin") if (p := armhf / d / argv[0]).exists())
            return ["qemu-arm", "-L", str(armhf), "-0", argv[0], str(path), *argv[1:]]
        return [*run32_command(), "--rootfs", str(armhf), "--", *argv]

    def compiled(self, way: str, workload: Workload) -> Path:
        """The program of a C workload for one way."""
        source = HERE / "workloads" / f"{workload.source}.c"
        flags = (*COMMON, *(["-static"] if workload.static else []), *workload.flags)
        if way == "native":
            return compile_c(source, *flags, compiler="gcc")
        return compile_c(source, *flags, *ARM_FLAGS, *workload.arm_flags)

    def environment(self, way: str, workload: Workload, cache: Path | None) -> dict[str, str]:
        """The same for all ways, but for what one of them needs."""
        env = environment(Path("/nonexistent"))
        if way in RUN32:
            assert cache is not None
            env |= {"RUN32_CACHE": str(cache), "RUN32_TIERS": TIERS[way]}
        elif way == "qemu-arm" and workload.argv:
            env |= library_environment(self.need_root())
        return env

    def new_cache(self) -> Path:
        """A fresh cache that holds the engine, built if need be, and nothing else."""
        from run32.codegen import build

        build.build(str(ENGINE_CACHE), "arm")
        path = Path(tempfile.mkdtemp(prefix="cache-", dir=self.caches))
        shutil.copytree(ENGINE_CACHE / "engine", path / "engine", symlinks=True)
        return path


def translations(cache: Path) -> int:
    """Bytes in a cache beside the engine: translated code."""
    return sum(
        path.stat().st_size
        for path in cache.rglob("*")
        if path.is_file() and path.relative_to(cache).parts[0] != "engine"
    )


def prose(size: int) -> bytes:
    """Lines of words, often and seldom ones, some with a number. After 4 MiB the same comes in
    other letters, which no compressor knows again."""
    vocabulary = words(3000, seed=5)
    values = numbers(11)
    lines = []
    total = 0
    while total < min(size, 4 << 20):
        picks = (next(values) for _ in range(4 + next(values) % 9))
        line = " ".join(vocabulary[r % 3000 * (r >> 12) % 3000 * (r % 7) // 7] for r in picks)
        lines.append(f"{line} {next(values) % 100000}\n" if total % 3 else f"{line}\n")
        total += len(lines[-1])
    text = "".join(lines).encode()
    parts = []
    for i in range(size // len(text) + 1):
        turn = i % len(LETTERS)
        parts.append(text.translate(bytes.maketrans(LETTERS, LETTERS[turn:] + LETTERS[:turn])))
    return b"".join(parts)[:size]
