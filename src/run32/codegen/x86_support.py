"""The parts of the i386 engine around the handlers that differ: one state, one shadow."""

from __future__ import annotations

from run32.codegen import support, x86_decoder
from run32.codegen.ir import Module
from run32.spec.state import State
from run32.spec.x86 import X86Isa

_STATE = """
define hidden i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow) nounwind {
  %a = ptrtoint ptr %ip to i64
  %b = ptrtoint ptr %shadow to i64
  %d = sub i64 %a, %b
  %pc64 = lshr i64 %d, 4
  %pc = trunc i64 %pc64 to i32
  ret i32 %pc
}

define hidden CC void @leave(PARAMS) nounwind {
  %pc = call i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow)
  %p1 = getelementptr i8, ptr %cpu, i64 <pc>
  store i32 %pc, ptr %p1, align 4
  %p2 = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %p2, align 8
  ret void
}

define hidden void @run32_run(ptr %cpu) nounwind {
  %p1 = getelementptr i8, ptr %cpu, i64 <pc>
  %pc = load i32, ptr %p1, align 4
  %p2 = getelementptr i8, ptr %cpu, i64 <shadow_a>
  %shadow = load ptr, ptr %p2, align 8
  %pc64 = zext i32 %pc to i64
  %off = shl i64 %pc64, 4
  %ip = getelementptr i8, ptr %shadow, i64 %off
  %p3 = getelementptr i8, ptr %cpu, i64 <mem>
  %mem = load ptr, ptr %p3, align 8
  %p4 = getelementptr i8, ptr %cpu, i64 <code>
  %code = load ptr, ptr %p4, align 8
  %p5 = getelementptr i8, ptr %cpu, i64 <ip>
  store ptr %ip, ptr %p5, align 8
  %h = load i32, ptr %ip, align 4
  %h64 = zext i32 %h to i64
  %target = getelementptr i8, ptr %code, i64 %h64
  call CC void %target(ARGS)
  ret void
}

; no row uses the host's floating-point unit yet
define hidden void @leave_fpc(ptr %cpu) nounwind {
  ret void
}
"""


def emit_support(
    module: Module, isa: X86Isa, state: State, numbers: dict[tuple[object, ...], int]
) -> None:
    """Emit everything that is not a handler; `decode_entry` comes first."""
    text = _STATE + x86_decoder.emit(module, isa, numbers)
    support.emit_common(module, state, text, len(numbers) + 1)
