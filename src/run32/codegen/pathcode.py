"""Native path handling that several thunks share, as LLVM IR text.

- `path_in(from, to)` copies a guest path to our stack, where no other guest thread can change it,
  and says what is peculiar about it: its length, and bits in the upper half (`ABSOLUTE` ...).
- `path_find(cpu, desk, dirfd, path, info, nofollow, strict, out)` finds the host path that
  `kernel/paths.py` would find (in `out`, where links had to be followed), or 0 where only that one
  can tell. `strict`: which results of the call only that one can judge; 1: errors other than ENOENT
  (the path is not below the root directory), 2: all errors (links were followed).
- `path_open(cpu, desk, dirfd, path, info, flags, mode)` opens it: a descriptor or -errno, or
  FALLBACK without having done anything.
- `path_opened(desk, fd, flags)` is what becomes of a new descriptor before the guest gets it.

What keeps the promises of `kernel/paths.py` and `kernel/procfs.py`:
- Below a root directory the host kernel itself proves that a path means what it says: openat2(2)
  with RESOLVE_NO_SYMLINKS (and RESOLVE_BENEATH for relative ones) opens exactly that name or
  fails. Links and `..` are followed name by name (`pathwalk`). An absolute name to be created, a
  failure other than "not there": Python.
- /proc is Python's: by name where the path starts with it, and whatever the path was, by what was
  opened: a regular file on a file system without a block device is asked for its kind, and one on
  procfs is closed again and left to Python, which substitutes its contents.
- A path that ends in `exe` may be the guest's own program under /proc: Python.

Calls that may wait are made with `run32_call`; what follows a successful open must not be refused
because of a signal, so it is made with `run32_syscall`.
"""

from __future__ import annotations

import re

from run32.codegen import pathwalk
from run32.spec import desk
from run32.spec.layout import layout
from run32.spec.syscalls import FALLBACK
from run32.uapi.consts.files import OpenFlags
from run32.uapi.structs.files import stat64

BEFORE = desk.ROOT_MAX + 64
"""Room for the root directory's name in front of a path."""
ROOM = 1024
BUFFER = BEFORE + ROOM + 16
ABSOLUTE, HOST, PYTHON, DOTS = 1, 2, 4, 8
"""Bits 32 and up of `path_in`'s result; HOST: below /dev or /sys."""
AT_FDCWD = -100
NEAR = 40
"""Descriptors from here on say that they may run out; below `kernel.files.MANY`."""
PROC_MAGIC = 0x9FA0
ENOENT, ELOOP, EOVERFLOW = 2, 40, 75

