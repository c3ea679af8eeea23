"""C types as annotated classes, laid out under the data models of run32's guests and hosts.

A struct is a class whose annotations are its fields in C order; an array is `Type[count]`:

    class new_utsname(Struct):
        sysname: Char[65]
        nodename: Char[65]

`layout(new_utsname, "i386")` gives offsets, size and alignment. A data model says how wide
`long` and pointers are and how a 64-bit integer is aligned: `arm` (4, 8), `i386` (4, 4), `lp64`
(8, 8). The hosts `x86_64` and `aarch64` are `lp64`; a struct may differ in one of them:

    class epoll_event(Struct, packed=("x86_64",)): ...      # no padding in that model
    class stat(Struct, variants={"aarch64": stat_generic}): ...   # another class there

All models are little-endian. References: System V i386 psABI chapter 3, AAPCS (IHI 0042) section
4, System V AMD64 psABI section 3.1.2, AAPCS64 (IHI 0055) section 5.

Invariant: a layout is a pure function of class and model, and is computed once.
"""

import struct
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, NamedTuple, TypeVar

from run32.spec.errors import RowError, where

MODELS = ("arm", "i386", "lp64", "x86_64", "aarch64")
GUESTS = ("arm", "i386")


Function = TypeVar("Function", bound=Callable[..., Any])


def cached(function: Function) -> Function:
    """`functools.cache` with the function's own type: classes are arguments here."""
    return cache(function)  # type: ignore[return-value]


def word_size(model: str) -> int:
    """Bytes in a `long` or a pointer under `model`."""
    return 4 if model in GUESTS else 8


class CType:
    """Base of all C types: a class that is never instantiated."""

    def __class_getitem__(cls, count: Any) -> "type[Array]":
        return _array(cls, count)


class Scalar(CType):
    """An integer (or pointer) of `SIZE` bytes; size 0 stands for the model's word."""

    SIZE: ClassVar[int] = 0
    SIGNED: ClassVar[bool] = False

    def __init_subclass__(cls, size: int | None = None, signed: bool | None = None) -> None:
        super().__init_subclass__()
        if size is not None:
            cls.SIZE = size
        if signed is not None:
            cls.SIGNED = signed


# fmt: off
class S8(Scalar, size=1, signed=True): ...
class U8(Scalar, size=1, signed=False): ...
class S16(Scalar, size=2, signed=True): ...
class U16(Scalar, size=2, signed=False): ...
class S32(Scalar, size=4, signed=True): ...
class U32(Scalar, size=4, signed=False): ...
class S64(Scalar, size=8, signed=True): ...
class U64(Scalar, size=8, signed=False): ...
class Char(U8): ...
class Short(S16): ...
class UShort(U16): ...
class Int(S32): ...
class UInt(U32): ...
class Long(Scalar, size=0, signed=True): ...
class ULong(Scalar, size=0, signed=False): ...
class SSize(Long): ...
class Size(ULong): ...
class Pointer(ULong): """A pointer; it is translated by the guest base, never copied raw."""
# fmt: on


class Array(CType):
    """`count` elements of one type; count 0 is a flexible tail."""

    ELEMENT: ClassVar[type[CType]]
    COUNT: ClassVar[int]


@cached
def _array(element: type[CType], count: Any) -> type[Array]:
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise RowError(
            f"array of {element.__name__}: the length is {count!r}",
            "write an int of at least 0, as in Char[65]; use 0 for a flexible tail",
            where(),
        )
    return type(f"{element.__name__}[{count}]", (Array,), {"ELEMENT": element, "COUNT": count})


