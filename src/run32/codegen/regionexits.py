"""How regions end: what is stored for whoever goes on, and where control goes.

A way out is complete when the whole function is known (`codegen/translate.py`): `dirty` is what
differs from the `cpu` struct there.
"""

from __future__ import annotations

from run32.codegen.flags import FLAGS
from run32.codegen.regionfile import CLEAN, OFFSET, POLLS
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
from run32.codegen.regiongates import PINNED, PINNED_WIDE, region_list
from run32.spec.state import ARM


def sync(f: RegionFunction, exit_: Exit, dirty: set[str]) -> None:
    """Store what has changed, in order with the guest's accesses."""
    done: dict[str, str] = {}
    for key in sorted(dirty - {"compared"}):
        made_of = exit_.flags.get(key)
        if made_of is None:
            f.keep(key, "volatile ")
        else:  # computed here: the other way, which is taken mostly, does not need them
            pointer = f.field(ARM, key)
            f.line(f"store volatile {f.again(made_of, done)}, ptr {pointer}, align 4")
    if "compared" in dirty:
        emit_fpscr(f)
    pointer = f.address("%cpu", ARM["pc"].offset)
    f.line(f"store volatile i32 {exit_.target}, ptr {pointer}, align 4")


def leave(f: RegionFunction, exit_: Exit, dirty: set[str], *, exact: bool) -> None:
    """Store what has changed and jump."""
    pinned = {f"r{n}" for n in PINNED}
    flags: set[str] = set()
    if exit_.may_be_clean and not exact:
        flags = (dirty & FLAGS) - exit_.dead  # stored only for code that reads them
    for key in sorted(dirty - exit_.dead - pinned - {"compared"} - flags):
        f.keep(key)
    if "compared" in dirty:
        emit_fpscr(f)
    given = {}
    for n in PINNED:
        if n in PINNED_WIDE and not exact and f"r{n}" not in dirty:
            given[n] = f"%w{n}"  # no need to extend it again
            continue
        value = f.ref(f.load(32, f"%v.r{n}"))
        given[n] = f.temp(f"inttoptr i32 {value} to ptr") if n in PINNED_WIDE else value
    arguments = region_list(given)
    if exit_.kind == DIRECT:
        callee = f"@{exit_.target}"
    else:
        f.line(f"store i32 {exit_.target}, ptr {f.address('%cpu', ARM['pc'].offset)}, align 4")
        if exit_.kind in (TABLE, POLLED):
            callee = _look_up(f, exit_, flags, arguments)
        else:
            name = "region_pending" if exit_.kind == PENDING else "region_interpret"
            field = f.address("%cpu", ARM[name].offset)
            callee = f.temp(f"load ptr, ptr {field}, align 8")
    f.line(f"musttail call {CONVENTION} void {callee}({arguments})")
    f.line("ret void")


def _look_up(f: RegionFunction, exit_: Exit, flags: set[str], arguments: str) -> str:
    """The code for the exit's target. What it does not do itself is done here: `flags` are
    stored that it reads, and a POLLED exit ends here if `pending` is set."""
    table = f.temp(f"load ptr, ptr {f.address('%cpu', ARM['table'].offset)}, align 8")
    wide = f.temp(f"zext i32 {exit_.target} to i64")
    item = f.load(32, f.temp(f"getelementptr i32, ptr {table}, i64 {wide}"))
    wanted = CLEAN | POLLS * (exit_.kind == POLLED)
    if flags or exit_.kind == POLLED:
        rare, go = f.new_label("rare"), f.new_label("go")
        if flags:
            simple = (item & wanted).eq(wanted)
            f.line(f"br i1 {f.ref(simple)}, label %{go}, label %{rare}, !prof !2")
            f.label(rare)
        for key in sorted(flags):
            f.keep(key)
        if exit_.kind == POLLED:
            pending = f.load(32, f.address("%cpu", ARM["pending"].offset), volatile=True).ne(0)
            away = f.new_label("away")
            f.line(f"br i1 {f.ref(pending)}, label %{away}, label %{go}, !prof !0")
            f.label(away)
            field = f.address("%cpu", ARM["region_pending"].offset)
            callee = f.temp(f"load ptr, ptr {field}, align 8")
            f.line(f"musttail call {CONVENTION} void {callee}({arguments})")
            f.line("ret void")
        else:
            f.line(f"br label %{go}")
        f.label(go)
    base = f.temp(f"load ptr, ptr {f.address('%cpu', ARM['region_base'].offset)}, align 8")
    return f.address(base, f.ref((item & OFFSET).zext(64)))
