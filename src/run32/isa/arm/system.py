"""Calls to the system, hints, barriers and what is undefined for programs.

Source: DDI 0406C A8.8.24 (bkpt), A8.8.228 (svc), A8.8.247 (udf), A8.8.43-44 (dmb, dsb), A8.8.53
(isb), B4.1.21 (CNTFRQ), B4.1.34 (CNTVCT). Hints do nothing. SETEND BE has no row: an arm64 kernel
emulates it, but data here is always little-endian. Linux gives the three permanently undefined
words that debuggers write as breakpoints a SIGTRAP. Of the generic timer programs may read the
frequency and the virtual counter.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, a32, t16, t32
from run32.isa.arm.status import NOTHING, READ_SYSTEM, cp15, give
from run32.spec.bits import Bits, cat
from run32.spec.machine import EXIT_BREAKPOINT, EXIT_COUNTER, EXIT_SYSCALL, EXIT_UNDEFINED
from run32.spec.rows import Encoding, Operands, direct

LEAVE = direct("leave", imm="imm")
COUNT = direct("read_counter", regs="rt rt2")
COUNTS = 62_500_000
"""Counts of the generic timer in a second: one every 16 ns."""


# -- exceptions -----------------------------------------------------------------------------------
@ARM.insn(a32("cond:4 1111 imm:24", LEAVE), t16("11011111 imm:8", LEAVE), ref="DDI 0406C A8.8.228")
def svc(m: Any, o: Operands) -> None:
    """System call."""
    m.exit(EXIT_SYSCALL, o.imm, advance=True)


# -- the generic timer ----------------------------------------------------------------------------
@ARM.insn(cp15(1, 14, 0, 0, READ_SYSTEM), ref="DDI 0406C B4.1.21")
def read_cntfrq(m: Any, o: Operands) -> None:
    """rt = counts in a second."""
    give(m, o, Bits(32, COUNTS))


@ARM.insn(
    a32("cond:4 1100 0101 rt2:4 rt:4 1111 0001 1110", COUNT),
    t32("1110 1100 0101 rt2:4 rt:4 1111 0001 1110", COUNT),
    ref="DDI 0406C B4.1.34",
)
def read_cntvct(m: Any, o: Operands) -> None:
    """rt2:rt = the virtual counter, which the runtime knows."""
    m.exit(EXIT_COUNTER, cat(o.rt2.zext(8), o.rt.zext(8)).zext(32), advance=True)


@ARM.insn(
    a32("1110 0001 0010 hi:12 0111 lo:4", LEAVE, imm=lambda f: cat(f.hi, f.lo)),
    a32("cond:4 0111 1111 0000 0000 0001 1111 0000", LEAVE, imm=0),
    a32("1111 0111 1111 0000 0000 0001 1111 0000", LEAVE, imm=0),
    t32("11110 1111111 0000 1010 0000 0000 0000", LEAVE, imm=0),
    t16("10111110 imm:8", LEAVE),
    t16("11011110 0000 0001", LEAVE, imm=0),
    ref="DDI 0406C A8.8.24; Linux arch/arm64/kernel/debug-monitors.c",
)
def bkpt(m: Any, o: Operands) -> None:
    """Breakpoint."""
    m.exit(EXIT_BREAKPOINT, o.imm)


@ARM.insn(
    a32("cond:4 0111 1111 hi:12 1111 lo:4", LEAVE, imm=lambda f: cat(f.hi, f.lo)),
    t32("11110 1111111 hi:4 1010 lo:12", LEAVE, imm=lambda f: cat(f.hi, f.lo)),
    t16("11011110 imm:8", LEAVE),
    ref="DDI 0406C A8.8.247",
)
def udf(m: Any, o: Operands) -> None:
    """Permanently undefined."""
    m.exit(EXIT_UNDEFINED, o.imm)


def _returns() -> list[Encoding]:
    """A32 ALU operations with S set and rd = pc, which copy SPSR: there is none in user mode."""
    found: list[Encoding] = []
    for opc in (0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15):
        rn = "0000" if opc in (13, 15) else "xxxx"
        imm = f"cond:4 001 {opc:04b} 1 {rn} 1111"
        reg = f"cond:4 000 {opc:04b} 1 {rn} 1111"
        for rest in (f"{imm} xxxx xxxxxxxx", f"{imm} 0000 xxxxxxxx"):
            found += a32(rest, LEAVE, imm=0)
        for kind in range(4):
            found += a32(f"{reg} xxxxx {kind:02b} 0 xxxx", LEAVE, imm=0)
        for kind in (0, 3):
            found += a32(f"{reg} 00000 {kind:02b} 0 xxxx", LEAVE, imm=0)
    return found


@ARM.insn(_returns(), ref="DDI 0406C B9.3.20")
def exception_return(m: Any, o: Operands) -> None:
    """Undefined in user mode."""
    m.exit(EXIT_UNDEFINED, o.imm)


# -- barriers -------------------------------------------------------------------------------------
@ARM.insn(
    a32("1111 0101 0111 1111 1111 0000 0100 xxxx", NOTHING),
    a32("1111 0101 0111 1111 1111 0000 0101 xxxx", NOTHING),
    a32("1111 0101 0111 1111 1111 0000 0110 xxxx", NOTHING),
    t32("11110 0 1110 11 1111 1000 1111 0100 xxxx", NOTHING),
    t32("11110 0 1110 11 1111 1000 1111 0101 xxxx", NOTHING),
    t32("11110 0 1110 11 1111 1000 1111 0110 xxxx", NOTHING),
    ref="DDI 0406C A8.8.43-44, A8.8.53",
)
def barrier(m: Any, o: Operands) -> None:
    """dsb, dmb, isb: a full memory barrier whatever the option."""
    m.fence()


# -- hints ----------------------------------------------------------------------------------------
@ARM.insn(
    a32("cond:4 0011 0010 0000 1111 xxxx xxxx xxxx", NOTHING),
    t16("1011 1111 xxxx 0000", NOTHING),
    a32("1111 0001 0000 xxx 0 0000000 xxx 0 xxxxx", NOTHING),
    t32("11110 0 1110 10 1111 1000 0 xxx xxxx xxxx", NOTHING),
    t16("1011 0110 011 x 0 xxx", NOTHING),
    a32("1111 0001 0000 0001 0000 000 0 0000 0000", NOTHING),
    t16("1011 0110 0101 0000", NOTHING),
    ref="DDI 0406C A8.8.119, A6.3.4, A8.8.162, B9.3.2",
)
def nop(m: Any, o: Operands) -> None:
    """nop, yield, wfe, wfi, sev, dbg, other hints, cps in user mode, setend le: no effect."""
