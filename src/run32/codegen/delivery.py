"""The native side of signal delivery to arm guests, and of the return from handlers.

`run32_settle(cpu)` is called when guest code has been left, with the guest's state complete in the
`cpu` struct, and says whether guest code goes on. It deals with the common case: one signal that
has a handler and was not raised by a CPU, a frame as any other, a sigreturn without surprises.
Everything else is the runtime's (runtime/signals.py), which finds the state untouched: nothing of
it changes before the last access to guest memory. An access that faults leaves with EXIT_FAULT and
`fault_where` = DELIVERY; `exit_arg` then has the exit reason there was.

The frame's layout is `spec.armframe`, which the runtime uses too; rules are in runtime/frames.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from run32.codegen.entry import NEVER_BLOCKED, SYSCALL_DECLARATION
from run32.codegen.ir import Function, Module
from run32.codegen.stubs import DELIVERY, GUEST
from run32.codegen.thunks import SYSCALL
from run32.spec import armframe as frame
from run32.spec import cpsr, fpscr
from run32.spec.bits import Bits, select
from run32.spec.exits import EXIT_INTERRUPTED, EXIT_PENDING, EXIT_SYSCALL
from run32.spec.state import ARM, SIGNAL_SLOTS

SIGPROCMASK = {"x86_64": 14, "aarch64": 135}
SIG_SETMASK, SIGCHLD = 2, 17
SI_KERNEL, SI_SIGIO, SI_TKILL, CHILD_CODES = 0x80, -5, -6, 6
SA_SIGINFO, SA_RESTORER, SA_ONSTACK = 4, 0x04000000, 0x08000000
SA_NODEFER, SA_RESETHAND = 0x40000000, 0x80000000
AUTODISARM = 0x80000000
UNBLOCKABLE = 1 << 8 | 1 << 18
SIGRETURN, RT_SIGRETURN = 119, 173
SP, LR, NUMBER = 13, 14, 7
# Results that the runtime has to look at: EINTR, and calls that were not made.
UNSETTLED = (-4, -512, -513)
MASK32 = 0xFFFFFFFF


class Step(Function):
    """A function of the cpu struct that gives up (returns false) where a condition says so."""

    def __init__(self, module: Module, name: str, params: str = "") -> None:
        attributes = 'noinline nounwind "no-builtins"'
        super().__init__(
            module, name, "ptr %cpu" + params, returns="i1", attributes=attributes,
            linkage="private",
        )  # fmt: skip
        mem = self.temp(f"load i64, ptr {self.at('mem')}, align 8")
        self.mem = self.value(64, mem)

    def at(self, name: str, index: int = 0) -> str:
        """Address of a field of the cpu struct."""
        field = ARM[name]
        return self.address("%cpu", field.offset + index * field.width // 8)

    def get(self, name: str, index: int = 0, *, volatile: bool = False) -> Bits:
        """The value of a field."""
        return self.load(ARM[name].width, self.at(name, index), volatile=volatile)

    def put(self, name: str, value: Bits | int, index: int = 0) -> None:
        """Set a field."""
        width = ARM[name].width
        self.store(Bits(width, value) if isinstance(value, int) else value, self.at(name, index))

    def guest(self, address: Bits) -> str:
        """The host's pointer for a guest address (32 bits)."""
        where = self.mem + address.zext(64)
        return self.temp(f"inttoptr {self.typed(where)} to ptr")

    def give_up_if(self, condition: Bits) -> None:
        """Return false if `condition` holds."""
        out, on = self.new_label("out"), self.new_label("on")
        self.line(f"br i1 {self.ref(condition)}, label %{out}, label %{on}")
        self.label(out)
        self.line("ret i1 false")
        self.label(on)

    def when(self, condition: Bits) -> str:
        """Begin a block that is run if `condition` holds; the label to end it with."""
        do, after = self.new_label("do"), self.new_label("after")
        self.line(f"br i1 {self.ref(condition)}, label %{do}, label %{after}")
        self.label(do)
        return after

    def end_when(self, after: str) -> None:
        """End what `when` began."""
        self.line(f"br label %{after}")
        self.label(after)

    def put_cpsr(self, values: Iterable[Bits]) -> None:
        """Set the fields that CPSR consists of."""
        for name, value in zip(cpsr.FIELDS, values, strict=True):
            self.put(name, value)

    def faults_wait(self) -> Bits:
        """Whether a signal of those waits that a CPU raises, or the runtime wants to deliver."""
        found = self.get("signal_python", volatile=True)
        for slot in range(1, SIGNAL_SLOTS):
            found = found | self.get("signal_full", slot, volatile=True)
        return found.ne(0)

    def set_host_mask(self, mask: Bits, call: str) -> None:
        """Block at the host what the guest blocks, but never what a CPU raises.

        `run32_call` does not where a signal waits, whose delivery will.
        """
        block = self.temp("alloca i64, align 8")
        self.line(f"store volatile {self.typed(mask & ~NEVER_BLOCKED)}, ptr {block}, align 8")
        address = self.temp(f"ptrtoint ptr {block} to i64")
        number = f"i64 {SIGPROCMASK[self.module.host]}"
        args = f"i64 {SIG_SETMASK}, i64 {address}, i64 0, i64 8, i64 0, i64 0"
        if call == "run32_call":
            self.module.declare(call, SYSCALL)
            result = self.temp(f"call i64 @run32_call({args}, {number}, ptr %cpu)")
        else:
            self.module.declare(call, SYSCALL_DECLARATION)
            result = self.temp(f"call i64 @run32_syscall({number}, {args})")
        self.put("mask_stale", self.value(64, result).ne(0).zext(32))

    def finish_true(self) -> None:
        """End: return true."""
        self.line("ret i1 true")
        self.finish()


