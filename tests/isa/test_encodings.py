"""The ARM rows as a whole: no word is ambiguous, no encoding is dead, every row is documented."""

from __future__ import annotations

from random import Random

import pytest

from run32.isa.arm.all import ARM

SETS = ("a32", "t32", "t16")


@pytest.mark.parametrize("set_", SETS)
def test_of_two_encodings_one_is_finer(set_: str) -> None:
    assert [f"{a!r} | {b!r}" for a, b in ARM.conflicts(set_)] == []


@pytest.mark.parametrize("set_", SETS)
def test_every_encoding_is_reached(set_: str) -> None:
    rng = Random(set_)
    width = 16 if set_ == "t16" else 32
    dead = []
    for e in ARM.encodings(set_):
        words = (e.pattern.value | rng.getrandbits(width) & ~e.pattern.mask for _ in range(2000))
        if not any(ARM.find(set_, word, e.it or 0) is e for word in words):
            dead.append(repr(e))
    assert dead == []


@pytest.mark.parametrize("row", ARM.rows.values(), ids=lambda r: r.name)
def test_rows_cite_and_explain(row) -> None:
    assert row.ref.startswith(("DDI 0406C ", "DDI 0487 ", "arch/"))
    assert row.doc.endswith(".") and "\n" not in row.doc.split(". ")[0]


def test_operands_fit_a_slot() -> None:
    for row in ARM.rows.values():
        for e in row.encodings:
            assert len(e.form.regs) <= 4, repr(e)
            assert set(e.form.reads) <= set(e.form.regs), repr(e)
