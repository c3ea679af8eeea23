"""Machine code that LLVM IR cannot express: entry and exit, and the host's system call.

llvmlite carries no assembly parser for foreign hosts, so the few instructions needed are encoded
here, one method per instruction form, and linked as raw code.

`run32_enter(cpu)` runs guest code until it leaves, `run32_thunk(cpu, offset)` runs one syscall
thunk, `run32_copy(cpu, dst, src, n)` copies memory that may be unmapped; all return `exit_reason`.
Each saves the callee-saved registers and its stack pointer in the `cpu` struct, so that the fault
handler can resume at `run32_abort(cpu)`, which leaves the same way.
`run32_syscall(number, a, b, c, d, e, f)` is the raw system call: a result or -errno.
`run32_call(a, b, c, d, e, f, number, cpu)` is the same for the guest's own calls: it never blocks
while a signal waits in `cpu`. Between `run32_call` and `run32_call_svc` the test of `pending` may
be out of date, so the signal handler moves a pc in that range to `run32_call_refused` (the call was
not made: -513) or, from `run32_call_svc` itself, to `run32_call_interrupted` (not made, or the host
would restart it: -512).
Sources: System V ABI AMD64 3.2.1, Intel SDM 2, AAPCS64 6.1, Arm ARM C6.
"""

from __future__ import annotations

from struct import pack

from run32.codegen.link import Raw
from run32.spec.state import State

ENTRIES = (("run32_enter", "run32_run"), ("run32_thunk", "run32_do_thunk"))
# Values of `running`; the lowest bit says that the host's control word is the guest's.
GUEST, THUNK, COPY, THUNK_IN_GUEST, DELIVERY = 1, 2, 4, 5, 8
RESULTS = (("run32_call_interrupted", -512), ("run32_call_refused", -513))


class Code:
    """Bytes under construction, with labels and calls to be resolved by the linker."""

    machine = 0
    call_kind = jump_kind = 0

    def __init__(self) -> None:
        self.data = bytearray()
        self.symbols: dict[str, int] = {}
        self.calls: list[tuple[int, int, str]] = []

    def label(self, name: str) -> None:
        """Define `name` here."""
        self.symbols[name] = len(self.data)

    def raw(self) -> Raw:
        """The finished code."""
        return Raw(self.machine, bytes(self.data), self.symbols, self.calls)


RBX, RSP, RBP, RSI, RDI = 3, 4, 5, 6, 7
_SAVED = (RBX, RBP, 12, 13, 14, 15)
RAX, RCX, RDX, R8, R9, R10 = 0, 1, 2, 8, 9, 10


class X86Code(Code):
    """The x86-64 instruction forms the stubs use. `disp` is an offset from rdi."""

    machine = 62
    call_kind = jump_kind = 4

    def push(self, r: int) -> None:
        self.data += (b"\x41" if r > 7 else b"") + bytes([0x50 | r & 7])

    def pop(self, r: int) -> None:
        self.data += (b"\x41" if r > 7 else b"") + bytes([0x58 | r & 7])

    def move(self, to: int, source: int) -> None:
        rex = 0x48 | (to > 7) | (source > 7) << 2
        self.data += bytes([rex, 0x89, 0xC0 | (source & 7) << 3 | to & 7])

    def store_rsp(self, disp: int) -> None:
        self.data += b"\x48\x89\xa7" + pack("<i", disp)

    def load_rsp(self, disp: int) -> None:
        self.data += b"\x48\x8b\xa7" + pack("<i", disp)

    def store_imm(self, disp: int, value: int) -> None:
        self.data += b"\xc7\x87" + pack("<ii", disp, value)

    def test_imm(self, disp: int, value: int) -> None:
        self.data += b"\xf6\x87" + pack("<ib", disp, value)

    def load_eax(self, disp: int) -> None:
        self.data += b"\x8b\x87" + pack("<i", disp)

    def load_r9_argument(self) -> None:
        """mov r9, [rsp + 8]: the seventh argument."""
        self.data += b"\x4c\x8b\x4c\x24\x08"

    def eax(self, value: int) -> None:
        self.data += b"\xb8" + pack("<i", value)

    def load_call(self, pending: int) -> None:
        """mov r10, rcx; mov eax, [rsp + 8]; mov r11, [rsp + 16]; cmp [r11 + pending], 0."""
        self.data += b"\x49\x89\xca\x8b\x44\x24\x08\x4c\x8b\x5c\x24\x10"
        self.data += b"\x41\x83\xbb" + pack("<ib", pending, 0)

    def rax(self, value: int) -> None:
        self.data += b"\x48\xc7\xc0" + pack("<i", value)

    def syscall(self) -> None:
        self.data += b"\x0f\x05"

    def ret(self) -> None:
        self.data += b"\xc3"

    def relative(self, opcode: bytes, label: str) -> None:
        """call (E8), jmp (E9), je (0F 84) or jne (0F 85) to `label`."""
        self.data += opcode
        self.calls.append((len(self.data), self.call_kind, label))
        self.data += bytes(4)


