"""FPSCR of a guest that is not running, in the pieces the cpu struct keeps it in.

`fpscr` holds modes, NZCV and some of the flags, `guest_fpc` the host's control word with the flags
that host arithmetic has raised, `fpslow` whether FZ is set. The functions take plain ints or `Bits`
of 32 bits; no imports, so that the runtime can use them. Sources: DDI 0406C B4.1.58 (FPSCR), SDM 1
10.2.3 (MXCSR), DDI 0487 C5.2 (FPCR).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODES = 0x07C00000  # AHP, DN, FZ, RMode: the same bits in FPSCR and AArch64's FPCR
FLAGS = 0x0800009F  # QC, IDC, IXC, UFC, OFC, DZC, IOC: the same bits in FPSCR and AArch64's FPSR
WRITABLE = 0xFFC8009F  # FZ16, the modes and the flags; no trap enables, no short vectors
QC = 1 << 27  # sticky: an Advanced SIMD result has been saturated
MXCSR_MASKS = 0x1F80


def join(host: str, fpscr: Any, guest_fpc: Any) -> Any:
    """FPSCR as the guest would read it. `host` is `x86_64` or `aarch64`."""
    if host == "x86_64":
        return fpscr | guest_fpc & 1 | guest_fpc >> 1 & 0x1E
    return fpscr | guest_fpc & FLAGS


def split(host: str, value: Any) -> tuple[Any, Any, Any]:
    """(fpscr, guest_fpc, fpslow) for a new FPSCR."""
    value &= WRITABLE
    if host == "x86_64":
        mode = value >> 22 & 3
        word = MXCSR_MASKS | (mode >> 1 | (mode & 1) << 1) << 13
    else:
        word = value & MODES
    return value, word, value >> 24 & 1