def emit_delivery(module: Module) -> None:
    """Emit `run32_settle` and what it consists of."""
    _deliver(module)
    _return(module)
    module.add(_settle_text())


# -- to the handler -------------------------------------------------------------------------------
class Action:
    """The disposition of a signal, as `%cpu` finds it."""

    def __init__(self, f: Step, signo: Bits) -> None:
        table = f.temp(f"load ptr, ptr {f.at('actions')}, align 8")
        entry = f.address(table, f.ref(signo.zext(64) * frame.ACTION_SIZE))

        def part(offset: int, width: int) -> Bits:
            return f.load(width, f.address(entry, offset), volatile=True)

        before = f.value(32, f.temp(f"load atomic i32, ptr {table} acquire, align 4"))
        self.handler = part(frame.HANDLER, 32)
        self.flags = part(frame.ACTION_FLAGS, 32)
        self.restorer = part(frame.RESTORER, 32)
        self.mask = part(frame.ACTION_MASK, 64)
        f.line("fence acquire")
        after = f.load(32, table, volatile=True)
        f.give_up_if(before.ne(after) | (before & 1).ne(0))
        f.give_up_if(self.handler.ule(1) | (self.flags & SA_RESTORER).eq(0))
        f.give_up_if((self.flags & SA_RESETHAND).ne(0))

    def has(self, flag: int) -> Bits:
        """Whether a flag is set."""
        return (self.flags & flag).ne(0)


