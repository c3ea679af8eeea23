"""Every ARM row: importing this module registers them all in `ARM`."""

from __future__ import annotations

from run32.isa.arm import (  # noqa: F401 (for their rows)
    bitfield,
    branch,
    dataproc,
    dsp,
    dual,
    exclusive,
    extend,
    it,
    loadstore,
    loadstore_half,
    moves,
    muldiv,
    multiple,
    pack,
    parallel,
    preload,
    saturate,
    shifts,
    simd_arith,
    simd_float,
    simd_logic,
    simd_long,
    simd_memory,
    simd_number,
    simd_permute,
    simd_shift,
    status,
    system,
    vfp_arith,
    vfp_convert,
    vfp_memory,
    vfp_move,
)
from run32.isa.arm.core import ARM

__all__ = ["ARM"]
