"""The arm kernel's private calls, from 0x0f0000. Source: arch/arm/kernel/traps.c."""

from run32.spec.layout import UInt
from run32.spec.syscalls import ABSENT, PLANNED, syscall
from run32.spec.types import Addr, Zero

BITS26 = "26-bit addressing ended with ARMv3"


@syscall(arm=0xF0001, man="arm_syscall(9)", status=PLANNED, note="no signal handlers yet")
def breakpoint_() -> Zero: ...


@syscall(arm=0xF0002, man="cacheflush(2)", slow="armcalls")
def cacheflush(start: Addr, end: Addr, flags: UInt) -> Zero: ...


@syscall(arm=0xF0003, man="arm_syscall(9)", status=ABSENT, note=BITS26)
def usr26() -> Zero: ...


@syscall(arm=0xF0004, man="arm_syscall(9)", status=ABSENT, note=BITS26)
def usr32() -> Zero: ...


@syscall(arm=0xF0005, man="arm_syscall(9)", slow="armcalls")
def set_tls(value: Addr) -> Zero: ...


@syscall(arm=0xF0006, man="arm_syscall(9)", slow="armcalls")
def get_tls() -> Addr: ...
