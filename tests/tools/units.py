"""Units of a few A32 instructions that a test gives as words."""

from __future__ import annotations

import struct

from run32.codegen.unit import Unit
from run32.isa.arm.all import ARM

START = 0x1000


def unit_of(words: tuple[int, ...]) -> Unit:
    """A unit whose code is `words` at `START`; nothing is discovered yet."""
    code = struct.pack(f"<{len(words)}I", *words)

    def read(address: int) -> int | None:
        at = address - START
        return int.from_bytes(code[at : at + 2], "little") if 0 <= at < len(code) else None

    return Unit(ARM, read)
