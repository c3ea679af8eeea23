"""Shifts and rotates: lsl, lsr, asr, ror by immediate or register, rrx. DDI 0406C A8.8, by name.

A row gets the value, the amount and the carry, in two variants: by an immediate of 1 .. 32, by
the low byte of a register. The bodies are the shifter's, so a row only names the kind.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core
from run32.isa.arm.core import ARM, ASR, LSL, LSR, ROR, RRX, Alu, a32, t16, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Operands, Semantic, form


@form(static="s", regs="rd rm", small="sh", writes="rd")
def by_imm(m: Any, o: Operands, sem: Semantic) -> None:
    _finish(m, o, sem(core.shift_imm_c, m.reg(o.rm), o.sh, m.get("c")))


@form(static="s", regs="rd rm rs", writes="rd")
def by_reg(m: Any, o: Operands, sem: Semantic) -> None:
    amount = m.reg(o.rs) & 0xFF
    _finish(m, o, sem(core.shift_c, m.reg(o.rm), amount, m.get("c")))


def _finish(m: Any, o: Operands, result: Alu) -> None:
    m.set_reg(o.rd, result.value)
    if o.s:
        core.put_flags(m, result)


@form(regs="rm", small="sh")
def to_pc(m: Any, o: Operands, sem: Semantic) -> None:
    m.bx(sem(core.shift_imm_c, m.reg(o.rm), o.sh, m.get("c")).value)


def _immediate(kind: int) -> list[Encoding]:
    """A32, T32 and T16 shifts by an immediate; ROR #0 (RRX) and LSL #0 (mov) are finer rows."""
    bits = format(kind, "02b")

    def amount(f: Fields) -> Bits:
        return core.shift_amount(Bits(2, kind), f.imm5)

    def amount_t32(f: Fields) -> Bits:
        return core.shift_amount(Bits(2, kind), cat(f.imm3, f.imm2))

    found = [
        *a32(f"cond:4 000 1101 s:1 0000 rd:4 imm5:5 {bits} 0 rm:4", by_imm, sh=amount),
        *a32(f"cond:4 000 1101 0 0000 1111 imm5:5 {bits} 0 rm:4", to_pc, sh=amount),
        *t32(f"1110101 0010 s:1 1111 0 imm3:3 rd:4 imm2:2 {bits} rm:4", by_imm, sh=amount_t32),
    ]
    if kind != ROR:
        flags = {"expand": "it", "s": core.outside_it}
        found += t16(f"000 {bits} imm5:5 rm:3 rd:3", by_imm, sh=amount, **flags)
    return found


def _register(kind: int, t16_opc: str) -> list[Encoding]:
    bits = format(kind, "02b")
    return [
        *a32(f"cond:4 000 1101 s:1 0000 rd:4 rs:4 0 {bits} 1 rm:4", by_reg),
        *t32(f"11111010 0 {bits} s:1 rm:4 1111 rd:4 0000 rs:4", by_reg),
        *t16(
            f"010000 {t16_opc} rs:3 rdm:3",
            by_reg,
            expand="it",
            s=core.outside_it,
            rd=lambda f: f.rdm,
            rm=lambda f: f.rdm,
        ),
    ]


@ARM.insn(_immediate(LSL), _register(LSL, "0010"), ref="DDI 0406C A8.8.94-95")
def lsl(shift: Any, x: Bits, amount: Bits, c: Bits) -> Any:
    """rd = rm << amount."""
    return shift(x, LSL, amount, c)


@ARM.insn(_immediate(LSR), _register(LSR, "0011"), ref="DDI 0406C A8.8.96-97")
def lsr(shift: Any, x: Bits, amount: Bits, c: Bits) -> Any:
    """rd = rm >> amount, zeros from the left."""
    return shift(x, LSR, amount, c)


@ARM.insn(_immediate(ASR), _register(ASR, "0100"), ref="DDI 0406C A8.8.16-17")
def asr(shift: Any, x: Bits, amount: Bits, c: Bits) -> Any:
    """rd = rm >> amount, copies of the sign from the left."""
    return shift(x, ASR, amount, c)


@ARM.insn(_immediate(ROR), _register(ROR, "0111"), ref="DDI 0406C A8.8.149-150")
def ror(shift: Any, x: Bits, amount: Bits, c: Bits) -> Any:
    """rd = rm rotated right by amount."""
    return shift(x, ROR, amount, c)


@ARM.insn(
    a32("cond:4 000 1101 s:1 0000 rd:4 00000 11 0 rm:4", by_imm, sh=1),
    a32("cond:4 000 1101 0 0000 1111 00000 11 0 rm:4", to_pc, sh=1),
    t32("1110101 0010 s:1 1111 0 000 rd:4 00 11 rm:4", by_imm, sh=1),
    ref="DDI 0406C A8.8.151",
)
def rrx(shift: Any, x: Bits, amount: Bits, c: Bits) -> Any:
    """rd = rm rotated right by one through the carry."""
    return shift(x, RRX, amount, c)
