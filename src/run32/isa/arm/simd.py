"""Advanced SIMD: encodings, operands and forms that the rows share. Source: DDI 0406C A7.4-A7.7.

A32 and T32 have the same 24 lower bits; above them A32 has 1111001U and T32 111U1111. A pattern
here begins with the U bit. In it `Vd` is a register that is D or Q as bit `Q` says, `Dd` and `Qd`
are one or the other always (`n` and `m` likewise); a quadword register with an odd number has no
encoding, so it is undefined. Registers are numbered as doublewords: q1 is 2.

A semantic function takes `t`, what is known about the lanes, the old destination and the operands
as vectors. Where operands differ in width, the doublewords have lanes of `t.lane` bits and the
quadwords lanes twice as wide.
Invariant: `skip` is in every form, so that A32 and T32 share native code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from run32.spec.bits import Bits, cat
from run32.spec.fpscr import QC
from run32.spec.rows import Encoding, Fields, Form, Operands, Semantic, Template
from run32.spec.vector import Vec, splat


class Lanes:
    """The lanes of one instruction: `lane` bits wide, `signed` or not, over a quadword or not."""

    def __init__(self, m: Any, lane: int, unsigned: int, q: int) -> None:
        self.m = m
        self.lane = lane
        self.signed = not unsigned
        self.q = q

    def saturate_if(self, cond: Bits) -> None:
        """Set FPSCR.QC where `cond` is 1."""
        m = self.m
        m.when(cond, lambda: m.put("fpscr", m.get("fpscr") | QC))

    def saturated(self, value: Vec, exact: Vec) -> Vec:
        """`value`, and QC where it is not `exact`."""
        self.saturate_if((value ^ exact).any())
        return value


def every(amount: Bits, shape: Vec) -> Vec:
    """A small number in all lanes of a vector shaped like `shape`."""
    lane = shape.lane
    one = amount.zext(lane) if lane >= amount.width else amount.trunc(lane)
    return splat(one, shape.count)


# -- registers ------------------------------------------------------------------------------------
def read(m: Any, q: int, number: Bits, lane: int) -> Vec:
    """A D or Q register as lanes."""
    return Vec(m.qreg(number) if q else m.dreg(number), lane)


def write(m: Any, q: int, number: Bits, value: Vec) -> None:
    """Write a D or Q register."""
    if q:
        m.set_qreg(number, value.bits)
    else:
        m.set_dreg(number, value.bits)


def element(m: Any, number: Bits, lane: int) -> Bits:
    """Element `number` of the register file seen as elements of `lane` (8, 16 or 32) bits."""
    if lane == 32:
        word: Bits = m.sreg(number)
        return word
    bits = {16: 1, 8: 2}[lane]
    inside = (number & (1 << bits) - 1).zext(32) * lane
    word = m.sreg(number >> bits)
    return (word >> inside).trunc(lane)


def set_element(m: Any, number: Bits, value: Bits) -> None:
    """Write one element of the register file."""
    lane = value.width
    if lane == 32:
        m.set_sreg(number, value)
        return
    bits = {16: 2, 8: 3}[lane]
    inside = (number & (1 << bits) - 1).zext(64) * lane
    hole = ~(Bits(64, (1 << lane) - 1) << inside)
    old = m.dreg(number >> bits)
    m.set_dreg(number >> bits, old & hole | value.zext(64) << inside)


# -- encodings ------------------------------------------------------------------------------------
def doubleword(name: str) -> Callable[[Fields], Bits]:
    """Binding: the D register of field `vd` and bit `d`."""
    return lambda f: cat(getattr(f, name[1]), getattr(f, name))


def quadword(name: str) -> Callable[[Fields], Bits]:
    """Binding: the first D register of a Q register; its field lacks the last bit."""
    return lambda f: cat(getattr(f, name[1]), getattr(f, name), Bits(1, 0))


def expand(text: str, q: int) -> tuple[str, dict[str, Any]]:
    """The pattern for one value of Q, and how its registers are bound."""
    tokens, bind = [], {}
    for token in text.split():
        if token == "Q":
            token = str(q)
        elif len(token) == 2 and token[0] in "VDQ" and token[1] in "dnm":
            is_quad = token[0] == "Q" or token[0] == "V" and q == 1
            name = "v" + token[1]
            bind[name] = (quadword if is_quad else doubleword)(name)
            token = f"{name}:3 0" if is_quad else f"{name}:4"
        tokens.append(token)
    return " ".join(tokens), bind


def simd(
    text: str, form_: Form, *, sizes: str = "0123", q: str = "", **bind: Any
) -> list[Encoding]:
    """A32 and T32 encodings of a pattern that begins with the U bit.

    `sizes` are the values that a field `size` may have, `q` those of bit Q, where they are
    restricted.
    """
    found = []
    for quad in map(int, q or ("01" if " Q " in text else "0")):
        rest, registers = expand(text, quad)
        first, rest = rest.split(" ", 1)
        given: dict[str, Any] = {"q": quad, **registers, **bind}
        if "u:" not in first:
            given.setdefault("u", int(first) if first in ("0", "1") else 0)
        only = _only(sizes) if "size:2" in rest else None
        for set_, pattern, skip in (
            ("a32", f"1111 001 {first} {rest}", 1),
            ("t32", f"111 {first} 1111 {rest}", 2),
        ):
            found += Template(set_, pattern, form_, only=only, skip=skip, **given)()
    return found


def _only(sizes: str) -> Callable[..., bool]:
    return lambda size, **rest: str(size) in sizes


# -- forms ----------------------------------------------------------------------------------------
def _lane(kind: str, o: Operands) -> int:
    """The lanes of an operand: twice as wide in the quadwords of mixed forms."""
    return 8 << int(o.size) + int(kind == "Q")


def _is_quad(kind: str, o: Operands) -> int:
    return o.q if kind == "V" else int(kind == "Q")


def _form(name: str, kinds: str, registers: Iterable[str], extra: str = "") -> Form:
    """A form with these registers: V, D or Q each, the destination first."""
    names = list(registers)

    def run(m: Any, o: Operands, sem: Semantic) -> None:
        values = [
            read(m, _is_quad(k, o), getattr(o, n), _lane(k, o))
            for n, k in zip(names, kinds, strict=True)
        ]
        more = [getattr(o, extra)] if extra else []
        result = sem(Lanes(m, 8 << o.size, o.u, o.q), *values, *more)
        write(m, _is_quad(kinds[0], o), o.vd, result)

    run.__name__ = name
    small = "skip " + extra if extra else "skip"
    return Form(run, static="q size u", regs=" ".join(names), small=small)


THREE = _form("simd3", "VVV", ("vd", "vn", "vm"))
TWO = _form("simd2", "VV", ("vd", "vm"))
LONG = _form("simd_long", "QDD", ("vd", "vn", "vm"))
WIDE = _form("simd_wide", "QQD", ("vd", "vn", "vm"))
HIGH = _form("simd_high", "DQQ", ("vd", "vn", "vm"))
LENGTHEN = _form("simd_lengthen", "QD", ("vd", "vm"))
NARROW = _form("simd_narrow", "DQ", ("vd", "vm"))
SHIFT = _form("simd_shift", "VV", ("vd", "vm"), "amount")
SHIFT_LONG = _form("simd_shift_long", "QD", ("vd", "vm"), "amount")
SHIFT_NARROW = _form("simd_shift_narrow", "DQ", ("vd", "vm"), "amount")


def _scalar(name: str, kinds: str) -> Form:
    """vd, vn and an element of the register file in all lanes."""

    def run(m: Any, o: Operands, sem: Semantic) -> None:
        d, a = (
            read(m, _is_quad(k, o), n, _lane(k, o))
            for k, n in zip(kinds, (o.vd, o.vn), strict=True)
        )
        b = splat(element(m, o.vm, 8 << o.size), a.count)
        result = sem(Lanes(m, 8 << o.size, o.u, o.q), d, a, b)
        write(m, _is_quad(kinds[0], o), o.vd, result)

    run.__name__ = name
    return Form(run, static="q size u", regs="vd vn vm", small="skip")


SCALAR = _scalar("simd_scalar", "VV")
SCALAR_LONG = _scalar("simd_scalar_long", "QD")


# -- groups of encodings --------------------------------------------------------------------------
def three(
    u: str, opc: str, *, sizes: str = "012", q: str = "", form: Form = THREE
) -> list[Encoding]:
    """Three registers of the same length: `opc` is bits 11:8 and bit 4."""
    text = f"{u} 0 d:1 size:2 Vn Vd {opc[:4]} n:1 Q m:1 {opc[4]} Vm"
    return simd(text, form, sizes=sizes, q=q)


def two(field: str, opc: str, *, sizes: str = "012", q: str = "", **bind: Any) -> list[Encoding]:
    """Two registers, miscellaneous: `field` is bits 19:18, `opc` bits 17:16 and 10:7."""
    text = f"1 1 d:1 11 {field} {opc[:2]} Vd 0 {opc[2:]} Q m:1 0 Vm"
    return simd(text, TWO, sizes=sizes, q=q, **bind)


def different(u: str, opc: str, kinds: str, form: Form, sizes: str = "012") -> list[Encoding]:
    """Three registers of different lengths: `opc` is bits 11:8, `kinds` the three registers'."""
    text = f"{u} 1 d:1 size:2 {kinds[1]}n {kinds[0]}d {opc} n:1 0 m:1 0 {kinds[2]}m"
    return simd(text, form, sizes=sizes)


