"""Operations of `spec.vector` in LLVM's vector types.

A `Packed` value is a `Bits` whose SSA value is a vector; it is turned into an integer only where
one is asked for, so that vectors stay in the host's vector registers. Every operation names the
lanes it works on: `vec NAME LANE RESULT [ORDER]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from run32.spec.bits import Bits

if TYPE_CHECKING:
    from run32.codegen.ir import Function

_PLAIN = {"add", "sub", "mul", "and", "or", "xor"}
_CALLS = {"smax", "smin", "umax", "umin", "sadd.sat", "uadd.sat", "ssub.sat", "usub.sat"}
_COMPARE = {"eq": "icmp eq", "sgt": "icmp sgt", "ugt": "icmp ugt"}
_SHIFT = {"shl", "lshr", "ashr"}
_WIDTH = {"sext", "zext", "trunc"}
WHOLE = ("and", "or", "xor")


class Packed(Bits):
    """A symbolic value of vector type `kind`."""

    __slots__ = ("function", "is_clean", "is_uniform", "kind", "sure", "vector")

    def __init__(
        self, function: Function, width: int, kind: str, vector: str, *, is_uniform: bool = False
    ) -> None:
        self.width = width
        self.const = None
        self.emitter = function
        self.function = function
        self.kind = kind
        self.vector = vector
        self.is_uniform = is_uniform  # all lanes are surely equal
        self.is_clean = False  # surely no lane is a denormal number
        self.sure: Callable[[], bool] | None = None  # tells that when all of a region is known

    @property
    def name(self) -> str:  # type: ignore[override]
        """The value as an integer, made here."""
        return self.function.temp(f"bitcast {self.kind} {self.vector} to i{self.width}")


def vtype(lane: int, count: int) -> str:
    """LLVM's name of a vector type."""
    return f"<{count} x i{lane}>"


def literal(value: int, lane: int, count: int) -> str:
    """A constant vector, without its type."""
    if value == 0:
        return "zeroinitializer"
    ones = (1 << lane) - 1
    lanes = (value >> i * lane & ones for i in range(count))
    return "<" + ", ".join(f"i{lane} {v}" for v in lanes) + ">"


def operand(f: Function, value: Bits, lane: int) -> str:
    """A value as lanes, without its type."""
    count = value.width // lane
    kind = vtype(lane, count)
    if value.const is not None:
        return literal(value.const, lane, count)
    if isinstance(value, Packed):
        if value.kind == kind:
            return value.vector
        return f.temp(f"bitcast {value.kind} {value.vector} to {kind}")
    return f.temp(f"bitcast i{value.width} {value.name} to {kind}")


