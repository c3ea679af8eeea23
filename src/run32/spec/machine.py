"""What a form may ask of the machine that executes it.

Three machines implement this: the reference evaluator (`spec/reference.py`, Python ints), the
native interpreter's emitter and the region translator's emitter (`codegen/`). Register numbers are
`Bits(8)`; in the reference and the region translator they are constants.
Invariants: guest state is complete at every `load` and `store` (a fault leaves there); a form ends
by falling off its end (next instruction) or by exactly one of `branch`, `bx`, `exit`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from run32.spec.bits import Bits
from run32.spec.exits import (
    EXIT_ALIGNMENT,
    EXIT_BREAKPOINT,
    EXIT_COUNTER,
    EXIT_DIVIDE,
    EXIT_FAULT,
    EXIT_FETCH,
    EXIT_PENDING,
    EXIT_SYSCALL,
    EXIT_UNALLOCATED,
    EXIT_UNDEFINED,
)
from run32.spec.vector import Vec

__all__ = [
    "EXIT_SYSCALL",
    "EXIT_UNDEFINED",
    "EXIT_BREAKPOINT",
    "EXIT_FAULT",
    "EXIT_PENDING",
    "EXIT_ALIGNMENT",
    "EXIT_FETCH",
    "EXIT_DIVIDE",
    "EXIT_UNALLOCATED",
    "EXIT_COUNTER",
    "Machine",
]


class Machine(Protocol):
    """The operations of a guest CPU as seen from a form."""

    def reg(self, number: Bits) -> Bits:
        """General register `number`, 32 bits."""
        ...

    def set_reg(self, number: Bits, value: Bits) -> None:
        """Write general register `number`."""
        ...

    def get(self, name: str) -> Bits:
        """State field `name` of `spec.state` (c, v, q: one bit; n, z: 32-bit flag words)."""
        ...

    def put(self, name: str, value: Bits) -> None:
        """Write state field `name`."""
        ...

    def less(self) -> Bits:
        """N != V: what was compared last is less, as signed numbers."""
        ...

    def put_less(self, less: Bits) -> None:
        """What `less` is after the flags that were written; a hint."""
        ...

    def sreg(self, number: Bits) -> Bits:
        """Single-precision register, 32 bits."""
        ...

    def set_sreg(self, number: Bits, value: Bits) -> None:
        """Write a single-precision register."""
        ...

    def dreg(self, number: Bits) -> Bits:
        """Double-precision register, 64 bits."""
        ...

    def set_dreg(self, number: Bits, value: Bits) -> None:
        """Write a double-precision register."""
        ...

    def qreg(self, number: Bits) -> Bits:
        """128 bits: the double-precision registers `number` (even) and the next."""
        ...

    def set_qreg(self, number: Bits, value: Bits) -> None:
        """Write two double-precision registers, the first of which has an even number."""
        ...

    def load(self, address: Bits, width: int) -> Bits:
        """`width` bits (8 .. 64, or a multiple of 64) from guest memory, at any alignment."""
        ...

    def store(self, address: Bits, value: Bits) -> None:
        """Write `value` (8 .. 64 bits, or a multiple of 64) to guest memory; any alignment."""
        ...

    def load_multiple(self, address: Bits, registers: Bits) -> None:
        """Words from `address` up into the registers whose bit is set, lowest first, or none."""
        ...

    def store_multiple(self, address: Bits, registers: Bits) -> None:
        """The registers whose bit is set, lowest first, to words from `address` up."""
        ...

    def fload_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        """`count` words from `address` up into the VFP file, from single register `first` on."""
        ...

    def fstore_multiple(self, address: Bits, first: Bits, count: Bits) -> None:
        """`count` words of the VFP file, from single register `first` on, to `address` up."""
        ...

    def compare_exchange(self, address: Bits, expected: Bits, new: Bits) -> Bits:
        """Atomically replace `expected` by `new`; 1 on success. Requires: naturally aligned."""
        ...

    def load_acquire(self, address: Bits, width: int) -> Bits:
        """`load` that later accesses do not overtake. Requires: naturally aligned."""
        ...

    def store_release(self, address: Bits, value: Bits) -> None:
        """`store` that overtakes no access, nor does a later `load_acquire` overtake it.

        Requires: naturally aligned.
        """
        ...

    def fence(self) -> None:
        """A full memory barrier."""
        ...

    def require_aligned(self, address: Bits, size: int | Bits) -> None:
        """Leave with EXIT_ALIGNMENT unless `address` is a multiple of `size`, a power of two."""
        ...

    def when(self, cond: Bits, body: Callable[[], None]) -> None:
        """Run `body` (state changes, stores; no branch) only where the one-bit `cond` is 1."""
        ...

    def pc(self) -> Bits:
        """Address of this instruction."""
        ...

    def next_pc(self) -> Bits:
        """Address of the instruction after this one."""
        ...

    def branch(self, target: Bits) -> None:
        """Continue at `target` in the same instruction set. Ends the form."""
        ...

    def branch_if(self, cond: Bits, target: Bits) -> None:
        """Continue at `target` where `cond` is 1, else at the next instruction. Ends the form."""
        ...

    def bx(self, target: Bits) -> None:
        """Interworking branch: bit 0 of `target` selects Thumb. Ends the form."""
        ...

    def exit(self, reason: int, arg: Bits | None = None, *, advance: bool = False) -> None:
        """Leave guest code at this instruction (or after it with `advance`). Ends the form."""
        ...

    def fp(self, operation: str, width: int, *operands: Bits) -> Bits:
        """An operation of `spec.softfloat` under the guest's FPSCR, flags included."""
        ...

    def compared(self) -> Bits:
        """N Z C V of FPSCR, four bits."""
        ...

    def put_compared(self, nzcv: Bits) -> None:
        """Replace N Z C V of FPSCR: the result of a comparison."""
        ...

    def fp_lanes(self, operation: str, *operands: Vec, fraction: Bits | None = None) -> Vec:
        """Operation `v_...` of `spec.softfloat` on each lane (16 or 32 bits), flags included.

        `fraction` (8 bits) is the last operand of all lanes of a fixed-point conversion.
        """
        ...

    def crypto(self, operation: str, *operands: Bits) -> Bits:
        """An operation of `spec.crypto`."""
        ...

    def read_fpscr(self) -> Bits:
        """FPSCR, 32 bits, with the sticky flags that the host has collected."""
        ...

    def write_fpscr(self, value: Bits) -> None:
        """Replace FPSCR and everything that follows from it."""
        ...
