"""The coverage page of the AArch32 instructions: rows, what was tested, what is UNPREDICTABLE.

Rows are the source of all but two things: what `tests/fuzz/space.py --keep` and
`tests/fuzz/run.py --keep` counted, in files of tabs beside them, and the architecture version
that an instruction came with, which is here.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from run32.isa.arm.all import ARM
from run32.spec.rows import Row

KEPT = Path(__file__).parents[3] / "tests" / "fuzz"
HOSTS = {"aarch64": "AArch64"}
SETS = ("a32", "t32", "t16")

# file of rows: what they are, version
# fmt: off
CLASSES = {
    "dataproc":      ("data processing", "v4"),
    "shifts":        ("shifts", "v4"),
    "moves":         ("moves", "v4"),
    "bitfield":      ("bit fields and bits", "v6T2"),
    "muldiv":        ("multiplication and division", "v4"),
    "dsp":           ("multiplication of halfwords", "v5TE"),
    "dual":          ("dual multiplication", "v6"),
    "extend":        ("extension", "v6"),
    "pack":          ("packing and selection", "v6"),
    "parallel":      ("parallel addition and subtraction", "v6"),
    "saturate":      ("saturation", "v6"),
    "crc":           ("check sums", "v8 FEAT_CRC32"),
    "branch":        ("branches", "v4"),
    "it":            ("IT blocks", "v6T2"),
    "loadstore":     ("loads and stores", "v4"),
    "loadstore_half": ("loads and stores of halfwords", "v4"),
    "multiple":      ("loads and stores of several registers", "v4"),
    "preload":       ("preloads", "v5TE"),
    "exclusive":     ("exclusive accesses", "v6K"),
    "acquire":       ("acquire and release", "v8"),
    "status":        ("status and system registers", "v4"),
    "system":        ("exceptions, barriers, hints", "v4"),
    "vfp_arith":     ("VFP: arithmetic", "VFPv2"),
    "vfp_convert":   ("VFP: conversion", "VFPv2"),
    "vfp_memory":    ("VFP: loads and stores", "VFPv2"),
    "vfp_move":      ("VFP: moves", "VFPv2"),
    "vfp_v8":        ("VFP: ARMv8", "v8"),
    "simd_arith":    ("Advanced SIMD: integers", "v7"),
    "simd_number":   ("Advanced SIMD: comparison, estimates", "v7"),
    "simd_float":    ("Advanced SIMD: floating point", "v7"),
    "simd_logic":    ("Advanced SIMD: logic", "v7"),
    "simd_shift":    ("Advanced SIMD: shifts", "v7"),
    "simd_long":     ("Advanced SIMD: long, wide, narrow", "v7"),
    "simd_memory":   ("Advanced SIMD: structures in memory", "v7"),
    "simd_permute":  ("Advanced SIMD: permutation, tables", "v7"),
    "simd_v8":       ("Advanced SIMD: ARMv8", "v8"),
    "simd_half":     ("Advanced SIMD: products of halves", "v8.2 FEAT_FHM"),
    "simd_crypto":   ("Advanced SIMD: ciphers and hashes", "v8 FEAT_AES, FEAT_SHA1, FEAT_SHA256"),
    "simd_dot":      ("Advanced SIMD: dot products", "v8.2 FEAT_DotProd"),
}
VERSIONS = {
    "v4T": "bx",
    "v5T": "blx blx_imm bkpt clz",
    "v5TE": "ldrd strd qadd qsub qdadd qdsub",
    "v6": "umaal rev rev16 revsh ldrex strex cp15_barrier",
    "v6K": "nop read_tpidruro read_tpidrurw write_tpidrurw",
    "v6T2": "orn movw movt mls cbz tbb",
    "v7": "barrier read_pmuserenr",
    "v7VE": "sdiv udiv",
    "VFPv3": "vmov_imm vcvt_to_fixed vcvt_from_fixed",
    "VFPv3 with half precision": "vcvt_from_f16 vcvt_to_f16",
    "VFPv4": "vfma vfms vfnma vfnms",
    "v8.1 FEAT_RDM": "vqrdmlah vqrdmlsh",
    "v8.2 FEAT_FP16": "vmovx vins vmov_half_from_core vmov_half_to_core",
    "v8 FEAT_SB": "sb",
    "v7 with half precision": "vcvt_f16_to_f32 vcvt_f32_to_f16",
    "v7 with fused multiplication": "vfma_f vfms_f",
}
# fmt: on
UNPREDICTABLE = [
    (
        "r15 where it must not be an operand; in T32 sp too",
        "r15 reads as pc with its usual offset, sp as itself; a result for r15 is dropped, but "
        "LDR, LDM and POP branch",
        "DDI 0487 K1.1; Cortex-A72 (Arm 100095, B.1.1)",
    ),
    ("pc as a base that is written back", "pc is the base and is not written", "DDI 0487 K1.1"),
    (
        "a base that is written back and transferred",
        "a loaded value wins; the old base is stored",
        "DDI 0487 K1.1",
    ),
    ("one register for both halves of a result", "the upper half wins", "DDI 0487 K1.1"),
    (
        "a status register that is an operand of STREX",
        "stores, then writes the status",
        "DDI 0487 K1.1",
    ),
    ("VTRN, VUZP, VZIP, VSWP of a register with itself", "the second result wins", "DDI 0487 K1.1"),
    (
        "VCVT with more fraction bits than the size has",
        "an UNKNOWN result",
        "DDI 0487 K1.1",
    ),
    (
        "a branch, CBZ, IT or BKPT inside an IT block",
        "executed if the condition holds",
        "DDI 0487 K1.1",
    ),
]
BY_ROW = {name: version for version, names in VERSIONS.items() for name in names.split()}


def file_of(row: Row) -> str:
    return row.where.rpartition("/")[2].partition(".")[0]


def version_of(row: Row) -> str:
    """The first version of the architecture that has an instruction."""
    return BY_ROW.get(row.name) or CLASSES[file_of(row)][1]


def kept(name: str) -> list[list[str]]:
    """The lines of a file of counts; none if it was never written."""
    path = KEPT / name
    return [line.split("\t") for line in path.read_text().splitlines()] if path.exists() else []


def _table(titles: str, rows: list[list[str]], right: str = "") -> list[str]:
    """A Markdown table; `right` has an x for each column of numbers."""
    rule = ["---:" if mark == "x" else "---" for mark in right.ljust(titles.count("|") + 1)]
    lines = [f"| {titles} |", "|" + "|".join(rule) + "|"]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def _number(n: int) -> str:
    return f"{n:,}"


def page() -> str:
    """The whole page."""
    lines = [
        "# AArch32 instructions",
        "",
        "Generated from the rows in `src/run32/isa/arm/`, and from what `make fuzz` counted "
        "(`tests/fuzz/*.txt`); do not edit.",
        "A *row* is an instruction; its *encodings* are bit patterns with all static operands "
        "fixed.",
        "",
        *_classes(),
        *_runs(),
        *_space(),
        *_rows(),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _tested() -> Counter[str]:
    return Counter({f[1]: int(f[2]) for f in kept("states.txt") if f[0] == "row"})


def _encodings(row: Row) -> list[int]:
    return [sum(e.set == s for e in row.encodings) for s in SETS]


def _classes() -> list[str]:
    tested, found = _tested(), []
    total = [0] * 5
    for file, (title, _) in CLASSES.items():
        mine = [r for r in ARM.rows.values() if file_of(r) == file]
        counts = [len(mine), *map(sum, zip(*map(_encodings, mine), strict=True))]
        counts.append(sum(tested[r.name] for r in mine))
        total = [a + b for a, b in zip(total, counts, strict=True)]
        found.append([title, *map(_number, counts)])
    found.append(["**all**", *map(_number, total)])
    titles = "class | rows | A32 encodings | T32 encodings | T16 encodings | random states"
    return ["## Classes", "", *_table(titles, found, " xxxxx")]


def _runs() -> list[str]:
    facts = kept("states.txt")
    if not facts:
        return []
    return [
        "## Random states",
        "",
        *_run(facts, ""),
        "A row without a count here is left out of random sequences (branches, exceptions, "
        "exclusive stores, system registers). Every row is tried in `tests/isa/`, with "
        "`RUN32_FUZZ_STATES` states, 30 if nothing is said.",
        "",
        *_hosts(),
    ]


def _hosts() -> list[str]:
    """Runs on emulated hosts of other kinds."""
    lines = []
    for path in sorted(KEPT.glob("states-*.txt")):
        host = path.stem.partition("-")[2]
        lines += [f"### On {HOSTS[host]} hosts", "", *_run(kept(path.name), f" --host {host}")]
    return lines


def _run(facts: list[list[str]], options: str) -> list[str]:
    """What one run has counted."""
    count = {f[1]: int(f[2]) for f in facts if f[0] == "count"}
    engines = [[f[1], _number(int(f[2]))] for f in facts if f[0] == "engine"]
    seed = next(f[2] for f in facts if f[0] == "seed")
    rows = sum(f[0] == "row" for f in facts)
    return [
        f"`python tests/fuzz/run.py --seed {seed}{options}`: single instructions and short "
        f"sequences of {rows} rows, each with many states. All results of the interpreter were "
        "compared with qemu-arm's, those of regions and of the reference with the interpreter's.",
        "",
        *_table("engine | states", engines, " x"),
        f"Differences: {count['differences']}. States that ended in a signal: "
        f"{_number(count['signals'])}. Cases not compared because an address met memory that each "
        f"engine uses for itself: {count['wild']}; because qemu-arm ended: {count['lost']}. "
        f"Cases that were translated: {_number(count['translated'])}; states in regions that need "
        f"not be exact at each access: {_number(count.get('fast', 0))}. A seed means the same "
        "cases as long as the rows are the same.",
        "",
    ]


def _space() -> list[str]:
    facts = kept("space.txt")
    if not facts:
        return []
    sets = [[f[1].upper(), *(_number(int(n)) for n in f[2:])] for f in facts if f[0] == "set"]
    names = [f[1].upper() for f in facts if f[0] == "set"]
    seed = next(f[1] for f in facts if f[0] == "seed")
    classes = [f[1:] for f in facts if f[0] == "class"]
    counted = " | ".join(names)
    here = [[n, ref, e, *map(_number, map(int, k))] for s, n, ref, e, *k in classes if s == "here"]
    qemu = [[n, ref, *map(_number, map(int, k))] for s, n, ref, _, *k in classes if s == "qemu"]
    return [
        "## Which words exist",
        "",
        f"`python tests/fuzz/space.py` (seed {seed}): does a word exist for run32 and for "
        "`qemu-arm -cpu max`? Every difference is in one of the two lists that follow. Of the "
        "65,536 halfwords those from 0xE800 on begin a T32 word; SVC is not executed.",
        "",
        *_table("set | words | exist | do not exist", sets, " xxx"),
        "### UNPREDICTABLE words that are executed",
        "",
        "qemu-arm calls them undefined. K1.1 of DDI 0487 allows several ways; run32 takes the one "
        "below. Where r15 is an operand that must not be r15, it reads as pc with the usual "
        "offset, as on a Cortex-A72 (Arm 100095, B.1.1).",
        "",
        *_table(f"class | manual | what run32 does | {counted}", here, "   xxx"),
        *_unpredictable(facts),
        "### Words that exist for qemu-arm only",
        "",
        *_table(f"class | manual | {counted}", qemu, "  xxx"),
    ]


def _unpredictable(facts: list[list[str]]) -> list[str]:
    found = []
    for _, file, *counts in (f for f in facts if f[0] == "words"):
        n, bad = map(int, counts)
        found.append([CLASSES[file][0], _number(n), _number(bad), f"{100 * bad / n:.1f} %"])
    return [
        "### UNPREDICTABLE words",
        "",
        "Words that exist here and are UNPREDICTABLE, most of them for qemu-arm too, which "
        "executes them; counted in a smaller sample. Interpreter, regions and reference do "
        "the same (`tests/fuzz/test_unpredictable.py`).",
        "",
        *_table("what is UNPREDICTABLE | what run32 does | as", [list(r) for r in UNPREDICTABLE]),
        *_table("class | words | UNPREDICTABLE | share", found, " xxx"),
    ]


def _rows() -> list[str]:
    tested, found = _tested(), []
    order = list(CLASSES)
    for row in sorted(ARM.rows.values(), key=lambda r: order.index(file_of(r))):
        sets = ", ".join(s.upper() for s, n in zip(SETS, _encodings(row), strict=True) if n)
        n = tested[row.name]
        title, states = CLASSES[file_of(row)][0], _number(n) if n else ""
        found.append([f"`{row.name.rstrip('_')}`", title, sets, version_of(row), row.ref, states])
    titles = "row | class | sets | since | manual | random states"
    return ["## Rows", "", *_table(titles, found, "     x")]
