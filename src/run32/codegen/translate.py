"""The region translator: guest functions in, host functions with guest registers as SSA values out.

Every entry of a unit (`codegen/unit.py`) becomes one host function: the blocks that it dominates.
Such a function gets the registers of `PINNED` as arguments, reads flags and what else there is from
the `cpu` struct when it begins, and ends by a jump (`musttail`): to another entry of the unit, or
through the table that has an offset for every place in guest code. Offset 0 of that table is
`region_miss`, the way back to the interpreter. Guest calls and returns are such jumps, so nothing
of a region stays on the host's stack, whatever the guest does with its own.

Inside, each register is a stack slot that LLVM promotes; what a path has changed is written back
where it leaves (dataflow over `dirty`). `pending` is looked at where functions begin that are
called, as all state is in its place there, and before other backward branches and indirect jumps
that do not return.

Invariant: state in the `cpu` struct and the arguments is complete at every jump. In *fast* code a
fault ends the process (there is no handler), and nobody can see the registers. In *exact* code an
access that faults goes on at its landing (`codegen/landings.py`), which leaves the instruction to
the interpreter. Where LLVM cannot make that, and around atomic accesses, changed registers and the
pc are stored before; in the former case not again where nothing was written to memory since that
was last done in the block: the interpreter goes on from there and finds the fault. A fault with the
pc of an entry is of that very instruction.
"""

from __future__ import annotations

import re
from collections import Counter

from run32.codegen import divide, landings, regionexits
from run32.codegen.flags import FLAGS, NEVER_READ, Liveness, unless
from run32.codegen.ir import Function, Module
from run32.codegen.partition import MAX_COPIES, Partition
from run32.codegen.places import Place
from run32.codegen.regionfile import FROM_CALL, FROM_JUMP, FROM_RETURN
from run32.codegen.regionfloat import emit_fpscr, is_unusual
from run32.codegen.regionfunction import (
    BIAS,
    FPSCR,
    INTERPRET,
    SYNC,
    TABLE,
    Changes,
    Exit,
    Flags,
    RegionFunction,
)
from run32.codegen.regiongates import (
    PINNED,
    PINNED_REST,
    REGION_PARAMS,
)
from run32.codegen.regionmachine import RegionMachine
from run32.codegen.unit import ALWAYS, Block, Unit
from run32.isa.arm.core import condition
from run32.spec.bits import Bits
from run32.spec.rows import Decoded
from run32.spec.state import ARM

MAX_TAIL = 12  # instructions of a block that is made once for each way to it
MAX_ROUNDS = 4
MAX_LOOP = 32  # instructions of all rounds of a loop
COMPARISONS = {"cmp", "cmn", "tst", "teq"}
VECTORS = ("v", "aes", "sha")  # rows that use vector registers begin like this
_ENGINE = re.compile(r"declare hidden (?P<result>[^@]+) @\w+\((?P<types>ptr[^)]*)\)")


