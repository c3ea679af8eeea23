"""`Bits` on constants agrees with Python's integers; symbolic operands emit, and never leak."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from run32.spec.bits import Bits, bits, cat, select

WIDTHS = st.sampled_from((1, 4, 8, 13, 32, 64))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, int, int]:
    width = draw(WIDTHS)
    value = st.integers(0, (1 << width) - 1)
    edge = st.sampled_from((0, 1, (1 << width) - 1, 1 << width - 1))
    return width, draw(value | edge), draw(value | edge)


def signed(value: int, width: int) -> int:
    return value - (1 << width) if value >> width - 1 else value


@given(pairs())
def test_arithmetic_and_logic_wrap(case: tuple[int, int, int]) -> None:
    w, a, b = case
    x, y, ones = Bits(w, a), Bits(w, b), (1 << w) - 1
    assert (x + y).value == a + b & ones
    assert (x - y).value == a - b & ones
    assert (x * y).value == a * b & ones
    assert (x & y).value == a & b
    assert (x | y).value == a | b
    assert (x ^ y).value == a ^ b
    assert (~x).value == a ^ ones
    assert (-x).value == -a & ones
    assert (b - x).value == b - a & ones
    assert (b & x).value == a & b


@given(pairs())
def test_division(case: tuple[int, int, int]) -> None:
    w, a, b = case
    if b == 0:
        return
    x, y = Bits(w, a), Bits(w, b)
    assert x.udiv(y).value == a // b
    assert x.urem(y).value == a % b
    sa, sb = signed(a, w), signed(b, w)
    quotient = abs(sa) // abs(sb) * (1 if (sa < 0) == (sb < 0) else -1)
    assert x.sdiv(y).value == quotient & (1 << w) - 1


@given(pairs())
def test_comparison(case: tuple[int, int, int]) -> None:
    w, a, b = case
    x, y = Bits(w, a), Bits(w, b)
    sa, sb = signed(a, w), signed(b, w)
    found = [x.eq(y), x.ne(y), x.ult(y), x.ule(y), x.ugt(y), x.uge(y)]
    assert [f.value for f in found] == [a == b, a != b, a < b, a <= b, a > b, a >= b]
    found = [x.slt(y), x.sle(y), x.sgt(y), x.sge(y)]
    assert [f.value for f in found] == [sa < sb, sa <= sb, sa > sb, sa >= sb]
    assert {f.width for f in found} == {1}


@given(pairs(), st.integers(0, 80))
def test_saturating_shifts(case: tuple[int, int, int], n: int) -> None:
    w, a, _ = case
    n = min(n, (1 << w) - 1)
    x, amount = Bits(w, a), Bits(w, n)
    assert x.shl(amount).value == a << n & (1 << w) - 1
    assert x.lshr(amount).value == a >> n
    assert x.ashr(amount).value == signed(a, w) >> n & (1 << w) - 1
    assert x.ror(amount).value == (a >> n % w | a << w - n % w) & (1 << w) - 1


@given(pairs())
def test_plain_shifts_need_an_amount_below_the_width(case: tuple[int, int, int]) -> None:
    w, a, b = case
    n = b % w
    x = Bits(w, a)
    assert (x << n).value == a << n & (1 << w) - 1
    assert (x >> n).value == a >> n
    assert x.sar(n).value == signed(a, w) >> n & (1 << w) - 1
    if w < 1 << w:
        with pytest.raises(ValueError):
            x << w


@given(pairs())
def test_counting_and_reversal(case: tuple[int, int, int]) -> None:
    w, a, _ = case
    text = format(a, f"0{w}b")
    x = Bits(w, a)
    if w < 1 << w:  # the count fits
        assert x.clz().value == len(text) - len(text.lstrip("0"))
        assert x.ctz().value == len(text) - len(text.rstrip("0"))
        assert x.popcount().value == text.count("1")
    assert x.bitreverse().value == int(text[::-1], 2)
    if w % 16 == 0:
        assert x.bswap().value == int.from_bytes(a.to_bytes(w // 8, "little"), "big")


@given(pairs())
def test_widths(case: tuple[int, int, int]) -> None:
    w, a, b = case
    x, y = Bits(w, a), Bits(w, b)
    assert x.zext(w + 7).value == a
    assert x.sext(w + 7).value == signed(a, w) & (1 << w + 7) - 1
    assert x.sext(w + 7).trunc(w).value == a
    assert cat(x, y).value == a << w | b
    assert cat(x, y)[w - 1 : 0].value == b
    assert x[w - 1].value == a >> w - 1
    assert x.signed == signed(a, w)


@given(pairs(), st.booleans())
def test_select(case: tuple[int, int, int], which: bool) -> None:
    w, a, b = case
    chosen = select(Bits(1, which), Bits(w, a), b)
    assert (chosen.width, chosen.value) == (w, a if which else b)


def test_misuse_is_refused() -> None:
    x = bits(8, 1)
    for wrong in (
        lambda: bool(x),
        lambda: x + bits(9, 1),
        lambda: x.eq(bits(32, 1)),
        lambda: Bits(8).value,
        lambda: select(x[0], 1, 2),
    ):
        with pytest.raises(TypeError):
            wrong()
    for wrong in (lambda: x.zext(4), lambda: x.trunc(9), lambda: Bits(0, 0)):
        with pytest.raises(ValueError):
            wrong()
    with pytest.raises(IndexError):
        x[8]


class Recorder:
    """An emitter that notes what it was asked for."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def op(self, mnemonic: str, width: int, *operands: Bits) -> Bits:
        assert operands
        self.seen.append((mnemonic, width))
        return Bits(width, None, f"t{len(self.seen)}", self)


def test_symbolic_operands_emit_and_identities_do_not() -> None:
    r = Recorder()
    x = Bits(32, None, "x", r)
    assert x + 0 is x and (x | 0) is x and x << 0 is x and x.zext(32) is x
    assert (x & 0).value == 0
    assert select(Bits(1, 1), x, 5) is x
    assert r.seen == []
    y = (5 + x).eq(7).zext(32)
    assert r.seen == [("add", 32), ("icmp eq", 1), ("zext", 32)]
    assert not y.is_const and y.emitter is r
    with pytest.raises(TypeError):
        bool(y)
