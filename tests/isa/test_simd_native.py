"""Advanced SIMD rows: interpreter and translated regions agree with the reference evaluator."""

from __future__ import annotations

from random import Random

import pytest

pytest.importorskip("llvmlite")

import states  # noqa: E402
from native import NativeEngine  # noqa: E402
from oracle import Reference, Tally  # noqa: E402
from test_simd import ROWS, cases, with_simd  # noqa: E402
from translated import TranslatedEngine  # noqa: E402

from run32.spec.rows import Row  # noqa: E402


@pytest.fixture(scope="module")
def native(engine) -> NativeEngine:
    return NativeEngine(str(engine))


@pytest.fixture(scope="module", params=[False, True], ids=["base line", "this CPU"])
def translated(engine, request) -> TranslatedEngine:
    return TranslatedEngine(str(engine), this_cpu=request.param)


def agree(row: Row, found: NativeEngine, count: int) -> None:
    rng = Random(row.name)
    reference, tally = Reference(), Tally(f"{found.name} against reference")
    for e, word, plain in states.cases(row, count):
        state = with_simd(rng, e, plain)
        expected = reference.run(e.set, word, state)
        tally.add(e, word, state, expected, found.run(e.set, word, state))
    assert tally.states >= count
    assert not tally.differences, "\n".join(tally.differences[:5])


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_native_agrees(row: Row, native: NativeEngine) -> None:
    agree(row, native, cases(row))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_translated_agrees(row: Row, translated: TranslatedEngine) -> None:
    agree(row, translated, max(6, states.COUNT // 5))
