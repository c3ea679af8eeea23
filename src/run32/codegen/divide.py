"""The host's division in place of a guest function that divides (codegen/idioms.py)."""

from __future__ import annotations

from typing import Any

from run32.codegen.idioms import Division
from run32.spec.bits import Bits, cat, select

_OPERATIONS = {"quotient": "div", "remainder": "rem"}


def _operands(m: Any, division: Division) -> tuple[Bits, Bits]:
    """The dividend and the divisor."""
    r = [m.reg(Bits(8, n)) for n in range(division.width // 16)]
    if division.width == 32:
        return r[0], r[1]
    return cat(r[1], r[0]), cat(r[3], r[2])


def emit_test(m: Any, division: Division, defined: str, undefined: str) -> None:
    """End the path at one of two labels: whether the host can divide the operands."""
    x, y = _operands(m, division)
    bad = y.eq(0)
    if division.signed:
        bad = bad | y.eq(-1) & x.eq(1 << division.width - 1)
    f = m.f
    f.line(f"br i1 {f.ref(bad)}, label %{undefined}, label %{defined}, !prof !0")


def emit(m: Any, division: Division) -> None:
    """Divide. Requires: `emit_test` went to `defined`."""
    x, y = _operands(m, division)
    kind = "s" if division.signed else "u"
    values = []
    for name in division.results:
        if name in _OPERATIONS:
            values.append(m.f.op(kind + _OPERATIONS[name], division.width, x, y))
        else:
            values.append(select(y.slt(0), -y, y) if name == "magnitude" else y)
    for number in range(len(values) * division.width // 32):
        first, bit = divmod(32 * number, division.width)
        m.set_reg(Bits(8, number), values[first][bit + 31 : bit])
