"""Accesses of exact regions have landings; without them, state is stored where a fault could not be
found by going on from before."""

from __future__ import annotations

import re

import pytest

from run32.codegen.translate import emit_unit
from run32.codegen.unit import Unit
from run32.isa.arm.all import ARM

START = 0x1000
CODE = [
    0xE5901000,  # ldr r1, [r0]: an entry
    0xE5912000,  # ldr r2, [r1]
    0xE5923000,  # ldr r3, [r2]
    0xE5803000,  # str r3, [r0]
    0xE5934000,  # ldr r4, [r3]: may read what was just written
    0xE5945000,  # ldr r5, [r4]
    0x15906000,  # ldrne r6, [r0]
    0x15806004,  # strne r6, [r0, #4]
    0xE5967000,  # ldr r7, [r6]
    0xE12FFF1E,  # bx lr
]


def read(address: int) -> int | None:
    """Halfwords of the code above."""
    at = address - START
    if not 0 <= at < 4 * len(CODE):
        return None
    return CODE[at // 4] >> 8 * (at & 2) & 0xFFFF


def text_of(mode: str, *, lands: bool) -> str:
    unit = Unit(ARM, read)
    unit.discover([START])
    return emit_unit(unit, "x86_64", {}, biased=False, mode=mode, fma=True, lands=lands)[0]


def stored_at(mode: str, *, lands: bool = False) -> list[int]:
    """Offsets of the instructions before which the pc is stored."""
    text = text_of(mode, lands=lands)
    found = re.findall(r"store volatile i32 (\d+), ptr", text)
    return [int(place) - START for place in found if START <= int(place) < START + 4 * len(CODE)]


def test_loads_in_a_row_are_repeated() -> None:
    assert stored_at("exact") == [0x0, 0x4, 0x10, 0x20]


def test_fast_regions_store_nothing() -> None:
    assert stored_at("fast") == []


def test_landings_need_no_stores() -> None:
    assert stored_at("exact", lands=True) == []
    text = text_of("exact", lands=True)
    assert text.count("callbr ") == 9
    assert re.findall(r"store i32 (\d+), ptr", text)[1:] == [str(START + 4 * i) for i in range(9)]


# strd r2, [r0]; ldm r0, {r0, r1, r2, r4}; ldrex r3, [r0]; strex r5, r6, [r0]; bx lr
SEVERAL = [0xE1C020F0, 0xE8900017, 0xE1903F9F, 0xE1805F96, 0xE12FFF1E]


def test_accesses_of_one_instruction_share_a_landing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CODE", SEVERAL)
    text = text_of("exact", lands=True)
    landings = re.findall(r"\[label %(landing\d+)\]", text)
    assert len(landings) == 1 + 4 + 1
    assert len(set(landings)) == 3
    assert stored_at("exact", lands=True) == [0xC]  # what is atomic stores before