class Region:
    """A unit under translation."""

    def __init__(self, unit: Unit, module: Module, *, biased: bool, mode: str, lands: bool) -> None:
        self.unit = unit
        self.module = module
        self.biased = biased
        self.lands = mode == "exact" and lands
        """Whether accesses have landings."""
        self.exact = mode == "exact" and not lands
        """Whether state is stored before accesses."""
        self.regions = Partition(unit).regions()
        self.live = Liveness(unit)

    def literal(self, address: Bits, width: int) -> int | None:
        """The value of a load from the unit's own code."""
        place = address.const
        if self.biased:
            place = address.place if isinstance(address, Place) else None
        if place is None or width < 16 or not self.unit.is_fixed:
            return None
        value = 0
        for i in range(width // 16):
            half = self.unit.read(place + 2 * i)
            if half is None:
                return None
            value |= half << 16 * i
        return value

    def emit(self) -> list[int]:
        """Emit all host functions; the entries' places."""
        for entry, places in self.regions.items():
            self._function(entry, places)
        return list(self.regions)

    def items(self, entries: list[int]) -> dict[int, int]:
        """Lowest bits of the entries' items in the table."""
        found = {}
        for e in entries:
            fate = NEVER_READ if self.exact else self.live.fate(e)
            if self.polls(e):
                found[e] = FROM_CALL * (not fate.read) | FROM_JUMP * (not fate.live)
            else:
                found[e] = FROM_RETURN * (not fate.live)
        return found

    def _function(self, entry: int, places: list[int]) -> None:
        f = RegionFunction(self.module, entry)
        m = RegionMachine(f, self, set(places))
        m.copied = self._copied(entry, places)
        edges: dict[int, list[tuple[int, Changes]]] = {}
        for place in places:
            if place in m.copied:
                continue
            m.leads_to = edges[place] = []
            block = self.unit.blocks[place]
            f.label(f"b_{place:x}")
            m.begin_block(block)
            self._block(f, m, block)
        m.cleans.solve(entry)
        for group in f.groups:
            group.settle()
        given = {f"r{n}" for n in PINNED} if self.exact else set()
        is_loop = any(to <= place for place in edges for to, _ in edges[place])
        if given and is_loop:
            # a loop: let it begin with everything stored, not store it again each time
            f.begins_complete, given = True, set()
        dirty_in = self._dirty({entry: given}, edges)
        self._finish(f, m, entry, dirty_in)

    def _copied(self, entry: int, places: list[int]) -> set[int]:
        """Short blocks that end the region and have flags for whoever goes on: they are made once
        for each way to them, so that flags are not computed on each way for the case that somebody
        reads them, but behind, where somebody does.
        """
        if self.exact:
            return set()
        blocks = [self.unit.blocks[place] for place in places]
        ways = Counter(p for block in blocks for p in set(self.unit.successors(block)))
        tables = {p for block in blocks for p in block.table}
        return {
            block.start
            for block in blocks
            if 1 < ways[block.start] <= MAX_COPIES
            and block.start != entry
            and block.start not in tables
            and self._is_tail(block)
        }

    def _is_tail(self, block: Block) -> bool:
        if len(block.insns) > MAX_TAIL or block.start in self.unit.dividing:
            return False
        if self.unit.successors(block) or not self.live.live(block.start):
            return False
        return not any(insn.encoding.row.name.startswith(VECTORS) for insn in block.insns)

    def rounds(self, block: Block) -> int:
        """How often a block is made that is a loop: short ones several times, to look at `pending`
        once for all of them."""
        if self.exact or block.start in self.unit.dividing:
            return 1
        return max(1, min(MAX_ROUNDS, MAX_LOOP // len(block.insns)))

    def go_on(self, m: RegionMachine, block: Block) -> None:
        """End a path with a copy of a block."""
        with m.another_block(block):
            self._block(m.f, m, block)

    def _division(self, f: RegionFunction, m: RegionMachine, block: Block) -> None:
        """Divide and return, except for operands that the guest's code in `block` is for."""
        division = self.unit.dividing[block.start]
        defined, undefined = f.new_label("divide"), f.new_label("undefined")
        divide.emit_test(m, division, defined, undefined)
        f.label(defined)
        divide.emit(m, division)
        m.leave(TABLE, m.reg(Bits(8, 14)))
        f.label(undefined)
        m.changes = Changes(set())

    def _block(self, f: RegionFunction, m: RegionMachine, block: Block) -> None:
        if block.start in self.unit.dividing:
            self._division(f, m, block)
        needed = self.live.live(block.start)
        for insn, live in zip(block.insns, self.live.behind(block), strict=True):
            wanted = FLAGS if self.exact or self.lands else live
            m.needed, needed = needed, live
            m.begin(insn, wanted)
            other = self._unless(block, insn)
            if other is not None:
                self._leave_chain(f, m, other)
                m.begin(insn, wanted)
            after = "" if other is not None else self._test(f, m, insn)
            if block.table and insn is block.insns[-1]:
                self._switch(f, m, block)
            e = insn.encoding
            if not m.ended:
                e.form.run(m, m.operands(e), e.row.sem)
            if not m.ended:
                m.settle()
            if after:
                if not m.ended:
                    f.line(f"br label %{after}")
                f.label(after)
                m.ended = False
            if m.ended:
                return
        last = block.insns[-1]
        following = last.pc + last.length | block.start & 1
        m.insn = last
        if block.after is not None and block.after in self.unit.blocks:
            m.go(following)
        else:
            m.leave(TABLE, m.value_of(following), FLAGS - self.live.live(following))

    def _unless(self, block: Block, insn: Decoded) -> int | None:
        """Where control goes if `insn`, a conditional comparison, is not executed: known if the
        branch behind it then has only one way, as in what compilers make of `a && b`."""
        if insn.cond >= ALWAYS or insn.encoding.row.name not in COMPARISONS:
            return None
        last = block.insns[-1]
        for following in block.insns[block.insns.index(insn) + 1 : -1]:
            if following.encoding.row.name == "it":
                continue
            if following.cond >= ALWAYS or unless(insn.cond, following.cond) is not False:
                return None
        name = last.encoding.row.name
        if last is insn or not (name == "b_cond" or (name == "b" and last.cond < ALWAYS)):
            return None
        taken = unless(insn.cond, int(last.operands.cc) if name == "b_cond" else last.cond)
        return None if taken is None else block.targets[0] if taken else block.after

    def _leave_chain(self, f: RegionFunction, m: RegionMachine, other: int) -> None:
        """Go on with the instruction only if its condition holds, else at `other`."""
        m.is_conditional = 0
        run, skip = f.new_label("run"), f.new_label("skip")
        is_rare = self.unit.is_rare(other)
        weights = ", !prof !3" if is_rare else ""
        cond = condition(m, m.insn.cond)
        f.line(f"br i1 {f.ref(cond)}, label %{run}, label %{skip}{weights}")
        f.label(skip)
        m.go(other)
        f.label(run)

    def _test(self, f: RegionFunction, m: RegionMachine, insn: Decoded) -> str:
        """Branch around a conditional instruction; the label behind it, or ""."""
        m.is_conditional = int(insn.cond < 14)
        if insn.cond >= 14:
            return ""
        run, after = f.new_label("run"), f.new_label("skip")
        cond = condition(m, insn.cond)
        f.line(f"br i1 {f.ref(cond)}, label %{run}, label %{after}")
        f.label(run)
        return after

    def _switch(self, f: RegionFunction, m: RegionMachine, block: Block) -> None:
        """A table branch whose table is known: the rest is for indices outside."""
        index = m.reg(m.insn.operands.rm)
        other = f.new_label("outside")
        cases, trampolines = [], []
        for i, place in enumerate(block.table):
            if place in m.places:
                label = f"b_{place:x}"
                m.goes_on_with(place)
            else:
                label = f"case{place:x}_{block.start:x}"
                trampolines.append((label, place))
            cases.append(f"i32 {i}, label %{label}")
        f.line(f"switch {f.typed(index)}, label %{other} [ {' '.join(cases)} ]")
        for label, place in dict.fromkeys(trampolines):
            f.label(label)
            m.go(place)
        f.label(other)
        if self.unit.is_bounded(block):
            f.line("unreachable")
            m.ended = True

    @staticmethod
    def _dirty(
        given: dict[int, set[str]], edges: dict[int, list[tuple[int, Changes]]]
    ) -> dict[int, set[str]]:
        """What may differ from the `cpu` struct when a block begins; `given`, where control comes
        from outside."""
        dirty_in: dict[int, set[str]] = {p: set(given.get(p, ())) for p in edges}
        todo = list(edges)
        while todo:
            place = todo.pop()
            for s, changes in edges[place]:
                now = changes.after(dirty_in[place])
                if not now <= dirty_in[s]:
                    dirty_in[s] |= now
                    todo.append(s)
        return dirty_in

    def _finish(
        self, f: RegionFunction, m: RegionMachine, entry: int, dirty_in: dict[int, set[str]]
    ) -> None:
        body, f.lines = f.lines, []
        stores = self.exact or any(exit_.kind == SYNC for exit_ in f.exits)
        for exit_ in f.exits:
            f.used |= exit_.changes.after(dirty_in[exit_.block])
        f.used.update(f"r{n}" for n in (PINNED if stores else PINNED_REST))
        m.wanted = FLAGS
        slow = f.uses_packed or (f.uses_float and self.module.host == "x86_64")
        f.uses_bias |= self.biased and (slow or self.polls(entry))
        if f.uses_bias:
            f.lines.append(f"  %bias = load i32, ptr @{BIAS}, align 4, !invariant.load !1")
            self.module.declare(BIAS, f"@{BIAS} = external hidden global i32")
        f.begin_variables()
        if "less" in f.used:
            m.compute_less()
        if self.polls(entry):
            self._poll(f, m, entry)
        if slow:
            self._unless_unusual(f, m, entry)
        for n in PINNED if f.begins_complete else ():
            f.keep(f"r{n}", "volatile ")
        f.line(f"br label %b_{entry:x}")
        for line in body:
            if line[0] == "\0":
                exit_ = f.exits[int(line[1:])]
                dirty = exit_.changes.after(dirty_in[exit_.block])
                if exit_.kind == FPSCR:
                    emit_fpscr(f)
                else:
                    exit_.flags = self._flags(m, exit_.block, entry) | exit_.flags
                    if exit_.needed is not None:
                        dirty = dirty - {k for k in FLAGS - exit_.needed if not exit_.flags.get(k)}
                    if exit_.kind == SYNC:
                        given = {f"r{n}" for n in PINNED} if self.lands else set()
                        regionexits.sync(f, exit_, dirty | given)
                    else:
                        regionexits.leave(f, exit_, dirty, exact=self.exact)
            else:
                f.lines.append(line)
        f.finish()

    def _unless_unusual(self, f: RegionFunction, m: RegionMachine, entry: int) -> None:
        """Leave unusual floating point to the interpreter."""
        slow, go = f.new_label("unusual"), f.new_label("go")
        unusual = is_unusual(f, packed=f.uses_packed)
        f.line(f"br i1 {f.ref(unusual)}, label %{slow}, label %{go}, !prof !0")
        f.label(slow)
        place = f.ref(m.value_of(entry))
        exit_ = Exit(INTERPRET, place, entry, Changes(set()), frozenset())
        regionexits.leave(f, exit_, set(), exact=self.exact)
        f.label(go)

    def polls(self, entry: int) -> bool:
        """Whether the function of `entry` looks at `pending` when it begins."""
        return entry in self.unit.entries and entry in self.unit.called

    def _poll(self, f: RegionFunction, m: RegionMachine, entry: int) -> None:
        """Leave when `pending` is set, with everything where it is."""
        away, stay = f.new_label("pending"), f.new_label("go")
        pending = f.load(32, f.field(ARM, "pending"), volatile=True).ne(0)
        f.line(f"br i1 {f.ref(pending)}, label %{away}, label %{stay}, !prof !0")
        f.label(away)
        f.store(m.value_of(entry), f.field(ARM, "pc"))
        regionexits.jump(f, regionexits.gate(f, "region_pending"), REGION_PARAMS)
        f.label(stay)

    def _flags(self, m: RegionMachine, place: int, entry: int) -> Flags:
        """What flags are made of where a block begins, as far as it is the same on all ways."""
        found: Flags = {}
        seen = set()
        while place != entry and place not in seen and len(m.passed.get(place, ())) == 1:
            seen.add(place)
            place, flags = m.passed[place][0]
            found = flags | found
        return found


# LLVM ends a function that restores 256-bit registers with `vzeroupper`, even where the convention
# says that it preserves them. Without AVX nothing touches their upper halves.
_NO_AVX = ' "target-features"="-avx"'


def _engine_functions(module: Module, symbols: dict[str, int]) -> None:
    """Define what regions call by name: ways to the engine's functions, found through `code`."""
    for name, text in list(module.declarations.items()):
        found = _ENGINE.match(text)
        if found is None:
            continue
        result, types = found.group("result"), found.group("types").split(", ")
        params = ", ".join(f"{t} %x{i}" for i, t in enumerate(types))
        is_rare, attributes = "cold" in text, "cold noinline nounwind strictfp"
        if is_rare and module.host == "x86_64":
            attributes += _NO_AVX
        f = Function(
            module,
            name,
            params,
            returns=result,
            attributes=attributes,
            linkage="internal",
            convention=module.rare if is_rare else "",
        )
        code = f.temp(f"load ptr, ptr {f.address('%x0', ARM['code'].offset)}, align 8")
        call = f"call {result} {f.address(code, symbols[name])}({params}) strictfp"
        if result == "void":
            f.line(call)
            f.line("ret void")
        else:
            f.line(f"ret {result} {f.temp(call)}")
        f.finish()
        del module.declarations[name]


def emit_unit(
    unit: Unit,
    host: str,
    symbols: dict[str, int],
    *,
    biased: bool,
    mode: str,
    fma: bool,
    features: frozenset[str] = frozenset(),
    lands: bool | None = None,
) -> tuple[str, dict[int, int]]:
    """IR text of a unit's module, and the places of its entries, with what their items in the table
    have in the lowest bits.

    `symbols` are the offsets of the engine's functions; `fma` says whether the host, an x86-64,
    has fused multiply-add, `features` what else it surely has. `lands` says whether accesses of
    exact code have landings; None that they do if they can.
    """
    module = Module(host, rare="preserve_allcc", fma=fma, features=features, never_flushes=True)
    if lands is None:
        lands = landings.available(host)
    region = Region(unit, module, biased=biased, mode=mode, lands=lands)
    entries = region.emit()
    _engine_functions(module, symbols)
    module.add(
        '!0 = !{!"branch_weights", i32 1, i32 10000}\n!1 = !{}\n'
        '!2 = !{!"branch_weights", i32 10, i32 1}\n!3 = !{!"branch_weights", i32 10000, i32 1}\n'
    )
    return module.text(), region.items(entries)
