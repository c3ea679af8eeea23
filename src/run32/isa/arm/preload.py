"""Preload hints, and what else lies in the encoding space of loads and stores.

Source: DDI 0406C A5.7.1, A6.3.8-10, A8.8.126-130. Preloads do nothing. In T32 they are the byte and
halfword loads with rt = 15; stores relative to pc are undefined there.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import memory_thumb as thumb
from run32.isa.arm.core import ARM, a32
from run32.spec.machine import EXIT_UNDEFINED
from run32.spec.rows import direct

HINT = direct("hint")
UNDEFINED = direct("undefined")


@ARM.insn(
    a32("1111 0101 xx01 xxxx 1111 xxxxxxxxxxxx", HINT),  # PLD, PLDW immediate and literal
    a32("1111 0111 xx01 xxxx 1111 xxxxxxx 0 xxxx", HINT),  # PLD, PLDW register
    a32("1111 0100 x101 xxxx 1111 xxxxxxxxxxxx", HINT),  # PLI immediate and literal
    a32("1111 0110 x101 xxxx 1111 xxxxxxx 0 xxxx", HINT),  # PLI register
    a32("1111 0100 x001 xxxx xxxx xxxxxxxxxxxx", HINT),  # unallocated hints
    a32("1111 0110 x001 xxxx xxxx xxxxxxx 0 xxxx", HINT),
    thumb.t32_load_to_15(HINT, "0", "00"),
    thumb.t32_load_to_15(HINT, "0", "01"),
    thumb.t32_load_to_15(HINT, "1", "00"),
    thumb.t32_load_to_15(HINT, "1", "01"),
    ref="DDI 0406C A8.8.126-130",
)
def preload(m: Any, o: Any) -> None:
    """No effect."""


@ARM.insn(
    thumb.t32_store_at_15(UNDEFINED, "00"),
    thumb.t32_store_at_15(UNDEFINED, "01"),
    thumb.t32_store_at_15(UNDEFINED, "10"),
    ref="DDI 0406C A6.3.10",
)
def store_at_pc(m: Any, o: Any) -> None:
    """Undefined: a T32 store relative to pc."""
    m.exit(EXIT_UNDEFINED)
