"""Values that the region translator knows more about than their width.

A `Place` is a constant place of position-independent code; a `Sum` is a register plus a constant,
which an access can leave to the host's addressing mode; a `Loaded` is wider than it looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from run32.spec.bits import Bits, Operand

NEAR = 4096  # what an access adds to the host's address at most; the guards are larger

if TYPE_CHECKING:
    from run32.codegen.regionfunction import RegionFunction


class Place(Bits):
    """A constant place of position-independent code: known but for the bias of the guest file."""

    __slots__ = ("function", "place")

    def __init__(self, function: RegionFunction, place: int) -> None:
        self.width = 32
        self.const = None
        self.emitter = function
        self.function = function
        self.place = place & 0xFFFFFFFF

    @property
    def name(self) -> str:  # type: ignore[override]
        """The value, computed here."""
        self.function.uses_bias = True
        return self.function.temp(f"add i32 %bias, {self.place}")

    def _with(self, other: Operand, change: Callable[[int, int], int]) -> Bits | None:
        value = other.const if isinstance(other, Bits) else other
        return None if value is None else Place(self.function, change(self.place, value))

    def __add__(self, other: Operand) -> Bits:
        moved = self._with(other, int.__add__)
        return super().__add__(other) if moved is None else moved

    __radd__ = __add__

    def __sub__(self, other: Operand) -> Bits:
        moved = self._with(other, int.__sub__)
        return super().__sub__(other) if moved is None else moved

    def __and__(self, other: Operand) -> Bits:  # the bias is a multiple of the page size
        value = other.const if isinstance(other, Bits) else other & 0xFFFFFFFF
        if value is not None and value >= 0xFFFFF000:
            return Place(self.function, self.place & value)
        return super().__and__(other)

    def __or__(self, other: Operand) -> Bits:
        value = other.const if isinstance(other, Bits) else other
        if value is not None and value < 4096:
            return Place(self.function, self.place | value)
        return super().__or__(other)


class Loaded(Bits):
    """A byte or halfword that was loaded into a register of 32 bits, the others being zero."""

    __slots__ = ("function", "wide")

    def __init__(self, function: RegionFunction, width: int, wide: str) -> None:
        self.width = width
        self.const = None
        self.emitter = function
        self.function = function
        self.wide = wide
        function.limits[wide] = (1 << width) - 1

    @property
    def name(self) -> str:  # type: ignore[override]
        """The value, computed here."""
        return self.function.temp(f"trunc i32 {self.wide} to i{self.width}")

    def zext(self, width: int) -> Bits:
        return self.function.value(32, self.wide) if width == 32 else super().zext(width)


class Sum(Bits):
    """The register value named `base` plus a signed constant.

    `base` is `shift` more than `root`, which stands for a value that others may be known from too;
    `origin` is the name of that value where it can be used, else "". `base` may be the sum of two
    values itself: `pair` are their names and what is to be added, if the second one is small.
    """

    __slots__ = (
        "_known", "_where", "base", "function", "offset", "origin", "pair", "root", "shift",
    )  # fmt: skip

    def __init__(
        self,
        function: RegionFunction,
        base: str,
        offset: int,
        root: str = "",
        shift: int = 0,
        origin: str = "",
    ) -> None:
        self.width = 32
        self.const = None
        self.emitter = function
        self.function = function
        self.base = base
        self.offset = (offset + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
        self.root = root or base
        self.shift = shift
        self.origin = origin
        self.pair: tuple[str, str, int] | None = None
        self._known, self._where = base, -1

    @property
    def name(self) -> str:  # type: ignore[override]
        """The value, computed in this block if it has not been yet."""
        f = self.function
        if self.offset and self._where != f.blocks:
            self._known = f.temp(f"add i32 {self.base}, {self.offset}")
            self._where = f.blocks
        return self._known

    def _moved(self, by: int) -> Sum:
        moved = self.offset + by
        found = Sum(self.function, self.base, moved, self.root, self.shift, self.origin)
        found.pair = self.pair
        return found

    def apart(self) -> tuple[str, str, int]:
        """Names of a value and a small one (or "") and what the sum is more than both: of the
        earliest value known, so that code need not wait for later ones, or compute them at all."""
        if self.pair:
            base, index, offset = self.pair
            return base, index, offset + self.offset
        if self.origin:
            return self.origin, "", self.shift + self.offset
        return self.base, "", self.offset

    def _plus(self, other: Bits) -> Sum:
        found = Sum(self.function, super().__add__(other).name, 0)
        limit = self.function.limit
        for one, two in ((self, other), (other, self)):
            if limit(two.name) <= NEAR:
                base, index, offset = one.apart() if isinstance(one, Sum) else (one.name, "", 0)
                if not index:
                    found.pair = base, two.name, offset
                    break
        return found

    def __add__(self, other: Operand) -> Bits:
        value = other.const if isinstance(other, Bits) else other
        if value is None:
            assert isinstance(other, Bits)
            return self._plus(other)
        return self._moved(value)

    __radd__ = __add__

    def __sub__(self, other: Operand) -> Bits:
        value = other.const if isinstance(other, Bits) else other
        if value is None:
            return Sum(self.function, super().__sub__(other).name, 0)
        return self._moved(-value)
