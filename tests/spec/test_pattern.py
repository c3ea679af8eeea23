"""Bit patterns that must be accepted and patterns that must be refused."""

from __future__ import annotations

import pytest

from run32.spec.pattern import Pattern, PatternError

ACCEPTED = [
    ("cond:4 001 0101 s:1 rn:4 rd:4 imm12:12", 32, {}, 0x0FE00000, 0x02A00000),
    ("cond:4 001 {opc} 0 {n} rd:4 imm:12", 32, {"opc": "0100", "n": "rn:4"}, 0x0FF00000, 0x2800000),
    ("1011 1111 xxxx 0000", 16, {}, 0xFF0F, 0xBF00),
    ("xxxxxxxx", 8, {}, 0, 0),
    ("0 1 0 1 a:4", 8, {}, 0xF0, 0x50),
]

REFUSED = [
    ("cond:4 0000", 16, {}, "8 bits, not 16: add 8"),
    ("0000 0000 1", 8, {}, "9 bits, not 8: remove 1"),
    ("rd:4 rd:4", 8, {}, "'rd' occurs twice"),
    ("0000 002 0", 8, {}, "'002' is neither bits nor a field"),
    ("rd:x 0000", 8, {}, "'rd:x' is not name:width"),
    ("rd:0 00000000", 8, {}, "'rd:0' is not name:width"),
    (":4 0000", 8, {}, "is not name:width"),
    ("{opc} 0000", 8, {}, "no value given for {opc}"),
    ("{opc} 0000", 8, {"opc": "00"}, "6 bits, not 8"),
]


@pytest.mark.parametrize(("text", "width", "fill", "mask", "value"), ACCEPTED)
def test_accepted(text: str, width: int, fill: dict[str, str], mask: int, value: int) -> None:
    p = Pattern(text, width, fill)
    assert (p.mask, p.value) == (mask, value)
    assert p.matches(value) and p.matches(value | ~mask & (1 << width) - 1)
    assert mask == 0 or not p.matches(value ^ mask & -mask)


@pytest.mark.parametrize(("text", "width", "fill", "message"), REFUSED)
def test_refused(text: str, width: int, fill: dict[str, str], message: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(text, width, fill)
    assert message in str(caught.value)


def test_fields() -> None:
    p = Pattern("cond:4 0101 i:1 imm3:3 rd:4", 16)
    assert p.fields == {"cond": (15, 12), "i": (7, 7), "imm3": (6, 4), "rd": (3, 0)}
    assert [p.extract(n, 0xE5D7) for n in p.fields] == [14, 1, 5, 7]


def test_fixing_a_field_refines() -> None:
    wide = Pattern("0101 rd:4", 8)
    fine = wide.fix("rd", 15)
    assert fine.matches(0x5F) and not fine.matches(0x5E)
    assert fine.extract("rd", 0x5F) == 15
    assert fine.refines(wide) and not wide.refines(fine) and not wide.refines(wide)
    with pytest.raises(PatternError):
        wide.fix("rd", 16)


def test_overlap() -> None:
    a, b, c = (Pattern(t, 8) for t in ("01 a:6", "x:4 1111", "00 a:6"))
    assert a.overlaps(b) and b.overlaps(a)
    assert not a.refines(b) and not b.refines(a)
    assert not a.overlaps(c)
