"""What all ARM rows share: the ISA object, ALU results, shifter, immediates and conditions.

Source: DDI 0406C A2.2.1 (AddWithCarry), A8.4.3 (Shift_C), A5.2.4 (ARMExpandImm), A6.3.2
(ThumbExpandImm), A8.3 (ConditionPassed). Everything works on constants and on symbolic values:
where the manual branches on an instruction field that may be symbolic, this uses `select`.
Immediates are expanded when an instruction is decoded: functions taking `f` are operand bindings.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, Form, Isa, Template

ARM = Isa("arm")

LSL, LSR, ASR, ROR, RRX = range(5)
SP, LR, PC = Bits(8, 13), Bits(8, 14), Bits(8, 15)


class Alu(NamedTuple):
    """A 32-bit result with its carry and overflow; None where the operation leaves a flag alone.

    `less` is N != V, "signed less than", where that is simpler than computing N and V.
    """

    value: Bits
    c: Bits | None = None
    v: Bits | None = None
    less: Bits | None = None


# -- arithmetic -----------------------------------------------------------------------------------
def add(x: Bits, y: Bits) -> Alu:
    """x + y."""
    value = x + y
    less = (x.sext(64) + y.sext(64)).slt(0)
    return Alu(value, value.ult(x), ((x ^ value) & (y ^ value))[31], less)


def subtract(x: Bits, y: Bits) -> Alu:
    """x - y; the carry is "no borrow"."""
    value = x - y
    return Alu(value, x.uge(y), ((x ^ y) & (x ^ value))[31], x.slt(y))


def add_with_carry(x: Bits, y: Bits, carry: Bits) -> Alu:
    """x + y + carry, `carry` being one bit. For x - y - !carry pass ~y."""
    wide = x.zext(64) + y.zext(64) + carry.zext(64)
    value = wide.trunc(32)
    exact = x.sext(64) + y.sext(64) + carry.zext(64)
    return Alu(value, wide[32], ((x ^ value) & (y ^ value))[31], exact.slt(0))


def put_flags(m: Any, result: Alu) -> None:
    """N and Z from the value, C and V where the operation gives them."""
    m.put("n", result.value)
    m.put("z", result.value)
    if result.c is not None:
        m.put("c", result.c)
    if result.v is not None:
        m.put("v", result.v)
    if result.less is not None:
        m.put_less(result.less)


# -- shifter --------------------------------------------------------------------------------------
def shift_c(x: Bits, kind: int, amount: Bits, carry: Bits) -> Alu:
    """Shift `x` by a register amount (32-bit `amount`, 0 .. 255); 0 leaves the carry alone."""
    if kind == ROR:
        value = x.ror(amount)
        out = value[31]
    elif kind == LSL:
        wide = x.zext(64).shl(amount.zext(64))
        value, out = wide.trunc(32), wide[32]
    else:
        n = amount.zext(64)
        if kind == ASR:
            wide = x.sext(64)
            value, out = wide.ashr(n).trunc(32), (wide << 1).ashr(n)[0]
        else:
            wide = x.zext(64)
            value, out = wide.lshr(n).trunc(32), (wide << 1).lshr(n)[0]
    return Alu(value, select(amount.eq(0), carry, out))


def shift_imm_c(x: Bits, kind: int, amount: Bits, carry: Bits) -> Alu:
    """Shift `x` by an immediate `amount` (Bits(8), 1 .. 32; see `shift_amount`); RRX ignores it."""
    if kind == RRX:
        return Alu(cat(carry, x[31:1]), x[0])
    if kind == ROR:
        value = x.ror(amount.zext(32))
        return Alu(value, value[31])
    if amount.is_const:
        by = amount.value
        if kind == LSL:
            return Alu(x << by, x[32 - by])
        value = x.sar(min(by, 31)) if kind == ASR else x.lshr(by)
        return Alu(value, x[by - 1])
    n = amount.zext(64)
    if kind == LSL:
        wide = x.zext(64) << n
        return Alu(wide.trunc(32), wide[32])
    wide = (x.sext(64) if kind == ASR else x.zext(64)) << 1  # the carry falls into bit 0
    wide = wide.sar(n) if kind == ASR else wide >> n
    return Alu(wide[32:1], wide[0])


def shift_imm(x: Bits, kind: int, amount: Bits, carry: Bits) -> Bits:
    """The value of `shift_imm_c`, for address offsets."""
    return shift_imm_c(x, kind, amount, carry).value


def shift_imm_any(x: Bits, kind: Bits, amount: Bits, carry: Bits) -> Alu:
    """`shift_imm_c` with a dynamic kind (LSL .. RRX) and an amount of 0 .. 32; 0 is LSL #0."""
    if kind.is_const and amount.is_const:
        plain = kind.value == LSL and amount.value == 0
        return Alu(x, carry) if plain else shift_imm_c(x, kind.value, amount, carry)
    results = [shift_imm_c(x, k, amount, carry) for k in range(5)]
    value, out = _pick(results, kind)
    return Alu(value, select(amount.eq(0) & kind.ne(RRX), carry, out))


