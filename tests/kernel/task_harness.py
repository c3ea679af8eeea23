"""A task over real guest memory without a CPU: system calls are called by name."""

import os
import struct

from run32.kernel.dispatch import Dispatcher
from run32.kernel.memory import Memory
from run32.kernel.task import Program, Task
from run32.spec import ioctls, syscalls

SIZE = 1 << 20


class Guest:
    """`guest.call("openat", -100, guest.str(b"/x"), 0, 0)`; results as the kernel returns them."""

    def __init__(self, abi: str = "arm", rootfs: str | None = None) -> None:
        self.abi = abi
        self.mem = Memory(abi)
        self.regs: dict[str, int] = {"r13": 0x1000, "esp": 0x1000, "tpidruro": 0}
        program = Program(b"/usr/bin/prog", b"/bin/true", [b"prog", b"arg"], [b"A=1"])
        self.numbers = {row.name: nr for nr, row in syscalls.table(abi).items()}
        self.dispatcher = Dispatcher(syscalls.condense(abi), abi)
        self.task = Task(
            abi, self.mem, self.regs, rootfs, program, preload=self.dispatcher.preload_all
        )
        self.task.ioctls = ioctls.condense(abi, os.uname().machine)
        self.start = self.mem.mmap(0, SIZE, 3, 0x22)
        assert self.start > 0
        self.next = self.start

    def close(self) -> None:
        """Give the reservation back."""
        self.mem.close()

    def reset(self) -> None:
        """Reuse the scratch memory."""
        self.next = self.start

    def space(self, size: int) -> int:
        """Zeroed scratch memory."""
        at = self.next
        self.next += (size + 31) & ~15
        if self.next > self.start + SIZE:
            self.next = self.start
            return self.space(size)
        self.mem.write(at, bytes(size))
        return at

    def put(self, data: bytes) -> int:
        """`data` in scratch memory."""
        at = self.space(len(data))
        self.mem.write(at, data)
        return at

    def str(self, text: "bytes | str | os.PathLike[str]") -> int:
        """A C string in scratch memory."""
        return self.put(os.fsencode(text) + b"\0")

    def words(self, at: int, fmt: str) -> tuple[int, ...]:
        """Unpacked guest memory."""
        return struct.unpack("<" + fmt, self.mem.read(at, struct.calcsize("<" + fmt)))

    def call(self, name: str, *args: int) -> int:
        """A system call by row name; 64-bit arguments are given as (low, high) by the caller."""
        registers = [value & 0xFFFFFFFF for value in args] + [0] * (7 - len(args))
        return self.dispatcher.dispatch(self.task, self.numbers[name], registers)
