"""The ARMv8 additions: the reference agrees with qemu-arm, interpreter and regions with it.

RUN32_FUZZ_STATES says how many random instructions and states each row gets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("llvmlite")
pytest.importorskip("unicorn")

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tools")]

import qemu  # noqa: E402
import states  # noqa: E402
from native import NativeEngine  # noqa: E402
from oracle import DATA, DATA_SIZE, Cpu, Engine, Reference, Tally, code_bytes  # noqa: E402
from test_memory_rows import CLREX, aimed, operands  # noqa: E402
from test_simd import with_simd  # noqa: E402
from test_vfp import with_vfp  # noqa: E402
from translated import TranslatedEngine  # noqa: E402

from run32.isa.arm.all import ARM  # noqa: E402
from run32.spec.rows import Encoding, Row  # noqa: E402

ROWS = states.rows_in(*states.V8_FILES)
STORE_EXCLUSIVE = ("stlex", "stlexb", "stlexh", "stlexd")
HALF = [row for row in ARM.rows.values() if any(map(states.is_half, row.encodings))]
HALF_DOUBLE = [ARM.rows[name] for name in ("vcvt_from_f16", "vcvt_to_f16")]


# -- what is UNPREDICTABLE ------------------------------------------------------------------------
def _memory(e: Encoding, word: int) -> bool:
    """pc (T32: or sp) as an operand; one register loaded twice."""
    o = operands(e, word)
    used = [o[n] for n in ("rt", "rt2", "rn") if n in o]
    twice = "rt2" in o and o["rt"] == o["rt2"]
    return bool({13, 15} & {*used} if e.set == "t32" else {15} & {*used}) or twice


for _row in states.rows_in("acquire"):
    states.SKIP[_row.name] = _memory
states.SKIP |= dict.fromkeys(("crc32", "vmov_half_from_core", "vmov_half_to_core"), states.uses_pc)


def state_for(rng: Random, e: Encoding, word: int, plain: Cpu) -> Cpu:
    """The state with what the instruction works on."""
    where = e.row.where
    if "/vfp" in where:
        return with_vfp(rng, e, plain)
    if "/simd" in where:
        return with_simd(rng, e, plain)
    return aimed(rng, e, word, plain)


@pytest.fixture(scope="module")
def qemu_arm() -> Iterator[qemu.QemuEngine]:
    if qemu.missing():
        pytest.skip(f"not installed: {', '.join(qemu.missing())}")
    engine = qemu.QemuEngine(with_data=True)
    yield engine
    engine.close()


@pytest.fixture(scope="module", params=["host's", "generic"])
def native(engine: Path, request: pytest.FixtureRequest) -> NativeEngine:
    found = NativeEngine(str(engine))
    if request.param == "generic":
        found.cpu.set("host_crypto", 1)  # known: nothing
    return found


@pytest.fixture(scope="module", params=[False, True], ids=["base line", "this CPU"])
def translated(engine: Path, request: pytest.FixtureRequest) -> TranslatedEngine:
    return TranslatedEngine(str(engine), this_cpu=request.param)


def agree(row: Row, expected: Engine, found: Engine, count: int, half: bool | None = None) -> None:
    rng = Random(row.name)
    tally = Tally(f"{found.name} against {expected.name}")
    for e, word, plain in states.cases(row, count, half=half):
        if row.name in ("vldr_literal", "vstr") and (plain.it or states.uses_pc(e, word)):
            continue  # it would meet the IT instruction in front, or itself
        state = state_for(rng, e, word, plain)
        tally.add(e, word, state, expected.run(e.set, word, state), found.run(e.set, word, state))
    assert tally.states >= count // 2
    assert not tally.differences, "\n".join(tally.differences[:5])


def few(row: Row, count: int) -> int:
    """Less where the reference computes long."""
    slow = row.name in ("aese", "aesd")
    return max(len(row.encodings), count // 5 if slow else count)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_qemu_agrees(row: Row, qemu_arm: qemu.QemuEngine) -> None:
    if row.name in STORE_EXCLUSIVE:
        pytest.skip("with a closed monitor alignment is not looked at: see test_monitor")
    agree(row, qemu_arm, Reference(), few(row, states.COUNT))


@pytest.mark.parametrize("row", HALF_DOUBLE, ids=lambda r: r.name)
def test_half_precision_and_double(row: Row, qemu_arm: qemu.QemuEngine, monkeypatch) -> None:
    """What Unicorn's CPU lacks."""
    monkeypatch.delitem(states.SKIP, row.name)
    agree(row, qemu_arm, Reference(), states.COUNT)


@pytest.mark.parametrize("row", HALF, ids=lambda r: r.name)
def test_half_precision(row: Row, qemu_arm: qemu.QemuEngine) -> None:
    """Encodings of ARMv8.2 that rows of other precisions have as well."""
    agree(row, qemu_arm, Reference(), states.COUNT, half=True)


