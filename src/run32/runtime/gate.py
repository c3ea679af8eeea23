"""`run32.Gate`: the kernel personality for any CPU engine.

    gate = run32.Gate("arm", regs=registers, rootfs="/srv/armhf")
    image = gate.load("/usr/bin/ls", [b"ls"], [b"PATH=/usr/bin"])     # registers to start with
    result = gate.syscall(number, r0, r1, r2, r3, r4, r5, r6)         # a result or -errno

The caller executes instructions; guest memory is `gate.memory` (host address `gate.memory.base` +
guest address), and `gate.memory.vmas()` says what is mapped how; `on_exec_change` hooks tell when
code may have changed. `regs` is any mapping that takes register names (`r0` .. `r14`, `pc`,
`tpidruro`; `eax` ..) to ints. `Exit` and `Killed` (run32.kernel.task) report the end of the
program; a bad guest pointer never harms the host.

System calls without a Python body are evaluated from their rows (`rowcalls`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from run32.kernel.dispatch import Dispatcher
from run32.kernel.memory import Memory
from run32.kernel.task import Task
from run32.runtime.rowcalls import HOST, evaluate
from run32.spec import ioctls, syscalls

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from run32.loader import Image

REGISTERS = 7
NAMES = {
    "arm": (*(f"r{i}" for i in range(15)), "pc", "cpsr", "tpidruro", "tpidrurw"),
    "i386": ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "eip", "eflags"),
}
"""Registers of a gate whose caller has none."""


class Gate:
    """One guest process without a CPU. See the module docstring."""

    def __init__(
        self,
        abi: str = "arm",
        *,
        regs: MutableMapping[str, int] | None = None,
        rootfs: str | None = None,
    ) -> None:
        if abi not in syscalls.ABIS:
            raise ValueError(f"no such ABI: {abi!r}; use one of {', '.join(syscalls.ABIS)}")
        self.rows = syscalls.table(abi)
        self.memory = Memory(abi)
        self.dispatcher = Dispatcher(syscalls.condense(abi), abi, self._native)
        registers = regs if regs is not None else dict.fromkeys(NAMES[abi], 0)
        self.task = Task(abi, self.memory, registers, rootfs, preload=self.dispatcher.preload_all)
        self.task.ioctls = ioctls.condense(abi, HOST)

    def load(self, path: str, argv: Sequence[bytes], envp: Sequence[bytes]) -> Image:
        """Load a program by its guest path: entry point, stack pointer and more.

        Raises `run32.loader.ExecError`.
        """
        from run32.loader import load

        name = os.fsencode(path)
        return load(self.task, self.task.paths.host(-100, name), argv, envp, name)

    def syscall(self, nr: int, *args: int) -> int:
        """System call `nr` with the argument registers `args`: a result or a negative errno.

        Raises `Exit` or `Killed` when the program ends.
        """
        registers = [value & 0xFFFFFFFF for value in args]
        registers += [0] * (REGISTERS - len(registers))
        return self.dispatcher.dispatch(self.task, nr, registers)

    def close(self) -> None:
        """Give guest memory back; the gate cannot be used afterwards."""
        self.memory.close()

    def _native(self, task: Task, nr: int, args: Sequence[int]) -> int:
        row = self.rows.get(nr)
        return evaluate(task, row, list(args)) if row is not None and row.thunk else -38
