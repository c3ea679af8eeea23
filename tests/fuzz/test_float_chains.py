"""Vectors of floats in regions: chains, loops, joins and moves of operations that are looked at
together agree with the interpreter, with what is denormal, NaN, infinite or zero in any lane."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from random import Random

import pytest
from graphs import BASE, COUNTER, Maker, start_state
from oracle import Cpu, Reference, code_bytes
from states import COUNT
from test_blocks import all_differences
from translated import MODES, TranslatedEngine

RUNS = 12
FLOATS = (0xF2000D40, 0xF2200D40, 0xF3000D50, 0xF2000D50, 0xF2200D50, 0xF2000C50, 0xF2200C50)
"""VADD, VSUB, VMUL, VMLA, VMLS, VFMA, VFMS of quadwords."""
OTHERS = (
    0xF2200150, 0xF2000150, 0xF3000150,  # VORR, VAND, VEOR
    0xF3200D40, 0xF3200E40, 0xF2000F40,  # VABD, VCGT, VMAX
    0xF3A00940, 0xF3A00140,  # VMUL, VMLA by a scalar
    0xF2200840,  # VADD.I32
)  # fmt: skip
HALVES = (0xF2000D00, 0xF3000D10, 0xF3000D00, 0xF2000D10)  # VADD, VMUL, VPADD, VMLA of doublewords
SCALARS = (0xEE300A00, 0xEE200A00, 0xEEB00A40)  # VADD, VMUL, VMOV of s registers
NASTY = (
    0, 1, 0x7FFFFF, 0x400000, 0x800000, 0x800001, 0x1F7FFFFF, 0x1F800000, 0x1F800001, 0x20000000,
    0x1FFFFFFF, 0x20000001, 0x21800000, 0x30000000, 0x2FFFFFFF, 0x3F800000, 0x40490FDB, 0x33800000,
    0x5F800000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000, 0x7FA00000, 0x7F800001, 0x7FFFFFFF, 0x00FFFFFF,
)  # fmt: skip
EXACT = (0, 0x800000, 0x800001, 0xC00000, 0x1000000, 0x1800000, 0x3F800000, 0x40400000)
"""Their sums are denormal or exact for the most part."""
REGISTERS = (0, 1, 2, 8, 9, 15)


def quad(n: int, at: int, high: int) -> int:
    """The field of a quadword register, whose highest bit lies elsewhere."""
    return (2 * n & 15) << at | (2 * n >> 4) << high


def base_register(rng: Random) -> tuple[int, list[int]]:
    """A base register, and what makes it one: ADD r12, r8, #4 or nothing."""
    return (12, [0xE288C004]) if rng.random() < 0.3 else (BASE, [])


