"""Every ARM row: importing this module registers them all in `ARM`."""

from __future__ import annotations

from run32.isa.arm import branch, dataproc, it, moves, shifts, status, system
from run32.isa.arm.core import ARM

MODULES = (branch, dataproc, it, moves, shifts, status, system)
__all__ = ["ARM", "MODULES"]
