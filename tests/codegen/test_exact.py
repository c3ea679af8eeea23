"""Exact regions store state where a fault could not be found by going on from before, checked ones
where the map of pages does not say that there is none."""

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


def stored_at(mode: str) -> list[int]:
    """Offsets of the instructions before which the pc is stored."""
    unit = Unit(ARM, read)
    unit.discover([START])
    text, _ = emit_unit(unit, "x86_64", {}, biased=False, mode=mode, fma=True)
    found = re.findall(r"store volatile i32 (\d+), ptr", text)
    return [int(place) - START for place in found if START <= int(place) < START + 4 * len(CODE)]


def test_loads_in_a_row_are_repeated() -> None:
    assert stored_at("exact") == [0x0, 0x4, 0x10, 0x20]


def test_fast_regions_store_nothing() -> None:
    assert stored_at("fast") == []


def test_checked_regions_store_where_they_look() -> None:
    assert stored_at("checked") == list(range(0, 4 * 9, 4))


SHARED = [
    0xE92D4070,  # push {r4, r5, r6, lr}
    0xE24DD020,  # sub sp, sp, #32
    0xE58D0004,  # str r0, [sp, #4]
    0xE59D1008,  # ldr r1, [sp, #8]
    0xE59D200C,  # ldr r2, [sp, #12]
    0xE28D7010,  # add r7, sp, #16
    0xE5973000,  # ldr r3, [r7]
    0xE5914000,  # ldr r4, [r1]
    0xE5D15FFF,  # ldrb r5, [r1, #4095]
    0xE5116004,  # ldr r6, [r1, #-4]: does not fit
    0xE28DD020,  # add sp, sp, #32
    0xE8BD8070,  # pop {r4, r5, r6, pc}
]


def test_accesses_off_one_value_share_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CODE", SHARED)
    unit = Unit(ARM, read)
    unit.discover([START])
    text, _ = emit_unit(unit, "x86_64", {}, biased=False, mode="checked", fma=True)
    assert text.count("= load i8, ptr") == 3
    lowest = [
        int(n) for n in re.findall(r"= add i32 %t\d+, (-?\d+)\n  %t\d+ = lshr i32 %t\d+, 12", text)
    ]
    assert lowest == [-44, -4]  # of all that is on the stack; [r1, #-4] (at [r1] nothing is added)
    # behind the push, each store and each look that is new; not where loads follow each other
    assert stored_at("checked") == [0x0, 0x8, 0xC, 0x1C, 0x24]


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("word", [0xEC9F0B04, 0xF4AF0D0F], ids=["vldm", "vld2 to all lanes"])
def test_accesses_off_pc_share_looks(
    word: int, biased: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "CODE", [word, 0xE12FFF1E])  # ... pc, {d0, d1}; bx lr
    unit = Unit(ARM, read, biased=biased)
    unit.is_fixed = False  # or what is loaded is constant
    unit.discover([START])
    text, _ = emit_unit(unit, "x86_64", {}, biased=biased, mode="checked", fma=True)
    assert text.count("= load i8, ptr") == 1
