"""The native interpreter's handlers: every form of every row, operands read from the slot.

A handler is `preserve_nonecc void (cpu, ip, mem, code, shadow)` and ends by a `musttail` call of
the next slot's handler: a chain of handlers is a chain of jumps with these five values in
registers. Guest state lives in the `cpu` struct; whatever may fault first stores `ip` there.

Invariants: slot addresses derive from 32-bit guest addresses (masked to the instruction's alignment
when they come from a register), so no guest value can make `ip` leave the shadow; `mem` is only
used with a zero-extended 32-bit offset.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from run32.codegen import crypto, fp, fppacked
from run32.codegen.ir import Function, Module
from run32.codegen.regiongates import PINNED_FLOAT, PINNED_REST
from run32.spec.bits import Bits, cat, select
from run32.spec.errors import RowError
from run32.spec.machine import EXIT_ALIGNMENT, EXIT_SYSCALL
from run32.spec.rows import Encoding, Operands
from run32.spec.state import ARM, NARROW, State
from run32.spec.vector import Vec

# Handlers and regions have one prototype, so that either can jump to the other. Handlers have no
# use for the last twelve; regions have guest registers in all but %cpu and %mem.
_SPARE = ["i32"] * len(PINNED_REST) + ["float"] * len(PINNED_FLOAT)
PARAMS = "ptr %cpu, ptr %ip, ptr %mem, ptr %code, ptr %shadow" + "".join(
    f", {t} %spare{i}" for i, t in enumerate(_SPARE)
)
SPARES = "".join(f", {t} poison" for t in _SPARE)
CONVENTION = "preserve_nonecc"
SLOT = 16
SLOT_REGS = 4
SLOT_IMM = 8
SLOT_NEXT = 12
GUEST_PAGE = 4096


class Handler(Function):
    """A function with the handlers' signature and the ways such a function ends."""

    def __init__(self, module: Module, name: str) -> None:
        super().__init__(module, name, PARAMS, convention=CONVENTION)

    def jump(self, offset: Bits, ip: str, shadow: str = "%shadow") -> None:
        """End: go on at the handler with that blob offset (i32), with slot `ip`."""
        wide = offset.zext(64)
        target = self.address("%code", self.ref(wide))
        self.line(
            f"musttail call {CONVENTION} void {target}"
            f"(ptr %cpu, ptr {ip}, ptr %mem, ptr %code, ptr {shadow}{SPARES})"
        )
        self.line("ret void")

    def dispatch(self, ip: str, shadow: str = "%shadow") -> None:
        """End: execute slot `ip`."""
        self.jump(self.load(32, ip), ip, shadow)

    def tail(self, name: str, ip: str = "%ip", shadow: str = "%shadow") -> None:
        """End: go on in the named function."""
        self.module.declare(name, f"declare hidden {CONVENTION} void @{name}({PARAMS})")
        self.line(
            f"musttail call {CONVENTION} void @{name}"
            f"(ptr %cpu, ptr {ip}, ptr %mem, ptr %code, ptr {shadow}{SPARES})"
        )
        self.line("ret void")

    def field(self, state: State, name: str, index: int = 0) -> str:
        """Pointer to a field of the cpu struct."""
        f = state[name]
        return self.address("%cpu", f.offset + index * f.width // 8)

    def poll(self, state: State, ip: str, shadow: str) -> None:
        """Leave guest code at slot `ip` when `pending` is set."""
        pending = self.load(32, self.field(state, "pending"))
        away, stay = self.new_label("pending"), self.new_label("go")
        self.line(f"br i1 {self.ref(pending.ne(0))}, label %{away}, label %{stay}, !prof !0")
        self.label(away)
        self.tail("leave_pending", ip, shadow)
        self.label(stay)
        fuel = self.field(state, "fuel")
        left = self.load(32, fuel) - 1
        self.store(left, fuel)
        away, stay = self.new_label("hot"), self.new_label("go")
        self.line(f"br i1 {self.ref(left.eq(0))}, label %{away}, label %{stay}, !prof !0")
        self.label(away)
        self.tail("leave_hot", ip, shadow)
        self.label(stay)


class InterpMachine:
    """`spec.machine.Machine` that emits one handler."""

    STRIDE_SHIFT = {"a32": 2, "t16": 3, "t32": 3}

    def __init__(self, f: Handler, state: State, slots: int, set_: str | None) -> None:
        self.f = f
        self.state = state
        self.slots = slots  # 16-byte slots this instruction owns
        self.set = set_  # None when the code serves both ARM and Thumb state
        self.ip = "%ip"  # slot of the instruction being emitted
        self.ended = False
        self.imm: Bits | None = None
        self.skip: Bits | None = None  # slots that the instruction owns, where code serves both
        self._ip_stored = False

    # -- operands ---------------------------------------------------------------------------------
    def operands(self, e: Encoding) -> Operands:
        """The operands of an encoding, read from the slot at run time."""
        values: dict[str, Any] = dict(zip(e.form.static, e.static, strict=True))
        invariant = ", !invariant.load !1"
        for i, name in enumerate(e.form.regs):
            pointer = self.f.address("%ip", SLOT_REGS + i)
            values[name] = self.f.load(8, pointer, extra=invariant)
        if e.form.imm:
            self.imm = self.f.load(32, self.f.address("%ip", SLOT_IMM), extra=invariant)
            values[e.form.imm] = self.imm
        self.skip = values.get("skip")
        return Operands(**values)

    # -- registers and state ----------------------------------------------------------------------
    def _indexed(self, name: str, index: Bits, width: int) -> str:
        wide = index.zext(64)
        base = self.f.field(self.state, name)
        return self.f.temp(f"getelementptr i{width}, ptr {base}, {self.f.typed(wide)}")

    def reg(self, number: Bits) -> Bits:
        return self.f.load(32, self._indexed("r", number, 32))

    def set_reg(self, number: Bits, value: Bits) -> None:
        self.f.store(self._check(value, 32), self._indexed("r", number, 32))

    def sreg(self, number: Bits) -> Bits:
        return self.f.load(32, self._indexed("d", number, 32))

    def set_sreg(self, number: Bits, value: Bits) -> None:
        self.f.store(self._check(value, 32), self._indexed("d", number, 32))

    def dreg(self, number: Bits) -> Bits:
        return self.f.load(64, self._indexed("d", number, 64))

    def set_dreg(self, number: Bits, value: Bits) -> None:
        self.f.store(self._check(value, 64), self._indexed("d", number, 64))

    def qreg(self, number: Bits) -> Bits:
        return self.f.load(128, self._indexed("d", number, 64), align=8)

    def set_qreg(self, number: Bits, value: Bits) -> None:
        self.f.store(self._check(value, 128), self._indexed("d", number, 64), align=8)

    @staticmethod
    def _check(value: Bits, width: int) -> Bits:
        if value.width != width:
            raise RowError(f"a register of {width} bits is given {value.width} bits")
        return value

    def get(self, name: str) -> Bits:
        field = self.state[name]
        value = self.f.load(field.width, self.f.field(self.state, name))
        narrow = NARROW.get(name)
        return value.trunc(narrow) if narrow else value

    def put(self, name: str, value: Bits) -> None:
        field = self.state[name]
        self.f.store(value.zext(field.width), self.f.field(self.state, name))

    def less(self) -> Bits:
        return self.get("n")[31] ^ self.get("v")

    def put_less(self, less: Bits) -> None:
        """Nothing is kept: N and V are."""

    # -- memory -----------------------------------------------------------------------------------
    def _fault_point(self) -> None:
        if not self._ip_stored:
            self.f.line(f"store ptr {self.ip}, ptr {self.f.field(self.state, 'ip')}, align 8")
            self._ip_stored = True

    def _guest(self, address: Bits) -> str:
        return self.f.address("%mem", self.f.ref(self._check(address, 32).zext(64)))

    def load(self, address: Bits, width: int) -> Bits:
        self._fault_point()
        return self.f.load(width, self._guest(address), align=1)

    def store(self, address: Bits, value: Bits) -> None:
        self._fault_point()
        self.f.store(value, self._guest(address), align=1)

    def _loop(self, list_: Bits, address: Bits, body: Callable[[Bits, Bits], None]) -> None:
        """`body(register number, address)` for each one bit, lowest first."""
        f = self.f
        if list_.is_const:
            numbers = [bit for bit in range(list_.width) if list_.value >> bit & 1]
            for i, number in enumerate(numbers):
                body(Bits(32, number), address + 4 * i)
            return
        head, again, done = (f.new_label(s) for s in ("multiple", "again", "done"))
        list0, address0 = f.ref(list_), f.ref(address)
        entry = f.new_label("entry")
        f.line(f"br label %{entry}")
        f.label(entry)
        f.line(f"br i1 {f.ref(list_.ne(0))}, label %{head}, label %{done}")
        f.label(head)
        n = f.new_label("n")
        f.lines.append(f"  %{n}.l = phi i32 [ {list0}, %{entry} ], [ %{n}.l2, %{again} ]")
        f.lines.append(f"  %{n}.a = phi i32 [ {address0}, %{entry} ], [ %{n}.a2, %{again} ]")
        current, where = f.value(32, f"%{n}.l"), f.value(32, f"%{n}.a")
        body(current.ctz(), where)
        f.line(f"br label %{again}")
        f.label(again)
        f.lines.append(f"  %{n}.m = sub i32 %{n}.l, 1")
        f.lines.append(f"  %{n}.l2 = and i32 %{n}.l, %{n}.m")
        f.lines.append(f"  %{n}.a2 = add i32 %{n}.a, 4")
        f.lines.append(f"  %{n}.c = icmp ne i32 %{n}.l2, 0")
        f.line(f"br i1 %{n}.c, label %{head}, label %{done}")
        f.label(done)

    def _probe(self, address: Bits, words: Bits) -> None:
        """Fault now, lowest address first, if any of `words` words is not readable."""
        last = address + words * 4 - 4
        page = Bits(32, -GUEST_PAGE)
        crosses = ((address ^ last) & page).ne(0) & words.ne(0)

        def touch() -> None:
            for where in (address, last & page):
                self.f.temp(f"load volatile i8, ptr {self._guest(where)}, align 1")

        self.when(crosses, touch)

    def load_multiple(self, address: Bits, registers: Bits) -> None:
        self._fault_point()
        self._probe(address, registers.popcount())
        self._loop(
            registers.zext(32), address, lambda i, a: self.set_reg(i.trunc(8), self.load(a, 32))
        )

    def store_multiple(self, address: Bits, registers: Bits) -> None:
        self._fault_point()
        self._loop(registers.zext(32), address, lambda i, a: self.store(a, self.reg(i.trunc(8))))

    def _fmultiple(self, address: Bits, first: Bits, count: Bits, *, store: bool) -> None:
        f = self.f
        self._fault_point()
        start = first.zext(32)
        room = Bits(32, 64) - start
        words = count.zext(32)
        words = select(words.ugt(room), room, words)
        if not store:
            self._probe(address, words)
        entry, head, again, done = (f.new_label(s) for s in ("entry", "word", "again", "done"))
        f.line(f"br label %{entry}")
        f.label(entry)
        f.line(f"br i1 {f.ref(words.ne(0))}, label %{head}, label %{done}")
        f.label(head)
        n = f.new_label("n")
        f.lines.append(f"  %{n}.i = phi i32 [ 0, %{entry} ], [ %{n}.i2, %{again} ]")
        i = f.value(32, f"%{n}.i")
        index, where = (start + i).trunc(8), address + (i << 2)
        if store:
            self.store(where, self.sreg(index))
        else:
            self.set_sreg(index, self.load(where, 32))
        f.line(f"br label %{again}")
        f.label(again)
        f.lines.append(f"  %{n}.i2 = add i32 %{n}.i, 1")
        f.lines.append(f"  %{n}.c = icmp ult i32 %{n}.i2, {f.ref(words)}")
        f.line(f"br i1 %{n}.c, label %{head}, label %{done}")
        f.label(done)

    def fload_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        self._fmultiple(address, first, count, store=False)

    def fstore_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        self._fmultiple(address, first, count, store=True)

    def compare_exchange(self, address: Bits, expected: Bits, new: Bits) -> Bits:
        self._fault_point()
        t = f"i{new.width}"
        pair = self.f.temp(
            f"cmpxchg ptr {self._guest(address)}, {t} {self.f.ref(expected)}, "
            f"{t} {self.f.ref(new)} seq_cst seq_cst"
        )
        return self.f.value(1, self.f.temp(f"extractvalue {{ {t}, i1 }} {pair}, 1"))

    def load_acquire(self, address: Bits, width: int) -> Bits:
        self._fault_point()
        text = f"load atomic volatile i{width}, ptr {self._guest(address)} seq_cst"
        return self.f.value(width, self.f.temp(f"{text}, align {width // 8}"))

    def store_release(self, address: Bits, value: Bits) -> None:
        self._fault_point()
        what, where = self.f.typed(value), self._guest(address)
        self.f.line(f"store atomic volatile {what}, ptr {where} seq_cst, align {value.width // 8}")

    def fence(self) -> None:
        self.f.line("fence seq_cst")

    def require_aligned(self, address: Bits, size: int | Bits) -> None:
        bad, good = self.f.new_label("unaligned"), self.f.new_label("aligned")
        wrong = (address & (size - 1)).ne(0)
        self.f.line(f"br i1 {self.f.ref(wrong)}, label %{bad}, label %{good}, !prof !0")
        self.f.label(bad)
        self._leave(EXIT_ALIGNMENT, address, advance=False)
        self.f.label(good)

    def when(self, cond: Bits, body: Callable[[], None]) -> None:
        if cond.is_const:
            if cond.value:
                body()
            return
        then, after = self.f.new_label("then"), self.f.new_label("after")
        self.f.line(f"br i1 {self.f.ref(cond)}, label %{then}, label %{after}")
        self.f.label(then)
        stored = self._ip_stored
        body()
        self._ip_stored = stored
        self.f.line(f"br label %{after}")
        self.f.label(after)

    # -- control flow -----------------------------------------------------------------------------
    @property
    def _shift(self) -> int:
        if self.set is None:
            raise RowError("a form that uses pc or branches must say wide_mode=True")
        return self.STRIDE_SHIFT[self.set]

    def pc(self) -> Bits:
        f = self.f
        a = f.value(64, f.temp(f"ptrtoint ptr {self.ip} to i64"))
        b = f.value(64, f.temp("ptrtoint ptr %shadow to i64"))
        return ((a - b) >> self._shift).trunc(32)

    def next_pc(self) -> Bits:
        return self.pc() + self.slots * SLOT // (1 << self._shift)

    def _next_ip(self) -> str:
        if self.skip is not None:
            return self.f.address(self.ip, self.f.ref(self.skip.zext(64) << 4))
        return self.f.address(self.ip, self.slots * SLOT)

    def _slot(self, target: Bits) -> str:
        """The slot of a branch target in the same state."""
        aligned = target & (-4 if self._shift == 2 else -2)
        wide = aligned.zext(64) << self._shift
        return self.f.address("%shadow", self.f.ref(wide))

    def _go(self, target: Bits) -> None:
        ip = self._slot(target)
        self.f.poll(self.state, ip, "%shadow")
        self.f.dispatch(ip)

    def branch(self, target: Bits) -> None:
        self._go(target)
        self.ended = True

    def branch_if(self, cond: Bits, target: Bits) -> None:
        taken, fall = self.f.new_label("taken"), self.f.new_label("fall")
        self.f.line(f"br i1 {self.f.ref(cond)}, label %{taken}, label %{fall}")
        self.f.label(taken)
        self._go(target)
        self.f.label(fall)
        self.f.dispatch(self._next_ip())
        self.ended = True

    def bx(self, target: Bits) -> None:
        f = self.f
        thumb = target[0]
        shadows = [
            f.temp(f"load ptr, ptr {f.field(self.state, name)}, align 8")
            for name in ("shadow_t", "shadow_a")
        ]
        shadow = f.temp(f"select i1 {f.ref(thumb)}, ptr {shadows[0]}, ptr {shadows[1]}")
        mask = cat(Bits(30, (1 << 30) - 1), thumb, Bits(1, 0))
        wide = (target & mask).zext(64) << (thumb.zext(64) + 2)
        ip = f.address(shadow, f.ref(wide))
        f.poll(self.state, ip, shadow)
        f.dispatch(ip, shadow)
        self.ended = True

    def _leave(self, reason: int, arg: Bits | None, *, advance: bool) -> None:
        f = self.f
        f.store(Bits(32, reason), f.field(self.state, "exit_reason"))
        if arg is not None:
            f.store(arg, f.field(self.state, "exit_arg"))
        f.tail("leave", self._next_ip() if advance else self.ip)

    def exit(self, reason: int, arg: Bits | None = None, *, advance: bool = False) -> None:
        if reason == EXIT_SYSCALL:
            self.f.tail("enter_syscall", self._next_ip())
        else:
            self._leave(reason, arg, advance=advance)
        self.ended = True

    # -- floating point ---------------------------------------------------------------------------
    def fp(self, operation: str, width: int, *operands: Bits) -> Bits:
        self.f.attributes = "nounwind strictfp"
        return fp.emit(self.f, operation, width, *operands)

    def compared(self) -> Bits:
        return self.get("fpscr")[31:28]

    def put_compared(self, nzcv: Bits) -> None:
        self.put("fpscr", self.get("fpscr") & 0x0FFFFFFF | nzcv.zext(32) << 28)

    def fp_lanes(self, operation: str, *operands: Vec, fraction: Bits | None = None) -> Vec:
        self.f.attributes = "nounwind strictfp"
        if operands[0].lane == 16:
            more = [] if fraction is None else [fraction]
            rows = ([v.get(i) for v in operands] for i in range(operands[0].count))
            return Vec.of([self.fp(operation, 16, *row, *more) for row in rows])
        return fppacked.emit(self.f, operation, *operands, fraction=fraction)

    def crypto(self, operation: str, *operands: Bits) -> Bits:
        return crypto.emit(self.f, operation, *operands)

    def read_fpscr(self) -> Bits:
        """FPSCR, sticky flags of the host control word included."""
        return fp.emit_read_fpscr(self.f)

    def write_fpscr(self, value: Bits) -> None:
        """Set FPSCR and the host control word that follows from it."""
        fp.emit_write_fpscr(self.f, value)


def emit_handler(module: Module, name: str, e: Encoding, state: State = ARM) -> None:
    """Emit the handler that serves encoding `e` (and all with the same key)."""
    f = Handler(module, name)
    slots = 2 if e.set == "t32" else 1
    m = InterpMachine(f, state, slots, e.set if e.form.wide_mode else None)
    try:
        e.form.run(m, m.operands(e), e.row.sem)
    except Exception as error:
        raise RowError(f"{e.row.where}: row {e.row.name!r}, {e!r}: {error}") from error
    if not m.ended:
        f.dispatch(m._next_ip())
    f.finish()


METADATA = '!0 = !{!"branch_weights", i32 1, i32 10000}\n!1 = !{}\n'
