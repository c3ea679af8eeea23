"""Load and store multiple, push and pop. Source: DDI 0406C A8.8.57-61, A8.8.131-133, A8.8.199-202.

The index mode is two numbers found when the instruction is decoded: `start` from the base to the
lowest address, `delta` from the base to its new value (signed bytes). Misaligned addresses work, as
under a kernel with alignment fix-ups. The forms that name user-mode registers (S = 1) have no row.

Invariants: all registers are loaded or none; a base in the list keeps the loaded value: its
write-back then goes to r15, which only holds scratch values.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, PC, SP, a32, t16, t32
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, direct

LOAD = direct(
    "load_multiple", static="w to_pc", regs="rn rw", small="start delta", imm="list", writes="rw"
)
# `pc` is 15 where pc is stored, so that its value is at hand
STORE = direct("store_multiple", static="w", regs="rn pc", small="start delta", imm="list")


# -- bindings -------------------------------------------------------------------------------------
def _placed(list_: Any, p: Any, u: Any) -> dict[str, Any]:
    """Bindings for a register list (16 bits) and the bits P and U."""

    def size(f: Fields) -> Bits:
        listed: Bits = list_(f)
        return listed.popcount().trunc(8) << 2

    def start(f: Fields) -> Bits:
        before = p(f).zext(8) << 2
        return select(u(f), before, Bits(8, 4) - before - size(f))

    def delta(f: Fields) -> Bits:
        return select(u(f), size(f), -size(f))

    return {"list": list_, "start": start, "delta": delta}


def _fixed(value: int) -> Any:
    return lambda f: Bits(1, value)


def _write_back(list_: Any) -> Any:
    """rn, or r15 where rn is in the list."""

    def bind(f: Fields) -> Bits:
        listed = (list_(f) >> f.rn.zext(16)).trunc(1)
        return select(listed, PC, f.rn.zext(8))

    return bind


def _stored_pc(f: Fields) -> Bits:
    return select(f.list[15], PC, Bits(8, 0))


def _list(f: Fields) -> Bits:
    return cat(f.to_pc, f.low)


def _low_list(f: Fields) -> Bits:
    return f.low.zext(16)


def _pop_list(f: Fields) -> Bits:
    return cat(f.to_pc, Bits(7, 0), f.low)


def _push_list(f: Fields) -> Bits:
    return cat(Bits(1, 0), f.lr, Bits(6, 0), f.low)


_BOTH: dict[str, Any] = {"p": lambda f: f.p, "u": lambda f: f.u}
_UP: dict[str, Any] = {"p": _fixed(0), "u": _fixed(1)}
_DOWN: dict[str, Any] = {"p": _fixed(1), "u": _fixed(0)}


def _decreasing_or_not(p: int, u: int, **_: int) -> bool:
    """T32 has IA and DB only."""
    return p != u


_T32: dict[str, Any] = {"expand": "p u", "only": _decreasing_or_not}


def _loads() -> list[Encoding]:
    whole: dict[str, Any] = {"rw": _write_back(_list), **_placed(_list, **_BOTH)}
    low: dict[str, Any] = {"rw": _write_back(_low_list), **_placed(_low_list, **_UP)}
    pop: dict[str, Any] = {"rn": SP, "rw": SP, "w": 1, **_placed(_pop_list, **_UP)}
    return [
        *a32("cond:4 100 p:1 u:1 0 w:1 1 rn:4 to_pc:1 low:15", LOAD, **whole),
        *t32("1110 100 p:1 u:1 0 w:1 1 rn:4 to_pc:1 low:15", LOAD, **whole, **_T32),
        *t16("11001 rn:3 low:8", LOAD, w=1, to_pc=0, **low),
        *t16("1011110 to_pc:1 low:8", LOAD, **pop),
    ]


def _stores() -> list[Encoding]:
    whole: dict[str, Any] = {"pc": _stored_pc, **_placed(lambda f: f.list, **_BOTH)}
    low: dict[str, Any] = {"pc": 0, "w": 1, **_placed(_low_list, **_UP)}
    push: dict[str, Any] = {"rn": SP, "pc": 0, "w": 1, **_placed(_push_list, **_DOWN)}
    return [
        *a32("cond:4 100 p:1 u:1 0 w:1 0 rn:4 list:16", STORE, **whole),
        *t32("1110 100 p:1 u:1 0 w:1 0 rn:4 list:16", STORE, **whole, **_T32),
        *t16("11000 rn:3 low:8", STORE, **low),
        *t16("1011010 lr:1 low:8", STORE, **push),
    ]


# -- rows -----------------------------------------------------------------------------------------
@ARM.insn(_loads(), ref="DDI 0406C A8.8.57-61, A8.8.131-132")
def ldm(m: Any, o: Any) -> None:
    """Load registers from consecutive words; pc in the list is an interworking branch."""
    base = m.reg(o.rn)
    m.load_multiple(base + o.start.sext(32), o.list)
    target = m.reg(PC) if o.to_pc else None
    if o.w:
        m.set_reg(o.rw, base + o.delta.sext(32))
    if o.to_pc:
        m.bx(target)


@ARM.insn(_stores(), ref="DDI 0406C A8.8.133, A8.8.199-202")
def stm(m: Any, o: Any) -> None:
    """Store registers to consecutive words."""
    base = m.reg(o.rn)
    m.store_multiple(base + o.start.sext(32), o.list)
    if o.w:
        m.set_reg(o.rn, base + o.delta.sext(32))
