"""Which flags nobody reads: liveness over a unit, and a short look ahead outside.

What an instruction reads and writes is found by running its form on a machine that only listens, so
there is no second list to keep. Everything unknown reads all flags.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from run32.codegen.interp import InterpMachine
from run32.codegen.ir import Function, Module
from run32.codegen.unit import ALWAYS, BRANCHES, Block, Unit, ends, returns
from run32.isa.arm.core import condition
from run32.spec.bits import Bits
from run32.spec.rows import Decoded, Encoding
from run32.spec.state import ARM, NARROW

FLAGS = frozenset("nzcv")
LOOK_AHEAD = 16
_DECIDING = ("kind", "how")  # immediates that say what an instruction does


class _Probe(Bits):
    """A flag's value that notes when it is used."""

    __slots__ = ("flag", "used")

    def __init__(self, flag: str, used: set[str], f: Function) -> None:
        self.width = NARROW.get(flag, 32)
        self.const = None
        self.emitter = f
        self.flag = flag
        self.used = used

    @property
    def name(self) -> str:  # type: ignore[override]
        self.used.add(self.flag)
        return "%flag"


class _Listener(InterpMachine):
    """A machine for one instruction that emits into nowhere."""

    def __init__(self) -> None:
        self.scratch = _Scratch()
        super().__init__(self.scratch, ARM, 1, "a32")  # type: ignore[arg-type]
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.surely = True

    def get(self, name: str) -> Bits:
        if name in FLAGS:
            return _Probe(name, self.reads, self.scratch)
        return super().get(name)

    def put(self, name: str, value: Bits) -> None:
        if name not in FLAGS:
            super().put(name, value)
            return
        self.scratch.ref(value)
        if self.surely:
            self.writes.add(name)

    def branch(self, target: Bits) -> None:
        self.scratch.ref(target)
        self.ended = True

    bx = branch

    def branch_if(self, cond: Bits, target: Bits) -> None:
        self.scratch.ref(cond)
        self.ended = True

    def exit(self, reason: int, arg: Bits | None = None, *, advance: bool = False) -> None:
        self.reads |= FLAGS
        self.ended = True

    def load_multiple(self, address: Bits, registers: Bits) -> None:
        self.scratch.ref(address)

    def require_aligned(self, address: Bits, size: int | Bits) -> None:
        self.scratch.ref(address)

    def when(self, cond: Bits, body: Any) -> None:
        before, self.surely = self.surely, False
        super().when(cond, body)
        self.surely = before


class _Scratch(Function):
    def __init__(self) -> None:
        super().__init__(Module("x86_64"), "scratch", "")

    def field(self, state: Any, name: str, index: int = 0) -> str:
        """Any pointer does."""
        return "%field"


_effects: dict[int, tuple[Encoding, frozenset[str], frozenset[str]]] = {}


def effects(insn: Decoded) -> tuple[frozenset[str], frozenset[str]]:
    """Flags that the instruction reads, and those it surely writes."""
    e = insn.encoding
    known = _effects.get(id(e))
    if e.form.name == "fpscr_read":  # the same encoding writes a register or the flags
        known = (e, frozenset(), FLAGS if insn.operands.wpc else frozenset())
    elif known is None or known[0] is not e:
        m = _Listener()
        e.form.run(m, insn.operands, e.row.sem)
        known = (e, frozenset(m.reads), frozenset(m.writes))
        if e.form.imm not in _DECIDING:
            _effects[id(e)] = known
    reads, writes = known[1], known[2]
    if insn.cond < 14:
        return reads | _read_by(insn.cond), frozenset()
    return reads, writes


@functools.cache
def _read_by(cond: int) -> frozenset[str]:
    """Flags that a condition is about."""
    m = _Listener()
    m.scratch.ref(condition(m, cond))
    return frozenset(m.reads)


class _Known:
    """A machine of which only the flags are known; it reads conditions."""

    def __init__(self, nzcv: int) -> None:
        n, z, c, v = (nzcv >> i & 1 for i in (3, 2, 1, 0))
        self._flags = {"n": Bits(32, n << 31), "z": Bits(32, 1 - z), "c": Bits(1, c)}
        self._flags["v"] = Bits(1, v)
        self._less = Bits(1, n ^ v)

    def get(self, name: str) -> Bits:
        return self._flags[name]

    def less(self) -> Bits:
        return self._less


@functools.cache
def unless(cond: int, other: int) -> bool | None:
    """Whether the condition `other` holds where `cond` does not; None if that depends."""
    known = [_Known(nzcv) for nzcv in range(16)]
    found = {bool(condition(m, other).value) for m in known if not condition(m, cond).value}
    return found.pop() if len(found) == 1 else None


