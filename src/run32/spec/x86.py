"""The encoding language for i386, in the manual's words: `Enc("10 /r", Eb, Gb)`.

The text gives the opcode bytes and what follows them: `/r` a ModRM byte whose reg field is an
operand, `/0` .. `/7` a ModRM byte whose reg field extends the opcode, `+r` a register and `+cc` a
condition in the opcode's low bits. Operands are named as in the manual's opcode map (SDM 2D,
appendix A.2): a letter for where it is, a letter for its size, `v` being 16 or 32 bits by the
operand-size prefix.

`Enc` expands to one `Encoding` per operand size and ModRM shape, so that a handler knows statically
whether r/m is a register or memory and how wide everything is. Register numbers, the displacement
and the immediate are dynamic. A register number of an 8-bit operand is the byte offset of that
register in the register file (AH is byte 1 of EAX); "no register" in an address is number
`NO_REGISTER`, which always reads as zero.
Invariant: either all encodings of an opcode have a ModRM byte or none; no two select one code.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from run32.spec.bits import Bits
from run32.spec.errors import RowError
from run32.spec.rows import Operands
from run32.spec.x86_operands import (
    BASE,
    NO_IMM,
    REGISTER,
    SHAPES,
    SIB,
    InRegister,
    Operand,
    Place,
    RepPrefix,
    X86Machine,
)

SIZES = (16, 32)


# -- encodings ------------------------------------------------------------------------------------
class Encoding:
    """One opcode at one operand size, ModRM shape and condition."""

    set = "x86"

    __slots__ = ("digit", "map", "opcodes", "places", "rep", "row", "shape", "sizes", "text")

    def __init__(self, text: str, shape: int | None, sizes: tuple[int, ...]) -> None:
        self.text = text
        self.shape = shape  # None: no ModRM byte
        self.sizes = sizes
        self.map = 0  # 1: after 0F
        self.opcodes: tuple[int, ...] = ()
        self.digit: int | None = None
        self.rep = False  # a repeat prefix is accepted (and ignored without a Rep operand)
        self.places: list[Place] = []
        self.row: Insn

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two encodings share native code."""
        return (self.row.name, *(p.name for p in self.places))

    @property
    def imm(self) -> int:
        """Kind of the bytes after ModRM."""
        return max((p.imm for p in self.places), default=NO_IMM)

    def _register(self, field: str) -> InRegister | None:
        found = (p for p in self.places if isinstance(p, InRegister) and p.field == field)
        return next(found, None)

    def is_byte(self, field: str) -> bool:
        """True when slot byte `field` names an 8-bit register."""
        register = self._register(field)
        return register is not None and register.width == 8

    @property
    def takes_rep(self) -> bool:
        """True when the repeat prefix is an operand."""
        return any(isinstance(p, RepPrefix) for p in self.places)

    def codes(self) -> Iterator[tuple[int, int, int, int | None, int | None]]:
        """All (map, size, opcode, shape, digit) that select this encoding."""
        digits = range(8) if self.shape is not None and self.digit is None else [self.digit]
        for size in self.sizes:
            for opcode in self.opcodes:
                for digit in digits:
                    yield self.map, size, opcode, self.shape, digit

    def run(self, m: X86Machine, o: Operands) -> None:
        """Execute: read operands and flags, call the row, write results, then flags.

        Memory is written first, because that can fault; then registers in their order.
        """
        row = self.row
        pairs = list(zip(self.places, row.access, strict=True))
        values = [p.read(m, o) for p, how in pairs if how in "rx"]
        values += [m.get(name) for name in row.reads]
        result = row.sem(m, *values) if row.machine else row.sem(*values)
        if result is None:
            return
        results = result if isinstance(result, tuple) else (result,)
        written = [p for p, how in pairs if how in "wx"]
        both = zip(written, results, strict=bool(written))  # none written: flags only
        for place, item in sorted(both, key=lambda w: isinstance(w[0], InRegister)):
            place.write(m, o, item if isinstance(item, Bits) else item.value)
        for item in results:
            if not isinstance(item, Bits):
                item.write_flags(m)

    def __repr__(self) -> str:
        names = ", ".join(p.name for p in self.places)
        return f"x86:{self.row.name} {self.text!r} {names}"


