"""A32 encodings of loads and stores, for the forms of `memory`. Source: DDI 0406C A5.2.8-9, A5.3.

Each function gives all encodings of one instruction; `pc` names the field whose value 15 means a
load to pc. Loads relative to pc are left to the pc prefix except for the frequent LDR.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core, memory
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, Template


# -- bindings -------------------------------------------------------------------------------------
def _imm12(f: Fields) -> Bits:
    return memory.signed(f, f.imm12)


def _nibbles(f: Fields) -> Bits:
    return memory.signed(f, cat(f.imm4h, f.imm4l))


def _how(f: Fields) -> Bits:
    """The shifted offset of `memory.load_shifted`."""
    kind = select(f.type.eq(core.ROR) & f.imm5.eq(0), Bits(8, core.RRX), f.type.zext(8))
    return cat((~f.u).sext(16), core.shift_amount(f.type, f.imm5), kind)


def _minus(f: Fields) -> Bits:
    return ~f.u


def _even(f: Fields) -> Bits:
    return cat(f.t, Bits(1, 0))


def _odd(f: Fields) -> Bits:
    return cat(f.t, Bits(1, 1))


# -- patterns -------------------------------------------------------------------------------------
_IMM = "cond:4 010 p:1 u:1 {b} w:1 {l} rn:4 rt:4 imm12:12"
_LSL = "cond:4 011 p:1 u:1 {b} w:1 {l} rn:4 rt:4 sh:5 00 0 rm:4"
_SHIFT = "cond:4 011 p:1 u:1 {b} w:1 {l} rn:4 rt:4 imm5:5 type:2 0 rm:4"
_EXTRA_IMM = "cond:4 000 p:1 u:1 1 w:1 {l} rn:4 rt:4 imm4h:4 1 {op} 1 imm4l:4"
_EXTRA_REG = "cond:4 000 p:1 u:1 0 w:1 {l} rn:4 rt:4 0000 1 {op} 1 rm:4"
_PAIR_IMM = "cond:4 000 p:1 u:1 1 w:1 0 rn:4 t:3 0 imm4h:4 1 {op} 1 imm4l:4"
_PAIR_REG = "cond:4 000 p:1 u:1 0 w:1 0 rn:4 t:3 0 0000 1 {op} 1 rm:4"
_INDEX: dict[str, Any] = {"expand": "p w", "mode": memory.index_mode}
_INDEX_SIGN: dict[str, Any] = {"expand": "p w u", "mode": memory.index_mode, "sub": _minus}


def load(b: str, pc: str = "") -> list[Encoding]:
    """Word (`b` = 0) or byte loads."""
    given: dict[str, Any] = {"b": b, "l": "1", "pc_write": pc}
    return [
        *Template("a32", _IMM, memory.load_imm, imm=_imm12, **_INDEX)(**given),
        *Template("a32", _LSL, memory.load_reg, **_INDEX_SIGN)(**given),
        *Template("a32", _SHIFT, memory.load_shifted, how=_how, **_INDEX)(**given),
    ]


def load_literal(b: str, pc: str = "") -> list[Encoding]:
    """Word or byte loads relative to pc."""
    text = "cond:4 010 1 u:1 {b} 0 1 1111 rt:4 imm12:12"

    def address(f: Fields) -> Bits:
        return core.a32_pc(f) + _imm12(f)

    return Template("a32", text, memory.load_literal, address=address)(b=b, pc_write=pc)


def store(b: str) -> list[Encoding]:
    """Word or byte stores."""
    given: dict[str, Any] = {"b": b, "l": "0"}
    return [
        *Template("a32", _IMM, memory.store_imm, imm=_imm12, **_INDEX)(**given),
        *Template("a32", _LSL, memory.store_reg, **_INDEX_SIGN)(**given),
        *Template("a32", _SHIFT, memory.store_shifted, how=_how, **_INDEX)(**given),
    ]


def load_extra(op: str) -> list[Encoding]:
    """Halfword and signed loads."""
    given: dict[str, Any] = {"op": op, "l": "1"}
    return [
        *Template("a32", _EXTRA_IMM, memory.load_imm, imm=_nibbles, **_INDEX)(**given),
        *Template("a32", _EXTRA_REG, memory.load_reg, sh=0, **_INDEX_SIGN)(**given),
    ]


def store_extra(op: str) -> list[Encoding]:
    """Halfword stores."""
    given: dict[str, Any] = {"op": op, "l": "0"}
    return [
        *Template("a32", _EXTRA_IMM, memory.store_imm, imm=_nibbles, **_INDEX)(**given),
        *Template("a32", _EXTRA_REG, memory.store_reg, sh=0, **_INDEX_SIGN)(**given),
    ]


def pair(op: str, imm: Any, reg: Any) -> list[Encoding]:
    """LDRD and STRD; an odd first register is undefined, and so is P = 0, W = 1."""
    pair: dict[str, Any] = {"rt": _even, "rt2": _odd, "only": lambda p, w, **_: p or not w}
    return [
        *Template("a32", _PAIR_IMM, imm, imm=_nibbles, **_INDEX, **pair)(op=op),
        *Template("a32", _PAIR_REG, reg, **_INDEX_SIGN, **pair)(op=op),
    ]