class Struct(CType):
    """Base of struct rows: annotations are the fields. See the module docstring."""

    FIELDS: ClassVar[dict[str, type[CType]]] = {}
    RENAMED: ClassVar[dict[str, str]] = {}
    PACKED: ClassVar[tuple[str, ...]] = ()
    VARIANTS: ClassVar[dict[str, type["Struct"]]] = {}
    UNION: ClassVar[bool] = False
    WHERE: ClassVar[str] = ""
    CNAME: ClassVar[str] = ""
    HEADER: ClassVar[str] = ""

    def __init_subclass__(
        cls,
        packed: tuple[str, ...] = (),
        variants: "dict[str, type[Struct]] | None" = None,
        union: bool = False,
        cname: str = "",
        header: str = "",
    ) -> None:
        super().__init_subclass__()
        cls.WHERE = where()
        own = cls.__dict__.get("__annotations__", {})
        fields: dict[str, type[CType]] = {}
        for name, ctype in own.items():
            if not (isinstance(ctype, type) and issubclass(ctype, CType)):
                raise RowError(
                    f"struct {cls.__name__}, field {name}: {ctype!r} is not a C type",
                    "use a type of run32.spec.layout, a Struct, or one of them with [count]",
                    cls.WHERE,
                )
            fields[name] = ctype
        if not fields and cls.__name__ != "Union":
            raise RowError(
                f"struct {cls.__name__} has no fields",
                "annotate at least one field",
                cls.WHERE,
            )
        _check_models(cls.__name__, (*packed, *(variants or {})), cls.WHERE)
        cls.FIELDS, cls.PACKED, cls.VARIANTS = fields, packed, variants or {}
        cls.RENAMED = {n: cls.__dict__[n] for n in fields if isinstance(cls.__dict__.get(n), str)}
        cls.UNION, cls.CNAME, cls.HEADER = union, cname or f"struct {cls.__name__}", header


def _check_models(name: str, models: tuple[str, ...], at: str) -> None:
    for model in models:
        if model not in MODELS:
            raise RowError(
                f"struct {name} names the data model {model!r}",
                f"use one of {', '.join(MODELS)}",
                at,
            )


class Union(Struct):
    """Base of union rows: every field at offset 0."""

    def __init_subclass__(cls, cname: str = "", header: str = "") -> None:
        name = cname or f"union {cls.__name__}"
        super().__init_subclass__(union=True, cname=name, header=header)


class Field(NamedTuple):
    """One field of a layout: byte offset and size within its struct."""

    name: str
    ctype: type[CType]
    offset: int
    size: int


class Leaf(NamedTuple):
    """One scalar reached from a struct: a dotted path, as in `st_atim.tv_sec` or `f_spare.3`."""

    path: str
    ctype: type[Scalar]
    offset: int
    size: int
    signed: bool


class Layout(NamedTuple):
    """A struct under a data model."""

    size: int
    align: int
    fields: tuple[Field, ...]

    def offset(self, name: str) -> int:
        """Byte offset of field `name`."""
        return next(f.offset for f in self.fields if f.name == name)


def resolve(cls: type[Struct], model: str) -> type[Struct]:
    """The class that describes `cls` under `model` (itself, or a variant)."""
    return cls.VARIANTS.get(model, cls)


@cached
def size_align(ctype: type[CType], model: str) -> tuple[int, int]:
    """Size and alignment in bytes of any C type under `model`."""
    if issubclass(ctype, Scalar):
        size = ctype.SIZE or word_size(model)
        return size, 4 if size == 8 and model == "i386" else size
    if issubclass(ctype, Array):
        size, align = size_align(ctype.ELEMENT, model)
        return size * ctype.COUNT, align
    if issubclass(ctype, Struct):
        found = layout(ctype, model)
        return found.size, found.align
    raise TypeError(f"{ctype!r} is not a C type")