class Line:
    """The parsed text of an encoding: opcode map, opcode, `+r` or `+cc`, `/r` or `/digit`."""

    __slots__ = ("map", "modrm", "opcode", "spread", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        tokens = text.split()
        self.modrm = self._suffix(tokens, "/", ("/r", *(f"/{d}" for d in range(8))))
        self.spread = self._suffix(tokens, "+", ("+r", "+cc"))
        try:
            raw = bytes.fromhex("".join(tokens)) if all(len(t) == 2 for t in tokens) else b""
        except ValueError:
            raw = b""
        if not raw or len(raw) > 2 or (len(raw) == 2 and raw[0] != 0x0F) or raw == b"\x0f":
            raise RowError(
                f"encoding {text!r}: give one opcode byte, or 0F and one, in hexadecimal"
            )
        self.map, self.opcode = len(raw) - 1, raw[-1]
        if self.opcode & (self.count - 1):
            raise RowError(
                f"encoding {text!r}: {self.spread} needs {self.count} opcodes from there"
            )

    def _suffix(self, tokens: list[str], mark: str, known: tuple[str, ...]) -> str:
        if not tokens or tokens[-1][0] != mark:
            return ""
        if tokens[-1] not in known:
            raise RowError(f"encoding {self.text!r}: {tokens[-1]!r} is not one of {known}")
        return tokens.pop()

    @property
    def count(self) -> int:
        """How many opcodes the line covers."""
        return {"+r": 8, "+cc": 16}.get(self.spread, 1)

    def check(self, operands: tuple[Operand, ...]) -> None:
        """Raise RowError if these operands cannot go with the text."""
        kinds = [o.kind for o in operands]
        wrong = ""
        if not self.modrm and set(kinds) & set("EGMPR"):
            wrong = "an operand is in ModRM; add /r or a digit"
        elif self.modrm not in ("", "/r") and "G" in kinds:
            wrong = "ModRM's reg field extends the opcode and cannot be an operand; use /r"
        elif ("Z" in kinds) != (self.spread == "+r"):
            wrong = "+r and a Z operand come together"
        elif ("cc" in kinds) != (self.spread == "+cc"):
            wrong = "+cc and Cc come together"
        elif self.modrm and "O" in kinds:
            wrong = "an absolute address and ModRM exclude each other"
        elif sum(k in "IsJO" for k in kinds) > 1:
            wrong = "a slot holds one immediate"
        elif sum(k in "EMPR" for k in kinds) > 1 or sum(k in ("G", "Z", "rep") for k in kinds) > 1:
            wrong = "two operands are in the same field"
        if wrong:
            raise RowError(f"encoding {self.text!r}: {wrong}")

    def shapes(self, kinds: set[str]) -> tuple[int | None, ...]:
        """The ModRM shapes of an encoding with operands of these kinds."""
        if not self.modrm:
            return (None,)
        return (BASE, SIB) if kinds & set("MP") else (REGISTER,) if "R" in kinds else tuple(SHAPES)


def Enc(text: str, *operands: Operand, only: int = 0, rep: bool = False) -> list[Encoding]:
    """The encodings of one line of the manual.

    `only` restricts an encoding to one operand size; one with a branch target is for 32 bits.
    `rep` accepts (and ignores) a repeat prefix after 0F. Raises RowError for a line that cannot be
    meant.
    """
    line = Line(text)
    line.check(operands)
    kinds = {o.kind for o in operands}
    sizes = (only,) if only else (32,) if "J" in kinds else SIZES
    scalable = any(o.size == 0 and o.kind not in ("cc", "rep", "one") for o in operands)
    groups = [(size,) for size in sizes] if scalable else [sizes]
    found = []
    for group in groups:
        for shape in line.shapes(kinds):
            for cc in range(line.count if line.spread == "+cc" else 1):
                e = Encoding(text, shape, group)
                e.map = line.map
                e.opcodes = tuple(
                    line.opcode + cc + i for i in range(8 if line.spread == "+r" else 1)
                )
                e.digit = int(line.modrm[1]) if line.modrm[1:].isdigit() else None
                e.places = [o.place(group[-1], shape, cc) for o in operands]
                e.rep = rep or line.map == 0
                found.append(e)
    return found


# -- rows -----------------------------------------------------------------------------------------
FLAGS = {"C": "c", "Z": "z", "S": "n", "O": "v", "P": "p", "A": "a", "D": "df"}


class Insn:
    """A row: `access` says r(ead), w(ritten), x (both) or - per operand."""

    __slots__ = (
        "access", "doc", "encodings", "machine", "name", "reads", "ref", "sem", "undefined", "where"
    )  # fmt: skip

    def __init__(
        self,
        sem: Callable[..., Any],
        encodings: list[Encoding],
        ref: str,
        access: str,
        reads: str,
        undefined: str,
        machine: bool,
    ) -> None:
        self.name = sem.__name__
        self.sem = sem
        self.encodings = encodings
        self.ref = ref
        self.doc = inspect.getdoc(sem) or ""
        code = sem.__code__
        self.where = f"{code.co_filename}:{code.co_firstlineno}"
        self.reads = tuple(FLAGS[f] for f in reads)
        self.undefined = undefined
        self.machine = machine
        count = len(encodings[0].places) if encodings else 0
        self.access = access or ("x" + "r" * (count - 1) if count else "")
        for e in encodings:
            e.row = self
            if len(e.places) != len(self.access):
                raise RowError(
                    f"{self.where}: row {self.name!r}: encoding {e.text!r} has {len(e.places)} "
                    f"operands, access {self.access!r} is for {len(self.access)}"
                )


Code = tuple[int, int, int]  # map, operand size, opcode


class X86Isa:
    """A set of rows and the opcode tables they make."""

    sets = ("x86",)

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[str, Insn] = {}
        self.table: dict[Code, dict[tuple[int | None, int | None], Encoding]] = {}

    def insn(
        self,
        *encodings: list[Encoding],
        ref: str,
        access: str = "",
        reads: str = "",
        undefined: str = "",
        machine: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorator that registers a semantic function as a row.

        The function gets the operands that are read, then the flags named in `reads`, and gives
        the value of the written operand, alone or with flags. With `machine` it gets the machine
        first. `undefined` names flags that have no defined value afterwards.
        """

        def register(sem: Callable[..., Any]) -> Callable[..., Any]:
            flat = [e for group in encodings for e in group]
            row = Insn(sem, flat, ref, access, reads, undefined, machine)
            if row.name in self.rows:
                first = self.rows[row.name].where
                raise RowError(f"{row.where}: row {row.name!r} is defined at {first}; rename one")
            if not flat:
                raise RowError(f"{row.where}: row {row.name!r} has no encoding")
            for e in flat:
                self._enter(row, e)
            self.rows[row.name] = row
            return sem

        return register

    def _enter(self, row: Insn, e: Encoding) -> None:
        for map_, size, opcode, shape, digit in e.codes():
            entry = self.table.setdefault((map_, size, opcode), {})
            other = entry.get((shape, digit)) or next(
                (o for (s, _), o in entry.items() if (s is None) != (shape is None)), None
            )
            if other is not None:
                raise RowError(
                    f"{row.where}: row {row.name!r}: {e.text!r} selects opcode {opcode:02X} as "
                    f"{other.text!r} of {other.row.where} does"
                )
            entry[shape, digit] = e

    def encodings(self, set_: str = "x86") -> list[Encoding]:
        """All encodings in the order of the rows."""
        return [e for row in self.rows.values() for e in row.encodings]

    def find(self, code: Code, shape: int | None, digit: int | None) -> Encoding | None:
        """The encoding that an opcode, a ModRM shape and a reg field select."""
        return self.table.get(code, {}).get((shape, digit))

    def has_modrm(self, code: Code) -> bool:
        """True when a ModRM byte follows this opcode."""
        return any(shape is not None for shape, _ in self.table.get(code, {}))
