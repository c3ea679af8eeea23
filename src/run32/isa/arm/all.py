"""Every ARM row: importing this module registers them all in `ARM`."""

from __future__ import annotations

from run32.isa.arm import dataproc, moves, shifts
from run32.isa.arm.core import ARM

MODULES = (dataproc, moves, shifts)
__all__ = ["ARM", "MODULES"]