def emit(f: Function, mnemonic: str, width: int, values: tuple[Bits, ...]) -> Bits:
    """One operation. `width` is the width of the result."""
    _, name, lane_, result_, *rest = mnemonic.split()
    lane, result = int(lane_), int(result_)
    count = width // result
    kind = vtype(lane, values[0].width // lane)
    gives = vtype(result, count)
    if name == "any":
        whole = f.ref(values[0])
        return f.value(1, f.temp(f"icmp ne i{values[0].width} {whole}, 0"))
    if name == "splat":
        return _splat(f, values[0], count)
    if name in ("get", "set"):
        return _element(f, name, kind, lane, width, values)
    if name in ("and", "or") and values[0] is values[1]:
        return values[0]
    refs = [operand(f, v, lane) for v in values]
    if name in _PLAIN:
        text = f"{name} {kind} {refs[0]}, {refs[1]}"
    elif name in _CALLS:
        text = _call(f, name, lane, kind, refs)
    elif name in ("ctlz", "ctpop"):
        text = _count(f, name, lane, kind, refs[0])
    elif name in _COMPARE:
        bits = f.temp(f"{_COMPARE[name]} {kind} {refs[0]}, {refs[1]}")
        text = f"sext <{count} x i1> {bits} to {kind}"
    elif name in _SHIFT:
        text = _shift(f, name, lane, kind, refs, values[1])
    elif name in _WIDTH:
        text = f"{name} {kind} {refs[0]} to {gives}"
    elif name == "shuffle":
        order = ", ".join(f"i32 {i}" for i in rest[0].split(","))
        second = refs[1] if len(refs) > 1 else "poison"
        text = f"shufflevector {kind} {refs[0]}, {kind} {second}, <{count} x i32> <{order}>"
    else:
        raise ValueError(f"no such vector operation: {name}")
    return Packed(f, width, gives, f.temp(text))


def _suffix(kind: str) -> str:
    """`<8 x i16>` as intrinsics spell it."""
    return "v" + kind[1:-1].replace(" x ", "")


def _call(f: Function, name: str, lane: int, kind: str, refs: list[str]) -> str:
    full = f"@llvm.{name}.{_suffix(kind)}"
    f.module.declare(full, f"declare {kind} {full}({kind}, {kind})")
    return f"call {kind} {full}({kind} {refs[0]}, {kind} {refs[1]})"


def _count(f: Function, name: str, lane: int, kind: str, ref: str) -> str:
    full = f"@llvm.{name}.{_suffix(kind)}"
    if name == "ctpop":
        f.module.declare(full, f"declare {kind} {full}({kind})")
        return f"call {kind} {full}({kind} {ref})"
    f.module.declare(full, f"declare {kind} {full}({kind}, i1)")
    return f"call {kind} {full}({kind} {ref}, i1 false)"


def _shift(f: Function, name: str, lane: int, kind: str, refs: list[str], amount: Bits) -> str:
    """A shift by any amount: too large ones give zeros, or copies of the sign."""
    count = amount.width // lane
    if amount.const is not None:
        every = {amount.const >> i * lane & ((1 << lane) - 1) for i in range(count)}
        if max(every) < lane:
            return f"{name} {kind} {refs[0]}, {refs[1]}"
    limit = literal(sum((lane - 1) << i * lane for i in range(count)), lane, count)
    if name == "ashr":
        full = f"@llvm.umin.{_suffix(kind)}"
        f.module.declare(full, f"declare {kind} {full}({kind}, {kind})")
        safe = f.temp(f"call {kind} {full}({kind} {refs[1]}, {kind} {limit})")
        return f"ashr {kind} {refs[0]}, {safe}"
    small = f.temp(f"icmp ule {kind} {refs[1]}, {limit}")
    safe = f.temp(f"and {kind} {refs[1]}, {limit}")
    if name == "shl" and lane < 64 and not (isinstance(amount, Packed) and amount.is_uniform):
        moved = _shift_left(f, lane, kind, refs[0], refs[1])
    else:
        moved = f.temp(f"{name} {kind} {refs[0]}, {safe}")
    return f"select <{count} x i1> {small}, {kind} {moved}, {kind} zeroinitializer"


def _shift_left(f: Function, lane: int, kind: str, value: str, amount: str) -> str:
    """A shift left by amounts modulo the lane's width, in steps of 1, 2, 4 ...

    Without AVX2 LLVM would make factors of the amounts by converting floating-point numbers,
    which raises flags.
    """
    count = int(kind[1:].split()[0])
    step = 1
    while step < lane:
        steps = literal(sum(step << i * lane for i in range(count)), lane, count)
        bit = f.temp(f"and {kind} {amount}, {steps}")
        none = f.temp(f"icmp eq {kind} {bit}, zeroinitializer")
        moved = f.temp(f"shl {kind} {value}, {steps}")
        value = f.temp(f"select <{count} x i1> {none}, {kind} {value}, {kind} {moved}")
        step *= 2
    return value


def _splat(f: Function, value: Bits, count: int) -> Bits:
    one, gives = vtype(value.width, 1), vtype(value.width, count)
    first = operand(f, value, value.width)
    zeros = f"<{count} x i32> zeroinitializer"
    text = f"shufflevector {one} {first}, {one} poison, {zeros}"
    return Packed(f, value.width * count, gives, f.temp(text), is_uniform=True)


def _element(
    f: Function, name: str, kind: str, lane: int, width: int, values: tuple[Bits, ...]
) -> Bits:
    """Lane number `values[1]` read, or replaced by `values[2]`."""
    vector, index = operand(f, values[0], lane), f.typed(values[1])
    if name == "get":
        return f.value(lane, f.temp(f"extractelement {kind} {vector}, {index}"))
    new = f.typed(values[2])
    return Packed(f, width, kind, f.temp(f"insertelement {kind} {vector}, {new}, {index}"))
