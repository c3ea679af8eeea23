"""The floating-point reference: exact fractions, hand-picked corners, and qemu-arm."""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from run32.spec.softfloat import OPERATIONS, run

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import fpvectors as fv  # noqa: E402

IOC, DZC, OFC, UFC, IXC, IDC = 1, 2, 4, 8, 16, 128
FZ, DN, AHP = 1 << 24, 1 << 25, 1 << 26
RP, RM, RZ = 1 << 22, 2 << 22, 3 << 22
RESULTS = {key: op.result for key, op in OPERATIONS.items()}


# fmt: off
@pytest.mark.parametrize(("name", "width", "fpscr", "operands", "result", "flags"), [
    ("add", 32, 0,  (0x3F800000, 0x3F800000),             0x40000000, 0),
    ("add", 32, 0,  (0x3F800000, 0xBF800000),             0x00000000, 0),
    ("add", 32, RM, (0x3F800000, 0xBF800000),             0x80000000, 0),
    ("add", 32, RM, (0x00000000, 0x00000000),             0x00000000, 0),
    ("add", 32, 0,  (0x7F800000, 0xFF800000),             0x7FC00000, IOC),
    ("add", 32, 0,  (0x7FC00001, 0x7F800002),             0x7FC00002, IOC),  # SNaN before QNaN
    ("add", 32, 0,  (0xFFC00001, 0x7FC00002),             0xFFC00001, 0),
    ("add", 32, DN, (0xFFC00001, 0x7FC00002),             0x7FC00000, 0),
    ("sub", 32, 0,  (0x3F800000, 0x7FC00002),             0x7FC00002, 0),  # NaN is not negated
    ("add", 32, FZ, (0x00000001, 0x7FC00002),             0x7FC00002, IDC),  # flag even with a NaN
    ("add", 32, FZ, (0x00000001, 0x80000001),             0x00000000, IDC),
    ("sub", 32, FZ, (0x00800001, 0x00800000),             0x00000000, UFC),
    ("mul", 32, 0,  (0x7F7FFFFF, 0x40000000),             0x7F800000, OFC | IXC),
    ("mul", 32, RZ, (0x7F7FFFFF, 0x40000000),             0x7F7FFFFF, OFC | IXC),
    ("mul", 32, RP, (0xFF7FFFFF, 0x40000000),             0xFF7FFFFF, OFC | IXC),
    ("mul", 32, 0,  (0x00800000, 0x3F7FFFFF),             0x00800000, UFC | IXC),  # tiny before
    ("mul", 32, FZ, (0x00800000, 0x3F7FFFFF),             0x00000000, UFC),
    ("mul", 32, 0,  (0x00800000, 0x3F000000),             0x00400000, 0),  # exact: no underflow
    ("div", 32, 0,  (0x3F800000, 0x00000000),             0x7F800000, DZC),
    ("div", 32, 0,  (0x00000000, 0x80000000),             0x7FC00000, IOC),
    ("div", 32, FZ, (0x3F800000, 0x80000001),             0xFF800000, DZC | IDC),
    ("sqrt", 32, 0, (0x80000000,),                        0x80000000, 0),
    ("sqrt", 32, 0, (0xBF800000,),                        0x7FC00000, IOC),
    ("fma", 32, 0,  (0x7FC00005, 0x7F800000, 0x00000000), 0x7FC00000, IOC),  # inf * 0 beats QNaN
    ("fma", 32, 0,  (0x7F800005, 0x7F800000, 0x00000000), 0x7FC00005, IOC),
    ("fma", 32, 0,  (0xBF800000, 0x3F800001, 0x3F7FFFFE), 0xA8800000, 0),
    ("cmp", 64, 0,  (0x7FF8000000000000, 0),              0b0011, 0),
    ("cmpe", 64, 0, (0x7FF8000000000000, 0),              0b0011, IOC),
    ("cmp", 64, 0,  (1 << 63, 0),                         0b0110, 0),
    ("cmp", 64, FZ, (1, 0),                               0b0110, IDC),
    ("cmp", 64, 0,  (1 << 63 | 1, 0),                     0b1000, 0),
    ("to_s32_z", 32, 0, (0x4F000000,),                    0x7FFFFFFF, IOC),
    ("to_s32_z", 32, 0, (0xCF000000,),                    0x80000000, 0),
    ("to_u32_z", 32, 0, (0xBF000000,),                    0, IXC),
    ("to_u32_z", 32, 0, (0xBF800000,),                    0, IOC),
    ("to_s32", 32, 0, (0x40200000,),                      2, IXC),
    ("to_s32", 32, RP, (0x40200000,),                     3, IXC),
    ("to_s32_z", 32, 0, (0x7FC00000,),                    0, IOC),
    ("to_fixed_s16", 32, 0, (0x3F800000, 15),             0x7FFF, IOC),
    ("from_fixed_u16", 32, 0, (0x8000, 16),               0x3F000000, 0),
    ("from_s32", 32, RZ, (0x7FFFFFFF,),                   0x4EFFFFFF, IXC),
    ("from_fixed_s32", 32, RZ, (0x7FFFFFFF, 0),           0x4F000000, IXC),  # always to nearest
    ("to_f16", 32, 0, (0x477FF000,),                      0x7C00, OFC | IXC),
    ("to_f16", 32, AHP, (0x477FF000,),                    0x7C00, IXC),
    ("to_f16", 32, AHP, (0x7F800000,),                    0x7FFF, IOC),
    ("to_f16", 32, AHP, (0xFFC00000,),                    0x8000, IOC),
    ("to_f16", 32, FZ, (0x33800000,),                     0x0001, 0),  # FZ spares half precision
    ("from_f16", 32, FZ, (0x0001,),                       0x33800000, 0),
    ("from_f16", 32, AHP, (0x7C00,),                      0x47800000, 0),
    ("to_f64", 32, 0, (0xFF800123,),                      0xFFF8002460000000, IOC),
    ("to_f32", 64, 0, (0x7FF0000020000000,),              0x7FC00001, IOC),
])
# fmt: on
def test_corner(name, width, fpscr, operands, result, flags):
    value, found = run(name, width, fpscr, *operands)
    assert (hex(value), hex(found)) == (hex(result), hex(flags))


