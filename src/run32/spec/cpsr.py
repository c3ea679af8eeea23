"""CPSR of a user program, in the pieces the cpu struct keeps it in.

The functions take plain ints or `Bits` of 32 bits; no imports, so that the runtime can use them.
Source: DDI 0406C B1.3.3.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODE, USER, MASKED = 0x1F, 0x10, 0x1C0
IT, THUMB = 0x0600FC00, 1 << 5
FIELDS = ("n", "z", "c", "v", "q", "ge", "itstate", "endian", "thumb")
"""Of the cpu struct, in the order of `split`'s result."""


def join(
    n: Any, is_zero: Any, c: Any, v: Any, q: Any, ge: Any, it: Any, endian: Any, thumb: Any
) -> Any:
    """CPSR from the fields' values; `is_zero` is whether field `z` is 0."""
    flags = n & 1 << 31 | is_zero << 30 | c << 29 | v << 28 | q << 27
    return flags | (it & 3) << 25 | ge << 16 | (it >> 2) << 10 | endian << 9 | thumb << 5 | USER


def split(value: Any) -> tuple[Any, ...]:
    """The values of FIELDS for a CPSR."""
    it = (value >> 10 & 0x3F) << 2 | value >> 25 & 3
    flags = (value & 1 << 31, ~value & 1 << 30, value >> 29 & 1, value >> 28 & 1, value >> 27 & 1)
    return *flags, value >> 16 & 15, it, value >> 9 & 1, value >> 5 & 1
