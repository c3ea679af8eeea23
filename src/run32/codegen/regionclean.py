"""Which vector registers surely have no denormal number, in the blocks of a region.

Within a block that is known at once, unless a register has not been written since the block began:
then it is as clean as on all ways to the block, which is known when the region is complete.
"""

from __future__ import annotations

from collections.abc import Callable

EVERY = (1 << 16) - 1


class CleanRegisters:
    """What is known of the registers q0 to q15; sets of them are bits of integers."""

    def __init__(self) -> None:
        self._place = 0
        self._clean = self._other = 0
        """Written in the block, by what was written last."""
        self._edges: list[tuple[int, int, int, int]] = []
        """From where, where to, and what was written on the way."""
        self._at: dict[int, int] = {}
        """Clean registers where a block begins."""

    def begin(self, place: int) -> None:
        """Go on with another block."""
        self._place = place
        self._clean = self._other = 0
        self._at[place] = EVERY

    def write(self, number: int, is_clean: bool, *, is_conditional: bool) -> None:
        """A register has a new value; a conditional one may have its old one too."""
        bit = 1 << number
        if not is_clean:
            self._other |= bit
            self._clean &= ~bit
        elif not is_conditional:
            self._clean |= bit
            self._other &= ~bit

    def known(self) -> tuple[int, int]:
        """What is known here."""
        return self._clean, self._other

    def know(self, known: tuple[int, int]) -> None:
        """Go back to where `known` was known."""
        self._clean, self._other = known

    def edge(self, place: int) -> None:
        """Control goes from here to another block."""
        self._edges.append((self._place, place, self._clean, self._other))

    def ask(self, number: int) -> tuple[bool, Callable[[], bool] | None]:
        """Whether a register is clean here, or who says so when the region is complete."""
        if (self._clean | self._other) >> number & 1:
            return bool(self._clean >> number & 1), None
        place = self._place
        return False, lambda: bool(self._at[place] >> number & 1)

    def solve(self, entry: int) -> None:
        """The region is complete, and entered at one place, with anything in its registers."""
        self._at[entry] = 0
        changed = True
        while changed:
            changed = False
            for source, target, clean, other in self._edges:
                now = self._at[target] & (self._at[source] & ~other | clean)
                if now != self._at[target]:
                    self._at[target] = now
                    changed = True
