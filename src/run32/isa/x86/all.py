"""Every i386 row: importing this module registers them all in `X86`."""

from __future__ import annotations

from run32.isa.x86 import alu, bitops, branch, exchange, flags, moves, muldiv, shifts, strings
from run32.isa.x86.core import X86

MODULES = (alu, bitops, branch, exchange, flags, moves, muldiv, shifts, strings)
__all__ = ["MODULES", "X86"]
