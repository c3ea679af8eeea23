"""Signal frames on an arm guest's stack, and their way back into the registers.

`spec.armframe` has the layout; a restorer is taken from the action or is a stub of the sigreturn
page. What occurs often is done by native code without coming here (codegen/delivery.py).

Invariant: a frame is staged in `words` and copied as one; nothing of the thread changes before the
copy has succeeded.
"""

from __future__ import annotations

from struct import pack

from run32.kernel import cdata
from run32.kernel.signals import (
    SA_ONSTACK,
    SA_RESTORER,
    SA_SIGINFO,
    SS_AUTODISARM,
    SS_DISABLE,
    checked_stack,
)
from run32.loader.kuser import (
    RT_SIGRETURN_ARM,
    RT_SIGRETURN_THUMB,
    SIGPAGE_NAME,
    SIGRETURN_ARM,
    SIGRETURN_THUMB,
)
from run32.runtime.itblocks import decode_block, itstate_at
from run32.spec import cpsr
from run32.spec.armframe import (
    ADDRESS,
    CPSR,
    ERROR,
    FLAGS,
    FPEXC,
    FPEXC_EN,
    FPSCR,
    IT_BYTE,
    MASK,
    OLD_FRAME,
    OLD_MASK,
    PC,
    REACH,
    REGISTERS,
    RT_SIZE,
    SIGINFO,
    SIZE,
    SPACE,
    STACK,
    VFP_D,
    VFP_MAGIC,
    VFP_SIZE,
    ZERO,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import SigAction
    from run32.runtime.thread import Thread

NO_FLAGS = memoryview(pack("<4I", 0, 1, 0, 0)).cast("I")  # of the words n, z, c, v


class BadFrame(Exception):
    """A frame that sigreturn refuses; the argument is the stack pointer."""


class Frames:
    """Builds and reads the frames of one thread."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.cpu = cpu = thread.cpu
        raw = cdata.create_string_buffer(RT_SIZE)
        self.address = cdata.addressof(raw)
        self.bytes = memoryview(raw).cast("B")
        self.words = self.bytes.cast("I")
        at = self.cpu.at
        self._d = self.cpu.quad_at["d"] * 2
        self._pc, self._thumb, self._endian = at["pc"], at["thumb"], at["endian"]
        self._q, self._ge, self._it = at["q"], at["ge"], at["itstate"]
        self._flags, self._monitor = at["n"], at["ex_size"]
        self._code = cdata.create_string_buffer(16)
        self._code_address = cdata.addressof(self._code)
        at_fault = at["last_fault"]
        self.last_fault = cpu.words[at_fault : at_fault + 2]
        """Address and error code of the thread's last fault, as every later frame shows them."""

    # -- delivery ---------------------------------------------------------------------------------
    def push(self, signo: int, info: bytes, action: SigAction, mask: int) -> None:
        """Enter the handler of `action`, with a frame that restores `mask`. Raises Fault."""
        cpu, words = self.cpu, self.words
        is_rt = action.flags & SA_SIGINFO
        words[FLAGS] = 0 if is_rt else OLD_FRAME
        words[STACK], words[STACK + 1], words[STACK + 2] = self.thread.task.signals.altstack
        for word in ZERO:
            words[word] = 0
        self._stage_registers(mask)
        at = self._room(action.flags, RT_SIZE if is_rt else SIZE)
        if is_rt:
            self.bytes[:SIGINFO] = info
            self._store(at, 0, RT_SIZE)
        else:
            self._store(at, SIGINFO, SIZE)
        registers = cpu.words
        registers[0], registers[13] = signo, at
        if is_rt:
            registers[1], registers[2] = at, at + SIGINFO
            task = self.thread.task
            if task.signals.altstack[1] & SS_AUTODISARM:
                task.signals.altstack = (0, SS_DISABLE, 0)
        thumb = action.handler & 1
        registers[14] = self._return(action, thumb)
        registers[self._pc] = action.handler & (0xFFFFFFFE if thumb else 0xFFFFFFFC)
        registers[self._thumb] = thumb
        registers[self._flags : self._flags + 4] = NO_FLAGS
        registers[self._q] = registers[self._it] = registers[self._endian] = 0
        registers[self._monitor] = 0

    def _stage_registers(self, mask: int) -> None:
        cpu, words, regs = self.cpu, self.words, self.thread.regs
        words[ADDRESS], words[ERROR] = self.last_fault
        words[OLD_MASK] = words[MASK] = mask & 0xFFFFFFFF
        words[MASK + 1] = mask >> 32
        registers = cpu.words
        words[REGISTERS : REGISTERS + 15] = registers[:15]
        words[PC] = pc = registers[self._pc]
        if registers[self._thumb]:
            registers[self._it] = itstate_at(self.thread, pc) if self._near_it(pc) else 0
        words[CPSR] = regs["cpsr"]
        words[SPACE], words[SPACE + 1] = VFP_MAGIC, VFP_SIZE
        words[VFP_D : VFP_D + 64] = cpu.words[self._d : self._d + 64]
        words[FPSCR], words[FPEXC] = regs["fpscr"], FPEXC_EN

    def _near_it(self, pc: int) -> bool:
        """Whether something like an IT instruction stands before `pc`."""
        source = self.thread.memory.base + pc - REACH
        if self.thread.engine.copy(self.cpu.address, self._code_address, source, REACH):
            return True
        return IT_BYTE in self._code.raw

    def _room(self, flags: int, size: int) -> int:
        """Where a frame of `size` bytes goes."""
        sp = self.cpu.words[13]
        base, mode, length = self.thread.task.signals.altstack
        if flags & SA_ONSTACK and length and not on_stack(sp, base, mode, length):
            sp = base + length
        return sp - size & 0xFFFFFFF8

    def _store(self, at: int, skip: int, size: int) -> None:
        memory = self.thread.memory
        target = memory.host_ptr(at, size)
        engine = self.thread.engine
        if engine.copy(self.cpu.address, target, self.address + skip, size):
            memory.write(at, self.bytes[skip : skip + size])

    def _return(self, action: SigAction, thumb: int) -> int:
        """The return address of a handler."""
        if action.flags & SA_RESTORER:
            return action.restorer
        page = next(v.start for v in self.thread.memory.table if v.path == SIGPAGE_NAME)
        if action.flags & SA_SIGINFO:
            return page + (RT_SIGRETURN_THUMB | 1 if thumb else RT_SIGRETURN_ARM)
        return page + (SIGRETURN_THUMB | 1 if thumb else SIGRETURN_ARM)

    # -- return -----------------------------------------------------------------------------------
    def pop(self, is_rt: bool) -> int:
        """Restore registers from the frame at sp; the mask to restore. Raises BadFrame."""
        cpu, words, regs = self.cpu, self.words, self.thread.regs
        sp = cpu.words[13]
        size, skip = (RT_SIZE, 0) if is_rt else (SIZE, SIGINFO)
        if sp & 7 or sp + size > 1 << 32:
            raise BadFrame(sp)
        source = self.thread.memory.base + sp
        if self.thread.engine.copy(cpu.address, self.address + skip, source, size):
            raise BadFrame(sp)
        status = words[CPSR]
        if status & cpsr.MODE != cpsr.USER or status & cpsr.MASKED:
            raise BadFrame(sp)
        if words[SPACE] != VFP_MAGIC or words[SPACE + 1] != VFP_SIZE:
            raise BadFrame(sp)
        registers = cpu.words
        registers[:15] = words[REGISTERS : REGISTERS + 15]
        regs["cpsr"] = status
        registers[self._pc] = words[PC] & (0xFFFFFFFE if status & cpsr.THUMB else 0xFFFFFFFC)
        if status & cpsr.IT and status & cpsr.THUMB:
            decode_block(self.thread, registers[self._pc], registers[self._it])
        registers[self._d : self._d + 64] = words[VFP_D : VFP_D + 64]
        regs["fpscr"] = words[FPSCR]
        registers[self._monitor] = 0
        saved = (words[STACK], words[STACK + 1], words[STACK + 2])
        if is_rt and saved != self.thread.task.signals.altstack:
            self._restore_stack(registers[13])
        return words[MASK] | words[MASK + 1] << 32

    def _restore_stack(self, sp: int) -> None:
        """Take over uc_stack, unless sigaltstack(2) would refuse it."""
        words, signals = self.words, self.thread.task.signals
        new = checked_stack(words[STACK], words[STACK + 1], words[STACK + 2])
        if not isinstance(new, int) and not on_stack(sp, *signals.altstack):
            signals.altstack = new


def on_stack(sp: int, base: int, mode: int, length: int) -> bool:
    """Whether `sp` is on the alternate stack (which grows down)."""
    return not mode & SS_AUTODISARM and 0 < sp - base <= length
