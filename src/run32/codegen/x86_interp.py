"""The native interpreter's handlers for i386: operands from the slot, a length that varies.

A slot holds, after the handler: the bytes reg, rm (a register or the base), sib (index, and scale
above it) and length, then the displacement and the immediate. An instruction of n bytes owns n
slots, one per byte, so the next instruction's slot is `length` slots on.
"""

from __future__ import annotations

from run32.codegen.interp import SLOT, SLOT_REGS, Handler, InterpMachine
from run32.codegen.ir import Module
from run32.spec.bits import Bits
from run32.spec.errors import RowError
from run32.spec.rows import Operands
from run32.spec.state import State
from run32.spec.x86 import Encoding

SLOT_LENGTH = 7
SLOT_DISP = 8
SLOT_IMMEDIATE = 12
SHIFT = 4  # log2 of shadow bytes per guest byte
INVARIANT = ", !invariant.load !1"


class X86InterpMachine(InterpMachine):
    """`spec.x86_operands.X86Machine` that emits one handler."""

    def __init__(self, f: Handler, state: State) -> None:
        super().__init__(f, state, 1, "x86")

    def slot_operands(self) -> Operands:
        """The operands in the slot; what a row does not use is dropped by the optimiser."""
        f = self.f
        values = {
            name: f.load(8, f.address("%ip", SLOT_REGS + i), extra=INVARIANT)
            for i, name in enumerate(("reg", "rm", "sib"))
        }
        for name, at in (("disp", SLOT_DISP), ("imm", SLOT_IMMEDIATE)):
            values[name] = f.load(32, f.address("%ip", at), extra=INVARIANT)
        return Operands(**values)

    # -- registers --------------------------------------------------------------------------------
    def narrow(self, number: Bits, width: int) -> Bits:
        """An 8-bit register by byte offset, or a 16-bit one by number."""
        return self.f.load(width, self._indexed("r", number, 8 if width == 8 else 32))

    def set_narrow(self, number: Bits, value: Bits) -> None:
        """Write an 8- or 16-bit register."""
        self.f.store(value, self._indexed("r", number, 8 if value.width == 8 else 32))

    # -- memory -----------------------------------------------------------------------------------
    def load(self, address: Bits, width: int) -> Bits:
        """A load that happens, and may fault, even where its value is not used (CMOVcc)."""
        self._fault_point()
        return self.f.load(width, self._guest(address), align=1, volatile=True)

    # -- control flow -----------------------------------------------------------------------------
    def leave_if(self, cond: Bits, reason: int) -> None:
        """Leave at this instruction where `cond` is 1."""
        away, stay = self.f.new_label("away"), self.f.new_label("stay")
        self.f.line(f"br i1 {self.f.ref(cond)}, label %{away}, label %{stay}, !prof !0")
        self.f.label(away)
        self._leave(reason, None, advance=False)
        self.f.label(stay)

    @property
    def _shift(self) -> int:
        return SHIFT

    @property
    def length(self) -> Bits:
        """Length of this instruction in bytes, 64 bits wide."""
        return self.f.load(8, self.f.address("%ip", SLOT_LENGTH), extra=INVARIANT).zext(64)

    def next_pc(self) -> Bits:
        return self.pc() + self.length.trunc(32)

    def _next_ip(self) -> str:
        return self.f.address("%ip", self.f.ref(self.length * SLOT))

    def _slot(self, target: Bits) -> str:
        return self.f.address("%shadow", self.f.ref(target.zext(64) << SHIFT))


def emit_handler(module: Module, name: str, e: Encoding, state: State) -> None:
    """Emit the handler that serves encoding `e` (and all with the same key)."""
    f = Handler(module, name)
    m = X86InterpMachine(f, state)
    try:
        e.run(m, m.slot_operands())
    except Exception as error:
        raise RowError(f"{e.row.where}: row {e.row.name!r}, {e!r}: {error}") from error
    if not m.ended:
        f.dispatch(m._next_ip())
    f.finish()
