"""Loads and stores: forms shared by A32, T32 and T16.

The rows on top say what is transferred: a load's semantic function is `f(m, address)` and gives the
32-bit register value, a store's is `f(m, address, value)`. A pair's functions have 64-bit values.
Source: DDI 0406C A8.5; the encodings are in `memory_a32` and `memory_thumb`.

Invariants: a faulting access leaves all registers alone (write-back comes after the access); a
loaded base register keeps the loaded value; the sign of an immediate offset is folded into it.
Unprivileged accesses (LDRT, STRBT ...) are ordinary ones in user mode.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Fields, Operands, Semantic, form

OFFSET, PRE, POST = range(3)


# -- addresses ------------------------------------------------------------------------------------
def _address(m: Any, o: Operands, offset: Bits) -> tuple[Bits, Bits]:
    """Where to access, and the base afterwards."""
    base = m.reg(o.rn)
    after = base + offset
    return (base if o.mode == POST else after), after


def _load(m: Any, o: Operands, sem: Semantic, offset: Bits) -> None:
    address, after = _address(m, o, offset)
    value = sem(m, address)
    if o.mode != OFFSET:
        m.set_reg(o.rn, after)
    if o.wpc:
        m.bx(value)
    else:
        m.set_reg(o.rt, value)


def _store(m: Any, o: Operands, sem: Semantic, offset: Bits) -> None:
    address, after = _address(m, o, offset)
    sem(m, address, m.reg(o.rt))
    if o.mode != OFFSET:
        m.set_reg(o.rn, after)


def _load_pair(m: Any, o: Operands, sem: Semantic, offset: Bits) -> None:
    address, after = _address(m, o, offset)
    value = sem(m, address)
    if o.mode != OFFSET:
        m.set_reg(o.rn, after)
    m.set_reg(o.rt, value[31:0])
    m.set_reg(o.rt2, value[63:32])


def _store_pair(m: Any, o: Operands, sem: Semantic, offset: Bits) -> None:
    address, after = _address(m, o, offset)
    sem(m, address, cat(m.reg(o.rt2), m.reg(o.rt)))
    if o.mode != OFFSET:
        m.set_reg(o.rn, after)


def _plain_offset(m: Any, o: Operands) -> Bits:
    """± rm LSL #n."""
    offset: Bits = m.reg(o.rm) << o.sh.zext(32)
    return -offset if o.sub else offset


def _shifted_offset(m: Any, o: Operands) -> Bits:
    """± rm with any shift: `how` has the kind in byte 0, the amount in byte 1, all ones above for
    minus."""
    shifted = core.shift_imm_any(m.reg(o.rm), o.how[7:0], o.how[15:8], m.get("c")).value
    sign: Bits = o.how.sar(31)
    return (shifted ^ sign) - sign


# -- forms ----------------------------------------------------------------------------------------
@form(static="mode wpc", regs="rt rn", imm="imm", writes="rt")
def load_imm(m: Any, o: Operands, sem: Semantic) -> None:
    _load(m, o, sem, o.imm)


@form(static="mode sub wpc", regs="rt rn rm", small="sh", writes="rt")
def load_reg(m: Any, o: Operands, sem: Semantic) -> None:
    _load(m, o, sem, _plain_offset(m, o))


@form(static="mode wpc", regs="rt rn rm", imm="how", writes="rt")
def load_shifted(m: Any, o: Operands, sem: Semantic) -> None:
    _load(m, o, sem, _shifted_offset(m, o))


@form(static="wpc", regs="rt", imm="address", writes="rt")
def load_literal(m: Any, o: Operands, sem: Semantic) -> None:
    value = sem(m, o.address)
    if o.wpc:
        m.bx(value)
    else:
        m.set_reg(o.rt, value)


@form(static="mode", regs="rt rn", imm="imm")
def store_imm(m: Any, o: Operands, sem: Semantic) -> None:
    _store(m, o, sem, o.imm)


@form(static="mode sub", regs="rt rn rm", small="sh")
def store_reg(m: Any, o: Operands, sem: Semantic) -> None:
    _store(m, o, sem, _plain_offset(m, o))


@form(static="mode", regs="rt rn rm", imm="how")
def store_shifted(m: Any, o: Operands, sem: Semantic) -> None:
    _store(m, o, sem, _shifted_offset(m, o))


@form(static="mode", regs="rt rt2 rn", imm="imm", writes="rt rt2")
def load_pair_imm(m: Any, o: Operands, sem: Semantic) -> None:
    _load_pair(m, o, sem, o.imm)


@form(static="mode sub", regs="rt rt2 rn rm", writes="rt rt2")
def load_pair_reg(m: Any, o: Operands, sem: Semantic) -> None:
    _load_pair(m, o, sem, -m.reg(o.rm) if o.sub else m.reg(o.rm))


@form(regs="rt rt2", imm="address", writes="rt rt2")
def load_pair_literal(m: Any, o: Operands, sem: Semantic) -> None:
    value = sem(m, o.address)
    m.set_reg(o.rt, value[31:0])
    m.set_reg(o.rt2, value[63:32])


@form(static="mode", regs="rt rt2 rn", imm="imm")
def store_pair_imm(m: Any, o: Operands, sem: Semantic) -> None:
    _store_pair(m, o, sem, o.imm)


@form(static="mode sub", regs="rt rt2 rn rm")
def store_pair_reg(m: Any, o: Operands, sem: Semantic) -> None:
    _store_pair(m, o, sem, -m.reg(o.rm) if o.sub else m.reg(o.rm))


# -- bindings that A32 and T32 share --------------------------------------------------------------
def index_mode(f: Fields) -> int:
    """From P and W; A32 with P = 0, W = 1 is an unprivileged access, post-indexed."""
    if not f.p.value:
        return POST
    return PRE if f.w.value else OFFSET


def signed(f: Fields, magnitude: Bits) -> Bits:
    """`magnitude` as 32 bits, negated where field `u` is 0."""
    wide = magnitude.zext(32)
    return select(f.u, wide, -wide)
