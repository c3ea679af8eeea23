"""Operands of i386 encodings: what the manual's names stand for, and how they are accessed.

An `Operand` (`Eb`, `Gv`, `Iz` ...: SDM 2D, appendix A.2) becomes a `Place` when an encoding is
expanded to one operand size and ModRM shape. Slot bytes: `reg`, `rm` (a register, or the base),
`sib` (index | scale << 4) and the length; words: `disp` and `imm`.
"""

from __future__ import annotations

from typing import Any, Protocol

from run32.spec.bits import Bits, select
from run32.spec.errors import RowError
from run32.spec.machine import Machine
from run32.spec.rows import Operands

NO_REGISTER = 8
STACK_POINTER = 4
BASE, SIB, REGISTER = (
    0,
    1,
    2,
)  # ModRM shapes: [base + disp], [base + index * scale + disp], register
SHAPES = {BASE: "base", SIB: "sib", REGISTER: "reg"}

# What follows the opcode and ModRM; in `JB` and `JD` the slot gets the absolute target.
NO_IMM, IB, IBS, IW, ID, JB, JD, MOFFS = range(8)
IMM_BYTES = {NO_IMM: 0, IB: 1, IBS: 1, IW: 2, ID: 4, JB: 1, JD: 4, MOFFS: 4}


class X86Machine(Machine, Protocol):
    """What forms of this guest ask for besides `spec.machine.Machine`."""

    def narrow(self, number: Bits, width: int) -> Bits:
        """An 8-bit register by byte offset, or a 16-bit one by number."""
        ...

    def set_narrow(self, number: Bits, value: Bits) -> None:
        """Write an 8- or 16-bit register; the rest of the 32-bit one stays."""
        ...

    def leave_if(self, cond: Bits, reason: int) -> None:
        """Leave guest code at this instruction with `reason` where the one-bit `cond` is 1."""
        ...


class Place:
    """An operand of a fully expanded encoding: `name` tells its code apart, `width` is in bits."""

    imm = NO_IMM

    def __init__(self, name: str, width: int) -> None:
        self.name = f"{name}{width}"
        self.width = width

    def read(self, m: X86Machine, o: Operands) -> Any:
        """The operand's value."""
        raise RowError(f"operand {self.name} cannot be read")

    def write(self, m: X86Machine, o: Operands, value: Bits) -> None:
        """Set the operand."""
        raise RowError(f"operand {self.name} cannot be written")


class InRegister(Place):
    """A general register whose number is in slot byte `field`, or is `number`."""

    def __init__(self, name: str, width: int, field: str = "", number: int = 0) -> None:
        super().__init__(name, width)
        self.field = field
        self.number = number if width > 8 else byte_offset(number)

    def _number(self, o: Operands) -> Bits:
        if not self.field:
            return Bits(8, self.number)
        number: Bits = getattr(o, self.field)
        return number

    def read(self, m: X86Machine, o: Operands) -> Bits:
        number = self._number(o)
        return m.reg(number) if self.width == 32 else m.narrow(number, self.width)

    def write(self, m: X86Machine, o: Operands, value: Bits) -> None:
        if value.width != self.width:
            raise RowError(f"operand {self.name} is given {value.width} bits")
        if self.width == 32:
            m.set_reg(self._number(o), value)
        else:
            m.set_narrow(self._number(o), value)


class InMemory(Place):
    """Memory at the ModRM address (`shape` BASE or SIB), or at an absolute one."""

    def __init__(self, name: str, width: int, shape: int = BASE, absolute: bool = False) -> None:
        super().__init__(name, width)
        self.shape = shape
        self.imm = MOFFS if absolute else NO_IMM

    def address(self, m: X86Machine, o: Operands) -> Bits:
        """The effective address, computed once per execution."""
        if "effective" not in o.__dict__:
            known = o.disp if self.imm == MOFFS else effective(m, o, self.shape)
            o.__dict__["effective"] = known
        address: Bits = o.effective
        return address

    def read(self, m: X86Machine, o: Operands) -> Bits:
        return m.load(self.address(m, o), self.width)

    def write(self, m: X86Machine, o: Operands, value: Bits) -> None:
        if value.width != self.width:
            raise RowError(f"operand {self.name} is given {value.width} bits")
        m.store(self.address(m, o), value)


class Address(InMemory):
    """The address of a memory operand (LEA, POP and bit strings): its value is no access."""

    def read(self, m: X86Machine, o: Operands) -> Bits:
        return self.address(m, o)


