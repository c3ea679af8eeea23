"""Status register access in user mode and the coprocessor 15 registers Linux shows to programs.

Source: DDI 0406C A8.8.109-112, B9.3.8-12, B4.1.124 (PMUSERENR), B4.1.149 (TPIDRURO), B4.1.150
(TPIDRURW). User mode reads CPSR with the mode bits of user mode and without execution state, and
writes only the flags, Q and GE. CPSR.E is not written (Linux leaves
big-endian data access off for programs).
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core
from run32.isa.arm.core import ARM, a32, t32
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Form, Operands, direct

USER_MODE = 0x10

READ = direct("read_psr", regs="rd", writes="rd")
WRITE_REG = direct("write_psr", static="flags ge", regs="rn")
WRITE_IMM = direct("write_psr_imm", static="flags ge", imm="imm")
READ_SYSTEM = direct("read_system", static="flags", regs="rt", writes="rt")
WRITE_SYSTEM = direct("write_system", regs="rt")
NOTHING = direct("nothing")


def pack_apsr(m: Any) -> Bits:
    """N Z C V Q and GE where CPSR has them."""
    nzcvq = cat(m.get("n")[31], m.get("z").eq(0), m.get("c"), m.get("v"), m.get("q"))
    return cat(nzcvq, Bits(7, 0), m.get("ge"), Bits(16, 0))


def put_flags(m: Any, value: Bits) -> None:
    """N Z C V from the top four bits of `value`."""
    m.put("n", value)
    m.put("z", ~value & 1 << 30)
    m.put("c", value[29])
    m.put("v", value[28])


@ARM.insn(
    a32("cond:4 0001 0000 1111 rd:4 0000 0000 0000", READ),
    t32("11110 0 1111 10 1111 1000 rd:4 0000 0000", READ),
    ref="DDI 0406C A8.8.109",
)
def mrs(m: Any, o: Operands) -> None:
    """rd = CPSR as user mode sees it."""
    m.set_reg(o.rd, pack_apsr(m) | USER_MODE)


def _write(m: Any, o: Operands, value: Bits) -> None:
    if o.flags:
        put_flags(m, value)
        m.put("q", value[27])
    if o.ge:
        m.put("ge", value[19:16])


@ARM.insn(
    a32("cond:4 0001 0010 flags:1 ge:1 xx 1111 0000 0000 rn:4", WRITE_REG),
    t32("11110 0 1110 00 rn:4 1000 flags:1 ge:1 xx 0000 0000", WRITE_REG),
    ref="DDI 0406C A8.8.112",
)
def msr(m: Any, o: Operands) -> None:
    """The selected parts of APSR = rn."""
    _write(m, o, m.reg(o.rn))


@ARM.insn(
    a32("cond:4 0011 0010 flags:1 ge:1 xx 1111 imm12:12", WRITE_IMM, imm=core.a32_imm),
    ref="DDI 0406C A8.8.111",
)
def msr_imm(m: Any, o: Operands) -> None:
    """The selected parts of APSR = an immediate."""
    _write(m, o, o.imm)


# -- coprocessor 15 -------------------------------------------------------------------------------
def cp15(read: int, crn: int, crm: int, opc2: int, form: Form) -> list[Encoding]:
    """Encodings of an access to p15, 0, rt, crn, crm, opc2; reading to r15 sets the flags."""
    text = f"1110 000 {read} {crn:04b} {{rt}} 1111 {opc2:03b} 1 {crm:04b}"
    plain, to_flags = text.format(rt="rt:4"), text.format(rt="1111")
    found = [*a32("cond:4 " + plain, form, flags=0), *t32("1110 " + plain, form, flags=0)]
    if read:
        found += a32("cond:4 " + to_flags, form, flags=1, rt=0)
        found += t32("1110 " + to_flags, form, flags=1, rt=0)
    return found


def give(m: Any, o: Operands, value: Bits) -> None:
    """rt, or the flags, = value."""
    if o.flags:
        put_flags(m, value)
    else:
        m.set_reg(o.rt, value)


@ARM.insn(cp15(1, 13, 0, 3, READ_SYSTEM), ref="DDI 0406C B4.1.149")
def read_tpidruro(m: Any, o: Operands) -> None:
    """rt = the thread pointer."""
    give(m, o, m.get("tpidruro"))


@ARM.insn(cp15(1, 13, 0, 2, READ_SYSTEM), ref="DDI 0406C B4.1.150")
def read_tpidrurw(m: Any, o: Operands) -> None:
    """rt = the user-writable thread register."""
    give(m, o, m.get("tpidrurw"))


@ARM.insn(cp15(0, 13, 0, 2, WRITE_SYSTEM), ref="DDI 0406C B4.1.150")
def write_tpidrurw(m: Any, o: Operands) -> None:
    """The user-writable thread register = rt."""
    m.put("tpidrurw", m.reg(o.rt))


@ARM.insn(cp15(1, 9, 14, 0, READ_SYSTEM), ref="DDI 0406C B4.1.124")
def read_pmuserenr(m: Any, o: Operands) -> None:
    """rt = 0: programs may not use the performance monitors, as they may always ask (FFmpeg)."""
    give(m, o, Bits(32, 0))


@ARM.insn(
    cp15(0, 7, 5, 4, NOTHING),
    cp15(0, 7, 10, 4, NOTHING),
    cp15(0, 7, 10, 5, NOTHING),
    ref="DDI 0406C B4.2.5",
)
def cp15_barrier(m: Any, o: Operands) -> None:
    """CP15ISB, CP15DSB, CP15DMB: a full barrier."""
    m.fence()