def fraction(raw: int, width: int) -> Fraction:
    """The exact value of a finite number."""
    e = fv.EXP[width]
    f = width - 1 - e
    exp, frac = raw >> f & ((1 << e) - 1), raw & ((1 << f) - 1)
    whole = frac | (1 << f if exp else 0)
    value = Fraction(whole) * Fraction(2) ** (max(exp, 1) - (1 << (e - 1)) + 1 - f)
    return -value if raw >> (width - 1) else value


def finite(rng: random.Random, width: int) -> int:
    e = fv.EXP[width]
    f = width - 1 - e
    while True:
        raw = fv.random_float(rng, width)
        if (raw >> f & ((1 << e) - 1)) != (1 << e) - 1:
            return raw


@pytest.mark.parametrize("width", [32, 64])
@pytest.mark.parametrize("name", ["add", "mul", "fma"])
def test_directed_rounding_brackets_the_exact_value(name, width):
    """Round down <= exact <= round up, one unit apart at most, and inexact says so."""
    rng = random.Random(width)
    compared = 0
    for _ in range(200):
        x = [finite(rng, width) for _ in range(3 if name == "fma" else 2)]
        a, b, *rest = (fraction(v, width) for v in x)
        exact = {"add": a + b, "mul": a * b, "fma": a + b * rest[0] if rest else 0}[name]
        down, flags_down = run(name, width, RM, *x)
        up, flags_up = run(name, width, RP, *x)
        if (flags_down | flags_up) & OFC:
            continue
        low, high = fraction(down, width), fraction(up, width)
        assert low <= exact <= high
        assert (low != high) == bool(flags_down & IXC) == bool(flags_up & IXC)
        if low != high and low > 0:
            assert up == down + 1
        compared += 1
    assert compared > 100


@pytest.mark.parametrize("width", [32, 64])
def test_division_and_root_brackets(width):
    rng = random.Random(width)
    for _ in range(100):
        a, b = finite(rng, width), finite(rng, width)
        x, y = fraction(a, width), fraction(b, width)
        if y:
            down, f1 = run("div", width, RM, a, b)
            up, f2 = run("div", width, RP, a, b)
            if not (f1 | f2) & OFC:
                assert fraction(down, width) <= x / y <= fraction(up, width)
        if x > 0:
            down, _ = run("sqrt", width, RM, a)
            up, f = run("sqrt", width, RP, a)
            assert fraction(down, width) ** 2 <= x <= fraction(up, width) ** 2
            assert bool(f & IXC) == (up != down) and up - down <= 1


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    if missing := fv.Oracle.missing():
        pytest.skip(f"needs {', '.join(missing)}")
    return fv.Oracle(tmp_path_factory.mktemp("oracle"), list(OPERATIONS))


@pytest.mark.parametrize("key", list(OPERATIONS), ids=lambda k: f"{k[0]}-{k[1]}")
def test_qemu_agrees(oracle, key):
    rng = random.Random(str(key))
    modes = fv.MODES + ([m | AHP for m in fv.MODES] if "f16" in key[0] else [])
    if key[1] == 16:
        modes += [m | fv.FZ16 | AHP for m in modes]
    cases = [(*key, rng.choice(modes), fv.operands(rng, *key)) for _ in range(300)]
    if OPERATIONS[key].operands == (16,):
        cases += [(*key, m, (v,)) for v in range(0, 1 << 16, 251) for m in modes[::5]]
    expected = oracle.run(cases, RESULTS)
    for (name, width, fpscr, values), want in zip(cases, expected, strict=True):
        got = run(name, width, fpscr, *values)
        assert got == want, (
            f"{name} {width} fpscr={fpscr:#x} {[hex(v) for v in values]}: "
            f"{got[0]:#x} flags {got[1]:#x}, qemu has {want[0]:#x} flags {want[1]:#x}"
        )
