"""Random guest functions: blocks with loops, joins, calls and IT blocks, for the region translator.

Every backward branch counts in r7, which nothing else writes; r8 points into the data window, and
lr belongs to calls. All other registers are anything, so an access hits the window only through r8,
and seldom anything else: instructions that fault in some of a few states are not taken. What guards
a table branch makes its index, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import states
from oracle import DATA, DATA_SIZE, Cpu, Reference, code_bytes
from test_blocks import encodings
from test_vfp import with_vfp

from run32.codegen.unit import BRANCHES
from run32.isa.arm.all import ARM
from run32.spec.rows import Encoding

COUNTER, BASE, LINK = 7, 8, 14
KEPT = (COUNTER, BASE, LINK)
STATES = 8
PLACE = 0x0010_0400  # multiple of 4, in the code window
SVC = {False: b"\x00\x00\x00\xef", True: b"\x00\xdf"}
TRIES = 12


@dataclass
class Piece:
    """Code of known size; `target` is the block that a branch at its end goes to, or None.

    `table` has the blocks that a table branch, the only instruction of its piece, goes to.
    """

    code: bytes
    target: int | None = None
    kind: str = ""
    cond: int = 14
    table: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """In bytes."""
        if self.table:
            per = {"tbb": 1, "tbh": 2}.get(self.kind, 4)
            return len(self.code) + (per * len(self.table) + 1 & -2)
        return len(self.code) + (4 if self.kind else 0)


def start_state(rng: Random, thumb: bool, vfp: bool) -> Cpu:
    """Registers to begin a function with."""
    e = next(e for e in ARM.rows["add"].encodings if (e.set != "a32") == thumb)
    state = states.random_state(rng, e, 0)
    if vfp:
        state = with_vfp(rng, e, state)
    state.pc, state.it = PLACE, 0
    state.r[BASE] = DATA + DATA_SIZE // 2
    state.r[COUNTER] = (1 << rng.randrange(1, 12)) - 1
    return state


class Maker:
    """Makes functions of one instruction set."""

    def __init__(self, rng: Random, thumb: bool, vfp: bool) -> None:
        self.rng, self.thumb, self.vfp = rng, thumb, vfp
        self.choice = [m for m in encodings(thumb, vfp) if m[0].row.name not in BRANCHES]
        if vfp:  # every other instruction
            self.choice += [m for m in self.choice if "/vfp" in m[0].row.where] * 2
        self.reference = Reference()
        self.states = [start_state(rng, thumb, vfp) for _ in range(40)]

    def straight(self, e: Encoding, word: int, in_it: int) -> bool:
        """Whether the instruction always goes on and leaves alone what has a purpose."""
        raw = code_bytes(e.set, word)
        for _ in range(STATES):
            state = self.rng.choice(self.states)
            if in_it:
                state = replace(state, it=0xE8)
            elif not self.thumb and word >> 28 < 14:
                word = word & 0x0FFFFFFF | 14 << 28
            after = self.reference.run(e.set, word, state)
            if after.outcome or after.pc != state.pc + len(raw) or after.thumb != state.thumb:
                return False
            if any(after.r[n] != state.r[n] for n in KEPT):
                return False
        return True

    def instruction(self, in_it: int = 0) -> bytes:
        rng = self.rng
        while True:
            row = rng.choice(self.choice)
            for _ in range(TRIES):
                e = rng.choice(row)
                if e.it not in (None, in_it) or in_it and e.row.name in states.OUTSIDE_IT:
                    continue
                word = states.random_word(rng, e, in_it)
                if word is not None and self.straight(e, word, in_it):
                    return code_bytes(e.set, word)

    def body(self, size: int) -> list[Piece]:
        """Instructions without branches."""
        rng, pieces = self.rng, []
        while len(pieces) < size:
            if not self.thumb or rng.random() < 0.8:
                pieces.append(Piece(self.instruction()))
                continue
            pieces.append(self._it(rng.randrange(1, 5)))
        return pieces

    def _it(self, count: int, cond: int = -1) -> Piece:
        """An IT block of `count` instructions."""
        cond = self.rng.randrange(14) if cond < 0 else cond
        mask = 1 << 4 - count
        for i in range(count - 1):
            mask |= (cond & 1 ^ self.rng.getrandbits(1)) << 3 - i
        code = code_bytes("t16", 0xBF00 | cond << 4 | mask)
        return Piece(code + b"".join(self.instruction(1) for _ in range(count)))

    def _back(self, target: int) -> list[Piece]:
        """Count, and go to `target` unless the counter is 0."""
        if not self.thumb:
            return [Piece(code_bytes("a32", 0xE1B070A7), target, "b", 1)]
        if self.rng.getrandbits(1):
            return [Piece(code_bytes("t32", 0xEA5F0757), target, "b", 1)]
        return [Piece(code_bytes("t32", 0xEA4F0757) + code_bytes("t16", 0xB10F), target, "b")]

    def _end(self, i: int, blocks: int, functions: int) -> list[Piece]:
        rng, kind = self.rng, self.rng.random()
        if kind < 0.3:
            return self._back(rng.randrange(i + 1))
        if kind < 0.6:
            return [Piece(b"", rng.randrange(i + 1, blocks), "b", rng.randrange(14))]
        if kind < 0.7:
            return [Piece(b"", rng.randrange(i + 1, blocks), "b")]
        if kind < 0.78:
            return self._switch(i, blocks)
        if kind < 0.88 and functions:
            return [Piece(b"", blocks + rng.randrange(functions), "bl")]
        if kind < 0.94 and self.thumb:  # a branch at the end of an IT block
            cond, n = rng.randrange(14), rng.randrange(1, 4)
            block = self._it(n, cond).code
            head = int.from_bytes(block[:2], "little") & 0xFFF0
            mask = 1 << 3 - n
            for j in range(n):
                mask |= (cond & 1) << 3 - j
            block = (head | mask).to_bytes(2, "little") + block[2:]
            return [Piece(block, rng.randrange(i + 1, blocks), "b")]
        return []

    def _switch(self, i: int, blocks: int) -> list[Piece]:
        """A jump through a table that a comparison guards."""
        rng = self.rng
        index, source = rng.choice((0, 3, 5, 6, 9, 11)), rng.randrange(13)
        table = tuple(rng.randrange(i + 1, blocks) for _ in range(rng.randrange(2, 8)))
        last, other = len(table) - 1, rng.randrange(i + 1, blocks)
        if self.thumb:
            kind, op = rng.choice((("tbb", 0xE8DFF000), ("tbh", 0xE8DFF010)))
            words = (0xF0000007 | source << 16 | index << 8, 0xF1B00F00 | index << 16 | last)
            jump, behind = code_bytes("t32", op | index), b""
        else:
            kind, op = rng.choice((("add", 0xE08FF100), ("ldr", 0xE79FF100)))
            words = (0xE2000007 | source << 16 | index << 12, 0xE3500000 | index << 16 | last)
            jump, behind = code_bytes("a32", op | index), code_bytes("a32", 0xE320F000)
        guard = b"".join(code_bytes("t32" if self.thumb else "a32", w) for w in words)
        if kind == "tbb":  # reaches no farther than a long block
            table = tuple(min(t, i + 2) for t in table)
        return [Piece(guard, other, "b", 8), Piece(jump + behind, kind=kind, table=table)]

    def function(self) -> tuple[bytes, list[int]]:
        """Code, and the offsets of its blocks."""
        rng = self.rng
        count, functions = rng.randrange(2, 8), rng.randrange(3)
        blocks = []
        for i in range(count - 1):
            size = 70 if rng.random() < 0.02 else rng.randrange(1, 7)
            blocks.append([*self.body(size), *self._end(i, count, functions)])
        blocks.append([*self.body(2), Piece(SVC[self.thumb])])
        for _ in range(functions):
            back = code_bytes("t16", 0x4770) if self.thumb else code_bytes("a32", 0xE12FFF1E)
            early = code_bytes("a32", rng.randrange(14) << 28 | 0x12FFF1E)
            if self.thumb:
                early = code_bytes("t16", 0xBF08 | rng.randrange(14) << 4) + back
            blocks.append([*self.body(2), Piece(early), *self.body(2), Piece(back)])
        return self._link(blocks)

    def _link(self, blocks: list[list[Piece]]) -> tuple[bytes, list[int]]:
        at, places = 0, []
        for block in blocks:
            places.append(at)
            for piece in block:
                at += piece.size
        code = b""
        for block in blocks:
            for piece in block:
                code += piece.code
                if piece.target is not None:
                    code += self._branch(piece, places[piece.target] - len(code))
                elif piece.table:
                    code += self._table(piece, [places[t] for t in piece.table], len(code))
        return code, places

    def _table(self, piece: Piece, targets: list[int], at: int) -> bytes:
        """The table, at offset `at`, of a table branch."""
        if piece.kind == "ldr":
            return b"".join((PLACE + t).to_bytes(4, "little") for t in targets)
        if piece.kind == "add":
            jumps = (self._branch(Piece(b""), t - at - 4 * i) for i, t in enumerate(targets))
            return b"".join(jumps)
        width = {"tbb": 1, "tbh": 2}[piece.kind]
        table = b"".join((t - at >> 1).to_bytes(width, "little") for t in targets)
        return table + bytes(len(table) % 2)

    def _branch(self, piece: Piece, distance: int) -> bytes:
        if not self.thumb:
            word = piece.cond << 28 | (0xB if piece.kind == "bl" else 0xA) << 24
            return code_bytes("a32", word | distance - 8 >> 2 & 0xFFFFFF)
        off = distance - 4
        sign = off >> 31 & 1
        high, low = 0xF000 | sign << 10, 0x8000 | off >> 1 & 0x7FF
        if piece.cond < 14:
            high |= piece.cond << 6 | off >> 12 & 0x3F
            low |= (off >> 18 & 1) << 13 | (off >> 19 & 1) << 11
        else:
            high |= off >> 12 & 0x3FF
            low |= (off >> 23 & 1 ^ sign ^ 1) << 13 | (off >> 22 & 1 ^ sign ^ 1) << 11
            low |= 0x5000 if piece.kind == "bl" else 0x1000
        return code_bytes("t32", high << 16 | low)
