"""The native decoder, generated from the patterns: guest word in, filled slot out.

Decision trees are data: an inner node `shift | width << 8` is followed by 2**width child indexes, a
list node `1 << 31 | count` by (mask, value, leaf) triples in order of precedence. A leaf selects an
*extractor* (operands of the word into the slot; equal ones are shared) and a handler. What depends
on pc (branch targets, literals) becomes absolute here, so a slot is valid at its address only.
"""

from __future__ import annotations

from collections.abc import Iterable

from run32.codegen.interp import SLOT_IMM, SLOT_REGS
from run32.codegen.ir import Function, Module
from run32.spec.bits import Bits
from run32.spec.rows import CORE_REGISTERS, Encoding, Fields, Isa

LIST_NODE = 1 << 31
_MAX_LIST = 3
_CANDIDATES = 12

Entry = tuple[int, int, int]  # mask, value, leaf


class Tree:
    """Flattened decision trees over one array of i32."""

    def __init__(self) -> None:
        self.words: list[int] = []

    def add(self, entries: list[Entry], width: int) -> int:
        """Append the tree for `entries` (finest first); return the index of its root."""
        split = self._split(entries, width) if len(entries) > _MAX_LIST else None
        at = len(self.words)
        if split is None:
            self.words.append(LIST_NODE | len(entries))
            for entry in entries:
                self.words += entry
            return at
        shift, bits = split
        self.words.append(shift | bits << 8)
        self.words += [0] * (1 << bits)
        made: dict[tuple[Entry, ...], int] = {}
        for chosen in range(1 << bits):
            below = tuple(_matching(entries, shift, bits, chosen))
            if below not in made:
                made[below] = self.add(list(below), width)
            self.words[at + 1 + chosen] = made[below]
        return at

    @staticmethod
    def _split(entries: list[Entry], width: int) -> tuple[int, int] | None:
        """The field of up to 6 bits whose values separate the entries best."""
        fixed = [sum(m >> bit & 1 for m, _, _ in entries) for bit in range(width)]
        windows = [(sum(fixed[s : s + n]), s, n) for n in range(1, 7) for s in range(width - n + 1)]
        # the exact cost is worth computing for windows of which most bits are fixed mostly
        likely = sorted(windows, key=lambda w: w[0] / w[2] ** 0.5, reverse=True)[:_CANDIDATES]
        best: tuple[float, int, int] | None = None
        for _, shift, bits in likely:
            sizes = [len(_matching(entries, shift, bits, v)) for v in range(1 << bits)]
            if max(sizes) >= len(entries):
                continue
            cost = sum(s * s for s in sizes) / (1 << bits) + (1 << bits) * 0.05
            if best is None or cost < best[0]:
                best = (cost, shift, bits)
        return None if best is None else (best[1], best[2])


def _matching(entries: Iterable[Entry], shift: int, bits: int, chosen: int) -> list[Entry]:
    field = ((1 << bits) - 1) << shift
    return [e for e in entries if not (e[1] ^ chosen << shift) & e[0] & field]


