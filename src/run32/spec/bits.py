"""Guest values: fixed-width bit vectors that fold on Python ints and otherwise become LLVM IR.

A `Bits` is either a constant (`const` is an int in 0 .. 2**width-1) or symbolic (`const` is None
and `emitter` emits an IR operation for every use). Semantic functions are written once against
this class: on constants they are the reference evaluator, on symbolic values they generate code.

Invariants: widths of both operands agree (a plain Python int adapts to the other operand's
width); results wrap modulo 2**width; comparisons give `Bits(1)`; a Python `if` on a `Bits` raises
TypeError, use `select`. `<<` and `>>` require an amount below the width; `shl`, `lshr` and `ashr`
saturate for any amount.
"""

from __future__ import annotations

from typing import Protocol, Union

Operand = Union["Bits", int]


class Emitter(Protocol):
    """What a function builder offers to symbolic values."""

    def op(self, mnemonic: str, width: int, *operands: Bits) -> Bits:
        """Emit one operation and return its result of `width` bits."""
        ...


class Bits:
    """A value of `width` bits, constant or symbolic."""

    __slots__ = ("const", "emitter", "name", "width")

    def __init__(
        self, width: int, const: int | None = None, name: str = "", emitter: Emitter | None = None
    ) -> None:
        if width <= 0:
            raise ValueError(f"a bit vector needs a positive width, not {width}")
        self.width = width
        self.const = None if const is None else const & ((1 << width) - 1)
        self.name = name
        self.emitter = emitter

    # -- inspection -------------------------------------------------------------------------------
    @property
    def is_const(self) -> bool:
        """True when the value is known now."""
        return self.const is not None

    @property
    def value(self) -> int:
        """The constant as an unsigned int. Raises TypeError on a symbolic value."""
        if self.const is None:
            raise TypeError(f"value of {self.width} bits is not known at translation time")
        return self.const

    @property
    def signed(self) -> int:
        """The constant as a two's complement int."""
        v = self.value
        return v - (1 << self.width) if v >> (self.width - 1) else v

    def __bool__(self) -> bool:
        raise TypeError("a guest value has no truth in Python: use select()")

    def __int__(self) -> int:
        return self.value

    def __index__(self) -> int:
        return self.value

    def __repr__(self) -> str:
        body = f"{self.const:#x}" if self.const is not None else self.name
        return f"Bits({self.width}, {body})"

    # -- helpers ----------------------------------------------------------------------------------
    def like(self, other: Operand) -> Bits:
        """`other` as a value of this width; an int is wrapped, a Bits must already agree."""
        if isinstance(other, Bits):
            if other.width != self.width:
                raise TypeError(f"width mismatch: {self.width} and {other.width} bits")
            return other
        return Bits(self.width, int(other))

    def _emit(self, mnemonic: str, width: int, *operands: Bits) -> Bits:
        for operand in operands:
            if operand.emitter is not None:
                return operand.emitter.op(mnemonic, width, *operands)
        raise TypeError(f"{mnemonic}: no operand is symbolic")

    @property
    def ones(self) -> int:
        """The all-ones pattern of this width."""
        return (1 << self.width) - 1

    # -- arithmetic -------------------------------------------------------------------------------
    def __add__(self, other: Operand) -> Bits:
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const + o.const)
        if o.const == 0:
            return self
        if self.const == 0:
            return o
        return self._emit("add", self.width, self, o)

    __radd__ = __add__

    def __sub__(self, other: Operand) -> Bits:
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const - o.const)
        if o.const == 0:
            return self
        return self._emit("sub", self.width, self, o)

    def __rsub__(self, other: Operand) -> Bits:
        return self.like(other) - self

    def __neg__(self) -> Bits:
        return Bits(self.width, 0) - self

    def __mul__(self, other: Operand) -> Bits:
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const * o.const)
        return self._emit("mul", self.width, self, o)

    def udiv(self, other: Operand) -> Bits:
        """Unsigned quotient. Requires: other != 0."""
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const // o.const)
        return self._emit("udiv", self.width, self, o)

    def urem(self, other: Operand) -> Bits:
        """Unsigned remainder. Requires: other != 0."""
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const % o.const)
        return self._emit("urem", self.width, self, o)

    def sdiv(self, other: Operand) -> Bits:
        """Signed quotient, rounded towards zero. Requires: other != 0, no overflow."""
        o = self.like(other)
        if self.const is not None and o.const is not None:
            a, b = self.signed, o.signed
            q = abs(a) // abs(b)
            return Bits(self.width, -q if (a < 0) != (b < 0) else q)
        return self._emit("sdiv", self.width, self, o)

    # -- logic ------------------------------------------------------------------------------------
    def __and__(self, other: Operand) -> Bits:
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const & o.const)
        if o.const == 0 or self.const == 0:
            return Bits(self.width, 0)
        if o.const == self.ones:
            return self
        if self.const == self.ones:
            return o
        return self._emit("and", self.width, self, o)

    __rand__ = __and__

    def __or__(self, other: Operand) -> Bits:
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const | o.const)
        if o.const == 0:
            return self
        if self.const == 0:
            return o
        return self._emit("or", self.width, self, o)

    __ror__ = __or__

    def __xor__(self, other: Operand) -> Bits:
        o = self.like(other)
        if self.const is not None and o.const is not None:
            return Bits(self.width, self.const ^ o.const)
        if o.const == 0:
            return self
        return self._emit("xor", self.width, self, o)

    __rxor__ = __xor__

    def __invert__(self) -> Bits:
        return self ^ self.ones

    # -- shifts -----------------------------------------------------------------------------------
    def __lshift__(self, amount: Operand) -> Bits:
        return self._shift("shl", amount)

    def __rshift__(self, amount: Operand) -> Bits:
        return self._shift("lshr", amount)

    def sar(self, amount: Operand) -> Bits:
        """Arithmetic shift right. Requires: amount < width."""
        return self._shift("ashr", amount)

    def _shift(self, mnemonic: str, amount: Operand) -> Bits:
        a = self.like(amount)
        if a.const is not None:
            if a.const >= self.width:
                raise ValueError(f"{mnemonic} of {self.width} bits by {a.const}")
            if a.const == 0:
                return self
            if self.const is not None:
                if mnemonic == "shl":
                    return Bits(self.width, self.const << a.const)
                source = self.const if mnemonic == "lshr" else self.signed
                return Bits(self.width, source >> a.const)
        return self._emit(mnemonic, self.width, self, a)

    def shl(self, amount: Operand) -> Bits:
        """Shift left; an amount of at least the width gives 0."""
        a = self.like(amount)
        if a.const is not None:
            return Bits(self.width, 0) if a.const >= self.width else self << a
        return select(a.ult(self.width), self._safe("shl", a), Bits(self.width, 0))

    def lshr(self, amount: Operand) -> Bits:
        """Logical shift right; an amount of at least the width gives 0."""
        a = self.like(amount)
        if a.const is not None:
            return Bits(self.width, 0) if a.const >= self.width else self >> a
        return select(a.ult(self.width), self._safe("lshr", a), Bits(self.width, 0))

    def ashr(self, amount: Operand) -> Bits:
        """Arithmetic shift right; an amount of at least the width gives copies of the sign."""
        a = self.like(amount)
        if a.const is not None:
            return self.sar(min(a.const, self.width - 1))
        return self.sar(select(a.ult(self.width), a, Bits(self.width, self.width - 1)))

    def _safe(self, mnemonic: str, amount: Bits) -> Bits:
        """A shift by `amount` modulo the width (a power of two), never poison."""
        if self.width & (self.width - 1):
            amount = select(amount.ult(self.width), amount, Bits(self.width, 0))
            return self._shift(mnemonic, amount)
        return self._shift(mnemonic, amount & (self.width - 1))

    def ror(self, amount: Operand) -> Bits:
        """Rotate right by `amount` modulo the width."""
        a = self.like(amount)
        if a.const is not None:
            n = a.const % self.width
            if n == 0:
                return self
            if self.const is not None:
                return Bits(self.width, self.const >> n | self.const << (self.width - n))
        return self._emit("fshr", self.width, self, self, a)

    # -- comparison -------------------------------------------------------------------------------
    def _cmp(self, predicate: str, other: Operand) -> Bits:
        o = self.like(other)
        if self.const is not None and o.const is not None:
            a, b = (self.signed, o.signed) if predicate[0] == "s" else (self.const, o.const)
            return Bits(1, _COMPARE[predicate[-2:]](a, b))
        return self._emit("icmp " + predicate, 1, self, o)

    def eq(self, other: Operand) -> Bits:
        """1 where equal."""
        return self._cmp("eq", other)

    def ne(self, other: Operand) -> Bits:
        """1 where not equal."""
        return self._cmp("ne", other)

    def ult(self, other: Operand) -> Bits:
        """Unsigned less than."""
        return self._cmp("ult", other)

    def ule(self, other: Operand) -> Bits:
        """Unsigned less than or equal."""
        return self._cmp("ule", other)

    def ugt(self, other: Operand) -> Bits:
        """Unsigned greater than."""
        return self._cmp("ugt", other)

    def uge(self, other: Operand) -> Bits:
        """Unsigned greater than or equal."""
        return self._cmp("uge", other)

    def slt(self, other: Operand) -> Bits:
        """Signed less than."""
        return self._cmp("slt", other)

    def sle(self, other: Operand) -> Bits:
        """Signed less than or equal."""
        return self._cmp("sle", other)

    def sgt(self, other: Operand) -> Bits:
        """Signed greater than."""
        return self._cmp("sgt", other)

    def sge(self, other: Operand) -> Bits:
        """Signed greater than or equal."""
        return self._cmp("sge", other)

    # -- width ------------------------------------------------------------------------------------
    def zext(self, width: int) -> Bits:
        """Zero-extend to `width` bits (the same width is allowed)."""
        if width == self.width:
            return self
        if width < self.width:
            raise ValueError(f"zext from {self.width} to {width} bits")
        if self.const is not None:
            return Bits(width, self.const)
        return self._emit("zext", width, self)

    def sext(self, width: int) -> Bits:
        """Sign-extend to `width` bits (the same width is allowed)."""
        if width == self.width:
            return self
        if width < self.width:
            raise ValueError(f"sext from {self.width} to {width} bits")
        if self.const is not None:
            return Bits(width, self.signed)
        return self._emit("sext", width, self)

    def trunc(self, width: int) -> Bits:
        """Keep the low `width` bits (the same width is allowed)."""
        if width == self.width:
            return self
        if width > self.width:
            raise ValueError(f"trunc from {self.width} to {width} bits")
        if self.const is not None:
            return Bits(width, self.const)
        return self._emit("trunc", width, self)

    def __getitem__(self, index: int | slice) -> Bits:
        """`x[i]` is bit i; `x[hi:lo]` is a field, both ends included, as manuals write it."""
        if isinstance(index, slice):
            hi, lo = int(index.start), int(index.stop)
        else:
            hi = lo = int(index)
        if not 0 <= lo <= hi < self.width:
            raise IndexError(f"bits {hi}:{lo} of a {self.width}-bit value")
        return (self >> lo).trunc(hi - lo + 1)

    # -- bit counting and reversal ----------------------------------------------------------------
    def clz(self) -> Bits:
        """Leading zeros, in a value of the same width; the width itself for 0."""
        if self.const is not None:
            return Bits(self.width, self.width - self.const.bit_length())
        return self._emit("ctlz", self.width, self)

    def ctz(self) -> Bits:
        """Trailing zeros; the width itself for 0."""
        if self.const is not None:
            n = (self.const & -self.const).bit_length() - 1
            return Bits(self.width, self.width if self.const == 0 else n)
        return self._emit("cttz", self.width, self)

    def popcount(self) -> Bits:
        """Number of ones."""
        if self.const is not None:
            return Bits(self.width, self.const.bit_count())
        return self._emit("ctpop", self.width, self)

    def bswap(self) -> Bits:
        """Bytes in reverse order. Requires: width a multiple of 16."""
        if self.const is not None:
            raw = self.const.to_bytes(self.width // 8, "little")
            return Bits(self.width, int.from_bytes(raw, "big"))
        return self._emit("bswap", self.width, self)

    def bitreverse(self) -> Bits:
        """Bits in reverse order."""
        if self.const is not None:
            return Bits(self.width, int(format(self.const, f"0{self.width}b")[::-1], 2))
        return self._emit("bitreverse", self.width, self)


_COMPARE = {
    "eq": lambda a, b: int(a == b),
    "ne": lambda a, b: int(a != b),
    "lt": lambda a, b: int(a < b),
    "le": lambda a, b: int(a <= b),
    "gt": lambda a, b: int(a > b),
    "ge": lambda a, b: int(a >= b),
}


def bits(width: int, value: int) -> Bits:
    """A constant of `width` bits."""
    return Bits(width, value)


def select(cond: Bits, if_true: Operand, if_false: Operand) -> Bits:
    """`if_true` where the one-bit `cond` is 1, else `if_false`. One of the two must be a Bits."""
    if not isinstance(if_true, Bits):
        if not isinstance(if_false, Bits):
            raise TypeError("select needs at least one Bits to know the width")
        if_true = if_false.like(if_true)
    other = if_true.like(if_false)
    if cond.const is not None:
        return if_true if cond.const else other
    if if_true.const is not None and if_true.const == other.const:
        return if_true
    if if_true is other:
        return if_true
    return cond._emit("select", if_true.width, cond, if_true, other)


def cat(*parts: Bits) -> Bits:
    """Concatenate, most significant part first."""
    width = sum(p.width for p in parts)
    result = Bits(width, 0)
    position = width
    for p in parts:
        position -= p.width
        result = result | p.zext(width) << position
    return result
