"""The hand-written parts of syscall thunks: what a prototype's types cannot say.

A rule is a function of a `thunks.Thunk` that emits the whole body; rows name it with `rule=`. Each
says which trap makes it necessary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from run32.codegen import netrules, pathrules, signalrules
from run32.codegen.thunks import EBADF, EINTR, EINVAL, Thunk
from run32.spec.layout import layout, size_align
from run32.spec.syscalls import FALLBACK
from run32.uapi.structs.events import epoll_event
from run32.uapi.structs.files import stat64
from run32.uapi.structs.process import sigset_argpack
from run32.uapi.structs.time import kernel_timespec

S_IFMT, S_IFDIR = 0o170000, 0o040000
EPERM, EACCES = 1, 13
TIMESPEC = size_align(kernel_timespec, "lp64")[0]


def decline_directories(k: Thunk, fd: str) -> None:
    """Leave directories to the slow path: their offsets are 31-bit cookies of ours."""
    host = layout(stat64, k.host)
    buffer = k.alloca(host.size)
    result = k.call("fstat", fd, k.address(buffer))
    mode = k.load(buffer, host.offset("st_mode"), 4)
    kind = k.emit(f"and i32 {mode}, {S_IFMT}")
    is_dir = k.emit(f"icmp eq i32 {kind}, {S_IFDIR}")
    known = k.emit(f"icmp eq i64 {result}, 0")
    k.ret_if(k.emit(f"and i1 {known}, {is_dir}"), FALLBACK)


def notdir(k: Thunk) -> None:
    """lseek on anything but a directory."""
    arguments = k.host_arguments()
    decline_directories(k, arguments[0])
    k.finish(k.call(k.row.host, *arguments))


def llseek(k: Thunk) -> None:
    """_llseek: the offset is two registers, high first; the result goes to memory."""
    fd = k.scalar(k.row.args[0].ctype, k.raw["fd"])
    decline_directories(k, fd)
    high = k.emit(f"zext i32 {k.raw['high']} to i64")
    low = k.emit(f"zext i32 {k.raw['low']} to i64")
    offset = k.emit(f"or i64 {k.emit(f'shl i64 {high}, 32')}, {low}")
    whence = k.emit(f"zext i32 {k.raw['whence']} to i64")
    result = k.call("lseek", fd, offset, whence)
    k.ret_if(k.emit(f"icmp eq i64 {result}, {-EBADF}"), FALLBACK)
    k.ret_if(k.emit(f"icmp slt i64 {result}, 0"), result)
    k.check_range(k.raw["result"], 8)
    k.store(result, k.guest(k.raw["result"]), 0, 8)
    k.do("ret i64 0")


def below2g(k: Thunk) -> None:
    """pwrite64: past 2 GiB the slow path looks whether the descriptor was opened for that."""
    arguments = k.host_arguments()
    end = k.emit(f"add i64 {arguments[2]}, {arguments[3]}")
    k.ret_if(k.emit(f"icmp sgt i64 {end}, {0x7FFFFFFF}"), FALLBACK)
    k.finish(k.call(k.row.host, *arguments))


def remaining(k: Thunk) -> None:
    """nanosleep: the time left is written when the sleep is interrupted, and only then."""
    target = k.row.args[-1].ctype.TARGET
    register = k.raw["remaining"]
    k.values["remaining"], buffer = k.converted(target, register, False)
    k.store("-1", buffer, 8, 8)  # the kernel writes nothing for an absolute sleep
    result = k.call(k.row.host, *k.host_arguments())
    interrupted = k.emit(f"icmp eq i64 {result}, {-EINTR}")
    written = k.emit(f"icmp sge i64 {k.load(buffer, 8, 8)}, 0")
    both = k.emit(f"and i1 {interrupted}, {written}")
    k.when(both, lambda: k.give_back(target, register, buffer))
    k.do(f"ret i64 {result}")


def timeleft(k: Thunk) -> None:
    """ppoll: the time left is written back whatever the result, but only where it changed."""
    result = k.call(k.row.host, *timed(k, "timeout"))
    write_timeout(k, "timeout")
    k.do(f"ret i64 {result}")


def timed(k: Thunk, name: str) -> list[str]:
    """Host arguments of a call whose argument `name` is a timeout that is written back."""
    ctype = next(arg.ctype for arg in k.row.args if arg.name == name)
    k.values[name], buffer = k.converted(ctype.TARGET, k.raw[name], True)
    k.values[name + " buffer"] = buffer
    k.values[name + " before"] = snapshot(k, buffer)
    return k.host_arguments()


def snapshot(k: Thunk, buffer: str) -> str:
    """A word that tells two times apart: nothing else changes both of its parts."""
    seconds, nanoseconds = k.load(buffer, 0, 8), k.load(buffer, 8, 8)
    return k.emit(f"add i64 {k.emit(f'mul i64 {seconds}, 1000000000')}, {nanoseconds}")


def write_timeout(k: Thunk, name: str) -> None:
    """Write a timeout back if the kernel changed it: a constant one may lie in read-only memory."""
    ctype = next(arg.ctype for arg in k.row.args if arg.name == name)
    buffer = k.values[name + " buffer"]
    given = k.emit(f"icmp ne i32 {k.raw[name]}, 0")

    def changed() -> None:
        now = snapshot(k, buffer)
        differs = k.emit(f"icmp ne i64 {now}, {k.values[name + ' before']}")
        k.when(differs, lambda: k.copy_out(ctype.TARGET, buffer, k.guest(k.raw[name])))

    k.when(given, changed)


def poll(k: Thunk) -> None:
    """poll through ppoll, which both hosts have; the timeout is in milliseconds."""
    buffer = k.alloca(TIMESPEC)
    wide = k.emit(f"sext i32 {k.raw['timeout']} to i64")
    k.store(k.emit(f"sdiv i64 {wide}, 1000"), buffer, 0, 8)
    rest = k.emit(f"srem i64 {wide}, 1000")
    k.store(k.emit(f"mul i64 {rest}, 1000000"), buffer, 8, 8)
    forever = k.emit(f"icmp slt i32 {k.raw['timeout']}, 0")
    when = k.emit(f"select i1 {forever}, i64 0, i64 {k.address(buffer)}")
    k.values["timeout"] = when
    fds, count, _ = k.host_arguments()
    k.do(f"ret i64 {k.call('ppoll', fds, count, when, 0, 0)}")


MAX_BITS = 32768


def fd_sets(k: Thunk) -> tuple[str, list[str], Callable[[str], None]]:
    """Sets of 32-bit words, widened to the host's 64-bit words in buffers of ours.

    Passing them on would let the kernel touch four bytes behind a set. Descriptors from MAX_BITS up
    are ignored. Returns the bit count, the three set arguments, and how to copy out.
    """
    wide = k.emit("sext i32 %a0 to i64")
    over = k.emit(f"icmp sgt i64 {wide}, {MAX_BITS}")
    bits = k.emit(f"select i1 {over}, i64 {MAX_BITS}, i64 {wide}")
    negative = k.emit(f"icmp slt i64 {bits}, 0")
    usable = k.emit(f"select i1 {negative}, i64 0, i64 {bits}")
    words = k.emit(f"lshr i64 {k.emit(f'add i64 {usable}, 31')}, 5")
    sets = [(k.raw[name], k.alloca(MAX_BITS // 8 + 8)) for name in ("read", "write", "except_")]
    arguments = []

    def move(register: str, buffer: str, inward: bool) -> None:
        def word(i: str) -> None:
            at = k.emit(f"shl i64 {i}, 2")
            ours = k.emit(f"getelementptr i8, ptr {k.guest(register)}, i64 {at}")
            theirs = k.emit(f"getelementptr i8, ptr {buffer}, i64 {at}")
            source, target = (ours, theirs) if inward else (theirs, ours)
            k.store(k.load(source, 0, 4), target, 0, 4)

        given = k.emit(f"icmp ne i32 {register}, 0")

        def whole() -> None:
            k.check_range(register, MAX_BITS // 8)
            k.loop(words, word)
            if inward:
                end = k.emit(f"shl i64 {words}, 2")
                k.store("0", k.emit(f"getelementptr i8, ptr {buffer}, i64 {end}"), 0, 4)

        k.when(given, whole)

    for register, buffer in sets:
        move(register, buffer, True)
        null = k.emit(f"icmp eq i32 {register}, 0")
        arguments.append(k.emit(f"select i1 {null}, i64 0, i64 {k.address(buffer)}"))

    def out(result: str) -> None:
        def all_sets() -> None:
            for register, buffer in sets:
                move(register, buffer, False)

        k.when(k.is_success(result), all_sets)

    return bits, arguments, out


def select(k: Thunk) -> None:
    """select through pselect6: microseconds (which may exceed a second), time left written back."""
    bits, sets, out = fd_sets(k)
    register = k.raw["timeout"]
    given = k.emit(f"icmp ne i32 {register}, 0")
    buffer = k.alloca(TIMESPEC)
    k.store("0", buffer, 0, 8)
    k.store("0", buffer, 8, 8)
    k.check_range(register, 8)

    def read() -> None:
        guest = k.guest(register)
        seconds = k.resize(k.load(guest, 0, 4), 4, 8, True)
        micros = k.resize(k.load(guest, 4, 4), 4, 8, True)
        carry, rest = k.emit(f"sdiv i64 {micros}, 1000000"), k.emit(f"srem i64 {micros}, 1000000")
        k.store(k.emit(f"add i64 {seconds}, {carry}"), buffer, 0, 8)
        k.store(k.emit(f"mul i64 {rest}, 1000"), buffer, 8, 8)

    k.when(given, read)
    before = snapshot(k, buffer)
    timeout = k.emit(f"select i1 {given}, i64 {k.address(buffer)}, i64 0")
    result = k.call("pselect6", bits, *sets, timeout, 0)
    out(result)

    def write() -> None:
        guest = k.guest(register)
        k.store(k.resize(k.load(buffer, 0, 8), 8, 4, True), guest, 0, 4)
        micros = k.emit(f"sdiv i64 {k.load(buffer, 8, 8)}, 1000")
        k.store(k.resize(micros, 8, 4, True), guest, 4, 4)

    differs = k.emit(f"icmp ne i64 {snapshot(k, buffer)}, {before}")
    k.when(k.emit(f"and i1 {given}, {differs}"), write)
    k.do(f"ret i64 {result}")


def pselect(k: Thunk) -> None:
    """pselect6: three sets, a timeout and a pair that holds the signal mask's address."""
    bits, sets, out = fd_sets(k)
    k.values["count"] = bits
    k.values.update(zip(("read", "write", "except_"), sets, strict=True))
    k.values["mask"], _ = k.converted(sigset_argpack, k.raw["mask"], True)
    result = k.call("pselect6", *timed(k, "timeout"))
    out(result)
    write_timeout(k, "timeout")
    k.do(f"ret i64 {result}")


