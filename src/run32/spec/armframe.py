"""The layout of signal frames on an arm guest's stack, in words.

Layout and rules are those of a 64-bit kernel that runs 32-bit programs (arch/arm64/kernel/
signal32.c): `struct compat_rt_sigframe` is a siginfo followed by a ucontext, `compat_sigframe` the
ucontext alone; VFP state lies in uc_regspace behind a magic word. No imports: both the runtime and
the code that makes the native side of delivery use it.
"""

from __future__ import annotations

SIGINFO = 128  # bytes
# Words of an rt frame; a frame without siginfo begins at UC.
UC = SIGINFO // 4
FLAGS, LINK, STACK, CONTEXT, MASK, SPACE = UC, UC + 1, UC + 2, UC + 5, UC + 26, UC + 58
TRAP, ERROR, OLD_MASK, REGISTERS = CONTEXT, CONTEXT + 1, CONTEXT + 2, CONTEXT + 3
PC, CPSR, ADDRESS = CONTEXT + 18, CONTEXT + 19, CONTEXT + 20
VFP_D, FPSCR, FPEXC, VFP_END = SPACE + 2, SPACE + 66, SPACE + 68, SPACE + 72
RT_SIZE = 880
SIZE = RT_SIZE - SIGINFO
VFP_MAGIC, VFP_SIZE, FPEXC_EN = 0x56465001, 288, 1 << 30
OLD_FRAME = 0x5AC3C35A  # uc_flags of a frame without siginfo
ZERO = (LINK, TRAP, FPSCR + 1, FPEXC + 1, FPEXC + 2, FPEXC + 3, VFP_END)
WRITE = 1 << 11
"""error_code's bit for a faulting write."""
REACH = 14
"""Bytes before an instruction that an IT instruction can be of whose block it is part: an IT and
three 32-bit instructions."""
IT_BYTE = 0xBF
"""The upper byte of an IT instruction."""

# Dispositions as native code finds them: a word that counts changes (odd while one goes on), then
# an entry per signal from number 1 on.
ACTION_SIZE = 24
ACTIONS = 65 * ACTION_SIZE
HANDLER, ACTION_FLAGS, RESTORER, ACTION_MASK = 0, 4, 8, 16
