"""The ways between the interpreter and regions, and how registers pass through them.

`enter_region` is the handler of a slot that has a region; `region_miss`, `region_interpret` and
`region_pending` are where regions end: docs/architecture.md, "Regions".
"""

from __future__ import annotations

from run32.codegen.regionfile import ENTRY_ALIGN, OFFSET
from run32.spec.state import TRAIL, State

# Guest registers that regions pass in host registers: as pointers (the prototype is the handlers'),
# as integers, and, as no more are left, in registers for floating point: what functions save for
# their callers goes from there to the stack and back.
PINNED_WIDE = (13, 14, 6)
PINNED_REST = (0, 1, 2, 3, 4, 5)
PINNED_FLOAT = (7, 8, 9, 10, 11, 12)
PINNED = PINNED_REST + PINNED_WIDE + PINNED_FLOAT
MISS = 16

# What the table has for the place of the slot in `%ip`.
_TABLE_ITEM = """
  %place = call i32 @slot_place(ptr %cpu, ptr %ip, ptr %shadow)
  %tabp = getelementptr i8, ptr %cpu, i64 <table>
  %table = load ptr, ptr %tabp, align 8
  %place64 = zext i32 %place to i64
  %itemp = getelementptr i32, ptr %table, i64 %place64
  %item = load atomic i32, ptr %itemp acquire, align 4"""

# A place with a region is not decoded: its slot leads to the region.
TRANSLATED = """
TABLE_ITEM
  %translated = icmp ne i32 %item, 0
  br i1 %translated, label %region, label %decode
region:
  %enter = sub i64 ptrtoint (ptr @enter_region to i64), ptrtoint (ptr @decode_entry to i64)
  %enter32 = trunc i64 %enter to i32
  store atomic i32 %enter32, ptr %ip release, align 4
  musttail call CC void @enter_region(ARGS)
  ret void
decode:
""".replace("TABLE_ITEM", _TABLE_ITEM)

# Where a branch went after the fuel was used up is noted; the thread leaves when there is no room.
NOTE_TRAIL = f"""
  %place = call i32 @slot_place(ptr %cpu, ptr %ip, ptr %shadow)
  %np = getelementptr i8, ptr %cpu, i64 <trail_end>
  %n = load i32, ptr %np, align 4
  %at = and i32 %n, {TRAIL - 1}
  %at64 = zext i32 %at to i64
  %trailp = getelementptr i8, ptr %cpu, i64 <trail>
  %notep = getelementptr i32, ptr %trailp, i64 %at64
  store i32 %place, ptr %notep, align 4
  %after = add i32 %at, 1
  store i32 %after, ptr %np, align 4
  %room = icmp ult i32 %after, {TRAIL}
  br i1 %room, label %on, label %full
on:
  %fuelp = getelementptr i8, ptr %cpu, i64 <fuel>
  store i32 1, ptr %fuelp, align 4
  DISPATCH
full:
"""

_REGIONS = """
define private i32 @slot_place(ptr %cpu, ptr %ip, ptr %shadow) nounwind {
  %tp = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %t = load ptr, ptr %tp, align 8
  %thumb = icmp eq ptr %shadow, %t
  %bit = zext i1 %thumb to i32
  %pc = call i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow)
  %place = or i32 %pc, %bit
  ret i32 %place
}

; the handler of a slot that has a region; one whose region is gone is decoded
define hidden CC void @enter_region(PARAMS) nounwind {
TABLE_ITEM
  %gone = icmp eq i32 %item, 0
  br i1 %gone, label %decode, label %enter
decode:
  store atomic i32 0, ptr %ip release, align 4
  musttail call CC void @decode_entry(ARGS)
  ret void
enter:
  %basep = getelementptr i8, ptr %cpu, i64 <region_base>
  %base = load ptr, ptr %basep, align 8
  %offset = and i32 %item, OFFSET
  %offset64 = zext i32 %offset to i64
  %target = getelementptr i8, ptr %base, i64 %offset64
LOAD_PINNED
  musttail call CC void %target(PINNED_ARGS)
  ret void
}

; from a region to the slot of the place in `pc`
define hidden CC void @region_miss(PINNED_PARAMS) nounwind align ENTRY_ALIGN {
  call void @keep_pinned(PINNED_ARGS)
SLOT_OF_PC
  ; a place without a region, reached from one, is worth MISS branches of the interpreter
  %fuelp = getelementptr i8, ptr %cpu, i64 <fuel>
  %fuel = load i32, ptr %fuelp, align 4
  %before = sub i32 %fuel, 1
  %out = icmp ult i32 %before, MISS
  br i1 %out, label %hot, label %go
hot:
  musttail call CC void @leave_hot(ARGS)
  ret void
go:
  %left = sub i32 %fuel, MISS
  store i32 %left, ptr %fuelp, align 4
DISPATCH
}

; from a region to the interpreter, which executes the instruction at the place in `pc` itself, even
; if a region begins there
define hidden CC void @region_interpret(PINNED_PARAMS) nounwind {
  call void @keep_pinned(PINNED_ARGS)
SLOT_OF_PC
  %h = load atomic i32, ptr %ip acquire, align 4
  %enter = sub i64 ptrtoint (ptr @enter_region to i64), ptrtoint (ptr @decode_entry to i64)
  %enter32 = trunc i64 %enter to i32
  %leads = icmp eq i32 %h, %enter32
  %empty = icmp eq i32 %h, 0
  %undecoded = or i1 %leads, %empty
  br i1 %undecoded, label %decode, label %go
decode:
  %ipp = getelementptr i8, ptr %cpu, i64 <ip>
  %odd = getelementptr i8, ptr %ip, i64 1
  store ptr %odd, ptr %ipp, align 8
  call void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow)
  store ptr %ip, ptr %ipp, align 8
  br label %go
go:
  %real = load atomic i32, ptr %ip acquire, align 4
  %h64 = zext i32 %real to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  musttail call CC void %target(ARGS)
  ret void
}

define hidden CC void @region_pending(PINNED_PARAMS) nounwind {
  call void @keep_pinned(PINNED_ARGS)
SLOT_OF_PC
  musttail call CC void @leave_pending(ARGS)
  ret void
}

define private void @keep_pinned(PINNED_PARAMS) nounwind alwaysinline {
STORE_PINNED
  ret void
}
"""

