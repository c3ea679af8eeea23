"""Exact regions store state where a fault could not be found by going on from before."""

from __future__ import annotations

import re

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


def stored_at(*, exact: bool) -> list[int]:
    """Offsets of the instructions before which the pc is stored."""
    unit = Unit(ARM, read)
    unit.discover([START])
    text, _ = emit_unit(unit, "x86_64", {}, biased=False, exact=exact, fma=True)
    found = re.findall(r"store volatile i32 (\d+), ptr", text)
    return [int(place) - START for place in found if START <= int(place) < START + 4 * len(CODE)]


def test_loads_in_a_row_are_repeated() -> None:
    assert stored_at(exact=True) == [0x0, 0x4, 0x10, 0x20]


def test_fast_regions_store_nothing() -> None:
    assert stored_at(exact=False) == []
