"""The host's signal handlers: faults of generated code, and signals on their way to the guest.

Both find their thread by the alternate signal stack: `ALT_STACK` bytes, aligned to their size, with
the `cpu` pointer in the lowest word.

`run32_on_fault` serves the signals that a CPU raises. Where an access of a region has a landing
(`codegen/landings.py`), the thread goes on there. Another fault in generated code is noted in the
`cpu` struct and the thread resumes at `run32_abort`; a fault of the host program gets its default
action; what a process sent is taken as follows.

`run32_on_signal` takes a signal for the guest: its siginfo goes to a slot of the `cpu` struct,
`pending` is set, and the thread goes on with every signal blocked that may be blocked, so that the
host keeps the queue; the runtime unblocks when it has delivered this one. Slot 0 holds a signal
that can be blocked; the others one of each kind that cannot. A thread that was about to make a
system call for the guest does not make it (see `run32_call` in codegen/stubs.py).

Invariants: no signal is lost: one that finds slot 0 taken is queued again, and of those that cannot
be blocked Linux keeps one each. Both handlers run with everything blocked that may be.
Sources: arch/*/include/uapi/asm/{sigcontext,ucontext}.h, sigaction(2).
"""

from __future__ import annotations

from run32.codegen import regionfile
from run32.codegen.ir import Module
from run32.spec.machine import EXIT_FAULT
from run32.spec.state import SIGINFO, State

ALT_STACK = 1 << 16
SYSCALL_DECLARATION = "declare hidden i64 @run32_syscall(i64, i64, i64, i64, i64, i64, i64)"
KICK = -50
"""si_code of a SIGTRAP that only makes a thread look up: `pending` is set, nothing is recorded."""
# Signals that stay unblocked at the host: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV.
NEVER_BLOCKED = 0x4D8

# Byte offsets in ucontext: program counter, first argument register, signal mask.
_CONTEXT = {"x86_64": (168, 104, 296), "aarch64": (440, 184, 40)}
_NUMBERS = {
    "x86_64": {
        "rt_sigaction": 13,
        "getpid": 39,
        "clone": 56,
        "kill": 62,
        "gettid": 186,
        "requeue": 297,
    },
    "aarch64": {
        "rt_sigaction": 134,
        "getpid": 172,
        "clone": 220,
        "kill": 129,
        "gettid": 178,
        "requeue": 240,
    },
}

# Whether the fault was a write: the page fault's error code, or the syndrome's WnR bit if the
# kernel gives an esr_context behind the fpsimd_context.
_IS_WRITE = {
    "x86_64": """
  %errp = getelementptr i8, ptr %context, i64 192
  %err = load i64, ptr %errp, align 8
  %w1 = lshr i64 %err, 1
  %w2 = trunc i64 %w1 to i32
  %write = and i32 %w2, 1
""",
    "aarch64": """
  %magicp = getelementptr i8, ptr %context, i64 992
  %magic = load i32, ptr %magicp, align 4
  %isesr = icmp eq i32 %magic, 1163088385
  %esrp = getelementptr i8, ptr %context, i64 1000
  %esr = load i64, ptr %esrp, align 8
  %w1 = lshr i64 %esr, 6
  %w2 = trunc i64 %w1 to i32
  %w3 = and i32 %w2, 1
  %write = select i1 %isesr, i32 %w3, i32 0
""",
}

