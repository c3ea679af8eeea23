"""Vectors that were just stored in parts: their parts are known.

Hosts wait until narrow stores are done before a wide load gets at what they stored. Of such a load
only one word is still loaded, whose value nobody needs.

That holds from the first of the stores on for as long as there are only stores off the same value:
as long as nothing else was loaded, no other thread can have been seen to store later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from run32.codegen import packed
from run32.codegen.places import Sum
from run32.spec.bits import Bits

if TYPE_CHECKING:
    from run32.codegen.regionfunction import RegionFunction

WORD, WORDS = 32, 4


class RecentStores:
    """Words that were stored in a block of the guest, on every way through it."""

    def __init__(self) -> None:
        self._root = ""
        self._words: dict[int, Bits] = {}
        """By offset from the root."""

    def forget(self) -> None:
        """Memory may have changed, or was looked at."""
        self._root, self._words = "", {}

    def store(self, address: Bits, value: Bits) -> None:
        """A store that is always executed."""
        if not isinstance(address, Sum):
            self.forget()
            return
        if address.root != self._root:
            self._root, self._words = address.root, {}
        at, size = address.shift + address.offset, value.width // 8
        for other in [o for o in self._words if at - WORD // 8 < o < at + size]:
            del self._words[other]
        if value.width == WORD:
            self._words[at] = value

    def load(self, function: RegionFunction, address: Bits, width: int) -> packed.Packed | None:
        """The value of a load, if all its words are known; else the load is a look at memory."""
        found = None
        if width == WORD * WORDS and isinstance(address, Sum) and address.root == self._root:
            at = address.shift + address.offset
            words = [self._words[o] for o in range(at, at + 16, 4) if o in self._words]
            if len(words) == WORDS:
                found = _vector(function, words)
        if found is None:
            self.forget()
        return found


def _vector(f: RegionFunction, words: list[Bits]) -> packed.Packed:
    kind, vector = packed.vtype(WORD, WORDS), "poison"
    for i, word in enumerate(words):
        vector = f.temp(f"insertelement {kind} {vector}, {f.typed(word)}, i32 {i}")
    return packed.Packed(f, WORD * WORDS, kind, vector)
