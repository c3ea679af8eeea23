"""Loads, stores, multiples, exclusives: the reference agrees with Unicorn, faults change nothing.

What is left out is UNPREDICTABLE (or UNKNOWN results) in DDI 0406C; each rule says which.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import states
from native import NativeEngine
from oracle import (
    DATA,
    DATA_SIZE,
    HERE,
    NOISE,
    Cpu,
    Engine,
    Reference,
    Tally,
    UnicornEngine,
    code_bytes,
)
from states import COUNT, SKIP

from run32.isa.arm.all import ARM
from run32.spec.bits import Bits
from run32.spec.rows import Encoding, Fields, Row

SINGLE = states.rows_in("loadstore", "loadstore_half")
MULTIPLE = states.rows_in("multiple")
LOAD_EXCLUSIVE = [ARM.rows[name] for name in ("ldrex", "ldrexb", "ldrexh", "ldrexd")]


def operands(e: Encoding, word: int) -> dict[str, int]:
    """The operands of a word as plain numbers."""
    width = 16 if e.set == "t16" else 32
    found = e.operands(Fields(e.pattern, Bits(width, word), Bits(32, HERE), Bits(1, 0)))
    return {k: int(v) for k, v in vars(found).items()}


# -- what is left out -----------------------------------------------------------------------------
def _single(e: Encoding, word: int) -> bool:
    o = operands(e, word)
    base, first, second = (o.get(name) for name in ("rn", "rt", "rt2"))
    if o.get("rm") == 15 or second == 15:
        return True
    if o.get("mode") and base in (15, first, second):
        return True  # write-back to pc or to a transferred register
    if e.row.name == "ldrd" and (first == second or o.get("rm") in (first, second)):
        return True
    return first == 15 and e.row.name not in ("ldr", "str_")


def _multiple(e: Encoding, word: int) -> bool:
    o = operands(e, word)
    listed, base = o["list"], o["rn"]
    if base == 15 or listed.bit_count() < (2 if e.set == "t32" else 1):
        return True
    if not o["w"] or not listed >> base & 1:
        return False
    if e.row.name == "ldm":
        return e.set != "t16"  # there the base is not written back
    return e.set == "t32" or listed & ((1 << base) - 1) != 0  # the base is not stored first


def _exclusive(e: Encoding, word: int) -> bool:
    o = operands(e, word)
    moved = [o[n] for n in ("rt", "rt2") if n in o]
    if e.set == "t32" and 13 in moved:
        return True
    return 15 in (o["rn"], *moved) or len({*moved}) < len(moved)


def _preload(e: Encoding, word: int) -> bool:
    """T32 byte and halfword loads to pc that are no hints."""
    f = states.fields(e, word)
    return "p" in f and (f["p"], f["u"], f["w"]) != (1, 0, 0)


SKIP["preload"] = _preload
SKIP |= {row.name: _single for row in SINGLE}
SKIP |= {row.name: _multiple for row in MULTIPLE}
SKIP |= {row.name: _exclusive for row in LOAD_EXCLUSIVE}


def aimed(rng: Random, e: Encoding, word: int, state: Cpu) -> Cpu:
    """The state, mostly with a base in the data window and a small index."""
    o = operands(e, word)
    if "rm" in o and o["rm"] < 15 and rng.random() < 0.8:
        state.r[o["rm"]] = rng.randrange(-64, 64) & 0xFFFFFFFF
    if o.get("rn", 15) < 15 and rng.random() < 0.9:
        step = rng.choice((1, 4, 8))
        state.r[o["rn"]] = DATA + DATA_SIZE // 2 + rng.randrange(-0x200, 0x200) * step
    return state


# -- against Unicorn ------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def engines() -> tuple[UnicornEngine, Reference]:
    pytest.importorskip("unicorn")
    return UnicornEngine(), Reference()


@pytest.mark.parametrize("row", SINGLE + MULTIPLE + LOAD_EXCLUSIVE, ids=lambda r: r.name)
def test_reference_agrees_with_unicorn(row: Row, engines: tuple[UnicornEngine, Reference]) -> None:
    tally, rng = Tally(), Random(row.name)
    for e, word, state in states.cases(row, max(COUNT, 2 * len(row.encodings))):
        state = aimed(rng, e, word, state)
        expected, found = (engine.run(e.set, word, state) for engine in engines)
        tally.add(e, word, state, expected, found)
        if found.outcome == "fault" and row not in MULTIPLE:
            assert (found.r, found.data) == (state.r, state.data), f"{e!r} {word:#x}"
        elif found.outcome == "fault":
            assert found.r == state.r, f"{e!r} {word:#x}"
    assert not tally.differences, "\n".join(tally.differences[:5])
    assert tally.outcomes.get("", 0) > tally.states // 4


# -- decoding that no oracle shows ----------------------------------------------------------------
UNDEFINED = [
    ("a32", 0xE1001090, "swp r1, r0, [r0]: only emulated where configured"),
    ("a32", 0xE1401090, "swpb r1, r0, [r0]"),
    ("a32", 0xE8DD8000, "ldm sp, {pc}^"),
    ("a32", 0xE8CD0001, "stm sp, {r0}^"),
    ("a32", 0xE1C010D0, "ldrd with an odd register"),
    ("t32", 0xF8CF0000, "str r0, [pc, #0]"),
    ("t32", 0xF80F0C01, "strb r0, [pc, #-1]"),
    ("t32", 0xF85100FF, "ldr with P = 0, W = 0, no register form"),
]


@pytest.mark.parametrize(("set_", "word", "text"), UNDEFINED, ids=lambda v: str(v))
def test_undefined(set_: str, word: int, text: str) -> None:
    state = Cpu(r=[DATA] * 15, thumb=set_ != "a32")
    assert Reference().run(set_, word, state).outcome == "undefined", text


HINTS = [
    ("a32", 0xF5D1F000, "pld [r1]"),
    ("a32", 0xF791F002, "pldw [r1, r2]"),
    ("a32", 0xF45FF004, "pli [pc, #-4]"),
    ("t32", 0xF891F000, "pld [r1]"),
    ("t32", 0xF991FFFF, "pli [r1, #4095]"),
    ("t32", 0xF831FC04, "pldw [r1, #-4]"),
    ("t32", 0xF81FF008, "pld [pc, #-8]"),
    ("t32", 0xF911F022, "pli [r1, r2, lsl #2]"),
]


@pytest.mark.parametrize(("set_", "word", "text"), HINTS, ids=lambda v: str(v))
def test_preloads_do_nothing(set_: str, word: int, text: str) -> None:
    state = Cpu(r=[1] * 15, thumb=set_ != "a32")
    after = Reference().run(set_, word, state)
    assert (after.outcome, after.r, after.pc) == ("", state.r, state.pc + 4), text


# -- exclusives -----------------------------------------------------------------------------------
LDREX, STREX = 0xE1910F9F, 0xE1813F92  # r0 = [r1]; [r1] = r2, status in r3
LDREXB, STREXB = 0xE1D10F9F, 0xE1C13F92
LDREXH, STREXH = 0xE1F10F9F, 0xE1E13F92
LDREXD, STREXD = 0xE1B14F9F, 0xE1A13F94  # r4, r5
CLREX, STR, ADD, NOP = 0xF57FF01F, 0xE5812000, 0xE2811008, 0xE320F000
PROGRAMS = {
    "word": ([LDREX, STREX], 0),
    "byte": ([LDREXB, STREXB], 0),
    "halfword": ([LDREXH, STREXH], 0),
    "doubleword": ([LDREXD, STREXD], 0),
    "closed": ([STREX, NOP], 1),
    "cleared": ([LDREX, CLREX, STREX], 1),
    "other address": ([LDREX, ADD, STREX], 1),
    "second store": ([LDREX, STREX, STREX], 1),
    "changed between": ([LDREX, STR, STREX], 1),
}


def run_program(engine: Engine, words: list[int], r: list[int]) -> Cpu:
    """The state after an A32 program that starts with a closed monitor."""
    return engine.run_code("a32", code_bytes("a32", CLREX, *words), Cpu(r=r))


@pytest.mark.parametrize("name", PROGRAMS)
def test_monitor(name: str, engines: tuple[UnicornEngine, Reference]) -> None:
    words, status = PROGRAMS[name]
    rng = Random(name)
    for _ in range(max(4, COUNT // 10)):
        r = [rng.getrandbits(32) for _ in range(15)]
        r[1] = DATA + 8 * rng.randrange(DATA_SIZE // 8 - 1)
        expected, found = (run_program(engine, words, r) for engine in engines)
        assert not list(expected.differences(found))
        assert found.r[3] == status


def test_monitor_natively(engine: Path) -> None:
    engines = Reference(), NativeEngine(str(engine))
    rng = Random(7)
    for name, (words, status) in PROGRAMS.items():
        r = [rng.getrandbits(32) for _ in range(15)]
        r[1] = DATA + 8 * rng.randrange(DATA_SIZE // 8 - 1)
        expected, found = (run_program(e, words, r) for e in engines)
        assert not list(expected.differences(found)), name
        assert found.r[3] == status, name


def test_monitor_knows_its_size() -> None:
    """Unicorn does not check this; the manual makes the result UNPREDICTABLE, we fail."""
    after = run_program(Reference(), [LDREX, STREXB], [0, DATA, 1, *[0] * 12])
    assert after.r[3] == 1 and after.data == NOISE


@pytest.mark.parametrize("word", [LDREX, STREX, LDREXH, STREXH, LDREXD, STREXD], ids=hex)
def test_unaligned_exclusive_is_an_alignment_fault(word: int) -> None:
    state = Cpu(r=[DATA + 1] * 15)
    after = Reference().run("a32", word, state)
    assert (after.outcome, after.r) == ("alignment", state.r)
