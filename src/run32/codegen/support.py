"""The parts of the engine around the handlers: decode entry, prefixes, exits, syscalls.

All are IR text with the offsets of the `cpu` struct filled in. `decode_entry` must be the first
function of the first object: handler offset 0 is what an empty slot holds.
"""

from __future__ import annotations

from run32.codegen.interp import CONVENTION, PARAMS, SPARES, Handler
from run32.codegen.ir import Module
from run32.codegen.stubs import THUNK_IN_GUEST
from run32.spec.bits import Bits, select
from run32.spec.exits import EXIT_HOT, EXIT_INTERRUPTED
from run32.spec.machine import (
    EXIT_PENDING,
    EXIT_SYSCALL,
    EXIT_UNDEFINED,
)
from run32.spec.state import State

# Prefix handlers: (kind, reads pc, condition) -> number (kind * 2 + reads_pc) * 15 + condition.
KINDS = ("a32", "t16", "t32")
PREFIXES = [f"prefix_{k}_{p}_{c}" for k in KINDS for p in (0, 1) for c in range(15)]
# Guest registers that regions pass in host registers: as pointers (the prototype is the handlers'),
# and as integers.
PINNED_WIDE = (13, 14, 6)
PINNED_REST = (0, 1, 2, 3, 4, 5)
PINNED = PINNED_REST + PINNED_WIDE
MISS = 16
SLOW_RESULT = -65536  # a thunk's way to ask for the Python function instead


def _fill(text: str, state: State) -> str:
    """Replace `<field>` by its byte offset and `PARAMS`/`CC`/`ARGS` by the handlers' signature."""
    for name, field in state.fields.items():
        text = text.replace(f"<{name}>", str(field.offset))
    args = f"ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow{SPARES}"
    return text.replace("PARAMS", PARAMS).replace("CC", CONVENTION).replace("ARGS", args)


_ENTRY = """
define hidden CC void @decode_entry(PARAMS) nounwind {
  %p = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %p, align 8
TRANSLATED
  call void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow)
  %h = load atomic i32, ptr %ip acquire, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  musttail call CC void %target(ARGS)
  ret void
}
"""

# A place with a region is not decoded: its slot leads to the region.
_TRANSLATED = """
  %place = call i32 @slot_place(ptr %cpu, ptr %ip, ptr %shadow)
  %tabp = getelementptr i8, ptr %cpu, i64 <table>
  %table = load ptr, ptr %tabp, align 8
  %place64 = zext i32 %place to i64
  %itemp = getelementptr i32, ptr %table, i64 %place64
  %item = load atomic i32, ptr %itemp acquire, align 4
  %translated = icmp ne i32 %item, 0
  br i1 %translated, label %region, label %decode
region:
  %enter = sub i64 ptrtoint (ptr @enter_region to i64), ptrtoint (ptr @decode_entry to i64)
  %enter32 = trunc i64 %enter to i32
  store atomic i32 %enter32, ptr %ip release, align 4
  musttail call CC void @enter_region(ARGS)
  ret void
decode:
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
  %place = call i32 @slot_place(ptr %cpu, ptr %ip, ptr %shadow)
  %tabp = getelementptr i8, ptr %cpu, i64 <table>
  %table = load ptr, ptr %tabp, align 8
  %place64 = zext i32 %place to i64
  %itemp = getelementptr i32, ptr %table, i64 %place64
  %item = load atomic i32, ptr %itemp acquire, align 4
  %gone = icmp eq i32 %item, 0
  br i1 %gone, label %decode, label %enter
decode:
  store atomic i32 0, ptr %ip release, align 4
  musttail call CC void @decode_entry(ARGS)
  ret void
enter:
  %basep = getelementptr i8, ptr %cpu, i64 <region_base>
  %base = load ptr, ptr %basep, align 8
  %item64 = zext i32 %item to i64
  %target = getelementptr i8, ptr %base, i64 %item64
LOAD_PINNED
  musttail call CC void %target(PINNED_ARGS)
  ret void
}

; from a region to the slot of the place in `pc`
define hidden CC void @region_miss(PINNED_PARAMS) nounwind {
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
  %h = load i32, ptr %ip, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  musttail call CC void %target(ARGS)
  ret void
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
  store ptr %ip, ptr %ipp, align 8
  call void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow)
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

_SLOT_OF_PC = """
  %pcp = getelementptr i8, ptr %cpu, i64 <pc>
  %place = load i32, ptr %pcp, align 4
  %bit = and i32 %place, 1
  %thumb = icmp ne i32 %bit, 0
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

