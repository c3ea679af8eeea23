"""T32 and T16 encodings of loads and stores, for the forms of `memory`.

Source: DDI 0406C A6.2.4, A6.3.6 to A6.3.10. Each function gives all encodings of one instruction;
`pc` names the field whose value 15 means a load to pc.
Invariant: T32 loads relative to pc have encodings of their own (their base is Align(PC, 4)), finer
than the general ones.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core, memory
from run32.isa.arm.memory import OFFSET
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Template


# -- bindings -------------------------------------------------------------------------------------
def _imm8(f: Fields) -> Bits:
    return memory.signed(f, f.imm8)


def _words(f: Fields) -> Bits:
    return memory.signed(f, cat(f.imm8, Bits(2, 0)))


def _above(f: Fields) -> Bits:
    """The literal above Align(PC, 4)."""
    return core.thumb_pc_aligned(f) + f.word[11:0].zext(32)


def _below(f: Fields) -> Bits:
    return core.thumb_pc_aligned(f) - f.word[11:0].zext(32)


def _pair_literal(f: Fields) -> Bits:
    return core.thumb_pc_aligned(f) + _words(f)


def _scaled(shift: int) -> Any:
    return lambda f: f.imm.zext(32) << shift


def _t16_literal(f: Fields) -> Bits:
    return core.thumb_pc_aligned(f) + (f.imm.zext(32) << 2)


# -- T32 ------------------------------------------------------------------------------------------
# In the load templates `rt` and in the store templates `rn` may be "1111" to
# name the words that are hints or undefined instead.
_IMM12 = "1111 100 {s} 1 {size} {l} {rn} {rt} imm12:12"
_IMM8 = "1111 100 {s} 0 {size} {l} {rn} {rt} 1 p:1 u:1 w:1 imm8:8"
_REG = "1111 100 {s} 0 {size} {l} {rn} {rt} 000000 sh:2 rm:4"
_ABOVE = "1111 100 {s} 1 {size} 1 1111 {rt} xxxxxxxxxxxx"
_BELOW = (
    "1111 100 {s} 0 {size} 1 1111 {rt} 0xxxxxxxxxxx",
    "1111 100 {s} 0 {size} 1 1111 {rt} 000000xxxxxx",
)
_BELOW_HIGH = "1111 100 {s} 0 {size} 1 1111 {rt} 1 p:1 u:1 w:1 xxxxxxxx"
_PAIR = "1110 100 p:1 u:1 1 w:1 {l} rn:4 rt:4 rt2:4 imm8:8"


def _indexed(p: int, w: int, **_: int) -> bool:
    """P = 0, W = 0 is no load or store."""
    return bool(p or w)


def _t32(imm: Any, reg: Any, **given: Any) -> list[Encoding]:
    """The immediate and register encodings with the given forms."""
    index: dict[str, Any] = {"expand": "p u w", "mode": memory.index_mode, "only": _indexed}
    return [
        *Template("t32", _IMM12, imm, imm=lambda f: f.imm12, mode=OFFSET)(**given),
        *Template("t32", _IMM8, imm, imm=_imm8, **index)(**given),
        *Template("t32", _REG, reg, mode=OFFSET, sub=0)(**given),
    ]


def _t32_literal(form: Any, **given: Any) -> list[Encoding]:
    """The pc-relative encodings, split where the general ones are."""
    found = Template("t32", _ABOVE, form, address=_above)(**given)
    for text in _BELOW:
        found += Template("t32", text, form, address=_below)(**given)
    return found + Template("t32", _BELOW_HIGH, form, expand="p u w", address=_below)(**given)


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
    index: dict[str, Any] = {"expand": "p w", "mode": memory.index_mode, "only": _indexed}
    found = Template("t32", _PAIR, form, imm=_words, **index)(l=str(int(load)))
    if load:
        text = "1110 100 1 u:1 1 0 1 1111 rt:4 rt2:4 imm8:8"
        found += core.t32(text, memory.load_pair_literal, address=_pair_literal)
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
