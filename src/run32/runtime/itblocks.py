"""ITSTATE at an instruction boundary: what a signal frame's CPSR says inside a Thumb IT block.

The engine resolves IT blocks when it decodes them and keeps no ITSTATE. A boundary lies in a block
if an IT instruction that has been decoded as one stands before it and the instructions between lead
here before the block ends. On the way back the block must be decoded again where its slots have
been dropped meanwhile; an ITSTATE that no IT instruction in memory explains is not honoured.
Source: DDI 0406C A2.5.2.
"""

from __future__ import annotations

from run32.kernel import host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from run32.runtime.engine import Cpu, Engine
    from run32.runtime.thread import Thread

REACH = 14
"""An IT and three 32-bit instructions."""
BLOCK = 18
"""Bytes of the longest block."""
STRIDE = 8
NOT_DECODED = b"\0\0\0\0"


def itstate_at(thread: Thread, pc: int) -> int:
    """ITSTATE before the Thumb instruction at `pc`; 0 outside IT blocks."""
    for at, state in _candidates(thread, pc):
        if _handler(thread, at) not in (None, NOT_DECODED):
            return state
    return 0


def decode_block(thread: Thread, pc: int, state: int) -> None:
    """Make sure that the slots from `pc` on are those of a block in which ITSTATE is `state`."""
    if _handler(thread, pc) != NOT_DECODED:
        return
    for at, found in _candidates(thread, pc):
        shadow, _ = thread.engine.shadows[1]
        is_mapped = host.peek(shadow + at * STRIDE, BLOCK * STRIDE) is not None
        if found == state and is_mapped and host.peek(thread.memory.base + at, BLOCK) is not None:
            thread.engine.decode(thread.cpu.address, at)
            return


def decode_around(engine: Engine, cpu: Cpu, base: int, pc: int) -> None:
    """After a fault of a region at `pc`: have slots for the IT block around it, if there is one.

    The region noted where the block begins. What it noted before leads elsewhere, or here too.
    """
    at = cpu.get("exit_arg")
    if not 0 < pc - at <= REACH:
        return
    code = host.peek(base + at, pc - at)
    if code and code[1] == 0xBF and code[0] & 15 and _walk(code, 2, code[0]):
        engine.decode(cpu.address, at)


def _candidates(thread: Thread, pc: int) -> Iterator[tuple[int, int]]:
    """Addresses of what may be the IT instruction of a block around `pc`, and ITSTATE at `pc`."""
    low = max(pc - REACH, 0)
    code = host.peek(thread.memory.base + low, pc - low)
    if code is None:
        low = max(pc & -4096, low)  # the page before is not there
        code = host.peek(thread.memory.base + low, pc - low) or b""
    for at in range(len(code) - 2, -1, -2):
        if code[at + 1] == 0xBF and code[at] & 15:
            state = _walk(code, at + 2, code[at])
            if state:
                yield low + at, state


def _walk(code: bytes, at: int, state: int) -> int:
    """ITSTATE at the end of `code` if it is `state` at offset `at`; 0 if the block ends before."""
    while at < len(code):
        at += 4 if code[at + 1] >= 0xE8 else 2
        state = state & 0xE0 | state << 1 & 0x1F if state & 7 else 0
        if not state:
            return 0
    return state if at == len(code) else 0


def _handler(thread: Thread, pc: int) -> bytes | None:
    """The handler of the slot at `pc`; None where no code may be."""
    shadow, _ = thread.engine.shadows[1]
    return host.peek(shadow + pc * STRIDE, 4)
