"""The hand-written parts of thunks that take a path, and of those that read a clock.

Python takes over (FALLBACK) wherever `pathcode` cannot prove that it would do the same, and for
flags that are rare or wrong, so that what is wrong first is found first.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.codegen import pathcode, pathwalk
from run32.codegen.thunks import EINVAL, Thunk
from run32.spec import desk as at
from run32.spec.layout import leaves, size_align
from run32.spec.state import ARM, X86
from run32.spec.syscalls import FALLBACK
from run32.uapi.consts.files import OpenFlags
from run32.uapi.structs.files import stat64
from run32.uapi.structs.time import kernel_timespec

LINK = 4096
DESK = {"arm": ARM["desk"].offset, "i386": X86["desk"].offset}
ENOENT, EACCES = 2, 13
AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT, AT_EMPTY_PATH, AT_SYNC = 0x100, 0x800, 0x1000, 0x6000
TMPFILE_BIT = 0o20000000
CLOCK_REALTIME = 0


def desk_of(k: Thunk) -> str:
    """The desk, as a ptr; without one it is Python's turn."""
    desk = k.load("%cpu", DESK[k.abi], 8)
    k.ret_if(k.emit(f"icmp eq i64 {desk}, 0"), FALLBACK)
    return k.emit(f"inttoptr i64 {desk} to ptr")


def path_in(k: Thunk) -> tuple[str, str]:
    """The argument `path` on our stack: (ptr, what `path_in` says)."""
    buffer = k.alloca(pathcode.BUFFER)
    path = k.emit(f"getelementptr i8, ptr {buffer}, i64 {pathcode.BEFORE}")
    k.store("0", path, -4, 4)
    info = k.emit(f"call i64 @path_in(ptr {k.guest(k.raw['path'])}, ptr {path})")
    odd = k.emit(f"and i64 {info}, {pathcode.PYTHON << 32}")
    k.ret_if(k.emit(f"icmp ne i64 {odd}, 0"), FALLBACK)
    return path, info


def directory(k: Thunk) -> str:
    """The directory that relative paths start from, as an i64."""
    if "dirfd" not in k.raw:
        return str(pathcode.AT_FDCWD)
    return k.emit(f"sext i32 {k.raw['dirfd']} to i64")


def decline(k: Thunk, register: str, allowed: int) -> None:
    """Leave a word with any bit but these to Python."""
    others = k.emit(f"and i32 {register}, {~allowed}")
    k.ret_if(k.emit(f"icmp ne i32 {others}, 0"), FALLBACK)


def nofollow(k: Thunk, flags: str) -> str:
    """The host's O_NOFOLLOW if the i32 `flags` has AT_SYMLINK_NOFOLLOW, as an i64."""
    bit = k.emit(f"and i32 {flags}, {AT_SYMLINK_NOFOLLOW}")
    follows = k.emit(f"icmp eq i32 {bit}, 0")
    return k.emit(f"select i1 {follows}, i64 0, i64 {OpenFlags.values(k.host)['O_NOFOLLOW']}")


def by_path(
    k: Thunk, no_follow: str | int, call: Callable[[str, str], str], sure: int = 0
) -> tuple[str, str]:
    """The result of `call(dirfd, path)` on the host's path (i64 operands), and the path's info.

    `sure`: an errno that says that the file was found.
    """
    desk, fd = desk_of(k), directory(k)
    path, info = path_in(k)
    strict, out = k.alloca(4), k.alloca(pathwalk.OUT)
    found = k.emit(
        f"call i64 @path_find(ptr %cpu, ptr {desk}, i64 {fd}, ptr {path}, i64 {info}, "
        f"i64 {no_follow}, ptr {strict}, ptr {out})"
    )
    k.ret_if(k.emit(f"icmp eq i64 {found}, 0"), FALLBACK)
    result = call(fd, found)
    failed = k.emit(f"icmp slt i64 {result}, 0")
    there = k.emit(f"icmp ne i64 {result}, {-ENOENT}")
    doubt = k.emit(f"zext i1 {there} to i32")
    doubt = k.emit(f"add i32 {doubt}, {k.load(strict, 0, 4)}")
    doubtful = k.emit(f"icmp uge i32 {doubt}, 2")
    doubtful = k.emit(f"and i1 {failed}, {doubtful}")
    if sure:
        unsure = k.emit(f"icmp ne i64 {result}, {-sure}")
        doubtful = k.emit(f"and i1 {doubtful}, {unsure}")
    k.ret_if(doubtful, FALLBACK)
    return result, info