_STATES = """
define hidden i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow) nounwind {
  %tp = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %t = load ptr, ptr %tp, align 8
  %thumb = icmp eq ptr %shadow, %t
  %a = ptrtoint ptr %ip to i64
  %b = ptrtoint ptr %shadow to i64
  %d = sub i64 %a, %b
  %s = select i1 %thumb, i64 3, i64 2
  %pc64 = lshr i64 %d, %s
  %pc = trunc i64 %pc64 to i32
  ret i32 %pc
}

define hidden CC void @leave(PARAMS) nounwind {
  %tp = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %t = load ptr, ptr %tp, align 8
  %thumb = icmp eq ptr %shadow, %t
  %thumb32 = zext i1 %thumb to i32
  %pc = call i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow)
  %p1 = getelementptr i8, ptr %cpu, i64 <pc>
  store i32 %pc, ptr %p1, align 4
  %p2 = getelementptr i8, ptr %cpu, i64 <thumb>
  store i32 %thumb32, ptr %p2, align 4
  %p3 = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %p3, align 8
  ret void
}

; decodes the Thumb instruction at %pc, and its block if it is an IT
define hidden void @run32_decode(ptr %cpu, i32 %pc) nounwind {
  %p1 = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %shadow = load ptr, ptr %p1, align 8
  %p2 = getelementptr i8, ptr %cpu, i64 <mem>
  %mem = load ptr, ptr %p2, align 8
  %p3 = getelementptr i8, ptr %cpu, i64 <code>
  %code = load ptr, ptr %p3, align 8
  %pc64 = zext i32 %pc to i64
  %off = shl i64 %pc64, 3
  %ip = getelementptr i8, ptr %shadow, i64 %off
  call void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow)
  ret void
}

define hidden void @run32_run(ptr %cpu) nounwind {
  br label %go
go:
  call void @enter_fpc(ptr %cpu)
  %p1 = getelementptr i8, ptr %cpu, i64 <thumb>
  %thumb32 = load i32, ptr %p1, align 4
  %thumb = icmp ne i32 %thumb32, 0
  %p2 = getelementptr i8, ptr %cpu, i64 <pc>
  %pc = load i32, ptr %p2, align 4
  %p3 = getelementptr i8, ptr %cpu, i64 <shadow_a>
  %a = load ptr, ptr %p3, align 8
  %p4 = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %t = load ptr, ptr %p4, align 8
  %shadow = select i1 %thumb, ptr %t, ptr %a
  %shift = select i1 %thumb, i64 3, i64 2
  %mask = select i1 %thumb, i32 -2, i32 -4
  %aligned = and i32 %pc, %mask
  %pc64 = zext i32 %aligned to i64
  %off = shl i64 %pc64, %shift
  %ip = getelementptr i8, ptr %shadow, i64 %off
  %p5 = getelementptr i8, ptr %cpu, i64 <mem>
  %mem = load ptr, ptr %p5, align 8
  %p6 = getelementptr i8, ptr %cpu, i64 <code>
  %code = load ptr, ptr %p6, align 8
  %p7 = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %p7, align 8
  %h = load i32, ptr %ip, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  call CC void %target(ARGS)
  call void @leave_fpc(ptr %cpu)
  %on = call i1 @run32_settle(ptr %cpu)
  br i1 %on, label %go, label %done
done:
  ret void
}
"""

