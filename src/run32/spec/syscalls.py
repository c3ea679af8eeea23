"""The row language for system calls: a number per guest ABI on an annotated prototype.

    @syscall(arm=263, i386=265, man="clock_gettime(2)", narrow=EOVERFLOW)
    def clock_gettime(clk: ClockId, tp: Out[timespec]) -> Zero: ...

- A plain row gets a native thunk: convert in, host syscall `host=` (default: the row's name;
  with `order=` where the host wants other arguments: names and numbers), convert out on success.
  `rule="llseek"` names the hand-written part of `codegen.thunkrules` for what types cannot say.
- `slow="files:openat"` is the Python function `run32.kernel.files.openat(task, *args)`; it gets
  plain ints as the prototype says: sign as the type has it, 64-bit pairs combined, pointers as
  guest addresses. `slow="files"` uses the row's name. With `fast=True` the row has a thunk as
  well, which may decline.
- `status=PLANNED` or `status=ABSENT` with `note=` answers ENOSYS: not built yet, or as Linux
  does too.

`condense(abi)` is the table the engine keeps: number -> (name, thunk, module, function, argspec)
for rows with a slow path (thunk is "" or the fast path's symbol), or the thunk's symbol for the
others. Numbers that answer ENOSYS are absent. An argspec has one letter a register group:
`i`/`u` a signed/unsigned register, `q`/`Q` a signed/unsigned 64-bit pair, `-` a register that is
skipped.

Invariants: numbers and names are unique per ABI; every row cites a manual page; arguments fit
the ABI's registers (arm 7, i386 6). References: syscall(2), AAPCS (IHI 0042) 5.5 for even pairs."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, NamedTuple

from run32.spec import types as t
from run32.spec.errors import RowError, where
from run32.spec.layout import CType, Scalar, Struct

ABIS = ("arm", "i386")
REGISTERS = {"arm": 7, "i386": 6}

PLANNED, ABSENT = "planned", "absent"
EOVERFLOW, TRUNCATE, CLAMP = "eoverflow", "truncate", "clamp"
FALLBACK = -65536
"""What a thunk returns to have the slow path run instead."""


class Arg(NamedTuple):
    """One argument of a prototype."""

    name: str
    ctype: type[Any]


class Syscall(NamedTuple):
    """One row."""

    name: str
    numbers: dict[str, int]
    args: tuple[Arg, ...]
    ret: type[Any]
    man: str
    host: str
    order: tuple[str, ...]
    module: str
    function: str
    thunk: bool
    status: str
    note: str
    narrow: str
    rule: str
    doc: str
    where: str


_rows: dict[str, Syscall] = {}
_numbers: dict[tuple[str, int], Syscall] = {}


def syscall(
    *,
    man: str,
    arm: int | None = None,
    i386: int | None = None,
    host: str = "",
    order: str = "",
    slow: str = "",
    fast: bool = False,
    status: str = "",
    note: str = "",
    narrow: str = "",
    rule: str = "",
) -> Callable[[Callable[..., Any]], Syscall]:
    """Decorator that registers a prototype. See the module docstring."""

    def register(function: Callable[..., Any]) -> Syscall:
        name, at = function.__name__.rstrip("_"), where()
        numbers = {a: n for a, n in (("arm", arm), ("i386", i386)) if n is not None}
        module, _, called = slow.partition(":")
        row = Syscall(
            name=name,
            numbers=numbers,
            args=_prototype(name, function, at),
            ret=function.__annotations__.get("return", type(None)),
            man=man,
            host=host or name,
            order=tuple(order.split()),
            module=module,
            function=called or (name if module else ""),
            thunk=not status and (fast or not slow),
            status=status,
            note=note,
            narrow=narrow,
            rule=rule,
            doc=(function.__doc__ or "").strip(),
            where=at,
        )
        check(row)
        for key in ((a, n) for a, n in numbers.items()):
            _numbers[key] = row
        _rows[name] = row
        return row

    return register


def _prototype(name: str, function: Callable[..., Any], at: str) -> tuple[Arg, ...]:
    code = function.__code__
    notes = function.__annotations__
    args = []
    for arg in code.co_varnames[: code.co_argcount]:
        ctype = notes.get(arg)
        if not (isinstance(ctype, type) and issubclass(ctype, CType)):
            raise RowError(
                f"{name}: argument {arg} has the type {ctype!r}",
                "annotate it with a type of run32.spec.types",
                at,
            )
        if issubclass(ctype, Struct) or not issubclass(ctype, Scalar):
            raise RowError(
                f"{name}: argument {arg} is a {ctype.__name__}, which no register holds",
                f"pass it by pointer, as in In[{ctype.__name__}]",
                at,
            )
        args.append(Arg(arg, ctype))
    return tuple(args)


def check(row: Syscall) -> None:
    """Raise RowError unless `row` may join the table."""

    def fail(problem: str, remedy: str) -> None:
        raise RowError(f"{row.name}: {problem}", remedy, row.where)

    if row.name in _rows:
        fail(f"the name is taken by {_rows[row.name].where}", "rename the function")
    if not row.numbers:
        fail("no number", "give arm= or i386=")
    if not row.man:
        fail("no manual page", 'cite one, as in man="read(2)"')
    if not (isinstance(row.ret, type) and issubclass(row.ret, Scalar)):
        fail(f"the result has the type {row.ret!r}", "annotate it with Zero, Count, Fd, …")
    if row.status not in ("", PLANNED, ABSENT):
        fail(f"status {row.status!r}", "use PLANNED or ABSENT")
    if row.status and not row.note:
        fail("a status without a note", "say in note= what is missing")
    if row.narrow not in ("", EOVERFLOW, TRUNCATE, CLAMP):
        fail(f"narrow={row.narrow!r}", "use EOVERFLOW, TRUNCATE or CLAMP")
    for abi, number in row.numbers.items():
        other = _numbers.get((abi, number))
        if other is not None:
            fail(f"{abi} {number} is {other.name} ({other.where})", "correct one of the numbers")
        if len(argspec(row, abi)) > REGISTERS[abi] - argspec(row, abi).lower().count("q"):
            fail(f"the arguments take more than {REGISTERS[abi]} registers on {abi}", "shorten it")
    for i, arg in enumerate(row.args):
        length = row.args[i + 1].ctype if i + 1 < len(row.args) else None
        if issubclass(arg.ctype, t.Sized) and (length is None or issubclass(length, t.Ptr)):
            fail(f"{arg.name} is a {arg.ctype.__name__}", "let its length be the next argument")
    unknown = [n for n in row.order if not n.isdigit() and n not in {a.name for a in row.args}]
    if unknown:
        fail(f"order= names {' '.join(unknown)}", "use argument names and decimal numbers")


def argspec(row: Syscall, abi: str) -> str:
    """Register letters of a row under `abi` (see the module docstring)."""
    spec, used = "", 0
    for arg in row.args:
        size = arg.ctype.SIZE
        if size == 8:
            if abi == "arm" and used % 2 and not issubclass(arg.ctype, t.LoHi):
                spec, used = spec + "-", used + 1
            spec, used = spec + ("q" if arg.ctype.SIGNED else "Q"), used + 2
        else:
            spec, used = spec + ("i" if arg.ctype.SIGNED else "u"), used + 1
    return spec


def load() -> None:
    """Import every row file of `run32.uapi.syscalls`."""
    package = importlib.import_module("run32.uapi.syscalls")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{found.name}")


def table(abi: str) -> dict[int, Syscall]:
    """Every row of a guest ABI by number, in order."""
    load()
    return {n: row for (a, n), row in sorted(_numbers.items()) if a == abi}


def condense(abi: str) -> dict[int, tuple[str, str, str, str, str] | str]:
    """The engine's table (see the module docstring)."""
    found: dict[int, tuple[str, str, str, str, str] | str] = {}
    for number, row in table(abi).items():
        thunk = f"thunk_{abi}_{row.name}" if row.thunk else ""
        if row.module:
            found[number] = (row.name, thunk, row.module, row.function, argspec(row, abi))
        elif thunk:
            found[number] = thunk
    return found
