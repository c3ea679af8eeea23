"""`X86` and what its rows share: flags (SDM 1 3.4.3), conditions, the stack.

Flags are kept as words: SF is bit 31 of `n`, ZF is `z` being zero, PF the even parity of the low
byte of `p`, AF bit 4 of `a`; CF and OF are `c` and `v`. A result is sign-extended into n, z and p.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.spec.bits import Bits, cat
from run32.spec.x86 import X86Isa
from run32.spec.x86_operands import X86Machine

X86 = X86Isa("i386")

EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI = (Bits(8, n) for n in range(8))
ZERO, ONE = Bits(1, 0), Bits(1, 1)
FLAGS_FIXED = 0x202  # bit 1 and IF: always set in a user program


class Alu:
    """A result and the flags it sets; `None` leaves C, V or A as they are."""

    __slots__ = ("a", "c", "v", "value")

    def __init__(
        self, value: Bits, c: Bits | None = None, v: Bits | None = None, a: Bits | None = None
    ) -> None:
        self.value = value
        self.c = c
        self.v = v
        self.a = a  # any value whose bit 4 is AF

    def write_flags(self, m: X86Machine) -> None:
        """Set the flags; S, Z and P always follow the value."""
        wide = self.value.sext(32)
        for name in ("n", "z", "p"):
            m.put(name, wide)
        if self.c is not None:
            m.put("c", self.c)
        if self.v is not None:
            m.put("v", self.v)
        if self.a is not None:
            m.put("a", self.a.zext(32))


class After:
    """A value and what is to happen once it is written."""

    __slots__ = ("value", "write_flags")

    def __init__(self, value: Bits, action: Callable[[X86Machine], None]) -> None:
        self.value = value
        self.write_flags = action


def sign(x: Bits) -> Bits:
    """The top bit."""
    return x[x.width - 1]


def add_flags(x: Bits, y: Bits, carry: Bits = ZERO) -> Alu:
    """x + y + carry with all flags."""
    total = x.zext(64) + y.zext(64) + carry.zext(64)
    r = total.trunc(x.width)
    return Alu(r, total[x.width], sign((x ^ r) & (y ^ r)), x ^ y ^ r)


def sub_flags(x: Bits, y: Bits, borrow: Bits = ZERO) -> Alu:
    """x - y - borrow with all flags; C is the borrow."""
    total = x.zext(64) - y.zext(64) - borrow.zext(64)
    r = total.trunc(x.width)
    return Alu(r, total[x.width], sign((x ^ y) & (x ^ r)), x ^ y ^ r)


def logic_flags(r: Bits) -> Alu:
    """A logical result: C and O are cleared, A is undefined and cleared here."""
    return Alu(r, ZERO, ZERO, Bits(r.width, 0))


def parity(m: X86Machine) -> Bits:
    """PF."""
    return ~m.get("p").trunc(8).popcount()[0]


def condition(m: X86Machine, cc: int) -> Bits:
    """Condition 0 .. 15 in the order of the opcodes (SDM 1, appendix B)."""
    kind = cc >> 1
    if kind == 0:
        holds = m.get("v")
    elif kind == 1:
        holds = m.get("c")
    elif kind == 2:
        holds = m.get("z").eq(0)
    elif kind == 3:
        holds = m.get("c") | m.get("z").eq(0)
    elif kind == 4:
        holds = sign(m.get("n"))
    elif kind == 5:
        holds = parity(m)
    else:
        holds = sign(m.get("n")) ^ m.get("v")
        if kind == 7:
            holds = holds | m.get("z").eq(0)
    return ~holds if cc & 1 else holds


def low_flags(m: X86Machine) -> Bits:
    """SF ZF 0 AF 0 PF 1 CF, eight bits."""
    return cat(
        sign(m.get("n")), m.get("z").eq(0), ZERO, m.get("a")[4], ZERO, parity(m), ONE, m.get("c")
    )


def set_low_flags(m: X86Machine, value: Bits) -> None:
    """Set S, Z, A, P and C from eight bits."""
    m.put("n", value[7].zext(32) << 31)
    m.put("z", (~value[6]).zext(32))
    m.put("a", value.zext(32))
    m.put("p", (~value[2]).zext(32))
    m.put("c", value[0])


def read_flags(m: X86Machine) -> Bits:
    """EFLAGS as PUSHFD stores them."""
    high = m.get("v").zext(32) << 11 | m.get("df").zext(32) << 10
    return high | low_flags(m).zext(32) | FLAGS_FIXED


def write_flags(m: X86Machine, value: Bits) -> None:
    """Set the flags that a user program may change and run32 keeps."""
    set_low_flags(m, value.trunc(8))
    m.put("v", value[11])
    m.put("df", value[10])


def push(m: X86Machine, value: Bits) -> None:
    """Store below the stack pointer, then move it."""
    sp = m.reg(ESP) - value.width // 8
    m.store(sp, value)
    m.set_reg(ESP, sp)


def pop(m: X86Machine, width: int) -> Bits:
    """Load from the stack pointer and move it."""
    sp = m.reg(ESP)
    value = m.load(sp, width)
    m.set_reg(ESP, sp + width // 8)
    return value
