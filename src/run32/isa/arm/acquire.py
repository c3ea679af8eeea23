"""ARMv8's load-acquire and store-release, plain and exclusive; SB. Source: DDI 0487 E2.3.6, F5.1.

They become the host's own: LDAR and STLR on AArch64, a plain load and an exchange on x86-64. A
store-exclusive is a full barrier on either host. All of them need aligned addresses.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t32
from run32.isa.arm.exclusive import even, odd, open_monitor, try_store
from run32.isa.arm.status import NOTHING
from run32.spec.bits import cat
from run32.spec.rows import Encoding, Form, direct

LOAD = direct("load_acquire", regs="rt rn", writes="rt")
STORE = direct("store_release", regs="rt rn")
LOAD_EXCLUSIVE = direct("load_acquire_exclusive", regs="rt rn", writes="rt")
LOAD_PAIR = direct("load_acquire_exclusive_pair", regs="rt rt2 rn", writes="rt rt2")
STORE_EXCLUSIVE = direct("store_release_exclusive", regs="rd rt rn", writes="rd")
STORE_PAIR = direct("store_release_exclusive_pair", regs="rd rt rt2 rn", writes="rd")

_SIZE = {"w": "00", "b": "10", "h": "11"}  # A32 bits 22:21
_THUMB = {"w": "10", "b": "00", "h": "01"}  # T32 bits 5:4


def _plain(load: int, size: str, form: Form) -> list[Encoding]:
    """LDA, STL and their kin."""
    low = "rt:4 1100 1001 1111" if load else "1111 1100 1001 rt:4"
    return a32(f"cond:4 0001 1{_SIZE[size]}{load} rn:4 {low}", form) + t32(
        f"1110 1000 110{load} rn:4 rt:4 1111 10{_THUMB[size]} 1111", form
    )


def _exclusive(load: int, size: str, form: Form) -> list[Encoding]:
    """LDAEX, STLEX and their kin."""
    low = "rt:4 1110 1001 1111" if load else "rd:4 1110 1001 rt:4"
    last = "1111" if load else "rd:4"
    return a32(f"cond:4 0001 1{_SIZE[size]}{load} rn:4 {low}", form) + t32(
        f"1110 1000 110{load} rn:4 rt:4 1111 11{_THUMB[size]} {last}", form
    )


def _load(m: Any, o: Any, width: int) -> None:
    address = m.reg(o.rn)
    m.require_aligned(address, width // 8)
    m.set_reg(o.rt, m.load_acquire(address, width).zext(32))


def _store(m: Any, o: Any, width: int) -> None:
    address = m.reg(o.rn)
    m.require_aligned(address, width // 8)
    m.store_release(address, m.reg(o.rt).trunc(width))


# -- plain ----------------------------------------------------------------------------------------
@ARM.insn(_plain(1, "w", LOAD), ref="DDI 0487 F5.1")
def lda(m: Any, o: Any) -> None:
    """rt = word at rn, before what follows."""
    _load(m, o, 32)


@ARM.insn(_plain(1, "b", LOAD), ref="DDI 0487 F5.1")
def ldab(m: Any, o: Any) -> None:
    """rt = byte at rn, before what follows."""
    _load(m, o, 8)


@ARM.insn(_plain(1, "h", LOAD), ref="DDI 0487 F5.1")
def ldah(m: Any, o: Any) -> None:
    """rt = halfword at rn, before what follows."""
    _load(m, o, 16)


@ARM.insn(_plain(0, "w", STORE), ref="DDI 0487 F5.1")
def stl(m: Any, o: Any) -> None:
    """Word at rn = rt, behind what came before."""
    _store(m, o, 32)


@ARM.insn(_plain(0, "b", STORE), ref="DDI 0487 F5.1")
def stlb(m: Any, o: Any) -> None:
    """Byte at rn = low byte of rt, behind what came before."""
    _store(m, o, 8)


@ARM.insn(_plain(0, "h", STORE), ref="DDI 0487 F5.1")
def stlh(m: Any, o: Any) -> None:
    """Halfword at rn = low half of rt, behind what came before."""
    _store(m, o, 16)


# -- exclusive ------------------------------------------------------------------------------------
@ARM.insn(_exclusive(1, "w", LOAD_EXCLUSIVE), ref="DDI 0487 F5.1")
def ldaex(m: Any, o: Any) -> None:
    """rt = word at rn, monitored, before what follows."""
    m.set_reg(o.rt, open_monitor(m, m.reg(o.rn), 32, acquire=True))


@ARM.insn(_exclusive(1, "b", LOAD_EXCLUSIVE), ref="DDI 0487 F5.1")
def ldaexb(m: Any, o: Any) -> None:
    """rt = byte at rn, monitored, before what follows."""
    m.set_reg(o.rt, open_monitor(m, m.reg(o.rn), 8, acquire=True).zext(32))


@ARM.insn(_exclusive(1, "h", LOAD_EXCLUSIVE), ref="DDI 0487 F5.1")
def ldaexh(m: Any, o: Any) -> None:
    """rt = halfword at rn, monitored, before what follows."""
    m.set_reg(o.rt, open_monitor(m, m.reg(o.rn), 16, acquire=True).zext(32))


@ARM.insn(
    a32("cond:4 0001 1011 rn:4 t:3 0 1110 1001 1111", LOAD_PAIR, rt=even, rt2=odd),
    t32("1110 1000 1101 rn:4 rt:4 rt2:4 1111 1111", LOAD_PAIR),
    ref="DDI 0487 F5.1",
)
def ldaexd(m: Any, o: Any) -> None:
    """rt, rt2 = doubleword at rn, monitored, before what follows."""
    value = open_monitor(m, m.reg(o.rn), 64, acquire=True)
    m.set_reg(o.rt, value[31:0])
    m.set_reg(o.rt2, value[63:32])


@ARM.insn(_exclusive(0, "w", STORE_EXCLUSIVE), ref="DDI 0487 F5.1")
def stlex(m: Any, o: Any) -> None:
    """Word at rn = rt if the monitor is open on it, behind what came before."""
    try_store(m, o, m.reg(o.rn), m.reg(o.rt))


@ARM.insn(_exclusive(0, "b", STORE_EXCLUSIVE), ref="DDI 0487 F5.1")
def stlexb(m: Any, o: Any) -> None:
    """Byte at rn = low byte of rt if the monitor is open on it, behind what came before."""
    try_store(m, o, m.reg(o.rn), m.reg(o.rt).trunc(8))


@ARM.insn(_exclusive(0, "h", STORE_EXCLUSIVE), ref="DDI 0487 F5.1")
def stlexh(m: Any, o: Any) -> None:
    """Halfword at rn = low half of rt if the monitor is open on it, behind what came before."""
    try_store(m, o, m.reg(o.rn), m.reg(o.rt).trunc(16))


@ARM.insn(
    a32("cond:4 0001 1010 rn:4 rd:4 1110 1001 t:3 0", STORE_PAIR, rt=even, rt2=odd),
    t32("1110 1000 1100 rn:4 rt:4 rt2:4 1111 rd:4", STORE_PAIR),
    ref="DDI 0487 F5.1",
)
def stlexd(m: Any, o: Any) -> None:
    """Doubleword at rn = rt, rt2 if the monitor is open on it, behind what came before."""
    try_store(m, o, m.reg(o.rn), cat(m.reg(o.rt2), m.reg(o.rt)))


# -- speculation ----------------------------------------------------------------------------------
@ARM.insn(
    a32("1111 0101 0111 1111 1111 0000 0111 0000", NOTHING),
    t32("11110 0 1110 11 1111 1000 1111 0111 0000", NOTHING),
    ref="DDI 0487 F5.1",
)
def sb(m: Any, o: Any) -> None:
    """No speculation past this: a full memory barrier."""
    m.fence()
