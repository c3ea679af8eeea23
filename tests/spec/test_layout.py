"""Struct layouts under the data models, and what the language refuses."""

import pytest

from run32.spec.errors import RowError
from run32.spec.layout import (
    U8,
    U16,
    U64,
    Char,
    Int,
    Long,
    Pointer,
    Short,
    Struct,
    Union,
    layout,
    leaves,
    names,
    pack,
    same_layout,
    size_align,
    struct_format,
    unpack,
)


class inner(Struct):
    a: U8
    b: U16


class mixed(Struct):
    first: U8
    wide: U64
    word: Long
    nested: inner[2]
    text: Char[5]


class packed(Struct, packed=("x86_64",)):
    events: Int
    data: U64


class other(Struct):
    swapped: Long


class varied(Struct, variants={"aarch64": other}):
    plain: Int


class either(Union):
    small: U8
    big: U64


@pytest.mark.parametrize(
    ("model", "size", "align", "offsets"),
    [
        ("arm", 40, 8, (0, 8, 16, 20, 28)),
        ("i386", 32, 4, (0, 4, 12, 16, 24)),
        ("lp64", 40, 8, (0, 8, 16, 24, 32)),
    ],
)
def test_offsets(model, size, align, offsets):
    found = layout(mixed, model)
    assert (found.size, found.align) == (size, align)
    assert tuple(f.offset for f in found.fields) == offsets
    assert found.offset("word") == offsets[2]


def test_packed_and_variants():
    sizes = {m: layout(packed, m).size for m in ("arm", "i386", "x86_64", "aarch64")}
    assert sizes == {"arm": 16, "i386": 12, "x86_64": 12, "aarch64": 16}
    assert [f.name for f in layout(varied, "aarch64").fields] == ["swapped"]
    assert layout(varied, "arm").size == 4


def test_unions():
    assert layout(either, "i386") == (8, 4, layout(either, "i386").fields)
    assert {f.offset for f in layout(either, "arm").fields} == {0}


def test_leaves_and_names():
    paths = [leaf.path for leaf in leaves(mixed, "arm")]
    assert paths[:5] == ["first", "wide", "word", "nested.0.a", "nested.0.b"]
    assert [leaf.offset for leaf in leaves(mixed, "arm")][3:7] == [20, 22, 24, 26]
    assert names(mixed, "arm")[-1] == "text"
    assert size_align(Int[7], "arm") == (28, 4)


@pytest.mark.parametrize("model", ["arm", "i386", "lp64"])
def test_pack_and_unpack(model):
    values = {"first": 200, "wide": 1 << 63, "word": -5, "nested.1.b": 0xBEEF, "text": b"abc\0\0"}
    data = pack(mixed, model, values)
    assert len(data) == layout(mixed, model).size
    back = unpack(mixed, model, data)
    assert {name: back[name] for name in values} == values
    assert back["nested.0.a"] == 0
    with pytest.raises(KeyError, match="no field nope"):
        pack(mixed, model, {"nope": 1})


def test_format_has_explicit_padding():
    assert struct_format(packed, "arm") == "<ixxxxQ"
    assert struct_format(packed, "i386") == "<iQ"


def test_same_layout():
    class plain(Struct):
        a: Int
        b: Short[4]

    class address(Struct):
        p: Pointer

    assert same_layout(plain, "arm", "lp64")
    assert not same_layout(packed, "arm", "x86_64")
    assert same_layout(packed, "arm", "aarch64")
    assert not same_layout(address, "arm", "arm")
    assert not same_layout(Long, "arm", "lp64")


def test_rejects():
    with pytest.raises(RowError, match=r"test_layout.py:\d+: .*field x.*not a C type"):

        class wrong_type(Struct):
            x: int

    with pytest.raises(RowError, match="no fields"):

        class empty(Struct): ...

    with pytest.raises(RowError, match="data model 'sparc'"):

        class strange(Struct, packed=("sparc",)):
            x: Int

    with pytest.raises(RowError, match="length is -1"):
        Int[-1]
    with pytest.raises(ValueError, match="use one of arm"):
        layout(mixed, "vax")
