"""Cases for the harness: short straight code of random instructions, and pools of nasty values.

A case is one to four instructions that do not branch, in a slot that ends in a jump back to the
harness. Words come from the rows' own patterns without what is UNPREDICTABLE (`isa/states.py`). The
harness makes the states: registers from the pools, addresses for those that instructions take as
bases.
"""

from __future__ import annotations

import importlib
import struct
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import states
from fuzz import batches
from oracle import code_bytes
from tools import fpvectors as fv

from run32.isa.arm.all import ARM
from run32.spec.bits import Bits
from run32.spec.rows import Encoding, Fields

CODE, DATA, DATA_SIZE, SLOT = 0x20000000, 0x60000000, 0x2000, 64
ROOM = 40  # bytes of code in a slot
ISA_TESTS = Path(__file__).parents[1] / "isa"
LEFT_OUT = frozenset(
    "it udf bkpt svc store_at_pc exception_return adr_pc msr msr_imm vmsr"
    " strex strexb strexh strexd stlex stlexb stlexh stlexd"
    " read_tpidrurw write_tpidrurw read_tpidruro read_cntvct read_cntfrq".split()
)
"""They end the case, keep state outside of it, or are tried elsewhere (`isa/`)."""
BRANCHES = ("alu_branch", "alu_pc_imm", "alu_pc_shift", "to_pc", "jump_const", "leave")
WRITTEN = ("rd", "rt", "rt2", "rdlo", "rdhi")
EXACT_BASE = ("/simd_memory", "/vfp_memory", "/dual", "/multiple", "/exclusive", "/acquire")
PAIRS = ("ldrd", "strd")
MEMORY = (*EXACT_BASE, "/loadstore", "/loadstore_half")


class Case(NamedTuple):
    """`rows` are the names of its instructions; `aimed` and `small` are sets of registers."""

    thumb: bool
    code: bytes
    rows: tuple[str, ...]
    floats: bool
    stores: bool
    aimed: int
    small: int
    even: bool
    skipped: bool = False
    """It is only there for others that read its code."""


def load_rules() -> dict[str, states.Skip]:
    """Import the tests that say which words are UNPREDICTABLE; the rules that are only Unicorn's,
    which do not hold until they are put back."""
    for file in sorted(ISA_TESTS.glob("test_*.py")):
        if "states.SKIP" in file.read_text() or "import COUNT, SKIP" in file.read_text():
            importlib.import_module(file.stem)
    names = {"vcvt_from_f16", "vcvt_to_f16"}  # Unicorn lacks their ARMv8 half
    return {name: states.SKIP.pop(name) for name in names & states.SKIP.keys()}


def is_in(e: Encoding, files: tuple[str, ...]) -> bool:
    return e.row.where.rpartition(".py:")[0].endswith(files)


def operands(e: Encoding, word: int, it: int) -> dict[str, int]:
    width = 16 if e.set == "t16" else 32
    f = Fields(e.pattern, Bits(width, word), Bits(32, CODE), Bits(1, it))
    return {k: int(v) for k, v in vars(e.operands(f)).items()}


def leaves(e: Encoding, o: dict[str, int]) -> bool:
    """Does it write pc?"""
    if o.get("wpc") or o.get("to_pc") or e.form.name in BRANCHES or is_in(e, ("/branch",)):
        return True
    return any(o.get(name) == 15 for name in WRITTEN) or o.get("list", 0) >> 15 == 1


def choices() -> dict[bool, list[list[Encoding]]]:
    """What cases are made of, by row, for ARM and for Thumb state."""
    found: dict[bool, list[list[Encoding]]] = {False: [], True: []}
    for row in ARM.rows.values():
        for thumb in (False, True):
            mine = [e for e in row.encodings if (e.set != "a32") == thumb]
            if mine and row.name not in LEFT_OUT and not is_in(mine[0], ("/branch",)):
                found[thumb].append(mine)
    return found


