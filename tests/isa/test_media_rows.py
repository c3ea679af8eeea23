"""Multiply, divide, DSP, bit field, extension, saturation and parallel rows against Unicorn.

What is left out is UNPREDICTABLE in DDI 0406C: pc as an operand, fields that end before they begin.
"""

from __future__ import annotations

from random import Random

import pytest
import states
from oracle import Cpu, Reference, Tally, UnicornEngine
from states import COUNT, SKIP, fields, uses_pc

from run32.isa.arm.all import ARM
from run32.spec.rows import Encoding, Row

ROWS = states.rows_in("muldiv", "dsp", "dual", "bitfield", "extend", "pack", "saturate", "parallel")
HALVES = (0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x7F80, 0x807F, 0xFF00, 0x00FF, 0x8080, 0x7F7F)


def _field(e: Encoding, word: int) -> bool:
    f = fields(e, word)
    lsb = f["imm3"] << 2 | f["imm2"] if e.set == "t32" else f["lsb"]
    ends_early = f["msb"] < lsb if "msb" in f else lsb + f["wm1"] > 31
    return uses_pc(e, word) or ends_early


def _saturate16(e: Encoding, word: int) -> bool:
    """Bit 4 of the T32 encoding should be zero; qemu takes it as part of the width."""
    return uses_pc(e, word) or e.set == "t32" and word & 16 != 0


SKIP |= {row.name: uses_pc for row in ROWS}
SKIP |= {name: _field for name in ("bfc", "bfi", "sbfx", "ubfx")}
SKIP |= {name: _saturate16 for name in ("ssat16", "usat16")}


@pytest.fixture(scope="module")
def engines() -> tuple[UnicornEngine, Reference]:
    pytest.importorskip("unicorn")
    return UnicornEngine(), Reference()


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_reference_agrees_with_unicorn(row: Row, engines: tuple[UnicornEngine, Reference]) -> None:
    tally, rng = Tally(), Random(row.name)
    for e, word, state in states.cases(row, max(COUNT, 2 * len(row.encodings))):
        if rng.random() < 0.3:
            state.r[:] = [rng.choice(HALVES) << 16 | rng.choice(HALVES) for _ in state.r]
        tally.add(e, word, state, *(engine.run(e.set, word, state) for engine in engines))
    assert not tally.differences, "\n".join(tally.differences[:5])
    assert tally.states > COUNT // 2


# rd = r0, rn = r1, rm = r2, ra = r3: result and Q by hand
# fmt: off
BY_HAND = [
    ("sdiv",          0xE710F211, (0x80000000, 0xFFFFFFFF, 0), 0x80000000, 0),
    ("sdiv by zero",  0xE710F211, (0x80000000, 0, 0),          0,          0),
    ("udiv by zero",  0xE730F211, (5, 0, 0),                   0,          0),
    ("smuad",         0xE700F211, (0x80008000, 0x80008000, 0), 0x80000000, 1),
    # the sum of three is exact: it fits, although the sum of the products alone does not
    ("smlad",         0xE7003211, (0x80008000, 0x80008000, 0xFFFFFFFF), 0x7FFFFFFF, 0),
    ("qdadd",         0xE1420051, (0, 0x40000000, 0),          0x7FFFFFFF, 1),
    ("bfi 31..31",    0xE7DF0F91, (1, 0, 0),                   0x80000000, 0),
    ("pkhtb asr 32",  0xE6810052, (0x12340000, 0x80000000, 0), 0x1234FFFF, 0),
    ("ssat asr 32",   0xE6A00051, (0x80000000, 0, 0),          0xFFFFFFFF, 0),
]
# fmt: on


@pytest.mark.parametrize(("name", "word", "inputs", "result", "q"), BY_HAND, ids=lambda v: str(v))
def test_by_hand(name: str, word: int, inputs: tuple[int, int, int], result: int, q: int) -> None:
    after = Reference().run("a32", word, Cpu(r=[0, *inputs, *[0] * 11]))
    assert (after.outcome, after.r[0], after.q) == ("", result, q), name


def test_every_parallel_row_is_there() -> None:
    names = {p + o for p in ("s", "q", "sh", "u", "uq", "uh") for o in PARALLEL}
    assert names <= ARM.rows.keys() and len({ARM.rows[n].ref for n in names}) == 36


PARALLEL = ("add16", "asx", "sax", "sub16", "add8", "sub8")
