"""Words exist here exactly when they do for qemu-arm `-cpu max`, but for reasons on record."""

from __future__ import annotations

import time
from array import array
from pathlib import Path
from random import Random

import pytest
from fuzz import batches, space, space_reasons
from tools.guests import has_qemu_arm

from run32.isa.arm.all import ARM

pytestmark = pytest.mark.skipif(not has_qemu_arm(), reason="no qemu-arm: apt-get install qemu-user")


@pytest.fixture(scope="module")
def finder() -> space.Finder:
    return space.Finder()


@pytest.mark.parametrize("set_", ["t16", "t32", "a32"])
def test_words_exist_on_both_sides(
    set_: str, finder: space.Finder, arm_gcc: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    until = time.monotonic() + request.config.getoption("--fuzz-seconds")
    seed, found = 0, 0
    while seed == 0 or time.monotonic() < until:
        result = space.sample(set_, 60_000, seed, tmp_path, finder)
        assert not result.unknown, [f"{set_} {d.word:#x} {d.ours}" for d in result.unknown[:20]]
        assert result.both > 20_000 and result.neither > 500
        found += sum(result.reasons.values())
        seed += 1
    assert found  # a run that finds nothing compares nothing


def test_the_finder_is_the_rows_decoder(finder: space.Finder) -> None:
    rng = Random(5)
    for set_, width in (("a32", 32), ("t32", 32), ("t16", 16)):
        words = array("I", (rng.getrandbits(width) for _ in range(3000)))
        rows = [ARM.find(set_, w) for w in words]
        expected = [e is not None and e.row.name not in space.NOT_THERE for e in rows]
        assert finder.find(set_, words) == bytes(expected)


def test_linux_knows_its_breakpoint_under_any_condition(finder: space.Finder) -> None:
    assert finder.find("a32", array("I", [0xE7F001F0, 0xF7F001F0, 0xF7F001F1])) == b"\1\1\0"


def test_the_harness_sees_what_exists(arm_gcc: str, tmp_path: Path) -> None:
    known = {
        "a32": {0xE0800001: 0, 0xE7F000F0: 4, 0xEAFFFFFE: 0, 0xE5900000: 0, 0xE12FFF1E: 0},
        "t16": {0xDE00: 4, 0xE7FE: 0, 0xBF18: 0, 0x4770: 0, 0x1840: 0, 0xB710: 4},
        "t32": {0xF7F0A001: 4, 0xF3AF8000: 0, 0xF7FFFFFE: 0, 0xE8900000: 4, 0xF8D00000: 0},
    }
    for set_, words in known.items():
        found = batches.verdicts(set_, array("I", words), tmp_path)
        exists = [v & 63 == space.SIGILL for v in found]
        assert exists == [v == space.SIGILL for v in words.values()], (set_, found)


@pytest.mark.parametrize("set_", ["t16", "t32", "a32"])
def test_programs_see_the_same(
    set_: str, finder: space.Finder, engine: Path, arm_gcc: str, tmp_path: Path
) -> None:
    """The native decoder, and SIGILL with ILL_ILLOPC for every word that does not exist."""
    words = array("I")
    for chunk in space.words_of(set_, 20_000, 1):
        words += chunk
    found = batches.verdicts(set_, words, tmp_path, batches.RUN32)
    pairs = zip(words, found, finder.find(set_, words), strict=True)
    assert [hex(w) for w, v, exists in pairs if (v == space.SIGILL) == exists] == []
    assert space.SIGILL + 64 not in found


@pytest.mark.parametrize(("word", "ours"), [(0xE0800001, True), (0xE0800001, False)])
def test_a_word_without_reason_is_noticed(word: int, ours: bool) -> None:
    assert space_reasons.reason(space.Difference("a32", word, ours)) is None
