"""Loads and stores of halfwords, and sign-extending loads. Source: DDI 0406C A8.8.79 to A8.8.91
and A8.8.216 to A8.8.219; forms and addressing modes are in `memory`.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import memory as form
from run32.isa.arm import memory_a32 as a32
from run32.isa.arm import memory_thumb as thumb
from run32.isa.arm.core import ARM
from run32.spec.bits import Bits


@ARM.insn(
    a32.load_extra("01"),
    thumb.t32_load("0", "01"),
    thumb.t16_imm(form.load_imm, "10001", 1),
    thumb.t16_reg(form.load_reg, "101"),
    ref="DDI 0406C A8.8.79-83",
)
def ldrh(m: Any, address: Bits) -> Bits:
    """rt = halfword at address, zero-extended."""
    value: Bits = m.load(address, 16)
    return value.zext(32)


@ARM.insn(
    a32.load_extra("10"),
    thumb.t32_load("1", "00"),
    thumb.t16_reg(form.load_reg, "011"),
    ref="DDI 0406C A8.8.84-87",
)
def ldrsb(m: Any, address: Bits) -> Bits:
    """rt = byte at address, sign-extended."""
    value: Bits = m.load(address, 8)
    return value.sext(32)


@ARM.insn(
    a32.load_extra("11"),
    thumb.t32_load("1", "01"),
    thumb.t16_reg(form.load_reg, "111"),
    ref="DDI 0406C A8.8.88-91",
)
def ldrsh(m: Any, address: Bits) -> Bits:
    """rt = halfword at address, sign-extended."""
    value: Bits = m.load(address, 16)
    return value.sext(32)


@ARM.insn(
    a32.store_extra("01"),
    thumb.t32_store("01"),
    thumb.t16_imm(form.store_imm, "10000", 1),
    thumb.t16_reg(form.store_reg, "001"),
    ref="DDI 0406C A8.8.216-219",
)
def strh(m: Any, address: Bits, value: Bits) -> None:
    """Halfword at address = low half of rt."""
    m.store(address, value.trunc(16))