@pytest.mark.parametrize("row", HALF, ids=lambda r: r.name)
def test_half_precision_natively(row: Row, native: NativeEngine) -> None:
    agree(row, Reference(), native, states.COUNT, half=True)


@pytest.mark.parametrize("row", HALF, ids=lambda r: r.name)
def test_half_precision_translated(row: Row, translated: TranslatedEngine) -> None:
    agree(row, Reference(), translated, max(6, states.COUNT // 5), half=True)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_native_agrees(row: Row, native: NativeEngine) -> None:
    known = native.cpu.get("host_crypto")
    agree(row, Reference(), native, few(row, states.COUNT))
    if known == 1:
        assert native.cpu.get("host_crypto") == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_translated_agrees(row: Row, translated: TranslatedEngine) -> None:
    agree(row, Reference(), translated, max(6, few(row, states.COUNT) // 5))


# -- rounds of AES --------------------------------------------------------------------------------
AESE, AESD = 0xF3B02304, 0xF3B02344  # q1, q2
AESMC, AESIMC = 0xF3B02382, 0xF3B023C2  # q1, q1
OTHER, VMOV = 0xF3B04384, 0xEE031B90  # aesmc q2, q2; vmov.32 d19[0], r1
ROUNDS = {
    "encryption": [AESE, AESMC, AESE, AESMC],
    "decryption": [AESD, AESIMC, AESD, AESIMC],
    "mixed": [AESE, AESIMC, AESD, AESMC],
    "another register": [AESE, OTHER, AESMC],
    "something between": [AESE, VMOV, AESMC],
    "the result is changed": [AESE, 0xEE031B10, AESMC],  # vmov.32 d3[0], r1
    "another condition": [AESE, 0x0A000000, AESMC, AESMC],  # beq over one
}


@pytest.mark.parametrize("name", ROUNDS)
def test_rounds(name: str, translated: TranslatedEngine) -> None:
    """Two instructions may become one of the host."""
    rng = Random(name)
    code = code_bytes("a32", *ROUNDS[name])
    for _ in range(4):
        d = [rng.getrandbits(64) for _ in range(32)]
        state = Cpu(r=[rng.getrandbits(32) for _ in range(15)], d=d, vfp=True)
        state.nzcv = rng.getrandbits(4)
        expected, found = (e.run_code("a32", code, state) for e in (Reference(), translated))
        assert not list(expected.differences(found))


# -- exclusives -----------------------------------------------------------------------------------
LDAEX, STLEX = 0xE1910E9F, 0xE1813E92  # r0 = [r1]; [r1] = r2, status in r3
LDAEXB, STLEXB = 0xE1D10E9F, 0xE1C13E92
LDAEXH, STLEXH = 0xE1F10E9F, 0xE1E13E92
LDAEXD, STLEXD = 0xE1B14E9F, 0xE1A13E94  # r4, r5
STL, ADD, NOP, STREX, LDREX = 0xE181FC92, 0xE2811008, 0xE320F000, 0xE1813F92, 0xE1910F9F
PROGRAMS = {
    "word": ([LDAEX, STLEX], 0),
    "byte": ([LDAEXB, STLEXB], 0),
    "halfword": ([LDAEXH, STLEXH], 0),
    "doubleword": ([LDAEXD, STLEXD], 0),
    "with a plain store": ([LDAEX, STREX], 0),
    "after a plain load": ([LDREX, STLEX], 0),
    "closed": ([STLEX, NOP], 1),
    "cleared": ([LDAEX, CLREX, STLEX], 1),
    "other address": ([LDAEX, ADD, STLEX], 1),
    "changed between": ([LDAEX, STL, STLEX], 1),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_monitor(name: str, qemu_arm: qemu.QemuEngine, engine: Path) -> None:
    words, status = PROGRAMS[name]
    rng = Random(name)
    engines = qemu_arm, Reference(), NativeEngine(str(engine))
    for _ in range(max(4, states.COUNT // 10)):
        r = [rng.getrandbits(32) for _ in range(15)]
        r[1] = DATA + 8 * rng.randrange(DATA_SIZE // 8 - 1)
        code = code_bytes("a32", CLREX, *words)
        expected, *found = (e.run_code("a32", code, Cpu(r=r)) for e in engines)
        for after in found:
            assert not list(expected.differences(after))
        assert expected.r[3] == status


def test_misaligned_is_a_bus_error() -> None:
    """For every access of more than a byte, exclusive or not."""
    for row in (r for r in states.rows_in("acquire") if r.name != "sb"):
        for e in row.encodings:
            word = e.pattern.value | (0xE << 28 if e.has_condition else 0) | 1 << 16
            state = replace(Cpu(), r=[DATA + 1] * 15, thumb=e.set == "t32")
            outcome = Reference().run(e.set, word, state).outcome
            assert outcome == ("" if row.name[-1] == "b" else "alignment"), row.name
