"""Loads and stores of words, bytes and doublewords. Source: DDI 0406C A8.8.62 to A8.8.74 and
A8.8.203 to A8.8.220; forms and addressing modes are in `memory`.

LDRD and STRD access 64 bits at once, at any alignment: a kernel with alignment fix-ups lets
misaligned ones succeed.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import memory as form
from run32.isa.arm import memory_a32 as a32
from run32.isa.arm import memory_thumb as thumb
from run32.isa.arm.core import ARM
from run32.spec.bits import Bits


@ARM.insn(
    a32.load("0", pc="rt"),
    a32.load_literal("0", pc="rt"),
    thumb.t32_load("0", "10", pc="rt"),
    thumb.t16_imm(form.load_imm, "01101", 2),
    thumb.t16_reg(form.load_reg, "100"),
    thumb.t16_sp(form.load_imm, "10011"),
    thumb.t16_literal(),
    ref="DDI 0406C A8.8.62-66, A8.8.92",
)
def ldr(m: Any, address: Bits) -> Bits:
    """rt = word at address; a load to pc is an interworking branch."""
    value: Bits = m.load(address, 32)
    return value


@ARM.insn(
    a32.load("1"),
    thumb.t32_load("0", "00"),
    thumb.t16_imm(form.load_imm, "01111", 0),
    thumb.t16_reg(form.load_reg, "110"),
    ref="DDI 0406C A8.8.67-71",
)
def ldrb(m: Any, address: Bits) -> Bits:
    """rt = byte at address, zero-extended."""
    value: Bits = m.load(address, 8)
    return value.zext(32)


@ARM.insn(
    a32.store("0"),
    thumb.t32_store("10"),
    thumb.t16_imm(form.store_imm, "01100", 2),
    thumb.t16_reg(form.store_reg, "000"),
    thumb.t16_sp(form.store_imm, "10010"),
    ref="DDI 0406C A8.8.203-205, A8.8.220",
)
def str_(m: Any, address: Bits, value: Bits) -> None:
    """Word at address = rt."""
    m.store(address, value)


@ARM.insn(
    a32.store("1"),
    thumb.t32_store("00"),
    thumb.t16_imm(form.store_imm, "01110", 0),
    thumb.t16_reg(form.store_reg, "010"),
    ref="DDI 0406C A8.8.206-209",
)
def strb(m: Any, address: Bits, value: Bits) -> None:
    """Byte at address = low byte of rt."""
    m.store(address, value.trunc(8))


@ARM.insn(
    a32.pair("10", form.load_pair_imm, form.load_pair_reg),
    thumb.t32_pair(True, form.load_pair_imm),
    ref="DDI 0406C A8.8.72-74",
)
def ldrd(m: Any, address: Bits) -> Bits:
    """rt, rt2 = the two words at address."""
    value: Bits = m.load(address, 64)
    return value


@ARM.insn(
    a32.pair("11", form.store_pair_imm, form.store_pair_reg),
    thumb.t32_pair(False, form.store_pair_imm),
    ref="DDI 0406C A8.8.210-211",
)
def strd(m: Any, address: Bits, value: Bits) -> None:
    """The two words at address = rt, rt2."""
    m.store(address, value)
