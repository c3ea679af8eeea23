"""Guest registers by ABI name, as the kernel personality reads and writes them."""

from __future__ import annotations

from run32.spec import cpsr, fpscr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.engine import Cpu

_NAMES = {f"r{i}": i for i in range(15)} | {"sp": 13, "lr": 14, "fp": 11, "ip": 12}
_FIELDS = {"pc": "pc", "thumb": "thumb", "tpidruro": "tpidruro", "tpidrurw": "tpidrurw"}


class ArmRegisters:
    """r0 to r14, pc, cpsr, fpscr, tpidruro, tpidrurw, thumb. Requires: outside guest code."""

    __slots__ = ("_cpu",)

    def __init__(self, cpu: Cpu) -> None:
        self._cpu = cpu

    def __getitem__(self, name: str) -> int:
        number = _NAMES.get(name)
        if number is not None:
            return self._cpu.words[number]
        if name == "cpsr":
            return self._cpsr()
        if name == "fpscr":
            cpu = self._cpu
            joined: int = fpscr.join(cpu.host, cpu.get("fpscr"), cpu.get("guest_fpc"))
            return joined
        return self._cpu.get(_FIELDS[name])

    def __setitem__(self, name: str, value: int) -> None:
        number = _NAMES.get(name)
        if number is not None:
            self._cpu.words[number] = value & 0xFFFFFFFF
        elif name == "cpsr":
            self._set_cpsr(value)
        elif name == "fpscr":
            pieces = fpscr.split(self._cpu.host, value)
            for field, piece in zip(("fpscr", "guest_fpc", "fpslow"), pieces, strict=True):
                self._cpu.set(field, piece)
        else:
            self._cpu.set(_FIELDS[name], value)

    def start(self, entry: int, sp: int, thumb: bool) -> None:
        """The state that a program begins in; everything else is zero already."""
        self["fpscr"] = 0
        self["sp"], self["pc"], self["thumb"] = sp, entry, int(thumb)

    def _cpsr(self) -> int:
        values = {name: self._cpu.get(name) for name in cpsr.FIELDS}
        values["z"] = values["z"] == 0
        joined: int = cpsr.join(*values.values())
        return joined

    def _set_cpsr(self, value: int) -> None:
        for name, piece in zip(cpsr.FIELDS, cpsr.split(value), strict=True):
            self._cpu.set(name, piece)


_X86_NAMES = {n: i for i, n in enumerate("eax ecx edx ebx esp ebp esi edi".split())} | {"sp": 4}
EFLAGS_FIXED = 0x202  # bit 1 and IF


class X86Registers:
    """eax .. edi, eip, eflags, fs_base, gs_base. Requires: outside guest code."""

    __slots__ = ("_cpu",)

    def __init__(self, cpu: Cpu) -> None:
        self._cpu = cpu

    def __getitem__(self, name: str) -> int:
        number = _X86_NAMES.get(name)
        if number is not None:
            return self._cpu.words[number]
        if name == "eflags":
            return self._eflags()
        return self._cpu.get("pc" if name == "eip" else name)

    def __setitem__(self, name: str, value: int) -> None:
        number = _X86_NAMES.get(name)
        if number is not None:
            self._cpu.words[number] = value & 0xFFFFFFFF
        elif name == "eflags":
            self._set_eflags(value)
        else:
            self._cpu.set("pc" if name == "eip" else name, value)

    def start(self, entry: int, sp: int, thumb: bool) -> None:
        """The state that a program begins in; everything else is zero already."""
        self["eflags"] = EFLAGS_FIXED
        self["esp"], self["eip"] = sp, entry

    def _eflags(self) -> int:
        get = self._cpu.get
        parity = (get("p") & 0xFF).bit_count() % 2 ^ 1
        low = (get("n") >> 31) << 7 | (get("z") == 0) << 6 | get("a") & 16 | parity << 2 | get("c")
        return get("v") << 11 | get("df") << 10 | low | EFLAGS_FIXED

    def _set_eflags(self, value: int) -> None:
        put = self._cpu.set
        put("n", (value >> 7 & 1) << 31)
        put("z", ~value >> 6 & 1)
        put("a", value & 16)
        put("p", ~value >> 2 & 1)
        put("c", value & 1)
        put("v", value >> 11 & 1)
        put("df", value >> 10 & 1)
