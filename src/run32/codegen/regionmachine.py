"""`spec.machine.Machine` for regions: guest registers are variables of one host function.

Each register is a stack slot that LLVM promotes. A path that ends leaves a marker; what must be
stored there is known when the whole function is (`codegen/translate.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from run32.codegen import checks, divide
from run32.codegen.checks import Check
from run32.codegen.flags import FLAGS
from run32.codegen.fpfast import FLOAT
from run32.codegen.places import Place, Sum
from run32.codegen.regionfloat import FloatMachine
from run32.codegen.regionfunction import (
    BIAS,
    DIRECT,
    INTERPRET,
    PENDING,
    POLLED,
    SYNC,
    TABLE,
    Changes,
    Exit,
    Flags,
    RegionFunction,
    symbol,
)
from run32.codegen.unit import Block, it_start
from run32.spec.bits import Bits
from run32.spec.errors import RowError
from run32.spec.pages import READABLE, WRITABLE
from run32.spec.rows import Decoded, Fields, Operands
from run32.spec.state import ARM, NARROW

if TYPE_CHECKING:
    from run32.codegen.translate import Region

TRACKED = ("n", "z", "c", "v", "q", "ge", "ex_address", "ex_size", "ex_value")
STATUS = ("vmrs", "vmsr")  # not the same when they are executed again
NEAR = 4096  # offsets that an access adds to the host's address; the guards are larger


class RegionMachine(FloatMachine):
    """`spec.machine.Machine` with registers as variables of one host function."""

    def __init__(self, f: RegionFunction, region: Region, places: set[int]) -> None:
        super().__init__(f, ARM, 1, None)
        self.region = region
        self.places = places
        self.block: Block
        self.insn: Decoded
        self.changes = Changes(set())
        self.is_conditional = 0
        self.has_synced = False
        self.checks: dict[str, Check] = {}
        """Looks at the map of pages by the value that accesses are relative to."""
        self._roots: dict[int, tuple[str, int]] = {}
        self._kept: dict[str, Check] = {}
        self.flags: Flags = {}
        self.passed: dict[int, list[tuple[int, Flags]]] = {}
        """From which blocks control comes to one, and what flags are made of there."""
        self._run = self._values = 0
        self.is_loose = self._has_looked = False
        self.can_repeat = False
        """Whether all since the last place where state was stored may be executed again."""
        self.r15: Bits | None = None
        self.wanted = FLAGS
        """Flags that are read behind the instruction."""
        self.less_is_old = False
        self.leads_to: list[tuple[int, Changes]] = []
        """Blocks of the region that this one goes on with, a call of the entry included, and what
        has changed on the way there."""

    # -- instructions -----------------------------------------------------------------------------
    def begin_block(self, block: Block) -> None:
        """Go on with another block."""
        self.block = block
        self.changes = Changes(set())
        self.can_repeat = False
        self.is_loose = False
        self.checks, self._roots, self.flags = {}, {}, {}

    def begin(self, insn: Decoded, wanted: frozenset[str]) -> None:
        """Go on with `insn`, behind which the flags in `wanted` are read."""
        if self.region.checked:
            self._begin_run()
        self.wanted = wanted
        self.insn = insn
        self.set = insn.encoding.set
        self.ended = False
        self.has_synced = False
        if insn.encoding.row.name in STATUS:
            self.can_repeat = False
        self.r15 = None

    def _begin_run(self) -> None:
        """Note what of the looks at the map still counts."""
        if self.is_loose:
            self.checks = self._kept
        if self.is_loose or not self.can_repeat:
            self._run += 1
        self._kept = dict(self.checks)
        self.is_loose = self._has_looked = False
        self.can_repeat = True

    def operands(self, e: Any) -> Operands:
        insn = self.insn
        if self.region.biased and insn.uses_pc:
            width = 16 if insn.encoding.set == "t16" else 32
            inside = Bits(1, insn.encoding.it or 0)
            word = Bits(width, insn.word)
            found: Operands = e.operands(Fields(e.pattern, word, Place(self.f, insn.pc), inside))
            return found
        return insn.operands

    @property
    def thumb(self) -> int:
        """1 in Thumb code."""
        return self.block.start & 1

    def value_of(self, place: int) -> Bits:
        """A place of the unit as a run-time value."""
        return Place(self.f, place) if self.region.biased else Bits(32, place)

    def pc(self) -> Bits:
        return self.value_of(self.insn.pc)

    def next_pc(self) -> Bits:
        return self.value_of(self.insn.pc + self.insn.length)

    # -- registers --------------------------------------------------------------------------------
    def reg(self, number: Bits) -> Bits:
        if number.value == 15:
            return self.pc() + (4 if self.thumb else 8) if self.r15 is None else self.r15
        n = number.value
        base = self.f.load(32, self.f.variable(f"r{n}")).name
        if not self.region.checked:
            return Sum(self.f, base, 0)
        root = self._roots.get(n)
        if root is None:
            root = self._roots[n] = (f"r{n}.{self._values}", 0)
        return Sum(self.f, base, 0, *root)

    def set_reg(self, number: Bits, value: Bits) -> None:
        self._check(value, 32)
        if number.value == 15:
            self.r15 = value
            return
        if self.region.checked:
            self._values += 1
            self._roots.pop(number.value, None)
            if isinstance(value, Sum) and not self.is_conditional:
                self._roots[number.value] = (value.root, value.shift + value.offset)
        self._write(f"r{number.value}", value)

    def _write(self, key: str, value: Bits) -> None:
        self.f.store(value, self.f.variable(key))
        self.changed(key)

    def changed(self, key: str) -> None:
        self.changes.own.add(key)

    def get(self, name: str) -> Bits:
        if name not in TRACKED:
            return super().get(name)
        value = self.f.load(self.state[name].width, self.f.variable(name))
        narrow = NARROW.get(name)
        return value.trunc(narrow) if narrow else value

    def put(self, name: str, value: Bits) -> None:
        if name not in TRACKED:
            super().put(name, value)
            self.can_repeat = False
            return
        if name in FLAGS and name not in self.wanted:
            return
        value = value.zext(self.state[name].width)
        self._write(name, value)
        if self.region.checked and name in FLAGS:
            self.flags[name] = None if self.is_conditional else self.f.typed(value)
        if name in "nv":
            self.less_is_old = True

    def less(self) -> Bits:
        return self.f.load(1, self.f.variable("less"), align=1)

    def put_less(self, less: Bits) -> None:
        """N != V is a variable of its own: a comparison's is one of the host."""
        if self.wanted.issuperset("nv"):
            self.f.store(less, self.f.variable("less"), align=1)
            self.less_is_old = False

    def settle(self) -> None:
        """The instruction has written its flags."""
        if self.less_is_old:
            self.compute_less()
            self.less_is_old = False

    def compute_less(self) -> None:
        """N != V from the flags."""
        self.put_less(super().less())

    # -- memory -----------------------------------------------------------------------------------
    def _guest(self, address: Bits) -> str:
        """The host's address. A small offset is added behind the 32-bit address: what then lies
        outside of the guest's 4 GiB meets a guard, as it meets nothing where it really is."""
        if isinstance(address, Sum) and abs(address.offset) <= NEAR:
            wide = self.f.temp(f"zext i32 {address.base} to i64")
            return self.f.address(self.f.address("%mem", wide), address.offset)
        return super()._guest(address)

    def load(self, address: Bits, width: int) -> Bits:
        constant = self.region.literal(address, width)
        if constant is not None:
            return Bits(width, constant)
        self._fault_point(address, width // 8)
        pointer = self._guest(address)
        if width > 64 or not self._is_vfp(width):
            return self.f.load(width, pointer, align=1, volatile=True)
        kind = FLOAT[width]
        number = self.f.temp(f"load volatile {kind}, ptr {pointer}, align 1")
        return self.f.value(width, self.f.temp(f"bitcast {kind} {number} to i{width}"))

    def store(self, address: Bits, value: Bits) -> None:
        self._fault_point(address, value.width // 8, WRITABLE)
        pointer = self._guest(address)
        what = self.f.stored(value)
        if value.width <= 64 and what[0] == "i" and self._is_vfp(value.width):
            kind = FLOAT[value.width]
            what = f"{kind} {self.f.temp(f'bitcast {what} to {kind}')}"
        self.f.line(f"store volatile {what}, ptr {pointer}, align 1")
        self.can_repeat = False

    def load_acquire(self, address: Bits, width: int) -> Bits:
        self._fault_point(address, width // 8)
        value = super().load_acquire(address, width)
        self.can_repeat = False
        return value

    def _is_vfp(self, width: int) -> bool:
        """Whether an access goes straight from or to the host's floating-point registers."""
        return width >= 32 and self.insn.encoding.row.name[0] == "v"

    def compare_exchange(self, address: Bits, expected: Bits, new: Bits) -> Bits:
        """Memory that nobody else accesses needs no atomic operation: no signal comes between."""
        f = self.f
        self.can_repeat = False  # or only one of the ways would store the state
        self._fault_point(address, new.width // 8, WRITABLE)
        shared, alone, same, after = (f.new_label(s) for s in ("shared", "alone", "same", "after"))
        f.line(f"br i1 {self._is_alone()}, label %{alone}, label %{shared}")
        f.label(alone)
        found = self.load(address, new.width).eq(expected)
        f.line(f"br i1 {f.ref(found)}, label %{same}, label %{after}")
        f.label(same)
        self.store(address, new)
        f.line(f"br label %{after}")
        f.label(shared)
        done = f.ref(super().compare_exchange(address, expected, new))
        f.line(f"br label %{after}")
        f.label(after)
        self.can_repeat = False
        ways = f"[ false, %{alone} ], [ true, %{same} ], [ {done}, %{shared} ]"
        return f.value(1, f.temp(f"phi i1 {ways}"))

    def store_release(self, address: Bits, value: Bits) -> None:
        f = self.f
        self.can_repeat = False
        self._fault_point(address, value.width // 8, WRITABLE)
        shared, alone, after = (f.new_label(s) for s in ("shared", "alone", "after"))
        f.line(f"br i1 {self._is_alone()}, label %{alone}, label %{shared}")
        f.label(alone)
        self.store(address, value)
        f.line(f"br label %{after}")
        f.label(shared)
        super().store_release(address, value)
        f.line(f"br label %{after}")
        f.label(after)
        self.can_repeat = False

    def fence(self) -> None:
        f = self.f
        shared, after = f.new_label("shared"), f.new_label("after")
        f.line(f"br i1 {self._is_alone()}, label %{after}, label %{shared}")
        f.label(shared)
        super().fence()
        f.line(f"br label %{after}")
        f.label(after)
        self.can_repeat = False

    def _is_alone(self) -> str:
        """Whether nobody else accesses memory that the guest writes to."""
        return self.f.ref(self.f.load(32, self.f.field(ARM, "parallel")).eq(0))

    def load_multiple(self, address: Bits, registers: Bits) -> None:
        numbers = [n for n in range(16) if registers.value >> n & 1]
        values = [self.load(address + 4 * i, 32) for i in range(len(numbers))]
        for number, value in zip(numbers, values, strict=True):
            self.set_reg(Bits(8, number), value)

    def store_multiple(self, address: Bits, registers: Bits) -> None:
        numbers = [n for n in range(16) if registers.value >> n & 1]
        for i, number in enumerate(numbers):
            self.store(address + 4 * i, self.reg(Bits(8, number)))

    def _fault_point(self, address: Bits | None = None, size: int = 0, bit: int = READABLE) -> None:
        """State is complete here, or was where all since may be repeated: an access follows.

        Loads may, and what changes registers; a store only as the last. A place where control
        comes from elsewhere says so itself, as going on from there would lead here again.
        """
        if self.region.checked:
            if address is not None:
                self._look(address, size, bit)
            return
        if not self.region.exact or self.has_synced or self.can_repeat:
            return
        self._sync()
        if not self.is_conditional:
            self.has_synced = True
            self.changes = Changes(set(), True)
            self.can_repeat = self.insn.pc | self.thumb not in self.region.unit.entries

    def _sync(self) -> None:
        start = it_start(self.block, self.insn) if self.thumb else 0
        if start:  # `runtime/faults.py` makes ITSTATE of it
            pointer = self.f.address("%cpu", ARM["exit_arg"].offset)
            where = self.f.typed(self.value_of(start))
            self.f.line(f"store volatile {where}, ptr {pointer}, align 4")
        self.leave(SYNC, self.here())

    def _look(self, address: Bits, size: int, bit: int) -> None:
        """Store state where the access might fault; nothing counts as stored behind."""
        f = self.f
        if isinstance(address, Sum):
            root, base, at, low = address.root, address.base, address.shift, address.offset
        else:
            root = base = f.ref(address)
            at = low = 0
        check = self.checks.get(root)
        if check is None or not check.takes(at + low, at + low + size):
            if self._has_looked:
                raise RowError("accesses that are not off the same value")
            check = checks.begin(f, self.block.start, base, at, low, size)
            self.checks[root] = check
        if check.runs.get(bit) == self._run or check.runs.get(WRITABLE) == self._run:
            return
        self._has_looked = True
        check.runs[bit] = self._run
        unsure, sure = f.new_label("unsure"), f.new_label("sure")
        none = f.temp(f"icmp eq i8 {f.temp(f'and i8 {check.name}, {bit}')}, 0")
        f.line(f"br i1 {none}, label %{unsure}, label %{sure}, !prof !0")
        f.lines.append(f"{unsure}:")  # nothing is computed there that is used later
        self._sync()
        f.line(f"br label %{sure}")
        f.lines.append(f"{sure}:")
        if self.insn.pc | self.thumb in self.region.unit.entries:
            self.can_repeat = False

    def when(self, cond: Bits, body: Callable[[], None]) -> None:
        self.is_loose = True
        self.is_conditional += 1
        super().when(cond, body)
        self.is_conditional -= 1

    def require_aligned(self, address: Bits, size: int | Bits) -> None:
        wrong = (address & (size - 1)).ne(0)
        if wrong.is_const and not wrong.value:
            return
        bad, good = self.f.new_label("unaligned"), self.f.new_label("aligned")
        self.f.line(f"br i1 {self.f.ref(wrong)}, label %{bad}, label %{good}, !prof !0")
        self.f.label(bad)
        self._interpret()
        self.f.label(good)

    def _interpret(self) -> None:
        """Leave this instruction to the interpreter, which knows an IT block by its beginning."""
        start = it_start(self.block, self.insn) if self.thumb else 0
        if start:
            name = "run32_decode_it"
            declared = f"declare hidden void @{name}(ptr, i32, i32) cold nounwind"
            self.f.module.declare(name, declared)
            places = (self.f.typed(self.value_of(p)) for p in (start, self.insn.pc))
            given = ", ".join(["ptr %cpu", *places])
            self.f.line(f"call {self.f.module.rare} void @{name}({given}) cold")
        self.leave(INTERPRET, self.here())

    # -- control flow -----------------------------------------------------------------------------
    def here(self) -> Bits:
        """The place of this instruction."""
        return self.value_of(self.insn.pc | self.thumb)

    def following(self) -> Bits:
        """The place of the next instruction."""
        return self.value_of(self.insn.pc + self.insn.length | self.thumb)

    def goes_on_with(self, place: int) -> None:
        """Control goes from here to the block at `place`, of the same region."""
        self.leads_to.append((place, self.changes.copy()))
        if self.region.checked:
            self.passed.setdefault(place, []).append((self.block.start, dict(self.flags)))

    def leave(self, kind: int, target: Bits | str, dead: frozenset[str] = frozenset()) -> None:
        """End the path: a marker, to be replaced when it is known what must be stored.

        Nobody reads the flags in `dead`.
        """
        f = self.f
        if kind == SYNC and self.region.checked and isinstance(target, Place):
            # seldom executed: it is not worth a register all the time
            f.module.declare(BIAS, f"@{BIAS} = external hidden global i32")
            bias = f.temp(f"load volatile i32, ptr @{BIAS}, align 4")
            name = f.temp(f"add i32 {bias}, {target.place}")
        else:
            name = target if isinstance(target, str) else f.ref(target)
        if self.region.exact:
            dead = frozenset()  # whoever looks at the state of a later fault does
        f.exits.append(Exit(kind, name, self.block.start, self.changes.copy(), dead))
        if kind == SYNC and self.region.checked:
            f.exits[-1].flags = dict(self.flags)
        f.lines.append(f"\0{len(f.exits) - 1}")

    def poll(self, target: Bits, dead: frozenset[str] = frozenset()) -> None:
        """Leave for `target`, where nobody reads `dead`, when `pending` is set."""
        f = self.f
        value = f.load(32, f.address("%cpu", ARM["pending"].offset), volatile=True)
        away, stay = f.new_label("pending"), f.new_label("go")
        f.line(f"br i1 {f.ref(value.ne(0))}, label %{away}, label %{stay}, !prof !0")
        f.label(away)
        self.leave(PENDING, target, dead)
        f.label(stay)

    def go(self, place: int, *, poll: bool = False) -> None:
        """End the path at a place that is known now."""
        resume = self.block.resume
        division = self.region.unit.division(place) if poll and place == self.block.call else None
        if division and resume is not None:
            defined, undefined = self.f.new_label("divide"), self.f.new_label("undefined")
            divide.emit_test(self, division, defined, undefined)
            self.f.label(undefined)
            self._jump(place, poll=True)
            self.f.label(defined)
            divide.emit(self, division)
            place, poll = resume, False
        self._jump(place, poll=poll)

    def _jump(self, place: int, *, poll: bool) -> None:
        region = self.region
        dead = FLAGS - region.live.live(place)
        is_backward = place & ~1 <= self.insn.pc
        if place not in region.unit.blocks:
            if is_backward and not poll:  # what is called looks itself
                self.poll(self.value_of(place), dead)
            self.leave(TABLE, self.value_of(place), dead)
        elif place in self.places:
            if is_backward or poll:
                self.poll(self.value_of(place), dead)
            self.f.line(f"br label %b_{place:x}")
            self.goes_on_with(place)
        else:
            if (is_backward or poll) and not region.polls(place):
                self.poll(self.value_of(place), dead)
            self.leave(DIRECT, symbol(place), dead)

    def _known(self, target: Bits) -> int | None:
        """The place that `target` is, if it is constant; a constant address is none in
        position-independent code."""
        if self.region.biased:
            return target.place if isinstance(target, Place) else None
        return target.const

    def branch(self, target: Bits) -> None:
        is_call = self.insn.encoding.row.name == "bl"
        known = self._known(target)
        if known is not None:
            self.go(known & (-2 if self.thumb else -4) | self.thumb, poll=is_call)
        else:
            target = target & -2 | 1 if self.thumb else target & -4
            self.leave(POLLED, target)
            self.f.exits[-1].may_be_clean = True
        self.ended = True

    def branch_if(self, cond: Bits, target: Bits) -> None:
        f = self.f
        known = self._known(target)
        if known is None or self.block.after is None:
            raise RowError("a conditional branch without a constant target")
        taken, fall = f.new_label("taken"), f.new_label("fall")
        f.line(f"br i1 {f.ref(cond)}, label %{taken}, label %{fall}")
        f.label(taken)
        self.go(known & ~1 | self.thumb)
        f.label(fall)
        self.go(self.block.after)
        self.ended = True

    def bx(self, target: Bits) -> None:
        known = self._known(target)
        if known is not None:
            self.go(known, poll=True)
        else:
            self.leave(TABLE if is_return(self.insn) else POLLED, target)
            # small functions often do not change flags, so that callers' are still there behind
            self.f.exits[-1].may_be_clean = self.block.call is None
        self.ended = True

    def exit(self, reason: int, arg: Bits | None = None, *, advance: bool = False) -> None:
        self.leave(INTERPRET, self.here())
        self.ended = True


def is_return(insn: Decoded) -> bool:
    """Whether an indirect jump looks like the return of a function."""
    name, o = insn.encoding.row.name, insn.operands
    if name == "bx":
        return bool(o.rm.value == 14)
    return name in ("ldm", "ldr")
