"""The row language for instructions: forms, templates, encodings and rows.

A *form* says how operands reach a semantic function and where the results go; it is a function
`form(m, o, sem)` on a `spec.machine.Machine` and an operand namespace. A *template* ties a bit
pattern of one instruction set to a form and binds the form's operands to pattern fields. A *row* is
a semantic function with the encodings (instantiated templates) that select it.

Operands are static (Python ints; every value gets code of its own), registers (one byte each, four
at most) or one 32-bit immediate. A binding is a constant or a function of the fields `f`, where
`f.pc` is the instruction's address and `f.it` is 1 inside an IT block.
Invariant: of two overlapping encodings in one set one refines the other, and the finer one wins.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from run32.spec.bits import Bits
from run32.spec.errors import RowError
from run32.spec.pattern import Pattern

Semantic = Callable[..., Any]

# Byte operands with these names are general registers (reading number 15 reads pc); any other byte
# operand is a small constant or a register of another file.
CORE_REGISTERS = frozenset("rd rn rm rs rt rt2 ra rdlo rdhi pc".split())
MOST_WORDS = 1 << 16  # decoded words that are kept


class Form:
    """An operand shape. `reads` are the register operands whose old value is used.

    Operands named in `small` share the slot's bytes with register numbers but are plain numbers
    (shift amounts, widths). One that is named `skip` is the number of slots the instruction owns:
    A32 and T32 encodings then share native code.
    """

    __slots__ = ("imm", "name", "reads", "regs", "run", "static", "wide_mode")

    def __init__(
        self,
        run: Callable[..., None],
        *,
        static: str = "",
        regs: str = "",
        imm: str = "",
        writes: str = "",
        small: str = "",
        wide_mode: bool = False,
    ) -> None:
        self.run = run
        self.name = run.__name__
        self.static = tuple(static.split())
        self.regs = (*regs.split(), *small.split())
        self.imm = imm
        self.reads = tuple(r for r in regs.split() if r not in writes.split())
        self.wide_mode = wide_mode  # True: code differs between ARM and Thumb state
        if len(self.regs) > 4:
            raise RowError(f"form {self.name}: {len(self.regs)} register operands; a slot has 4")


def form(**shape: Any) -> Callable[[Callable[..., None]], Form]:
    """Decorator: `@form(static="s", regs="rd rn", writes="rd", imm="imm")` on `f(m, o, sem)`."""
    return lambda run: Form(run, **shape)


def direct(name: str = "direct", **shape: Any) -> Form:
    """A form whose rows do everything themselves: the row's function is called as `f(m, o)`."""

    def run(m: Any, o: Operands, sem: Semantic) -> None:
        sem(m, o)

    run.__name__ = name
    return Form(run, **shape)


class Operands:
    """Operand values by name: ints for static ones, `Bits` for registers and the immediate."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no operand {name!r}; there are {sorted(self.__dict__)}")


class Fields:
    """Pattern fields of one instruction word, as `Bits`, for binding functions."""

    __slots__ = ("_pattern", "_pc", "it", "uses_pc", "word")

    def __init__(self, pattern: Pattern, word: Bits, pc: Bits, it: Bits) -> None:
        self._pattern = pattern
        self._pc = pc
        self.word = word
        self.it = it
        self.uses_pc = False

    @property
    def pc(self) -> Bits:
        """Where the instruction is."""
        self.uses_pc = True
        return self._pc

    def __getattr__(self, name: str) -> Bits:
        span = self._pattern.fields.get(name)
        if span is None:
            raise AttributeError(f"pattern {self._pattern.text!r} has no field {name!r}")
        hi, lo = span
        # a fixed field is a constant even when the word is symbolic
        mask = ((1 << (hi - lo + 1)) - 1) << lo
        if self._pattern.mask & mask == mask:
            return Bits(hi - lo + 1, self._pattern.value >> lo)
        return self.word[hi:lo]


class Encoding:
    """One fully expanded pattern: fixed static operands, bindings for the dynamic ones."""

    __slots__ = ("bind", "form", "it", "pattern", "row", "set", "static", "unit")

    def __init__(
        self,
        set_: str,
        unit: int,
        pattern: Pattern,
        it: int | None,
        form_: Form,
        static: tuple[int, ...],
        bind: dict[str, Any],
    ) -> None:
        self.set = set_
        self.unit = unit  # bytes of this instruction
        self.pattern = pattern
        self.it = it  # None: in and outside IT blocks
        self.form = form_
        self.static = static
        self.bind = bind
        self.row: Row

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two encodings share native code."""
        mode = self.set if self.form.wide_mode else ""
        stride = 2 if self.set == "t32" else 1
        if "skip" in self.form.regs:  # it is read from the slot
            stride = 0
        return (self.row.name, self.form.name, self.static, stride, mode)

    @property
    def has_condition(self) -> bool:
        """True for A32 encodings with a condition field."""
        return self.set == "a32" and "cond" in self.pattern.fields

    def operand(self, name: str, fields: Fields) -> Bits:
        """Dynamic operand `name`: registers as Bits(8), the immediate as Bits(32)."""
        width = 32 if name == self.form.imm else 8
        bound = self.bind.get(name)
        if bound is None:
            value = getattr(fields, name)
        elif callable(bound):
            value = bound(fields)
        else:
            value = bound
        if isinstance(value, int):
            return Bits(width, value)
        given: Bits = value
        return given.zext(width) if given.width <= width else given.trunc(width)

    def operands(self, fields: Fields) -> Operands:
        """All operands of this encoding for one word."""
        values: dict[str, Any] = dict(zip(self.form.static, self.static, strict=True))
        for name in self.form.regs:
            values[name] = self.operand(name, fields)
        if self.form.imm:
            values[self.form.imm] = self.operand(self.form.imm, fields)
        return Operands(**values)

    def __repr__(self) -> str:
        return f"{self.set}:{self.row.name}/{self.form.name}{self.static} {self.pattern.text!r}"