_COMMON = """
define hidden CC void @leave_pending(PARAMS) nounwind {
  %p = getelementptr i8, ptr %cpu, i64 <exit_reason>
  store i32 EXIT_PENDING, ptr %p, align 4
  musttail call CC void @leave(ARGS)
  ret void
}

define hidden CC void @leave_hot(PARAMS) nounwind {
  %p = getelementptr i8, ptr %cpu, i64 <exit_reason>
  store i32 EXIT_HOT, ptr %p, align 4
  musttail call CC void @leave(ARGS)
  ret void
}

define hidden CC void @undefined(PARAMS) nounwind {
  %p = getelementptr i8, ptr %cpu, i64 <exit_reason>
  store i32 EXIT_UNDEFINED, ptr %p, align 4
  musttail call CC void @leave(ARGS)
  ret void
}

define hidden i64 @run_thunk(ptr %cpu, i32 %offset) nounwind {
  %cp = getelementptr i8, ptr %cpu, i64 <code>
  %code = load ptr, ptr %cp, align 8
  %o64 = zext i32 %offset to i64
  %thunk = getelementptr i8, ptr %code, i64 %o64
  %mp = getelementptr i8, ptr %cpu, i64 <mem>
  %mem = load i64, ptr %mp, align 8
LOAD_ARGS
  %r = call i64 %thunk(ptr %cpu, i64 %mem, i32 %a0, i32 %a1, i32 %a2, i32 %a3,
                       i32 %a4, i32 %a5, i32 %a6)
  ret i64 %r
}

define hidden void @run32_do_thunk(ptr %cpu, i32 %offset) nounwind {
  %r = call i64 @run_thunk(ptr %cpu, i32 %offset)
  %p = getelementptr i8, ptr %cpu, i64 <result>
  store i64 %r, ptr %p, align 8
  ret void
}

define hidden void @run32_do_copy(ptr %dst, ptr %src, i64 %n) nounwind "no-builtins" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %words
words:
  %w = phi i64 [ 0, %0 ], [ %w2, %word ]
  %left = sub i64 %n, %w
  %full = icmp uge i64 %left, 8
  br i1 %full, label %word, label %bytes
word:
  %ws = getelementptr i8, ptr %src, i64 %w
  %wd = getelementptr i8, ptr %dst, i64 %w
  %wv = load volatile i64, ptr %ws, align 1
  store volatile i64 %wv, ptr %wd, align 1
  %w2 = add i64 %w, 8
  br label %words
bytes:
  %b = phi i64 [ %w, %words ], [ %b2, %byte ]
  %more = icmp ult i64 %b, %n
  br i1 %more, label %byte, label %done
byte:
  %bs = getelementptr i8, ptr %src, i64 %b
  %bd = getelementptr i8, ptr %dst, i64 %b
  %bv = load volatile i8, ptr %bs, align 1
  store volatile i8 %bv, ptr %bd, align 1
  %b2 = add i64 %b, 1
  br label %bytes
done:
  ret void
}
"""

_SYSCALL = """
define hidden CC void @enter_syscall(PARAMS) nounwind {
  %np = getelementptr i8, ptr %cpu, i64 NUMBER
  %n = load i32, ptr %np, align 4
  %lp = getelementptr i8, ptr %cpu, i64 <thunk_count>
  %limit = load i32, ptr %lp, align 4
  %known = icmp ult i32 %n, %limit
  br i1 %known, label %look, label %slow
look:
  %tp = getelementptr i8, ptr %cpu, i64 <thunks>
  %table = load ptr, ptr %tp, align 8
  %n64 = zext i32 %n to i64
  %ep = getelementptr i32, ptr %table, i64 %n64
  %offset = load i32, ptr %ep, align 4
  %has = icmp ne i32 %offset, 0
  br i1 %has, label %fast, label %slow
fast:
  %ipp = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %ipp, align 8
  %rp = getelementptr i8, ptr %cpu, i64 <running>
  store volatile i32 THUNK_IN_GUEST, ptr %rp, align 4
  %r = call i64 @run_thunk(ptr %cpu, i32 %offset)
  store volatile i32 1, ptr %rp, align 4
  %refused = icmp eq i64 %r, SLOW_RESULT
  br i1 %refused, label %slow, label %done
done:
  %pp = getelementptr i8, ptr %cpu, i64 <pending>
  %pending = load volatile i32, ptr %pp, align 4
  %away = icmp ne i32 %pending, 0
  br i1 %away, label %interrupted, label %next
next:
  %r32 = trunc i64 %r to i32
  %r0 = getelementptr i8, ptr %cpu, i64 <r>
  store i32 %r32, ptr %r0, align 4
  %h = load i32, ptr %ip, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  musttail call CC void %target(ARGS)
  ret void
interrupted:
  %resp = getelementptr i8, ptr %cpu, i64 <result>
  store i64 %r, ptr %resp, align 8
  %xp2 = getelementptr i8, ptr %cpu, i64 <exit_reason>
  store i32 EXIT_INTERRUPTED, ptr %xp2, align 4
  musttail call CC void @leave(ARGS)
  ret void
slow:
  %xp = getelementptr i8, ptr %cpu, i64 <exit_reason>
  store i32 EXIT_SYSCALL, ptr %xp, align 4
  musttail call CC void @leave(ARGS)
  ret void
}
"""

