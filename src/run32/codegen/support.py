"""The parts of the engine around the handlers that all guests share: entry, exits, syscalls.

All are IR text with the offsets of the `cpu` struct filled in. `decode_entry` must be the first
function of the first object: handler offset 0 is what an empty slot holds.
"""

from __future__ import annotations

from run32.codegen.interp import CONVENTION, PARAMS, SPARES
from run32.codegen.ir import Module
from run32.codegen.stubs import THUNK_IN_GUEST
from run32.spec.exits import EXIT_HOT, EXIT_INTERRUPTED
from run32.spec.machine import EXIT_PENDING, EXIT_SYSCALL, EXIT_UNDEFINED
from run32.spec.state import State

SLOW_RESULT = -65536  # a thunk's way to ask for the Python function instead


def _fill(text: str, state: State) -> str:
    """Replace `<field>` by its byte offset and `PARAMS`/`CC`/`ARGS` by the handlers' signature."""
    for name, field in state.fields.items():
        text = text.replace(f"<{name}>", str(field.offset))
    args = f"ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow{SPARES}"
    return text.replace("PARAMS", PARAMS).replace("CC", CONVENTION).replace("ARGS", args)


# The end of a handler that goes on with the slot in `%ip`.
_DISPATCH = """
  %h = load i32, ptr %ip, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  musttail call CC void %target(ARGS)
  ret void"""

_ENTRY = """
define hidden CC void @decode_entry(PARAMS) nounwind {
  %p = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %p, align 8
BEFORE_DECODING
  ; odd as long as the slot is being decoded: `runtime/faults.py` asks
  %odd = getelementptr i8, ptr %ip, i64 1
  store ptr %odd, ptr %p, align 8
  call void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow)
  store ptr %ip, ptr %p, align 8
  %h = load atomic i32, ptr %ip acquire, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  musttail call CC void %target(ARGS)
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
NOTE_TRAIL
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
DISPATCH
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


def emit_common(
    module: Module,
    state: State,
    guest: str,
    handlers: int,
    before_decoding: str = "",
    before_hot: str = "",
) -> None:
    """Emit what all guests share around the text `guest`; `decode_entry` comes first.

    `guest` defines `slot_pc`, `leave`, `run32_run` and `decode_fill`; `before_decoding` is what
    `decode_entry` does before it calls that, `before_hot` what `leave_hot` does before it leaves.
    """
    number, args = SYSCALL_REGISTERS[state.isa]
    loads = "\n".join(
        f"  %p{i} = getelementptr i8, ptr %cpu, i64 {state['r'].offset + 4 * r}\n"
        f"  %a{i} = load i32, ptr %p{i}, align 4"
        for i, r in enumerate(args)
    )
    text = _ENTRY.replace("BEFORE_DECODING", before_decoding) + guest + _COMMON + _SYSCALL
    text = text.replace("NOTE_TRAIL", before_hot)
    text = (
        text.replace("DISPATCH", _DISPATCH)
        .replace("LOAD_ARGS", loads)
        .replace("NUMBER", str(state["r"].offset + 4 * number))
    )
    for name, value in (
        ("EXIT_PENDING", EXIT_PENDING),
        ("EXIT_INTERRUPTED", EXIT_INTERRUPTED),
        ("EXIT_HOT", EXIT_HOT),
        ("EXIT_UNDEFINED", EXIT_UNDEFINED),
        ("THUNK_IN_GUEST", THUNK_IN_GUEST),
        ("EXIT_SYSCALL", EXIT_SYSCALL),
        ("SLOW_RESULT", SLOW_RESULT),
        ("[HANDLERS", f"[{handlers}"),
    ):
        text = text.replace(name, str(value))
    module.add(_fill(text, state))
