"""Looks at the map of pages (`kernel/pages.py`), which says where an access surely cannot fault.

`checked` regions look before they access memory: the byte of the page in which the lowest of
several accesses off one value begins is good for all of them, as they lie within a page's length
and the map speaks of two pages at once.

Invariant: an access that faults has been looked at in its run, and state was stored there or later,
as a byte of the map says nothing that is not true of the whole of its two pages.

A *run* is a stretch of a block that may be executed again from its first look on.
"""

from __future__ import annotations

from run32.codegen.regionfunction import CHECK, Changes, Exit, RegionFunction
from run32.spec.pages import MAP_BELOW, REACH

NOTHING: frozenset[str] = frozenset()


class Check:
    """One look: at the page of the lowest of the accesses that rely on it."""

    __slots__ = ("base", "high", "low", "name", "runs", "shift")

    def __init__(self, name: str, base: str, shift: int, low: int, size: int) -> None:
        self.base = base
        """An SSA value."""
        self.shift = shift
        """The offset of `base`; offsets are counted from the value that accesses are off."""
        self.name = name
        self.low, self.high = low, low + size
        self.runs: dict[int, int] = {}
        """By bit of the map: the run in which code has branched on it."""

    def takes(self, low: int, high: int) -> bool:
        """Whether an access at these offsets may rely on this too; it does from now on."""
        low, high = min(low, self.low), max(high, self.high)
        if high - low > REACH:
            return False
        self.low, self.high = low, high
        return True

    def emit(self, f: RegionFunction) -> None:
        """The look itself."""
        if self.low > 0 and self.high <= REACH:
            self.low = 0  # so that other blocks' looks off the same register are the same
        n, lowest = self.name, self.base
        if self.low != self.shift:
            lowest = f.temp(f"add i32 {self.base}, {self.low - self.shift}")
        page = f.temp(f"lshr i32 {lowest}, 12")
        wide = f.temp(f"zext i32 {page} to i64")
        pointer = f.address(f.address("%mem", -MAP_BELOW), wide)
        f.line(f"{n} = load i8, ptr {pointer}, align 1, !invariant.load !1")


def begin(f: RegionFunction, block: int, base: str, shift: int, low: int, size: int) -> Check:
    """A look here, in `block`, whose page is known when the whole block is."""
    check = Check(f"%look{len(f.exits)}", base, shift, shift + low, size)
    exit_ = Exit(CHECK, "", block, Changes(set(), True), NOTHING)
    exit_.check = check
    f.exits.append(exit_)
    f.lines.append(f"\0{len(f.exits) - 1}")
    return check
