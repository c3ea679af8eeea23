"""Regions agree with the reference: random blocks through the region translator."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_blocks
from oracle import Reference
from translated import TranslatedEngine


@pytest.fixture(scope="module")
def translated(engine: Path) -> TranslatedEngine:
    return TranslatedEngine(str(engine))


@pytest.mark.parametrize("vfp", [False, True], ids=["integer", "vfp"])
@pytest.mark.parametrize("thumb", [False, True], ids=["arm", "thumb"])
def test_translated_blocks(
    thumb: bool, vfp: bool, translated: TranslatedEngine, request: pytest.FixtureRequest
) -> None:
    reference, differences, made = Reference(), [], 0
    before = translated.blocks
    for set_, code, state in test_blocks.blocks(thumb, vfp, True, request):
        made += 1
        expected, found = (e.run_code(set_, code, state) for e in (reference, translated))
        if not found.outcome and state.pc < found.pc < state.pc + len(code):
            continue  # it stops after every branch, here one to the next instruction
        different = list(expected.differences(found))
        if different:
            differences.append(f"{code.hex()}: {', '.join(different[:4])}\n    {state!r}")
    assert not differences, "\n".join(differences[:5])
    # some begin with what only the interpreter does
    assert translated.blocks - before > made * 3 // 4
