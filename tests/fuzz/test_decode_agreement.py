"""Random words decode for us exactly when they do for Unicorn, but for the reasons on record."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("unicorn")

from fuzz import decode_agreement as da


@pytest.mark.parametrize("set_", ["a32", "t32", "t16"])
def test_words_exist_on_both_sides(set_: str, request: pytest.FixtureRequest) -> None:
    until = time.monotonic() + request.config.getoption("--fuzz-seconds")
    seed, found = 0, 0
    while seed == 0 or time.monotonic() < until:
        for case in da.disagreements(set_, 3000, seed):
            found += 1
            assert da.reason(case), f"{set_} {case.word:#x}: {'ours' if case.ours else 'theirs'}"
        seed += 1
    assert found > 0 or set_ == "t16"  # a run that finds nothing compares nothing


def test_a_word_without_reason_is_noticed() -> None:
    assert da.reason(da.Case("a32", 0xE0800001, ours=True)) is None  # add r0, r0, r1
    assert da.reason(da.Case("a32", 0xE0800001, ours=False)) is None
