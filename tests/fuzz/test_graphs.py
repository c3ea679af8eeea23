"""Regions of several blocks agree with the interpreter: random functions with loops and calls.

Each function is translated once, from random entries, with a random limit on what is translated
together, with exact state at accesses or without, for one address or position-independent, and run
from several states. Where an access faults, code without exact state is not compared.
"""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from graphs import Maker, start_state
from states import COUNT
from test_blocks import all_differences
from translated import MODES, TranslatedEngine

RUNS = 6
LIMITS = (8, 30, 600)


@pytest.fixture(scope="module")
def translated(engine: Path) -> TranslatedEngine:
    return TranslatedEngine(str(engine))


@pytest.mark.parametrize("vfp", [False, True], ids=["integer", "vfp"])
@pytest.mark.parametrize("thumb", [False, True], ids=["arm", "thumb"])
def test_functions(
    thumb: bool, vfp: bool, translated: TranslatedEngine, request: pytest.FixtureRequest
) -> None:
    seed = request.config.getoption("--fuzz-seed")
    rng = Random(f"{thumb} {vfp} {seed}")
    maker = Maker(rng, thumb, vfp)
    seconds = request.config.getoption("--fuzz-seconds")
    until, blocks, left = time.monotonic() + seconds, 0, 0
    while blocks < COUNT or time.monotonic() < until:
        code, places = maker.function()
        mode, biased = rng.choice(("fast", *MODES)), rng.random() < 0.7
        starts = [0, *rng.sample(places, rng.randrange(min(3, len(places))))]
        limit = rng.choice(LIMITS)
        translated.prepare(thumb, code, starts, limit=limit, mode=mode, biased=biased)
        blocks += len(places)
        for _ in range(RUNS):
            state = start_state(rng, thumb, vfp)
            found = translated.run_function(code, state, regions=True)
            expected = translated.run_function(code, state, regions=False)
            if expected.outcome != "syscall":
                left += 1
                if mode == "fast":
                    continue
            different = all_differences(expected, found)
            how = f"mode={mode} biased={biased} limit={limit} starts={starts}"
            assert not different, (
                f"{code.hex()} {how}: {different}\n{state!r}\n{expected!r}\n{found!r}"
            )
    assert left < blocks * RUNS // 8