class Fate(NamedTuple):
    """What happens to the flags that code is entered with, in the function that it is part of."""

    read: frozenset[str]
    """Those that may be read before the function returns."""
    kept: frozenset[str]
    """Those that may still be the same when it returns."""

    @property
    def live(self) -> frozenset[str]:
        """Those that anybody may read, whoever the function returns to included."""
        return self.read | self.kept

    def before(self, insns: list[Decoded]) -> Fate:
        """The fate of flags before `insns`, if this is theirs behind."""
        read, kept = self
        for insn in reversed(insns):
            reads, writes = effects(insn)
            read, kept = read - writes | reads, kept - writes
        return Fate(read, kept)

    def __or__(self, other: Fate) -> Fate:
        return Fate(self.read | other.read, self.kept | other.kept)

    def called(self, behind: Fate) -> Fate:
        """The fate of flags at a call of a function of which this is the beginning's, and
        `behind` that of the code it returns to."""
        return Fate(self.read | self.kept & behind.read, self.kept & behind.kept)


UNKNOWN = Fate(FLAGS, FLAGS)
RETURN = Fate(frozenset(), FLAGS)
NEVER_READ = Fate(frozenset(), frozenset())


class Liveness:
    """What happens to the flags from each place of a unit on.

    A function that is called returns to behind the call: what it neither reads nor writes is not
    needed if nothing reads it there.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._at: dict[int, Fate] = dict.fromkeys(unit.blocks, NEVER_READ)
        self._ahead: dict[int, Fate] = {}
        again = True
        while again:
            again = False
            for place in sorted(unit.blocks, reverse=True):
                block = unit.blocks[place]
                fate = self._behind(block).before(block.insns)
                if place in unit.dividing:
                    fate |= RETURN
                if fate != self._at[place]:
                    self._at[place] = fate
                    again = True

    def live(self, place: int) -> frozenset[str]:
        """Flags that code from `place` on may read, or whoever it returns to."""
        return self.fate(place).live

    def live_at_call(self, place: int, block: Block) -> frozenset[str]:
        """Flags that are needed when `block` ends by calling `place`."""
        return self._called(place, block).live

    def live_behind_call(self, block: Block) -> frozenset[str]:
        """Flags that code behind the call at the end of `block` may read."""
        return FLAGS if block.resume is None else self.live(block.resume)

    def behind(self, block: Block) -> list[frozenset[str]]:
        """Flags that are read behind each instruction of a block."""
        fate = self._behind(block)
        found = [fate.live]
        for insn in reversed(block.insns[1:]):
            fate = fate.before([insn])
            found.append(fate.live)
        return found[::-1]

    def _called(self, place: int, block: Block) -> Fate:
        behind = UNKNOWN if block.resume is None else self.fate(block.resume)
        return self.fate(place).called(behind)

    def _behind(self, block: Block) -> Fate:
        last = block.insns[-1]
        following = [*block.targets, *block.table]
        if block.after is not None:
            following.append(block.after)
        if block.resume is not None and self.unit.division(block.call):
            following.append(block.resume)
        fate = NEVER_READ
        if block.call:
            fate = self._called(block.call, block)
        elif block.table and not self.unit.is_bounded(block):
            return UNKNOWN
        elif not block.targets and not block.table and ends(last):
            fate = RETURN if returns(last) else UNKNOWN
        elif not following:
            return UNKNOWN
        for place in following:
            fate |= self.fate(place)
        return fate

    def fate(self, place: int) -> Fate:
        """What happens to the flags from `place` on."""
        known = self._at.get(place)
        if known is not None:
            return known
        known = self._ahead.get(place)
        if known is None:
            known = self._ahead[place] = self._look_ahead(place, LOOK_AHEAD)
        return known

    def _look_ahead(self, place: int, room: int) -> Fate:
        """The same of code outside, found in the next `room` instructions."""
        insns: list[Decoded] = []
        written: set[str] = set()
        fate = UNKNOWN
        while len(insns) < room and len(written) < len(FLAGS):
            insn = self.unit.fetch(place)
            if insn is None or insn.encoding.row.name == "it":
                break
            name = insn.encoding.row.name
            following = place + insn.length
            if name in BRANCHES or (name == "bl" and insn.cond >= ALWAYS):
                half = (room - len(insns)) // 2
                other = self._look_ahead(insn.operands.imm.value & ~1 | place & 1, half)
                behind = self._look_ahead(following, half)
                fate = other.called(behind) if name == "bl" else behind | other
                fate = fate.before([insn])
                break
            if insn.cond >= ALWAYS and name == "b":
                following = insn.operands.imm.value & ~1 | place & 1
            elif ends(insn):
                if insn.cond >= ALWAYS and returns(insn):
                    fate = RETURN.before([insn])
                break
            insns.append(insn)
            written |= effects(insn)[1]
            place = following
        return fate.before(insns)