class ChainMaker(Maker):
    """Makes functions of vector operations."""

    def __init__(self, rng: Random, thumb: bool) -> None:
        super().__init__(rng, thumb, True)
        self.registers = list(REGISTERS)
        self.kinds = len(FLOATS)

    def instruction(self, in_it: int = 0) -> bytes:
        """One instruction, or the parts of a vector that is loaded then."""
        if not in_it and self.rng.random() < 0.06:
            return self.parts()
        return self.code(self.word())

    def parts(self) -> bytes:
        """Stores of words and a load of four, perhaps with something else among them."""
        rng, (base, move) = self.rng, base_register(self.rng)
        words = [0xE5800000 | base << 16 | rng.randrange(7) << 12 | 4 * i for i in range(4)]
        rng.shuffle(words)
        other = (0xE5880000, 0xE5980004, 0xE5880006, self.word())
        if rng.random() < 0.5:
            words.insert(rng.randrange(5), rng.choice(other))
        if rng.random() < 0.1:
            del words[rng.randrange(4)]
        load = 0xF4200A8F | quad(rng.choice(self.registers), 12, 22) | base << 16
        return b"".join(self.code(word) for word in (*move, *words, load))

    def code(self, word: int) -> bytes:
        """An instruction of ARM code as this code has it."""
        if not self.thumb:
            return code_bytes("a32", word)
        if word >> 20 in (0xE58, 0xE59):
            return code_bytes("t32", (0xF8C, 0xF8D)[word >> 20 & 1] << 20 | word & 0xFFFFF)
        if word >> 20 == 0xE28:
            return code_bytes("t32", 0xF1080C04)
        if word >> 25 == 0xF2 >> 1:
            return code_bytes("t32", 0xEF000000 | (word >> 24 & 1) << 28 | word & 0xFFFFFF)
        if word >> 24 == 0xF4:
            word = 0xF9000000 | word & 0xFFFFFF
        return code_bytes("t32", word)

    def word(self) -> int:
        """An instruction, as ARM code has it."""
        rng, kind = self.rng, self.rng.random()
        d, n, m = (rng.choice(self.registers) for _ in range(3))
        three = quad(d, 12, 22) | quad(n, 16, 7) | quad(m, 0, 5)
        if kind < 0.6:
            return rng.choice(FLOATS[: self.kinds]) | three
        if kind < 0.72:
            word = rng.choice(OTHERS)
            if word >> 20 == 0xF3A:
                three = (
                    quad(d, 12, 22) | quad(n, 16, 7) | rng.randrange(16) | rng.getrandbits(1) << 5
                )
            return word | three
        if kind < 0.76:
            return rng.choice(HALVES) | three | rng.choice((0, 1 << 12, 1 << 16, 1))
        if kind < 0.8:
            return rng.choice(SCALARS) | (three & 0xF000F) | rng.randrange(4) << 12
        if kind < 0.84:
            return 0xF2800050 | quad(d, 12, 22) | rng.choice((0, 0, 1)) << 0  # VMOV.I32
        if kind < 0.9:
            compare = rng.choice((0xEEB40A40, 0xEEB40AC0)) | (three & 0x40F02F)
            return rng.choice((compare, 0xEEF1FA10))  # VCMP, VCMPE, VMRS APSR_nzcv
        if kind < 0.97:
            store = rng.choice((0xF4200A8F, 0xF4000A8F))
            return store | quad(d, 12, 22) | BASE << 16
        return 0xEEF10A10 | rng.choice((0, 5)) << 12  # VMRS

    def begin(self) -> Cpu:
        """A state to begin with."""
        rng = self.rng
        state = start_state(rng, self.thumb, True)
        state.r[COUNTER] = (1 << rng.randrange(1, 5)) - 1
        nasty = rng.choice((0, 0.02, 0.02, 0.1, 0.5))
        zeros = rng.choice((0, 0, 0.2))
        mild = rng.choice((4, 4, 40))
        exact = rng.random() < 0.3

        def lane() -> int:
            sign = rng.getrandbits(1) << 31
            if rng.random() < nasty:
                return sign | rng.choice(NASTY)
            if rng.random() < zeros:
                return sign
            if exact:
                return sign | rng.choice(EXACT)
            return sign | (127 + rng.randrange(-mild, mild)) << 23 | rng.getrandbits(23)

        state.d = [lane() | lane() << 32 for _ in range(32)]
        data = struct.pack(f"<{len(state.data) // 4}I", *(lane() for _ in state.data[::4]))
        state.data = data
        unusual = rng.choice((1 << 22, 1 << 24, 3 << 22)) if rng.random() < 0.1 else 0
        state.fpscr = rng.choice((0, 0, 0, 0x10, 0x9F)) | unusual
        return state


@pytest.fixture(scope="module", params=[True, False], ids=["this-cpu", "any-cpu"])
def translated(engine: Path, request: pytest.FixtureRequest) -> TranslatedEngine:
    return TranslatedEngine(str(engine), this_cpu=request.param)


@pytest.mark.parametrize("thumb", [False, True], ids=["arm", "thumb"])
def test_chains(thumb: bool, translated: TranslatedEngine, request: pytest.FixtureRequest) -> None:
    rng = Random(f"{thumb} {request.config.getoption('--fuzz-seed')}")
    maker = ChainMaker(rng, thumb)
    until = time.monotonic() + request.config.getoption("--fuzz-seconds")
    made = 0
    while made < COUNT or time.monotonic() < until:
        maker.kinds = rng.choice((2, 3, len(FLOATS), len(FLOATS)))
        maker.registers = rng.sample(REGISTERS, rng.randrange(2, 7))
        code, places = maker.function()
        made += 1
        mode = rng.choice(("fast", *MODES))
        starts = [0, *rng.sample(places, rng.randrange(min(3, len(places))))]
        translated.prepare(thumb, code, starts, limit=600, mode=mode, biased=True)
        for _ in range(RUNS):
            state = maker.begin()
            found = translated.run_function(code, state, regions=True)
            expected = translated.run_function(code, state, regions=False)
            different = all_differences(expected, found)
            assert not different, f"{code.hex()} {mode} {starts}: {different}\n{state!r} {state.d}"


def test_interpreter(engine: Path) -> None:
    """Without branches the reference says the same."""
    rng = Random(1)
    maker = ChainMaker(rng, False)
    regions, reference = TranslatedEngine(str(engine), this_cpu=True), Reference()
    for _ in range(COUNT // 4):
        code = b"".join(maker.instruction() for _ in range(rng.randrange(2, 12)))
        state = maker.begin()
        different = all_differences(
            reference.run_code("a32", code, state), regions.run_code("a32", code, state)
        )
        assert not different, f"{code.hex()} {different}\n{state!r} {state.d}"
