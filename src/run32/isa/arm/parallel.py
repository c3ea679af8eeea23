"""Parallel addition and subtraction of halfwords and bytes: six prefixes times six operations.

Source: DDI 0406C A5.4.1-2, A6.3.14, A8.8.135-143, A8.8.158-160, A8.8.169-174, A8.8.195-197,
A8.8.243-245, A8.8.249-254, A8.8.258-263, A8.8.268-270. The prefix says how lanes are extended and
what becomes of each exact result; `s` and `u` set the GE flags of the lane's bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from run32.isa.arm.core import ARM
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Operands, Semantic, Template, form


# -- forms: sem gives the exact results, lowest lane first, each wider than its lane ---------------
def _join(m: Any, o: Operands, lanes: list[Bits]) -> None:
    m.set_reg(o.rd, cat(*reversed(lanes)))


@form(regs="rd rn rm", writes="rd")
def parallel(m: Any, o: Operands, sem: Semantic) -> None:
    """rd = the lanes of sem(rn, rm)."""
    _join(m, o, [value for value, _ in sem(m.reg(o.rn), m.reg(o.rm))])


@form(regs="rd rn rm", writes="rd")
def parallel_ge(m: Any, o: Operands, sem: Semantic) -> None:
    """The same, and GE."""
    lanes = sem(m.reg(o.rn), m.reg(o.rm))
    _join(m, o, [value for value, _ in lanes])
    m.put("ge", cat(*(ge.sext(4 // len(lanes)) for _, ge in reversed(lanes))))


# -- lanes ----------------------------------------------------------------------------------------
class Operation(NamedTuple):
    """`steps`: per lane, lowest first, the lane of rm that is used and whether it is subtracted."""

    name: str
    a32: str
    t32: str
    steps: list[tuple[int, bool]]
    text: str


class Prefix(NamedTuple):
    """`finish(exact, sub, width)` gives a lane's value and GE flag."""

    name: str
    a32: str
    t32: str
    signed: bool
    finish: Callable[[Bits, bool, int], tuple[Bits, Bits]]
    text: str


def _modulo_signed(x: Bits, sub: bool, width: int) -> tuple[Bits, Bits]:
    return x.trunc(width), x.sge(0)


def _modulo_unsigned(x: Bits, sub: bool, width: int) -> tuple[Bits, Bits]:
    return x.trunc(width), x.sge(0) if sub else x[width]


def _saturate_signed(x: Bits, sub: bool, width: int) -> tuple[Bits, Bits]:
    high = (1 << (width - 1)) - 1
    return _clamp(x, -high - 1, high).trunc(width), Bits(1, 0)


def _saturate_unsigned(x: Bits, sub: bool, width: int) -> tuple[Bits, Bits]:
    return _clamp(x, 0, (1 << width) - 1).trunc(width), Bits(1, 0)


def _halve(x: Bits, sub: bool, width: int) -> tuple[Bits, Bits]:
    return (x >> 1).trunc(width), Bits(1, 0)


def _clamp(x: Bits, low: int, high: int) -> Bits:
    x = select(x.slt(low), low, x)
    return select(x.sgt(high), high, x)


OPERATIONS = [
    Operation("add16", "000", "001", [(0, False), (1, False)], "rn + rm by halfwords"),
    Operation("asx", "001", "010", [(1, True), (0, False)], "rn -/+ exchanged rm by halfwords"),
    Operation("sax", "010", "110", [(1, False), (0, True)], "rn +/- exchanged rm by halfwords"),
    Operation("sub16", "011", "101", [(0, True), (1, True)], "rn - rm by halfwords"),
    Operation("add8", "100", "000", [(i, False) for i in range(4)], "rn + rm by bytes"),
    Operation("sub8", "111", "100", [(i, True) for i in range(4)], "rn - rm by bytes"),
]
PREFIXES = [
    Prefix("s", "001", "000", True, _modulo_signed, "signed, GE where not negative"),
    Prefix("q", "010", "001", True, _saturate_signed, "saturated to the signed range"),
    Prefix("sh", "011", "010", True, _halve, "signed, halved"),
    Prefix("u", "101", "100", False, _modulo_unsigned, "unsigned, GE where carry or no borrow"),
    Prefix("uq", "110", "101", False, _saturate_unsigned, "saturated to the unsigned range"),
    Prefix("uh", "111", "110", False, _halve, "unsigned, halved"),
]
# A8.8 numbers of add16, add8, asx, sax, sub16, sub8 under each prefix
SECTIONS = {
    "s": (158, 159, 160, 195, 196, 197),
    "q": (135, 136, 137, 140, 142, 143),
    "sh": (169, 170, 171, 172, 173, 174),
    "u": (243, 244, 245, 268, 269, 270),
    "uq": (258, 259, 260, 261, 262, 263),
    "uh": (249, 250, 251, 252, 253, 254),
}


# -- rows -----------------------------------------------------------------------------------------
def _semantic(prefix: Prefix, operation: Operation) -> Semantic:
    """The function of one row: (value, GE) per lane, lowest first."""
    width = 32 // len(operation.steps)

    def lane(x: Bits, i: int) -> Bits:
        part = x[i * width + width - 1 : i * width]
        return part.sext(2 * width) if prefix.signed else part.zext(2 * width)

    def sem(x: Bits, y: Bits) -> list[tuple[Bits, Bits]]:
        found = []
        for i, (other, sub) in enumerate(operation.steps):
            a, b = lane(x, i), lane(y, other)
            found.append(prefix.finish(a - b if sub else a + b, sub, width))
        return found

    sem.__name__ = prefix.name + operation.name
    sem.__doc__ = f"rd = {operation.text}, {prefix.text}."
    return sem


def _encodings(prefix: Prefix, operation: Operation) -> list[Encoding]:
    form_ = parallel_ge if prefix.name in ("s", "u") else parallel
    a32 = Template("a32", "cond:4 0110 0 {p} rn:4 rd:4 1111 {op} 1 rm:4", form_)
    t32 = Template("t32", "1111 1010 1 {op} rn:4 1111 rd:4 0 {p} rm:4", form_)
    return a32(p=prefix.a32, op=operation.a32) + t32(p=prefix.t32, op=operation.t32)


for _prefix in PREFIXES:
    for _operation in OPERATIONS:
        _order = ("add16", "add8", "asx", "sax", "sub16", "sub8").index(_operation.name)
        _section = SECTIONS[_prefix.name][_order]
        ARM.insn(_encodings(_prefix, _operation), ref=f"DDI 0406C A8.8.{_section}")(
            _semantic(_prefix, _operation)
        )
