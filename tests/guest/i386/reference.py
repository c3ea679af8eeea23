"""Run a static i386 program on the reference evaluator: `python reference.py PROGRAM`.

The kernel personality is the real one, without native code. Ends as the program ends; a fault ends
it with 128 plus the signal number.
"""

from __future__ import annotations

import os
import sys

from run32.isa.x86.all import X86
from run32.kernel.memory import Fault
from run32.kernel.task import Exit
from run32.runtime.gate import Gate
from run32.spec import exits
from run32.spec.reference import MemoryFault
from run32.spec.x86_reference import RefX86, step

SIGNALS = {
    exits.EXIT_UNDEFINED: 4,
    exits.EXIT_BREAKPOINT: 5,
    exits.EXIT_DIVIDE: 8,
    exits.EXIT_FAULT: 11,
    exits.EXIT_FETCH: 11,
}
EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI = range(8)


class GuestMemory:
    """The personality's memory as the reference wants it."""

    def __init__(self, gate: Gate) -> None:
        self.memory = gate.memory

    def read(self, address: int, size: int) -> bytes:
        try:
            return bytes(self.memory.read(address, size))
        except Fault:
            raise MemoryFault(address) from None

    def write(self, address: int, data: bytes) -> None:
        try:
            self.memory.write(address, data)
        except Fault:
            raise MemoryFault(address) from None


def main(program: str) -> int:
    gate = Gate("i386")
    image = gate.load(program, [os.fsencode(program)], [])
    m = RefX86(GuestMemory(gate))
    m.r[ESP], m.address = image.sp, image.entry
    while True:
        leave = step(m, X86)
        if leave is None:
            continue
        if leave.reason != exits.EXIT_SYSCALL:
            return 128 + SIGNALS[leave.reason]
        r = m.r
        try:
            result = gate.syscall(r[EAX], r[EBX], r[ECX], r[EDX], r[ESI], r[EDI], r[EBP])
        except Exit as ended:
            return ended.status
        r[EAX] = result & 0xFFFFFFFF


if __name__ == "__main__":
    os._exit(main(sys.argv[1]))
