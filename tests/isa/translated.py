"""Regions as an engine of the oracle harness: state in SSA values, one module for each case.

The code is exact: accesses have landings, in each second block state is stored before them. It is
position-independent, linked against nothing, and entered through the table of translated places, as
in a running program; the interpreter executes what follows.
"""

from __future__ import annotations

import ctypes
from collections.abc import Container

from graphs import PLACE
from native import NativeEngine
from oracle import CODE, CODE_SIZE, DATA, DATA_SIZE, FILLER, OUTCOMES, Cpu

from run32.codegen import landings, llvm, regionfile, store
from run32.codegen.link import link
from run32.codegen.regionfile import OFFSET, PAGE
from run32.codegen.regionfunction import BIAS, symbol
from run32.codegen.regionwriter import CODE_ALIGN
from run32.codegen.translate import emit_unit
from run32.codegen.unit import Unit
from run32.codegen.worker import features, has_fma
from run32.isa.arm.all import ARM
from run32.runtime.engine import NR
from run32.runtime.faults import leave_region
from run32.spec.exits import EXIT_FAULT, EXIT_HOT

STORING = "exact without landings"
MODES = ("fast", "exact", STORING)
ROOM = 1 << 20
ENOUGH = 1 << 24  # branches
DISTANCE = 0x7000  # from places in the file to addresses, as far as the translator knows


class TranslatedEngine(NativeEngine):
    """The built engine with a translated region in front."""

    name = "translated"

    def __init__(self, path: str, *, this_cpu: bool = False) -> None:
        """`this_cpu` regions use all that this CPU has, as in a running program."""
        super().__init__(path)
        self.compile = llvm.compile_region if this_cpu else llvm.compile_object
        self.fma = this_cpu and has_fma()
        self.features = features() if this_cpu else frozenset()
        self.symbols = {}
        with open(f"{path}/symbols") as lines:
            self.symbols = {name: int(at, 16) for at, name in (line.split() for line in lines)}
        fixed, at = 0x32, self.engine.free_code  # MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS
        assert self.engine.syscall(NR["mmap"], at, ROOM, 7, fixed, -1, 0) > 0
        ctypes.c_uint32.from_address(at).value = DISTANCE
        self.place = at + PAGE
        files = (ctypes.c_uint64 * 2).from_address(self.engine.code_files)
        files[:] = self.place, at + ROOM
        self.blocks = 0
        self.exact_at: Container[int] = ()
        """Places where a fault of a region is the very instruction's."""
        self.is_exact = False
        self.function: dict[int, int] = {}
        """Offsets of regions by place."""

    def run_code(self, set_: str, code: bytes, state: Cpu) -> Cpu:
        self.exact_at = entries = [] if state.it else self._translate(set_, code, state)
        after = super().run_code(set_, code, state)
        for place in entries:
            self._table(place).value = 0
        return after

    def _enter(self) -> int:
        """Where a region faults, the interpreter goes on from where state was stored last."""
        cpu = self.cpu
        while True:
            reason = super()._enter()
            is_region = self.engine.is_region(cpu.quad("fault_host_pc"))
            if reason != EXIT_FAULT or not is_region or cpu.get("pc") in self.exact_at:
                return reason
            leave_region(self.engine, cpu, self.memory)

    def _table(self, place: int) -> ctypes.c_uint32:
        return ctypes.c_uint32.from_address(self.engine.table + 4 * place)

    def _translate(self, set_: str, code: bytes, state: Cpu) -> list[int]:
        """Install the region; its entries."""
        window = bytearray(FILLER[set_])
        window[state.pc - CODE : state.pc - CODE + len(code)] = code

        def read(place: int) -> int | None:
            address = place + DISTANCE
            if not state.pc <= address < state.pc + len(code) - 1:
                return None
            at = (address - CODE) % CODE_SIZE
            return int.from_bytes(window[at : at + 2], "little")

        unit = Unit(ARM, read)
        unit.discover([state.pc - DISTANCE | state.thumb])
        unit.called.clear()  # `pending` is set: what is called would stop before it begins
        if not unit.blocks:
            return []
        found = self._install(unit, ("exact", STORING)[self.blocks % 2], biased=True)
        for entry, item in found.items():
            self._table(entry + DISTANCE).value = item & OFFSET
        self.blocks += 1
        return [entry + DISTANCE for entry in found]

    def _install(self, unit: Unit, mode: str, *, biased: bool) -> dict[int, int]:
        """Translate a unit, as the only one of a code file; items of the table by entry."""
        host = store.host()
        text, entries = emit_unit(
            unit,
            host,
            self.symbols,
            biased=biased,
            mode="exact" if mode == STORING else mode,
            fma=self.fma,
            features=self.features,
            lands=False if mode == STORING else None,
        )
        start = regionfile.code_offset(PAGE, 0, 0, CODE_ALIGN[host])
        blob = link([self.compile(text, host)], known={BIAS: -PAGE - start})
        noted = blob.sections.get(landings.SECTION, (0, 0))
        record = regionfile.make_record(
            regionfile.CODE, b"", b"", blob.data, lambda _: 0, 0, start - PAGE, noted
        )
        ctypes.memmove(self.place + PAGE, record, len(record))
        base = self.engine.code + self.symbols["region_miss"] - self.place - start
        return {e: blob.symbols[symbol(e)] - base | low for e, low in entries.items()}

    # -- functions of several blocks (graphs.py) --------------------------------------------------
    def prepare(
        self, thumb: bool, code: bytes, starts: list[int], *, limit: int, mode: str, biased: bool
    ) -> None:
        """Put a function in memory, and translate it from these offsets on."""
        self._poke(PLACE, code)
        distance = DISTANCE if biased else 0

        def read(place: int) -> int | None:
            at = place + distance - PLACE
            return int.from_bytes(code[at : at + 2], "little") if 0 <= at < len(code) - 1 else None

        unit = Unit(ARM, read, biased=biased)
        unit.discover([PLACE + s - distance | thumb for s in starts], limit)
        self.is_exact = mode != "fast"
        found = self._install(unit, mode, biased=biased)
        self.function = {e + distance: item for e, item in found.items()}

    def run_function(self, code: bytes, state: Cpu, *, regions: bool) -> Cpu:
        """Run the prepared function, as regions or in the interpreter."""
        for shadow, scale in self.engine.shadows:  # slots know which places have regions
            ctypes.memset(shadow + PLACE * scale, 0, (len(code) + 3 & -4) * scale)
        for place, offset in self.function.items():
            self._table(place).value = offset if regions else 0
        self.exact_at = self.function if self.is_exact else range(1 << 32)
        ctypes.memmove(self.memory.base + DATA, state.data, DATA_SIZE)
        self._write(state, state.pc)
        self.cpu.set("pending", 0)
        self.cpu.set("fuel", ENOUGH)
        reason = self._enter()
        after = self._read(state, reason, len(code))
        assert reason != EXIT_HOT, f"{code.hex()} does not end: {state!r}"
        after.outcome = OUTCOMES.get(reason, str(reason))
        for place in self.function:
            self._table(place).value = 0
        return after