def wait4(k: Thunk) -> None:
    """wait4: resource usage is written only if there was a child."""
    target, register = _argument(k, "usage").TARGET, k.raw["usage"]
    k.values["usage"], buffer = k.converted(target, register, False)
    result = k.call("wait4", *k.host_arguments())
    child = k.emit(f"icmp sgt i64 {result}, 0")
    k.when(child, lambda: k.give_back(target, register, buffer))
    k.do(f"ret i64 {result}")


SIGINFO = 128
# si_signo, si_errno, si_code; si_pid, si_uid, si_status lie 4 bytes lower in a 32-bit siginfo
CHILD_FIELDS = ((0, 0), (4, 4), (8, 8), (12, 16), (16, 20), (20, 24))


def waitid(k: Thunk) -> None:
    """waitid: six words of siginfo, zeros after an error; resource usage of a child."""
    target, register = _argument(k, "usage").TARGET, k.raw["usage"]
    k.values["usage"], usage = k.converted(target, register, False)
    info = k.alloca(SIGINFO)
    k.store("0", info, 0, 4)
    where = k.raw["info"]
    k.values["info"] = k.address(info)
    k.check_range(where, SIGINFO)
    result = k.call("waitid", *k.host_arguments())
    child = k.emit(f"icmp ne i32 {k.load(info, 0, 4)}, 0")
    k.when(child, lambda: k.give_back(target, register, usage))
    given = k.emit(f"icmp ne i32 {where}, 0")

    def words() -> None:
        for ours, theirs in CHILD_FIELDS:
            value = k.load(info, theirs, 4)
            k.store(k.emit(f"select i1 {child}, i32 {value}, i32 0"), k.guest(where), ours, 4)

    k.when(given, words)
    k.do(f"ret i64 {result}")