_TEXT = """
define private i64 @path_in(ptr %from, ptr %to) #0 {
entry:
  br label %each
each:
  %i = phi i64 [ 0, %entry ], [ %i2, %more ]
  %last = phi i8 [ 0, %entry ], [ %c, %more ]
  %dots = phi i1 [ false, %entry ], [ %dots2, %more ]
  %fp = getelementptr i8, ptr %from, i64 %i
  %c = load volatile i8, ptr %fp, align 1
  %tp = getelementptr i8, ptr %to, i64 %i
  store i8 %c, ptr %tp, align 1
  %end = icmp eq i8 %c, 0
  br i1 %end, label %done, label %more
more:
  %dot1 = icmp eq i8 %c, 46
  %dot2 = icmp eq i8 %last, 46
  %dot12 = and i1 %dot1, %dot2
  %dots2 = or i1 %dots, %dot12
  %i2 = add i64 %i, 1
  %fits = icmp ult i64 %i2, $ROOM
  br i1 %fits, label %each, label %long
long:
  ret i64 -1
done:
  store i64 0, ptr %tp, align 1
  %lastp = getelementptr i8, ptr %tp, i64 -3
  %last4 = load i32, ptr %lastp, align 1
  %exe = icmp eq i32 %last4, $EXE
  %empty = icmp eq i64 %i, 0
  br label %skip
skip:
  %j = phi i64 [ 0, %done ], [ %j2, %skip ]
  %sp = getelementptr i8, ptr %to, i64 %j
  %s = load i8, ptr %sp, align 1
  %slash = icmp eq i8 %s, 47
  %j2 = add i64 %j, 1
  br i1 %slash, label %skip, label %first
first:
  %w = load i32, ptr %sp, align 1
  %c4p = getelementptr i8, ptr %sp, i64 4
  %c4 = load i8, ptr %c4p, align 1
  %c4a = icmp eq i8 %c4, 0
  %c4b = icmp eq i8 %c4, 47
  %c4end = or i1 %c4a, %c4b
  %proc4 = icmp eq i32 %w, $PROC
  %proc = and i1 %proc4, %c4end
  %dev0 = icmp eq i32 %w, $DEV
  %dev1 = icmp eq i32 %w, $DEVSLASH
  %sys0 = icmp eq i32 %w, $SYS
  %sys1 = icmp eq i32 %w, $SYSSLASH
  %dev = or i1 %dev0, %dev1
  %sys = or i1 %sys0, %sys1
  %top = or i1 %dev, %sys
  %dot = icmp eq i8 %s, 46
  %odd = or i1 %dot, %proc
  %absolute = icmp ne i64 %j, 0
  %odd2 = and i1 %odd, %absolute
  %odd3 = or i1 %odd2, %empty
  %odd4 = or i1 %odd3, %exe
  %top2 = and i1 %top, %absolute
  %b0 = zext i1 %absolute to i64
  %b1 = select i1 %top2, i64 $HOST, i64 0
  %b2 = select i1 %odd4, i64 $PYTHON, i64 0
  %b3 = select i1 %dots, i64 $DOTS, i64 0
  %b01 = or i64 %b0, %b1
  %b23 = or i64 %b2, %b3
  %b = or i64 %b01, %b23
  %high = shl i64 %b, 32
  %result = or i64 %high, %i
  ret i64 %result
}

define private i64 @path_inside(ptr %desk, ptr %path) #0 {
entry:
  %np = getelementptr i8, ptr %desk, i64 8
  %n32 = load i32, ptr %np, align 4
  %n = zext i32 %n32 to i64
  %back = sub i64 0, %n
  %to = getelementptr i8, ptr %path, i64 %back
  %root = getelementptr i8, ptr %desk, i64 $ROOT
  call void @path_bytes(ptr %to, ptr %root, i64 %n)
  %address = ptrtoint ptr %to to i64
  ret i64 %address
}

PATH_WALK
define private void @path_how(ptr %how, i64 %flags, i64 %mode, i64 %resolve) #0 {
  store i64 %flags, ptr %how, align 8
  %mp = getelementptr i8, ptr %how, i64 8
  store i64 %mode, ptr %mp, align 8
  %rp = getelementptr i8, ptr %how, i64 16
  store i64 %resolve, ptr %rp, align 8
  ret void
}

define private i64 @path_find(ptr %cpu, ptr %desk, i64 %dirfd, ptr %path, i64 %info,
                              i64 %nofollow, ptr %strict, ptr %out) #0 {
entry:
  %how = alloca [24 x i8], align 8
  store i32 0, ptr %strict, align 4
  %p = ptrtoint ptr %path to i64
  %use = load volatile i32, ptr %desk, align 4
  %bits = lshr i64 %info, 32
  %abs1 = and i64 %bits, 1
  %absolute = icmp ne i64 %abs1, 0
  switch i32 %use, label %python [ i32 $PLAIN, label %same i32 $ROOTED, label %rooted ]
python:
  ret i64 0
same:
  ret i64 %p
rooted:
  %flags = or i64 %nofollow, $O_PROBE
  %h64 = ptrtoint ptr %how to i64
  br i1 %absolute, label %whole, label %relative
relative:
  call void @path_how(ptr %how, i64 %flags, i64 0, i64 12)
  %r1 = RAW(openat2, %dirfd, %p, %h64, 24)
  %missing1 = icmp eq i64 %r1, -$ENOENT
  br i1 %missing1, label %same, label %found1
found1:
  %ok1 = icmp sge i64 %r1, 0
  br i1 %ok1, label %close1, label %python
close1:
  %c1 = RAW(close, %r1)
  ret i64 %p
whole:
  %dots8 = and i64 %bits, $DOTS
  %dots = icmp ne i64 %dots8, 0
  br i1 %dots, label %walk, label %plain
walk:
  store i32 2, ptr %strict, align 4
  %walked = call i64 @path_walk(ptr %desk, ptr %path, i64 %nofollow, ptr %out)
  ret i64 %walked
plain:
  %top2 = and i64 %bits, $HOST
  %top = icmp ne i64 %top2, 0
  br i1 %top, label %same, label %inside
inside:
  %at = call i64 @path_inside(ptr %desk, ptr %path)
  call void @path_how(ptr %how, i64 %flags, i64 0, i64 4)
  %r2 = RAW(openat2, $AT_FDCWD, %at, %h64, 24)
  %ok2 = icmp sge i64 %r2, 0
  br i1 %ok2, label %close2, label %failed
close2:
  %c2 = RAW(close, %r2)
  ret i64 %at
failed:
  %missing2 = icmp eq i64 %r2, -$ENOENT
  br i1 %missing2, label %host, label %other2
other2:
  %linked2 = icmp eq i64 %r2, -$ELOOP
  br i1 %linked2, label %walk, label %python
host:
  store i32 1, ptr %strict, align 4
  ret i64 %p
}

; is it a descriptor, or was the call not made: there is no other way to try
define private i1 @path_settled(i64 %result) #0 {
  %opened = icmp sge i64 %result, 0
  %interrupted = icmp slt i64 %result, -511
  %settled = or i1 %opened, %interrupted
  ret i1 %settled
}

define private i64 @path_open(ptr %cpu, ptr %desk, i64 %dirfd, ptr %path, i64 %info, i64 %flags,
                              i64 %mode) #0 {
entry:
  %how = alloca [24 x i8], align 8
  %out = alloca [$OUT x i8], align 8
  %h64 = ptrtoint ptr %how to i64
  %p = ptrtoint ptr %path to i64
  %use = load volatile i32, ptr %desk, align 4
  %bits = lshr i64 %info, 32
  %abs1 = and i64 %bits, 1
  %absolute = icmp ne i64 %abs1, 0
  %make64 = and i64 %flags, $O_CREAT
  %makes = icmp ne i64 %make64, 0
  %access = and i64 %mode, 4095
  %mode2 = select i1 %makes, i64 %access, i64 0
  switch i32 %use, label %python [ i32 $PLAIN, label %same i32 $ROOTED, label %rooted ]
python:
  ret i64 $FALLBACK
same:
  %r0 = CALL(openat, %dirfd, %p, %flags, %mode)
  ret i64 %r0
rooted:
  br i1 %absolute, label %whole, label %relative
relative:
  call void @path_how(ptr %how, i64 %flags, i64 %mode2, i64 12)
  %r1 = CALL(openat2, %dirfd, %p, %h64, 24)
  %missing1 = icmp eq i64 %r1, -$ENOENT
  %plain1 = xor i1 %makes, true
  %gone1 = and i1 %missing1, %plain1
  br i1 %gone1, label %give1, label %check1
check1:
  %fine1 = call i1 @path_settled(i64 %r1)
  br i1 %fine1, label %give1, label %python
give1:
  ret i64 %r1
whole:
  %dots8 = and i64 %bits, $DOTS
  %dots = icmp ne i64 %dots8, 0
  br i1 %makes, label %makes1, label %old
makes1:
  %devs = and i64 %bits, $HOSTDOTS
  %dev = icmp eq i64 %devs, $HOST
  br i1 %dev, label %same, label %python
old:
  br i1 %dots, label %walk, label %plain
walk:
  %nofollow = and i64 %flags, $O_NOFOLLOW
  %walked = call i64 @path_walk(ptr %desk, ptr %path, i64 %nofollow, ptr %out)
  %lost = icmp eq i64 %walked, 0
  br i1 %lost, label %python, label %use4
use4:
  call void @path_how(ptr %how, i64 %flags, i64 0, i64 4)
  %r4 = CALL(openat2, $AT_FDCWD, %walked, %h64, 24)
  %fine5 = call i1 @path_settled(i64 %r4)
  br i1 %fine5, label %give4, label %python
give4:
  ret i64 %r4
plain:
  %top2 = and i64 %bits, $HOST
  %top = icmp ne i64 %top2, 0
  br i1 %top, label %same, label %inside
inside:
  %at = call i64 @path_inside(ptr %desk, ptr %path)
  call void @path_how(ptr %how, i64 %flags, i64 0, i64 4)
  %r2 = CALL(openat2, $AT_FDCWD, %at, %h64, 24)
  %fine2 = call i1 @path_settled(i64 %r2)
  br i1 %fine2, label %give2, label %failed
give2:
  ret i64 %r2
failed:
  %missing2 = icmp eq i64 %r2, -$ENOENT
  br i1 %missing2, label %host, label %other2
other2:
  %linked2 = icmp eq i64 %r2, -$ELOOP
  br i1 %linked2, label %walk, label %python
host:
  %r3 = CALL(openat, $AT_FDCWD, %p, %flags, 0)
  %missing3 = icmp eq i64 %r3, -$ENOENT
  %fine3 = call i1 @path_settled(i64 %r3)
  %fine4 = or i1 %fine3, %missing3
  br i1 %fine4, label %give3, label %python
give3:
  ret i64 %r3
}

define private i64 @path_opened(ptr %desk, i64 %fd, i64 %flags) #0 {
entry:
  %st = alloca [256 x i8], align 8
  %st64 = ptrtoint ptr %st to i64
  %failed = icmp slt i64 %fd, 0
  br i1 %failed, label %give, label %opened
give:
  ret i64 %fd
opened:
  %e1 = RAW(fstat, %fd, %st64)
  %unknown = icmp ne i64 %e1, 0
  br i1 %unknown, label %python, label %known
python:
  %c1 = RAW(close, %fd)
  ret i64 $FALLBACK
known:
  %dev = load i64, ptr %st, align 8
  %inop = getelementptr i8, ptr %st, i64 $ST_INO
  %ino = load i64, ptr %inop, align 8
  %modep = getelementptr i8, ptr %st, i64 $ST_MODE
  %mode = load i32, ptr %modep, align 4
  %sizep = getelementptr i8, ptr %st, i64 $ST_SIZE
  %size = load i64, ptr %sizep, align 8
  %kind = and i32 %mode, $S_IFMT
  %regular = icmp eq i32 %kind, $S_IFREG
  %major = and i64 %dev, 1048320
  %virtual = icmp eq i64 %major, 0
  %look = and i1 %regular, %virtual
  br i1 %look, label %ask, label %fine
ask:
  %e2 = RAW(fstatfs, %fd, %st64)
  %bad = icmp ne i64 %e2, 0
  %magic = load i32, ptr %st, align 8
  %proc = icmp eq i32 %magic, $PROC_MAGIC
  %refuse = or i1 %bad, %proc
  br i1 %refuse, label %python, label %fine
fine:
  %large64 = and i64 %flags, $O_LARGEFILE
  %small = icmp eq i64 %large64, 0
  %over = icmp sgt i64 %size, 2147483647
  %over2 = and i1 %over, %regular
  %over3 = and i1 %over2, %small
  br i1 %over3, label %large, label %note
large:
  %c2 = RAW(close, %fd)
  ret i64 -$EOVERFLOW
note:
  %countp = getelementptr i8, ptr %desk, i64 24
  %count = load i64, ptr %countp, align 8
  %has = icmp ult i64 %fd, %count
  br i1 %has, label %put, label %state
put:
  %at16 = shl i64 %fd, 4
  %at = add i64 %at16, $ENTRIES
  %entry1 = getelementptr i8, ptr %desk, i64 %at
  %entry2 = getelementptr i8, ptr %entry1, i64 8
  %dev2 = select i1 %small, i64 %dev, i64 0
  %ino2 = select i1 %small, i64 %ino, i64 0
  store i64 %dev2, ptr %entry1, align 8
  store i64 %ino2, ptr %entry2, align 8
  br label %state
state:
  %statep = getelementptr i8, ptr %desk, i64 4
  %after = add i64 %fd, 1
  %many = icmp uge i64 %after, %count
  br i1 %many, label %set, label %few
few:
  %near = icmp uge i64 %fd, $NEAR
  br i1 %near, label %was, label %give
was:
  %now = load volatile i32, ptr %statep, align 4
  %first = icmp eq i32 %now, $S_FEW
  br i1 %first, label %set, label %give
set:
  %value = select i1 %many, i32 $S_MANY, i32 $S_NEAR
  store volatile i32 %value, ptr %statep, align 4
  ret i64 %fd
}
"""


