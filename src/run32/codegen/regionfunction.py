"""The host function of a region under construction: its variables and the ways out of it.

A variable is a stack slot that LLVM promotes: of a guest register or flag, which has a field in the
`cpu` struct, or one that is derived from them: `less` is N != V, and `compared`, `a32` to `b64` are
the operands of the comparison whose result FPSCR has (`codegen/regionfloat.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from run32.codegen.fpfast import FLOAT
from run32.codegen.ir import Function, Module
from run32.codegen.regionfile import ENTRY_ALIGN
from run32.codegen.regiongates import PINNED, PINNED_FLOAT, PINNED_WIDE, REGION_PARAMS
from run32.spec.state import ARM, State

if TYPE_CHECKING:
    from run32.codegen.fpgroup import Group

BIAS = "run32_bias"
CONVENTION = "preserve_nonecc"

# Ways out of a region, and what only stores: state before an access, FPSCR's flags. POLLED is
# PENDING while that is set, TABLE otherwise.
DIRECT, TABLE, POLLED, PENDING, INTERPRET, SYNC, FPSCR = range(7)
DERIVED = {
    "less": "i1", "compared": "i32", "a32": "float", "b32": "float", "a64": "double",
    "b64": "double",
}  # fmt: skip


Flags = dict[str, str | None]
"""Typed values by flag; None where the flag may be another one too."""
_JUMPS = ("br ", "switch ", "ret ", "musttail ", "unreachable")
_OPERAND = re.compile(r"%t\d+")
_MADE = re.compile(r"(zext|and|lshr|shl) i(\d+) ([-%\w]+)(?:, | to i32)([-%\w]*)$")
MOST = 0xFFFFFFFF
PURE = frozenset(
    "add sub mul shl lshr ashr and or xor zext sext trunc icmp select".split()
)  # fmt: skip


class Changes:
    """Registers that differ from the `cpu` struct: `own`, and those from before unless `synced`."""

    __slots__ = ("own", "synced")

    def __init__(self, own: set[str], synced: bool = False) -> None:
        self.own = own
        self.synced = synced

    def after(self, before: set[str]) -> set[str]:
        """All of them, if `before` had changed when the block began."""
        return self.own if self.synced else self.own | before

    def copy(self) -> Changes:
        """What has changed so far."""
        return Changes(set(self.own), self.synced)


class Exit:
    """A way out: what is stored and where it goes is filled in when the function is complete."""

    __slots__ = (
        "block", "changes", "dead", "flags", "if_bit", "kind", "maybe", "needed", "target",
    )  # fmt: skip

    def __init__(
        self, kind: int, target: str, block: int, changes: Changes, dead: frozenset[str]
    ) -> None:
        self.needed: frozenset[str] | None = None
        """Of a landing: flags that are stored even if it is not known what they are made of."""
        self.flags: Flags = {}
        """What flags are made of, of those that were written in the block."""
        self.dead = dead
        self.kind = kind
        self.target = target
        self.block = block
        self.changes = changes
        self.maybe: frozenset[str] = frozenset()
        """Flags that nobody reads if the target's item in the table has the bit `if_bit`; then
        there is nothing else to do either."""
        self.if_bit = 0


class RegionFunction(Function):
    """The host function of one entry."""

    def __init__(self, module: Module, entry: int) -> None:
        params = REGION_PARAMS.replace("ptr %cpu", "ptr noalias %cpu")
        super().__init__(module, symbol(entry), params, convention=CONVENTION)
        self.uses_bias = False
        self.begins_complete = False
        """Whether the registers that are given as arguments are stored first of all."""
        self.used: set[str] = set()
        self.exits: list[Exit] = []
        self.blocks = 0
        """How many blocks have begun."""
        self.widths: dict[str, set[int]] = {}
        """Of each floating-point register, as what it is used."""
        self.compares: set[int] = set()
        """Widths of comparisons."""
        self.made_by: dict[str, str] = {}
        """The instructions that values come from."""
        self.limits: dict[str, int] = {}
        """The largest that a value may be, where its instruction does not say so."""
        self.same: dict[str, str] = {}
        """The value that a register was read as, by what it was written as."""
        self.uses_float = False
        self.uses_packed = False
        """Whether it rounds to nearest, as Advanced SIMD does."""
        self.group: Group | None = None
        """Floating-point operations that are not emitted yet."""
        self.groups: list[Group] = []
        """Those whose call is not complete."""

    def finish(self) -> None:
        if self.module.host == "x86_64":  # rbp is of more use than kept: `run32_run` expects that
            self.attributes += ' "no_callee_saved_registers"'
        self.attributes += f" align {ENTRY_ALIGN}"
        super().finish()

    def line(self, text: str) -> None:
        if self.group is not None and text.startswith(_JUMPS):
            self.end_group()
        super().line(text)

    def end_group(self) -> None:
        """Emit floating-point operations that wait for others."""
        if self.group is not None:
            self.group.end()

    def label(self, name: str) -> None:
        super().label(name)
        self.blocks += 1

    def temp(self, text: str) -> str:
        name = super().temp(text)
        if text[: text.index(" ")] in PURE:
            self.made_by[name] = text
        return name

    def limit(self, name: str, depth: int = 6) -> int:
        """The largest that a value of 32 bits may be, as far as is plain from how it was made."""
        while name in self.same:
            name = self.same[name]
        if name[0] != "%":
            return int(name) & MOST
        if name in self.limits:
            return self.limits[name]
        made = _MADE.match(self.made_by.get(name, ""))
        if made is None or not depth:
            return MOST
        how, width, first, second = made.groups()
        if how == "zext":
            return (1 << int(width)) - 1 & MOST
        if how == "and":
            return min(self.limit(first, depth - 1), self.limit(second, depth - 1))
        if second[0] == "%":
            return MOST
        limit, by = self.limit(first, depth - 1), int(second)
        return limit >> by if how == "lshr" else min(limit << by, MOST)

    def last_label(self) -> str:
        """The LLVM block that is under construction."""
        return next(line[:-1] for line in reversed(self.lines) if line.endswith(":"))

    def again(self, value: str, done: dict[str, str]) -> str:
        """Compute a typed value once more, here; `done` has what was computed so."""
        made_by, todo = self.made_by, []
        waiting = _OPERAND.findall(value)
        while waiting:
            name = waiting.pop()
            if name in made_by:
                todo.append(name)
                waiting += _OPERAND.findall(made_by[name])
        for name in dict.fromkeys(reversed(todo)):
            if name not in done:
                text = _OPERAND.sub(lambda m: done.get(m[0], m[0]), made_by[name])
                done[name] = super().temp(text)
        return _OPERAND.sub(lambda m: done.get(m[0], m[0]), value)

    def field(self, state: State, name: str, index: int = 0) -> str:
        """Pointer to a field of the cpu struct."""
        f = state[name]
        return self.address("%cpu", f.offset + index * f.width // 8)

    @property
    def quads(self) -> set[str]:
        """Pairs of double-precision registers that are used as one."""
        return {key for key in self.used if key[0] == "q" and key != "q"}

    def _allocate(self, registers: list[str]) -> None:
        """The stack slots of registers; both halves of a vector are parts of one slot."""
        halves = {}
        for key in sorted(self.quads):
            self.line(f"%v.{key} = alloca i128, align 16")
            for half in (0, 1):
                halves[f"d{2 * int(key[1:]) + half}"] = f"ptr %v.{key}, i64 {8 * half}"
        for key in registers:
            if key in halves:
                self.line(f"%v.{key} = getelementptr i8, {halves[key]}")
            else:
                self.line(f"%v.{key} = alloca i{key_field(key)[1]}, align 8")

    def variable(self, key: str) -> str:
        """The stack slot of a register."""
        self.used.add(key)
        return f"%v.{key}"

    def _parts(self, key: str) -> list[tuple[str, int]]:
        """LLVM types and byte offsets of what a register is moved as."""
        widths = self.widths.get(key)
        if widths == {64}:
            return [("double", 0)]
        if widths == {32}:
            return [("float", 0), ("float", 4)]
        if widths:
            return [("<2 x i32>", 0)]  # a type that lets LLVM promote it, whatever its parts are
        return [(f"i{key_field(key)[1]}", 0)]

    def begin_variables(self) -> None:
        """Allocate all variables and give them the guest's state."""
        if "less" in self.used:
            self.used |= {"n", "v"}
        registers = sorted(self.used - DERIVED.keys() - self.quads)
        self._allocate(registers)
        for key, t in DERIVED.items():
            if key in self.used:
                self.line(f"%v.{key} = alloca {t}, align 8")
                zero = "0.0" if t in FLOAT.values() else "0"
                self.line(f"store {t} {zero}, ptr %v.{key}")
        for key in registers:
            if key[0] == "r" and int(key[1:]) in PINNED:
                value, n = f"%{key}", int(key[1:])
                if n in PINNED_WIDE:
                    value = self.temp(f"ptrtoint ptr %w{n} to i32")
                elif n in PINNED_FLOAT:
                    value = self.temp(f"bitcast float %x{n} to i32")
                self.line(f"store i32 {value}, ptr %v.{key}, align 8")
            else:
                self._move("%cpu", key_field(key)[0], f"%v.{key}", 0, key)

    def _move(self, source: str, at: int, target: str, to: int, key: str, kind: str = "") -> None:
        for t, offset in self._parts(key):
            value = self.temp(f"load {t}, ptr {self.address(source, at + offset)}, align 4")
            pointer = self.address(target, to + offset)
            self.line(f"store {kind}{t} {value}, ptr {pointer}, align 4")

    def keep(self, key: str, kind: str = "") -> None:
        """Store a register in the `cpu` struct; `kind` may be "volatile "."""
        self._move(f"%v.{key}", 0, "%cpu", key_field(key)[0], key, kind)


def symbol(place: int) -> str:
    """The name of the host function for the entry at `place`."""
    return f"e_{place:08x}"


def key_field(key: str) -> tuple[int, int]:
    """Offset in the `cpu` struct and width of a register."""
    if key[0] in "rd" and key[1:].isdigit():
        field = ARM[key[0]]
        return field.offset + int(key[1:]) * field.width // 8, field.width
    return ARM[key].offset, ARM[key].width
