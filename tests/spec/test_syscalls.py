"""The syscall language: argument registers, the condensed table, and what is refused."""

import marshal

import pytest

from run32.spec import ioctls, syscalls
from run32.spec.errors import RowError
from run32.spec.layout import Int, Long, Size, Struct, UInt
from run32.spec.syscalls import PLANNED, argspec, syscall
from run32.spec.types import (
    Enum,
    Fd,
    Flags,
    In,
    InBuf,
    LoHi,
    Off64,
    Out,
    Uid16,
    Zero,
    per,
)


class pair(Struct):
    a: Int
    b: Int


@pytest.fixture(autouse=True)
def own_tables(monkeypatch):
    """Rows made here stay here."""
    monkeypatch.setattr(syscalls, "_rows", {})
    monkeypatch.setattr(syscalls, "_numbers", {})
    monkeypatch.setattr(syscalls, "load", lambda: None)
    monkeypatch.setattr(ioctls, "_rows", {})


def test_argspec():
    @syscall(arm=1, i386=1, man="x(2)")
    def even(fd: Fd, offset: Off64, size: Size) -> Zero: ...

    @syscall(arm=2, i386=2, man="x(2)")
    def halves(fd: Fd, iov: InBuf, count: Size, offset: LoHi) -> Zero: ...

    @syscall(arm=3, i386=3, man="x(2)")
    def small(owner: Uid16, value: Long, out: Out[pair]) -> Zero: ...

    assert (argspec(even, "arm"), argspec(even, "i386")) == ("i-qu", "iqu")
    assert (argspec(halves, "arm"), argspec(halves, "i386")) == ("iuuq", "iuuq")
    assert argspec(small, "arm") == "uiu"


def test_condense():
    @syscall(arm=1, man="x(2)")
    def native(fd: Fd) -> Zero: ...

    @syscall(arm=2, man="x(2)", slow="files")
    def slow(fd: Fd) -> Zero: ...

    @syscall(arm=3, man="x(2)", slow="files:other", fast=True)
    def both(fd: Fd) -> Zero: ...

    @syscall(arm=4, man="x(2)", status=PLANNED, note="later")
    def missing(fd: Fd) -> Zero: ...

    found = syscalls.condense("arm")
    assert found == {
        1: "thunk_arm_native",
        2: ("slow", "", "files", "slow", "i"),
        3: ("both", "thunk_arm_both", "files", "other", "i"),
    }
    assert marshal.loads(marshal.dumps(found)) == found
    assert syscalls.condense("i386") == {}


def bad(message, define, **row):
    with pytest.raises(RowError, match=message) as caught:
        syscall(**{"arm": 1, "man": "x(2)", **row})(define)
    assert "test_syscalls.py" in str(caught.value)


def test_rejects():
    def plain(fd: Fd) -> Zero: ...

    def untyped(fd) -> Zero: ...

    def by_value(value: pair) -> Zero: ...

    def no_result(fd: Fd): ...

    def no_length(data: InBuf) -> Zero: ...

    def wide(a: Int, b: Off64, c: Off64, d: Off64) -> Zero: ...

    bad("no number", plain, arm=None)
    bad("no manual page", plain, man="")
    bad("argument fd has the type None", untyped)
    bad("pass it by pointer, as in In", by_value)
    bad("annotate it with Zero", no_result)
    bad("let its length be the next argument", no_length)
    bad("more than 7 registers on arm", wide)
    bad("status 'someday'", plain, status="someday", note="x")
    bad("a status without a note", plain, status=PLANNED)
    bad("narrow='squeeze'", plain, narrow="squeeze")
    bad("order= names nope", plain, order="fd nope 0")
    with pytest.raises(RowError, match="target is not a C type"):
        In[int]


def test_numbers_and_names_are_unique():
    @syscall(arm=1, i386=1, man="x(2)")
    def one(fd: Fd) -> Zero: ...

    def two(fd: Fd) -> Zero: ...

    bad(r"arm 1 is one .*correct one of the numbers", two)
    with pytest.raises(RowError, match="the name is taken"):

        @syscall(arm=5, man="x(2)")
        def one(fd: Fd) -> Zero: ...


class Colours(Flags):
    FIELD = 3
    RED = 0
    GREEN = 1
    BRIGHT = 4
    WARM = per(arm=8, x86=16)
    BOTH = 0x60


class Kind(Enum):
    MINUS = -1
    ZERO = 0


def test_named_constants():
    assert Colours.show(0, "arm") == "RED"
    assert Colours.show(1 | 4 | 8, "arm") == "GREEN|BRIGHT|WARM"
    assert Colours.show(8, "i386") == "RED|0x8"
    assert Colours.show(0x60, "arm") == "RED|BOTH"
    assert Colours.differing("arm", "x86_64") == ((8, 16),)
    assert Colours.differing("arm", "aarch64") == ()
    assert (Kind.show(-1, "arm"), Kind.show(0xFFFFFFFF, "arm")) == ("MINUS", "MINUS")
    assert Kind.show(77, "arm") == "0x4d"


def test_ioctls():
    family = ioctls.ioctls("d", header="x.h")
    family.rw(1, "PLAIN", pair)
    family.w(2, "VALUE", Int, really=ioctls.VALUE)
    family.r(3, "NUMBER", Long, really=Out[Int])
    rows = ioctls._rows
    assert rows["PLAIN"].number("arm") == 0xC0086401
    assert (rows["NUMBER"].number("arm"), rows["NUMBER"].number("lp64")) == (0x80046403, 0x80086403)
    assert (rows["NUMBER"].size("arm"), rows["VALUE"].size("arm")) == (4, ioctls.BY_VALUE)
    with pytest.raises(RowError, match="differs between arm and x86_64; give slow="):
        family.r(9, "LONG", Long)
    with pytest.raises(RowError, match="0xc0086401 is PLAIN"):
        family.old(0xC0086401, "AGAIN")
    with pytest.raises(RowError, match="it has 8 bits"):
        family.io(256, "FAR")
    with pytest.raises(RowError, match="use VALUE"):
        family.io(4, "RAW", UInt)
