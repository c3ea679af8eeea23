"""The row language for ioctl requests: a number, a direction and a type per line.

    TTY = ioctls("T", header="asm/ioctls.h")
    TTY.old(0x5401, "TCGETS", Out[termios])              # a bare number from before _IOR
    TTY.r(0x30, "TIOCGPTN", UInt)                        # _IOR('T', 0x30, unsigned int)
    FS.r(1, "FS_IOC_GETFLAGS", Long, really=Out[Int])    # the header's type is not what is copied

The type a macro names sets the request's number under each data model (its size is part of it);
what the kernel copies is that type in the macro's direction, unless `really=` says otherwise.
`VALUE` stands for an argument that is a number and not a pointer.

A request passes through if its argument has equal layouts on guest and host; the rest needs
`slow="ioctl:function"`. `condense(abi, host)` is what the engine keeps: guest request -> (host
request, bytes, name), where bytes is -1 for a value and -2 for a slow path.
Reference: ioctl(2), Documentation/userspace-api/ioctl/ioctl-number.rst.
"""

import importlib
import pkgutil
from typing import Any, NamedTuple

from run32.spec import types as t
from run32.spec.errors import RowError, where
from run32.spec.layout import GUESTS, CType, same_layout, size_align

IO, WRITE, READ = 0, 1, 2  # bits of a request's direction: from the program's point of view
VALUE = None
BY_VALUE, BY_HAND = -1, -2


class Ioctl(NamedTuple):
    """One request."""

    name: str
    direction: int
    letter: int
    nr: int
    ctype: type[Any] | None
    old: dict[str, int]
    argument: type[Any] | None
    slow: str
    header: str
    where: str

    def number(self, model: str) -> int:
        """The request's number under a data model."""
        if self.old:
            return self.old.get(model, self.old["others"])
        size = size_align(self.ctype, model)[0] if self.ctype is not None else 0
        return self.direction << 30 | size << 16 | self.letter << 8 | self.nr

    def size(self, model: str) -> int:
        """Bytes behind the argument, or BY_VALUE."""
        if self.argument is None:
            return BY_VALUE
        return size_align(self.argument.TARGET, model)[0]

    def passes(self, abi: str, host: str) -> bool:
        """Whether the argument can reach the host unconverted."""
        if self.argument is None:
            return True
        return same_layout(self.argument.TARGET, abi, host)


_rows: dict[str, Ioctl] = {}


class Family:
    """Requests that share a letter and a header."""

    def __init__(self, letter: str | int, header: str) -> None:
        self.letter = ord(letter) if isinstance(letter, str) else letter
        self.header = header

    def old(
        self,
        number: int,
        name: str,
        argument: type[Any] | None = VALUE,
        *,
        arm: int = 0,
        slow: str = "",
    ) -> None:
        """A request whose number says nothing about its type; `arm=` where it differs there."""
        numbers = {"others": number, **({"arm": arm} if arm else {})}
        self._add(name, IO, number, None, numbers, argument, slow)

    def io(self, nr: int, name: str, argument: type[Any] | None = VALUE, *, slow: str = "") -> None:
        """`_IO(letter, nr)`."""
        self._add(name, IO, nr, None, {}, argument, slow)

    def r(
        self, nr: int, name: str, ctype: type[CType], *, really: Any = "same", slow: str = ""
    ) -> None:
        """`_IOR(letter, nr, ctype)`: the kernel writes."""
        self._add(name, READ, nr, ctype, {}, t.Out.to(ctype) if really == "same" else really, slow)

    def w(
        self, nr: int, name: str, ctype: type[CType], *, really: Any = "same", slow: str = ""
    ) -> None:
        """`_IOW(letter, nr, ctype)`: the kernel reads."""
        self._add(name, WRITE, nr, ctype, {}, t.In.to(ctype) if really == "same" else really, slow)

    def rw(
        self, nr: int, name: str, ctype: type[CType], *, really: Any = "same", slow: str = ""
    ) -> None:
        """`_IOWR(letter, nr, ctype)`: both."""
        argument = t.InOut.to(ctype) if really == "same" else really
        self._add(name, READ | WRITE, nr, ctype, {}, argument, slow)

    def _add(
        self,
        name: str,
        direction: int,
        nr: int,
        ctype: type[CType] | None,
        old: dict[str, int],
        argument: type[Any] | None,
        slow: str,
    ) -> None:
        row = Ioctl(
            name, direction, self.letter, nr, ctype, old, argument, slow, self.header, where()
        )
        check(row)
        _rows[name] = row


def ioctls(letter: str | int, header: str) -> Family:
    """A family of requests."""
    return Family(letter, header)


def check(row: Ioctl) -> None:
    """Raise RowError unless `row` may join the table."""

    def fail(problem: str, remedy: str) -> None:
        raise RowError(f"{row.name}: {problem}", remedy, row.where)

    if row.name in _rows:
        fail(f"the name is taken by {_rows[row.name].where}", "remove one")
    if row.argument is not None and not issubclass(row.argument, t.Typed):
        fail(f"the argument is {row.argument!r}", "use VALUE, In[…], Out[…] or InOut[…]")
    if not row.old and not 0 <= row.nr <= 255:
        fail(f"number {row.nr}", "it has 8 bits")
    for abi in GUESTS:
        for other in _rows.values():
            if other.number(abi) == row.number(abi):
                fail(f"{row.number(abi):#x} is {other.name} on {abi}", "correct one of them")
        for host in ("x86_64", "aarch64"):
            if not row.slow and not row.passes(abi, host):
                fail(f"its argument differs between {abi} and {host}", "give slow=")


def load() -> None:
    """Import every row file of `run32.uapi.ioctls`."""
    package = importlib.import_module("run32.uapi.ioctls")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{found.name}")


def table(abi: str) -> dict[int, Ioctl]:
    """Every request by its guest number."""
    load()
    return {row.number(abi): row for row in _rows.values()}


def condense(abi: str, host: str) -> dict[int, tuple[int, int, str]]:
    """The engine's table (see the module docstring)."""
    return {
        number: (row.number(host), BY_HAND if row.slow else row.size(abi), row.slow or row.name)
        for number, row in table(abi).items()
    }
