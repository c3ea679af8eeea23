"""`--strace`: one line a system call, from the same rows that the calls are made of.

    openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3

Children and threads are followed; their lines begin with `[pid N]`.
A call that run32 does not implement is named and marked. Nothing stays open while the guest runs: a
file is opened for each line, and lines that cannot be written wait for the next one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

from run32.debug import siginfo
from run32.debug.values import View, address, request, show
from run32.spec import syscalls
from run32.spec import types as t
from run32.spec.syscalls import PLANNED, Syscall
from run32.uapi.consts.files import FcntlCmd, OpenFlags
from run32.uapi.consts.process import Signal

table = cache(syscalls.table)

NOT_IMPLEMENTED = " (not implemented by run32)"
NOT_DONE = {
    -512: "? ERESTARTSYS (To be restarted if SA_RESTART is set)",
    -513: "? ERESTARTNOINTR (To be restarted)",
}
O_CREAT, O_TMPFILE_BIT = 0o100, 0o20000000
ENDLESS = ("exit", "exit_group")
TWICE = ("fork", "vfork", "clone", "clone3")


def arguments(row: Syscall, abi: str, registers: Sequence[int]) -> list[int]:
    """Typed values of a call's arguments out of its registers."""
    values, used = [], 0
    for letter in syscalls.argspec(row, abi):
        value = registers[used] & 0xFFFFFFFF
        used += 1
        if letter in "qQ":
            value |= (registers[used] & 0xFFFFFFFF) << 32
            used += 1
        top = 63 if letter == "q" else 31
        if letter in "iq" and value >> top:
            value -= 2 << top
        if letter != "-":
            values.append(value)
    return values


def format_call(
    task: Any, abi: str, nr: int, registers: Sequence[int], result: int | None = None
) -> str:
    """`name(arguments)`; with a result, also what the kernel wrote."""
    row = table(abi).get(nr)
    if row is None:
        values = ", ".join(hex(r & 0xFFFFFFFF) for r in registers[:6])
        return f"syscall_{nr:#x}({values})"
    values_ = arguments(row, abi, registers)
    view = View(task.mem, abi, tuple(values_), result)
    texts = []
    for i, (arg, value) in enumerate(zip(row.args, values_, strict=True)):
        length = values_[i + 1] if i + 1 < len(values_) else 0
        texts.append(show(view, arg.ctype, value, length))
    _adjust(row, view, texts)
    return f"{row.name}({', '.join(texts)})"


def _adjust(row: Syscall, view: View, texts: list[str]) -> None:
    """What depends on another argument: open's mode, fcntl's and ioctl's third, mmap2's last."""
    args = view.args
    if row.name in ("open", "openat"):
        if not args[-2] & (O_CREAT | O_TMPFILE_BIT):
            texts.pop()
    elif row.name == "ioctl":
        texts[1], texts[2] = request(view, args[1], args[2])
    elif row.name == "mmap2":
        texts[-1] = hex(args[-1] << 12) if args[-1] else "0"
    elif row.name in ("fcntl", "fcntl64"):
        if args[1] == FcntlCmd.F_SETFL:
            texts[2] = OpenFlags.show(args[2], view.abi)
        elif args[1] == FcntlCmd.F_SETFD:
            texts[2] = "FD_CLOEXEC" if args[2] == 1 else str(args[2])
        elif args[1] in (FcntlCmd.F_GETFD, FcntlCmd.F_GETFL, FcntlCmd.F_GETOWN):
            texts.pop()
        elif args[1] in (FcntlCmd.F_DUPFD, FcntlCmd.F_DUPFD_CLOEXEC):
            texts[2] = str(args[2])


def format_result(abi: str, nr: int, result: int) -> str:
    """What follows the `=`: a value, or the errno's name and meaning."""
    from errno import errorcode

    row = table(abi).get(nr)
    if result in NOT_DONE:
        return NOT_DONE[result]
    if -4095 <= result < 0:
        text = f"-1 {errorcode.get(-result, f'E{-result}')} ({os.strerror(-result)})"
        missing = row is None or row.status == PLANNED
        return text + (NOT_IMPLEMENTED if missing and result == -38 else "")
    if row is not None and issubclass(row.ret, t.Addr):
        return address(result & 0xFFFFFFFF) if result else "0"
    if row is not None and issubclass(row.ret, t.Mode):
        return f"0{result:o}" if result else "0"
    if row is not None and row.name in ("fcntl", "fcntl64"):
        return str(result)
    return str(result if result < 1 << 31 else result & 0xFFFFFFFF)


class Tracer:
    """Writes a task's lines to standard error (file name "" or "-") or appends them to a file."""

    def __init__(self, task: Any, path: str) -> None:
        self.task = task
        self.path = "" if path in ("", "-") else os.path.abspath(path)
        self.waiting: list[str] = []
        self.before = ""
        self.first = os.getpid()
        """The process whose lines have no prefix."""
        if self.path:
            os.close(
                os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
            )

    def sibling(self, task: Any) -> Tracer:
        """The tracer of another thread of the process."""
        other = Tracer.__new__(Tracer)
        other.task, other.path, other.first = task, self.path, self.first
        other.waiting, other.before = [], ""
        return other

    def enter(self, nr: int, registers: Sequence[int]) -> None:
        """A call begins: what it reads is looked at now, before it can change."""
        abi = self.task.abi
        self.before = format_call(self.task, abi, nr, registers)
        row = table(abi).get(nr)
        if row is not None and row.name in ENDLESS:
            self.line(f"{self.before} = ?")

    def leave(self, nr: int, registers: Sequence[int], result: int) -> None:
        """The call returned `result`."""
        abi = self.task.abi
        row = table(abi).get(nr)
        if row is not None and row.name in TWICE and not result:
            return  # the child's own return
        more = row is not None and (
            row.name == "ioctl" or any(_is_output(arg.ctype) for arg in row.args)
        )
        text = self.before
        if more and result >= 0:
            text = format_call(self.task, abi, nr, registers, result)
        self.line(f"{text} = {format_result(abi, nr, result)}")

    def signal(self, fault: Any) -> None:
        """A synchronous signal: its siginfo."""
        name = Signal.show(fault.signo, self.task.abi)
        code = siginfo.code_name(fault.signo, fault.code)
        self.line(
            f"--- {name} {{si_signo={name}, si_code={code}, si_addr={address(fault.address)}}} ---"
        )

    def taken(self, info: bytes) -> None:
        """A signal that the guest is about to handle."""
        abi = self.task.abi
        self.line(f"--- {siginfo.signal_name(info[0], abi)} {siginfo.show(info, abi)} ---")

    def line(self, text: str) -> None:
        """Write a line; one that cannot be written waits."""
        tid = getattr(self.task, "tid", 0) or self.first
        prefix = f"[pid {tid}] " if tid != self.first else ""
        self.waiting.append(f"{prefix}{text}\n")
        data = "".join(self.waiting).encode(errors="replace")
        try:
            if self.path:
                fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
                try:
                    os.write(fd, data)
                finally:
                    os.close(fd)
            else:
                os.write(2, data)
        except OSError:
            return
        self.waiting.clear()


def _is_output(ctype: type[Any]) -> bool:
    """Whether an argument's text is only complete after the call."""
    if issubclass(ctype, (t.OutBuf, t.IovecOut, t.FdSet)):
        return True
    return issubclass(ctype, t.Typed) and ctype.WRITES
