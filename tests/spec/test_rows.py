"""Rows, forms and templates: what they expand to, what they refuse; the lint of the ARM rows."""

from __future__ import annotations

from typing import Any

import pytest

from run32.isa.arm.all import ARM
from run32.spec.bits import Bits
from run32.spec.pattern import PatternError
from run32.spec.rows import Fields, Form, Isa, RowError, Template, direct, form


@form(static="s", regs="rd rn", imm="imm", writes="rd")
def alu(m: Any, o: Any, sem: Any) -> None:
    """A form with every kind of operand."""
    m.result = (o.s, o.rd.value, o.rn.value, sem(o.imm).value)


NOTHING = direct("nothing")
ALU = Template("a32", "cond:4 001 {opc} s:1 rn:4 rd:4 imm:12", alu)


def row(isa: Isa, *encodings: Any, name: str = "row") -> None:
    """Register a row that does nothing."""

    def sem(x: Any, y: Any = None) -> Any:
        return x

    sem.__name__ = name
    isa.insn(*encodings, ref="test")(sem)


# -- accepted -------------------------------------------------------------------------------------
def test_static_fields_are_expanded_and_dynamic_ones_bound() -> None:
    isa = Isa("t")
    row(isa, ALU(opc="0100", imm=lambda f: f.imm.zext(32) + f.pc))
    assert [e.static for e in isa.encodings("a32")] == [(0,), (1,)]
    d = isa.decode("a32", 0xE2912005, 0x1000)
    assert d is not None and d.cond == 14 and d.length == 4
    assert (d.operands.s, d.operands.rd.value, d.operands.rn.value) == (1, 2, 1)
    assert d.operands.imm.value == 0x1005
    assert (d.operands.rd.width, d.operands.imm.width) == (8, 32)
    assert alu.reads == ("rn",)


def test_condition_15_is_a_space_of_its_own() -> None:
    isa = Isa("t")
    row(isa, ALU(opc="0100"))
    assert isa.decode("a32", 0xF2912005, 0) is None
    row(isa, Template("a32", "1111 001 x:25", NOTHING)(), name="unconditional")
    d = isa.decode("a32", 0xF2912005, 0)
    assert d is not None and d.encoding.row.name == "unconditional" and d.cond == 14


def test_the_finer_encoding_wins() -> None:
    isa = Isa("t")
    row(isa, Template("t16", "1011 a:12", NOTHING)(), name="wide")
    row(isa, Template("t16", "1011 0000 b:8", NOTHING)(), name="fine")
    found = [isa.find("t16", w) for w in (0xB001, 0xB101, 0x1234)]
    assert [e and e.row.name for e in found] == ["fine", "wide", None]
    assert list(isa.conflicts("t16")) == []


def test_it_is_an_expansion() -> None:
    isa = Isa("t")
    flags = Form(lambda m, o, sem: None, static="s", regs="rd")
    row(isa, Template("t16", "0000 0000 0000 rd:4", flags, expand="it", s=lambda f: ~f.it)())
    assert [isa.decode("t16", 5, 0, it).operands.s for it in (0, 1)] == [1, 0]  # type: ignore


def test_pc_write_gets_an_encoding_of_its_own() -> None:
    isa = Isa("t")
    pc = Form(lambda m, o, sem: None, static="wpc", regs="rd")
    row(isa, Template("a32", "cond:4 0000 x:20 rd:4", pc, pc_write="rd")())
    assert isa.decode("a32", 0xE0000001, 0).operands.wpc == 0  # type: ignore[union-attr]
    assert isa.decode("a32", 0xE000000F, 0).operands.wpc == 1  # type: ignore[union-attr]


def test_only_drops_combinations() -> None:
    kinds = Form(lambda m, o, sem: None, static="k")
    found = Template("t16", "k:2 00 0000 0000 0000", kinds, only=lambda k: k != 2)()
    assert [e.static for e in found] == [(0,), (1,), (3,)]


