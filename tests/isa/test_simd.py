"""Advanced SIMD rows: the reference evaluator agrees with Unicorn, saturation and faults included.

RUN32_FUZZ_STATES says how many random instructions and states each row gets.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("unicorn")

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tools")]

import fpvectors as fv  # noqa: E402
import states  # noqa: E402
from oracle import DATA, DATA_SIZE, Cpu, Reference, Tally, UnicornEngine  # noqa: E402

from run32.isa.arm.all import ARM  # noqa: E402
from run32.spec.rows import Encoding, Row  # noqa: E402

V8_FILES = ("/simd_v8", "/simd_crypto", "/simd_dot", "/simd_half")
ROWS = [
    row
    for row in ARM.rows.values()
    if "/simd" in row.where and not any(f in row.where for f in V8_FILES)
]
QC = 1 << 27
FLOAT_FILES = ("/simd_float", "/simd_number", "/simd_v8", "/simd_half")
NASTY = (0, 1, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x7FFF, 0x8000, 0x8001, 0xFFFF)
NASTY += (0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0x40000000, 0xC0000000)
NASTY += (0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF)


def cases(row: Row) -> int:
    """How many states: every encoding is met."""
    return max(states.COUNT, len(row.encodings))


# -- what is UNPREDICTABLE ------------------------------------------------------------------------
def _memory(e: Encoding, word: int) -> bool:
    """pc as base; registers past d31."""
    f, statics = states.fields(e, word), dict(zip(e.form.static, e.static, strict=True))
    count, step = statics["count"], statics["step"]
    if e.form.name == "simd_multiple":
        last = step - 1 if count == 1 else (count - 1) * step + statics["twice"]
    else:
        last = (count - 1) * step or (e.form.name == "simd_all" and step - 1)
    return f["rn"] == 15 or (f["d"] << 4 | f["vd"]) + last > 31


def _table(e: Encoding, word: int) -> bool:
    f = states.fields(e, word)
    return (f["n"] << 4 | f["vn"]) + (word >> 8 & 3) > 31


def _same(e: Encoding, word: int) -> bool:
    f = states.fields(e, word)
    return (f["d"], f["vd"]) == (f["m"], f["vm"])


for _row in ROWS:
    if _row.where.rpartition(":")[0].endswith("/simd_memory.py"):
        states.SKIP[_row.name] = _memory
states.SKIP |= dict.fromkeys(("vtbl", "vtbx"), _table)
states.SKIP |= dict.fromkeys(("vtrn", "vuzp", "vzip", "vswp"), _same)
states.SKIP |= dict.fromkeys(
    ("vdup_core", "vmov_element_from_core", "vmov_element_to_core"), states.uses_pc
)


# -- states ---------------------------------------------------------------------------------------
def nasty(rng: Random) -> int:
    """64 bits of awkward lanes."""
    lane = rng.choice((8, 16, 32, 64))
    kind, value = rng.randrange(3), 0
    for i in range(0, 64, lane):
        if kind == 0:
            part = rng.getrandbits(lane)
        elif kind == 1:
            part = rng.choice(NASTY)
        else:
            part = rng.randrange(-70, 70)
        value |= (part & (1 << lane) - 1) << i
    return value


def ordinary(rng: Random) -> int:
    """A single-precision number that host arithmetic is used for, often one with few digits."""
    exponent = rng.randrange(100, 160) if rng.random() < 0.5 else rng.randrange(126, 132)
    fraction = rng.getrandbits(23) & rng.choice((-1, 0x7F0000, 0))
    return 0 if rng.random() < 0.05 else rng.getrandbits(1) << 31 | exponent << 23 | fraction


def with_simd(rng: Random, e: Encoding, state: Cpu) -> Cpu:
    """The state with awkward registers, FPSCR, and addresses that are aligned."""
    is_float = any(f in e.row.where for f in FLOAT_FILES)
    kind = rng.random() if is_float else 1
    if is_float and states.is_half(e) and kind < 0.9:
        d = [sum(fv.random_float(rng, 16) << 16 * i for i in range(4)) for _ in range(32)]
    elif kind < 0.4:
        d = [ordinary(rng) << 32 | ordinary(rng) for _ in range(32)]
    elif kind < 0.8:
        d = [fv.random_float(rng, 32) << 32 | fv.random_float(rng, 32) for _ in range(32)]
    else:
        d = [nasty(rng) for _ in range(32)]
    r = state.r
    if "/simd_memory" in e.row.where:
        middle = DATA + DATA_SIZE // 2
        r = [middle + 32 * rng.randrange(-8, 8) if rng.random() < 0.7 else v & ~31 for v in r]
    modes = 0 if kind < 0.3 else rng.choice(fv.MODES)
    fpscr = modes | rng.getrandbits(4) << 28 | rng.getrandbits(1) * QC
    if states.is_half(e):
        fpscr |= rng.getrandbits(1) * fv.FZ16
    return replace(state, d=d, r=r, fpscr=fpscr | rng.getrandbits(8) & fv.FLAGS, vfp=True)


@pytest.fixture(scope="module")
def unicorn_engine() -> UnicornEngine:
    return UnicornEngine()


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_unicorn_agrees(row: Row, unicorn_engine: UnicornEngine) -> None:
    rng = Random(row.name)
    reference, tally = Reference(), Tally()
    for e, word, plain in states.cases(row, cases(row), half=False):
        state = with_simd(rng, e, plain)
        expected = unicorn_engine.run(e.set, word, state)
        tally.add(e, word, state, expected, reference.run(e.set, word, state))
    assert tally.states >= cases(row)
    assert not tally.differences, "\n".join(tally.differences[:5])


# -- what the random words leave out --------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "multiple"),
    [
        (0xF420071F, 8),  # vld1.8 {d0}, [r0:64]
        (0xF4200A2F, 16),  # vld1.8 {d0, d1}, [r0:128]
        (0xF400023F, 32),  # vst1.8 {d0-d3}, [r0:256]
        (0xF4A0041F, 2),  # vld1.16 {d0[0]}, [r0:16]
        (0xF4A0083F, 4),  # vld1.32 {d0[0]}, [r0:32]
        (0xF4A00F1F, 4),  # vld4.8 {d0[]-d3[]}, [r0:32]
        (0xF420070F, 1),  # vld1.8 {d0}, [r0]
        (0xF420000F, 1),  # vld4.8 {d0-d3}, [r0]
    ],
)
def test_alignment(word: int, multiple: int) -> None:
    for offset in range(1, 64):
        state = Cpu(r=[DATA + offset] * 15, vfp=True)
        outcome = Reference().run("a32", word, state).outcome
        assert outcome == ("alignment" if offset % multiple else "")


@pytest.mark.parametrize(
    "word",
    [
        0xF2001840,  # vadd.i8 with an odd register as q
        0xF2010840,
        0xF2000841,
        0xF2300900,  # vmla.i64
        0xF3100910,  # vmul.p16
        0xF2000B00,  # vqdmulh.s8
        0xF2000A40,  # vpmax on quadwords
        0xF3B800C2,  # vrev32.32, on quadwords
        0xF2B00800,  # vext of doublewords, from byte 8 on
        0xF3800F30,  # immediate with cmode 1111 and op
        0xF42000CF,  # vld4 of doublewords
        0xF420073F,  # vld1 of one register, aligned to 32 bytes
        0xF4A00CDF,  # vld1 to all lanes, size 3
    ],
)
def test_undefined(word: int) -> None:
    a32, t32 = word, word
    if word >> 25 == 0b1111001:
        t32 = word & 0x00FFFFFF | 0xEF000000 | (word >> 24 & 1) << 28
    else:
        t32 = word & 0x00FFFFFF | 0xF9000000
    assert ARM.decode("a32", a32, 0) is None and ARM.decode("t32", t32, 0) is None
