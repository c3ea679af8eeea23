"""Straight-line code of several instructions: the native interpreter, the reference and Unicorn.

A block grows instruction by instruction on the reference, so that addresses can be aimed; it ends
with the first instruction that branches or leaves. Between native code and the reference all state
must agree after a fault too. `--fuzz-seconds` and RUN32_FUZZ_STATES say how long to go on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import states
import test_media_rows
import test_memory_rows
import test_rows_oracle
from native import NativeEngine
from oracle import Cpu, Reference, UnicornEngine, code_bytes
from states import COUNT

from run32.isa.arm.all import ARM
from run32.spec.rows import Encoding

assert test_media_rows and test_memory_rows and test_rows_oracle  # their SKIP entries hold here

ENOUGH = {False: 20, True: 12}  # bytes, for ARM and Thumb
# Unicorn keeps its monitor and thread registers from one case to the next, executes T32 stores
# relative to pc, forgets the IT state at an ISB, and has no timer.
LEFT_OUT = ("strex", "strexb", "strexh", "strexd", "read_tpidrurw", "write_tpidrurw")
LEFT_OUT += ("store_at_pc", "barrier", "cp15_barrier", "read_cntvct", "read_cntfrq")


def encodings(thumb: bool, vfp: bool, v8: bool = True) -> list[list[Encoding]]:
    """What blocks are made of, by row; the ARMv8 additions only with `v8`."""
    found = []
    for row in ARM.rows.values():
        mine = [e for e in row.encodings if (e.set != "a32") == thumb]
        is_vfp = "/vfp" in row.where or "/simd" in row.where
        is_v8 = any(f"/{name}.py" in row.where for name in states.V8_FILES)
        if is_v8 and not v8:
            continue
        if mine and row.name not in (*LEFT_OUT, "it") and (vfp or not is_vfp):
            found.append(mine)
    return found


def step(rng: Random, choice: list[list[Encoding]], state: Cpu) -> tuple[Encoding, int]:
    """An instruction for this state: its set and word."""
    in_it = int(state.it & 15 != 0)
    while True:
        if state.thumb and not in_it and rng.random() < 0.15:
            it = ARM.rows["it"].encodings[0]
            return it, 0xBF00 | rng.randrange(14) << 4 | rng.randrange(1, 16)
        e = rng.choice(rng.choice(choice))
        if e.it not in (None, in_it) or in_it and e.row.name in states.OUTSIDE_IT:
            continue
        word = states.random_word(rng, e, in_it)
        if word is not None:
            return e, word


def block(
    rng: Random, choice: list[list[Encoding]], thumb: bool, branches: bool
) -> tuple[bytes, Cpu]:
    """Code, perhaps with a branch at its end, and the state to start it from."""
    reference = Reference()
    e = rng.choice(rng.choice(choice))
    first = states.random_state(rng, e, 0)
    if any("/simd" in mine[0].row.where for mine in choice):
        from test_simd import with_simd
        from test_vfp import with_vfp

        first = (with_simd if rng.random() < 0.5 else with_vfp)(rng, e, first)
    state, code = first, b""
    while len(code) < ENOUGH[thumb] or state.it & 15:
        e, word = step(rng, choice, state)
        raw = code_bytes(e.set, word)
        after = reference.run(e.set, word, state)
        is_branch = after.outcome == "" and after.pc != state.pc + len(raw)
        leaves = is_branch or after.outcome != ""
        if is_branch and not branches or leaves and (rng.random() < 0.9 or state.it & 7):
            continue  # seldom enough to get somewhere; never inside an IT block
        code += raw
        if leaves:
            break
        state = after
    return code, first


def blocks(
    thumb: bool, vfp: bool, branches: bool, request: pytest.FixtureRequest, v8: bool = True
) -> Iterator[tuple[str, bytes, Cpu]]:
    """At least COUNT blocks."""
    rng, choice = Random(f"{thumb} {vfp} {branches}"), encodings(thumb, vfp, v8)
    seconds = request.config.getoption("--fuzz-seconds")
    until, made = time.monotonic() + seconds, 0
    while made < COUNT or time.monotonic() < until:
        code, state = block(rng, choice, thumb, branches)
        made += 1
        yield ("t16" if thumb else "a32"), code, state


def all_differences(a: Cpu, b: Cpu) -> list[str]:
    """`Cpu.differences` without its leniency after an exit, IT state excepted."""
    fields = ("outcome", "r", "pc", "thumb", "nzcv", "q", "ge", "data", "d", "fpscr")
    return [f for f in fields if getattr(a, f) != getattr(b, f)]


@pytest.fixture(scope="module")
def native(engine: Path) -> NativeEngine:
    return NativeEngine(str(engine))


@pytest.mark.parametrize("vfp", [False, True], ids=["integer", "vfp"])
@pytest.mark.parametrize("thumb", [False, True], ids=["arm", "thumb"])
def test_native_agrees_with_reference(
    thumb: bool, vfp: bool, native: NativeEngine, request: pytest.FixtureRequest
) -> None:
    if vfp:
        pytest.importorskip("unicorn")  # test_vfp, where states with VFP registers come from
    for set_, code, state in blocks(thumb, vfp, True, request):
        expected, found = (e.run_code(set_, code, state) for e in (Reference(), native))
        if not found.outcome and state.pc < found.pc < state.pc + len(code):
            continue  # it stops after every branch, here one to the next instruction
        different = all_differences(expected, found)
        assert not different, f"{code.hex()} {different}\n{state!r}\n{expected!r}\n{found!r}"


@pytest.mark.parametrize("thumb", [False, True], ids=["arm", "thumb"])
def test_reference_agrees_with_unicorn(thumb: bool, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("unicorn")
    unicorn = UnicornEngine()
    for set_, code, state in blocks(thumb, False, False, request, v8=False):
        expected, found = (e.run_code(set_, code, state) for e in (unicorn, Reference()))
        different = list(expected.differences(found))
        assert not different, f"{code.hex()} {different}\n{state!r}"
