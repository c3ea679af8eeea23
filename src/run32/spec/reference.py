"""The reference evaluator: executes rows on Python ints, one instruction at a time.

Slow, without LLVM, and meant to be read as the definition of what a row does: the native
interpreter and the region translator are tested against it. `RefMachine` is a `Machine`
whose values are all constants; `step` fetches, decodes, tests the condition and executes.

Invariants: a memory access that faults leaves the machine as it was before the instruction, as far
as the row keeps its promise to change state only after its last access that can fault; `pc` is the
address of the next instruction to execute, and of the current one inside a form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from run32.spec.bits import Bits
from run32.spec.machine import (
    EXIT_ALIGNMENT,
    EXIT_COUNTER,
    EXIT_FAULT,
    EXIT_FETCH,
    EXIT_SYSCALL,
    EXIT_UNDEFINED,
)
from run32.spec.rows import Decoded, Isa
from run32.spec.state import ARM, NARROW, State
from run32.spec.vector import Vec

MASK = 0xFFFFFFFF


class MemoryFault(Exception):
    """A guest access at `address` failed."""

    def __init__(self, address: int) -> None:
        super().__init__(f"fault at {address:#x}")
        self.address = address


class Leave(Exception):
    """A form ended with an exit."""

    def __init__(self, reason: int, arg: int = 0) -> None:
        super().__init__(f"exit {reason}, argument {arg:#x}")
        self.reason = reason
        self.arg = arg


class Memory(Protocol):
    """Guest memory. Both raise MemoryFault with the lowest failing address, before any change."""

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes from `address` up; the range never wraps."""
        ...

    def write(self, address: int, data: bytes) -> None:
        """Store `data` from `address` up."""
        ...