# Register numbers of the syscall number and the arguments.
SYSCALL_REGISTERS = {"arm": (7, (0, 1, 2, 3, 4, 5, 6)), "i386": (0, (3, 1, 2, 6, 7, 5, 5))}

_DECODE = """
@handler_table = external hidden constant [HANDLERS x i32]
@prefix_table = external hidden constant [PREFIXES x i32]

define private void @decode_slot(ptr %slot, i32 %pc, i32 %word,
                                 i32 %root, i32 %kind, i32 %cond) nounwind {
entry:
  %leaf = call i32 @decode_find(i32 %root, i32 %word)
  %none = icmp slt i32 %leaf, 0
  br i1 %none, label %undefined, label %known
known:
  %pair = shl i32 %leaf, 1
  %pair64 = zext i32 %pair to i64
  %xp = getelementptr i32, ptr @decode_leaves, i64 %pair64
  %xf = load i32, ptr %xp, align 4
  %hp = getelementptr i32, ptr %xp, i64 1
  %hn = load i32, ptr %hp, align 4
  %reads = call i32 @decode_extract(i32 %xf, ptr %slot, i32 %word, i32 %pc)
  %hn64 = zext i32 %hn to i64
  %hop = getelementptr i32, ptr @handler_table, i64 %hn64
  %ho = load i32, ptr %hop, align 4
  br label %choose
undefined:
  %uo = load i32, ptr @handler_table, align 4
  br label %choose
choose:
  %pcread = phi i32 [ %reads, %known ], [ 0, %undefined ]
  %h = phi i32 [ %ho, %known ], [ %uo, %undefined ]
  %always = icmp eq i32 %cond, 14
  %pure = icmp eq i32 %pcread, 0
  %plain = and i1 %always, %pure
  br i1 %plain, label %publish, label %prefixed
prefixed:
  %nextp = getelementptr i8, ptr %slot, i64 12
  store i32 %h, ptr %nextp, align 4
  %k2 = shl i32 %kind, 1
  %k3 = add i32 %k2, %pcread
  %k4 = mul i32 %k3, 15
  %k5 = add i32 %k4, %cond
  %k64 = zext i32 %k5 to i64
  %pop = getelementptr i32, ptr @prefix_table, i64 %k64
  %po = load i32, ptr %pop, align 4
  br label %publish
publish:
  %final = phi i32 [ %h, %choose ], [ %po, %prefixed ]
  store atomic i32 %final, ptr %slot release, align 4
  ret void
}

define private void @decode_a32(ptr %slot, i32 %pc, ptr %mem) nounwind {
  %pc64 = zext i32 %pc to i64
  %wp = getelementptr i8, ptr %mem, i64 %pc64
  %word = load i32, ptr %wp, align 4
  %top = lshr i32 %word, 28
  %special = icmp eq i32 %top, 15
  %root = select i1 %special, i32 ROOT_a32_always, i32 ROOT_a32
  %cond = select i1 %special, i32 14, i32 %top
  call void @decode_slot(ptr %slot, i32 %pc, i32 %word, i32 %root, i32 0, i32 %cond)
  ret void
}

; *%word_out is the instruction word; at least 65536 for a 32-bit one
define private void @decode_thumb(ptr %slot, i32 %pc, ptr %mem, i1 %it, i32 %cond,
                                  ptr %word_out) nounwind {
  %pc64 = zext i32 %pc to i64
  %wp = getelementptr i8, ptr %mem, i64 %pc64
  %h16 = load i16, ptr %wp, align 2
  %h = zext i16 %h16 to i32
  %wide = icmp uge i32 %h, 59392
  br i1 %wide, label %long, label %short
short:
  store i32 %h, ptr %word_out, align 4
  %root16 = select i1 %it, i32 ROOT_t16_it1, i32 ROOT_t16_it0
  call void @decode_slot(ptr %slot, i32 %pc, i32 %h, i32 %root16, i32 1, i32 %cond)
  ret void
long:
  ; the second halfword must be executable too: touch its slot
  %second = getelementptr i8, ptr %slot, i64 16
  %touched = load volatile i32, ptr %second, align 4
  %pc2 = add i32 %pc, 2
  %pc264 = zext i32 %pc2 to i64
  %wp2 = getelementptr i8, ptr %mem, i64 %pc264
  %l16 = load i16, ptr %wp2, align 2
  %l = zext i16 %l16 to i32
  %hs = shl i32 %h, 16
  %word = or i32 %hs, %l
  store i32 %word, ptr %word_out, align 4
  %root32 = select i1 %it, i32 ROOT_t32_it1, i32 ROOT_t32_it0
  call void @decode_slot(ptr %slot, i32 %pc, i32 %word, i32 %root32, i32 2, i32 %cond)
  ret void
}

define private void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code,
                                 ptr %shadow) nounwind noinline {
entry:
  %word_out = alloca i32, align 4
  %tp = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %t = load ptr, ptr %tp, align 8
  %thumb = icmp eq ptr %shadow, %t
  %pc = call i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow)
  br i1 %thumb, label %t_code, label %a_code
a_code:
  call void @decode_a32(ptr %ip, i32 %pc, ptr %mem)
  ret void
t_code:
  ; an IT instruction settles the slots of its block before its own becomes visible
  %pc64 = zext i32 %pc to i64
  %wp = getelementptr i8, ptr %mem, i64 %pc64
  %h16 = load i16, ptr %wp, align 2
  %h = zext i16 %h16 to i32
  %hi = and i32 %h, 65280
  %isit = icmp eq i32 %hi, 48896
  %mask0 = and i32 %h, 15
  %hasmask = icmp ne i32 %mask0, 0
  %it = and i1 %isit, %hasmask
  br i1 %it, label %block, label %last
block:
  %state0 = and i32 %h, 255
  br label %insn
insn:
  %state = phi i32 [ %state0, %block ], [ %state2, %advance ]
  %at = phi i32 [ 2, %block ], [ %at2, %advance ]
  %cond0 = lshr i32 %state, 4
  %never = icmp eq i32 %cond0, 15
  %cond = select i1 %never, i32 14, i32 %cond0
  %ipc = add i32 %pc, %at
  %at64 = zext i32 %at to i64
  %so = shl i64 %at64, 3
  %slot = getelementptr i8, ptr %ip, i64 %so
  %touch = load volatile i32, ptr %slot, align 4
  call void @decode_thumb(ptr %slot, i32 %ipc, ptr %mem, i1 true, i32 %cond, ptr %word_out)
  %w = load i32, ptr %word_out, align 4
  %iswide = icmp uge i32 %w, 65536
  %len = select i1 %iswide, i32 4, i32 2
  %at2 = add i32 %at, %len
  %low = and i32 %state, 7
  %over = icmp eq i32 %low, 0
  br i1 %over, label %last, label %advance
advance:
  %keep = and i32 %state, 224
  %shl = shl i32 %state, 1
  %rest = and i32 %shl, 31
  %state2 = or i32 %keep, %rest
  br label %insn
last:
  call void @decode_thumb(ptr %ip, i32 %pc, ptr %mem, i1 false, i32 14, ptr %word_out)
  ret void
}
"""


