"""Instructions by place: an address with bit 0 set for Thumb code."""

from __future__ import annotations

from collections.abc import Callable

from run32.spec.rows import Decoded, Isa

Read = Callable[[int], int | None]
"""The halfword at an address, or None where the code is not known."""


def fetch(isa: Isa, read: Read, place: int, in_it: bool = False) -> Decoded | None:
    """The ARM instruction at `place`, or None."""
    thumb, pc = place & 1, place & ~1
    first = read(pc)
    if first is None:
        return None
    set_, word = "t16", first
    if not thumb or first >= 0xE800:
        second = read(pc + 2)
        if second is None:
            return None
        set_, word = ("t32", first << 16 | second) if thumb else ("a32", first | second << 16)
    return isa.decode(set_, word, pc, int(in_it))