class PoppedAddress(Address):
    """The address of POP's operand: the stack pointer counts as moved already (SDM 2B, POP)."""

    def address(self, m: X86Machine, o: Operands) -> Bits:
        moved = select(o.rm.eq(STACK_POINTER), Bits(32, self.width // 8), 0)
        return effective(m, o, self.shape) + moved


class Immediate(Place):
    """The immediate, of which `width` bits are used."""

    def __init__(self, name: str, width: int, imm: int) -> None:
        super().__init__(name, width)
        self.imm = imm

    def read(self, m: X86Machine, o: Operands) -> Bits:
        value: Bits = o.imm
        return value.trunc(self.width)


class One(Place):
    """The constant 1 in eight bits: a shift without count."""

    def read(self, m: X86Machine, o: Operands) -> Bits:
        return Bits(8, 1)


class Static(Place):
    """A number known when code is generated: a Python int for the semantic function."""

    def __init__(self, name: str, value: int) -> None:
        super().__init__(f"{name}.", value)
        self.value = value

    def read(self, m: X86Machine, o: Operands) -> int:
        return self.value


class RepPrefix(Place):
    """The repeat prefix: 0, F2 or F3 in eight bits, in the slot's `reg` byte."""

    def read(self, m: X86Machine, o: Operands) -> Bits:
        value: Bits = o.reg
        return value


def byte_offset(number: int) -> int:
    """Offset in the register file of the 8-bit register with that number in an instruction."""
    return (number & 3) * 4 + (number >> 2)


def effective(m: X86Machine, o: Operands, shape: int) -> Bits:
    """The ModRM address of an instruction (SDM 2A 2.1.5)."""
    address: Bits = m.reg(o.rm) + o.disp
    if shape == SIB:
        address = address + (m.reg(o.sib & 15) << (o.sib >> 4).zext(32))
    return address


_MEMORY = {"E": InMemory, "M": Address, "P": PoppedAddress}


class Operand:
    """An operand as an `Enc` names it; `size` 0 is the operand size, 16 or 32 bits."""

    __slots__ = ("kind", "name", "number", "size")

    def __init__(self, name: str, kind: str, size: int = 0, number: int = 0) -> None:
        self.name = name
        self.kind = kind
        self.size = size
        self.number = number

    def place(self, size: int, shape: int | None, cc: int) -> Place:
        """This operand at one operand size, ModRM shape and condition."""
        width = self.size or size
        if self.kind == "E" and shape == REGISTER:
            return InRegister("rm", width, "rm")
        if self.kind in _MEMORY:
            name = f"{self.kind}.{SHAPES[shape or BASE]}."
            return _MEMORY[self.kind](name, width, shape or BASE)
        if self.kind in "GZ":
            return InRegister("r", width, "reg")
        if self.kind == "R":
            return InRegister("rm", width, "rm")
        if self.kind == "F":
            return InRegister(f"fixed{self.number}.", width, number=self.number)
        if self.kind == "O":
            return InMemory("moffs", width, absolute=True)
        if self.kind == "I":
            return Immediate("imm", width, {8: IB, 16: IW, 32: ID}[width])
        if self.kind == "s":
            return Immediate("imm", width, IBS)
        if self.kind == "J":
            return Immediate("target", 32, JB if self.size == 8 else JD)
        if self.kind == "rep":
            return RepPrefix("rep", 8)
        if self.kind == "one":
            return One("one", 8)
        return Static(self.name, cc if self.kind == "cc" else width)


# fmt: off
Eb, Ew, Ed, Ev = (Operand(f"E{s}", "E", n) for s, n in zip("bwdv", (8, 16, 32, 0), strict=True))
Gb, Gw, Gd, Gv = (Operand(f"G{s}", "G", n) for s, n in zip("bwdv", (8, 16, 32, 0), strict=True))
Rv = Operand("Rv", "R")                          # r/m that must be a register
Mv = Operand("Mv", "M")                          # r/m that must be memory: its address
Pv = Operand("Pv", "P")                          # the same for POP
Zb, Zv, Zd = Operand("Zb", "Z", 8), Operand("Zv", "Z"), Operand("Zd", "Z", 32)  # +r
Ib, Iw, Iz = Operand("Ib", "I", 8), Operand("Iw", "I", 16), Operand("Iz", "I")
sIb = Operand("sIb", "s")                        # a byte, sign-extended to the operand size
Jb, Jz = Operand("Jb", "J", 8), Operand("Jz", "J", 32)
Ob, Ov = Operand("Ob", "O", 8), Operand("Ov", "O")
AL, CL = Operand("AL", "F", 8, 0), Operand("CL", "F", 8, 1)
AH = Operand("AH", "F", 8, 4)
AX, EAX = Operand("AX", "F", 16, 0), Operand("EAX", "F", 32, 0)
rAX, rDX = Operand("rAX", "F", 0, 0), Operand("rDX", "F", 0, 2)
Cc = Operand("Cc", "cc")                         # the condition in the opcode
Rep = Operand("Rep", "rep")
One1 = Operand("1", "one")
V, B = Operand("V", "size"), Operand("B", "size", 8)  # the operand size itself
# fmt: on