def shift_reg_any(x: Bits, kind: Bits, amount: Bits, carry: Bits) -> Alu:
    """`shift_c` with a dynamic kind (LSL .. ROR)."""
    if kind.is_const:
        return shift_c(x, kind.value, amount, carry)
    value, out = _pick([shift_c(x, k, amount, carry) for k in range(4)], kind)
    return Alu(value, out)


def _pick(results: list[Alu], kind: Bits) -> tuple[Bits, Bits]:
    """The result number `kind`."""
    value, out = results[0].value, results[0].c
    assert out is not None
    for k, r in enumerate(results[1:], 1):
        assert r.c is not None
        value = select(kind.eq(k), r.value, value)
        out = select(kind.eq(k), r.c, out)
    return value, out


def shift_amount(kind: Bits, imm5: Bits) -> Bits:
    """The amount encoded by `imm5`, as Bits(8): 0 means 32 for LSR and ASR. `kind` is 2 bits."""
    right = kind.eq(LSR) | kind.eq(ASR)
    return select(right & imm5.eq(0), Bits(8, 32), imm5.zext(8))


# -- immediates -----------------------------------------------------------------------------------
def a32_expand(imm12: Bits) -> Bits:
    """An A32 modified immediate: 8 bits rotated right by twice the upper four."""
    return imm12[7:0].zext(32).ror(imm12[11:8].zext(32) << 1)


def thumb_expand(imm12: Bits) -> Bits:
    """A T32 modified immediate, i:imm3:imm8 joined."""
    byte = imm12[7:0].zext(32)
    kind = imm12[9:8]
    low, high = byte, byte << 8
    pattern = select(
        kind.eq(0),
        low,
        select(
            kind.eq(1), low | low << 16, select(kind.eq(2), high | high << 16, byte * 0x01010101)
        ),
    )
    rotated = (imm12[6:0].zext(32) | 0x80).ror(imm12[11:7].zext(32))
    return select(imm12[11:10].eq(0), pattern, rotated)


def a32_imm(f: Fields) -> Bits:
    """Binding: the modified immediate of field `imm12`."""
    return a32_expand(f.imm12)


def t32_imm12(f: Fields) -> Bits:
    """Binding: i:imm3:imm8 as a plain 12-bit number."""
    return cat(f.i, f.imm3, f.imm8)


def t32_imm(f: Fields) -> Bits:
    """Binding: the modified immediate of i:imm3:imm8."""
    return thumb_expand(t32_imm12(f))


def negated(bind: Any) -> Any:
    """Binding: minus the 32-bit immediate that `bind` gives."""
    return lambda f: -bind(f).zext(32)


def a32_pc(f: Fields) -> Bits:
    """What an A32 instruction reads as pc."""
    return f.pc + 8


def thumb_pc(f: Fields) -> Bits:
    """What a Thumb instruction reads as pc."""
    return f.pc + 4


def thumb_pc_aligned(f: Fields) -> Bits:
    """Align(PC, 4) of a Thumb instruction, the base of literals."""
    return f.pc + 4 & 0xFFFFFFFC


# -- conditions -----------------------------------------------------------------------------------
def condition(m: Any, cc: int) -> Bits:
    """One bit: does condition `cc` (0 .. 14) hold?"""
    if cc >= 14:
        return Bits(1, 1)
    kind = cc >> 1
    if kind == 0:
        holds: Bits = m.get("z").eq(0)
    elif kind == 1:
        holds = m.get("c")
    elif kind == 2:
        holds = m.get("n")[31]
    elif kind == 3:
        holds = m.get("v")
    elif kind == 4:
        holds = m.get("c") & m.get("z").ne(0)
    else:
        holds = ~m.less()
        if kind == 6:
            holds = holds & m.get("z").ne(0)
    return ~holds if cc & 1 else holds


# -- templates ------------------------------------------------------------------------------------
def a32(text: str, form: Form, **more: Any) -> list[Encoding]:
    """Encodings of one A32 pattern without holes."""
    return Template("a32", text, form, **more)()


def t32(text: str, form: Form, **more: Any) -> list[Encoding]:
    """Encodings of one T32 pattern without holes; the first halfword comes first."""
    return Template("t32", text, form, **more)()


def t16(text: str, form: Form, **more: Any) -> list[Encoding]:
    """Encodings of one T16 pattern without holes."""
    return Template("t16", text, form, **more)()


def outside_it(f: Fields) -> Bits:
    """Binding for static `s`, with expand="it": 16-bit ALU instructions set flags outside IT."""
    return ~f.it
