"""Encodings of loads and stores, for the forms of `memory`.

Source: DDI 0406C A5.2.8, A5.3, A6.2.4, A6.3.6 to A6.3.10. Each function gives all encodings of one
instruction in one instruction set; `pc` names the field whose value 15 means a load to pc.
Invariant: T32 loads relative to pc have encodings of their own (their base is Align(PC, 4)), finer
than the general ones; A32 leaves them to the pc prefix except for the frequent LDR.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core, memory
from run32.isa.arm.memory import OFFSET, POST, PRE
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, Template


# -- bindings -------------------------------------------------------------------------------------
def _mode(f: Fields) -> int:
    """The index mode; A32 with P = 0, W = 1 is an unprivileged access, post-indexed."""
    if not f.p.value:
        return POST
    return PRE if f.w.value else OFFSET


def _signed(f: Fields, magnitude: Bits) -> Bits:
    """`magnitude` as 32 bits, negated where field `u` is 0."""
    wide = magnitude.zext(32)
    return select(f.u, wide, -wide)


def _imm12(f: Fields) -> Bits:
    return _signed(f, f.imm12)


def _imm8(f: Fields) -> Bits:
    return _signed(f, f.imm8)


def _nibbles(f: Fields) -> Bits:
    return _signed(f, cat(f.imm4h, f.imm4l))


def _words(f: Fields) -> Bits:
    return _signed(f, cat(f.imm8, Bits(2, 0)))


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


def _scaled(shift: int) -> Any:
    return lambda f: f.imm.zext(32) << shift


def _above(f: Fields) -> Bits:
    """The literal above Align(PC, 4)."""
    return core.thumb_pc_aligned(f) + f.word[11:0].zext(32)


def _below(f: Fields) -> Bits:
    return core.thumb_pc_aligned(f) - f.word[11:0].zext(32)


def _t16_literal(f: Fields) -> Bits:
    return core.thumb_pc_aligned(f) + (f.imm.zext(32) << 2)


def _t32_pair_literal(f: Fields) -> Bits:
    return core.thumb_pc_aligned(f) + _words(f)


# -- A32 ------------------------------------------------------------------------------------------
_A32_IMM = "cond:4 010 p:1 u:1 {b} w:1 {l} rn:4 rt:4 imm12:12"
_A32_LSL = "cond:4 011 p:1 u:1 {b} w:1 {l} rn:4 rt:4 sh:5 00 0 rm:4"
_A32_SHIFT = "cond:4 011 p:1 u:1 {b} w:1 {l} rn:4 rt:4 imm5:5 type:2 0 rm:4"
_A32_EXTRA_IMM = "cond:4 000 p:1 u:1 1 w:1 {l} rn:4 rt:4 imm4h:4 1 {op} 1 imm4l:4"
_A32_EXTRA_REG = "cond:4 000 p:1 u:1 0 w:1 {l} rn:4 rt:4 0000 1 {op} 1 rm:4"
_A32_PAIR_IMM = "cond:4 000 p:1 u:1 1 w:1 0 rn:4 t:3 0 imm4h:4 1 {op} 1 imm4l:4"
_A32_PAIR_REG = "cond:4 000 p:1 u:1 0 w:1 0 rn:4 t:3 0 0000 1 {op} 1 rm:4"
_IMM: dict[str, Any] = {"expand": "p w", "mode": _mode}
_REG: dict[str, Any] = {"expand": "p w u", "mode": _mode, "sub": _minus}


def a32_load(b: str, pc: str = "") -> list[Encoding]:
    """Word (`b` = 0) or byte loads."""
    given: dict[str, Any] = {"b": b, "l": "1", "pc_write": pc}
    return [
        *Template("a32", _A32_IMM, memory.load_imm, imm=_imm12, **_IMM)(**given),
        *Template("a32", _A32_LSL, memory.load_reg, **_REG)(**given),
        *Template("a32", _A32_SHIFT, memory.load_shifted, how=_how, **_IMM)(**given),
    ]


def a32_load_literal(b: str, pc: str = "") -> list[Encoding]:
    """Word or byte loads relative to pc."""
    text = "cond:4 010 1 u:1 {b} 0 1 1111 rt:4 imm12:12"

    def address(f: Fields) -> Bits:
        return core.a32_pc(f) + _imm12(f)

    return Template("a32", text, memory.load_literal, address=address)(b=b, pc_write=pc)


def a32_store(b: str) -> list[Encoding]:
    """Word or byte stores."""
    given: dict[str, Any] = {"b": b, "l": "0"}
    return [
        *Template("a32", _A32_IMM, memory.store_imm, imm=_imm12, **_IMM)(**given),
        *Template("a32", _A32_LSL, memory.store_reg, **_REG)(**given),
        *Template("a32", _A32_SHIFT, memory.store_shifted, how=_how, **_IMM)(**given),
    ]


def a32_load_extra(op: str) -> list[Encoding]:
    """Halfword and signed loads."""
    given: dict[str, Any] = {"op": op, "l": "1"}
    return [
        *Template("a32", _A32_EXTRA_IMM, memory.load_imm, imm=_nibbles, **_IMM)(**given),
        *Template("a32", _A32_EXTRA_REG, memory.load_reg, sh=0, **_REG)(**given),
    ]


def a32_store_extra(op: str) -> list[Encoding]:
    """Halfword stores."""
    given: dict[str, Any] = {"op": op, "l": "0"}
    return [
        *Template("a32", _A32_EXTRA_IMM, memory.store_imm, imm=_nibbles, **_IMM)(**given),
        *Template("a32", _A32_EXTRA_REG, memory.store_reg, sh=0, **_REG)(**given),
    ]


def a32_pair(op: str, imm: Any, reg: Any) -> list[Encoding]:
    """LDRD and STRD; an odd first register is undefined, and so is P = 0, W = 1."""
    pair: dict[str, Any] = {"rt": _even, "rt2": _odd, "only": lambda p, w, **_: p or not w}
    return [
        *Template("a32", _A32_PAIR_IMM, imm, imm=_nibbles, **_IMM, **pair)(op=op),
        *Template("a32", _A32_PAIR_REG, reg, **_REG, **pair)(op=op),
    ]


# -- T32 ------------------------------------------------------------------------------------------
# `op` is: sign, size. In the load templates `rt` and in the store templates `rn` may be "1111" to
# name the words that are hints or undefined instead.
_T32_IMM12 = "1111 100 {s} 1 {size} {l} {rn} {rt} imm12:12"
_T32_IMM8 = "1111 100 {s} 0 {size} {l} {rn} {rt} 1 p:1 u:1 w:1 imm8:8"
_T32_REG = "1111 100 {s} 0 {size} {l} {rn} {rt} 000000 sh:2 rm:4"
_T32_ABOVE = "1111 100 {s} 1 {size} 1 1111 {rt} xxxxxxxxxxxx"
_T32_BELOW = (
    "1111 100 {s} 0 {size} 1 1111 {rt} 0xxxxxxxxxxx",
    "1111 100 {s} 0 {size} 1 1111 {rt} 000000xxxxxx",
)
_T32_BELOW_HIGH = "1111 100 {s} 0 {size} 1 1111 {rt} 1 p:1 u:1 w:1 xxxxxxxx"
_T32_PAIR = "1110 100 p:1 u:1 1 w:1 {l} rn:4 rt:4 rt2:4 imm8:8"


def _indexed(p: int, w: int, **_: int) -> bool:
    """P = 0, W = 0 is no load or store."""
    return bool(p or w)


def _t32(imm: Any, reg: Any, **given: Any) -> list[Encoding]:
    """The immediate and register encodings with the given forms."""
    index: dict[str, Any] = {"expand": "p u w", "mode": _mode, "only": _indexed}
    return [
        *Template("t32", _T32_IMM12, imm, imm=lambda f: f.imm12, mode=OFFSET)(**given),
        *Template("t32", _T32_IMM8, imm, imm=_imm8, **index)(**given),
        *Template("t32", _T32_REG, reg, mode=OFFSET, sub=0)(**given),
    ]


def _t32_literal(form: Any, **given: Any) -> list[Encoding]:
    """The pc-relative encodings, split where the general ones are."""
    found = Template("t32", _T32_ABOVE, form, address=_above)(**given)
    for text in _T32_BELOW:
        found += Template("t32", text, form, address=_below)(**given)
    return found + Template("t32", _T32_BELOW_HIGH, form, expand="p u w", address=_below)(**given)


def t32_load(s: str, size: str, pc: str = "") -> list[Encoding]:
    """Loads of all sizes: `s` = 1 sign-extends; `size` is 00 byte, 01 halfword, 10 word."""
    given: dict[str, Any] = {"s": s, "size": size, "rt": "rt:4", "pc_write": pc}
    return [
        *_t32(memory.load_imm, memory.load_reg, l="1", rn="rn:4", **given),
        *_t32_literal(memory.load_literal, **given),
    ]


def t32_store(size: str) -> list[Encoding]:
    """Stores of all sizes."""
    forms = (memory.store_imm, memory.store_reg)
    return _t32(*forms, s="0", size=size, l="0", rn="rn:4", rt="rt:4")


def t32_load_to_15(form: Any, s: str, size: str) -> list[Encoding]:
    """The words of byte and halfword loads with rt = 15."""
    given: dict[str, Any] = {"s": s, "size": size, "rt": "1111"}
    return _t32(form, form, l="1", rn="rn:4", **given) + _t32_literal(form, **given)


def t32_store_at_15(form: Any, size: str) -> list[Encoding]:
    """The words of stores relative to pc."""
    return _t32(form, form, s="0", size=size, l="0", rn="1111", rt="rt:4")


def t32_pair(load: bool, form: Any) -> list[Encoding]:
    """LDRD and STRD."""
    index: dict[str, Any] = {"expand": "p w", "mode": _mode, "only": _indexed}
    found = Template("t32", _T32_PAIR, form, imm=_words, **index)(l=str(int(load)))
    if load:
        text = "1110 100 1 u:1 1 0 1 1111 rt:4 rt2:4 imm8:8"
        found += core.t32(text, memory.load_pair_literal, address=_t32_pair_literal)
    return found


# -- T16 ------------------------------------------------------------------------------------------
def t16_imm(form: Any, op: str, shift: int) -> list[Encoding]:
    """rt, [rn, #imm5 << shift]."""
    return Template("t16", "{op} imm:5 rn:3 rt:3", form, mode=OFFSET, imm=_scaled(shift))(op=op)


def t16_reg(form: Any, op: str) -> list[Encoding]:
    """rt, [rn, rm]."""
    return Template("t16", "0101 {op} rm:3 rn:3 rt:3", form, mode=OFFSET, sub=0, sh=0)(op=op)


def t16_sp(form: Any, op: str) -> list[Encoding]:
    """rt, [sp, #imm8 << 2]."""
    return Template("t16", "{op} rt:3 imm:8", form, mode=OFFSET, rn=13, imm=_scaled(2))(op=op)


def t16_literal() -> list[Encoding]:
    """LDR rt, [pc, #imm8 << 2]."""
    return core.t16("01001 rt:3 imm:8", memory.load_literal, address=_t16_literal)
