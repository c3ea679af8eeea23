"""A guest siginfo as strace(1) shows it, without the name of the signal."""

from __future__ import annotations

from struct import unpack_from

from run32.debug.values import address
from run32.kernel import siginfo
from run32.uapi.consts.process import Signal

SENT = {0: "SI_USER", 0x80: "SI_KERNEL", -1: "SI_QUEUE", -2: "SI_TIMER", -3: "SI_MESGQ",
        -4: "SI_ASYNCIO", -5: "SI_SIGIO", -6: "SI_TKILL"}  # fmt: skip
CODES = {
    4: "ILL_ILLOPC ILL_ILLOPN ILL_ILLADR ILL_ILLTRP ILL_PRVOPC ILL_PRVREG ILL_COPROC ILL_BADSTK",
    5: "TRAP_BRKPT TRAP_TRACE TRAP_BRANCH TRAP_HWBKPT",
    7: "BUS_ADRALN BUS_ADRERR BUS_OBJERR",
    8: "FPE_INTDIV FPE_INTOVF FPE_FLTDIV FPE_FLTOVF FPE_FLTUND FPE_FLTRES FPE_FLTINV FPE_FLTSUB",
    11: "SEGV_MAPERR SEGV_ACCERR",
    17: "CLD_EXITED CLD_KILLED CLD_DUMPED CLD_TRAPPED CLD_STOPPED CLD_CONTINUED",
    29: "POLL_IN POLL_OUT POLL_MSG POLL_ERR POLL_PRI POLL_HUP",
}
RTMIN = 32


def signal_name(signo: int, abi: str) -> str:
    """SIGINT, SIGRT_5."""
    return f"SIGRT_{signo - RTMIN}" if signo >= RTMIN else Signal.show(signo, abi)


def code_name(signo: int, code: int) -> str:
    """The name of a si_code."""
    names = CODES.get(signo, "").split()
    return SENT.get(code) or (names[code - 1] if 0 < code <= len(names) else str(code))


def show(info: bytes, abi: str) -> str:
    """`{si_signo=…, si_code=…, …}`."""
    signo, _, code = unpack_from("<3i", info)
    name = signal_name(signo, abi)
    head = f"si_signo={name}, si_code={code_name(signo, code)}"
    kind = siginfo.kind(signo, code)
    first, second, third = unpack_from("<iiI", info, 12)
    if kind == siginfo.FAULT:
        tail = f", si_addr={address(first & 0xFFFFFFFF)}"
    elif kind == siginfo.CHILD:
        user, system = unpack_from("<ii", info, 24)
        status = str(third) if code == 1 else signal_name(third, abi)
        tail = f", si_pid={first}, si_uid={second}, si_status={status}"
        tail += f", si_utime={user}, si_stime={system}"
    elif kind == siginfo.TIMER:
        tail = f", si_timerid={first:#x}, si_overrun={second}{_value(third)}"
    elif kind == siginfo.QUEUE:
        tail = f", si_pid={first}, si_uid={second}"
        tail += _value(third) if code == siginfo.SI_QUEUE else ""
    elif kind == siginfo.POLL:
        tail = f", si_band={first}, si_fd={second}"
    else:
        tail = "" if code == siginfo.SI_KERNEL else f", si_pid={first}, si_uid={second}"
    return "{" + head + tail + "}"


def _value(value: int) -> str:
    signed = value - (1 << 32) if value >> 31 else value
    return f", si_int={signed}, si_ptr={address(value)}"
