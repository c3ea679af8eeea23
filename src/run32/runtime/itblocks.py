"""ITSTATE at an instruction boundary: what a signal frame's CPSR says inside a Thumb IT block.

The engine resolves IT blocks when it decodes them and keeps no ITSTATE. A boundary lies in a block
if an IT instruction that has been decoded as one stands before it and the instructions between lead
here before the block ends. Source: DDI 0406C A2.5.2.
"""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.memory import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.thread import Thread

REACH = 14
"""An IT and three 32-bit instructions."""
SLOT, STRIDE = 16, 8


def itstate_at(thread: Thread, pc: int) -> int:
    """ITSTATE before the Thumb instruction at `pc`; 0 outside IT blocks."""
    low = max(pc - REACH, 0)
    try:
        code = thread.memory.read(low, pc - low)
    except Fault:
        low = max(pc & -4096, low)  # the page before is not there
        try:
            code = thread.memory.read(low, pc - low)
        except Fault:
            return 0
    for at in range(len(code) - 2, -1, -2):
        if code[at + 1] == 0xBF and code[at] & 15:
            state = _walk(code, at + 2, code[at])
            if state and _is_decoded(thread, low + at):
                return state
    return 0


def _walk(code: bytes, at: int, state: int) -> int:
    """ITSTATE at the end of `code` when it is `state` at offset `at`; 0 if the block ends before."""
    while at < len(code):
        at += 4 if code[at + 1] >= 0xE8 else 2
        state = state & 0xE0 | state << 1 & 0x1F if state & 7 else 0
        if not state:
            return 0
    return state if at == len(code) else 0


def _is_decoded(thread: Thread, pc: int) -> bool:
    """Whether the engine has met an instruction at `pc`."""
    shadow, _ = thread.engine.shadows[1]
    slot = host.peek(shadow + pc * STRIDE, 4)
    return slot is not None and slot != b"\0\0\0\0"
