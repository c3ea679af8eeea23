"""VFP rows: encodings against the assembler's words, execution against Unicorn, FPSCR rules."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("unicorn")

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tools")]

import fpvectors as fv  # noqa: E402
import states  # noqa: E402
from oracle import Cpu, Reference, Tally, UnicornEngine  # noqa: E402

from run32.isa.arm.all import ARM  # noqa: E402
from run32.spec.rows import Encoding  # noqa: E402

ROWS = states.rows_in("vfp_arith", "vfp_convert", "vfp_memory", "vfp_move")
MEMORY = ("vldr", "vldr_literal", "vstr", "vldm", "vstm")


# -- what is UNPREDICTABLE ------------------------------------------------------------------------
def _multiple(e: Encoding, word: int) -> bool:
    f = states.fields(e, word)
    is_double = word >> 8 & 1
    first = (f["d"] << 4 | f["vd"]) * 2 if is_double else f["vd"] << 1 | f["d"]
    count = f["imm8"] & ~is_double
    most = 32 if not is_double else 64
    writes_pc = f["rn"] == 15 and word >> 21 & 1
    return not 0 < count <= 32 or first + count > most or bool(writes_pc)


def _fixed(e: Encoding, word: int) -> bool:
    f = states.fields(e, word)
    return (f["imm4"] << 1 | f["i"]) > (32 if word >> 7 & 1 else 16)


def _pair(e: Encoding, word: int) -> bool:
    f = states.fields(e, word)
    last = word >> 8 & 1 == 0 and f["vm"] == 15 and f["m"] == 1
    return states.uses_pc(e, word) or f["rt"] == f["rt2"] or last


states.SKIP |= {
    "vldm": _multiple,
    "vstm": _multiple,
    "vcvt_to_fixed": _fixed,
    "vcvt_from_fixed": _fixed,
    "vmov_from_core_pair": _pair,
    "vmov_to_core_pair": _pair,
    "vmov_from_core": states.uses_pc,
    "vmov_to_core": states.uses_pc,
    "vmsr": states.uses_pc,
    "vcvt_from_f16": lambda e, word: bool(word >> 8 & 1),  # ARMv8: Unicorn's CPU lacks it
    "vcvt_to_f16": lambda e, word: bool(word >> 8 & 1),
}


def with_vfp(rng: Random, e: Encoding, state: Cpu) -> Cpu:
    """The state with registers full of awkward numbers and a random FPSCR."""
    kind = rng.randrange(3)
    d = []
    for _ in range(32):
        if kind == 0:
            d.append(fv.random_float(rng, 64))
        elif states.is_half(e):
            d.append(sum(fv.random_float(rng, 16) << 16 * i for i in range(4)))
        elif kind == 1:
            d.append(fv.random_float(rng, 32) << 32 | fv.random_float(rng, 32))
        else:
            d.append(fv.random_int(rng, 64))
    modes = rng.choice(fv.MODES) | rng.getrandbits(1) * fv.AHP
    fpscr = modes | rng.getrandbits(4) << 28 | rng.getrandbits(8) & fv.FLAGS
    if states.is_half(e):
        fpscr |= rng.getrandbits(1) * fv.FZ16
    elif e.row.name == "vcvt_from_fixed":
        fpscr &= ~(3 << 22)  # QEMU before 5.2 rounded in the current mode instead of to nearest
    r = state.r
    if e.row.name in MEMORY:
        r = [v & ~3 for v in r]
    elif e.row.name == "vmsr":
        r = [v & 0xFFC0009F for v in r]
    return replace(state, d=d, fpscr=fpscr, vfp=True, r=r)


@pytest.fixture(scope="module")
def unicorn_engine():
    return UnicornEngine()


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_unicorn_agrees(row, unicorn_engine):
    rng = Random(row.name)
    reference, tally = Reference(), Tally()
    for e, word, plain in states.cases(row, max(states.COUNT, 2 * len(row.encodings)), half=False):
        state = with_vfp(rng, e, plain)
        expected = unicorn_engine.run(e.set, word, state)
        tally.add(e, word, state, expected, reference.run(e.set, word, state))
    assert tally.states >= 8
    assert not tally.differences, "\n".join(tally.differences[:5])


# -- encodings ------------------------------------------------------------------------------------
# fmt: off
ASSEMBLED = [  # words from the GNU assembler
    ("vfnma.f64 d0, d1, d2",      0xEE910B42, "vfnma",                "vd=0, vn=1, vm=2"),
    ("vfnms.f64 d0, d1, d2",      0xEE910B02, "vfnms",                "vd=0, vn=1, vm=2"),
    ("vnmla.f64 d0, d1, d2",      0xEE110B42, "vnmla",                "vd=0, vn=1, vm=2"),
    ("vnmls.f64 d0, d1, d2",      0xEE110B02, "vnmls",                "vd=0, vn=1, vm=2"),
    ("vfms.f64 d0, d1, d2",       0xEEA10B42, "vfms",                 "vd=0, vn=1, vm=2"),
    ("vcvt.s32.f64 s1, d2",       0xEEFD0BC2, "vcvt_to_int",          "vd=1, vm=2, zero=1"),
    ("vcvtr.u32.f64 s1, d2",      0xEEFC0B42, "vcvt_to_int",          "signed=0, zero=0"),
    ("vcvt.f64.s32 d1, s2",       0xEEB81BC1, "vcvt_from_int",        "vd=1, vm=2"),
    ("vcvt.f64.f32 d1, s2",       0xEEB71AC1, "vcvt_f64_f32",         "vd=1, vm=2"),
    ("vcvt.f32.f64 s1, d2",       0xEEF70BC2, "vcvt_f32_f64",         "vd=1, vm=2"),
    ("vcvtt.f32.f16 s1, s2",      0xEEF20AC1, "vcvt_from_f16",        "vd=1, vm=2, top=1"),
    ("vcvtb.f16.f64 s1, d2",      0xEEF30B42, "vcvt_to_f16",          "vd=1, vm=2, top=0"),
    ("vcvt.s16.f64 d1, d1, #3",   0xEEBE1B66, "vcvt_to_fixed",        "vd=1, bits=3, size=16"),
    ("vcvt.f64.u32 d1, d1, #3",   0xEEBB1BEE, "vcvt_from_fixed",      "vd=1, bits=3, unsigned=1"),
    ("vmov.32 r0, d3[1]",         0xEE330B10, "vmov_to_core",         "rt=0, vn=7"),
    ("fldmiax r0!, {d1-d2}",      0xECB01B05, "vldm",                 "count=4, imm=20, first=2"),
    ("vmov s3, s4, r5, r6",       0xEC465A31, "vmov_from_core_pair",  "vm=3, rt=5, rt2=6"),
    ("vmov.f64 d17, #-1.9375",    0xEEFF1B0F, "vmov_imm",             "vd=17, imm=0xBFFF0000"),
    ("vmov.f32 s31, #0.5",        0xEEF6FA00, "vmov_imm",             "vd=31, imm=0x3F000000"),
]
# fmt: on


@pytest.mark.parametrize(("text", "word", "name", "values"), ASSEMBLED, ids=lambda v: str(v))
def test_decode(text, word, name, values):
    for set_ in ("a32", "t32"):  # with 1110 on top both are the same word
        found = ARM.decode(set_, word, 0x1000)
        assert found is not None and found.encoding.row.name == name
        expected = {k: int(v, 0) for k, v in (item.split("=") for item in values.split(", "))}
        assert {k: int(getattr(found.operands, k)) for k in expected} == expected


@pytest.mark.parametrize(
    "word", [0xEEF00A10, 0xEEF70A10, 0xEEF80A10], ids=["fpsid", "mvfr0", "fpexc"]
)
def test_privileged_registers_are_undefined(word):
    assert ARM.decode("a32", word, 0x1000) is None


# -- FPSCR ----------------------------------------------------------------------------------------
def test_vmsr_ignores_bits_that_do_not_exist():
    after = Reference().run("a32", 0xEEE10A10, Cpu(r=[0xFFFFFFFF] * 15, vfp=True))
    assert after.fpscr == 0xFFC8009F


def test_vmrs_to_apsr():
    after = Reference().run("a32", 0xEEF1FA10, Cpu(nzcv=0b0110, fpscr=0x90000010, vfp=True))
    assert after.nzcv == 0b1001 and after.fpscr == 0x90000010


@pytest.mark.parametrize("word", [0xED910B00, 0xED810B00, 0xEC910B02], ids=["vldr", "vstr", "vldm"])
def test_unaligned_is_a_bus_error(word):
    state = Cpu(r=[0x400102] * 15, vfp=True)
    assert Reference().run("a32", word, state).outcome == "alignment"