def x86_64(state: State) -> Raw:
    """The stubs for x86-64."""
    c = X86Code()
    host_sp, running = state["host_sp"].offset, state["running"].offset
    reason = state["exit_reason"].offset
    bodies = ((GUEST, *ENTRIES[0]), (THUNK, *ENTRIES[1]), (COPY, "run32_copy", "run32_do_copy"))
    for mode, name, body in bodies:
        c.label(name)
        for r in (*_SAVED, RDI):
            c.push(r)
        c.store_rsp(host_sp)
        c.store_imm(reason, 0)
        c.store_imm(running, mode)
        if mode == COPY:
            c.move(RDI, RSI)
            c.move(RSI, RDX)
            c.move(RDX, RCX)
        c.relative(b"\xe8", body)
        c.relative(b"\xe9", "run32_leave")
    c.label("run32_abort")
    c.load_rsp(host_sp)
    c.test_imm(running, GUEST)
    c.relative(b"\x0f\x84", "run32_leave")
    c.relative(b"\xe8", "leave_fpc")
    c.label("run32_leave")
    c.pop(RDI)
    c.store_imm(running, 0)
    c.load_eax(reason)
    for r in reversed(_SAVED):
        c.pop(r)
    c.ret()
    c.label("run32_syscall")
    for to, source in ((RAX, RDI), (RDI, RSI), (RSI, RDX), (RDX, RCX), (R10, R8), (R8, R9)):
        c.move(to, source)
    c.load_r9_argument()
    c.syscall()
    c.ret()
    c.label("run32_call")
    c.load_call(state["pending"].offset)
    c.relative(b"\x0f\x85", "run32_call_refused")
    c.label("run32_call_svc")
    c.syscall()
    c.ret()
    for name, result in RESULTS:
        c.label(name)
        c.rax(result)
        c.ret()
    c.label("run32_restorer")
    c.eax(15)  # rt_sigreturn
    c.syscall()
    return c.raw()


SP = ZR = 31
_FRAME = 176