@cached
def layout(cls: type[Struct], model: str) -> Layout:
    """Offsets, size and alignment of a struct or union under `model`."""
    if model not in MODELS:
        raise ValueError(f"data model {model!r} is unknown; use one of {', '.join(MODELS)}")
    cls = resolve(cls, model)
    fields, offset, biggest, widest = [], 0, 0, 1
    for name, ctype in cls.FIELDS.items():
        size, align = size_align(ctype, model)
        if model in cls.PACKED:
            align = 1
        at = 0 if cls.UNION else -(-offset // align) * align
        fields.append(Field(name, ctype, at, size))
        offset, biggest, widest = at + size, max(biggest, at + size), max(widest, align)
    return Layout(-(-biggest // widest) * widest, widest, tuple(fields))


@cached
def leaves(ctype: type[CType], model: str) -> tuple[Leaf, ...]:
    """Every scalar of a type in memory order (a union contributes all its members)."""
    if issubclass(ctype, Scalar):
        size = ctype.SIZE or word_size(model)
        return (Leaf("", ctype, 0, size, ctype.SIGNED),)
    found = []
    if issubclass(ctype, Array):
        step = size_align(ctype.ELEMENT, model)[0]
        parts = [(str(i), ctype.ELEMENT, i * step) for i in range(ctype.COUNT)]
    else:
        assert issubclass(ctype, Struct)
        parts = [(f.name, f.ctype, f.offset) for f in layout(ctype, model).fields]
    for name, part, at in parts:
        for leaf in leaves(part, model):
            path = f"{name}.{leaf.path}" if leaf.path else name
            found.append(leaf._replace(path=path, offset=at + leaf.offset))
    return tuple(found)


def same_layout(cls: type[CType], one: str, other: str) -> bool:
    """Whether a type has the same bytes in both models and holds no pointer."""
    left, right = leaves(cls, one), leaves(cls, other)
    if any(issubclass(leaf.ctype, Pointer) for leaf in left):
        return False
    strip = [tuple(leaf[2:4]) for leaf in left], [tuple(leaf[2:4]) for leaf in right]
    return strip[0] == strip[1] and size_align(cls, one)[0] == size_align(cls, other)[0]


_LETTER = {1: "b", 2: "h", 4: "i", 8: "q"}


@cached
def struct_format(cls: type[CType], model: str) -> str:
    """The `struct` module's format of a type, padding included; a char array is one `s` item."""
    return "<" + _format(cls, model)


def _format(ctype: type[CType], model: str) -> str:
    if issubclass(ctype, Scalar):
        letter = _LETTER[ctype.SIZE or word_size(model)]
        return letter if ctype.SIGNED else letter.upper()
    if issubclass(ctype, Array):
        if ctype.ELEMENT in (Char, U8):
            return f"{ctype.COUNT}s"
        return _format(ctype.ELEMENT, model) * ctype.COUNT
    assert issubclass(ctype, Struct)
    if ctype.UNION:
        return f"{layout(ctype, model).size}s"
    found = layout(ctype, model)
    text, at = "", 0
    for field in found.fields:
        gap = field.offset - at
        text += ("x" * gap) + _format(field.ctype, model)
        at = field.offset + field.size
    return text + "x" * (found.size - at)


@cached
def names(cls: type[CType], model: str) -> tuple[str, ...]:
    """The dotted names of the items of `struct_format`, in order."""
    if issubclass(cls, Scalar):
        return ("",)
    if issubclass(cls, Array):
        if cls.ELEMENT in (Char, U8):
            return ("",)
        inner = names(cls.ELEMENT, model)
        return tuple(f"{i}.{n}".rstrip(".") for i in range(cls.COUNT) for n in inner)
    assert issubclass(cls, Struct)
    if cls.UNION:
        return ("",)
    fields = layout(cls, model).fields
    return tuple(f"{f.name}.{n}".rstrip(".") for f in fields for n in names(f.ctype, model))


def pack(cls: type[Struct], model: str, values: dict[str, Any]) -> bytes:
    """Bytes of a struct from dotted names; a missing name is zero, an unknown one a KeyError."""
    known = names(cls, model)
    unknown = set(values) - set(known)
    if unknown:
        raise KeyError(f"struct {cls.__name__} has no field {', '.join(sorted(unknown))}")
    zero = struct.unpack(struct_format(cls, model), bytes(layout(cls, model).size))
    return struct.pack(
        struct_format(cls, model), *(values.get(n, z) for n, z in zip(known, zero, strict=True))
    )


def unpack(cls: type[Struct], model: str, data: bytes) -> dict[str, Any]:
    """Dotted names and values of a struct's bytes (char arrays and unions as bytes)."""
    found = struct.unpack_from(struct_format(cls, model), data)
    return dict(zip(names(cls, model), found, strict=True))
