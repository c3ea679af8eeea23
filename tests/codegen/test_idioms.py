"""Division helpers: which code is taken for one, and that the host's division does the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from elftools.elf.elffile import ELFFile
from native import NativeEngine
from oracle import CODE, DATA, DATA_SIZE, HERE, Cpu, Reference
from tools.build import compile_c
from translated import TranslatedEngine

from run32.codegen import idioms
from run32.codegen.partition import Partition
from run32.codegen.unit import Unit
from run32.isa.arm.all import ARM

SOURCE = Path(__file__).parent / "division.c"
FLAGS = ("-w", "-static", "-nostartfiles", "-fno-pic", "-fno-toplevel-reorder")
A32 = ("-marm", "-march=armv6", "-mfpu=vfp")
T32 = ("-mthumb", "-march=armv7-a", "-mfpu=vfpv3-d16")
BUILDS = [(*A32, "-O2"), (*A32, "-Os"), (*T32, "-O1"), (*T32, "-O2")]

LIBGCC = {
    "__aeabi_uidiv": "u32 quotient divisor",
    "__aeabi_idiv": "s32 quotient magnitude",
    "__aeabi_uidivmod": "u32 quotient remainder",
    "__aeabi_idivmod": "s32 quotient remainder",
    "__aeabi_uldivmod": "u64 quotient remainder",
    "__aeabi_ldivmod": "s64 quotient remainder",
}
OTHERS = {
    "loop_u32_both": "u32 quotient remainder",
    "loop_u64": "u64 quotient",
    "unrolled_u32": "u32 quotient divisor",
}


class Program:
    """The code of the test program, and where its functions are."""

    def __init__(self, *flags: str) -> None:
        with compile_c(SOURCE, *FLAGS, *flags).open("rb") as file:
            elf = ELFFile(file)
            text = elf.get_section_by_name(".text")
            self.start, self.code = text["sh_addr"], text.data()
            symbols = elf.get_section_by_name(".symtab").iter_symbols()
            self.places = {s.name: s["st_value"] for s in symbols}

    def read(self, address: int) -> int | None:
        at = address - self.start
        if not 0 <= at < len(self.code) - 1:
            return None
        return int.from_bytes(self.code[at : at + 2], "little")

    def verdict(self, name: str) -> str:
        return str(idioms.recognise(ARM, self.read, self.places[name]))


@pytest.fixture(scope="module")
def program(arm_gcc: str) -> Program:
    return Program(*T32, "-O2")


@pytest.mark.parametrize("name", LIBGCC)
def test_recognises_libgcc(name: str, program: Program) -> None:
    assert program.verdict(name) == LIBGCC[name]


@pytest.mark.parametrize("flags", BUILDS, ids=" ".join)
def test_recognises_others(flags: tuple[str, ...], arm_gcc: str) -> None:
    program = Program(*flags)
    assert {name: program.verdict(name) for name in OTHERS} == OTHERS


@pytest.mark.parametrize("flags", BUILDS, ids=" ".join)
def test_near_misses(flags: tuple[str, ...], arm_gcc: str) -> None:
    program = Program(*flags)
    names = [name for name in program.places if name.startswith("not_")]
    assert len(names) == 12
    assert {n: v for n in names if (v := program.verdict(n)) != "None"} == {}


@pytest.mark.parametrize("name", ["__aeabi_idiv", "__aeabi_uidivmod"])
def test_mutants(name: str, program: Program) -> None:
    """One bit of the code differs: it is no division any more, or it still is one."""
    place, random = program.places[name], Random(name)
    trial = idioms.Trial(ARM, program.read, place)
    division = idioms.recognise(ARM, program.read, place)
    assert division is not None
    pairs = idioms.operands(division.width, division.signed)
    for pair in pairs[:20]:
        idioms.call(trial, pair, division.width)
    rejected = 0
    for _ in range(25):
        at = (random.choice(sorted(trial.executed)) & ~1) - program.start
        mutant = Program.__new__(Program)
        mutant.start, mutant.code = program.start, bytearray(program.code)
        mutant.code[at + random.randrange(2)] ^= 1 << random.randrange(8)
        found = idioms.recognise(ARM, mutant.read, place)
        if found is None:
            rejected += 1
            continue
        trial_of_mutant = idioms.Trial(ARM, mutant.read, place)
        for _ in range(100):
            shift = random.randrange(division.width)
            x, y = (random.getrandbits(division.width) for _ in range(2))
            pair = x, (y >> shift) | 1
            if found.is_defined(*pair):
                result = idioms.call(trial_of_mutant, pair, found.width)
                assert result is not None
                expected = found.divide(*pair)
                assert result[: len(expected)] == expected, mutant.code[at : at + 4].hex()
    assert rejected > 12


class Caller(TranslatedEngine):
    """Regions that run until they reach a breakpoint."""

    def _write(self, state: Cpu, start: int) -> None:
        super()._write(state, start)
        self.cpu.set("pending", 0)

    def run_all(self, set_: str, code: bytes, states: list[Cpu]) -> list[Cpu]:
        """The states after each, by code that is translated once."""
        entries = self._translate(set_, code, states[0])
        found = [NativeEngine.run_code(self, set_, code, state) for state in states]
        for place in entries:
            self._table(place).value = 0
        return found


@pytest.fixture(scope="module")
def caller(engine: Path) -> Caller:
    return Caller(str(engine))


def states(division: idioms.Division, set_: str) -> list[Cpu]:
    """States before a call: ordinary and undefined operands in r0 up, the way back in r4."""
    random, width = Random(division.width), division.width
    top, mask = 1 << width - 1, (1 << width) - 1
    pairs = [(5, 0), (0, 0), (mask, 0), (top, 0), (top, mask), (top, 1), (mask, mask), (1, mask)]
    pairs += idioms.operands(width, division.signed)[:40]
    thumb = int(set_ != "a32")
    found = []
    for x, y in pairs:
        r = [x >> i & 0xFFFFFFFF for i in range(0, width, 32)]
        r += [y >> i & 0xFFFFFFFF for i in range(0, width, 32)]
        r += [random.getrandbits(32) for _ in range(15 - len(r))]
        r[4], r[13] = CODE + 0x100 | thumb, DATA + DATA_SIZE
        found.append(Cpu(r=r, pc=HERE, thumb=bool(thumb), nzcv=random.getrandbits(4)))
    return found


CALLS = [(kind, name) for kind in ("arm", "thumb") for name in [*LIBGCC, "unrolled_u32"]]
# Those that call nothing that lies before them.
CALLS += [("itself", name) for name in ("unrolled_u32", "__aeabi_uidiv", "__aeabi_uldivmod")]


@pytest.mark.parametrize(("kind", "name"), CALLS)
def test_results(kind: str, name: str, program: Program, caller: Caller) -> None:
    """As the reference executes the guest's code, but for scratch registers."""
    division = idioms.recognise(ARM, program.read, program.places[name])
    assert division is not None
    stub = program.places[name if kind == "itself" else f"{kind}_{name}"]
    set_ = "t16" if stub & 1 or kind == "thumb" else "a32"
    code = program.code[(stub & ~1) - program.start :]
    before = states(division, set_)
    if kind == "itself":
        before = [replace(s, r=[*s.r[:14], s.r[4]]) for s in before]
    reference = Reference()
    count = len(division.results) * division.width // 32
    for state, found in zip(before, caller.run_all(set_, code, before), strict=True):
        expected = reference.run_code(set_, code, state)
        kept = [*range(count), *range(4, 12), 13, 14]
        got, wanted = ([s.r[n] for n in kept] for s in (found, expected))
        assert (found.pc, found.thumb, found.outcome) == (expected.pc, expected.thumb, "")
        assert got == wanted, state
        pair = state.r[0], state.r[1]
        if division.width == 32 and division.is_defined(*pair):
            assert found.r[2:4] == state.r[2:4]  # the host divided
            assert found.nzcv == state.nzcv


def test_calls_do_not_leave_the_region(program: Program) -> None:
    for name in LIBGCC:
        place = program.places[f"thumb_{name}"]
        unit = Unit(ARM, program.read)
        unit.discover([place])
        assert list(Partition(unit).regions()) == [place], name
        assert unit.size == 2


def test_code_that_may_be_rewritten_divides_itself(program: Program) -> None:
    """Only what is part of a unit is known to be unchanged when the unit is used again."""
    place = program.places["thumb___aeabi_uidiv"]
    unit = Unit(ARM, program.read)
    unit.is_fixed = False
    unit.discover([place])
    assert program.places["__aeabi_uidiv"] in unit.blocks
    assert not unit.dividing