# From `%place`, an address whose bit 0 may be set, and `%thumb` to its slot in `%ip`.
SLOT = """
  %ap = getelementptr i8, ptr %cpu, i64 <shadow_a>
  %a = load ptr, ptr %ap, align 8
  %tp = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %t = load ptr, ptr %tp, align 8
  %shadow = select i1 %thumb, ptr %t, ptr %a
  %shift = select i1 %thumb, i64 3, i64 2
  %mask = select i1 %thumb, i32 -2, i32 -4
  %aligned = and i32 %place, %mask
  %pc64 = zext i32 %aligned to i64
  %off = shl i64 %pc64, %shift
  %ip = getelementptr i8, ptr %shadow, i64 %off
  %codep = getelementptr i8, ptr %cpu, i64 <code>
  %code = load ptr, ptr %codep, align 8
"""

# As SLOT, of the place in the `cpu` struct's `pc`.
_SLOT_OF_PC = (
    """
  %pcp = getelementptr i8, ptr %cpu, i64 <pc>
  %place = load i32, ptr %pcp, align 4
  %bit = and i32 %place, 1
  %thumb = icmp ne i32 %bit, 0"""
    + SLOT
)


def region_list(names: dict[int, str]) -> str:
    """Parameters or arguments of a region: `names` by register number."""
    sp, lr, six = (f"ptr {names[n]}" for n in PINNED_WIDE)
    rest = [f"i32 {names[n]}" for n in PINNED_REST]
    floats = [f"float {names[n]}" for n in PINNED_FLOAT]
    return ", ".join(["ptr %cpu", sp, "ptr %mem", lr, six, *rest, *floats])


def parameter(n: int) -> str:
    """What a region gets register `n` as."""
    return f"%{'w' if n in PINNED_WIDE else 'x' if n in PINNED_FLOAT else 'r'}{n}"


REGION_PARAMS = region_list({n: parameter(n) for n in PINNED})


def text(state: State) -> str:
    """The ways between the interpreter and regions."""
    offset = state["r"].offset
    loads, stores = [], []
    for n in PINNED:
        pointer = f"  %p{n} = getelementptr i8, ptr %cpu, i64 {offset + 4 * n}\n"
        t, name = ("float", f"%x{n}") if n in PINNED_FLOAT else ("i32", f"%r{n}")
        loads.append(f"{pointer}  {name} = load {t}, ptr %p{n}, align 4")
        stores.append(f"{pointer}  store {t} {name}, ptr %p{n}, align 4")
    for n in PINNED_WIDE:
        loads.append(f"  %w{n} = inttoptr i32 %r{n} to ptr")
        stores.insert(0, f"  %r{n} = ptrtoint ptr %w{n} to i32")
    filled = _REGIONS.replace("TABLE_ITEM", _TABLE_ITEM).replace("LOAD_PINNED", "\n".join(loads))
    filled = filled.replace("STORE_PINNED", "\n".join(stores)).replace("SLOT_OF_PC", _SLOT_OF_PC)
    filled = filled.replace("MISS", str(MISS)).replace("OFFSET", str(OFFSET))
    filled = filled.replace("ENTRY_ALIGN", str(ENTRY_ALIGN))
    return filled.replace("PINNED_PARAMS", REGION_PARAMS).replace("PINNED_ARGS", REGION_PARAMS)
