"""`run32 show ADDRESS|SYMBOL PROGRAM`: a region as guest code, IR and host code."""

from __future__ import annotations

import os

from run32.cli.engine import ensure
from run32.cli.errors import CANNOT_EXECUTE, NOT_FOUND, Problem
from run32.cli.launch import DEFAULT_PATH, find_program, host_view
from run32.cli.settings import Settings
from run32.debug.symbols import Symbols

EM_ARM = 40


def show(where: str, program: str, settings: Settings, raw: bool, mode: str) -> int:
    """Print the region that `where` is in. Raises `Problem`."""
    path = host_path(program, settings)
    symbols = read_symbols(program, path)
    address = find(where, symbols)
    engine = ensure(settings, "arm")
    from run32.debug.regionview import NothingThere, View, default_host

    try:
        view = View(path, symbols, address, engine, default_host(), mode)
    except NothingThere as error:
        remedy = "Thumb code has odd addresses: add 1" if not address & 1 else ""
        raise Problem(where, str(error), remedy) from None
    for line in view.lines(raw=raw):
        print(line)
    return 0


def host_path(program: str, settings: Settings) -> str:
    """Where PROGRAM, a file or a name in PATH, is on this machine."""
    if "/" not in program and os.path.isfile(program):
        return os.path.realpath(program)
    path = find_program(program, settings.rootfs, os.environ.get("PATH", DEFAULT_PATH))
    return os.path.realpath(host_view(path, settings.rootfs))


def read_symbols(program: str, path: str) -> Symbols:
    """The names in a file. Raises `Problem` for what is no ARM program."""
    try:
        symbols = Symbols(path)
    except FileNotFoundError:
        raise Problem(program, "no such file", "", NOT_FOUND) from None
    except OSError as error:
        raise Problem(program, error.strerror or str(error), "", CANNOT_EXECUTE) from None
    except ValueError:
        raise Problem(program, what_it_is(path), "", CANNOT_EXECUTE) from None
    if symbols.machine != EM_ARM:
        raise Problem(program, "not ARM code; only ARM is translated", "", CANNOT_EXECUTE)
    return symbols


def what_it_is(path: str) -> str:
    """Why a file is not one to show."""
    with open(path, "rb") as file:
        head = file.read(5)
    if head == b"\x7fELF\x02":
        return "a 64-bit ELF file; the host runs it itself"
    return "a script" if head[:2] == b"#!" else "not a 32-bit ELF file"


def find(where: str, symbols: Symbols) -> int:
    """The address that `where` means, odd in Thumb code. Raises `Problem`."""
    name, plus, beyond = where.partition("+")
    function = symbols.names.get(where) or symbols.names.get(name)
    if function is not None:
        offset = number(beyond) if plus and where not in symbols.names else 0
        if offset is None:
            raise Problem(where, "not an address or symbol")
        address = function.start + (offset & ~1)
        thumb = function.thumb if function.thumb is not None else symbols.is_thumb(address)
        return address | thumb
    given = number(where)
    if given is None and name.startswith("sub_"):
        given = number("0x" + name[4:])
    if given is None:
        close = symbols.similar(where)
        remedy = f"did you mean {' or '.join(close)}?" if close else "give an address, 0x..."
        raise Problem(where, f"no such symbol in {symbols.file}", remedy)
    if symbols.place(given & ~1) is None:
        parts = ", ".join(f"{a:#x}-{a + size:#x}" for _, a, size in symbols.segments)
        remedy = f"code is at {parts}" if parts else "the file has no code"
        raise Problem(where, f"not an executable address of {symbols.file}", remedy)
    return given if given & 1 else given | symbols.is_thumb(given)


def number(text: str) -> int | None:
    """A number as programmers write it, addresses also without 0x; None if it is none."""
    for base in (0, 16):
        try:
            value = int(text, base)
        except ValueError:
            continue
        return value if 0 <= value < 1 << 32 else None
    return None