def _argument(k: Thunk, name: str) -> Any:
    return next(arg.ctype for arg in k.row.args if arg.name == name)


WAITS = (0, 6, 9, 11, 13)  # FUTEX_WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2


def futex(k: Thunk) -> None:
    """The fourth argument is a time for operations that wait and a number for the others."""
    command = k.emit(f"and i32 {k.raw['op']}, 127")
    waits = "false"
    for value in WAITS:
        waits = k.emit(f"or i1 {waits}, {k.emit(f'icmp eq i32 {command}, {value}')}")
    number = k.emit(f"zext i32 {k.raw['timeout']} to i64")
    register = k.emit(f"select i1 {waits}, i32 {k.raw['timeout']}, i32 0")
    ctype = next(arg.ctype for arg in k.row.args if arg.name == "timeout")
    timeout, _ = k.converted(ctype.TARGET, register, True)
    k.values["timeout"] = k.emit(f"select i1 {waits}, i64 {timeout}, i64 {number}")
    k.do(f"ret i64 {k.call('futex', *k.host_arguments())}")


MASK_BYTES = 1024


def cpu_mask(k: Thunk) -> tuple[str, str, str]:
    """(size, size in whole host words, buffer) of a CPU mask; a mask past 8192 CPUs is cut."""
    size = k.emit(f"zext i32 {k.raw['size']} to i64")
    over = k.emit(f"icmp ugt i64 {size}, {MASK_BYTES}")
    size = k.emit(f"select i1 {over}, i64 {MASK_BYTES}, i64 {size}")
    whole = k.emit(f"and i64 {k.emit(f'add i64 {size}, 7')}, -8")
    buffer = k.alloca(MASK_BYTES)
    k.loop(
        k.emit(f"lshr i64 {whole}, 3"),
        lambda i: k.store(
            "0",
            k.emit(f"getelementptr i8, ptr {buffer}, i64 {k.emit(f'shl i64 {i}, 3')}"),
            0,
            8,
        ),
    )
    k.check_range(k.raw["mask"], MASK_BYTES)
    return size, whole, buffer