class Decoder:
    """All trees, leaves and extractors of one instruction-set family."""

    def __init__(self, module: Module, isa: Isa, handlers: dict[tuple[object, ...], int]) -> None:
        self.module = module
        self.handlers = handlers  # encoding key -> handler number
        self.tree = Tree()
        self.leaves: list[int] = []  # pairs: extractor, handler number
        self.extractors: dict[str, int] = {}
        self.bodies: list[str] = []
        self.roots: dict[str, int] = {}
        a32 = isa.encodings("a32")
        always = [e for e in a32 if not e.has_condition and e.pattern.value >> 28 == 15]
        self._root("a32", [e for e in a32 if e not in always], 32)
        self._root("a32_always", always, 32)
        for it in (0, 1):
            for set_, width in (("t16", 16), ("t32", 32)):
                chosen = [e for e in isa.encodings(set_) if e.it in (None, it)]
                self._root(f"{set_}_it{it}", chosen, width)

    def _root(self, name: str, encodings: list[Encoding], width: int) -> None:
        entries = [(e.pattern.mask, e.pattern.value, self._leaf(e)) for e in encodings]
        self.roots[name] = self.tree.add(entries, width)

    def _leaf(self, e: Encoding) -> int:
        self.leaves += [self._extractor(e), self.handlers[e.key]]
        return len(self.leaves) // 2 - 1

    def _extractor(self, e: Encoding) -> int:
        """Number of the function that fills a slot for `e`; returns 1 if an operand reads pc."""
        f = Function(self.module, "@", "")
        width = 16 if e.set == "t16" else 32
        word = f.value(32, "%word")
        if width == 16:
            word = word.trunc(16)
        fields = Fields(e.pattern, word, f.value(32, "%pc"), Bits(1, e.it or 0))
        packed, reads_pc = Bits(32, 0), Bits(1, 0)
        for i, name in enumerate(e.form.regs):
            operand = e.operand(name, fields)
            packed = packed | operand.zext(32) << 8 * i
            if name in e.form.reads and name in CORE_REGISTERS:
                reads_pc = reads_pc | operand.eq(15)
        f.store(packed, f.address("%slot", SLOT_REGS))
        if e.form.imm:
            f.store(e.operand(e.form.imm, fields), f.address("%slot", SLOT_IMM))
        f.line(f"ret i32 {f.ref(reads_pc.zext(32))}")
        body = "\n".join(f.lines)
        if body not in self.extractors:
            self.extractors[body] = len(self.bodies)
            self.bodies.append(body)
        return self.extractors[body]

    def emit(self) -> None:
        """Emit tables, extractors, `decode_find` and `decode_extract`."""
        m = self.module
        m.add(_array("decode_tree", self.tree.words))
        m.add(_array("decode_leaves", self.leaves))
        for i, body in enumerate(self.bodies):
            m.add(
                f"define private i32 @extract{i}(ptr %slot, i32 %word, i32 %pc) nounwind {{\n"
                f"{body}\n}}"
            )
        cases = "\n".join(f"    i32 {i}, label %x{i}" for i in range(len(self.bodies)))
        blocks = "\n".join(
            f"x{i}:\n  %r{i} = tail call i32 @extract{i}(ptr %slot, i32 %word, i32 %pc)\n"
            f"  ret i32 %r{i}"
            for i in range(len(self.bodies))
        )
        m.add(
            "define private i32 @decode_extract(i32 %n, ptr %slot, i32 %word, i32 %pc) nounwind {\n"
            f"  switch i32 %n, label %none [\n{cases}\n  ]\n{blocks}\nnone:\n  unreachable\n}}"
        )
        m.add(_FIND)


def _array(name: str, words: list[int]) -> str:
    items = ",\n".join(f"i32 {w}" for w in words)
    return f"@{name} = private unnamed_addr constant [{len(words)} x i32] [\n{items}]"


_FIND = """
define private i32 @decode_find(i32 %root, i32 %word) nounwind {
entry:
  br label %node
node:
  %at = phi i32 [ %root, %entry ], [ %child, %inner ]
  %at64 = zext i32 %at to i64
  %p = getelementptr i32, ptr @decode_tree, i64 %at64
  %head = load i32, ptr %p, align 4
  %islist = icmp slt i32 %head, 0
  br i1 %islist, label %list, label %inner
inner:
  %shift = and i32 %head, 255
  %bits = lshr i32 %head, 8
  %ones = shl nsw i32 -1, %bits
  %mask = xor i32 %ones, -1
  %moved = lshr i32 %word, %shift
  %index = and i32 %moved, %mask
  %index1 = add i32 %index, 1
  %index64 = zext i32 %index1 to i64
  %cp = getelementptr i32, ptr %p, i64 %index64
  %child = load i32, ptr %cp, align 4
  br label %node
list:
  %count = and i32 %head, 65535
  br label %next
next:
  %i = phi i32 [ 0, %list ], [ %i2, %miss ]
  %more = icmp ult i32 %i, %count
  br i1 %more, label %try, label %none
try:
  %triple = mul i32 %i, 3
  %first = add i32 %triple, 1
  %first64 = zext i32 %first to i64
  %mp = getelementptr i32, ptr %p, i64 %first64
  %m = load i32, ptr %mp, align 4
  %vp = getelementptr i32, ptr %mp, i64 1
  %v = load i32, ptr %vp, align 4
  %masked = and i32 %word, %m
  %hit = icmp eq i32 %masked, %v
  br i1 %hit, label %found, label %miss
miss:
  %i2 = add i32 %i, 1
  br label %next
found:
  %lp = getelementptr i32, ptr %mp, i64 2
  %leaf = load i32, ptr %lp, align 4
  ret i32 %leaf
none:
  ret i32 -1
}
"""
