"""Units have the code that was seen to run, where that is known."""

from __future__ import annotations

from run32.codegen.partition import Partition
from run32.codegen.unit import Steps, Unit
from run32.isa.arm.all import ARM

START = 0x1000
CODE = {
    0x1000: 0xE3500000,  # cmp r0, #0
    0x1004: 0x0A000004,  # beq 0x101c
    0x1008: 0xE3500001,  # cmp r0, #1
    0x100C: 0x0A000004,  # beq 0x1024
    0x1010: 0xEB000005,  # bl 0x102c
    0x1014: 0xE2400001,  # sub r0, r0, #1
    0x1018: 0xEAFFFFF8,  # b 0x1000
    0x101C: 0xE3A00007,  # mov r0, #7
    0x1020: 0xE12FFF1E,  # bx lr
    0x1024: 0xE3A00009,  # mov r0, #9
    0x1028: 0xE12FFF1E,  # bx lr
    0x102C: 0xE0800000,  # add r0, r0, r0
    0x1030: 0xE12FFF1E,  # bx lr
}


def read(address: int) -> int | None:
    """Halfwords of the code above."""
    word = CODE.get(address & ~3)
    return None if word is None else word >> 8 * (address & 2) & 0xFFFF


def found(steps: Steps, known: tuple[int, ...] = ()) -> list[int]:
    """Where the blocks of the unit at START begin."""
    unit = Unit(ARM, read)
    unit.steps, unit.known = steps, known
    unit.discover([START])
    return sorted(unit.blocks)


def test_without_steps_all_is_part() -> None:
    assert found({}) == [0x1000, 0x1008, 0x1010, 0x1014, 0x101C, 0x1024, 0x102C]


def test_only_what_was_seen() -> None:
    assert found({0x1000: frozenset([0x101C])}) == [0x1000]
    both = {0x1000: frozenset([0x101C]), 0x101C: frozenset([0x5000])}
    assert found(both) == [0x1000, 0x101C]


def test_what_is_fallen_through_is_on_the_way() -> None:
    assert found({0x1000: frozenset([0x1024])}) == [0x1000, 0x1008]
    loop = {
        0x1000: frozenset([0x102C]),
        0x102C: frozenset([0x1014]),
        0x1014: frozenset([0x1000]),
    }
    assert found(loop) == [0x1000, 0x1008, 0x1010, 0x1014, 0x102C]


def test_two_ways_from_one_place() -> None:
    ways = {0x1000: frozenset([0x101C, 0x1024]), 0x1024: frozenset([0x5000])}
    assert found(ways) == [0x1000, 0x1008, 0x1024]


def test_a_way_that_nobody_can_go_is_not_followed_far() -> None:
    assert found({0x1000: frozenset([0x7777])}) == [0x1000]


def test_known_code_ends_the_way() -> None:
    assert found({0x1000: frozenset([0x7777])}, (0x1010,)) == [0x1000, 0x1008]


NEST = {
    0x1000: 0xE3A01000,  # mov r1, #0
    0x1004: 0xE3A02000,  # mov r2, #0
    0x1008: 0xE2822001,  # add r2, r2, #1
    0x100C: 0xE3520009,  # cmp r2, #9
    0x1010: 0x1AFFFFFC,  # bne 0x1008
    0x1014: 0xE2811001,  # add r1, r1, #1
    0x1018: 0xE3510009,  # cmp r1, #9
    0x101C: 0x1AFFFFF8,  # bne 0x1004
    0x1020: 0xE12FFF1E,  # bx lr
}
OUTER, INNER, BEHIND = 0x1004, 0x1008, 0x1014


def nest_at(start: int, steps: Steps, known: tuple[int, ...] = ()) -> dict[int, list[int]]:
    """The regions of the unit at a place of NEST."""

    def read_nest(address: int) -> int | None:
        word = NEST.get(address & ~3)
        return None if word is None else word >> 8 * (address & 2) & 0xFFFF

    unit = Unit(ARM, read_nest)
    unit.steps, unit.known = steps, known
    unit.discover([start])
    return Partition(unit).regions()


def test_a_nest_that_is_found_in_its_middle_is_entered_where_it_begins() -> None:
    steps = {INNER: frozenset([INNER, OUTER]), OUTER: frozenset([INNER])}
    assert nest_at(INNER, steps) == {
        OUTER: [OUTER, INNER, BEHIND],
        INNER: [INNER, BEHIND],
    }


def test_an_inner_loop_that_is_known_is_part_of_the_outer_one() -> None:
    steps = {OUTER: frozenset([INNER]), BEHIND: frozenset([OUTER])}
    assert nest_at(OUTER, steps, (INNER,)) == {OUTER: [OUTER, INNER, BEHIND]}
    assert nest_at(BEHIND, steps, (INNER,)) == {
        OUTER: [OUTER, INNER, BEHIND],
        BEHIND: [BEHIND],
    }


def test_what_is_known_and_in_no_loop_is_not_repeated() -> None:
    steps = {0x1000: frozenset([INNER])}
    assert nest_at(0x1000, steps, (OUTER,)) == {0x1000: [0x1000]}