class Template:
    """A pattern with `{holes}`, to be instantiated per row.

    `expand` names pattern fields (and `it`) to enumerate besides the form's static operands;
    `pc_write` names a destination field: the value 15 gets an encoding of its own with the static
    operand `wpc` = 1. `only` is a predicate on the expanded fields (an int per name) that drops
    combinations. Other keywords bind operands.
    """

    def __init__(
        self,
        set_: str,
        text: str,
        form_: Form,
        *,
        expand: str = "",
        pc_write: str = "",
        only: Callable[..., bool] | None = None,
        **bind: Any,
    ) -> None:
        self.set = set_
        self.text = text
        self.form = form_
        self.expand = tuple(expand.split())
        self.pc_write = pc_write
        self.only = only
        self.bind = bind
        self.width = 16 if set_ == "t16" else 32

    def __call__(
        self, *, form: Form | None = None, pc_write: str | None = None, **given: Any
    ) -> list[Encoding]:
        """Encodings for one row: strings fill holes, everything else binds operands."""
        pc_field = self.pc_write if pc_write is None else pc_write
        holes = {k: v for k, v in given.items() if "{" + k + "}" in self.text}
        bind = {**self.bind, **{k: v for k, v in given.items() if k not in holes}}
        form_ = form or self.form
        base = Pattern(self.text, self.width, holes)
        names = [
            n
            for n in (*form_.static, *self.expand)
            if n not in bind and (n in base.fields or n == "it")
        ]
        names = list(dict.fromkeys(names))
        found: list[Encoding] = []
        for values in product(*(self._range(base, n) for n in names)):
            chosen = dict(zip(names, values, strict=True))
            if self.only is not None and not self.only(**chosen):
                continue
            found += self._fixed(base, chosen, bind, form_, pc_field)
        return found

    @staticmethod
    def _range(pattern: Pattern, name: str) -> range:
        if name == "it":
            return range(2)
        hi, lo = pattern.fields[name]
        return range(1 << (hi - lo + 1))

    def _fixed(
        self,
        base: Pattern,
        chosen: dict[str, int],
        bind: dict[str, Any],
        form_: Form,
        pc_field: str,
    ) -> Iterator[Encoding]:
        pattern = base
        for name, value in chosen.items():
            if name != "it":
                if not self._fits(pattern, name, value):
                    return
                pattern = pattern.fix(name, value)
        variants = [(pattern, 0)]
        if pc_field:
            variants.append((pattern.fix(pc_field, 15), 1))
        for p, wpc in variants:
            known = Fields(p, Bits(self.width, p.value), Bits(32, 0), Bits(1, chosen.get("it", 0)))
            static = tuple(self._static(n, chosen, bind, known, wpc) for n in form_.static)
            yield Encoding(self.set, self.width // 8, p, chosen.get("it"), form_, static, bind)

    @staticmethod
    def _fits(pattern: Pattern, name: str, value: int) -> bool:
        """False when bits of the field are fixed already, to something else."""
        hi, lo = pattern.fields[name]
        mask = (((1 << (hi - lo + 1)) - 1) << lo) & pattern.mask
        return (pattern.value ^ value << lo) & mask == 0

    def _static(
        self, name: str, chosen: dict[str, int], bind: dict[str, Any], known: Fields, wpc: int
    ) -> int:
        if name in chosen:
            return chosen[name]
        if name == "wpc":
            return wpc
        if name not in bind:
            raise RowError(
                f"template {self.text!r}: static operand {name!r} is neither a field nor bound"
            )
        value = bind[name](known) if callable(bind[name]) else bind[name]
        return int(value)


class Row:
    """An instruction: name, semantic function, encodings, reference."""

    __slots__ = ("doc", "encodings", "name", "ref", "sem", "where")

    def __init__(self, sem: Semantic, encodings: list[Encoding], ref: str) -> None:
        self.name = sem.__name__
        self.sem = sem
        self.encodings = encodings
        self.ref = ref
        self.doc = inspect.getdoc(sem) or ""
        code = sem.__code__
        self.where = f"{code.co_filename}:{code.co_firstlineno}"
        for e in encodings:
            e.row = self


class Decoded:
    """One decoded instruction: the encoding, its operands and its condition (14 = always)."""

    __slots__ = ("cond", "encoding", "length", "operands", "pc", "uses_pc", "word")

    def __init__(
        self,
        encoding: Encoding,
        operands: Operands,
        cond: int,
        word: int,
        pc: int,
        uses_pc: bool = True,
    ) -> None:
        self.uses_pc = uses_pc
        """Whether operands may depend on where the instruction is."""
        self.encoding = encoding
        self.operands = operands
        self.cond = cond
        self.word = word
        self.pc = pc
        self.length = encoding.unit


class Isa:
    """A set of rows; `sets` are its instruction sets."""

    sets = ("t16", "a32", "t32")

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[str, Row] = {}
        self._order: dict[str, list[Encoding]] | None = None
        self._buckets: dict[tuple[str, int, int], list[Encoding]] = {}
        self._words: dict[tuple[str, int, int], tuple[Encoding, Operands, int]] = {}
        """What was decoded before, where that does not depend on pc."""

    def insn(self, *encodings: list[Encoding], ref: str) -> Callable[[Semantic], Semantic]:
        """Decorator that registers a semantic function as a row."""

        def register(sem: Semantic) -> Semantic:
            row = Row(sem, [e for group in encodings for e in group], ref)
            if row.name in self.rows:
                first = self.rows[row.name].where
                raise RowError(f"{row.where}: row {row.name!r} is defined at {first}; rename one")
            if not row.encodings:
                raise RowError(f"{row.where}: row {row.name!r} has no encoding")
            self.rows[row.name] = row
            self._order = None
            self._words.clear()
            self._buckets.clear()
            return sem

        return register

    def encodings(self, set_: str) -> list[Encoding]:
        """All encodings of one set, finest first."""
        if self._order is None:
            order: dict[str, list[Encoding]] = {}
            for row in self.rows.values():
                for e in row.encodings:
                    order.setdefault(e.set, []).append(e)
            for found in order.values():
                found.sort(key=lambda e: -e.pattern.mask.bit_count())
            self._order = order
        return self._order.get(set_, [])

    def conflicts(self, set_: str) -> Iterator[tuple[Encoding, Encoding]]:
        """Pairs of overlapping encodings that leave open which one wins.

        Fine are pairs of which one refines the other, and pairs whose common words have an
        encoding of their own.
        """
        found = self.encodings(set_)
        exact = {(e.pattern.mask, e.pattern.value) for e in found}
        for i, a in enumerate(found):
            for b in found[i + 1 :]:
                if not a.pattern.overlaps(b.pattern) or a.pattern.refines(b.pattern):
                    continue
                common = a.pattern.mask | b.pattern.mask, a.pattern.value | b.pattern.value
                if a.pattern.mask != b.pattern.mask and common in exact:
                    continue
                if a.it is not None and b.it is not None and a.it != b.it:
                    continue
                if set_ == "a32" and a.has_condition != b.has_condition:
                    continue
                yield a, b

    def find(self, set_: str, word: int, it: int = 0) -> Encoding | None:
        """The finest encoding that matches `word`."""
        width = 16 if set_ == "t16" else 32
        for e in self._bucket(set_, word >> width - 12, 12):
            if word & e.pattern.mask == e.pattern.value and e.it in (None, it):
                if set_ == "a32" and e.has_condition and word >> 28 == 15:
                    continue
                return e
        return None

    def _bucket(self, set_: str, top: int, bits: int) -> list[Encoding]:
        """Encodings that a word may have whose first `bits` bits are `top`, finest first."""
        if bits == 0:
            return self.encodings(set_)
        key = set_, top, bits
        bucket = self._buckets.get(key)
        if bucket is None:
            low = (16 if set_ == "t16" else 32) - bits
            bucket = self._buckets[key] = [
                e
                for e in self._bucket(set_, top >> 4, bits - 4)
                if not (e.pattern.value >> low ^ top) & e.pattern.mask >> low
            ]
        return bucket

    def decode(self, set_: str, word: int, pc: int, it: int = 0) -> Decoded | None:
        """Decode one instruction word; None when no encoding matches.

        `word` of a t32 instruction has its first halfword in the upper 16 bits.
        """
        known = self._words.get((set_, word, it))
        if known is not None:
            return Decoded(*known, word, pc, uses_pc=False)
        e = self.find(set_, word, it)
        if e is None:
            return None
        width = 16 if set_ == "t16" else 32
        fields = Fields(e.pattern, Bits(width, word), Bits(32, pc), Bits(1, it))
        cond = e.pattern.extract("cond", word) if e.has_condition else 14
        found = e, e.operands(fields), cond
        if not fields.uses_pc:
            if len(self._words) >= MOST_WORDS:
                self._words.clear()
            self._words[set_, word, it] = found
        return Decoded(*found, word, pc, fields.uses_pc)
