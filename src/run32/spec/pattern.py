"""Bit patterns in the manual's own words: `cond:4 001 0101 s:1 rn:4 rd:4 imm12:12`.

Tokens, most significant first: `0`/`1` runs are fixed bits, `name:width` is a field, `x` runs are
ignored bits, `{name}` is replaced by the bit string given when a template is instantiated.
Invariant: the widths add up to the pattern's width exactly, and no field name occurs twice.
"""

from __future__ import annotations

from collections.abc import Mapping


class PatternError(ValueError):
    """A pattern that cannot be meant: the message says what is wrong and how to mend it."""


class Pattern:
    """Fixed bits (`mask`, `value`) and named fields (`fields[name] = (hi, lo)`)."""

    __slots__ = ("fields", "mask", "text", "value", "width")

    def __init__(self, text: str, width: int, fill: Mapping[str, str] | None = None) -> None:
        self.text = text
        self.width = width
        self.mask = self.value = 0
        self.fields: dict[str, tuple[int, int]] = {}
        position = width
        for token in self._tokens(text, fill or {}):
            position = self._take(token, position)
        if position != 0:
            raise PatternError(
                f"pattern {text!r} describes {width - position} bits, not {width}: "
                f"{'add' if position > 0 else 'remove'} {abs(position)}"
            )

    @staticmethod
    def _tokens(text: str, fill: Mapping[str, str]) -> list[str]:
        for name, value in fill.items():
            text = text.replace("{" + name + "}", value)
        if "{" in text:
            missing = text[text.index("{") + 1 : text.index("}")]
            raise PatternError(f"pattern {text!r}: no value given for {{{missing}}}")
        return text.split()

    def _take(self, token: str, position: int) -> int:
        name, colon, size = token.partition(":")
        if colon:
            if not name.isidentifier() or not size.isdigit() or size == "0":
                raise PatternError(f"pattern {self.text!r}: {token!r} is not name:width")
            if name in self.fields:
                raise PatternError(f"pattern {self.text!r}: field {name!r} occurs twice")
            low = position - int(size)
            self.fields[name] = (position - 1, low)
            return low
        if set(token) - set("01x"):
            raise PatternError(f"pattern {self.text!r}: {token!r} is neither bits nor a field")
        low = position - len(token)
        if low >= 0:
            self.mask |= int(token.replace("0", "1").replace("x", "0"), 2) << low
            self.value |= int(token.replace("x", "0"), 2) << low
        return low

    def fix(self, name: str, value: int) -> Pattern:
        """The same pattern with field `name` fixed to `value`; the field stays readable."""
        hi, lo = self.fields[name]
        if not 0 <= value < 1 << (hi - lo + 1):
            raise PatternError(
                f"pattern {self.text!r}: {name} = {value} does not fit {hi - lo + 1} bits"
            )
        fixed = Pattern.__new__(Pattern)
        fixed.text, fixed.width, fixed.fields = self.text, self.width, self.fields
        fixed.mask = self.mask | ((1 << (hi - lo + 1)) - 1) << lo
        fixed.value = self.value | value << lo
        return fixed

    def matches(self, word: int) -> bool:
        """True when `word` has all fixed bits."""
        return word & self.mask == self.value

    def overlaps(self, other: Pattern) -> bool:
        """True when some word matches both."""
        return not (self.value ^ other.value) & self.mask & other.mask

    def refines(self, other: Pattern) -> bool:
        """True when every word of this pattern matches `other`, and `other` has more words."""
        return (
            self.overlaps(other)
            and self.mask & other.mask == other.mask
            and self.mask != other.mask
        )

    def extract(self, name: str, word: int) -> int:
        """The value of field `name` in `word`."""
        hi, lo = self.fields[name]
        return word >> lo & ((1 << (hi - lo + 1)) - 1)
