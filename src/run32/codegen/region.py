"""The third evaluation of the rows: code for instructions known at translation time.

`BlockMachine` runs the same forms as the interpreter's emitter with constant operands, so register
numbers, immediates and pc fold into the code. A translated block has a handler's signature and is
entered like one: whoever installs it writes its blob offset into the first instruction's slot, and
the interpreter, other blocks and the exits need not know. That is the seam where the region
translator (guest registers as SSA values, loops, calls) replaces straight-line blocks.

Invariant: guest state is complete in the `cpu` struct at every guest memory access and at the end.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.codegen.interp import Handler, InterpMachine
from run32.codegen.ir import Module
from run32.codegen.support import condition
from run32.spec.bits import Bits
from run32.spec.errors import RowError
from run32.spec.rows import Decoded, Encoding, Isa, Operands
from run32.spec.state import ARM, State

MAX_INSNS = 64


def decode_block(
    isa: Isa, read: Callable[[int], int], pc: int, thumb: bool, limit: int = MAX_INSNS
) -> list[Decoded]:
    """The instructions from `pc` on, up to the first that ends its form by leaving or branching.

    `read(address)` gives a halfword. Ends before an instruction without an encoding.
    """
    found: list[Decoded] = []
    state = 0  # ITSTATE
    while len(found) < limit or state:
        first = read(pc)
        it, set_, word = int(bool(state)), "t16", first
        if not thumb:
            set_, word = "a32", first | read(pc + 2) << 16
        elif first >= 0xE800:
            set_, word = "t32", first << 16 | read(pc + 2)
        insn = isa.decode(set_, word, pc, it)
        if insn is None:
            break
        if state:
            insn.cond = min(state >> 4, 14)
            state = state & 0xE0 | state << 1 & 0x1F if state & 7 else 0
        elif insn.encoding.row.name == "it":
            state = word & 0xFF
        found.append(insn)
        pc += insn.length
    return found


class BlockMachine(InterpMachine):
    """Emits several instructions, operands known, into one function."""

    def __init__(self, f: Handler, state: State) -> None:
        super().__init__(f, state, 1, None)
        self.insn: Decoded

    def begin(self, insn: Decoded, start: int) -> None:
        """Go on with `insn`; the block begins at guest address `start`."""
        self.insn = insn
        self.set = insn.encoding.set
        self.slots = 2 if self.set == "t32" else 1
        self.ended = False
        self._ip_stored = False
        offset = insn.pc - start << self.STRIDE_SHIFT[self.set]
        self.ip = self.f.address("%ip", offset)

    def operands(self, e: Encoding) -> Operands:
        """The operands as decoded."""
        return self.insn.operands

    def pc(self) -> Bits:
        return Bits(32, self.insn.pc)


def emit_block(module: Module, name: str, insns: list[Decoded], state: State = ARM) -> None:
    """Emit a function of a handler's signature that executes `insns` one after the other."""
    if not insns:
        raise RowError("a block needs at least one instruction")
    f = Handler(module, name)
    m = BlockMachine(f, state)
    start = insns[0].pc
    for insn in insns:
        m.begin(insn, start)
        after = _test(f, m, insn, state)
        e = insn.encoding
        _store_pc_operand(f, m, insn)
        e.form.run(m, m.operands(e), e.row.sem)
        if after:
            if not m.ended:
                f.line(f"br label %{after}")
            f.label(after)
            m.ended = False
        if m.ended:
            break
    if not m.ended:
        last = insns[-1]
        shift = m.STRIDE_SHIFT[last.encoding.set]
        f.dispatch(f.address("%ip", last.pc + last.length - start << shift))
    f.finish()


def _test(f: Handler, m: BlockMachine, insn: Decoded, state: State) -> str:
    """Branch around a conditional instruction; the label behind it, or "" if it is always run."""
    if insn.cond >= 14:
        return ""
    run, after = f.new_label("run"), f.new_label("skip")
    f.line(f"br i1 {f.ref(condition(f, state, insn.cond))}, label %{run}, label %{after}")
    f.label(run)
    return after


def _store_pc_operand(f: Handler, m: BlockMachine, insn: Decoded) -> None:
    """What the interpreter's pc prefix does: forms that index registers find pc in r15."""
    operands = insn.operands.__dict__
    if any(operands[name].const == 15 for name in insn.encoding.form.reads):
        ahead = 8 if insn.encoding.set == "a32" else 4
        f.store(Bits(32, insn.pc + ahead), f.field(m.state, "r", 15))