def opening(k: Thunk) -> None:
    """open, openat: O_PATH, O_TMPFILE and cutting a file of any size are Python's."""
    flags = k.flags(OpenFlags, k.raw["flags"])
    values = OpenFlags.values(k.host)
    known = 0
    for value in values.values():
        known |= value
    decline(k, flags, known & ~(values["O_PATH"] | TMPFILE_BIT))
    sized = k.emit(f"and i32 {flags}, {values['O_TRUNC'] | values['O_LARGEFILE']}")
    k.ret_if(k.emit(f"icmp eq i32 {sized}, {values['O_TRUNC']}"), FALLBACK)
    desk = desk_of(k)
    state = k.load(desk, at.STATE, 4)
    odd = k.emit(f"and i32 {state}, 1")  # NEAR, MANY
    k.ret_if(k.emit(f"icmp ne i32 {odd}, 0"), FALLBACK)
    fd = directory(k)
    path, info = path_in(k)
    wide = k.emit(f"zext i32 {flags} to i64")
    mode = k.emit(f"zext i32 {k.raw['mode']} to i64")
    made = k.emit(
        f"call i64 @path_open(ptr %cpu, ptr {desk}, i64 {fd}, ptr {path}, i64 {info}, "
        f"i64 {wide}, i64 {mode})"
    )
    k.do(f"ret i64 {k.emit(f'call i64 @path_opened(ptr {desk}, i64 {made}, i64 {wide})')}")


def stat_by_path(k: Thunk) -> None:
    """stat64, lstat64, fstatat64."""
    if "flags" in k.raw:
        decline(k, k.raw["flags"], AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)
        given = k.emit(f"zext i32 {k.raw['flags']} to i64")
        flags = k.emit(f"or i64 {given}, {AT_NO_AUTOMOUNT}")
        no_follow: str | int = nofollow(k, k.raw["flags"])
    else:
        is_link = k.row.name.startswith("l")
        flags = str(AT_NO_AUTOMOUNT | (AT_SYMLINK_NOFOLLOW if is_link else 0))
        no_follow = OpenFlags.values(k.host)["O_NOFOLLOW"] if is_link else 0
    buffer = k.alloca(size_align(stat64, k.host)[0])
    k.check_range(k.raw["buf"], size_align(stat64, k.abi)[0])
    where = k.address(buffer)
    result, _ = by_path(k, no_follow, lambda fd, path: k.call("newfstatat", fd, path, where, flags))
    give_stat(k, result, buffer)


def stat_by_fd(k: Thunk) -> None:
    """fstat64."""
    buffer = k.alloca(size_align(stat64, k.host)[0])
    k.check_range(k.raw["buf"], size_align(stat64, k.abi)[0])
    fd = k.emit(f"sext i32 {k.raw['fd']} to i64")
    give_stat(k, k.call("fstat", fd, k.address(buffer)), buffer)


def give_stat(k: Thunk, result: str, buffer: str) -> None:
    """Convert a `struct stat64` out, with zeros where it has none of the host's fields."""

    def give() -> None:
        target = k.guest(k.raw["buf"])
        end = 0
        for leaf in leaves(stat64, k.abi):  # where only alignment is, too
            if leaf.offset > end:
                k.store("0", target, end, leaf.offset - end)
            end = leaf.offset + leaf.size
        k.copy_out(stat64, buffer, target)

    k.when(k.is_success(result), give)
    k.do(f"ret i64 {result}")


def statx(k: Thunk) -> None:
    """statx by path; and by descriptor, as C libraries do fstat, with an empty path."""
    flags = k.raw["flags"]
    empty = k.emit(f"and i32 {flags}, {AT_EMPTY_PATH}")

    def by_descriptor() -> None:
        path = k.raw["path"]
        k.ret_if(k.emit(f"icmp eq i32 {path}, 0"), FALLBACK)
        k.check_range(path, 1)
        k.ret_if(k.emit(f"icmp ne i8 {k.load(k.guest(path), 0, 1)}, 0"), FALLBACK)
        arguments = k.host_arguments()
        k.values.clear()
        nothing = k.alloca(8)  # not the guest's byte: another thread may change that
        k.store("0", nothing, 0, 1)
        arguments[1] = k.address(nothing)
        result = k.call("statx", *arguments)
        k.ret_if("true", result)

    k.when(k.emit(f"icmp ne i32 {empty}, 0"), by_descriptor)
    decline(k, flags, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_SYNC)
    _, _, wide, mask, buf = k.host_arguments()
    result, _ = by_path(
        k, nofollow(k, flags), lambda fd, path: k.call("statx", fd, path, wide, mask, buf)
    )
    k.do(f"ret i64 {result}")