def _scalar_number(f: Fields, size: int) -> Bits:
    vm = f.vm
    return cat(vm[2:0], f.m, vm[3]) if size == 1 else cat(vm, f.m)


def by_scalar(opc: str, u: str = "", sizes: str = "12") -> list[Encoding]:
    """Two registers and a scalar; with `u` the result is long, without bit 24 is Q."""
    found = []
    for size in map(int, sizes):

        def vm(f: Fields, size: int = size) -> Bits:
            return _scalar_number(f, size)

        rest = f"1 d:1 {size:02b} %sn %sd {opc} n:1 1 m:1 0 vm:4"
        if u:
            text = f"{u} {rest % ('D', 'Q')}"
            found += simd(text, SCALAR_LONG, size=size, vm=vm)
        else:
            for q in "01":
                text = f"{q} {rest % ('V', 'V')}"
                found += simd(text, SCALAR, size=size, q=q, vm=vm, u=0)
    return found


def _left(f: Fields) -> Bits:
    return f.amt.zext(8)


def _right(size: int) -> Callable[[Fields], Bits]:
    return lambda f: Bits(8, 8 << size) - f.amt.zext(8)


_PLACES = ("0 {} 001 amt:3", "0 {} 01 amt:4", "0 {} 1 amt:5", "1 {} amt:6")


def by_immediate(
    u: str, opc: str, *, left: bool = False, form: Form = SHIFT, sizes: str = "0123", b: str = ""
) -> list[Encoding]:
    """A shift by an immediate: `opc` is bits 11:8; narrow and long ones have `b` instead of Q."""
    kinds = {SHIFT.name: "VV", SHIFT_LONG.name: "QD", SHIFT_NARROW.name: "DQ"}[form.name]
    found = []
    for size in map(int, sizes):
        high, low = _PLACES[size].split(" {} ")
        quad = f" {b} " if b else " Q "
        text = f"{u} 1 d:1 {low} {kinds[0]}d {opc} {high}{quad}m:1 1 {kinds[1]}m"
        amount = _left if left else _right(size)
        found += simd(text, form, size=size, amount=amount)
    return found
