"""A second CPU engine over the kernel personality: Unicorn executes, `run32.Gate` is the kernel.

This proves that the personality knows no CPU engine. As a program:

    python tests/kernel/unicorn_harness.py [--rootfs DIR] [--trace] [--clean] PROGRAM [ARGS...]

Guest memory is mapped into Unicorn where it lies (`mem_map_ptr`), mapping by mapping; the list is
compared after every system call that may have changed it.
"""

from __future__ import annotations

import os
import sys

import unicorn
from unicorn import arm_const as arm

from run32 import Gate
from run32.kernel.task import Exit, Killed

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
THUMB = 1 << 5
SWI = 2
REGISTERS = {f"r{i}": getattr(arm, f"UC_ARM_REG_R{i}") for i in range(13)} | {
    "r13": arm.UC_ARM_REG_SP,
    "r14": arm.UC_ARM_REG_LR,
    "pc": arm.UC_ARM_REG_PC,
    "cpsr": arm.UC_ARM_REG_CPSR,
    "tpidruro": arm.UC_ARM_REG_C13_C0_3,
    "tpidrurw": arm.UC_ARM_REG_C13_C0_2,
}
ALIASES = {"sp": "r13", "lr": "r14"}
CALL_REGISTERS = [REGISTERS[f"r{i}"] for i in range(7)]


class UnicornRegisters:
    """Register names to Unicorn's registers."""

    def __init__(self, uc: unicorn.Uc) -> None:
        self.uc = uc

    def __getitem__(self, name: str) -> int:
        return int(self.uc.reg_read(REGISTERS[ALIASES.get(name, name)]))

    def __setitem__(self, name: str, value: int) -> None:
        self.uc.reg_write(REGISTERS[ALIASES.get(name, name)], value & 0xFFFFFFFF)


class Machine:
    """One program under Unicorn. `run` returns how it ended."""

    def __init__(self, rootfs: str | None = None, trace: bool = False) -> None:
        self.uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.uc.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_A15)
        access = self.uc.reg_read(arm.UC_ARM_REG_C1_C0_2)
        self.uc.reg_write(arm.UC_ARM_REG_C1_C0_2, access | 0xF << 20)
        self.uc.reg_write(arm.UC_ARM_REG_FPEXC, 1 << 30)
        self.regs = UnicornRegisters(self.uc)
        self.gate = Gate("arm", regs=self.regs, rootfs=rootfs)
        self.gate.memory.on_exec_change.append(self.code_changed)
        self.mapped: dict[tuple[int, int, int], None] = {}
        self.trace = trace
        self.is_call = False
        self.fault: int | None = None
        self.uc.hook_add(unicorn.UC_HOOK_INTR, self.interrupted)
        self.uc.hook_add(unicorn.UC_HOOK_MEM_INVALID, self.invalid)
        self.names = {nr: row.name for nr, row in self.gate.rows.items()}

    def load(self, path: str, argv: list[bytes], envp: list[bytes]) -> None:
        """Load the program; sets sp and the entry point."""
        image = self.gate.load(path, argv, envp)
        self.sync()
        self.regs["sp"] = image.sp
        self.entry = image.entry | int(image.is_thumb)

    def sync(self) -> None:
        """Map into Unicorn what the personality has mapped, and nothing else."""
        memory = self.gate.memory
        wanted = {
            (vma.start, vma.end - vma.start, vma.prot & 7): None
            for vma in memory.vmas()
            if vma.prot & 7
        }
        if wanted == self.mapped:
            return
        for start, size, _ in self.mapped.keys() - wanted.keys():
            self.uc.mem_unmap(start, size)
        for start, size, prot in sorted(wanted.keys() - self.mapped.keys()):
            self.uc.mem_map_ptr(start, size, prot, memory.base + start)
        self.mapped = wanted

    def code_changed(self, start: int, end: int, executable: bool) -> None:
        """Drop translated code of a range."""
        self.uc.ctl_remove_cache(start, end)

    def interrupted(self, uc: unicorn.Uc, number: int, data: object) -> None:
        """An exception; `svc` leaves the loop, as mappings must not change inside a hook."""
        self.is_call = number == SWI
        uc.emu_stop()

    def invalid(
        self, uc: unicorn.Uc, kind: int, addr: int, size: int, value: int, _: object
    ) -> bool:
        """Access to what is not mapped: the stack may grow, everything else is a fault."""
        if self.gate.memory.fault(addr):
            self.sync()
            return True
        self.fault = addr
        return False

    def run(self) -> Exit | Killed:
        """Execute until the program ends."""
        at = self.entry
        while True:
            self.is_call = False
            try:
                self.uc.emu_start(at, 1 << 33)
            except unicorn.UcError as error:
                print(f"unicorn: {error} at {self.regs['pc']:#x}, {self.fault}", file=sys.stderr)
                return Killed(4 if error.errno == unicorn.UC_ERR_EXCEPTION else 11)
            if not self.is_call:
                return Killed(4)
            try:
                self.call()
            except (Exit, Killed) as ended:
                return ended
            at = self.regs["pc"] | int(bool(self.regs["cpsr"] & THUMB))

    def call(self) -> None:
        """One system call."""
        number = self.regs["r7"]
        args = [int(self.uc.reg_read(register)) for register in CALL_REGISTERS]
        if self.trace:
            shown = ", ".join(f"{value:#x}" for value in args[:6])
            print(f"{self.names.get(number, number)}({shown})", end="", file=sys.stderr, flush=True)
        result = self.gate.syscall(number, *args)
        if self.trace:
            print(f" = {result:#x}", file=sys.stderr)
        self.regs["r0"] = result
        self.sync()


def run(argv: list[str], env: dict[str, str], rootfs: str | None, trace: bool = False) -> int:
    """Run a program; its exit status, or minus its signal."""
    machine = Machine(rootfs, trace)
    envp = [os.fsencode(f"{k}={v}") for k, v in env.items()]
    machine.load(argv[0], [os.fsencode(a) for a in argv], envp)
    ended = machine.run()
    return ended.status if isinstance(ended, Exit) else -ended.signo


def main() -> None:
    """Command line."""
    args = sys.argv[1:]
    rootfs, trace = None, False
    env = dict(os.environ)
    while args and args[0].startswith("--"):
        option = args.pop(0)
        if option == "--rootfs":
            rootfs = args.pop(0)
        elif option == "--trace":
            trace = True
        elif option == "--clean":  # the harness's own variables are not the program's
            env.pop("PYTHONPATH", None)
    status = run(args, env, rootfs, trace)
    os._exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
