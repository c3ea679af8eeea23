"""Getting into generated code and out again: entry stubs and the fault handler, per host.

`run32_enter(cpu)` runs guest code until it leaves, `run32_thunk(cpu, offset)` runs one syscall thunk
and `run32_copy(cpu, dst, src, n)` copies memory that may be unmapped; all return `exit_reason`. Each
saves the callee-saved registers and its stack pointer in the `cpu` struct, so that the fault handler
can resume at `run32_abort`, which leaves the same way.

The fault handler finds its thread by the alternate signal stack: `ALT_STACK` bytes, aligned to their
size, with the `cpu` pointer in the lowest word. A signal that is not a fault of ours (sent by a
process, or raised outside generated code) gets its default action.
Sources: System V ABI AMD64 3.2.1, AAPCS64 6.1, arch/*/include/uapi/asm/{sigcontext,ucontext}.h.
"""

from __future__ import annotations

from run32.codegen.ir import Module
from run32.spec.machine import EXIT_FAULT
from run32.spec.state import State

ALT_STACK = 1 << 16

_X86_64 = """
.text
.macro STUB name, body, mode
.globl \\name
.hidden \\name
.type \\name, @function
\\name:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  push %rdi
  mov %rsp, <host_sp>(%rdi)
  movl $0, <exit_reason>(%rdi)
  movl $\\mode, <running>(%rdi)
  MOVE_\\mode
  call \\body
  jmp run32_leave
.endm
.macro MOVE_1
.endm
.macro MOVE_2
.endm
.macro MOVE_3
  mov %rsi, %rdi
  mov %rdx, %rsi
  mov %rcx, %rdx
.endm
STUB run32_enter, run32_run, 1
STUB run32_thunk, run32_do_thunk, 2
STUB run32_copy, run32_do_copy, 3
.globl run32_abort
.hidden run32_abort
run32_abort:
  mov <host_sp>(%rdi), %rsp
  cmpl $1, <running>(%rdi)
  jne run32_leave
  call leave_fpc
run32_leave:
  pop %rdi
  movl $0, <running>(%rdi)
  mov <exit_reason>(%rdi), %eax
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret
.globl run32_restorer
.hidden run32_restorer
run32_restorer:
  mov $15, %eax
  syscall
"""

_AARCH64 = """
.text
.macro STUB name, body, mode
.globl \\name
.hidden \\name
.type \\name, %function
\\name:
  sub sp, sp, #176
  stp x19, x20, [sp]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  str x0, [sp, #160]
  mov x9, sp
  str x9, [x0, #<host_sp>]
  str wzr, [x0, #<exit_reason>]
  mov w9, #\\mode
  str w9, [x0, #<running>]
  .if \\mode == 3
  mov x0, x1
  mov x1, x2
  mov x2, x3
  .endif
  bl \\body
  b run32_leave
.endm
STUB run32_enter, run32_run, 1
STUB run32_thunk, run32_do_thunk, 2
STUB run32_copy, run32_do_copy, 3
.globl run32_abort
.hidden run32_abort
run32_abort:
  ldr x9, [x0, #<host_sp>]
  mov sp, x9
  ldr w9, [x0, #<running>]
  cmp w9, #1
  b.ne run32_leave
  bl leave_fpc
run32_leave:
  ldr x1, [sp, #160]
  str wzr, [x1, #<running>]
  ldr w0, [x1, #<exit_reason>]
  ldp x19, x20, [sp]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #176
  ret
"""

# Byte offsets in ucontext: program counter, first argument register; rt_sigaction's number.
_CONTEXT = {"x86_64": (168, 104), "aarch64": (440, 184)}
_NUMBERS = {
    "x86_64": {"rt_sigaction": 13, "getpid": 39, "kill": 62},
    "aarch64": {"rt_sigaction": 134, "getpid": 172, "kill": 129},
}

_HANDLER = """
define hidden i64 @run32_syscall(i64 %n, i64 %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f) nounwind {
  %r = SYSCALL
  ret i64 %r
}

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
  %r1 = call i64 @run32_syscall(i64 NR_rt_sigaction, i64 %sig64, i64 %act64, i64 0, i64 8, i64 0, i64 0)
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

_SYSCALL = {
    "x86_64": (
        'call i64 asm sideeffect "syscall", '
        '"={rax},{rax},{rdi},{rsi},{rdx},{r10},{r8},{r9},~{rcx},~{r11},~{memory}"'
    ),
    "aarch64": (
        'call i64 asm sideeffect "svc #0", "={x0},{x8},{x0},{x1},{x2},{x3},{x4},{x5},~{memory}"'
    ),
}


def emit_entry(module: Module, state: State) -> None:
    """Emit the stubs and the fault handler for the module's host."""
    assembly = {"x86_64": _X86_64, "aarch64": _AARCH64}[module.host]
    handler = _HANDLER.replace(
        "SYSCALL",
        _SYSCALL[module.host] + "(i64 %n, i64 %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f)",
    )
    for name, field in state.fields.items():
        assembly = assembly.replace(f"<{name}>", str(field.offset))
        handler = handler.replace(f"<{name}>", str(field.offset))
    pc, arg = _CONTEXT[module.host]
    for name, value in (
        ("ALT_MASK", -ALT_STACK),
        ("EXIT_FAULT", EXIT_FAULT),
        ("CONTEXT_PC", pc),
        ("CONTEXT_ARG", arg),
    ):
        handler = handler.replace(name, str(value))
    for name, number in _NUMBERS[module.host].items():
        handler = handler.replace("NR_" + name, str(number))
    for line in assembly.strip().splitlines():
        escaped = line.replace("\\", "\\5C").replace('"', "\\22")
        module.add(f'module asm "{escaped}"')
    module.declare("run32_abort", "declare hidden void @run32_abort()")
    module.add(handler)
