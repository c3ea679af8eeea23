"""`run32 show`: one region in three languages, basic block by basic block.

The guest's code is decoded and translated as a worker of the translator does it
(`codegen/worker.py`), so that what is shown is what a run gets. LLVM keeps the names of most
blocks; where it merged or moved one, its code stands with the block that it was put into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from run32.codegen import landings, llvm, store, worker
from run32.codegen.partition import Partition
from run32.codegen.translate import emit_unit
from run32.codegen.unit import Unit
from run32.debug import disasm
from run32.debug.symbols import Symbols
from run32.isa.arm.all import ARM
from run32.spec.rows import Decoded

_IR_LABEL = re.compile(r"^([\w.$-]+):")
_ASM_LABEL = re.compile(r"^(?:\.LBB\S+:|[#/]+ %bb\.\d+:)\s*(?:(?:#|//)\s*)?%?(\S*)")
_NAME = re.compile(r"\be_([0-9a-f]{8})\b")
_NOISE = (
    "\t.cfi", "\t.p2align", "\t.addrsig", "\t.size", "\t.type", ".Lfunc_end", "\t.section",
    "\t#APP", "\t#NO_APP", ".Ltmp", " " * 40 + "# Label of block must be emitted",
)  # fmt: skip
_LANDING = re.compile(r" +# %(landing\d+)$")
HEAD = "(entry)"


class NothingThere(Exception):
    """There is no code that can be translated; the message says why."""


class View:
    """The region with the code at `address` (bit 0 set: Thumb) of a guest file, ready to print.

    Raises NothingThere, and OSError where the file cannot be read.
    """

    def __init__(
        self, path: str, symbols: Symbols, address: int, engine: str, host: str, mode: str
    ) -> None:
        self.symbols = symbols
        self.host = host
        place = symbols.place(address & ~1)
        if place is None:
            raise NothingThere(f"address {address & ~1:#x} is in no executable segment")
        place |= address & 1
        guest = worker.Guest(_parts(path))
        self.unit, self.entry = self._translated(guest, place)
        names = worker.engine_symbols(engine)
        here = host == store.host()
        self.raw, self.entries = emit_unit(
            self.unit,
            host,
            names,
            biased=True,
            mode=mode,
            fma=worker.has_fma(),
            features=worker.features() if here else frozenset(),
        )
        self.ir, self.assembly = llvm.show_region(self.raw, host)

    def _translated(self, guest: worker.Guest, place: int) -> tuple[Unit, int]:
        """A unit with the code at `place`, and the entry of the region that has it."""
        starts = [place]
        address = self.symbols.address(place & ~1)
        function = None if address is None else self.symbols.at(address)
        if function is not None and function.start != address:
            first = self.symbols.place(function.start)
            if first is not None:
                starts.insert(0, first | place & 1)
        for start in starts:
            unit = Unit(ARM, guest.read, biased=True)
            unit.discover([start])
            regions = Partition(unit).regions()
            for entry, places in sorted(regions.items(), key=lambda item: item[0] != place):
                for p in places:
                    block = unit.blocks[p]
                    if p & 1 == place & 1 and any(i.pc == place & ~1 for i in block.insns):
                        return unit, entry
        where = f"{self.symbols.address(place & ~1):#x}"
        raise NothingThere(f"no instruction that has a row at {where}")

    # -- text -------------------------------------------------------------------------------------
    def lines(self, *, raw: bool = False) -> Iterator[str]:
        """Everything, with a heading for each basic block."""
        region = Partition(self.unit).regions()[self.entry]
        function = f"e_{self.entry:08x}"
        ir = self._by_block(_body(self.raw if raw else self.ir, function), _IR_LABEL)
        host = self._by_block(_assembly(self.assembly, function), _ASM_LABEL)
        count = sum(len(self.unit.blocks[p].insns) for p in region)
        others = [e for e in self.entries if e != self.entry]
        set_ = "Thumb" if self.entry & 1 else "A32"
        yield f"region {self._name(self.entry)}: {set_}, {len(region)} blocks, {count} instructions"
        yield f"  file: {self.symbols.file}; host function {function}, for {self.host}"
        if others:
            yield "  translated together with: " + ", ".join(self._name(e) for e in others)
        yield from _part("IR, before the first block", ir.pop(HEAD, []))
        yield from _part(self.host, host.pop(HEAD, []))
        for place in region:
            yield ""
            yield f"=== block b_{place:x}: {self._name(place)}"
            yield from _part("guest", [self._insn(i) for i in self.unit.blocks[place].insns])
            yield from _part("IR", ir.pop(f"b_{place:x}", ["  (merged into another block)"]))
            missing = ["  (merged into another block)"]
            yield from _part(self.host, host.pop(f"b_{place:x}", missing))

    def _by_block(self, lines: list[str], label: re.Pattern[str]) -> dict[str, list[str]]:
        """Lines by the guest's block. Labels inside a block belong to it, wherever they went."""
        owner = self._owners()
        found: dict[str, list[str]] = {}
        current = HEAD
        for line in lines:
            match = label.match(line)
            if match is not None and match[1]:
                current = owner.get(match[1].strip("%"), current)
            found.setdefault(current, []).append(self._named(line))
        return found

    def _owners(self) -> dict[str, str]:
        """The guest's block of each label, by the IR as it was written."""
        owner: dict[str, str] = {}
        current = HEAD
        for line in _body(self.raw, f"e_{self.entry:08x}"):
            match = _IR_LABEL.match(line)
            if match is not None:
                if match[1].startswith("b_"):
                    current = match[1]
                owner[match[1]] = current
        return owner

    def _named(self, line: str) -> str:
        """A line with what the entries are called."""
        found = [self._name(int(p, 16)) for p in _NAME.findall(line)]
        return f"{line}  ; {', '.join(found)}" if found and "define" not in line else line

    def _name(self, place: int) -> str:
        address = self.symbols.address(place & ~1)
        if address is None:
            return f"{self.symbols.file} offset {place & ~1:#x}"
        name = self.symbols.describe(address)
        return name if name.endswith(f"{address:#x}") else f"{name} ({address:#x})"

    def _insn(self, insn: Decoded) -> str:
        address = self.symbols.address(insn.pc)
        digits = insn.length * 2
        word = f"{insn.word:0{digits}x}"
        return f"  {address or 0:8x}:  {word:<8}  {disasm.text(insn, self._target)}"

    def _target(self, place: int) -> str:
        address = self.symbols.address(place & ~1)
        if address is None:
            return hex(place)
        return f"{address:#x} <{self.symbols.describe(address)}>"


