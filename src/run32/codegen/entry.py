"""The host signal handler for faults of generated code.

It finds its thread by the alternate signal stack: `ALT_STACK` bytes, aligned to their size, with
the `cpu` pointer in the lowest word. A fault in generated code is noted in the `cpu` struct and the
thread resumes at `run32_abort`. A signal that is not a fault of ours (sent by a process, or raised
outside generated code) gets its default action.
Sources: arch/*/include/uapi/asm/{sigcontext,ucontext}.h, sigaction(2).
"""

from __future__ import annotations

from run32.codegen.ir import Module
from run32.spec.machine import EXIT_FAULT
from run32.spec.state import State

ALT_STACK = 1 << 16
SYSCALL_DECLARATION = "declare hidden i64 @run32_syscall(i64, i64, i64, i64, i64, i64, i64)"

# Byte offsets in ucontext: program counter, first argument register; rt_sigaction's number.
_CONTEXT = {"x86_64": (168, 104), "aarch64": (440, 184)}
_NUMBERS = {
    "x86_64": {"rt_sigaction": 13, "getpid": 39, "kill": 62},
    "aarch64": {"rt_sigaction": 134, "getpid": 172, "kill": 129},
}

_HANDLER = """
define hidden void @run32_on_fault(i32 %signal, ptr %info, ptr %context) nounwind {
  %here = alloca i64, align 8
  %here64 = ptrtoint ptr %here to i64
  %base64 = and i64 %here64, ALT_MASK
  %base = inttoptr i64 %base64 to ptr
  %codep = getelementptr i8, ptr %info, i64 8
  %code = load i32, ptr %codep, align 4
  %cpu = load ptr, ptr %base, align 8
  %nocpu = icmp eq ptr %cpu, null
  br i1 %nocpu, label %default, label %mine
mine:
  %rp = getelementptr i8, ptr %cpu, i64 <running>
  %running = load volatile i32, ptr %rp, align 4
  %inside = icmp ne i32 %running, 0
  %sync = icmp sgt i32 %code, 0
  %fault = and i1 %inside, %sync
  br i1 %fault, label %ours, label %default
ours:
  %addrp = getelementptr i8, ptr %info, i64 16
  %addr = load i64, ptr %addrp, align 8
  %p1 = getelementptr i8, ptr %cpu, i64 <fault_addr>
  store i64 %addr, ptr %p1, align 8
  %p2 = getelementptr i8, ptr %cpu, i64 <fault_signal>
  store i32 %signal, ptr %p2, align 4
  %p3 = getelementptr i8, ptr %cpu, i64 <fault_code>
  store i32 %code, ptr %p3, align 4
  %p4 = getelementptr i8, ptr %cpu, i64 <exit_reason>
  store i32 EXIT_FAULT, ptr %p4, align 4
  %p5 = getelementptr i8, ptr %cpu, i64 <fault_where>
  store i32 %running, ptr %p5, align 4
  %pcp = getelementptr i8, ptr %context, i64 CONTEXT_PC
  store i64 ptrtoint (ptr @run32_abort to i64), ptr %pcp, align 8
  %argp = getelementptr i8, ptr %context, i64 CONTEXT_ARG
  store ptr %cpu, ptr %argp, align 8
  ret void
default:
  %act = alloca [4 x i64], align 8
  store volatile [4 x i64] zeroinitializer, ptr %act, align 8
  %act64 = ptrtoint ptr %act to i64
  %sig64 = zext i32 %signal to i64
  %r1 = call i64 @run32_syscall(i64 NR_rt_sigaction, i64 %sig64, i64 %act64, i64 0, i64 8,
                                i64 0, i64 0)
  %sent = icmp sle i32 %code, 0
  br i1 %sent, label %again, label %done
again:
  %pid = call i64 @run32_syscall(i64 NR_getpid, i64 0, i64 0, i64 0, i64 0, i64 0, i64 0)
  %r2 = call i64 @run32_syscall(i64 NR_kill, i64 %pid, i64 %sig64, i64 0, i64 0, i64 0, i64 0)
  br label %done
done:
  ret void
}
"""


def emit_entry(module: Module, state: State) -> None:
    """Emit `run32_on_fault` for the module's host."""
    text = _HANDLER
    for name, field in state.fields.items():
        text = text.replace(f"<{name}>", str(field.offset))
    pc, arg = _CONTEXT[module.host]
    for name, value in (
        ("ALT_MASK", -ALT_STACK),
        ("EXIT_FAULT", EXIT_FAULT),
        ("CONTEXT_PC", pc),
        ("CONTEXT_ARG", arg),
    ):
        text = text.replace(name, str(value))
    for name, number in _NUMBERS[module.host].items():
        text = text.replace("NR_" + name, str(number))
    module.declare("run32_abort", "declare hidden void @run32_abort(ptr)")
    module.declare("run32_syscall", SYSCALL_DECLARATION)
    module.add(text)