class Maker:
    """Makes cases from a seed."""

    def __init__(self, seed: str) -> None:
        self.rng = Random(seed)
        self.choices = choices()

    def instruction(self, thumb: bool, it: int) -> tuple[Encoding, int, dict[str, int]]:
        """A word, its encoding and operands."""
        rng = self.rng
        while True:
            e = rng.choice(rng.choice(self.choices[thumb]))
            if e.it not in (None, it) or it and e.row.name in states.OUTSIDE_IT:
                continue
            word = states.random_word(rng, e, it)
            if word is None:
                continue
            o = operands(e, word, it)
            # a misaligned pair is SIGBUS for qemu; an arm64 kernel puts it right
            if not leaves(e, o) and not (e.row.name in PAIRS and o.get("imm", 0) & 3):
                return e, word, o

    def case(self, most: int = 4) -> Case:
        """One case of at most `most` instructions; half of the cases have one."""
        rng = self.rng
        thumb = rng.random() < 0.5
        count = rng.randrange(1, most + 1) if rng.random() < 0.5 else 1
        code, rows, aimed, small = b"", [], 0, 0
        floats = stores = even = False
        written = 0
        while len(rows) < count:
            it = int(thumb and rng.random() < 0.2)
            e, word, o = self.instruction(thumb, it)
            if is_in(e, MEMORY) and (written >> o.get("rn", 15) | written >> o.get("rm", 15)) & 1:
                continue  # an address that nobody has aimed
            for name in (*WRITTEN, "rn", "ra", "rm"):
                written |= 1 << o.get(name, 15)
            written = (written | o.get("list", 0)) & 0x7FFF
            if it:
                code += code_bytes("t16", 0xBF08 | rng.randrange(15) << 4)
            code += code_bytes(e.set, word)
            rows.append(e.row.name)
            floats |= e.row.name.startswith(("v", "aes", "sha"))
            if is_in(e, MEMORY):
                stores |= e.row.name.startswith(("st", "vst"))
                even |= is_in(e, EXACT_BASE) or e.row.name in PAIRS
                aimed |= 1 << o.get("rn", 15)
                small |= 1 << o.get("rm", 15)
        return Case(thumb, code, tuple(rows), floats, stores, aimed, small & ~aimed, even)


# -- pools ----------------------------------------------------------------------------------------
ANY, FEW, DOUBLES, KINDS = 1024, 256, 512, 5


def pools(rng: Random) -> bytes:
    """What the harness takes values from; see `struct pools` in harness.c."""
    from test_simd import nasty, ordinary

    middle, edges = DATA + DATA_SIZE // 2, states.EDGES
    anything = [rng.getrandbits(32) if rng.random() < 0.5 else
                (rng.choice(edges) + rng.randrange(-1, 2)) & 0xFFFFFFFF
                for _ in range(ANY)]  # fmt: skip
    aimed = [middle + rng.randrange(-0x300, 0x300) for _ in range(FEW)]
    even = [middle + 32 * rng.randrange(-8, 8) for _ in range(FEW)]
    small = [rng.randrange(-64, 64) & 0xFFFFFFFF for _ in range(FEW)]
    flags = [rng.choice(fv.MODES) if rng.random() < 0.7 else 0 for _ in range(FEW)]
    fpscr = [m | rng.getrandbits(1) * fv.AHP | rng.getrandbits(4) << 28 |
             rng.getrandbits(1) << 27 | rng.getrandbits(8) & fv.FLAGS
             for m in flags]  # fmt: skip
    doubles = [
        [fv.random_float(rng, 64) for _ in range(DOUBLES)],
        [fv.random_float(rng, 32) << 32 | fv.random_float(rng, 32) for _ in range(DOUBLES)],
        [ordinary(rng) << 32 | ordinary(rng) for _ in range(DOUBLES)],
        [sum(fv.random_float(rng, 16) << i for i in (0, 16, 32, 48)) for _ in range(DOUBLES)],
        [nasty(rng) if rng.random() < 0.7 else fv.random_int(rng, 64) for _ in range(DOUBLES)],
    ]
    words = struct.pack(f"<{ANY + 4 * FEW}I", *anything, *aimed, *even, *small, *fpscr)
    return words + b"".join(struct.pack(f"<{DOUBLES}Q", *d) for d in doubles)


# -- batches --------------------------------------------------------------------------------------
def slot(case: Case, back: int) -> bytes:
    """The code of a case and the jump back."""
    code = case.code
    if case.thumb:
        code += code_bytes("t16", 0xBF00) * (len(code) % 4 // 2)
        code += code_bytes("t32", 0xF8DFF000)
    else:
        code += code_bytes("a32", 0xE51FF004)
    return (code + back.to_bytes(4, "little")).ljust(SLOT, b"\0")


def write(path: Path, cases: list[Case], back: int, pool: bytes, given: bytes = b"") -> None:
    """A batch of cases; `given` states (struct state in harness.c) replace those that are made."""
    code = b"".join(slot(c, back) for c in cases)
    code += b"\0" * (-len(code) % 4096)
    table = b"".join(
        struct.pack("<8I", c.thumb, c.floats, c.stores, c.aimed, c.small, c.even, c.skipped, 0)
        for c in cases
    )
    table_at = 4096 + len(code)
    pool_at = table_at + len(table)
    given_at = pool_at + len(pool) if given else 0
    head = struct.pack("<8I", batches.MAGIC, len(cases), 4096, len(code), table_at, given_at,
                       pool_at, len(pool))  # fmt: skip
    top = (batches.elf_header(4096, len(code)) + head).ljust(4096, b"\0")
    path.write_bytes(top + code + table + pool + given)


def places(cases: list[Case]) -> Iterator[int]:
    """Where the code of cases begins in the file, bit 0 set for Thumb."""
    for i, case in enumerate(cases):
        yield 4096 + SLOT * i | case.thumb