def _part(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"--- {title}"
        yield from lines


def _parts(path: str) -> list[tuple[int, bytes]]:
    import os

    st = os.stat(path)
    fields = (st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
    return worker.read_code(os.fsencode(path), fields)


def _body(text: str, function: str) -> list[str]:
    """The lines of a function in IR."""
    lines = text.splitlines()
    first = next(i for i, s in enumerate(lines) if s.startswith("define") and f"@{function}(" in s)
    last = next(i for i in range(first, len(lines)) if lines[i] == "}")
    return [s.replace(landings.NOTE, "") for s in lines[first : last + 1] if s.strip()]


def _assembly(text: str, function: str) -> list[str]:
    """The lines of a function in assembly, without directives."""
    lines = text.splitlines()
    first = next(i for i, s in enumerate(lines) if s.startswith(f"{function}:"))
    last = next(i for i in range(first, len(lines)) if lines[i].startswith(".Lfunc_end"))
    kept: list[str] = []
    is_note = False
    for line in lines[first + 1 : last]:
        is_note |= line.startswith(f"\t.section\t{landings.SECTION}")
        landing = _LANDING.match(line)
        if landing is not None:  # LLVM names such a block a line late
            kept[-1] = f"{kept[-1].split()[0]:40}# %{landing[1]}"
        elif line.strip() and not is_note and not line.startswith(_NOISE):
            kept.append(line.expandtabs(8))
        is_note &= line.strip() != ".text"
    return kept


def default_host() -> str:
    """The host that code is shown for."""
    return store.host()