class ArmCode(Code):
    """The A64 instruction forms the stubs use."""

    machine = 183
    call_kind, jump_kind = 283, 282

    def word(self, value: int) -> None:
        self.data += pack("<I", value)

    def pair(self, opcode: int, a: int, b: int, offset: int) -> None:
        """stp/ldp of two registers at sp + offset."""
        self.word(opcode | (offset // 8 & 0x7F) << 15 | b << 10 | SP << 5 | a)

    def access(self, opcode: int, size: int, t: int, n: int, offset: int) -> None:
        """str/ldr of register t at register n + offset."""
        self.word(opcode | offset // size << 10 | n << 5 | t)

    def move(self, to: int, source: int) -> None:
        self.word(0xAA0003E0 | source << 16 | to)

    def add(self, to: int, n: int, value: int) -> None:
        opcode = 0x91000000 if value >= 0 else 0xD1000000
        self.word(opcode | abs(value) << 10 | n << 5 | to)

    def branch(self, label: str, *, link: bool = False) -> None:
        self.calls.append((len(self.data), self.call_kind if link else self.jump_kind, label))
        self.word(0x94000000 if link else 0x14000000)

    def branch_even(self, t: int, label: str) -> None:
        self.calls.append((len(self.data), 279, label))
        self.word(0x36000000 | t)


_STP, _LDP, _STP_D, _LDP_D = 0xA9000000, 0xA9400000, 0x6D000000, 0x6D400000
_STR_X, _LDR_X, _STR_W, _LDR_W = 0xF9000000, 0xF9400000, 0xB9000000, 0xB9400000


def aarch64(state: State) -> Raw:
    """The stubs for AArch64."""
    c = ArmCode()
    host_sp, running = state["host_sp"].offset, state["running"].offset
    reason = state["exit_reason"].offset
    bodies = ((GUEST, *ENTRIES[0]), (THUNK, *ENTRIES[1]), (COPY, "run32_copy", "run32_do_copy"))
    for mode, name, body in bodies:
        c.label(name)
        c.add(SP, SP, -_FRAME)
        _saved(c, _STP, _STP_D)
        c.access(_STR_X, 8, 0, SP, 160)
        c.add(9, SP, 0)
        c.access(_STR_X, 8, 9, 0, host_sp)
        c.access(_STR_W, 4, ZR, 0, reason)
        c.word(0x52800000 | mode << 5 | 9)  # mov w9, #mode
        c.access(_STR_W, 4, 9, 0, running)
        if mode == COPY:
            for to, source in ((0, 1), (1, 2), (2, 3)):
                c.move(to, source)
        c.branch(body, link=True)
        c.branch("run32_leave")
    c.label("run32_abort")
    c.access(_LDR_X, 8, 9, 0, host_sp)
    c.add(SP, 9, 0)
    c.access(_LDR_W, 4, 9, 0, running)
    c.branch_even(9, "run32_leave")
    c.branch("leave_fpc", link=True)
    c.label("run32_leave")
    c.access(_LDR_X, 8, 1, SP, 160)
    c.access(_STR_W, 4, ZR, 1, running)
    c.access(_LDR_W, 4, 0, 1, reason)
    _saved(c, _LDP, _LDP_D)
    c.add(SP, SP, _FRAME)
    c.word(0xD65F03C0)  # ret
    c.label("run32_syscall")
    c.move(8, 0)
    for i in range(6):
        c.move(i, i + 1)
    c.word(0xD4000001)  # svc #0
    c.word(0xD65F03C0)
    c.label("run32_call")
    c.access(_LDR_W, 4, 9, 7, state["pending"].offset)
    c.calls.append((len(c.data), 280, "run32_call_refused"))
    c.word(0x35000009)  # cbnz w9
    c.move(8, 6)
    c.label("run32_call_svc")
    c.word(0xD4000001)  # svc #0
    c.word(0xD65F03C0)
    for name, result in RESULTS:
        c.label(name)
        c.word(0x92800000 | ~result << 5)  # movn x0
        c.word(0xD65F03C0)
    c.label("run32_restorer")
    c.word(0x52800000 | 139 << 5 | 8)  # mov w8, #rt_sigreturn
    c.word(0xD4000001)
    return c.raw()


def _saved(c: ArmCode, general: int, floating: int) -> None:
    """Save or restore x19-x30 and d8-d15 in the frame."""
    for i in range(6):
        c.pair(general, 19 + 2 * i, 20 + 2 * i, 16 * i)
    for i in range(4):
        c.pair(floating, 8 + 2 * i, 9 + 2 * i, 96 + 16 * i)


STUBS = {"x86_64": x86_64, "aarch64": aarch64}
