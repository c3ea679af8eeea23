"""UNPREDICTABLE words do the same in the interpreter as in the reference, and end nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("unicorn")  # the rules stand beside its tests

import states  # noqa: E402
from fuzz import cases, space  # noqa: E402
from native import NativeEngine  # noqa: E402
from oracle import DATA, DATA_SIZE, Cpu, Reference  # noqa: E402

from run32.isa.arm.all import ARM  # noqa: E402

MOST = 12  # words of a row


@pytest.fixture(scope="module")
def engines(engine: Path) -> Iterator[tuple[Reference, NativeEngine]]:
    unicorns = cases.load_rules()
    yield Reference(), NativeEngine(str(engine))
    cases.states.SKIP.update(unicorns)


@pytest.mark.parametrize("set_", ["a32", "t32", "t16"])
def test_all_do_the_same(set_: str, engines: tuple[Reference, NativeEngine]) -> None:
    rng, tried, width = Random(set_), Counter[str](), 16 if set_ == "t16" else 32
    choice = [e for e in ARM.encodings(set_) if e.row.name not in space.NOT_THERE]
    for _ in range(20_000):
        e = rng.choice(choice)
        word = e.pattern.value | rng.getrandbits(width) & ~e.pattern.mask
        if e.has_condition:
            word = word & 0x0FFFFFFF | 0xE0000000
        found = ARM.find(set_, word)
        if found is None or not states.is_skipped(found, word) or tried[found.row.name] == MOST:
            continue
        tried[found.row.name] += 1
        r = [DATA + DATA_SIZE // 2 + 64 * k for k in range(15)]
        d = [rng.getrandbits(64) for _ in range(32)]
        state = Cpu(r=r, thumb=set_ != "a32", d=d, vfp=True)
        expected, after = (engine.run(set_, word, state) for engine in engines)
        assert not list(expected.differences(after)), f"{found!r} {word:#x}"
    assert sum(tried.values()) > (500 if set_ != "t16" else 5)


LOAD = {
    0xE5B11004: "ldr r1, [r1, #4]!",
    0xE8B10006: "ldm r1!, {r1, r2}",
    0xE49F1004: "ldr r1, [pc], #4",
}


@pytest.mark.parametrize("word", LOAD, ids=LOAD.get)
def test_a_loaded_value_wins(word: int) -> None:
    state = Cpu(r=[DATA + 64] * 15)
    after = Reference().run("a32", word, state)
    assert after.outcome == "" and after.pc == state.pc + 4
    assert after.r[1] not in (DATA + 64, DATA + 68, DATA + 72)


def test_a_result_for_pc_is_dropped() -> None:
    state = Cpu(r=[7] * 15)
    assert Reference().run("a32", 0xE00F0291, state).pc == state.pc + 4  # mul pc, r1, r2
