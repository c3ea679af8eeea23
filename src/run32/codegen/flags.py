"""Which flags nobody reads: liveness over a unit, and a short look ahead outside.

What an instruction reads and writes is found by running its form on a machine that only listens, so
there is no second list to keep. Returns and everything unknown read all flags.
"""

from __future__ import annotations

import functools
from typing import Any

from run32.codegen.interp import InterpMachine
from run32.codegen.ir import Function, Module
from run32.codegen.unit import ALWAYS, BRANCHES, Block, Unit, ends
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


def live_before(insns: list[Decoded], live: frozenset[str]) -> frozenset[str]:
    """What is read at or after `insns`, if `live` is read behind them."""
    for insn in reversed(insns):
        reads, writes = effects(insn)
        live = live - writes | reads
    return live


class Liveness:
    """Flags that are read from each place of a unit on."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.at: dict[int, frozenset[str]] = {p: frozenset() for p in unit.blocks}
        self._ahead: dict[int, frozenset[str]] = {}
        again = True
        while again:
            again = False
            for place in sorted(unit.blocks, reverse=True):
                block = unit.blocks[place]
                live = self._before(block)
                if live != self.at[place]:
                    self.at[place] = live
                    again = True

    def behind(self, block: Block) -> list[frozenset[str]]:
        """Flags that are read behind each instruction of a block."""
        live = self._behind(block)
        found = [live]
        for insn in reversed(block.insns[1:]):
            live = live_before([insn], live)
            found.append(live)
        return found[::-1]

    def _before(self, block: Block) -> frozenset[str]:
        if block.start in self.unit.dividing:
            return FLAGS
        return live_before(block.insns, self._behind(block))

    def _behind(self, block: Block) -> frozenset[str]:
        last = block.insns[-1]
        following = [*block.targets, *block.table]
        if block.after is not None:
            following.append(block.after)
        if block.resume is not None and self.unit.division(block.call):
            following.append(block.resume)
        if block.call:
            following.append(block.call)
        direct = block.targets or block.call or not ends(last)
        if block.table and self.unit.is_bounded(block):
            direct = True
        elif block.table:
            return FLAGS
        if not direct or not following:
            return FLAGS
        found: frozenset[str] = frozenset()
        for place in following:
            found |= self.live(place)
        return found

    def live(self, place: int) -> frozenset[str]:
        """Flags that code from `place` on may read."""
        known = self.at.get(place)
        if known is not None:
            return known
        known = self._ahead.get(place)
        if known is None:
            known = self._ahead[place] = self._look_ahead(place, LOOK_AHEAD)
        return known

    def _look_ahead(self, place: int, room: int) -> frozenset[str]:
        """The same of code outside, found in the next `room` instructions."""
        insns: list[Decoded] = []
        written: set[str] = set()
        live = FLAGS
        while len(insns) < room and len(written) < len(FLAGS):
            insn = self.unit.fetch(place)
            if insn is None or insn.encoding.row.name == "it":
                break
            name = insn.encoding.row.name
            following = place + insn.length
            if name in BRANCHES:
                half = (room - len(insns)) // 2
                other = insn.operands.imm.value & ~1 | place & 1
                live = self._look_ahead(following, half) | self._look_ahead(other, half)
                live = live_before([insn], live)
                break
            if insn.cond >= ALWAYS and name in ("b", "bl"):
                following = insn.operands.imm.value & ~1 | place & 1
            elif ends(insn):
                break
            insns.append(insn)
            written |= effects(insn)[1]
            place = following
        return live_before(insns, live)