_HANDLER = """
define private ptr @my_cpu() nounwind noinline {
  %here = alloca i64, align 8
  %here64 = ptrtoint ptr %here to i64
  %base64 = and i64 %here64, ALT_MASK
  %base = inttoptr i64 %base64 to ptr
  %cpu = load ptr, ptr %base, align 8
  ret ptr %cpu
}

define private i1 @take_signal(ptr %cpu, i32 %slot, ptr %info, ptr %context) nounwind noinline {
  %slot64 = zext i32 %slot to i64
  %fulls = getelementptr i8, ptr %cpu, i64 <signal_full>
  %fullp = getelementptr i32, ptr %fulls, i64 %slot64
  %full = load volatile i32, ptr %fullp, align 4
  %free = icmp eq i32 %full, 0
  br i1 %free, label %keep, label %look
keep:
  %infos = getelementptr i8, ptr %cpu, i64 <signal_info>
  %at = mul i64 %slot64, SIGINFO
  %to = getelementptr i8, ptr %infos, i64 %at
  %all = load [WORDS x i64], ptr %info, align 8
  store volatile [WORDS x i64] %all, ptr %to, align 8
  store volatile i32 1, ptr %fullp, align 4
  br label %look
look:
  %pp = getelementptr i8, ptr %cpu, i64 <pending>
  store volatile i32 1, ptr %pp, align 4
  call void @leave_call(ptr %context)
  ret i1 %free
}

define hidden void @run32_on_signal(i32 %signal, ptr %info, ptr %context) nounwind {
  %cpu = call ptr @my_cpu()
  %maskp = getelementptr i8, ptr %context, i64 CONTEXT_MASK
  store i64 BLOCKED, ptr %maskp, align 8
  %taken = call i1 @take_signal(ptr %cpu, i32 0, ptr %info, ptr %context)
  br i1 %taken, label %done, label %again
again:
  %pid = call i64 @run32_syscall(i64 NR_getpid, i64 0, i64 0, i64 0, i64 0, i64 0, i64 0)
  %tid = call i64 @run32_syscall(i64 NR_gettid, i64 0, i64 0, i64 0, i64 0, i64 0, i64 0)
  %sig64 = zext i32 %signal to i64
  %info64 = ptrtoint ptr %info to i64
  %r = call i64 @run32_syscall(i64 NR_requeue, i64 %pid, i64 %tid, i64 %sig64, i64 %info64,
                               i64 0, i64 0)
  br label %done
done:
  ret void
}

define private void @leave_call(ptr %context) nounwind noinline {
  %pcp = getelementptr i8, ptr %context, i64 CONTEXT_PC
  %pc = load i64, ptr %pcp, align 8
  %past = icmp ult i64 %pc, ptrtoint (ptr @run32_call to i64)
  %late = icmp ugt i64 %pc, ptrtoint (ptr @run32_call_svc to i64)
  %out = or i1 %past, %late
  br i1 %out, label %done, label %inside
inside:
  %at = icmp eq i64 %pc, ptrtoint (ptr @run32_call_svc to i64)
  %to = select i1 %at, i64 ptrtoint (ptr @run32_call_interrupted to i64),
                       i64 ptrtoint (ptr @run32_call_refused to i64)
  store i64 %to, ptr %pcp, align 8
  br label %done
done:
  ret void
}

define hidden void @run32_on_fault(i32 %signal, ptr %info, ptr %context) nounwind {
  %cpu = call ptr @my_cpu()
  %codep = getelementptr i8, ptr %info, i64 8
  %code = load i32, ptr %codep, align 4
  %rp = getelementptr i8, ptr %cpu, i64 <running>
  %running = load volatile i32, ptr %rp, align 4
  %sent = icmp sle i32 %code, 0
  br i1 %sent, label %queued, label %raised
queued:
  %iskick = icmp eq i32 %code, KICK
  br i1 %iskick, label %kick, label %choose
kick:
  %kp = getelementptr i8, ptr %cpu, i64 <pending>
  store volatile i32 1, ptr %kp, align 4
  call void @leave_call(ptr %context)
  ret void
choose:
  switch i32 %signal, label %segv [
    i32 4, label %take
    i32 5, label %trap
    i32 7, label %bus
    i32 8, label %fpe
  ]
trap:
  br label %take
bus:
  br label %take
fpe:
  br label %take
segv:
  br label %take
take:
  %slot = phi i32 [ 1, %choose ], [ 2, %trap ], [ 3, %bus ], [ 4, %fpe ], [ 5, %segv ]
  %free = call i1 @take_signal(ptr %cpu, i32 %slot, ptr %info, ptr %context)
  ret void
raised:
  %inside = icmp ne i32 %running, 0
  %isbus = icmp eq i32 %signal, 7
  %issegv = icmp eq i32 %signal, 11
  %memory = or i1 %isbus, %issegv
  %fault = and i1 %inside, %memory
  br i1 %fault, label %ours, label %default
ours:
  %pcp = getelementptr i8, ptr %context, i64 CONTEXT_PC
  %hostpc = load i64, ptr %pcp, align 8
  %landing = call i64 @landing_of(ptr %cpu, i64 %hostpc)
  %lands = icmp ne i64 %landing, 0
  br i1 %lands, label %land, label %leave
land:
  store i64 %landing, ptr %pcp, align 8
  ret void
leave:
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
IS_WRITE
  %p6 = getelementptr i8, ptr %cpu, i64 <fault_error>
  store i32 %write, ptr %p6, align 4
  %p7 = getelementptr i8, ptr %cpu, i64 <fault_host_pc>
  store i64 %hostpc, ptr %p7, align 8
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
  ret void
}
"""


