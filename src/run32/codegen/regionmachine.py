"""`spec.machine.Machine` for regions: guest registers are variables of one host function.

Each register is a stack slot that LLVM promotes. A path that ends leaves a marker; what must be
stored there is known when the whole function is (`codegen/translate.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from run32.codegen import divide
from run32.codegen.flags import FLAGS
from run32.codegen.places import Place, Sum
from run32.codegen.regionfile import FROM_CALL, FROM_JUMP, FROM_RETURN
from run32.codegen.regionfunction import (
    DIRECT,
    INTERPRET,
    PENDING,
    POLLED,
    TABLE,
    Changes,
    Exit,
    Flags,
    RegionFunction,
    symbol,
)
from run32.codegen.regionmemory import MemoryMachine
from run32.codegen.unit import Block, returns
from run32.spec.bits import Bits
from run32.spec.errors import RowError
from run32.spec.rows import Decoded, Fields, Operands
from run32.spec.state import ARM, NARROW

if TYPE_CHECKING:
    from run32.codegen.translate import Region

TRACKED = ("n", "z", "c", "v", "q", "ge", "ex_address", "ex_size", "ex_value")
STATUS = ("vmrs", "vmsr")  # not the same when they are executed again


class RegionMachine(MemoryMachine):
    """`spec.machine.Machine` with registers as variables of one host function."""

    def __init__(self, f: RegionFunction, region: Region, places: set[int]) -> None:
        super().__init__(f, region)
        self.places = places
        self.copied: set[int] = set()
        """Blocks that are made once for each way to them."""
        self.home = 0
        """The block that others are copied to the end of."""
        self.caller: Block | None = None
        """The block whose call goes through the veneer that is copied now."""
        self._roots: dict[int, tuple[str, int, str]] = {}
        """By register: a value that it is known from, what it is more than that, and the value's
        name if what follows can use it."""
        self._written: dict[int, str] = {}
        """By register: the value's name, if it was written in this block."""
        self.rounds = 0
        """How often the loop that this block is has been made on the way here."""
        self.flags: Flags = {}
        self.passed: dict[int, list[tuple[int, Flags]]] = {}
        """From which blocks control comes to one, and what flags are made of there."""
        self._values = 0
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
        self.home = block.start
        self.rounds = 1
        self.changes = Changes(set())
        self.can_repeat = False
        self._roots, self._written, self.flags = {}, {}, {}
        self.stores.forget()
        self.begin_floats(block.start)

    @contextmanager
    def another_block(self, block: Block) -> Iterator[None]:
        """Go on with a copy of a block for a while. What is known then is forgotten behind: the
        block before ends there."""
        before = self.block, self.insn, self.wanted, self.is_conditional
        changes, flags = self.changes.copy(), dict(self.flags)
        cleans = self.cleans.known()
        self.block = block
        self.stores.forget()
        yield
        self.cleans.know(cleans)
        self.block, self.insn, self.wanted, self.is_conditional = before
        self.changes, self.flags, self._roots, self._written = changes, flags, {}, {}
        self.stores.forget()

    def begin(self, insn: Decoded, wanted: frozenset[str]) -> None:
        """Go on with `insn`, behind which the flags in `wanted` are read."""
        self.wanted = wanted
        self._landing, self.writes = "", 0
        self.insn = insn
        self.set = insn.encoding.set
        self.ended = False
        self.has_synced = False
        if insn.encoding.row.name in STATUS:
            self.can_repeat = False
        self.r15 = None

    def operands(self, e: Any) -> Operands:
        insn = self.insn
        if self.region.biased and insn.uses_pc:
            width = 16 if insn.encoding.set == "t16" else 32
            inside = Bits(1, insn.encoding.it or 0)
            word = Bits(width, insn.word)
            found: Operands = e.operands(Fields(e.pattern, word, Place(self.f, insn.pc), inside))
            return found
        return insn.operands

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
        root = self._roots.get(n)
        if root is None:
            origin = "" if self.is_conditional else base
            root = self._roots[n] = (f"r{n}.{self._values}", 0, origin)
        if n in self._written:
            self.f.same[base] = self._written[n]
        return Sum(self.f, base, 0, *root)

    def set_reg(self, number: Bits, value: Bits) -> None:
        self._check(value, 32)
        if number.value == 15:
            self.r15 = value
            return
        self._values += 1
        self._roots.pop(number.value, None)
        self._written.pop(number.value, None)
        if not self.is_conditional and not isinstance(value, Place):
            self._written[number.value] = value.name if value.const is None else str(value.const)
        if isinstance(value, Sum) and not self.is_conditional:
            self._roots[number.value] = (value.root, value.shift + value.offset, value.origin)
        self._write(f"r{number.value}", value)

    def _write(self, key: str, value: Bits) -> None:
        self.f.store(value, self.f.variable(key))
        self.changed(key)

    def changed(self, key: str) -> None:
        self.changes.own.add(key)
        self.writes += 1

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
        if name in FLAGS:
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

    # -- control flow -----------------------------------------------------------------------------
    def following(self) -> Bits:
        """The place of the next instruction."""
        return self.value_of(self.insn.pc + self.insn.length | self.thumb)

    def goes_on_with(self, place: int) -> None:
        """Control goes from here to the block at `place`, of the same region."""
        self.leads_to.append((place, self.changes.copy()))
        self.cleans.edge(place)
        self.passed.setdefault(place, []).append((self.home, dict(self.flags)))

    def leave(self, kind: int, target: Bits | str, dead: frozenset[str] = frozenset()) -> None:
        """End the path: a marker, to be replaced when it is known what must be stored.

        Nobody reads the flags in `dead`.
        """
        f = self.f
        f.end_group()
        name = target if isinstance(target, str) else f.ref(target)
        if self.region.exact:
            dead = frozenset()  # whoever looks at the state of a later fault does
        f.exits.append(Exit(kind, name, self.home, self.changes.copy(), dead))
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
        is_call = poll and place == self.block.call
        veneer = region.unit.veneer(place) if is_call and not region.exact else None
        if veneer is not None:
            self.caller = self.block
            region.go_on(self, veneer)
            self.caller = None
            return
        live = region.live.live_at_call(place, self.block) if is_call else region.live.live(place)
        dead = FLAGS - live
        is_backward = place & ~1 <= self.insn.pc
        if place not in region.unit.blocks:
            if is_backward and not poll:  # what is called looks itself
                self.poll(self.value_of(place), dead)
            self.leave(TABLE, self.value_of(place), dead)
            if is_call:
                self._may_go(FROM_CALL)
        elif place == self.home and not poll and self.rounds < region.rounds(self.block):
            self.rounds += 1
            region.go_on(self, self.block)
            self.rounds -= 1
        elif place in self.places:
            if is_backward or poll:
                self.poll(self.value_of(place), dead)
            if place in self.copied:
                region.go_on(self, region.unit.blocks[place])
            else:
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
            self._indirect(target & -2 | 1 if self.thumb else target & -4)
        self.ended = True

    def branch_if(self, cond: Bits, target: Bits) -> None:
        f = self.f
        known = self._known(target)
        if known is None or self.block.after is None:
            raise RowError("a conditional branch without a constant target")
        taken, fall = f.new_label("taken"), f.new_label("fall")
        place = known & ~1 | self.thumb
        is_rare = self.region.unit.is_rare
        seldom = (is_rare(place), is_rare(self.block.after))
        weights = {(True, False): ", !prof !0", (False, True): ", !prof !3"}.get(seldom, "")
        f.line(f"br i1 {f.ref(cond)}, label %{taken}, label %{fall}{weights}")
        f.label(taken)
        self.go(place)
        f.label(fall)
        self.go(self.block.after)
        self.ended = True

    def bx(self, target: Bits) -> None:
        known = self._known(target)
        if known is not None:
            self.go(known, poll=True)
        else:
            self._indirect(target)
        self.ended = True

    def _indirect(self, target: Bits) -> None:
        """End the path at a place that is not known now."""
        if self.block.call is not None or self.caller is not None:
            self.leave(POLLED, target)
            self._may_go(FROM_CALL)
        elif is_return(self.insn):
            self.leave(TABLE, target)
            self._may_go(FROM_RETURN)
        else:
            self.leave(POLLED, target)
            self._may_go(FROM_JUMP)

    def _may_go(self, bit: int) -> None:
        """Let the exit, which looks its target up, store flags only where the target's item lacks
        `bit`: those that are not read behind a call, or all."""
        exit_ = self.f.exits[-1]
        exit_.if_bit, exit_.maybe = bit, FLAGS
        if bit == FROM_CALL:
            exit_.maybe -= self.region.live.live_behind_call(self.caller or self.block)

    def exit(self, reason: int, arg: Bits | None = None, *, advance: bool = False) -> None:
        self.leave(INTERPRET, self.here())
        self.ended = True


def is_return(insn: Decoded) -> bool:
    """Whether an indirect jump looks like the return of a function."""
    return returns(insn) or insn.encoding.row.name == "ldm"
