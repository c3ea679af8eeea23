"""Short loops are made several times; chains of comparisons end early; small values are known."""

from __future__ import annotations

import pytest
from tools.units import START, unit_of

from run32.codegen.flags import unless
from run32.codegen.ir import Module
from run32.codegen.regionfunction import MOST, RegionFunction
from run32.codegen.translate import emit_unit

# ldr r3, [r1], #4; add r0, r0, r3; subs r2, r2, #1; bne START; bx lr
LOOP = (0xE4913004, 0xE0800003, 0xE2522001, 0x1AFFFFFB, 0xE12FFF1E)
# cmp r0, #5; cmpne r1, #6; beq behind the next; mov r0, #1; bx lr
CHAIN = (0xE3500005, 0x13510006, 0x0A000000, 0xE3A00001, 0xE12FFF1E)
EQ, NE, CS, HI, LS, GT, LE = 0, 1, 2, 8, 9, 12, 13


def text_of(words: tuple[int, ...], mode: str, *, lands: bool = False) -> str:
    unit = unit_of(words)
    unit.discover([START])
    return emit_unit(unit, "x86_64", {}, biased=False, mode=mode, fma=True, lands=lands)[0]


@pytest.mark.parametrize(
    ("mode", "lands", "rounds"), [("fast", False, 4), ("exact", True, 4), ("exact", False, 1)]
)
def test_rounds_share_a_look_at_pending(mode: str, lands: bool, rounds: int) -> None:
    text = text_of(LOOP, mode, lands=lands)
    loads = text.count("callbr " if lands else "load volatile i32, ptr %")
    assert loads - (0 if lands else text.count("label %pending")) == rounds
    assert text.count("label %pending") == 2  # where the function begins, and in the last round


@pytest.mark.parametrize("mode", ["fast", "exact"])
def test_a_chain_ends_where_it_is_decided(mode: str) -> None:
    text = text_of(CHAIN, mode)
    assert "label %skip" in text
    assert "br label %skip" not in text  # behind the second comparison the first does not matter


@pytest.mark.parametrize(("cond", "other", "holds"), [
    (NE, EQ, True), (EQ, EQ, False), (HI, LS, True), (NE, LE, True), (NE, GT, False),
    (EQ, GT, None), (HI, CS, None), (LS, CS, True),
])  # fmt: skip
def test_what_follows_from_a_condition_that_does_not_hold(
    cond: int, other: int, holds: bool | None
) -> None:
    assert unless(cond, other) is holds


def test_limits() -> None:
    f = RegionFunction(Module("x86_64"), START)
    byte = f.temp("zext i8 %byte to i32")
    masked = f.temp("and i32 %x, 1020")
    assert (f.limit(byte), f.limit(masked)) == (255, 1020)
    assert f.limit(f.temp(f"shl i32 {byte}, 2")) == 1020
    assert f.limit(f.temp(f"and i32 {masked}, {byte}")) == 255
    assert f.limit(f.temp("lshr i32 %x, 20")) == 0xFFF
    assert f.limit(f.temp(f"shl i32 {byte}, 28")) == MOST
    for unknown in ("add i32 %x, 1", f"shl i32 {byte}, %x", f"lshr i32 {byte}, %x"):
        assert f.limit(f.temp(unknown)) == MOST
    f.same["%read"] = byte
    assert f.limit("%read") == 255
    assert (f.limit("7"), f.limit("-1"), f.limit("%x")) == (7, MOST, MOST)
