"""Check sums of bytes, halfwords and words. Source: DDI 0487 F5.1 (CRC32, CRC32C)."""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t32
from run32.spec.rows import Operands, direct

SIZES = "bhw"
CRC = direct("crc", static="castagnoli size", regs="rd rn rm")


@ARM.insn(
    *(
        a32(f"cond:4 00010 {size:02b} 0 rn:4 rd:4 00 castagnoli:1 0 0100 rm:4", CRC, size=size)
        + t32(f"1111 1010 110 castagnoli:1 rn:4 1111 rd:4 10 {size:02b} rm:4", CRC, size=size)
        for size in range(3)
    ),
    ref="DDI 0487 F5.1",
)
def crc32(m: Any, o: Operands) -> None:
    """rd = the check sum rn, with 8, 16 or 32 bits of rm added."""
    name = ("crc32c" if o.castagnoli else "crc32") + SIZES[o.size]
    m.set_reg(o.rd, m.crypto(name, m.reg(o.rn), m.reg(o.rm)))