def region_list(names: dict[int, str]) -> str:
    """Parameters or arguments of a region: `names` by register number."""
    sp, lr, six = (f"ptr {names[n]}" for n in PINNED_WIDE)
    rest = [f"i32 {names[n]}" for n in PINNED_REST]
    return ", ".join(["ptr %cpu", sp, "ptr %mem", lr, six, *rest])


REGION_PARAMS = region_list({n: f"%{'w' if n in PINNED_WIDE else 'r'}{n}" for n in PINNED})


def region_parts(state: State) -> str:
    """The ways between the interpreter and regions."""
    offset = state["r"].offset
    loads, stores = [], []
    for n in PINNED:
        pointer = f"  %p{n} = getelementptr i8, ptr %cpu, i64 {offset + 4 * n}\n"
        loads.append(f"{pointer}  %r{n} = load i32, ptr %p{n}, align 4")
        stores.append(f"{pointer}  store i32 %r{n}, ptr %p{n}, align 4")
    for n in PINNED_WIDE:
        loads.append(f"  %w{n} = inttoptr i32 %r{n} to ptr")
        stores.insert(0, f"  %r{n} = ptrtoint ptr %w{n} to i32")
    text = _REGIONS.replace("LOAD_PINNED", "\n".join(loads))
    text = text.replace("STORE_PINNED", "\n".join(stores)).replace("SLOT_OF_PC", _SLOT_OF_PC)
    text = text.replace("MISS", str(MISS))
    return text.replace("PINNED_PARAMS", REGION_PARAMS).replace("PINNED_ARGS", REGION_PARAMS)