class SparseMemory:
    """Memory in pages that exist once mapped."""

    PAGE = 4096

    def __init__(self) -> None:
        self.pages: dict[int, bytearray] = {}

    def map(self, address: int, size: int) -> None:
        """Make the pages that hold `size` bytes from `address` accessible, filled with zeros."""
        for page in range(address // self.PAGE, (address + size - 1) // self.PAGE + 1):
            self.pages.setdefault(page, bytearray(self.PAGE))

    def _spans(self, address: int, size: int) -> list[tuple[bytearray, int, int]]:
        """(page contents, first byte, byte after the last) for each page touched."""
        spans = []
        while size > 0:
            page, offset = divmod(address, self.PAGE)
            if page not in self.pages or address > MASK:
                raise MemoryFault(address & MASK)
            n = min(size, self.PAGE - offset)
            spans.append((self.pages[page], offset, offset + n))
            address, size = address + n, size - n
        return spans

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes from `address` up."""
        return b"".join(bytes(page[a:b]) for page, a, b in self._spans(address, size))

    def write(self, address: int, data: bytes) -> None:
        """Store `data` from `address` up."""
        done = 0
        for page, a, b in self._spans(address, len(data)):
            page[a:b] = data[done : done + b - a]
            done += b - a


class RefMachine:
    """One guest CPU on Python ints. `fields` holds every state field that is not an array."""

    def __init__(self, memory: Memory, state: State = ARM) -> None:
        self.memory = memory
        self.r = [0] * 16
        self.d = [0] * 32
        self.fields = {name: 0 for name, f in state.fields.items() if f.count == 1}
        self.fields["z"] = 1
        self.widths = {name: NARROW.get(name, f.width) for name, f in state.fields.items()}
        self.address = 0  # of the next instruction
        self.thumb = False
        self.it = 0  # ITSTATE
        self.length = 4  # of the current instruction
        self.branched = False

    # -- registers --------------------------------------------------------------------------------
    def reg(self, number: Bits) -> Bits:
        """General register; number 15 reads as the current instruction's address plus 8 or 4."""
        return Bits(32, self.r[number.value])

    def set_reg(self, number: Bits, value: Bits) -> None:
        """Write a general register."""
        self.r[number.value] = self._word(value, 32)

    @staticmethod
    def _word(value: Bits, width: int) -> int:
        if value.width != width:
            raise TypeError(f"{width} bits are needed here, not {value.width}")
        return value.value

    def get(self, name: str) -> Bits:
        """A state field."""
        return Bits(self.widths[name], self.fields[name])

    def put(self, name: str, value: Bits) -> None:
        """Write a state field."""
        self.fields[name] = self._word(value, self.widths[name])

    def less(self) -> Bits:
        """N != V."""
        return self.get("n")[31] ^ self.get("v")

    def put_less(self, less: Bits) -> None:
        """Flags that have just been written must agree with the hint."""
        if less.value != self.less().value:
            raise ValueError(f"N != V is given as {less.value}")

    def sreg(self, number: Bits) -> Bits:
        """A single-precision register: half of a double-precision one."""
        n = number.value
        return Bits(32, self.d[n >> 1] >> 32 * (n & 1))

    def set_sreg(self, number: Bits, value: Bits) -> None:
        """Write a single-precision register."""
        n, shift = number.value >> 1, 32 * (number.value & 1)
        self.d[n] = self.d[n] & ~(MASK << shift) | self._word(value, 32) << shift

    def dreg(self, number: Bits) -> Bits:
        """A double-precision register."""
        return Bits(64, self.d[number.value])

    def set_dreg(self, number: Bits, value: Bits) -> None:
        """Write a double-precision register."""
        self.d[number.value] = self._word(value, 64)

    def qreg(self, number: Bits) -> Bits:
        """Two double-precision registers."""
        n = number.value
        return Bits(128, self.d[n + 1] << 64 | self.d[n])

    def set_qreg(self, number: Bits, value: Bits) -> None:
        """Write two double-precision registers."""
        n, word = number.value, self._word(value, 128)
        self.d[n], self.d[n + 1] = word & (1 << 64) - 1, word >> 64

    # -- memory -----------------------------------------------------------------------------------
    def load(self, address: Bits, width: int) -> Bits:
        """`width` bits from memory."""
        raw = self.memory.read(self._word(address, 32), width // 8)
        return Bits(width, int.from_bytes(raw, "little"))

    def store(self, address: Bits, value: Bits) -> None:
        """Write `value` to memory."""
        raw = value.value.to_bytes(value.width // 8, "little")
        self.memory.write(self._word(address, 32), raw)

    def load_multiple(self, address: Bits, registers: Bits) -> None:
        """Words into the registers whose bit is set."""
        for n, value in zip(*self._words(address, registers), strict=True):
            self.r[n] = value

    def _words(self, address: Bits, registers: Bits) -> tuple[list[int], list[int]]:
        chosen = [n for n in range(16) if registers.value >> n & 1]
        return chosen, self._read_words(address.value, len(chosen))

    def _read_words(self, address: int, count: int) -> list[int]:
        """Words at increasing addresses modulo 2**32."""
        return [
            int.from_bytes(self.memory.read(address + 4 * i & MASK, 4), "little")
            for i in range(count)
        ]

    def _write_words(self, address: int, words: list[int]) -> None:
        for i, word in enumerate(words):
            self.memory.write(address + 4 * i & MASK, word.to_bytes(4, "little"))

    def store_multiple(self, address: Bits, registers: Bits) -> None:
        """The registers whose bit is set into memory."""
        chosen = [n for n in range(16) if registers.value >> n & 1]
        self._write_words(address.value, [self.r[n] for n in chosen])

    def fload_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        """Words into the VFP file; what would lie behind its end is left out."""
        words = self._read_words(address.value, min(count.value, 64 - first.value))
        for i, word in enumerate(words):
            self.set_sreg(Bits(8, first.value + i), Bits(32, word))

    def fstore_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        """Words of the VFP file into memory."""
        numbers = range(first.value, min(first.value + count.value, 64))
        self._write_words(address.value, [self.sreg(Bits(8, n)).value for n in numbers])

    def compare_exchange(self, address: Bits, expected: Bits, new: Bits) -> Bits:
        """Replace `expected` by `new`."""
        same = self.load(address, new.width).value == expected.value
        if same:
            self.store(address, new)
        return Bits(1, int(same))

    def load_acquire(self, address: Bits, width: int) -> Bits:
        """A load: one instruction is executed after the other."""
        return self.load(address, width)

    def store_release(self, address: Bits, value: Bits) -> None:
        """A store."""
        self.store(address, value)

    def fence(self) -> None:
        """Nothing: one instruction is executed after the other."""

    def require_aligned(self, address: Bits, size: int | Bits) -> None:
        """Leave unless `address` is a multiple of `size`."""
        if address.value % int(size):
            raise Leave(EXIT_ALIGNMENT, address.value)

    def when(self, cond: Bits, body: Callable[[], None]) -> None:
        """Run `body` if `cond` is 1."""
        if cond.value:
            body()

    # -- control ----------------------------------------------------------------------------------
    def pc(self) -> Bits:
        """Address of this instruction."""
        return Bits(32, self.address)

    def next_pc(self) -> Bits:
        """Address of the instruction after this one."""
        return Bits(32, self.address + self.length)

    def branch(self, target: Bits) -> None:
        """Continue at `target` in the same state."""
        self.address = target.value & (~1 if self.thumb else ~3)
        self.branched = True

    def branch_if(self, cond: Bits, target: Bits) -> None:
        """Continue at `target` if `cond` is 1."""
        if cond.value:
            self.branch(target)

    def bx(self, target: Bits) -> None:
        """Continue at `target` in the state its bit 0 says."""
        self.thumb = bool(target.value & 1)
        self.branch(target)

    def exit(self, reason: int, arg: Bits | None = None, *, advance: bool = False) -> None:
        """Leave, at this instruction or (with `advance`) after it."""
        if advance:
            self.address = self.next_pc().value
            self.branched = True
        raise Leave(reason, 0 if arg is None else arg.value)

    # -- floating point ---------------------------------------------------------------------------
    def fp(self, operation: str, width: int, *operands: Bits) -> Bits:
        """A floating-point operation; its flags accumulate in FPSCR."""
        from run32.spec import softfloat  # only programs that use floating point pay for it

        value, flags = softfloat.apply(operation, width, self.get("fpscr"), *operands)
        self.fields["fpscr"] |= flags.value
        return value

    def compared(self) -> Bits:
        """N Z C V of FPSCR."""
        return self.get("fpscr")[31:28]

    def put_compared(self, nzcv: Bits) -> None:
        """Replace N Z C V of FPSCR."""
        self.put("fpscr", self.get("fpscr") & 0x0FFFFFFF | nzcv.zext(32) << 28)

    def fp_lanes(self, operation: str, *operands: Vec, fraction: Bits | None = None) -> Vec:
        """A floating-point operation on each lane."""
        more = [] if fraction is None else [fraction]
        rows = zip(*(v.lanes for v in operands), strict=True)
        return Vec.of([self.fp(operation, operands[0].lane, *row, *more) for row in rows])

    def crypto(self, operation: str, *operands: Bits) -> Bits:
        """A cipher's, a hash's or a check sum's step."""
        from run32.spec import crypto  # only programs that use it pay for it

        return crypto.OPERATIONS[operation].run(*operands)

    def read_fpscr(self) -> Bits:
        """FPSCR with all sticky flags."""
        return self.get("fpscr")

    def write_fpscr(self, value: Bits) -> None:
        """Replace FPSCR."""
        self.put("fpscr", value)


def holds(m: RefMachine, cc: int) -> bool:
    """ConditionPassed (DDI 0406C A8.3)."""
    n, z = m.fields["n"] >> 31 == 1, m.fields["z"] == 0
    c, v = m.fields["c"] == 1, m.fields["v"] == 1
    base = (z, c, n, v, c and not z, n == v, n == v and not z, True)[cc >> 1]
    return base != (cc & 1 == 1 and cc != 15)


def fetch(m: RefMachine) -> tuple[str, int]:
    """(instruction set, word) at pc. Raises MemoryFault."""
    if not m.thumb:
        return "a32", int.from_bytes(m.memory.read(m.address, 4), "little")
    first = int.from_bytes(m.memory.read(m.address, 2), "little")
    if first >> 11 < 0b11101:
        return "t16", first
    second = int.from_bytes(m.memory.read(m.address + 2 & MASK, 2), "little")
    return "t32", first << 16 | second


def execute(m: RefMachine, decoded: Decoded) -> None:
    """Execute one decoded instruction whose condition holds, up to and without advancing pc."""
    m.length = decoded.length
    m.r[15] = m.address + (4 if m.thumb else 8) & MASK
    m.branched = False
    encoding = decoded.encoding
    encoding.form.run(m, decoded.operands, encoding.row.sem)


def step(m: RefMachine, isa: Isa) -> Leave | None:
    """Execute one instruction at pc. Gives the exit that it caused, if any."""
    try:
        set_, word = fetch(m)
    except MemoryFault as fault:
        return Leave(EXIT_FETCH, fault.address)
    decoded = isa.decode(set_, word, m.address, int(m.it & 15 != 0))
    if decoded is None:
        return Leave(EXIT_UNDEFINED, word)
    return perform(m, decoded)


def perform(m: RefMachine, decoded: Decoded) -> Leave | None:
    """`step` with an instruction that was decoded before."""
    in_it = m.it & 15 != 0
    after = next_it(m.it)
    if decoded.encoding.row.name == "it":
        after = decoded.word & 0xFF
    elif not holds(m, m.it >> 4 if in_it else decoded.cond):
        m.address = m.address + decoded.length & MASK
        m.it = after
        return None
    try:
        execute(m, decoded)
    except MemoryFault as fault:
        return Leave(EXIT_FAULT, fault.address)
    except Leave as leave:
        if leave.reason in (EXIT_SYSCALL, EXIT_COUNTER):
            m.it = after
        return leave
    m.it = after
    if not m.branched:
        m.address = m.address + decoded.length & MASK
    return None


def next_it(state: int) -> int:
    """ITSTATE after one instruction (DDI 0406C A2.5.2)."""
    return state & 0xE0 | state << 1 & 0x1F if state & 7 else 0
