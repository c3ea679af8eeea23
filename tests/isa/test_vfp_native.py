"""VFP rows: the native interpreter agrees with the reference evaluator, flags included."""

from __future__ import annotations

from random import Random

import pytest

pytest.importorskip("llvmlite")

import states  # noqa: E402
from native import NativeEngine  # noqa: E402
from oracle import Reference, Tally  # noqa: E402
from test_vfp import ROWS, with_vfp  # noqa: E402


@pytest.fixture(scope="module")
def native(engine) -> NativeEngine:
    return NativeEngine(str(engine))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_native_agrees(row, native):
    rng = Random(row.name)
    reference, tally = Reference(), Tally()
    for e, word, plain in states.cases(row, max(states.COUNT, 2 * len(row.encodings))):
        if row.name in ("vldr_literal", "vstr") and (plain.it or states.uses_pc(e, word)):
            continue  # it would meet the IT instruction in front, or itself
        state = with_vfp(rng, e, plain)
        expected = reference.run(e.set, word, state)
        tally.add(e, word, state, expected, native.run(e.set, word, state))
    assert tally.states >= 8
    assert not tally.differences, "\n".join(tally.differences[:5])