def _deliver(module: Module) -> None:
    """Enter the handler of the signal in slot 0: a system call's result has been stored."""
    f = Step(module, "deliver_signal")
    f.give_up_if(f.get("signal_full", volatile=True).eq(0) | f.faults_wait())
    info = f.at("signal_info")
    signo, code = f.load(32, info), f.load(32, f.address(info, 8))
    is_sent = code.sle(0) & code.ne(SI_SIGIO & MASK32)
    is_child = signo.eq(SIGCHLD) & code.sgt(0) & code.sle(CHILD_CODES)
    f.give_up_if(~(is_sent | is_child | code.eq(SI_KERNEL)))
    action = Action(f, signo)
    is_rt = action.has(SA_SIGINFO)
    f.give_up_if((f.get("altstack", 1) & AUTODISARM).ne(0))
    _give_up_near_it(f)
    size = select(is_rt, Bits(32, frame.RT_SIZE), Bits(32, frame.SIZE))
    top = _top(f, action)
    f.give_up_if(top.ult(size))
    at = top - size & ~7 & MASK32
    after = f.when(is_rt)
    _store_info(f, f.guest(at), info, is_child, code.slt(0) & code.ne(SI_TKILL & MASK32))
    f.end_when(after)
    uc = at + select(is_rt, Bits(32, frame.SIGINFO), Bits(32, 0))
    _store_context(f, f.guest(uc - frame.SIGINFO), is_rt)
    _enter(f, signo, at, is_rt, action)
    mask = f.get("sigmask") | action.mask
    own = Bits(64, 1) << (signo.zext(64) - 1)
    mask = mask | select(action.has(SA_NODEFER), Bits(64, 0), own)
    f.put("sigmask", mask)
    for name in ("signal_full", "pending"):
        f.line(f"store volatile i32 0, ptr {f.at(name)}, align 4")
    after = f.when(f.faults_wait())  # came meanwhile
    f.line(f"store volatile i32 1, ptr {f.at('pending')}, align 4")
    f.end_when(after)
    f.set_host_mask(mask, "run32_syscall")  # no other can come before
    f.finish_true()


def _give_up_near_it(f: Step) -> None:
    """Leave it to the runtime if Thumb code may be inside an IT block."""
    pc = f.get("pc")
    after = f.when(f.get("thumb").ne(0))
    f.give_up_if(pc.ult(frame.REACH))
    found = Bits(64, 0)
    for back in (frame.REACH, 8):
        word = f.load(64, f.guest(pc - back), align=1, volatile=True)
        word = word ^ 0x0101010101010101 * frame.IT_BYTE
        found = found | (word - 0x0001000100010001 * 0x100) & ~word & 0x8000800080008000
    f.give_up_if(found.ne(0))
    f.end_when(after)


def _top(f: Step, action: Action) -> Bits:
    """Where the frame's room ends."""
    sp, base, length = f.get("r", SP), f.get("altstack"), f.get("altstack", 2)
    above = sp - base
    is_on = above.ne(0) & above.ule(length) & sp.ugt(base)
    is_switched = action.has(SA_ONSTACK) & length.ne(0) & ~is_on
    return select(is_switched, base + length, sp)


def _store_info(f: Step, to: str, info: str, is_child: Bits, has_value: Bits) -> None:
    """The guest's siginfo (see kernel/siginfo.py): what the union holds is words here."""
    for i in range(3):
        f.store(f.load(32, f.address(info, 4 * i)), f.address(to, 4 * i))
    none = Bits(32, 0)
    words = [f.load(32, f.address(info, 16)), f.load(32, f.address(info, 20))]
    words.append(select(is_child | has_value, f.load(32, f.address(info, 24)), none))
    words += [select(is_child, f.load(32, f.address(info, at)), none) for at in (32, 40)]
    for i, word in enumerate(words):
        f.store(word, f.address(to, 12 + 4 * i))
    for at in range(32, frame.SIGINFO, 8):
        f.store(Bits(64, 0), f.address(to, at))


