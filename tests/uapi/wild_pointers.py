"""Runs every thunk of the built engine with bad addresses; a program of its own, for it might die.

wild_pointers.py ENGINE      prints one line per call: name, argument, address, result
"""

import os
import sys
import tempfile

from run32.kernel import vdso
from run32.kernel.memory import Memory
from run32.runtime.engine import Cpu, Engine
from run32.spec import types as t
from run32.spec.exits import EXIT_FAULT
from run32.spec.syscalls import argspec, table

EFAULT = 14
GOOD, READ_ONLY = 0x10000, 0x14000  # four writable pages of zeros, then one that is not writable
WILD = [
    0, 1, 0x10, READ_ONLY, READ_ONLY - 4, READ_ONLY + 0xFFC, 0x7FFFFFFF, 0x80000000, 0xDEAD0000,
    0xFFFFEFFC, 0xFFFFF000, 0xFFFFFFF8, 0xFFFFFFFC, 0xFFFFFFFF,
]  # fmt: skip
HARMFUL = {
    "adjtimex", "capset", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64",
    "close", "delete_module", "fanotify_init", "reboot", "request_key", "setdomainname",
    "sethostname", "setpgid", "setsid", "settimeofday", "sync", "syncfs", "umask", "vhangup",
}  # fmt: skip


def scalar(row, arg, fd):
    """A harmless value of an argument that is no pointer."""
    if issubclass(arg.ctype, (t.Fd, t.DirFd)):
        return fd
    if arg.name == "count" and row.rule in ("select", "pselect"):
        return 1000
    if arg.name == "count" and row.rule == "epoll":
        return 8
    return 16 if arg.ctype.__name__ in ("Size", "UInt", "ULong") else 0


def registers(row, values):
    """Argument registers of typed values."""
    found = []
    for letter in argspec(row, "arm"):
        if letter == "-":
            found.append(0)
            continue
        value = values.pop(0)
        found.append(value & 0xFFFFFFFF)
        if letter in "qQ":
            found.append(value >> 32)
    return found + [0] * (7 - len(found))


def main(path):
    engine = Engine(path)
    cpu = Cpu(engine)
    engine.start(cpu)
    desk = engine.make_desk()
    desk.set_root(None)
    desk.clock = vdso.clock()
    memory = Memory("arm")
    engine.attach(memory)
    cpu.set_quad("mem", memory.base)
    assert memory.mmap(GOOD, READ_ONLY - GOOD, 3, 0x32, -1, 0) == GOOD
    assert memory.mmap(READ_ONLY, 0x1000, 1, 0x32, -1, 0) == READ_ONLY
    file = tempfile.TemporaryFile()
    os.close(0)
    for number, row in table("arm").items():
        if not row.thunk or row.name in HARMFUL:
            continue
        pointers = [i for i, arg in enumerate(row.args) if issubclass(arg.ctype, t.Ptr)]
        for index in pointers:
            for address in WILD:
                if not address and row.args[index].name == "timeout":
                    continue  # would wait for ever
                memory.write(GOOD, bytes(READ_ONLY - GOOD))
                values = [
                    GOOD + 256 * i if i in pointers else scalar(row, arg, file.fileno())
                    for i, arg in enumerate(row.args)
                ]
                values[index] = address
                for i, value in enumerate(registers(row, values)):
                    cpu.words[i] = value
                if engine.run_thunk(cpu.address, engine.thunk_offsets[number]) == EXIT_FAULT:
                    result = -EFAULT
                else:
                    result = cpu.quad("result")
                    result -= (result >> 63) << 64
                print(row.name, row.args[index].name, hex(address), result, flush=True)
        assert memory.read(READ_ONLY, 0x1000) == bytes(0x1000), row.name


if __name__ == "__main__":
    main(sys.argv[1])
