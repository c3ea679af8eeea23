"""i386 rows: the reference evaluator agrees with Unicorn, the native interpreter with both.

RUN32_FUZZ_STATES says how many random instructions and states each row gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
import x86_states
from tools.guests import ENGINE_CACHE
from x86_native import NativeEngine
from x86_oracle import CODE, CODE_SIZE, HERE, Cpu, Reference, UnicornEngine
from x86_states import COUNT

from run32.isa.x86.all import X86
from run32.spec.x86 import Insn

ROWS = list(X86.rows.values())
WITHOUT_ORACLE = ("pushf",)  # Unicorn pushes bit 1 of EFLAGS as 0


@pytest.fixture(scope="module")
def unicorn() -> UnicornEngine:
    pytest.importorskip("unicorn")
    return UnicornEngine()


@pytest.fixture(scope="module")
def native() -> Iterator[NativeEngine]:
    from run32.codegen import build

    yield NativeEngine(build.build(str(ENGINE_CACHE), "i386"))


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.name not in WITHOUT_ORACLE], ids=lambda r: r.name
)
def test_reference_agrees_with_unicorn(row: Insn, unicorn: UnicornEngine) -> None:
    outcomes, different = x86_states.compare(row, COUNT, unicorn, Reference())
    assert not different, f"{len(different)} of {COUNT}:\n" + "\n".join(different[:5])
    assert sum(outcomes.values()) == COUNT


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_native_agrees_with_reference(row: Insn, native: NativeEngine) -> None:
    """All flags, undefined ones too: both come from one row."""
    outcomes, different = x86_states.compare(row, COUNT, Reference(), native, mask=False)
    assert not different, f"{len(different)} of {COUNT}:\n" + "\n".join(different[:5])
    assert sum(outcomes.values()) == COUNT


def test_random_bytes_decode_alike(native: NativeEngine) -> None:
    """Any bytes: the native decoder finds the instruction that the definition finds, or none."""
    rng, reference = Random(386), Reference()
    outcomes: dict[str, int] = {}
    for _ in range(10 * COUNT):
        prefixes = b"".join(
            rng.choice((b"\x66", b"\x2e", b"\xf3", b"\xf2", b"\x0f"))
            for _ in range(rng.randrange(3))
        )
        raw, state = (prefixes + rng.randbytes(16))[:16], x86_states.random_state(rng)
        expected = reference.run(raw, state)
        if reference.decoded is not None:
            raw = raw[: reference.decoded.length]  # what follows is INT3
        expected, found = reference.run(raw, state), native.run(raw, state)
        outcomes[expected.outcome] = outcomes.get(expected.outcome, 0) + 1
        different = list(expected.differences(found))
        assert not different, f"{raw.hex(' ')}: {different}\n{state!r}"
    assert outcomes[""] > COUNT and outcomes["undefined"] > COUNT // 2


@pytest.mark.parametrize("padding", range(8, 16))
def test_longest_instruction(padding: int, native: NativeEngine) -> None:
    """An instruction has 15 bytes at most; one prefix more makes it undefined."""
    raw = b"\x2e" * padding + b"\xb8\x78\x56\x34\x12"  # mov eax, 0x12345678
    expected, found = (e.run(raw, Cpu()) for e in (Reference(), native))
    assert not list(expected.differences(found))
    assert expected.outcome == ("" if padding + 5 <= 15 else "undefined")


@pytest.mark.parametrize("missing", range(1, 7))
def test_instruction_runs_out_of_executable_memory(missing: int, native: NativeEngine) -> None:
    """The fault is at the first byte that cannot be fetched; pc stays at the instruction."""
    raw = b"\xc7\x05\x00\x10\x40\x00\x01\x00\x00\x00"  # mov dword [0x401000], 1
    end = CODE + CODE_SIZE
    state = Cpu(eip=end - len(raw) + missing)
    expected, found = (e.run(raw, state) for e in (Reference(), native))
    assert (expected.outcome, found.outcome) == ("fault", "fault")
    assert not list(expected.differences(found))
    assert native.cpu.quad("fault_addr") == native.engine.shadows[0][0] + end * 16 + 4


def test_instruction_across_a_page(native: NativeEngine) -> None:
    """An instruction on two pages is decoded anew when only the second one changes."""
    page = HERE & -4096
    state = Cpu(eip=page - 2)
    raw = b"\xb8\x11\x22\x33\x44"  # mov eax, 0x44332211
    assert native.run(raw, state).r[0] == 0x44332211
    native.write_code(state.eip, raw)
    native.engine.rewritten(state.eip, state.eip + len(raw))
    assert native.execute(raw, state).r[0] == 0x44332211
    native.write_code(page, b"\xaa\xbb\xcc")
    assert native.execute(raw, state).r[0] == 0x44332211  # as decoded
    native.engine.rewritten(page, page + 3)
    assert native.execute(raw, state).r[0] == 0xCCBBAA11
    native.run(raw, state)  # leaves the filler behind


@pytest.mark.parametrize("low", range(0, 256, 5))
def test_pushf_and_popf(low: int, native: NativeEngine) -> None:
    """PUSHFD stores the flags with bit 1 and IF set; POPFD reads them back."""
    flags = low & 0xD5 | (low & 2) << 10 | (low & 8) << 7
    state = Cpu(eflags=flags, r=[0, 0, 0, 0, 0x0040_1000, 0, 0, 0])
    for engine in (Reference(), native):
        pushed = engine.run(b"\x9c", state)
        assert pushed.data[0xFFC:0x1000] == (flags | 0x202).to_bytes(4, "little")
        popped = engine.run(b"\x9d", replace(pushed, eip=HERE, eflags=~flags & 0xCD5))
        assert (popped.eflags, popped.r[4]) == (flags, 0x0040_1000)