def _word(text: str) -> int:
    return int.from_bytes(text.encode().ljust(4, b"\0"), "little")


def _constants(host: str) -> dict[str, int]:
    """What `$NAME` stands for in the text."""
    flags, stat = OpenFlags.values(host), layout(stat64, host)
    return {
        "ROOM": ROOM,
        "ROOT": desk.ROOT,
        "ENTRIES": desk.ENTRIES,
        "EXE": _word("exe"),
        "PROC": _word("proc"),
        "DEV": _word("dev"),
        "DEVSLASH": _word("dev/"),
        "SYS": _word("sys"),
        "SYSSLASH": _word("sys/"),
        "HOST": HOST,
        "PYTHON": PYTHON,
        "DOTS": DOTS,
        "PLAIN": desk.PLAIN,
        "ROOTED": desk.ROOTED,
        "S_FEW": desk.FEW,
        "S_NEAR": desk.NEAR,
        "S_MANY": desk.MANY,
        "NEAR": NEAR,
        "O_PROBE": flags["O_PATH"] | flags["O_CLOEXEC"],
        "O_CREAT": flags["O_CREAT"],
        "O_LARGEFILE": flags["O_LARGEFILE"],
        "FALLBACK": FALLBACK,
        "AT_FDCWD": AT_FDCWD,
        "ENOENT": ENOENT,
        "ELOOP": ELOOP,
        "OUT": pathwalk.OUT,
        "HOSTDOTS": HOST | DOTS,
        "O_NOFOLLOW": flags["O_NOFOLLOW"],
        **pathwalk.CONSTANTS,
        "EOVERFLOW": EOVERFLOW,
        "PROC_MAGIC": PROC_MAGIC,
        "S_IFMT": 0o170000,
        "S_IFREG": 0o100000,
        "ST_INO": stat.offset("st_ino"),
        "ST_MODE": stat.offset("st_mode"),
        "ST_SIZE": stat.offset("st_size"),
    }


def text(host: str, numbers: dict[str, int]) -> str:
    """The functions for a host (`x86_64` or `aarch64`), whose system calls have `numbers`."""

    def call(found: re.Match[str]) -> str:
        name, *values = re.split(r",\s*", found[2])
        six = ", ".join(f"i64 {value}" for value in [*values, "0", "0", "0", "0", "0"][:6])
        if found[1] == "CALL":
            return f"call i64 @run32_call({six}, i64 {numbers[name]}, ptr %cpu)"
        return f"call i64 @run32_syscall(i64 {numbers[name]}, {six})"

    known = _constants(host)
    filled = re.sub(
        r"\$(\w+)", lambda found: str(known[found[1]]), _TEXT.replace("PATH_WALK", pathwalk.TEXT)
    )
    return re.sub(r"\b(CALL|RAW)\((.*)\)", call, filled)
