"""Vectors: 64 and 128-bit values (and what lies between operations) as lanes of one width.

A `Vec` is a `Bits` seen as lanes, lane 0 in the lowest bits. The operations are few, and all work
lane by lane but for the permutations. On constants they evaluate each lane with `Bits`; with a
symbolic operand each becomes one operation of the emitter, which has LLVM's vector types
(`codegen/packed.py`), so that interpreter and regions get the host's vector instructions from the
same semantic function.

Invariants: operands of one operation agree in lane width and count (a plain int is put in every
lane); results wrap; comparisons give lanes of ones or zeros; shifts take any amount, as
`Bits.shl` and its kin do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Union

from run32.spec.bits import Bits, cat, select

Other = Union["Vec", int]


def _mask(cond: Bits, width: int) -> Bits:
    return cond.sext(width)


def _saturated(a: Bits, b: Bits, *, signed: bool, add: bool) -> Bits:
    """a + b or a - b within the range of the lane."""
    n = a.width
    x, y = (a.sext(n + 2), b.sext(n + 2)) if signed else (a.zext(n + 2), b.zext(n + 2))
    exact = x + y if add else x - y
    low, high = (-(1 << n - 1), (1 << n - 1) - 1) if signed else (0, (1 << n) - 1)
    exact = select(exact.slt(low), low, exact)
    return select(exact.sgt(high), high, exact).trunc(n)


# What an operation does with constant lanes. The emitter knows the same names.
SCALAR: dict[str, Callable[..., Bits]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "shl": lambda a, b: a.shl(b),
    "lshr": lambda a, b: a.lshr(b),
    "ashr": lambda a, b: a.ashr(b),
    "smax": lambda a, b: select(a.sgt(b), a, b),
    "smin": lambda a, b: select(a.slt(b), a, b),
    "umax": lambda a, b: select(a.ugt(b), a, b),
    "umin": lambda a, b: select(a.ult(b), a, b),
    "sadd.sat": lambda a, b: _saturated(a, b, signed=True, add=True),
    "uadd.sat": lambda a, b: _saturated(a, b, signed=False, add=True),
    "ssub.sat": lambda a, b: _saturated(a, b, signed=True, add=False),
    "usub.sat": lambda a, b: _saturated(a, b, signed=False, add=False),
    "eq": lambda a, b: _mask(a.eq(b), a.width),
    "sgt": lambda a, b: _mask(a.sgt(b), a.width),
    "ugt": lambda a, b: _mask(a.ugt(b), a.width),
    "ctlz": lambda a: a.clz(),
    "ctpop": lambda a: a.popcount(),
}


class Vec:
    """`bits` as lanes of `lane` bits."""

    __slots__ = ("bits", "lane")

    def __init__(self, bits: Bits, lane: int) -> None:
        if bits.width % lane:
            raise TypeError(f"{bits.width} bits are no lanes of {lane} bits")
        self.bits = bits
        self.lane = lane

    def __repr__(self) -> str:
        return f"Vec({self.bits!r}, {self.lane})"

    def __bool__(self) -> bool:
        raise TypeError("a vector has no truth in Python: use pick()")

    @property
    def count(self) -> int:
        """Number of lanes."""
        return self.bits.width // self.lane

    @property
    def is_const(self) -> bool:
        """True when the value is known now."""
        return self.bits.is_const

    @property
    def lanes(self) -> list[Bits]:
        """The lanes of a constant, lowest first."""
        value, ones = self.bits.value, (1 << self.lane) - 1
        return [Bits(self.lane, value >> i * self.lane & ones) for i in range(self.count)]

    @classmethod
    def of(cls, lanes: Sequence[Bits]) -> Vec:
        """Lanes put together, lowest first."""
        if all(x.is_const for x in lanes):
            value = 0
            for i, x in enumerate(lanes):
                value |= x.value << i * x.width
            return cls(Bits(len(lanes) * lanes[0].width, value), lanes[0].width)
        return cls(cat(*reversed(lanes)), lanes[0].width)

    def cast(self, lane: int) -> Vec:
        """The same bits as lanes of another width."""
        return self if lane == self.lane else Vec(self.bits, lane)

    def like(self, other: Other) -> Vec:
        """`other` in the shape of this vector."""
        if isinstance(other, Vec):
            if other.lane != self.lane or other.count != self.count:
                raise TypeError(f"{self.count} x {self.lane} and {other.count} x {other.lane}")
            return other
        one = Bits(self.lane, other).value
        return Vec(
            Bits(self.bits.width, sum(one << i * self.lane for i in range(self.count))), self.lane
        )

    # -- operations -------------------------------------------------------------------------------
    def _emit(self, name: str, lane: int, count: int, *more: Bits, extra: str = "") -> Vec:
        """Operation `name` of the emitter, with lanes of `self.lane` bits, and a new shape."""
        for operand in (self.bits, *more):
            if operand.emitter is not None:
                text = f"vec {name} {self.lane} {lane} {extra}".rstrip()
                return Vec(operand.emitter.op(text, lane * count, self.bits, *more), lane)
        raise TypeError(f"{name}: no operand is symbolic")

    def op(self, name: str, *others: Other) -> Vec:
        """An operation of `SCALAR` on each lane."""
        operands = [self.like(o) for o in others]
        if self.is_const and all(o.is_const for o in operands):
            run = SCALAR[name]
            rows = zip(self.lanes, *(o.lanes for o in operands), strict=True)
            return Vec.of([run(*row) for row in rows])
        return self._emit(name, self.lane, self.count, *(o.bits for o in operands))

    def __add__(self, other: Other) -> Vec:
        return self.op("add", other)

    def __sub__(self, other: Other) -> Vec:
        return self.op("sub", other)

    def __neg__(self) -> Vec:
        return self.like(0).op("sub", self)

    def __mul__(self, other: Other) -> Vec:
        return self.op("mul", other)

    def __and__(self, other: Other) -> Vec:
        return self.op("and", other)

    def __or__(self, other: Other) -> Vec:
        return self.op("or", other)

    def __xor__(self, other: Other) -> Vec:
        return self.op("xor", other)

    def __invert__(self) -> Vec:
        return self ^ -1

    def shl(self, amount: Other) -> Vec:
        """Shift left."""
        return self.op("shl", amount)

    def shr(self, amount: Other, signed: bool | int) -> Vec:
        """Shift right."""
        return self.op("ashr" if signed else "lshr", amount)

    def max(self, other: Other, signed: bool | int) -> Vec:
        """The larger of each two lanes."""
        return self.op("smax" if signed else "umax", other)

    def min(self, other: Other, signed: bool | int) -> Vec:
        """The smaller of each two lanes."""
        return self.op("smin" if signed else "umin", other)

    def add_sat(self, other: Other, signed: bool | int) -> Vec:
        """Sum, saturated."""
        return self.op("sadd.sat" if signed else "uadd.sat", other)

    def sub_sat(self, other: Other, signed: bool | int) -> Vec:
        """Difference, saturated."""
        return self.op("ssub.sat" if signed else "usub.sat", other)

    def eq(self, other: Other) -> Vec:
        """Ones where equal."""
        return self.op("eq", other)

    def gt(self, other: Other, signed: bool | int) -> Vec:
        """Ones where greater."""
        return self.op("sgt" if signed else "ugt", other)

    def clz(self) -> Vec:
        """Leading zeros of each lane."""
        return self.op("ctlz")

    def popcount(self) -> Vec:
        """Ones of each lane."""
        return self.op("ctpop")

    def any(self) -> Bits:
        """1 where any bit is set."""
        if self.is_const:
            return self.bits.ne(0)
        return self.cast(self.bits.width)._emit("any", 1, 1).bits

    # -- width ------------------------------------------------------------------------------------
    def ext(self, signed: bool | int, lane: int = 0) -> Vec:
        """Every lane extended, to twice its width unless `lane` says otherwise."""
        wide = lane or 2 * self.lane
        if wide == self.lane:
            return self
        if self.is_const:
            return Vec.of([x.sext(wide) if signed else x.zext(wide) for x in self.lanes])
        return self._emit("sext" if signed else "zext", wide, self.count)

    def trunc(self, lane: int = 0) -> Vec:
        """The low part of every lane, half of it unless `lane` says otherwise."""
        narrow = lane or self.lane // 2
        if narrow == self.lane:
            return self
        if self.is_const:
            return Vec.of([x.trunc(narrow) for x in self.lanes])
        return self._emit("trunc", narrow, self.count)

    # -- permutation ------------------------------------------------------------------------------
    def shuffle(self, order: Sequence[int], other: Vec | None = None) -> Vec:
        """Lane `order[i]` of this vector and `other` behind it, for every i."""
        if self.is_const and (other is None or other.is_const):
            every = self.lanes + (other.lanes if other is not None else [])
            return Vec.of([every[i] for i in order])
        more = [] if other is None else [self.like(other).bits]
        text = ",".join(map(str, order))
        return self._emit("shuffle", self.lane, len(order), *more, extra=text)

    def part(self, first: int, count: int) -> Vec:
        """`count` lanes from lane `first` on."""
        if first == 0 and count == self.count:
            return self
        return self.shuffle(range(first, first + count))

    def join(self, high: Vec) -> Vec:
        """This vector with another of its shape above it."""
        return self.shuffle(range(2 * self.count), high)

    def halves(self) -> tuple[Vec, Vec]:
        """The lower and the upper half."""
        n = self.count // 2
        return self.part(0, n), self.part(n, n)

    def evens(self, other: Vec, odd: int = 0) -> Vec:
        """The even (or odd) lanes of this vector, then those of `other`."""
        return self.shuffle(range(odd, 2 * self.count, 2), other)

    def get(self, index: Bits | int) -> Bits:
        """Lane `index`. Requires: it exists."""
        if isinstance(index, int):
            index = Bits(32, index)
        if self.is_const and index.is_const:
            return self.lanes[index.value]
        return self._emit("get", self.lane, 1, index).bits

    def set(self, index: Bits, value: Bits) -> Vec:
        """The vector with another lane `index`. Requires: it exists."""
        if self.is_const and index.is_const and value.is_const:
            lanes = self.lanes
            lanes[index.value] = value
            return Vec.of(lanes)
        return self._emit("set", self.lane, self.count, index, value)


def splat(value: Bits, count: int) -> Vec:
    """`count` lanes of one value."""
    if value.is_const:
        return Vec.of([value] * count)
    return Vec(value, value.width)._emit("splat", value.width, count)


def pick(mask: Vec, if_ones: Vec, if_zeros: Vec) -> Vec:
    """Bits of `if_ones` where those of `mask` are ones, else of `if_zeros`."""
    return if_zeros ^ (if_zeros ^ if_ones) & mask
