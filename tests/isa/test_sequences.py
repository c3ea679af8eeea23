"""What takes more than one instruction: IT blocks, changes of state, exits inside them."""

from __future__ import annotations

from random import Random

import pytest
import states
from oracle import HERE, Cpu, Engine, Reference, UnicornEngine, code_bytes

from run32.isa.arm.all import ARM

ROWS = ("and_", "eor", "orr", "bic", "add", "sub", "adc", "rsb", "lsl", "lsr", "mov", "cmp", "tst")


@pytest.fixture(scope="module")
def unicorn() -> UnicornEngine:
    pytest.importorskip("unicorn")
    return UnicornEngine()


def _instruction(rng: Random, in_it: int) -> int:
    """A Thumb data-processing instruction that does not write pc."""
    while True:
        row = ARM.rows[rng.choice(ROWS)]
        e = rng.choice([e for e in row.encodings if e.set != "a32" and e.it in (None, in_it)])
        word = states.random_word(rng, e, in_it)
        if word is not None and e.form.name != "alu_branch":
            return word


def _block(rng: Random) -> list[int]:
    """An IT with one to four instructions behind it."""
    cc, length = rng.randrange(15), rng.randrange(1, 5)
    if cc == 14:
        mask = 8 >> length - 1  # "else" makes no sense
    else:
        mask = (rng.getrandbits(4) << 1 | 1) << 4 - length & 15
    return [0xBF00 | cc << 4 | mask, *(_instruction(rng, 1) for _ in range(length))]


def test_it_blocks(unicorn: UnicornEngine) -> None:
    rng = Random(1)
    for _ in range(states.COUNT * 10):
        code = code_bytes("t16", *_block(rng), _instruction(rng, 0))
        state = states.random_state(rng, ARM.rows["it"].encodings[0], 0)
        expected = unicorn.run_code("t16", code, state)
        found = Reference().run_code("t16", code, state)
        different = list(expected.differences(found))
        assert not different, f"{code.hex()} {different}\n{state!r}"


def thumb(*words: int, **state: int) -> Cpu:
    return run("t16", *words, thumb=True, **state)


def run(set_: str, *words: int, engine: Engine | None = None, **state: int) -> Cpu:
    cpu = Cpu(r=list(range(15)), **state)
    return (engine or Reference()).run_code(set_, code_bytes(set_, *words), cpu)


def test_bx_pc_enters_arm_state_at_the_next_word() -> None:
    after = thumb(0x4778)
    assert (after.thumb, after.pc) == (False, HERE + 4)


def test_blx_to_arm_code_keeps_a_thumb_return_address() -> None:
    after = thumb(0xF000_E802)  # blx #4
    assert (after.thumb, after.pc, after.r[14]) == (False, HERE + 8, HERE + 5)


def test_blx_to_thumb_code() -> None:
    after = run("a32", 0xFB000001)  # blx to pc + 4 + 2
    assert (after.thumb, after.pc, after.r[14]) == (True, HERE + 14, HERE + 4)


def test_blx_lr_reads_lr_before_writing_it() -> None:
    after = run("a32", 0xE12FFF3E)
    assert (after.pc, after.r[14]) == (14 & ~3, HERE + 4)


def test_branch_to_itself_does_not_advance() -> None:
    assert run("a32", 0xEAFFFFFE).pc == HERE
    assert thumb(0xE7FE).pc == HERE


def test_system_call_in_it_block_advances_both() -> None:
    after = thumb(0xDF00, it=0xE4)  # al, one more instruction to come
    assert (after.outcome, after.pc, after.it) == ("syscall", HERE + 2, 0xE8)


def test_skipped_instructions_do_nothing() -> None:
    after = thumb(0xDF00, it=0x08)  # eq, but Z is clear
    assert (after.outcome, after.pc, after.it) == ("", HERE + 2, 0)
    assert run("a32", 0x0F000000).outcome == ""


def test_breakpoint_words_of_linux() -> None:
    """arch/arm64/kernel/debug-monitors.c, aarch32_break_handler."""
    assert run("a32", 0xE7F001F0).outcome == "breakpoint"
    assert thumb(0xDE01).outcome == "breakpoint"
    assert thumb(0xF7F0A000).outcome == "breakpoint"
    assert run("a32", 0xE7F001F1).outcome == "undefined"


def test_user_mode_sees_user_mode() -> None:
    after = run("a32", 0xE10F0000, nzcv=0b1010, q=1, ge=5)  # mrs r0, cpsr
    assert after.r[0] == 0xA805_0010


@pytest.mark.parametrize(
    ("set_", "word"),
    [
        ("a32", 0xE1B0F00E),  # movs pc, lr
        ("a32", 0xE25EF004),  # subs pc, lr, #4
        ("a32", 0xE14F0000),  # mrs r0, spsr
        ("a32", 0xF1010200),  # setend be
        ("a32", 0xF8BD0A00),  # rfeia sp!
        ("a32", 0xF96D0510),  # srsdb sp!, #16
        ("a32", 0xE1600070),  # smc #0
        ("a32", 0xEE110F10),  # mrc p15, 0, r0, c1, c0, 0
        ("t16", 0xB658),  # setend be
    ],
)
def test_what_programs_may_not_do_is_undefined(set_: str, word: int) -> None:
    state = {"thumb": True} if set_ == "t16" else {}
    assert run(set_, word, **state).outcome == "undefined"
