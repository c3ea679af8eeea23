"""How regions end: what is stored for whoever goes on, and where control goes.

A way out is complete when the whole function is known (`codegen/translate.py`): `dirty` is what
differs from the `cpu` struct there.
"""

from __future__ import annotations

from run32.codegen.regionfile import FROM_CALL, FROM_JUMP, FROM_RETURN, OFFSET
from run32.codegen.regionfloat import emit_fpscr
from run32.codegen.regionfunction import (
    CONVENTION,
    DIRECT,
    PENDING,
    POLLED,
    TABLE,
    Exit,
    RegionFunction,
)
from run32.codegen.regiongates import (
    PINNED,
    PINNED_FLOAT,
    PINNED_REST,
    PINNED_WIDE,
    parameter,
    region_list,
)
from run32.spec.bits import Bits
from run32.spec.state import ARM


def sync(f: RegionFunction, exit_: Exit, dirty: set[str]) -> None:
    """Store what has changed, in order with the guest's accesses."""
    _keep(f, exit_, dirty - {"compared"}, "volatile ")
    if "compared" in dirty:
        emit_fpscr(f)
    pointer = f.address("%cpu", ARM["pc"].offset)
    f.line(f"store volatile i32 {exit_.target}, ptr {pointer}, align 4")


def leave(f: RegionFunction, exit_: Exit, dirty: set[str], *, exact: bool) -> None:
    """Store what has changed and jump."""
    pinned = {f"r{n}" for n in PINNED}
    # stored only for code that reads them
    flags = dirty & exit_.maybe - exit_.dead if not exact else set()
    _keep(f, exit_, dirty - exit_.dead - pinned - {"compared"} - flags)
    if "compared" in dirty:
        emit_fpscr(f)
    given = {}
    for n in PINNED:
        if n not in PINNED_REST and not exact and f"r{n}" not in dirty:
            given[n] = parameter(n)  # no need to extend or move it again
            continue
        value = given[n] = f.ref(f.load(32, f"%v.r{n}"))
        if n in PINNED_WIDE:
            given[n] = f.temp(f"inttoptr i32 {value} to ptr")
        elif n in PINNED_FLOAT:
            given[n] = f.temp(f"bitcast i32 {value} to float")
    arguments = region_list(given)
    if exit_.kind == DIRECT:
        callee = f"@{exit_.target}"
    elif exit_.kind in (TABLE, POLLED):
        callee = _look_up(f, exit_, flags, arguments)
    else:
        _store_pc(f, exit_)
        callee = gate(f, "region_pending" if exit_.kind == PENDING else "region_interpret")
    jump(f, callee, arguments)


def _store_pc(f: RegionFunction, exit_: Exit) -> None:
    f.line(f"store i32 {exit_.target}, ptr {f.address('%cpu', ARM['pc'].offset)}, align 4")


def _keep(f: RegionFunction, exit_: Exit, keys: set[str], kind: str = "") -> None:
    """Store registers in the `cpu` struct. Flags are computed here if it is known what they are
    made of: the other way, which is taken mostly, does not need them."""
    done: dict[str, str] = {}
    for key in sorted(keys):
        made_of = exit_.flags.get(key)
        if made_of is None:
            f.keep(key, kind)
        else:
            f.line(f"store {kind}{f.again(made_of, done)}, ptr {f.field(ARM, key)}, align 4")


def jump(f: RegionFunction, callee: str, arguments: str) -> None:
    """End the host function: go on in `callee`."""
    f.line(f"musttail call {CONVENTION} void {callee}({arguments})")
    f.line("ret void")


def gate(f: RegionFunction, name: str) -> str:
    """The engine's code that a field of the `cpu` struct points to."""
    return f.temp(f"load ptr, ptr {f.address('%cpu', ARM[name].offset)}, align 8")


def _look_up(f: RegionFunction, exit_: Exit, flags: set[str], arguments: str) -> str:
    """The code for the exit's target, if it may go there at once. Else a path of its own stores
    `flags` and the pc, which `region_miss` wants, and a POLLED exit ends there if `pending` is set.

    That path has no way back, as LLVM lets what only such a one needs be computed there.
    """
    wide = f.temp(f"zext i32 {exit_.target} to i64")
    item = f.load(32, f.temp(f"getelementptr i32, ptr {gate(f, 'table')}, i64 {wide}"))
    if not exit_.if_bit:
        _store_pc(f, exit_)
        return _code(f, item)
    bit = exit_.if_bit
    if bit == FROM_JUMP and not flags:
        bit = FROM_CALL  # any code that looks at `pending`
    away, go = f.new_label("away"), f.new_label("go")
    f.line(f"br i1 {f.ref((item & bit).ne(0))}, label %{go}, label %{away}, !prof !2")
    f.label(away)
    _store_pc(f, exit_)
    _keep(f, exit_, flags)
    callee = _code(f, item)
    if exit_.kind == POLLED:
        pending = f.load(32, f.address("%cpu", ARM["pending"].offset), volatile=True)
        leave_at = gate(f, "region_pending")
        callee = f.temp(f"select i1 {f.ref(pending.ne(0))}, ptr {leave_at}, ptr {callee}")
    jump(f, callee, arguments)
    f.label(go)
    if bit == FROM_RETURN:  # the only bit there is
        return f.address(gate(f, "return_base"), f.ref(item.zext(64)))
    return _code(f, item)


def _code(f: RegionFunction, item: Bits) -> str:
    """The code that an item of the table leads to."""
    return f.address(gate(f, "region_base"), f.ref((item & OFFSET).zext(64)))
