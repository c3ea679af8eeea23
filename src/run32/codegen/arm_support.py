"""The parts of the ARM engine around the handlers that differ: two states, decoding, prefixes."""

from __future__ import annotations

from run32.codegen import regiongates, support
from run32.codegen.interp import Handler
from run32.codegen.ir import Module
from run32.spec.bits import Bits, select
from run32.spec.state import State

# Prefix handlers: (kind, reads pc, condition) -> number (kind * 2 + reads_pc) * 15 + condition.
KINDS = ("a32", "t16", "t32")
PREFIXES = [f"prefix_{k}_{p}_{c}" for k in KINDS for p in (0, 1) for c in range(15)]

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

; decodes the Thumb instruction at %pc, and its block if it is an IT; its own slot still leads to a
; region if it did
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
  %h = load atomic i32, ptr %ip acquire, align 4
  call void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow)
  %enter = sub i64 ptrtoint (ptr @enter_region to i64), ptrtoint (ptr @decode_entry to i64)
  %enter32 = trunc i64 %enter to i32
  %leads = icmp eq i32 %h, %enter32
  br i1 %leads, label %back, label %done
back:
  store atomic i32 %enter32, ptr %ip release, align 4
  br label %done
done:
  ret void
}

; a region leaves %pc, inside the block of the IT instruction at %it, to the interpreter: slots that
; are decoded are those of the block already
define hidden void @run32_decode_it(ptr %cpu, i32 %it, i32 %pc) nounwind {
  %p1 = getelementptr i8, ptr %cpu, i64 <shadow_t>
  %shadow = load ptr, ptr %p1, align 8
  %even = and i32 %pc, -2
  %pc64 = zext i32 %even to i64
  %off = shl i64 %pc64, 3
  %ip = getelementptr i8, ptr %shadow, i64 %off
  %h = load atomic i32, ptr %ip acquire, align 4
  %empty = icmp eq i32 %h, 0
  br i1 %empty, label %decode, label %done
decode:
  call void @run32_decode(ptr %cpu, i32 %it)
  br label %done
done:
  ret void
}

; the handler of an emptied slot that was part of an IT block: who comes here is inside of one, if
; the code before still says so
define hidden CC void @decode_inner(PARAMS) nounwind {
  %ipp = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %ipp, align 8
  %pc = call i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow)
  br label %look
look:
  %back = phi i32 [ 2, %0 ], [ %back2, %further ]
  %it = sub i32 %pc, %back
  %it64 = zext i32 %it to i64
  %itp = getelementptr i8, ptr %mem, i64 %it64
  %h16 = load i16, ptr %itp, align 2
  %h0 = zext i16 %h16 to i32
  %hi = and i32 %h0, 65280
  %isit = icmp eq i32 %hi, 48896
  %mask = and i32 %h0, 15
  %hasmask = icmp ne i32 %mask, 0
  %begins = and i1 %isit, %hasmask
  br i1 %begins, label %walk, label %further
walk:
  %state = phi i32 [ %h0, %look ], [ %state2, %step ]
  %at = phi i32 [ 2, %look ], [ %at2, %step ]
  %here = icmp eq i32 %at, %back
  br i1 %here, label %found, label %insn
insn:
  %past = icmp ugt i32 %at, %back
  %low = and i32 %state, 7
  %over = icmp eq i32 %low, 0
  %ends = or i1 %past, %over
  br i1 %ends, label %further, label %step
step:
  %atpc = add i32 %it, %at
  %at64 = zext i32 %atpc to i64
  %atp = getelementptr i8, ptr %mem, i64 %at64
  %first = load i16, ptr %atp, align 2
  %wide = icmp uge i16 %first, -6144
  %len = select i1 %wide, i32 4, i32 2
  %at2 = add i32 %at, %len
  %state2 = shl i32 %state, 1
  br label %walk
further:
  %back2 = add i32 %back, 2
  %more = icmp ule i32 %back2, 14
  br i1 %more, label %look, label %plain
found:
  call void @run32_decode(ptr %cpu, i32 %it)
DISPATCH
plain:
  musttail call CC void @decode_entry(ARGS)
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
  %place = load i32, ptr %p2, align 4
SLOT
  %p3 = getelementptr i8, ptr %cpu, i64 <mem>
  %mem = load ptr, ptr %p3, align 8
  %p4 = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %p4, align 8
  %h = load i32, ptr %ip, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  call CC void %target(ARGS) "no_callee_saved_registers"
  call void @leave_fpc(ptr %cpu)
  %on = call i1 @run32_settle(ptr %cpu)
  br i1 %on, label %go, label %done
done:
  ret void
}
"""

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


def emit_support(module: Module, state: State, roots: dict[str, int], handlers: int) -> None:
    """Emit everything of the ARM engine that is not a handler."""
    text = regiongates.text(state) + _STATES.replace("SLOT", regiongates.SLOT) + _DECODE
    text = text.replace("[PREFIXES", f"[{len(PREFIXES)}")
    for root, index in sorted(roots.items(), key=lambda item: -len(item[0])):
        text = text.replace(f"ROOT_{root}", str(index))
    support.emit_common(
        module, state, text, handlers, regiongates.TRANSLATED, regiongates.NOTE_TRAIL
    )
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
