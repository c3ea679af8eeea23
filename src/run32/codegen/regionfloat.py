"""Floating point in regions: registers as host numbers, comparisons that are evaluated where read.

A double-precision register is a stack slot of 64 bits, used as one number or as two; LLVM gives it
the type of its uses. Two that are used as a vector of 128 bits share a slot. A comparison raises
its flags where it stands and keeps its operands in variables; FPSCR's NZCV is computed from them
where it is read, and where the region ends.

FPSCR is looked at where a region begins: code that flushes to zero, and vectors in other rounding
modes than to nearest, are left to the interpreter.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from run32.codegen import fpgroup, fppacked, packed
from run32.codegen.fpfast import FLOAT
from run32.codegen.fpfast import number as as_number
from run32.codegen.interp import InterpMachine
from run32.codegen.ir import Function
from run32.codegen.regionclean import CleanRegisters
from run32.codegen.regionfunction import FPSCR, INTERPRET, RegionFunction
from run32.spec.bits import Bits, cat
from run32.spec.rows import Decoded
from run32.spec.state import ARM
from run32.spec.vector import Vec

_NZCV = 0xF0000000
ANYWHERE = -1


def _compare(f: Function, relation: str, a: str, b: str) -> Bits:
    """A comparison that raises nothing: one like it has raised what there is."""
    return f.value(1, f.temp(f"fcmp {relation} {a}, {b.split()[1]}"))


def _flags(f: Function, a: str, b: str) -> Bits:
    """N Z C V of comparing two typed numbers."""
    less, equal, unordered = (_compare(f, r, a, b) for r in ("olt", "oeq", "uno"))
    return cat(less, equal, ~less, unordered)


def emit_fpscr(f: RegionFunction) -> None:
    """Store FPSCR's NZCV in the `cpu` struct, if a comparison has changed it."""
    if not f.compares:
        return
    field = f.field(ARM, "fpscr")
    value = f.load(32, field)
    kind = f.load(32, f.variable("compared"))
    for width in sorted(f.compares):
        t = FLOAT[width]
        a, b = (f"{t} {f.temp(f'load {t}, ptr {f.variable(x + str(width))}')}" for x in "ab")
        new = value & ~_NZCV | cat(_flags(f, a, b), Bits(28, 0))
        chosen = f.temp(f"select i1 {f.ref(kind.eq(width))}, {f.typed(new)}, {f.typed(value)}")
        value = f.value(32, chosen)
    f.line(f"store volatile {f.typed(value)}, ptr {field}, align 4")


def is_unusual(f: RegionFunction, *, packed: bool) -> Bits:
    """Whether FPSCR says what regions leave to the interpreter: numbers that are flushed to zero
    and, for `packed` arithmetic, another rounding mode than to nearest."""
    flushes = f.load(32, f.field(ARM, "fpslow")).ne(0)
    if not packed:
        return flushes
    return flushes | (f.load(32, f.field(ARM, "fpscr")) & fppacked.RMODE).ne(0)