def _store_context(f: Step, base: str, is_rt: Bits) -> None:
    """The ucontext; `base` is where the siginfo before it would begin."""

    def put(word: int, value: Bits | int) -> None:
        f.store(Bits(32, value) if isinstance(value, int) else value, f.address(base, 4 * word))

    put(frame.FLAGS, select(is_rt, Bits(32, 0), Bits(32, frame.OLD_FRAME)))
    for word in frame.ZERO:
        put(word, 0)
    for i in range(3):
        put(frame.STACK + i, f.get("altstack", i))
    for i in range(15):
        put(frame.REGISTERS + i, f.get("r", i))
    put(frame.PC, f.get("pc"))
    fields = {name: f.get(name) for name in cpsr.FIELDS}
    fields["z"] = fields["z"].eq(0).zext(32)
    fields["itstate"] = Bits(32, 0)
    put(frame.CPSR, cpsr.join(*fields.values()))
    put(frame.ADDRESS, f.get("last_fault"))
    put(frame.ERROR, f.get("last_fault", 1))
    mask = f.get("sigmask")
    put(frame.OLD_MASK, mask.trunc(32))
    f.store(mask, f.address(base, 4 * frame.MASK), align=4)
    put(frame.SPACE, frame.VFP_MAGIC)
    put(frame.SPACE + 1, frame.VFP_SIZE)
    for i in range(32):
        f.store(f.get("d", i), f.address(base, 4 * frame.VFP_D + 8 * i), align=4)
    put(frame.FPSCR, fpscr.join(f.module.host, f.get("fpscr"), f.get("guest_fpc")))
    put(frame.FPEXC, frame.FPEXC_EN)


def _enter(f: Step, signo: Bits, at: Bits, is_rt: Bits, action: Action) -> None:
    """Registers as the handler finds them."""
    f.put("r", signo)
    f.put("r", select(is_rt, at, f.get("r", 1)), 1)
    f.put("r", select(is_rt, at + frame.SIGINFO, f.get("r", 2)), 2)
    f.put("r", at, SP)
    f.put("r", action.restorer, LR)
    thumb = action.handler & 1
    f.put("pc", action.handler & select(thumb.ne(0), Bits(32, ~1 & MASK32), Bits(32, ~3 & MASK32)))
    for name, value in (("n", 0), ("z", 1), ("c", 0), ("v", 0), ("q", 0), ("itstate", 0)):
        f.put(name, value)
    f.put("thumb", thumb)
    f.put("endian", 0)
    f.put("ex_size", 0)


# -- and back -------------------------------------------------------------------------------------
def _return(module: Module) -> None:
    """sigreturn(2) and, if `%rt`, rt_sigreturn(2)."""
    f = Step(module, "return_from_signal", ", i1 %rt")
    is_rt = f.value(1, "%rt")
    f.give_up_if(f.get("pending", volatile=True).ne(0) | f.get("signal_python").ne(0))
    sp = f.get("r", SP)
    size = select(is_rt, Bits(32, frame.RT_SIZE), Bits(32, frame.SIZE))
    f.give_up_if((sp & 7).ne(0) | sp.ugt(Bits(32, 0) - size))
    staged = f.temp(f"alloca [{frame.RT_SIZE} x i8], align 8")
    skip = select(is_rt, Bits(64, 0), Bits(64, frame.SIGINFO))
    target = f.address(staged, f.ref(skip))
    f.module.declare("run32_do_copy", "declare hidden void @run32_do_copy(ptr, ptr, i64)")
    f.line(f"call void @run32_do_copy(ptr {target}, ptr {f.guest(sp)}, {f.typed(size.zext(64))})")

    def word(index: int, width: int = 32) -> Bits:
        return f.load(width, f.address(staged, 4 * index), align=4)

    status = word(frame.CPSR)
    f.give_up_if((status & cpsr.MODE).ne(cpsr.USER) | (status & (cpsr.MASKED | cpsr.IT)).ne(0))
    f.give_up_if(word(frame.SPACE).ne(frame.VFP_MAGIC))
    f.give_up_if(word(frame.SPACE + 1).ne(frame.VFP_SIZE))
    mask = word(frame.MASK, 64) & ~UNBLOCKABLE
    before = f.get("sigmask")
    f.give_up_if(((mask | before) & NEVER_BLOCKED).ne(0))
    differs = Bits(32, 0)
    for i in range(3):
        differs = differs | word(frame.STACK + i) ^ f.get("altstack", i)
    f.give_up_if(is_rt & differs.ne(0))
    for i in range(15):
        f.put("r", word(frame.REGISTERS + i), i)
    thumb = (status & cpsr.THUMB).ne(0)
    f.put("pc", word(frame.PC) & select(thumb, Bits(32, ~1 & MASK32), Bits(32, ~3 & MASK32)))
    f.put_cpsr(cpsr.split(status))
    for i in range(32):
        f.put("d", word(frame.VFP_D + 2 * i, 64), i)
    pieces = fpscr.split(f.module.host, word(frame.FPSCR))
    for name, piece in zip(("fpscr", "guest_fpc", "fpslow"), pieces, strict=True):
        f.put(name, piece)
    f.put("ex_size", 0)
    after = f.when(mask.ne(before))
    f.put("sigmask", mask)
    f.set_host_mask(mask, "run32_call")
    f.end_when(after)
    f.finish_true()