def move_bytes(k: Thunk, source: str, target: str, count: str) -> None:
    """Copy `count` bytes."""

    def one(i: str) -> None:
        byte = k.load(k.emit(f"getelementptr i8, ptr {source}, i64 {i}"), 0, 1)
        k.store(byte, k.emit(f"getelementptr i8, ptr {target}, i64 {i}"), 0, 1)

    k.loop(count, one)


def setaffinity(k: Thunk) -> None:
    """sched_setaffinity: any number of bytes."""
    size, whole, buffer = cpu_mask(k)
    move_bytes(k, k.guest(k.raw["mask"]), buffer, size)
    pid = k.emit(f"sext i32 {k.raw['pid']} to i64")
    k.do(f"ret i64 {k.call('sched_setaffinity', pid, whole, k.address(buffer))}")


def getaffinity(k: Thunk) -> None:
    """sched_getaffinity: a multiple of 4 bytes here, of 8 on the host."""
    odd = k.emit(f"and i32 {k.raw['size']}, 3")
    k.ret_if(k.emit(f"icmp ne i32 {odd}, 0"), -EINVAL)
    size, whole, buffer = cpu_mask(k)
    pid = k.emit(f"sext i32 {k.raw['pid']} to i64")
    result = k.call("sched_getaffinity", pid, whole, k.address(buffer))
    k.ret_if(k.emit(f"icmp slt i64 {result}, 0"), result)
    more = k.emit(f"icmp ugt i64 {result}, {size}")
    count = k.emit(f"select i1 {more}, i64 {size}, i64 {result}")
    move_bytes(k, buffer, k.guest(k.raw["mask"]), count)
    k.do(f"ret i64 {count}")