# The landing of the access at host address `%pc`, or 0. Code files are mapped as a whole; their
# records follow each other. A table's line may be in use for another file from one load to the
# next: its start is read again.
_LANDING = """
define private i64 @landing_of(ptr %cpu, i64 %pc) nounwind noinline {
  %tablep = getelementptr i8, ptr %cpu, i64 <code_files>
  %table = load i64, ptr %tablep, align 8
  %none = icmp eq i64 %table, 0
  br i1 %none, label %no, label %file
file:
  %line = phi i64 [ %table, %0 ], [ %nextline, %otherfile ]
  %linep = inttoptr i64 %line to ptr
  %endp = getelementptr i8, ptr %linep, i64 8
  %start = load atomic volatile i64, ptr %linep acquire, align 8
  %end = load atomic volatile i64, ptr %endp acquire, align 8
  %same = load atomic volatile i64, ptr %linep acquire, align 8
  %last = icmp eq i64 %start, 0
  br i1 %last, label %no, label %look
look:
  %below = icmp ult i64 %pc, %start
  %above = icmp uge i64 %pc, %end
  %changed = icmp ne i64 %start, %same
  %out = or i1 %below, %above
  %other = or i1 %out, %changed
  br i1 %other, label %otherfile, label %infile
otherfile:
  %nextline = add i64 %line, 16
  br label %file
infile:
  %first = add i64 %start, FIRST
  br label %record
record:
  %at = phi i64 [ %first, %infile ], [ %next, %size ]
  %behind = add i64 %at, HEAD
  %past = icmp ugt i64 %behind, %end
  br i1 %past, label %no, label %head
head:
  %atp = inttoptr i64 %at to ptr
  %magic = load i32, ptr %atp, align 4
  %good = icmp eq i32 %magic, RECORD
  %lengthp = getelementptr i8, ptr %atp, i64 LENGTH_AT
  %length = load i64, ptr %lengthp, align 8
  %room = sub i64 %end, %at
  %fits = icmp ule i64 %length, %room
  %long = icmp uge i64 %length, HEAD
  %ok1 = and i1 %good, %fits
  %ok = and i1 %ok1, %long
  br i1 %ok, label %size, label %no
size:
  %next = add i64 %at, %length
  %beyond = icmp uge i64 %pc, %next
  br i1 %beyond, label %record, label %here
here:
  %wherep = getelementptr i8, ptr %atp, i64 LANDINGS_AT
  %where = load i32, ptr %wherep, align 4
  %countp = getelementptr i8, ptr %atp, i64 COUNT_AT
  %count = load i32, ptr %countp, align 4
  %where64 = zext i32 %where to i64
  %items = getelementptr i8, ptr %atp, i64 %where64
  br label %item
item:
  %i = phi i32 [ 0, %here ], [ %after, %compare ]
  %more = icmp ult i32 %i, %count
  br i1 %more, label %compare, label %no
compare:
  %i64 = zext i32 %i to i64
  %itemp = getelementptr [2 x i32], ptr %items, i64 %i64
  %item64 = ptrtoint ptr %itemp to i64
  %access = load i32, ptr %itemp, align 1
  %access64 = sext i32 %access to i64
  %place = add i64 %item64, %access64
  %after = add i32 %i, 1
  %found = icmp eq i64 %place, %pc
  br i1 %found, label %yes, label %item
yes:
  %landp = getelementptr i8, ptr %itemp, i64 4
  %land64 = ptrtoint ptr %landp to i64
  %land = load i32, ptr %landp, align 1
  %to = sext i32 %land to i64
  %landing = add i64 %land64, %to
  ret i64 %landing
no:
  ret i64 0
}
"""

# A new process: `after` prepares the host program in it before any of its own code runs.
_FORK = """
define hidden i64 @run32_fork(i64 %flags, i64 %a, i64 %b, i64 %c, ptr %after) nounwind {
  %r = call i64 @run32_syscall(i64 NR_clone, i64 %flags, i64 0, i64 %a, i64 %b, i64 %c, i64 0)
  %child = icmp eq i64 %r, 0
  br i1 %child, label %prepare, label %done
prepare:
  call void %after()
  br label %done
done:
  ret i64 %r
}
"""


def emit_entry(module: Module, state: State) -> None:
    """Emit `run32_on_fault` and `run32_on_signal` for the module's host."""
    text = (_HANDLER + _LANDING + _FORK).replace("IS_WRITE", _IS_WRITE[module.host])
    for name, field in state.fields.items():
        text = text.replace(f"<{name}>", str(field.offset))
    pc, arg, mask = _CONTEXT[module.host]
    for name, value in (
        ("LANDINGS_AT", regionfile.LANDINGS_AT),
        ("COUNT_AT", regionfile.LANDING_COUNT_AT),
        ("LENGTH_AT", regionfile.LENGTH_AT),
        ("RECORD", regionfile.RECORD),
        ("FIRST", regionfile.PAGE),
        ("HEAD", regionfile.HEAD),
        ("ALT_MASK", -ALT_STACK),
        ("EXIT_FAULT", EXIT_FAULT),
        ("CONTEXT_PC", pc),
        ("CONTEXT_ARG", arg),
        ("CONTEXT_MASK", mask),
        ("BLOCKED", ~NEVER_BLOCKED),
        ("SIGINFO", SIGINFO),
        ("WORDS", SIGINFO // 8),
        ("KICK", KICK),
    ):
        text = text.replace(name, str(value))
    for name, number in _NUMBERS[module.host].items():
        text = text.replace("NR_" + name, str(number))
    module.declare("run32_abort", "declare hidden void @run32_abort(ptr)")
    module.declare("run32_syscall", SYSCALL_DECLARATION)
    for label in ("call", "call_svc", "call_interrupted", "call_refused"):
        module.declare(f"run32_{label}", f"declare hidden void @run32_{label}()")
    module.add(text)