def emit_common(module: Module, state: State, guest: str, handlers: int) -> None:
    """Emit what all guests share around the text `guest`; `decode_entry` comes first.

    `guest` defines `slot_pc`, `leave`, `run32_run` and `decode_fill`.
    """
    number, args = SYSCALL_REGISTERS[state.isa]
    loads = "\n".join(
        f"  %p{i} = getelementptr i8, ptr %cpu, i64 {state['r'].offset + 4 * r}\n"
        f"  %a{i} = load i32, ptr %p{i}, align 4"
        for i, r in enumerate(args)
    )
    has_regions = state.isa == "arm"
    text = _ENTRY.replace("TRANSLATED", _TRANSLATED if has_regions else "")
    text += (region_parts(state) if has_regions else "") + guest + _COMMON + _SYSCALL
    text = text.replace("LOAD_ARGS", loads).replace("NUMBER", str(state["r"].offset + 4 * number))
    for name, value in (
        ("EXIT_PENDING", EXIT_PENDING),
        ("EXIT_INTERRUPTED", EXIT_INTERRUPTED),
        ("EXIT_HOT", EXIT_HOT),
        ("EXIT_UNDEFINED", EXIT_UNDEFINED),
        ("THUNK_IN_GUEST", THUNK_IN_GUEST),
        ("EXIT_SYSCALL", EXIT_SYSCALL),
        ("SLOW_RESULT", SLOW_RESULT),
        ("[HANDLERS", f"[{handlers}"),
        ("[PREFIXES", f"[{len(PREFIXES)}"),
    ):
        text = text.replace(name, str(value))
    module.add(_fill(text, state))


def emit_support(module: Module, state: State, roots: dict[str, int], handlers: int) -> None:
    """Emit everything of the ARM engine that is not a handler."""
    text = _STATES + _DECODE
    for root, index in sorted(roots.items(), key=lambda item: -len(item[0])):
        text = text.replace(f"ROOT_{root}", str(index))
    emit_common(module, state, text, handlers)
    for name in ("enter_fpc", "leave_fpc"):
        module.declare(name, f"declare hidden void @{name}(ptr)")
    module.declare("run32_settle", "declare hidden i1 @run32_settle(ptr)")
    for k, kind in enumerate(KINDS):
        for pc_read in (0, 1):
            for cond in range(15):
                _prefix(module, state, kind, pc_read, cond, PREFIXES[(k * 2 + pc_read) * 15 + cond])


def _prefix(module: Module, state: State, kind: str, pc_read: int, cond: int, name: str) -> None:
    """A handler that tests the condition, stores pc if it is read, and goes on in the same slot."""
    f = Handler(module, name)
    if cond != 14:
        holds = condition(f, state, cond)
        run, skip = f.new_label("run"), f.new_label("skip")
        f.line(f"br i1 {f.ref(holds)}, label %{run}, label %{skip}")
        f.label(skip)
        f.dispatch(f.address("%ip", 32 if kind == "t32" else 16))
        f.label(run)
    if pc_read:
        shift, ahead = (2, 8) if kind == "a32" else (3, 4)
        a = f.value(64, f.temp("ptrtoint ptr %ip to i64"))
        b = f.value(64, f.temp("ptrtoint ptr %shadow to i64"))
        pc = ((a - b) >> shift).trunc(32) + ahead
        f.store(pc, f.field(state, "r", 15))
    f.jump(f.load(32, f.address("%ip", 12)), "%ip")
    f.finish()


def condition(f: Handler, state: State, cond: int) -> Bits:
    """AArch32 condition code 0..13 on the flag words (DDI 0406C A8.3)."""

    def word(name: str) -> Bits:
        return f.load(32, f.field(state, name))

    kind = cond >> 1
    if kind == 0:
        holds = word("z").eq(0)
    elif kind == 1:
        holds = word("c").ne(0)
    elif kind == 2:
        holds = word("n").slt(0)
    elif kind == 3:
        holds = word("v").ne(0)
    elif kind == 4:
        holds = word("c").ne(0) & word("z").ne(0)
    else:
        holds = (word("n") >> 31).eq(word("v"))
        if kind == 6:
            holds = holds & word("z").ne(0)
    return select(Bits(1, cond & 1), ~holds, holds)
