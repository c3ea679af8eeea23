"""The map of guest pages that region code asks whether an access can fault.

One byte per page of 4096 bytes, at a fixed distance below guest address 0. A bit speaks of accesses
that begin in the page and are at most a page long: the next page is as good.
"""

from __future__ import annotations

READABLE, WRITABLE = 1, 2
"""Bits: a read cannot fault; neither a read nor a write can."""
SHIFT = 12
REACH = 1 << SHIFT
"""Bytes behind the beginning of the first access that a byte of the map speaks of."""
PAGES = 1 << 32 - SHIFT
GUARD_LOW = 64 << 10
"""Bytes without any access between the map and guest address 0."""
MAP_BELOW = GUARD_LOW + PAGES