def test_equal_keys_share_native_code() -> None:
    isa = Isa("t")
    t16 = Template("t16", "0000 s:1 rd:3 rn:3 imm:5", alu)()
    t32 = Template("t32", "1111 0000 0000 000 s:1 rn:4 rd:4 imm:8", alu)()
    row(isa, ALU(opc="0100"), t16, t32)
    keys = [{e.key for e in isa.encodings(s)} for s in ("a32", "t16", "t32")]
    assert keys[0] == keys[1] and not keys[0] & keys[2]


# -- refused --------------------------------------------------------------------------------------
def test_overlap_is_a_conflict_until_the_common_words_have_an_encoding() -> None:
    isa = Isa("t")
    row(isa, Template("t16", "0000 a:8 1111", NOTHING)(), name="a")
    row(isa, Template("t16", "0000 1111 b:8", NOTHING)(), name="b")
    assert [(x.row.name, y.row.name) for x, y in isa.conflicts("t16")] == [("a", "b")]
    row(isa, Template("t16", "0000 1111 c:4 1111", NOTHING)(), name="both")
    assert list(isa.conflicts("t16")) == []


def test_equal_patterns_are_a_conflict() -> None:
    isa = Isa("t")
    row(isa, Template("t16", "0000 a:12", NOTHING)(), name="a")
    row(isa, Template("t16", "0000 b:12", NOTHING)(), name="b")
    assert len(list(isa.conflicts("t16"))) == 1


def test_a_name_twice() -> None:
    isa = Isa("t")
    row(isa, Template("t16", "0000 a:12", NOTHING)())
    with pytest.raises(RowError, match="row 'row' is defined at .*test_rows.py:.*rename one"):
        row(isa, Template("t16", "0001 a:12", NOTHING)())


def test_a_row_without_encodings() -> None:
    with pytest.raises(RowError, match="has no encoding"):
        row(Isa("t"))


def test_an_unbound_static_operand() -> None:
    with pytest.raises(RowError, match="static operand 's' is neither a field nor bound"):
        Template("t16", "0000 rd:4 rn:4 imm:4", alu)()


def test_an_unbound_register_is_noticed_at_the_first_decode() -> None:
    isa = Isa("t")
    row(isa, Template("t16", "0000 s:1 x:3 rn:4 imm:4", alu)())
    with pytest.raises(AttributeError, match="has no field 'rd'"):
        isa.decode("t16", 0, 0)


def test_too_many_registers() -> None:
    with pytest.raises(RowError, match="5 register operands"):
        Form(lambda m, o, sem: None, regs="a b c d e")


def test_wrong_width() -> None:
    with pytest.raises(PatternError, match="not 16"):
        Template("t16", "0000 a:8", NOTHING)()


# -- the ARM rows ---------------------------------------------------------------------------------
@pytest.mark.parametrize("set_", ["a32", "t32", "t16"])
def test_arm_encodings_do_not_conflict(set_: str) -> None:
    assert ARM.encodings(set_)
    assert [f"{a!r} and {b!r}" for a, b in ARM.conflicts(set_)] == []


def test_arm_rows_cite_and_explain() -> None:
    for r in ARM.rows.values():
        assert r.ref, r.where
        assert r.doc and r.doc.endswith("."), r.where


def test_arm_operands_are_bound() -> None:
    """Every operand of every encoding can be computed; names in `regs` are fields or bound."""
    for set_ in ("a32", "t32", "t16"):
        for e in ARM.encodings(set_):
            word = Bits(8 * e.unit, e.pattern.value)
            operands = e.operands(Fields(e.pattern, word, Bits(32, 0x8000), Bits(1, 0)))
            for name in (*e.form.regs, *((e.form.imm,) if e.form.imm else ())):
                width = 32 if name == e.form.imm else 8
                assert getattr(operands, name).width == width, (e, name)


def test_t32_and_t16_spaces_are_separate() -> None:
    for e in ARM.encodings("t16"):
        assert not (e.pattern.value >> 11 >= 0b11101 and e.pattern.mask >> 11 == 31), e
    for e in ARM.encodings("t32"):
        assert e.pattern.value >> 27 in (0b11101, 0b11110, 0b11111), e
        assert e.pattern.mask >> 29 == 0b111, e
