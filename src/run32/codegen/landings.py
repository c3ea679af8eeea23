"""Accesses with a landing: where control goes if they fault, with every value in a known place.

To LLVM such an access is a piece of assembly that may jump (`callbr`), so what its landing needs is
kept where the landing looks for it, and nothing need be stored or asked before. The assembly notes
both addresses in a section of its own: for each access two 32-bit words, each relative to itself.
The handler of the host's signals looks there (`codegen/entry.py`).

Only where LLVM has an assembly parser: for the kind of host that it runs on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from run32.codegen import packed
from run32.codegen.fpfast import FLOAT
from run32.codegen.places import Loaded
from run32.codegen.store import host as this_host
from run32.spec.bits import Bits

if TYPE_CHECKING:
    from run32.codegen.regionfunction import RegionFunction

SECTION = ".landings"
HOSTS = {"x86_64"}
# What notes the access and, as its operand number two, the landing.
NOTE = f"; .pushsection {SECTION},\\22a\\22; .long 1b-., ${{2:l}}-.; .popsection"
_LOADS = {"i8": "movzbl", "i16": "movzwl"}
_MOVES = {"i8": "movb", "i16": "movw", "i32": "movl", "i64": "movq"}
_VECTOR_MOVES = {"float": "movss", "double": "movsd"}
WORD = 32

Land = Callable[[], str]
"""The label of the landing, which is emitted if need be."""


def available(host: str) -> bool:
    """Whether code for `host` that is made here can have landings."""
    return host in HOSTS and host == this_host()


def _move(f: RegionFunction, t: str) -> tuple[str, str]:
    """The instruction that moves a value of LLVM type `t`, and the kind of register for it."""
    if t in _MOVES:
        return _MOVES[t], "r"
    avx = "v" if "avx" in f.module.features else ""
    return avx + _VECTOR_MOVES.get(t, "movups"), "x"


def load(f: RegionFunction, pointer: str, width: int, land: Land, *, is_vfp: bool) -> Bits:
    """`width` bits of guest memory, to a register for floating point if `is_vfp`."""
    if width > 64:
        return _load_vector(f, pointer, width, land)
    t = FLOAT[width] if is_vfp else f"i{width}"
    value = _load(f, pointer, t, land)
    if width < 32:
        return Loaded(f, width, value)
    return f.value(width, f.temp(f"bitcast {t} {value} to i{width}") if is_vfp else value)


def store(f: RegionFunction, pointer: str, what: str, width: int, land: Land) -> None:
    """Store a typed value of `width` bits."""
    t = what[: what.rindex(" ")]
    if t[0] != "<":
        _store(f, pointer, what, t, land)
        return
    whole = packed.vtype(WORD, width // WORD)
    if t != whole:
        what = f"{whole} {f.temp(f'bitcast {what} to {whole}')}"
    for at, part, size in _parts(width):
        piece = what
        if part != whole:
            name = _subvector(f, "extract", whole, part)
            piece = f"{part} {f.temp(f'call {part} {name}({what}, i64 {at})')}"
        if size == 64:
            piece = f"double {f.temp(f'bitcast {piece} to double')}"
        _store(f, f.address(pointer, at * WORD // 8), piece, piece.split(" %")[0], land)


def _load_vector(f: RegionFunction, pointer: str, width: int, land: Land) -> packed.Packed:
    whole = packed.vtype(WORD, width // WORD)
    result = "poison"
    for at, part, size in _parts(width):
        t = "double" if size == 64 else part
        value = _load(f, f.address(pointer, at * WORD // 8), t, land)
        if size == 64:
            value = f.temp(f"bitcast double {value} to {part}")
        if part == whole:
            result = value
        else:
            name = _subvector(f, "insert", whole, part)
            made = f"call {whole} {name}({whole} {result}, {part} {value}, i64 {at})"
            result = f.temp(made)
    return packed.Packed(f, width, whole, result)


def _parts(width: int) -> list[tuple[int, str, int]]:
    """What a vector is moved in: first word, type and width of each part."""
    sizes = [128] * (width // 128) + [64] * (width % 128 // 64)
    return [(4 * i, packed.vtype(WORD, size // WORD), size) for i, size in enumerate(sizes)]


def _subvector(f: RegionFunction, what: str, whole: str, part: str) -> str:
    """LLVM's function that inserts or extracts a part of a vector."""
    first, second = (t[1:-1].replace(" x ", "") for t in (whole, part))
    name = f"@llvm.vector.{what}.v{first}.v{second}"
    given = f"{whole}, {part}, i64" if what == "insert" else f"{whole}, i64"
    f.module.declare(name, f"declare {whole if what == 'insert' else part} {name}({given})")
    return name


def _load(f: RegionFunction, pointer: str, t: str, land: Land) -> str:
    what, kind = _move(f, t)
    into = "i32" if t in _LOADS else t
    call = f'{into} asm sideeffect "1: {_LOADS.get(t, what)} $1, $0{NOTE}", "={kind},*m,!i"'
    return _emit(f, f"{call}(ptr elementtype({t}) {pointer})", land, has_result=True)


def _store(f: RegionFunction, pointer: str, what: str, t: str, land: Land) -> None:
    move, kind = _move(f, t)
    if t == "i32":
        kind = "ri"
    call = f'void asm sideeffect "1: {move} $1, $0{NOTE}", "*m,{kind},!i"'
    _emit(f, f"{call}(ptr elementtype({t}) {pointer}, {what})", land, has_result=False)


def _emit(f: RegionFunction, call: str, land: Land, *, has_result: bool) -> str:
    """The access, and its result.

    What follows stays a block of its own (`llvm.sideeffect` is no code): else a merge of control
    flow may follow, and LLVM would copy the result for that before it is there.
    """
    f.end_group()
    on = f.new_label("on")
    at = len(f.lines)
    result = ""
    if has_result:
        result = f.temp("callbr ")
    else:
        f.lines.append("")
    where = land()
    head = f"{result} = " if has_result else ""
    f.lines[at] = f"  {head}callbr {call} to label %{on} [label %{where}], !prof !3"
    f.lines.append(f"{on}:")  # nothing is computed in the landing that is used later
    if has_result:
        f.module.declare("llvm.sideeffect", "declare void @llvm.sideeffect()")
        f.line("call void @llvm.sideeffect()")
    return result
