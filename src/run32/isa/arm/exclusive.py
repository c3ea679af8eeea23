"""Exclusive accesses. Source: DDI 0406C A3.4, A8.8.32, A8.8.75-78, A8.8.212-215.

The monitor is the address, size and value of the last load-exclusive. A store-exclusive succeeds
if address and size match and the host replaces that value by the new one atomically; it always
clears the monitor. Misaligned addresses are alignment faults. SWP and SWPB have no row: Linux
emulates them only where configured, so they are undefined.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Fields, direct

LOAD = direct("load_exclusive", regs="rt rn", imm="imm", writes="rt")
LOAD_PAIR = direct("load_exclusive_pair", regs="rt rt2 rn", writes="rt rt2")
STORE = direct("store_exclusive", regs="rd rt rn", imm="imm", writes="rd")
STORE_PAIR = direct("store_exclusive_pair", regs="rd rt rt2 rn", writes="rd")


def even(f: Fields) -> Bits:
    """Binding: the first register of an A32 pair."""
    return cat(f.t, Bits(1, 0))


def odd(f: Fields) -> Bits:
    """Binding: the second register of an A32 pair."""
    return cat(f.t, Bits(1, 1))


def _words(f: Fields) -> Bits:
    return f.imm8.zext(32) << 2


def open_monitor(m: Any, address: Bits, width: int, *, acquire: bool = False) -> Bits:
    """Load `width` bits and open the monitor on them."""
    m.require_aligned(address, width // 8)
    value: Bits = m.load_acquire(address, width) if acquire else m.load(address, width)
    m.put("ex_address", address)
    m.put("ex_size", Bits(32, width // 8))
    m.put("ex_value", value.zext(64))
    return value


def try_store(m: Any, o: Any, address: Bits, value: Bits) -> None:
    """Store `value` if the monitor allows; rd = 0 where it was stored, else 1."""
    size = value.width // 8
    m.require_aligned(address, size)
    is_open = m.get("ex_address").eq(address) & m.get("ex_size").eq(size)
    expected = m.get("ex_value").trunc(value.width)

    def attempt() -> None:
        stored = m.compare_exchange(address, expected, value)
        m.set_reg(o.rd, (~stored).zext(32))

    m.when(~is_open, lambda: m.set_reg(o.rd, Bits(32, 1)))
    m.when(is_open, attempt)
    m.put("ex_size", Bits(32, 0))


@ARM.insn(
    a32("cond:4 0001 1001 rn:4 rt:4 1111 1001 1111", LOAD, imm=0),
    t32("1110 1000 0101 rn:4 rt:4 1111 imm8:8", LOAD, imm=_words),
    ref="DDI 0406C A8.8.75",
)
def ldrex(m: Any, o: Any) -> None:
    """rt = word at address, monitored."""
    m.set_reg(o.rt, open_monitor(m, m.reg(o.rn) + o.imm, 32))


@ARM.insn(
    a32("cond:4 0001 1101 rn:4 rt:4 1111 1001 1111", LOAD, imm=0),
    t32("1110 1000 1101 rn:4 rt:4 1111 0100 1111", LOAD, imm=0),
    ref="DDI 0406C A8.8.76",
)
def ldrexb(m: Any, o: Any) -> None:
    """rt = byte at address, monitored."""
    m.set_reg(o.rt, open_monitor(m, m.reg(o.rn), 8).zext(32))


@ARM.insn(
    a32("cond:4 0001 1111 rn:4 rt:4 1111 1001 1111", LOAD, imm=0),
    t32("1110 1000 1101 rn:4 rt:4 1111 0101 1111", LOAD, imm=0),
    ref="DDI 0406C A8.8.78",
)
def ldrexh(m: Any, o: Any) -> None:
    """rt = halfword at address, monitored."""
    m.set_reg(o.rt, open_monitor(m, m.reg(o.rn), 16).zext(32))


@ARM.insn(
    a32("cond:4 0001 1011 rn:4 t:3 0 1111 1001 1111", LOAD_PAIR, rt=even, rt2=odd),
    t32("1110 1000 1101 rn:4 rt:4 rt2:4 0111 1111", LOAD_PAIR),
    ref="DDI 0406C A8.8.77",
)
def ldrexd(m: Any, o: Any) -> None:
    """rt, rt2 = doubleword at address, monitored."""
    value = open_monitor(m, m.reg(o.rn), 64)
    m.set_reg(o.rt, value[31:0])
    m.set_reg(o.rt2, value[63:32])


@ARM.insn(
    a32("cond:4 0001 1000 rn:4 rd:4 1111 1001 rt:4", STORE, imm=0),
    t32("1110 1000 0100 rn:4 rt:4 rd:4 imm8:8", STORE, imm=_words),
    ref="DDI 0406C A8.8.212",
)
def strex(m: Any, o: Any) -> None:
    """Word at address = rt if the monitor is open on it."""
    try_store(m, o, m.reg(o.rn) + o.imm, m.reg(o.rt))


@ARM.insn(
    a32("cond:4 0001 1100 rn:4 rd:4 1111 1001 rt:4", STORE, imm=0),
    t32("1110 1000 1100 rn:4 rt:4 1111 0100 rd:4", STORE, imm=0),
    ref="DDI 0406C A8.8.213",
)
def strexb(m: Any, o: Any) -> None:
    """Byte at address = low byte of rt if the monitor is open on it."""
    try_store(m, o, m.reg(o.rn), m.reg(o.rt).trunc(8))


@ARM.insn(
    a32("cond:4 0001 1110 rn:4 rd:4 1111 1001 rt:4", STORE, imm=0),
    t32("1110 1000 1100 rn:4 rt:4 1111 0101 rd:4", STORE, imm=0),
    ref="DDI 0406C A8.8.215",
)
def strexh(m: Any, o: Any) -> None:
    """Halfword at address = low half of rt if the monitor is open on it."""
    try_store(m, o, m.reg(o.rn), m.reg(o.rt).trunc(16))


@ARM.insn(
    a32("cond:4 0001 1010 rn:4 rd:4 1111 1001 t:3 0", STORE_PAIR, rt=even, rt2=odd),
    t32("1110 1000 1100 rn:4 rt:4 rt2:4 0111 rd:4", STORE_PAIR),
    ref="DDI 0406C A8.8.214",
)
def strexd(m: Any, o: Any) -> None:
    """Doubleword at address = rt, rt2 if the monitor is open on it."""
    try_store(m, o, m.reg(o.rn), cat(m.reg(o.rt2), m.reg(o.rt)))


@ARM.insn(
    a32("1111 0101 0111 1111 1111 0000 0001 1111", direct("clear_exclusive")),
    t32("1111 0011 1011 1111 1000 1111 0010 1111", direct("clear_exclusive")),
    ref="DDI 0406C A8.8.32",
)
def clrex(m: Any, o: Any) -> None:
    """Clear the monitor."""
    m.put("ex_size", Bits(32, 0))