def nice(k: Thunk) -> None:
    """nice through setpriority: no 64-bit host has it, and its errno is EPERM, not EACCES."""
    now = k.call("getpriority", 0, 0)
    current = k.emit(f"sub i64 20, {now}")
    step = k.emit(f"sext i32 {k.raw['increment']} to i64")
    total = k.emit(f"add i64 {current}, {step}")
    for bound, op in ((-20, "slt"), (19, "sgt")):
        past = k.emit(f"icmp {op} i64 {total}, {bound}")
        total = k.emit(f"select i1 {past}, i64 {bound}, i64 {total}")
    result = k.call("setpriority", 0, 0, total)
    refused = k.emit(f"icmp eq i64 {result}, {-EACCES}")
    k.do(f"ret i64 {k.emit(f'select i1 {refused}, i64 {-EPERM}, i64 {result}')}")


def epoll_create(k: Thunk) -> None:
    """epoll_create: the size only has to be positive."""
    k.ret_if(k.emit(f"icmp slt i32 {k.raw['size']}, 1"), -EINVAL)
    k.do(f"ret i64 {k.call('epoll_create1', 0)}")


EVENTS = 64
EVENTS_MAX = (1 << 31) // 16 - 1
"""What a 64-bit ARM kernel allows: its struct epoll_event has 16 bytes."""


def epoll(k: Thunk) -> None:
    """epoll_wait: where struct epoll_event differs, EVENTS at a time; more come later."""
    if k.is_same(epoll_event):
        k.ordinary()
        return
    ours, theirs = size_align(epoll_event, k.abi)[0], size_align(epoll_event, k.host)[0]
    buffer = k.alloca(EVENTS * theirs)
    k.ret_if(k.emit(f"icmp sgt i32 {k.raw['count']}, {EVENTS_MAX}"), -EINVAL)
    count = k.emit(f"sext i32 {k.raw['count']} to i64")
    over = k.emit(f"icmp sgt i64 {count}, {EVENTS}")
    k.values["count"] = k.emit(f"select i1 {over}, i64 {EVENTS}, i64 {count}")
    k.values["events"] = k.address(buffer)
    k.check_range(k.raw["events"], EVENTS * ours)
    result = k.call(k.row.host, *k.host_arguments())

    def one(i: str) -> None:
        source = k.emit(f"getelementptr i8, ptr {buffer}, i64 {k.emit(f'mul i64 {i}, {theirs}')}")
        at = k.emit(f"mul i64 {i}, {ours}")
        target = k.emit(f"getelementptr i8, ptr {k.guest(k.raw['events'])}, i64 {at}")
        k.copy_out(epoll_event, source, target)

    k.when(k.is_success(result), lambda: k.loop(result, one))
    k.do(f"ret i64 {result}")


RULES: dict[str, Callable[[Thunk], None]] = (
    {
        rule.__name__: rule
        for rule in (
            notdir,
            llseek,
            below2g,
            remaining,
            timeleft,
            poll,
            select,
            pselect,
            wait4,
            waitid,
            futex,
            setaffinity,
            getaffinity,
            nice,
            epoll_create,
            epoll,
        )
    }
    | netrules.RULES
    | pathrules.RULES
    | signalrules.RULES
)
