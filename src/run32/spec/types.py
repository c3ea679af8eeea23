"""Types of syscall arguments: what a register holds, and where its pointer leads.

Scalars come from `spec.layout`; the names here say more than a width does, for strace and for
the thunks. 32-bit scalars reach the host sign- or zero-extended as `SIGNED` says; 64-bit ones
take a register pair. Pointer types:

    Ptr                    an address whose bytes are the same in both worlds
    In[S] Out[S] InOut[S]  one struct: passed through where layouts are equal, else converted
    InArray[S] OutArray[S] InOutArray[S]   as many as the next argument says
    InBuf OutBuf           bytes; the next argument is their length
    IovecIn IovecOut       struct iovec array; the next argument is its length
    FdSet                  bit array of the first argument's length (select)
    Path Str Strings       C strings: a file name, any string, a NULL-ended array of strings

NULL reaches the host as NULL. Invariant: a "next argument is the length" type is followed by an
integer argument; `spec.syscalls` checks that.
"""

from typing import Any, ClassVar

from run32.spec.errors import RowError, where
from run32.spec.layout import S64, U16, CType, Int, Long, Pointer, Scalar, UInt, ULong, cached


# fmt: off
class Fd(Int): """A file descriptor."""
class DirFd(Int): """A directory descriptor or AT_FDCWD."""
class Pid(Int): """A process or thread id."""
class Uid(UInt): """A user id."""
class Gid(UInt): """A group id."""
class Uid16(U16): """A 16-bit user id of the old calls: 0xffff stands for -1."""
class Gid16(U16): """A 16-bit group id of the old calls."""
class Mode(UInt): """Permission bits, shown in octal."""
class Dev(UInt): """An encoded device number."""
class Off(Long): """A 32-bit file offset."""
class Off64(S64): """A 64-bit file offset; on arm its pair starts at an even register."""
class LoHi(S64): """A 64-bit offset in two `unsigned long` arguments: never aligned to a pair."""
class Zero(Int): """A result that is 0 or an errno."""
class Count(Long): """A result that counts bytes or items."""
class Addr(ULong): """A result or argument that is a guest address and is not followed."""


class Ptr(Pointer): """An address that is passed on translated."""
class Path(Ptr): """A file name."""
class Str(Ptr): """A C string."""
class Strings(Ptr): """A NULL-ended array of C strings (argv, envp)."""
class FdSet(Ptr): """A select(2) set."""
class Sized(Ptr): """A pointer whose length is the next argument."""
class InBuf(Sized): """Bytes the kernel reads."""
class OutBuf(Sized): """Bytes the kernel writes."""
class IovecIn(Sized): """Vectors of bytes the kernel reads (writev)."""
class IovecOut(Sized): """Vectors of bytes the kernel writes (readv)."""
# fmt: on


class Typed(Ptr):
    """A pointer to `TARGET`; `READS`: the kernel reads it, `WRITES`: the kernel writes it."""

    TARGET: ClassVar[type[CType]]
    READS: ClassVar[bool] = False
    WRITES: ClassVar[bool] = False

    def __class_getitem__(cls, target: Any) -> Any:
        return _typed(cls, target)

    @classmethod
    def to(cls, target: type[CType]) -> "type[Typed]":
        """`cls[target]`, for code rather than annotations."""
        return _typed(cls, target)


@cached
def _typed(cls: type[Typed], target: Any) -> type[Typed]:
    if not (isinstance(target, type) and issubclass(target, CType)):
        raise RowError(
            f"{cls.__name__}[{target!r}]: the target is not a C type",
            "give a Struct or a scalar, as in Out[timespec]",
            where(),
        )
    bases = (cls, Sized) if issubclass(cls, _Many) else (cls,)
    return type(f"{cls.__name__}[{target.__name__}]", bases, {"TARGET": target})


class _Many(Typed):
    """A pointer to as many `TARGET`s as the next argument says."""


# fmt: off
class In(Typed): READS = True
class Out(Typed): WRITES = True
class InOut(Typed): READS = WRITES = True
class InArray(_Many): READS = True
class OutArray(_Many): WRITES = True
class InOutArray(_Many): READS = WRITES = True
# fmt: on


class Per(dict[str, int]):
    """A constant that differs: keys `arm` (and aarch64) and `x86` (i386 and x86-64)."""

    def get_for(self, model: str) -> int | None:
        """The value under a data model, or None where it has no such constant."""
        return self.get("arm" if model in ("arm", "aarch64") else "x86")


def per(arm: int | None = None, x86: int | None = None) -> Any:
    """A constant with one value on arm and aarch64 and another on i386 and x86-64."""
    pairs = {"arm": arm, "x86": x86}
    return Per({k: v for k, v in pairs.items() if v is not None})


class Named(Scalar):
    """Base of the two kinds of named constants; class attributes in capitals are the names."""

    NAMES: ClassVar[dict[str, "int | Per"]] = {}

    def __init_subclass__(cls, size: int | None = None, signed: bool | None = None) -> None:
        super().__init_subclass__(size=size, signed=signed)
        own = {k: v for k, v in cls.__dict__.items() if isinstance(v, (int, Per)) and k.isupper()}
        own = {k: v for k, v in own.items() if k not in ("SIZE", "SIGNED", "FIELD")}
        cls.NAMES = {**cls.NAMES, **own}

    @classmethod
    @cached
    def values(cls, model: str) -> dict[str, int]:
        """Every name's value under a data model."""
        found = {}
        for name, value in cls.NAMES.items():
            one = value.get_for(model) if isinstance(value, Per) else value
            if one is not None:
                found[name] = one
        return found


class Enum(Named, Int, size=4, signed=True):
    """One of some named values."""

    @classmethod
    def show(cls, value: int, model: str) -> str:
        """The name of a value, or the value in hexadecimal."""
        for name, known in cls.values(model).items():
            if known & 0xFFFFFFFF == value & 0xFFFFFFFF:
                return name
        return hex(value) if value >= 0 else str(value)


class Flags(Named, UInt, size=4, signed=False):
    """An or of named bits; `FIELD` is a mask inside which names are values (O_ACCMODE)."""

    FIELD: ClassVar[int] = 0

    @classmethod
    def show(cls, value: int, model: str) -> str:
        """Names joined with `|`, remaining bits in hexadecimal, `0` for nothing."""
        value &= 0xFFFFFFFF
        known, shown, rest = cls.values(model), [], value
        for name, bits in known.items():
            if cls.FIELD and not bits & ~cls.FIELD and value & cls.FIELD == bits:
                shown.append(name)
                rest &= ~cls.FIELD
        plain = [(n, b) for n, b in known.items() if b & ~cls.FIELD]
        for name, bits in sorted(plain, key=lambda pair: -pair[1].bit_count()):
            if bits and rest & bits == bits:
                shown.append(name)
                rest &= ~bits
        order = {name: i for i, name in enumerate(known)}
        shown.sort(key=lambda name: (known[name] & ~cls.FIELD != 0, order[name]))
        if rest:
            shown.append(hex(rest))
        none = next((name for name, bits in known.items() if not bits), "0")
        return "|".join(shown) if shown else none

    @classmethod
    @cached
    def differing(cls, guest: str, host: str) -> tuple[tuple[int, int], ...]:
        """(guest bit, host bit) of every single-bit name that differs; host 0 for none."""
        ours, theirs = cls.values(guest), cls.values(host)
        single = [(name, bits) for name, bits in ours.items() if bits.bit_count() == 1]
        pairs = [(bits, theirs.get(name, 0)) for name, bits in single]
        return tuple(pair for pair in pairs if pair[0] != pair[1])
