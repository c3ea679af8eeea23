"""The i386 decoder and reference evaluator on Python ints.

`decode` is the definition of how instruction bytes become an encoding and slot operands (SDM 2A,
chapter 2); the native decoder is tested against it. Segment overrides of the flat segments are
ignored; FS, GS, LOCK and 16-bit addressing have no rows yet and make an instruction undefined.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.spec.bits import Bits
from run32.spec.machine import EXIT_FAULT, EXIT_FETCH, EXIT_UNDEFINED
from run32.spec.reference import MASK, Leave, Memory, MemoryFault, RefMachine
from run32.spec.rows import Operands
from run32.spec.state import X86
from run32.spec.x86 import Encoding, X86Isa
from run32.spec.x86_operands import (
    BASE,
    IBS,
    IMM_BYTES,
    JB,
    JD,
    MOFFS,
    NO_REGISTER,
    REGISTER,
    SIB,
    byte_offset,
)

MAX_LENGTH = 15
OPERAND_SIZE = 0x66
FLAT_SEGMENTS = (0x26, 0x2E, 0x36, 0x3E)
REPEAT = (0xF2, 0xF3)


class Undefined(Exception):
    """The bytes are no instruction of ours."""


class Decoded:
    """One decoded instruction."""

    __slots__ = ("encoding", "length", "operands")

    def __init__(self, encoding: Encoding, operands: Operands, length: int) -> None:
        self.encoding = encoding
        self.operands = operands
        self.length = length


class Cursor:
    """Takes instruction bytes one after the other. Raises MemoryFault and Undefined."""

    def __init__(self, memory: Memory, pc: int) -> None:
        self.memory = memory
        self.pc = pc
        self.length = 0

    def take(self, size: int = 1) -> int:
        """The next `size` bytes as a little-endian number."""
        value = 0
        for i in range(size):
            if self.length == MAX_LENGTH:
                raise Undefined
            value |= self.memory.read(self.pc + self.length & MASK, 1)[0] << 8 * i
            self.length += 1
        return value


def _signed(value: int, size: int) -> int:
    top = 1 << (8 * size - 1)
    return (value ^ top) - top


def _modrm(cursor: Cursor) -> tuple[int, int, int, int, int]:
    """(shape, reg, rm or base, sib, displacement) of a ModRM byte and what belongs to it."""
    modrm = cursor.take()
    mod, reg, rm = modrm >> 6, modrm >> 3 & 7, modrm & 7
    if mod == 3:
        return REGISTER, reg, rm, NO_REGISTER, 0
    shape, sib = BASE, NO_REGISTER
    if rm == 4:
        raw = cursor.take()
        rm, index = raw & 7, raw >> 3 & 7
        if index != 4:
            shape, sib = SIB, index | raw >> 6 << 4
    size = (0, 1, 4)[mod]
    if mod == 0 and rm == 5:
        rm, size = NO_REGISTER, 4
    return shape, reg, rm, sib, _signed(cursor.take(size), size) if size else 0


def _prefixes(cursor: Cursor) -> tuple[int, int, int, int]:
    """(operand size, repeat prefix, opcode map, opcode)."""
    size, rep = 32, 0
    while True:
        byte = cursor.take()
        if byte == OPERAND_SIZE:
            size = 16
        elif byte in REPEAT:
            rep = byte
        elif byte not in FLAT_SEGMENTS:
            return (size, rep, 1, cursor.take()) if byte == 0x0F else (size, rep, 0, byte)


def decode(isa: X86Isa, memory: Memory, pc: int) -> Decoded | None:
    """The instruction at `pc`, None if it is undefined. Raises MemoryFault."""
    cursor = Cursor(memory, pc)
    try:
        return _decode(isa, cursor)
    except Undefined:
        return None


def _decode(isa: X86Isa, cursor: Cursor) -> Decoded | None:
    size, rep, map_, opcode = _prefixes(cursor)
    code = map_, size, opcode
    shape, digit, reg, rm, sib, disp = None, None, opcode & 7, NO_REGISTER, NO_REGISTER, 0
    if isa.has_modrm(code):
        shape, reg, rm, sib, disp = _modrm(cursor)
        digit = reg
    e = isa.find(code, shape, digit)
    if e is None or (rep and not e.rep and not e.takes_rep):
        return None
    imm = cursor.take(IMM_BYTES[e.imm])
    if e.imm in (IBS, JB):
        imm = _signed(imm, 1)
    if e.imm in (JB, JD):
        imm += cursor.pc + cursor.length
    elif e.imm == MOFFS:
        disp, imm = imm, 0
    if e.takes_rep:
        reg = rep
    elif e.is_byte("reg"):
        reg = byte_offset(reg)
    if e.is_byte("rm"):
        rm = byte_offset(rm)
    operands = Operands(
        reg=Bits(8, reg), rm=Bits(8, rm), sib=Bits(8, sib), disp=Bits(32, disp), imm=Bits(32, imm)
    )
    return Decoded(e, operands, cursor.length)


class RefX86(RefMachine):
    """`X86Machine` on Python ints. Register number 8 stays zero."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory, X86)

    def narrow(self, number: Bits, width: int) -> Bits:
        """An 8-bit register by byte offset, or a 16-bit one by number."""
        n = number.value if width == 16 else number.value >> 2
        shift = 0 if width == 16 else 8 * (number.value & 3)
        return Bits(width, self.r[n] >> shift)

    def set_narrow(self, number: Bits, value: Bits) -> None:
        """Write an 8- or 16-bit register."""
        n = number.value if value.width == 16 else number.value >> 2
        shift = 0 if value.width == 16 else 8 * (number.value & 3)
        self.r[n] = self.r[n] & ~(value.ones << shift) | value.value << shift

    def leave_if(self, cond: Bits, reason: int) -> None:
        """Leave where `cond` is 1."""
        if cond.value:
            raise Leave(reason)

    def branch(self, target: Bits) -> None:
        """Continue at `target`."""
        self.address = target.value
        self.branched = True


def step(m: RefX86, isa: X86Isa, fetched: Callable[[Decoded], None] | None = None) -> Leave | None:
    """Execute one instruction at pc; the exit that it caused, if any.

    `fetched` is told the instruction before it is executed.
    """
    try:
        decoded = decode(isa, m.memory, m.address)
    except MemoryFault as fault:
        return Leave(EXIT_FETCH, fault.address)
    if decoded is None:
        return Leave(EXIT_UNDEFINED)
    if fetched is not None:
        fetched(decoded)
    m.length = decoded.length
    m.branched = False
    try:
        decoded.encoding.run(m, decoded.operands)
    except MemoryFault as fault:
        return Leave(EXIT_FAULT, fault.address)
    except Leave as leave:
        return leave
    if not m.branched:
        m.address = m.address + decoded.length & MASK
    return None
