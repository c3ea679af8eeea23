"""Halfword packing and byte selection. Source: DDI 0406C A5.4.3, A6.3.15, A8.8.125, A8.8.166."""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t32
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Fields, Operands, Semantic, form


# -- forms ----------------------------------------------------------------------------------------
@form(regs="rd rn rm", small="sh", writes="rd")
def pack(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, rm, shift amount)."""
    m.set_reg(o.rd, sem(m.reg(o.rn), m.reg(o.rm), o.sh.zext(32)))


@form(regs="rd rn rm", writes="rd")
def choose(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = sem(rn, rm, GE flags)."""
    m.set_reg(o.rd, sem(m.reg(o.rn), m.reg(o.rm), m.get("ge")))


# -- rows -----------------------------------------------------------------------------------------
def _t32_amount(f: Fields) -> Bits:
    return cat(f.imm3, f.imm2)


def _right(amount: Bits) -> Bits:
    """A shift right by 32, encoded as 0, gives the same as one by 31."""
    return select(amount.eq(0), Bits(8, 31), amount.zext(8))


@ARM.insn(
    a32("cond:4 0110 1000 rn:4 rd:4 sh:5 001 rm:4", pack),
    t32("1110 1010 1100 rn:4 0 imm3:3 rd:4 imm2:2 00 rm:4", pack, sh=_t32_amount),
    ref="DDI 0406C A8.8.125",
)
def pkhbt(x: Bits, y: Bits, amount: Bits) -> Bits:
    """rd = upper half of rm << amount, lower half of rn."""
    return cat((y << amount)[31:16], x[15:0])


@ARM.insn(
    a32("cond:4 0110 1000 rn:4 rd:4 imm5:5 101 rm:4", pack, sh=lambda f: _right(f.imm5)),
    t32(
        "1110 1010 1100 rn:4 0 imm3:3 rd:4 imm2:2 10 rm:4",
        pack,
        sh=lambda f: _right(_t32_amount(f)),
    ),
    ref="DDI 0406C A8.8.125",
)
def pkhtb(x: Bits, y: Bits, amount: Bits) -> Bits:
    """rd = upper half of rn, lower half of rm >> amount (arithmetic)."""
    return cat(x[31:16], y.sar(amount)[15:0])


@ARM.insn(
    a32("cond:4 0110 1000 rn:4 rd:4 1111 1011 rm:4", choose),
    t32("1111 1010 1010 rn:4 1111 rd:4 1000 rm:4", choose),
    ref="DDI 0406C A8.8.166",
)
def sel(x: Bits, y: Bits, ge: Bits) -> Bits:
    """Each byte of rd = that of rn where its GE flag is set, else that of rm."""
    mask = cat(*(ge[i].sext(8) for i in (3, 2, 1, 0)))
    return x & mask | y & ~mask
