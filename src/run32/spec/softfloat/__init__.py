"""Floating point exactly as AArch32 VFP defines it, as pure functions over `Bits`.

`OPERATIONS` lists those of VFP, `LANES` those of Advanced SIMD; on constants they are the reference
(`run`), on symbolic values they become the native code that takes over wherever the host's
arithmetic differs.

Conversions are named after what they give (`to_s32`, `to_f16`) or take (`from_u32`, `from_f16`);
`width` is always the width of the other, floating-point, side. The last letter may be a rounding
mode: `_z` towards zero, `_n` to nearest even, `_a` to nearest with ties away from zero, `_p` up,
`_m` down, `_r` as FPSCR says, `_x` the same, noting what is lost. `v_` is for lanes of vectors:
flush to zero, default NaNs, round to nearest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from run32.spec.bits import Bits
from run32.spec.softfloat import arith, convert
from run32.spec.softfloat.format import (
    AWAY,
    F16,
    F32,
    F64,
    FORMATS,
    H16,
    MINUS,
    NEAREST,
    PLUS,
    ZERO,
    Env,
    Result,
)

__all__ = ["EVERY", "LANES", "MODES", "OPERATIONS", "Env", "Operation", "apply", "run"]

MODES = {"a": AWAY, "n": NEAREST, "p": PLUS, "m": MINUS}
_ROUNDINGS: dict[str, int | None] = {**MODES, "z": ZERO, "r": None, "x": None}


class Operation:
    """An operation on one format: `run(*operands, env)` gives the result and flags."""

    __slots__ = ("name", "operands", "result", "run", "width")

    def __init__(
        self,
        name: str,
        width: int,
        run_: Callable[..., Result],
        operands: tuple[int, ...],
        result: int,
    ) -> None:
        self.name = name
        self.width = width
        self.run = run_
        self.operands = operands  # their widths
        self.result = result  # its width

    @property
    def symbol(self) -> str:
        """The name with the width, for native code."""
        return f"{self.name}_{self.width}"


OPERATIONS: dict[tuple[str, int], Operation] = {}


def _define(
    name: str, width: int, run_: Callable[..., Result], operands: tuple[int, ...], result: int
) -> None:
    OPERATIONS[name, width] = Operation(name, width, run_, operands, result)


def _define_all() -> None:
    for w in (16, 32, 64):
        fmt = H16 if w == 16 else FORMATS[w]
        for f in (arith.add, arith.sub, arith.mul, arith.div):
            _define(f.__name__, w, partial(f, fmt), (w, w), w)
        _define("sqrt", w, partial(arith.sqrt, fmt), (w,), w)
        _define("fma", w, partial(arith.fma, fmt), (w, w, w), w)
        for f in (arith.maxnm, arith.minnm):
            _define(f.__name__, w, partial(f, fmt), (w, w), w)
        for letter, mode in _ROUNDINGS.items():
            round_ = partial(convert.round_int, fmt, mode, letter == "x")
            _define(f"round_{letter}", w, round_, (w,), w)
        for f in (arith.cmp, arith.cmpe):
            _define(f.__name__, w, partial(f, fmt), (w, w), 4)
        if w > 16:
            _define("to_f16", w, partial(convert.convert, fmt, F16), (w,), 16)
            _define("from_f16", w, partial(convert.convert, F16, fmt), (16,), w)
        for letter, signed in (("s", True), ("u", False)):
            _define(f"to_{letter}32", w, partial(convert.to_int, fmt, signed), (w,), 32)
            _define(f"to_{letter}32_z", w, partial(convert.to_int_zero, fmt, signed), (w,), 32)
            for suffix, mode in MODES.items():
                run_ = partial(convert.to_int_mode, fmt, 32, signed, mode)
                _define(f"to_{letter}32_{suffix}", w, run_, (w,), 32)
                if w == 16:
                    run_ = partial(convert.to_int_mode, fmt, 16, signed, mode)
                    _define(f"to_{letter}16_{suffix}", w, run_, (w,), 16)
            _define(f"from_{letter}32", w, partial(convert.from_int, fmt, signed), (32,), w)
            for n in (16, 32):
                to = partial(convert.to_fixed_zero, fmt, n, signed)
                _define(f"to_fixed_{letter}{n}", w, to, (w, 8), n)
                from_ = partial(convert.from_fixed_nearest, fmt, signed)
                _define(f"from_fixed_{letter}{n}", w, from_, (n, 8), w)
    _define("to_f64", 32, partial(convert.convert, F32, F64), (32,), 64)
    _define("to_f32", 64, partial(convert.convert, F64, F32), (64,), 32)


def _standard(run_: Callable[..., Result]) -> Callable[..., Result]:
    """The same under the standard FPSCR value."""
    return lambda *operands: run_(*operands[:-1], operands[-1].standard())


LANES: dict[tuple[str, int], Operation] = {}


def _define_lane(name: str, op: Operation) -> None:
    key = "v_" + name, op.width
    LANES[key] = Operation(*key, _standard(op.run), op.operands, op.result)


def _define_standard() -> None:
    """`v_NAME`: what lanes of Advanced SIMD compute."""
    modes = [f"round_{m}" for m in "anpmzx"] + [f"to_{s}32_{m}" for s in "su" for m in MODES]
    for name in ("add", "sub", "mul", "fma", "to_f16", "from_f16", *modes):
        _define_lane(name, OPERATIONS[name, 32])
    half = [f"round_{m}" for m in "anpmzx"] + [f"to_{s}16_{m}" for s in "su" for m in MODES]
    for name in ("add", "sub", "mul", "fma", *half):
        _define_lane(name, OPERATIONS[name, 16])
    for letter in "su":  # integers are fixed-point numbers without a fraction
        for w in (16, 32):
            for name in (f"to_fixed_{letter}{w}", f"from_fixed_{letter}{w}"):
                _define_lane(name, OPERATIONS[name, w])


_define_all()
_define_standard()
EVERY = OPERATIONS | LANES


def apply(name: str, width: int, fpscr: Bits, *operands: Bits) -> Result:
    """The result and the flags (8 bits) of an operation under the modes in `fpscr`."""
    return EVERY[name, width].run(*operands, Env.of(fpscr))


def run(name: str, width: int, fpscr: int, *operands: int) -> tuple[int, int]:
    """`apply` on ints."""
    op = EVERY[name, width]
    values = [Bits(w, v) for w, v in zip(op.operands, operands, strict=True)]
    value, flags = op.run(*values, Env.of(Bits(32, fpscr)))
    return value.value, flags.value