class FloatMachine(InterpMachine):
    """The floating-point part of `RegionMachine`."""

    f: RegionFunction  # type: ignore[assignment]
    insn: Decoded
    is_conditional: int
    _low: Bits
    _operands: tuple[int, str, str] | None = None
    """Of the last comparison in this guest block: where it counts, and its operands."""
    _round: tuple[int, int, str, Bits] | None = None
    """The last instruction if it was AESE or AESD: block, result register, name and operand."""
    _new_round: tuple[int, int, str, Bits] | None = None

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.cleans = CleanRegisters()
        self._read: dict[int, tuple[int, packed.Packed]] = {}
        """By vector register whose value is known: the block where it was read, and the value."""
        self._waiting: dict[int, packed.Packed] = {}
        """By vector register: results of the group that is not emitted yet."""

    def _is_double(self) -> bool:
        """Whether the coprocessor of the instruction is the double-precision one."""
        return bool(self.insn.word >> 8 & 1)

    def begin_floats(self, place: int) -> None:
        """Go on with another block."""
        self.cleans.begin(place)
        self._operands = None

    # -- registers --------------------------------------------------------------------------------
    def _number(self, number: Bits, width: int) -> str:
        """The stack slot of a register of either precision."""
        if number.value >> (1 + (width == 32)) in self._waiting:
            self.f.end_group()
        key = f"d{number.value >> (width == 32)}"
        self.f.widths.setdefault(key, set()).add(width)
        pointer = self.f.variable(key)
        return self.f.address(pointer, 4) if width == 32 and number.value & 1 else pointer

    def _get(self, number: Bits, width: int) -> Bits:
        t, pointer = FLOAT[width], self._number(number, width)
        value = self.f.temp(f"load {t}, ptr {pointer}, align {width // 8}")
        return self.f.value(width, self.f.temp(f"bitcast {t} {value} to i{width}"))

    def _set(self, number: Bits, value: Bits, width: int) -> None:
        pointer = self._number(number, width)
        what = as_number(self.f, self._check(value, width))
        self.f.line(f"store {what}, ptr {pointer}, align {width // 8}")
        self.changed(f"d{number.value >> (width == 32)}")
        self._note(number.value >> (2 if width == 32 else 1), None)
        self._round = None

    def _note(self, number: int, value: Bits | None) -> None:
        """A vector register has a new value."""
        self._read.pop(number, None)
        self._waiting.pop(number, None)
        if value is not None and value.const is not None:
            value = self._constant(value)
        if isinstance(value, packed.Packed):
            self._read[number] = self.f.blocks, value
        is_clean = value is not None and fpgroup.is_clean(value)
        self.cleans.write(number, is_clean, is_conditional=bool(self.is_conditional))

    def _constant(self, value: Bits) -> packed.Packed:
        kind = packed.vtype(32, 4)
        result = packed.Packed(self.f, 128, kind, packed.operand(self.f, value, 32))
        result.is_clean = fpgroup.is_clean(value)
        return result

    @abstractmethod
    def changed(self, key: str) -> None:
        """The register `key` has a new value."""

    @abstractmethod
    def leave(self, kind: int, target: Bits | str, dead: frozenset[str] = frozenset()) -> None:
        """See `RegionMachine`."""

    @abstractmethod
    def following(self) -> Bits:
        """The place of the next instruction."""

    def sreg(self, number: Bits) -> Bits:
        if self.insn.encoding.row.name == "vmov_to_core_pair" and self._is_double():
            return (self.dreg(number >> 1) >> 32 * (number.value & 1)).trunc(32)
        return self._get(number, 32)

    def set_sreg(self, number: Bits, value: Bits) -> None:
        if self.insn.encoding.row.name == "vmov_from_core_pair" and self._is_double():
            if number.value & 1:
                self.set_dreg(number >> 1, cat(value, self._low))
            self._low = value
        else:
            self._set(number, value, 32)

    def dreg(self, number: Bits) -> Bits:
        return self._get(number, 64)

    def set_dreg(self, number: Bits, value: Bits) -> None:
        self._set(number, value, 64)

    def _quad(self, number: Bits) -> tuple[str, list[str]]:
        """The variable of two double-precision registers, and those."""
        n = number.value
        both = [f"d{n}", f"d{n + 1}"]
        self.f.used.update(both)
        return self.f.variable(f"q{n >> 1}"), both

    def qreg(self, number: Bits) -> Bits:
        where, known = self._read.get(number.value >> 1, (-1, None))
        if known is not None and where == self.f.blocks:
            return known
        kind = packed.vtype(32, 4)  # which leaves room for accesses to every part
        value = self.f.temp(f"load {kind}, ptr {self._quad(number)[0]}, align 8")
        result = packed.Packed(self.f, 128, kind, value)
        result.is_clean, result.sure = self.cleans.ask(number.value >> 1)
        self._read[number.value >> 1] = self.f.blocks, result
        return result

    def set_qreg(self, number: Bits, value: Bits) -> None:
        n = number.value >> 1
        _, both = self._quad(number)
        self._note(n, self._check(value, 128))
        if isinstance(value, fpgroup.Pending) and value.group is self.f.group:
            self._waiting[n] = value
        else:
            self._store(n, value)
        for key in both:
            self.changed(key)
        self._round, self._new_round = self._new_round, None

    def _store(self, number: int, value: Bits) -> None:
        lanes = packed.operand(self.f, value, 32)
        slot = self.f.variable(f"q{number}")
        self.f.line(f"store {packed.vtype(32, 4)} {lanes}, ptr {slot}, align 8")

    def _store_waiting(self) -> None:
        """Give registers the results of a group."""
        waiting, self._waiting = self._waiting, {}
        for number, value in waiting.items():
            self._store(number, value)

    def _numbers(self, first: Bits, count: Bits) -> tuple[int, list[Bits]]:
        """The width of the numbers that several words are, and their registers."""
        last = min(first.value + count.value, 64)
        if self._is_double() and not (first.value | last) & 1:
            return 64, [Bits(8, n) for n in range(first.value // 2, last // 2)]
        return 32, [Bits(8, n) for n in range(first.value, last)]

    def fload_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        width, numbers = self._numbers(first, count)
        values = [self.load(address + width // 8 * i, width) for i in range(len(numbers))]
        for n, value in zip(numbers, values, strict=True):
            self._set(n, value, width)

    def fstore_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        width, numbers = self._numbers(first, count)
        for i, n in enumerate(numbers):
            self.store(address + width // 8 * i, self._get(n, width))

    # -- arithmetic -------------------------------------------------------------------------------
    def fp_lanes(self, operation: str, *operands: Vec, fraction: Bits | None = None) -> Vec:
        f, first = self.f, operands[0]
        f.uses_packed |= first.lane == 32
        if first.lane == 32 and first.count == 4 and fpgroup.can_take(f.module, operation):
            f.attributes = "nounwind strictfp"
            return Vec(self._gather(operation, [v.bits for v in operands]), 32)
        return super().fp_lanes(operation, *operands, fraction=fraction)

    def _gather(self, operation: str, operands: list[Bits]) -> Bits:
        """The result of an operation that is emitted with others."""
        f = self.f
        if f.group is not None and len(f.group.nodes) >= fpgroup.MOST:
            f.end_group()
        if f.group is None:
            f.group = fpgroup.Group(f)
            f.group.on_end = self._store_waiting
        return f.group.add(operation, operands)

    def fp(self, operation: str, width: int, *operands: Bits) -> Bits:
        self.f.uses_float = True
        if operation not in ("cmp", "cmpe"):
            return super().fp(operation, width, *operands)
        f = self.f
        f.attributes = "nounwind strictfp"
        t = FLOAT[width]
        a, b = (as_number(f, x) for x in operands)
        name = "fcmps" if operation == "cmpe" else "fcmp"
        full = f"@llvm.experimental.constrained.{name}.f{width}"
        f.module.declare(full, f"declare i1 {full}({t}, {t}, metadata, metadata)")
        how = 'metadata !"uno", metadata !"fpexcept.strict"'
        f.temp(f"call i1 {full}({a}, {b}, {how}) strictfp")
        for x, value in (("a", a), ("b", b)):
            f.line(f"store {value}, ptr {f.variable(x + str(width))}")
        f.line(f"store i32 {width}, ptr {f.variable('compared')}")
        f.compares.add(width)
        self.changed("compared")
        self._operands = f.blocks if self.is_conditional else ANYWHERE, a, b
        return Bits(4, 0)  # `put_compared` has nothing to do

    def put_compared(self, nzcv: Bits) -> None:
        """The operands are known."""

    def compared(self) -> Bits:
        if self._operands is not None:
            where, a, b = self._operands
            if where in (ANYWHERE, self.f.blocks):
                return _flags(self.f, a, b)
        self.sync_fpscr()
        return super().compared()

    # -- ciphers ----------------------------------------------------------------------------------
    def crypto(self, operation: str, *operands: Bits) -> Bits:
        """A round of AES is two instructions for ARM and one for x86-64, which is faster."""
        f, o = self.f, self.insn.operands
        last = self._round
        if last is not None and {"aesmc": "aese", "aesimc": "aesd"}.get(operation) == last[2]:
            if last[:2] == (f.blocks, o.vm.value):
                operation, operands = last[2] + operation[3:], (last[3],)
        elif operation in ("aese", "aesd") and "aes" in f.module.features:
            self._new_round = f.blocks, o.vd.value, operation, operands[0]
        return super().crypto(operation, *operands)

    # -- FPSCR ------------------------------------------------------------------------------------
    def sync_fpscr(self) -> None:
        """Store FPSCR's flags in the `cpu` struct."""
        self.leave(FPSCR, "")

    def read_fpscr(self) -> Bits:
        self.sync_fpscr()
        return super().read_fpscr()

    def write_fpscr(self, value: Bits) -> None:
        f = self.f
        self.f.uses_float = True
        self._operands = None
        super().write_fpscr(value)
        f.line(f"store i32 0, ptr {f.variable('compared')}")
        slow, go = f.new_label("unusual"), f.new_label("go")
        unusual = f.ref(is_unusual(f, packed=True))
        f.line(f"br i1 {unusual}, label %{slow}, label %{go}, !prof !0")
        f.label(slow)
        self.leave(INTERPRET, self.following())
        f.label(go)
