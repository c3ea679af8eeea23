"""What is measured: C workloads, real programs, start-ups; the rows of the tables and of the tests.

A C workload is `workloads/SOURCE.c`, takes its scale as the only argument and prints a result that
every way must agree on. It is built as Debian builds for armhf: Thumb-2, VFPv3-D16, no hardware
division; those of the `packed` groups with NEON. Rows of the group `a32` are the same sources built
for the other instruction set.
The full scale makes native code run for about 0.3 s, or qemu-arm for 1.3 s where that is less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

QUICK = 32
"""A quick scale is this part of a full one."""


@dataclass(frozen=True)
class Workload:
    """One row. Exactly one of `source` and `argv` says what runs."""

    name: str
    group: str
    full: int
    """The scale of a full run."""
    source: str = ""
    """Stem of a C file in `workloads/`; its only argument is the scale."""
    flags: tuple[str, ...] = ()
    """Compiler options of both builds."""
    arm_flags: tuple[str, ...] = ("-mthumb",)
    static: bool = True
    argv: tuple[str, ...] = ()
    """A program of the Debian root and its arguments. `{n}` is the scale, `{text}` the name of a
    file with that many KiB of text, `{text.gz}` (bz2, xz) of the same one compressed."""

    def scale(self, quick: bool) -> int:
        """How much one run is to do."""
        return max(1, self.full // QUICK) if quick else self.full


def c(name: str, group: str, full: int) -> Workload:
    """A C workload."""
    return Workload(name, group, full, name)


def single(workload: Workload) -> Workload:
    """The same in single precision."""
    return replace(workload, name=f"{workload.name}-single", flags=("-DSINGLE",))


def packed(name: str, kind: str, full: int) -> Workload:
    """A C workload on vectors of 128 bits."""
    options = ("-mthumb", "-mfpu=neon")
    return replace(c(f"packed-{name}", f"packed {kind}", full), arm_flags=options)


def a32(workload: Workload) -> Workload:
    """The same built for the other instruction set."""
    return replace(workload, name=f"{workload.name}-a32", group="a32", arm_flags=("-marm",))


THUMB = [
    c("sieve", "integer", 490),
    c("crc32", "integer", 2000),
    c("matmul", "integer", 640),
    c("nqueens", "integer", 3000),
    c("quicksort", "integer", 46),
    c("sha256", "integer", 1200000),
    c("bits", "integer", 73000000),
    c("heap", "integer", 890),
    c("lz", "integer", 780),
    c("fib", "calls", 2400),
    c("tak", "calls", 15000),
    c("pointers", "indirect", 18000000),
    c("virtual", "indirect", 38000),
    c("qsort", "indirect", 130),
    c("vm-switch", "switch", 88000),
    c("vm-goto", "switch", 95000),
    c("words", "string", 13000000),
    c("libc-strings", "string", 2300),
    c("format", "string", 200000),
    c("fixed", "int64", 64),
    c("mul64", "int64", 60000000),
    c("div32", "division", 3900000),
    c("div64", "division", 1600000),
    c("gcd", "division", 270000),
    c("nbody", "float", 1200000),
    c("mandel", "float", 180),
    c("spectral", "float", 7800),
    c("fft", "float", 3100),
    c("lu", "float", 4400),
    c("libm", "float", 930000),
    c("tree", "pointers", 4000000),
    c("lists", "pointers", 430),
    c("alloc", "malloc", 3100000),
    c("binary-trees", "malloc", 6800),
    c("atomics", "atomics", 13000000),
    c("atomics64", "atomics", 25000000),
    c("mutex", "atomics", 9700000),
    c("parallel", "threads", 80000),
    c("handover", "threads", 24000),
]  # fmt: skip

REAL = {"nbody", "mandel", "spectral", "fft", "lu"}
ALSO_A32 = set(
    "crc32 nqueens quicksort sha256 fib virtual vm-switch div32 div64 nbody atomics".split()
)

PACKED = [
    packed("fir", "float", 4000),
    packed("matmul", "float", 1000),
    packed("mandel", "float", 1500),
    packed("chacha", "integer", 1100000),
    packed("pixels", "integer", 38000),
    packed("mix", "integer", 90000),
]

WORKLOADS = [
    *THUMB,
    *PACKED,
    *(single(row) for row in THUMB if row.name in REAL),
    *(a32(row) for row in THUMB if row.name in ALSO_A32),
]

SQL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})
  SELECT count(*), sum(i % 7) FROM n;
CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT, value REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})
  INSERT INTO t SELECT i, printf('w%d', i * 7919 % 1009), i / 7.0 FROM n;
CREATE INDEX by_word ON t (word);
SELECT word, count(*), round(sum(value), 3) FROM t GROUP BY word ORDER BY 3 DESC LIMIT 5;
SELECT count(*) FROM t a JOIN t b ON a.word = b.word AND b.id < 500 WHERE a.value > 100;
UPDATE t SET word = upper(word) WHERE id % 3 = 0;
SELECT max(word), min(word), total(value) FROM t WHERE word LIKE '%1%';
"""


def program(name: str, group: str, full: int, *argv: str) -> Workload:
    """A program of the Debian root."""
    return Workload(name, group, full, argv=argv)


PROGRAMS = [
    program("python-objects", "interpreters", 110, "python3.11", "-I", "-S", "objects.py", "{n}"),
    program("python-data", "interpreters", 100, "python3.11", "-I", "-S", "data.py", "{n}"),
    program("python-float", "interpreters", 200, "python3.11", "-I", "-S", "floats.py", "{n}"),
    program("python-regex", "interpreters", 110, "python3.11", "-I", "-S", "regex.py", "{n}"),
    program("lua-objects", "interpreters", 150, "lua5.4", "objects.lua", "{n}"),
    program("lua-strings", "interpreters", 270, "lua5.4", "strings.lua", "{n}"),
    program("perl-hashes", "interpreters", 120, "perl", "hashes.pl", "{n}"),
    program("perl-regex", "interpreters", 350, "perl", "regex.pl", "{n}"),
    program("sqlite", "interpreters", 55000, "sqlite3", ":memory:", SQL),
    program("bash-loop", "interpreters", 95, "bash", "loop.sh", "{n}"),
    program("xz", "compressors", 900, "xz", "-T1", "-c", "{text}"),
    program("unxz", "compressors", 20000, "xz", "-T1", "-dc", "{text.xz}"),
    program("gzip", "compressors", 8000, "gzip", "-nc", "{text}"),
    program("gunzip", "compressors", 40000, "gzip", "-dc", "{text.gz}"),
    program("bzip2", "compressors", 5000, "bzip2", "-c", "{text}"),
    program("bunzip2", "compressors", 9000, "bzip2", "-dc", "{text.bz2}"),
    program("sha256sum", "tools", 64000, "sha256sum", "{text}"),
    program("sort", "tools", 20000, "sort", "--parallel=1", "{text}"),
]  # fmt: skip

STARTUP = [
    Workload("hello, static", "start-up", 1, "hello"),
    Workload("hello, dynamic", "start-up", 1, "hello", static=False),
    program("bash -c :", "start-up", 1, "bash", "-c", ":"),
    program("python3 -I -S -c pass", "start-up", 1, "python3.11", "-I", "-S", "-c", "pass"),
]

GROUPS = list(dict.fromkeys(row.group for row in WORKLOADS + PROGRAMS + STARTUP))
