"""LLVM IR as text: the function builder that symbolic `Bits` emit into.

Text is several times cheaper than IR objects and needs no LLVM to produce. A `Module` collects
functions and the declarations they need; intrinsics are declared with their full type (LLVM aborts
on a partial one). Values are SSA names; `Bits(1)` is `i1`.
"""

from __future__ import annotations

from run32.codegen import packed
from run32.spec.bits import Bits

_INTRINSIC = {"ctpop", "bswap", "bitreverse"}
_COUNT = {"ctlz", "cttz"}

TRIPLES = {
    "x86_64": "x86_64-unknown-linux-gnu",
    "aarch64": "aarch64-unknown-linux-gnu",
}


def itype(width: int) -> str:
    """LLVM's name of the integer type of `width` bits."""
    return f"i{width}"


class Module:
    """IR text of one object file: functions, constants, declarations.

    `rare` is the calling convention of functions that are seldom called; `fma` says whether the
    host has fused multiply-add, None that code must look. `features` is what the CPU surely has, in
    LLVM's words. With `never_flushes`, floating point does not run where FPSCR.FZ is set, nor
    vectors where it does not round to nearest.
    """

    def __init__(
        self,
        host: str,
        *,
        rare: str = "",
        fma: bool | None = None,
        features: frozenset[str] = frozenset(),
        never_flushes: bool = False,
    ) -> None:
        self.host = host
        self.rare = rare
        self.fma = fma
        self.features = features
        self.never_flushes = never_flushes
        self.declarations: dict[str, str] = {}
        self.parts: list[str] = []

    @property
    def rounds(self) -> bool:
        """Whether the CPU surely rounds to integral numbers."""
        return self.host != "x86_64" or "sse4.1" in self.features

    def declare(self, name: str, text: str) -> str:
        """Note the declaration of external `name` (once) and return `name`."""
        self.declarations[name] = text
        return name

    def add(self, text: str) -> None:
        """Append a function, a global or an attribute group."""
        self.parts.append(text)

    def text(self) -> str:
        """The whole module."""
        defined = "\n".join(self.parts)
        needed = list(self.declarations.values())
        return "\n".join([f'target triple = "{TRIPLES[self.host]}"', *needed, defined, ""])


class Function:
    """One function under construction. Lines are appended in order; blocks are labels."""

    def __init__(
        self,
        module: Module,
        name: str,
        params: str,
        *,
        returns: str = "void",
        convention: str = "",
        attributes: str = "nounwind",
        linkage: str = "hidden",
    ) -> None:
        self.module = module
        self.name = name
        self.attributes = attributes
        self._head = f"define {linkage} {convention} {returns} @{name}({params})"
        self.lines: list[str] = []
        self._count = 0
        self._labels = 0

    # -- text -------------------------------------------------------------------------------------
    def line(self, text: str) -> None:
        """Append an instruction that has no result."""
        self.lines.append("  " + text)

    def temp(self, text: str) -> str:
        """Append an instruction and return the name of its result."""
        self._count += 1
        name = f"%t{self._count}"
        self.lines.append(f"  {name} = {text}")
        return name

    def new_label(self, stem: str = "b") -> str:
        """A fresh block name."""
        self._labels += 1
        return f"{stem}{self._labels}"

    def label(self, name: str) -> None:
        """Start block `name`; the block before must have ended."""
        self.lines.append(f"{name}:")

    def finish(self) -> None:
        """Hand the function to its module."""
        head = f"{self._head} {self.attributes} {{"
        self.module.add("\n".join([head, *self.lines, "}"]))

    # -- values -----------------------------------------------------------------------------------
    @staticmethod
    def ref(value: Bits) -> str:
        """A value as an operand, without its type."""
        if value.const is None:
            return value.name
        if value.width == 1:
            return "true" if value.const else "false"
        return str(value.const)

    def typed(self, value: Bits) -> str:
        """A value as an operand, with its type."""
        return f"{itype(value.width)} {self.ref(value)}"

    def stored(self, value: Bits) -> str:
        """A value as what is stored: vectors as they are."""
        if isinstance(value, packed.Packed):
            return f"{value.kind} {value.vector}"
        return self.typed(value)

    def value(self, width: int, name: str) -> Bits:
        """An SSA name as a symbolic value."""
        return Bits(width, None, name, self)

    def op(self, mnemonic: str, width: int, *operands: Bits) -> Bits:
        """Emit one `Bits` operation (the `Emitter` protocol)."""
        if mnemonic.startswith("vec "):
            return packed.emit(self, mnemonic, width, operands)
        t = itype(width)
        refs = [self.ref(o) for o in operands]
        if mnemonic in ("zext", "sext", "trunc"):
            text = f"{mnemonic} {self.typed(operands[0])} to {t}"
        elif mnemonic == "select":
            text = f"select i1 {refs[0]}, {t} {refs[1]}, {t} {refs[2]}"
        elif mnemonic.startswith("icmp"):
            text = f"{mnemonic} {itype(operands[0].width)} {refs[0]}, {refs[1]}"
        elif mnemonic in _INTRINSIC:
            name = f"@llvm.{mnemonic}.{t}"
            self.module.declare(name, f"declare {t} {name}({t})")
            text = f"call {t} {name}({t} {refs[0]})"
        elif mnemonic in _COUNT:
            name = f"@llvm.{mnemonic}.{t}"
            self.module.declare(name, f"declare {t} {name}({t}, i1)")
            text = f"call {t} {name}({t} {refs[0]}, i1 false)"
        elif mnemonic == "fshr":
            name = f"@llvm.fshr.{t}"
            self.module.declare(name, f"declare {t} {name}({t}, {t}, {t})")
            text = f"call {t} {name}({t} {refs[0]}, {t} {refs[1]}, {t} {refs[2]})"
        else:
            text = f"{mnemonic} {t} {refs[0]}, {refs[1]}"
        return self.value(width, self.temp(text))

    # -- memory -----------------------------------------------------------------------------------
    def address(self, base: str, offset: int | str) -> str:
        """`base` plus a byte offset (an int, or the name of an i64)."""
        if offset == 0:
            return base
        return self.temp(f"getelementptr i8, ptr {base}, i64 {offset}")

    def load(
        self,
        width: int,
        pointer: str,
        *,
        align: int | None = None,
        extra: str = "",
        volatile: bool = False,
    ) -> Bits:
        """Load `width` bits; natural alignment unless `align` (bytes) says otherwise."""
        a = width // 8 if align is None else align
        kind = "volatile " if volatile else ""
        if width > 64:
            vector = packed.vtype(64, width // 64)
            text = f"load {kind}{vector}, ptr {pointer}, align {8 if align is None else align}"
            return packed.Packed(self, width, vector, self.temp(text))
        text = f"load {kind}{itype(width)}, ptr {pointer}, align {a}{extra}"
        return self.value(width, self.temp(text))

    def store(self, value: Bits, pointer: str, *, align: int | None = None) -> None:
        """Store a value."""
        a = min(value.width // 8, 8) if align is None else align
        self.line(f"store {self.stored(value)}, ptr {pointer}, align {a}")