def accessing(k: Thunk) -> None:
    """access, faccessat, faccessat2."""
    decline(k, k.raw["mode"], 7)
    mode = k.emit(f"zext i32 {k.raw['mode']} to i64")
    if "flags" not in k.raw:
        result, _ = by_path(k, 0, lambda fd, path: k.call("faccessat", fd, path, mode), EACCES)
    else:
        flags = k.raw["flags"]
        decline(k, flags, AT_SYMLINK_NOFOLLOW | 0x200)
        wide = k.emit(f"zext i32 {flags} to i64")
        result, _ = by_path(
            k,
            nofollow(k, flags),
            lambda fd, path: k.call("faccessat2", fd, path, mode, wide),
            EACCES,
        )
    k.do(f"ret i64 {result}")


def linked(k: Thunk) -> None:
    """readlink, readlinkat: a link of procfs shows the guest's view, which is Python's."""
    k.ret_if(k.emit(f"icmp slt i32 {k.raw['size']}, 1"), FALLBACK)
    buffer = k.alloca(LINK)
    where = k.address(buffer)
    size = k.emit(f"zext i32 {k.raw['size']} to i64")
    large = k.emit(f"icmp ugt i64 {size}, {LINK}")
    size = k.emit(f"select i1 {large}, i64 {LINK}, i64 {size}")
    result, info = by_path(
        k,
        OpenFlags.values(k.host)["O_NOFOLLOW"],
        lambda fd, path: k.call("readlinkat", fd, path, where, size),
        EINVAL,
    )
    k.ret_if(k.emit(f"icmp slt i64 {result}, 0"), result)
    absolute = k.emit(f"and i64 {info}, {pathcode.ABSOLUTE << 32}")
    relative = k.emit(f"icmp eq i64 {absolute}, 0")
    rooted = k.emit(f"icmp eq i8 {k.load(buffer, 0, 1)}, 47")
    k.ret_if(k.emit(f"and i1 {relative}, {rooted}"), FALLBACK)
    target = k.guest(k.raw["buf"])

    def byte(i: str) -> None:
        value = k.load(k.emit(f"getelementptr i8, ptr {buffer}, i64 {i}"), 0, 1)
        k.store(value, k.emit(f"getelementptr i8, ptr {target}, i64 {i}"), 0, 1)

    k.loop(result, byte)
    k.do(f"ret i64 {result}")


def host_clock(k: Thunk, clock: str, buffer: str) -> str:
    """clock_gettime of the host, through its vDSO; Python's turn until that is looked up."""
    fn = k.load(desk_of(k), at.CLOCK, 8)
    k.ret_if(k.emit(f"icmp eq i64 {fn}, 0"), FALLBACK)
    result = k.alloca(8)

    def by_vdso() -> None:
        function = k.emit(f"inttoptr i64 {fn} to ptr")
        small = k.emit(f"call i32 {function}(i32 {clock}, ptr {buffer})")
        k.store(k.emit(f"sext i32 {small} to i64"), result, 0, 8)

    def by_syscall() -> None:
        wide = k.emit(f"sext i32 {clock} to i64")
        k.store(k.call("clock_gettime", wide, k.address(buffer)), result, 0, 8)

    has = k.emit(f"icmp ugt i64 {fn}, {at.NO_CLOCK}")
    k.when(has, by_vdso)
    k.when(k.emit(f"xor i1 {has}, true"), by_syscall)
    return k.load(result, 0, 8)


def clock(k: Thunk) -> None:
    """clock_gettime in both sizes."""
    target = k.row.args[1].ctype.TARGET
    register = k.raw["tp"]
    k.check_range(register, size_align(target, k.abi)[0])
    buffer = k.alloca(size_align(kernel_timespec, k.host)[0])
    result = host_clock(k, k.raw["clock"], buffer)
    k.when(k.is_success(result), lambda: k.copy_out(target, buffer, k.guest(register)))
    k.do(f"ret i64 {result}")


def time_of_day(k: Thunk) -> None:
    """gettimeofday; a time zone, which nobody asks for, is the system call's."""
    target = k.row.args[0].ctype.TARGET
    tv, tz = k.raw["tv"], k.raw["tz"]
    none = k.emit(f"icmp eq i32 {tv}, 0")
    zone = k.emit(f"icmp ne i32 {tz}, 0")
    k.ret_if(k.emit(f"or i1 {none}, {zone}"), FALLBACK)
    k.check_range(tv, size_align(target, k.abi)[0])
    buffer = k.alloca(size_align(kernel_timespec, k.host)[0])
    result = host_clock(k, str(CLOCK_REALTIME), buffer)

    def give() -> None:
        micros = k.emit(f"udiv i64 {k.load(buffer, 8, 8)}, 1000")
        k.store(micros, buffer, 8, 8)
        k.copy_out(target, buffer, k.guest(tv))

    k.when(k.is_success(result), give)
    k.do(f"ret i64 {result}")


RULES: dict[str, Callable[[Thunk], None]] = {
    rule.__name__: rule
    for rule in (opening, stat_by_path, stat_by_fd, statx, accessing, linked, clock, time_of_day)
}
