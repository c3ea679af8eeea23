"""What is translated together: guest functions as graphs of basic blocks.

A place in code is its address with bit 0 set for Thumb code. `discover` starts at some places and
follows direct branches, both ways of conditional ones, table branches with a bound that the code
tests, and the targets of direct calls while there is room. Code that is not known, or has no row,
or an IT block that something inside cannot leave, ends a block: the interpreter goes on there.

Addresses are those of the guest file (`bias` 0) or of memory; code that depends on where it lies
gets its pc from `Place`, which adds the bias at run time.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from run32.codegen.fetch import Read, fetch
from run32.codegen.idioms import Division, recognise
from run32.spec.rows import Decoded, Isa

Steps = Mapping[int, frozenset[int]]
"""Places that were jumped to, and where control was then seen to jump next."""

MAX_BLOCK = 64
MAX_UNIT = 600
MAX_FAR = 200  # from which on calls are not followed, where `steps` tell what is hot
MAX_NEST = 200  # instructions of a loop nest that is translated again as a whole
MAX_TABLE = 511
MAX_VENEER = 4  # instructions of one
MAX_WALK = 64  # blocks between two places of a trail

HIGHER, LOWER_OR_SAME, ALWAYS = 8, 9, 14  # conditions

# Rows by how they end a block; loads and results that go to pc end one too.
JUMPS = {"b"}
BRANCHES = {"b_cond", "cbz"}
CALLS = {"bl", "blx_imm"}
INDIRECT_CALLS = {"blx"}
INDIRECT = {"bx"}
TABLES = {"tbb"}
RESUMED = {"svc", "read_cntvct"}
LEAVING = {*RESUMED, "bkpt", "udf", "undefined"}


class Block:
    """Instructions executed one after the other; `after` is where it falls through to, or None.

    `targets` are the direct jumps out of it, `call` the place a call goes to (0: not known), and
    `resume` is where a call or a system call comes back to.
    """

    __slots__ = ("after", "call", "insns", "resume", "start", "stop", "table", "targets")

    def __init__(self, start: int) -> None:
        self.start = start
        self.insns: list[Decoded] = []
        self.targets: list[int] = []
        self.after: int | None = None
        self.call: int | None = None
        self.resume: int | None = None
        self.table: list[int] = []
        self.stop = False
        """The interpreter goes on behind the last instruction."""


class Unit:
    """Blocks by place, and the places where control comes from outside."""

    def __init__(self, isa: Isa, read: Read, *, biased: bool = False) -> None:
        self.isa = isa
        self.biased = biased
        self.read = read
        self.blocks: dict[int, Block] = {}
        self.entries: set[int] = set()
        self.called: set[int] = set()
        """Places that are called, here or, as far as is known, from outside."""
        self.size = 0
        self.known: Container[int] = ()
        """Entries of other units: not part of this one."""
        self.steps: Steps = {}
        """Where control was seen to go: nothing else is part of this, unless this is empty."""
        self.is_fixed = True
        """Whether what is not executed, such as literals, cannot change either."""
        self.dividing: dict[int, Division] = {}
        """Starts that are division helpers: nothing but their first block is in the unit."""
        self._seen: set[int] = set()
        self._reached: set[int] = set()
        self._cache: dict[int, Block] = {}
        self._bounded: dict[int, bool] = {}
        self._divisions: dict[int, Division | None] = {}

    def division(self, place: int | None) -> Division | None:
        """What a call of `place` computes if that divides: it does not leave the region.

        Nothing divides where code may be rewritten: the helper's is not part of the unit. Calls
        that nobody has seen are not worth a look, which takes long where the answer is yes.
        """
        if not place or not self.is_fixed or (self.steps and place not in self._jumped_to()):
            return None
        if place not in self._divisions:
            self._divisions[place] = recognise(self.isa, self.read, place)
        return self._divisions[place]

    def is_rare(self, place: int) -> bool:
        """Whether it was seen what is executed here, but not that anything goes to `place`."""
        return bool(self.steps) and place not in self.blocks and place not in self.known

    def veneer(self, place: int) -> Block | None:
        """The block at `place` if it does nothing but jump to a function whose address it finds:
        what linkers make for calls of other files."""
        block = self._decoded(place)
        if not 0 < len(block.insns) <= MAX_VENEER or not is_indirect(block):
            return None
        if block.table or any(insn.cond < ALWAYS for insn in block.insns):
            return None
        last = block.insns[-1]
        return block if last.encoding.row.name == "ldr" and not returns(last) else None

    # -- decoding ---------------------------------------------------------------------------------
    def fetch(self, place: int, in_it: bool = False) -> Decoded | None:
        """The instruction at `place`, or None."""
        return fetch(self.isa, self.read, place, in_it)

    def block(self, place: int) -> Block:
        """Decode the block at `place`."""
        block = Block(place)
        at, state = place, 0
        it_start = place
        while True:
            insn = self.fetch(at, bool(state))
            if insn is None or (len(block.insns) >= MAX_BLOCK and not state):
                block.after, block.stop = None, insn is None
                if insn is not None:
                    block.after = at
                elif state:
                    self._cut(block, it_start)
                return block
            name = insn.encoding.row.name
            inside = bool(state)
            if state:
                insn.cond = min(state >> 4, 14)
                state = state & 0xE0 | state << 1 & 0x1F if state & 7 else 0
            elif name == "it":
                state, it_start = insn.word & 0xFF, at
            following = at + insn.length
            if inside and name == "vmsr":  # may leave behind it
                self._cut(block, it_start)
                return block
            if ends(insn):
                if inside and (state or name in LEAVING or name in BRANCHES):
                    self._cut(block, it_start)
                    return block
                block.insns.append(insn)
                self._end(block, insn, following)
                return block
            block.insns.append(insn)
            at = following

    @staticmethod
    def _cut(block: Block, it_start: int) -> None:
        """Leave an IT block to the interpreter."""
        block.insns = [i for i in block.insns if i.pc < it_start & ~1]
        block.after, block.stop = None, True

    def _end(self, block: Block, insn: Decoded, following: int) -> None:
        name = insn.encoding.row.name
        thumb = block.start & 1
        o = insn.operands
        conditional = insn.cond < 14
        if name in JUMPS:
            block.targets.append(o.imm.value & ~1 | thumb)
        elif name in BRANCHES:
            block.targets.append(o.imm.value & ~1 | thumb)
            conditional = True
        elif name in CALLS:
            call = o.imm.value
            if name == "bl":
                call = call & ~1 | thumb
            block.call = call
            block.resume = following
        elif name in INDIRECT_CALLS:
            block.call = 0
            block.resume = following
        elif self._is_table(insn):
            block.table = self._table(block, insn)
        elif name in RESUMED:
            block.resume = following
        if conditional:
            block.after = following

    def _table(self, block: Block, insn: Decoded) -> list[int]:
        """Targets by index of a jump through a table: the index was compared just before.

        Tables are the bytes or halfwords of TBB and TBH, branches (`add pc, pc, rm, lsl #2`), or,
        where code knows its address, words (`ldr pc, [pc, rm, lsl #2]`).
        """
        o, thumb = insn.operands, block.start & 1
        limit = self._limit(block, o.rm.value)
        if limit is None or limit > MAX_TABLE:
            return []
        base = insn.pc + (4 if thumb else 8)
        found = []
        for index in range(limit + 1):
            target: int | None = base + 4 * index
            if insn.encoding.row.name == "ldr":
                low, high = self.read(base + 4 * index), self.read(base + 4 * index + 2)
                target = None if low is None or high is None else low | high << 16
            elif thumb:
                word = self.read(base + (index << o.half) & ~1)
                entry = word if o.half or word is None else word >> 8 * (index & 1) & 0xFF
                target = None if entry is None else base + 2 * entry | 1
            if target is None:
                return []
            found.append(target)
        return found

    def _limit(self, block: Block, register: int) -> int | None:
        """The largest value of `register`, as the code has tested."""
        for before in reversed(block.insns[:-1]):
            e = before.encoding
            if e.row.name == "cmp":
                if e.form.name == "test_imm" and before.operands.rn.value == register:
                    return int(before.operands.imm.value)
                break
        return self._bound(block.start, register)

    def is_bounded(self, block: Block) -> bool:
        """Whether control comes to the table branch at the end of `block` with an index inside of
        the table only: the comparison stands directly before, and all ways lead through it.

        Requires: blocks and entries do not change any more.
        """
        if block.start not in self._bounded:
            self._bounded[block.start] = self._is_bounded(block)
        return self._bounded[block.start]

    def _is_bounded(self, block: Block) -> bool:
        last = block.insns[-1]
        register, limit = last.operands.rm.value, len(block.table) - 1
        if last.cond == LOWER_OR_SAME:
            return _compares(block.insns[:-1], register, limit)
        start = block.start
        if len(block.insns) > 1 or start in self.entries or last.cond < ALWAYS:
            return False
        for before in self.blocks.values():
            if start in (*before.targets, *before.table, before.call, before.resume):
                return False
            if before.after == start:
                branch = before.insns[-1]
                if branch.encoding.row.name != "b_cond" or branch.operands.cc != HIGHER:
                    return False
                if not _compares(before.insns[:-1], register, limit):
                    return False
        return True

    def _is_table(self, insn: Decoded) -> bool:
        """Whether `insn` jumps through a table that is part of the code."""
        name, o = insn.encoding.row.name, insn.operands
        form = insn.encoding.form.name
        if name in TABLES:
            return bool(o.rn.value == 15) and self.is_fixed
        if name == "add" and form == "alu_pc_shift":
            lsl2 = o.kind.value & 7 == 0 and o.sh.value == 2
            return bool(o.rn.value == 15 and lsl2)
        if name == "ldr" and form == "load_reg" and self.is_fixed and not self.biased:
            return bool(o.wpc and o.rn.value == 15 and o.sh.value == 2 and not o.sub)
        return False

    def _bound(self, start: int, register: int) -> int | None:
        """The constant a block that leads to `start` compares `register` with."""
        for block in self._cache.values():
            if block.after == start or start in block.targets:
                for before in reversed(block.insns[-4:]):
                    e = before.encoding
                    if e.row.name == "cmp" and e.form.name == "test_imm":
                        if before.operands.rn.value == register:
                            return int(before.operands.imm.value)
        return None

    # -- the graph --------------------------------------------------------------------------------
    def discover(self, starts: list[int], limit: int = MAX_UNIT) -> None:
        """Add what is reachable from `starts`; calls are followed last."""
        near = list(reversed(starts))
        far: list[int] = []
        self.entries.update(starts)
        for start in starts if self.steps else ():
            self._follow(start)
        while near or (far and not (self.steps and self.size >= MAX_FAR)):
            place = near.pop() if near else far.pop(0)
            if place in self.blocks or place in self.known or self.size >= limit:
                continue
            if self.steps and not self._was_seen(place):
                continue
            block = self._decoded(place)
            if not block.insns:
                continue
            self._add(block)
            division = self.division(place) if place in self.entries else None
            if division:
                self.dividing[place] = division
                continue
            if block.call and not self.division(block.call):
                far.append(block.call)
            following = [*block.targets, *block.table]
            for p in (block.after, block.resume):
                if p is not None:
                    following.append(p)
            near += reversed(following)
        if self.steps:
            self._close_loops()
        self._split()
        for block in self.blocks.values():
            if self.division(block.call):
                continue
            if block.call and block.call in self.blocks:
                self.entries.add(block.call)
            if block.resume is not None and block.resume in self.blocks:
                self.entries.add(block.resume)
        resumed = {block.resume for block in self.blocks.values()}
        self.called.update(block.call for block in self.blocks.values() if block.call)
        self.called.update(start for start in starts if start not in resumed)

    def _close_loops(self) -> None:
        """Add known places that are in a loop with this, and the way back from there.

        Inner loops are found first; a nest is fast if it is in one piece.
        """
        for block in list(self.blocks.values()):
            for place in (*block.targets, *block.table, block.after):
                if place in self.known and place not in self.blocks:
                    assert place is not None
                    for p in self._way_back(place):
                        if p not in self.blocks:
                            self._add(self._decoded(p))

    def _way_back(self, start: int) -> set[int]:
        """Blocks from `start` on that lead back to blocks that `start` is reached from."""
        size = 0
        before: dict[int, set[int]] = {}
        todo, ahead = [start], {start}
        while todo:
            block = self._decoded(todo.pop())
            size += len(block.insns)
            if size > MAX_NEST:
                return set()
            for p in (*block.targets, *block.table, block.after):
                if p is not None and self._decoded(p).insns:
                    before.setdefault(p, set()).add(block.start)
                    if p not in ahead:
                        ahead.add(p)
                        todo.append(p)
        found = {start}
        todo = [start]
        while todo:
            for p in before.get(todo.pop(), ()):
                if p not in found:
                    found.add(p)
                    todo.append(p)
        return found if found.intersection(self.blocks) else set()

    def _jumped_to(self) -> set[int]:
        """Places that control was seen to go to."""
        if not self._reached:
            self._reached = set(self.steps).union(self.entries, *self.steps.values())
        return self._reached

    def _was_seen(self, place: int) -> bool:
        """Whether `place` was seen to be executed, as far as what leads there was looked at."""
        if place in self.steps:
            self._follow(place)
            return True
        return place in self._seen

    def _follow(self, start: int) -> None:
        """Note which blocks from `start` on lead to where control was seen to go next."""
        places = set(self.steps.get(start, ()))
        way: list[int] = []
        known = 0  # how many of them are certain
        at: int | None = start
        while at is not None and len(way) < MAX_WALK:
            way.append(at)
            block = self._decoded(at)
            if at in self.known or not block.insns:
                known = len(way)
                break
            direct = {*block.targets, block.call} & places
            places -= direct
            indirect = is_indirect(block)
            if direct or indirect:
                known = len(way)
            if not places or (indirect and block.after is None):
                break
            at = block.resume if block.call is None and block.resume else block.after
        self._seen.update(way[: max(known, 1)])

    def _decoded(self, place: int) -> Block:
        """The block at `place`, decoded once."""
        block = self._cache.get(place)
        if block is None:
            block = self._cache[place] = self.block(place)
        return block

    def _add(self, block: Block) -> None:
        self.blocks[block.start] = block
        self.size += len(block.insns)

    def _split(self) -> None:
        """Blocks that run into another one end there."""
        for place in sorted(self.blocks):
            block = self.blocks[place]
            for i, insn in enumerate(block.insns):
                here = insn.pc | place & 1
                if i and here in self.blocks and not _inside_it(block, i):
                    head = Block(place)
                    head.insns = block.insns[:i]
                    head.after = here
                    self.blocks[place] = head
                    break

    def successors(self, block: Block) -> list[int]:
        """Places that control goes to without leaving the function."""
        found = [*block.targets, *block.table]
        if block.after is not None:
            found.append(block.after)
        if block.resume is not None and self.division(block.call):
            found.append(block.resume)
        return [p for p in found if p in self.blocks]


def _compares(insns: list[Decoded], register: int, limit: int) -> bool:
    """Whether `insns` end by comparing the register with this constant."""
    if not insns:
        return False
    e, o = insns[-1].encoding, insns[-1].operands
    if e.row.name != "cmp" or e.form.name != "test_imm" or insns[-1].cond < ALWAYS:
        return False
    return bool(o.rn.value == register and o.imm.value == limit)


def _inside_it(block: Block, index: int) -> bool:
    """Whether instruction `index` belongs to an IT block of `block`."""
    for back in range(1, 5):
        if index - back < 0:
            return False
        insn = block.insns[index - back]
        if insn.encoding.row.name == "it":
            mask = insn.word & 15
            return back <= 4 - ((mask & -mask).bit_length() - 1)
    return False


def it_start(block: Block, insn: Decoded) -> int:
    """Where the IT block around `insn` begins; 0 if there is none."""
    index = block.insns.index(insn)
    if not _inside_it(block, index):
        return 0
    its = [i.pc for i in block.insns[:index] if i.encoding.row.name == "it"]
    return its[-1]


def is_indirect(block: Block) -> bool:
    """Whether it ends in a jump to a place that is not known."""
    last = block.insns[-1]
    if block.targets or block.call or last.encoding.row.name in RESUMED:
        return False
    return ends(last)


def ends(insn: Decoded) -> bool:
    """Whether the instruction ends a block."""
    e = insn.encoding
    name = e.row.name
    if name in _ENDING:
        return True
    form = e.form.name
    if form in ("alu_pc_imm", "alu_pc_shift", "mov_pc", "load_pc"):
        return True
    statics = dict(zip(e.form.static, e.static, strict=True))
    if statics.get("to_pc"):
        return True
    return bool(statics.get("wpc")) and name != "vmrs"


def returns(insn: Decoded) -> bool:
    """Whether the instruction, which ends a block, returns from a function as compilers do it: it
    jumps to lr or to a word that it takes from the stack."""
    name, form, o = insn.encoding.row.name, insn.encoding.form.name, insn.operands
    if name == "bx" or (name == "mov" and form != "alu_pc_imm"):
        return bool(o.rm.value == 14)
    if name == "ldr" and form != "load_imm":
        return False
    return name in ("ldm", "ldr") and bool(o.rn.value == 13)


_ENDING = JUMPS | BRANCHES | CALLS | INDIRECT_CALLS | INDIRECT | TABLES | LEAVING
