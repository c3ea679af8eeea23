"""Every i386 row: importing this module registers them all in `X86`."""

from __future__ import annotations

from run32.isa.x86 import (  # noqa: F401 (for their rows)
    alu,
    bitops,
    branch,
    exchange,
    flags,
    moves,
    muldiv,
    shifts,
    strings,
)
from run32.isa.x86.core import X86

__all__ = ["X86"]
