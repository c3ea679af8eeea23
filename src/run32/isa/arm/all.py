"""Every ARM row: importing this module registers them all in `ARM`."""

from __future__ import annotations

from run32.isa.arm import (  # noqa: F401 (for their rows)
    acquire,
    bitfield,
    branch,
    crc,
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
    simd_crypto,
    simd_dot,
    simd_float,
    simd_half,
    simd_logic,
    simd_long,
    simd_memory,
    simd_number,
    simd_permute,
    simd_shift,
    simd_v8,
    status,
    system,
    vfp_arith,
    vfp_convert,
    vfp_memory,
    vfp_move,
    vfp_v8,
)
from run32.isa.arm.core import ARM

__all__ = ["ARM"]