# -- what to do after guest code ------------------------------------------------------------------
_SETTLE = """
define hidden i1 @run32_settle(ptr %cpu) nounwind noinline {
  %rp = getelementptr i8, ptr %cpu, i64 <exit_reason>
  %reason = load i32, ptr %rp, align 4
  %np = getelementptr i8, ptr %cpu, i64 <running>
  %ap = getelementptr i8, ptr %cpu, i64 <exit_arg>
  %resultp = getelementptr i8, ptr %cpu, i64 <result>
  %pp = getelementptr i8, ptr %cpu, i64 <pending>
  switch i32 %reason, label %no [
    i32 EXIT_PENDING, label %deliver
    i32 EXIT_INTERRUPTED, label %call
    i32 EXIT_SYSCALL, label %syscall
  ]
call:
  %result = load i64, ptr %resultp, align 8
  switch i64 %result, label %settled [ UNSETTLED ]
settled:
  %r32 = trunc i64 %result to i32
  %r0 = getelementptr i8, ptr %cpu, i64 <r>
  store i32 %r32, ptr %r0, align 4
  br label %deliver
deliver:
  %why = phi i32 [ %reason, %0 ], [ %reason, %settled ], [ EXIT_PENDING, %more ]
  store i32 %why, ptr %ap, align 4
  store volatile i32 DELIVERY, ptr %np, align 4
  %done = call i1 @deliver_signal(ptr %cpu)
  br i1 %done, label %more, label %refused
refused:
  store i32 %why, ptr %rp, align 4
  br label %no
more:
  %pending = load volatile i32, ptr %pp, align 4
  %again = icmp ne i32 %pending, 0
  br i1 %again, label %deliver, label %on
syscall:
  %nrp = getelementptr i8, ptr %cpu, i64 NUMBER
  %nr = load i32, ptr %nrp, align 4
  %isold = icmp eq i32 %nr, OLD_SIGRETURN
  %isrt = icmp eq i32 %nr, RT_SIGRETURN
  %either = or i1 %isold, %isrt
  br i1 %either, label %return, label %no
return:
  store i32 %reason, ptr %ap, align 4
  store volatile i32 DELIVERY, ptr %np, align 4
  %back = call i1 @return_from_signal(ptr %cpu, i1 %isrt)
  br i1 %back, label %on, label %no
on:
  store i32 0, ptr %rp, align 4
  store volatile i32 GUEST, ptr %np, align 4
  ret i1 true
no:
  ret i1 false
}
"""


def _settle_text() -> str:
    text = _SETTLE
    for name, field in ARM.fields.items():
        text = text.replace(f"<{name}>", str(field.offset))
    for name, value in (
        ("EXIT_PENDING", EXIT_PENDING),
        ("EXIT_INTERRUPTED", EXIT_INTERRUPTED),
        ("EXIT_SYSCALL", EXIT_SYSCALL),
        ("UNSETTLED", " ".join(f"i64 {value}, label %no" for value in UNSETTLED)),
        ("DELIVERY", DELIVERY),
        ("NUMBER", ARM["r"].offset + 4 * NUMBER),
        ("OLD_SIGRETURN", SIGRETURN),
        ("RT_SIGRETURN", RT_SIGRETURN),
        ("GUEST", GUEST),
    ):
        text = text.replace(name, str(value))
    return text
