"""The hand-written parts of thunks for signals: the mask and sending.

The guest's mask is the `sigmask` word of the cpu struct; the host blocks the same, less what a CPU
raises. Python takes over (FALLBACK) where a change concerns those, or where a signal would end the
process with a core.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.codegen.thunks import Thunk
from run32.spec.state import ARM, X86
from run32.spec.syscalls import FALLBACK

NEVER_BLOCKED = 0x4D8  # SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV (codegen/entry.py)
UNBLOCKABLE = 1 << 8 | 1 << 18  # SIGKILL, SIGSTOP
DUMPS = 0x830009F8  # bit n: signal n leaves a core by default
STATES = {"arm": ARM, "i386": X86}
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2


def rt_sigprocmask(k: Thunk) -> None:
    """The new mask is read, the host told, the old one written."""
    new, old, how = k.raw["new"], k.raw["old"], k.raw["how"]
    k.ret_if(k.emit(f"icmp ne i32 {k.raw['size']}, 8"), FALLBACK)
    k.check_range(new, 8)
    k.check_range(old, 8)
    field = STATES[k.abi]["sigmask"].offset
    before = k.load("%cpu", field, 8)
    given = k.emit(f"icmp ne i32 {new}, 0")

    def change() -> None:
        k.ret_if(k.emit(f"icmp ugt i32 {how}, {SIG_SETMASK}"), FALLBACK)
        bits = k.load(k.guest(new), 0, 8)
        added = k.emit(f"or i64 {before}, {bits}")
        removed = k.emit(f"and i64 {before}, {k.emit(f'xor i64 {bits}, -1')}")
        is_add = k.emit(f"icmp eq i32 {how}, {SIG_BLOCK}")
        is_remove = k.emit(f"icmp eq i32 {how}, {SIG_UNBLOCK}")
        other = k.emit(f"select i1 {is_remove}, i64 {removed}, i64 {bits}")
        wanted = k.emit(f"select i1 {is_add}, i64 {added}, i64 {other}")
        after = k.emit(f"and i64 {wanted}, {~UNBLOCKABLE}")
        differs = k.emit(f"xor i64 {after}, {before}")
        faults = k.emit(f"and i64 {differs}, {NEVER_BLOCKED}")
        k.ret_if(k.emit(f"icmp ne i64 {faults}, 0"), FALLBACK)
        block = k.alloca(8)
        k.store(k.emit(f"and i64 {after}, {~NEVER_BLOCKED}"), block, 0, 8)
        result = k.call("rt_sigprocmask", SIG_SETMASK, k.address(block), 0, 8)
        k.ret_if(k.emit(f"icmp ne i64 {result}, 0"), result)
        k.store(after, "%cpu", field, 8)

    k.when(given, change)
    wanted = k.emit(f"icmp ne i32 {old}, 0")
    k.when(wanted, lambda: k.store(before, k.guest(old), 0, 8))
    k.do("ret i64 0")


def send(k: Thunk) -> None:
    """kill and its kin, unless the signal may end this process with a core."""
    signo = k.raw["signal"]
    known = k.emit(f"icmp ult i32 {signo}, 32")
    bit = k.emit(f"shl i32 1, {k.emit(f'and i32 {signo}, 31')}")
    dumps = k.emit(f"icmp ne i32 {k.emit(f'and i32 {bit}, {DUMPS}')}, 0")
    k.ret_if(k.emit(f"and i1 {known}, {dumps}"), FALLBACK)
    k.do(f"ret i64 {k.call(k.row.host, *k.host_arguments())}")


RULES: dict[str, Callable[[Thunk], None]] = {rule.__name__: rule for rule in (rt_sigprocmask, send)}
