"""System call rows evaluated in Python: what the native thunks do, for use without an engine.

A `Gate` that has no engine built (another CPU engine drives the personality, or a test) runs rows
without a slow path here: arguments and structs are converted as the row's types say, the host is
called, and results are converted back on success. It is the reference that native thunks can be
compared with; speed does not matter.

Requires: the rows (`run32.spec.syscalls`) are imported. Never on the launch path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from run32.kernel import host
from run32.kernel.buf import addr, out, syscall
from run32.kernel.dispatch import decode, decoder
from run32.kernel.errno import EINTR, EINVAL, ENOSYS, EOVERFLOW
from run32.kernel.rw import vector
from run32.spec import syscalls
from run32.spec import types as t
from run32.spec.layout import CType, Pointer, Struct, leaves, resolve, same_layout, size_align
from run32.spec.syscalls import Syscall
from run32.uapi.structs.process import sigset_argpack

if TYPE_CHECKING:
    from run32.kernel.task import Task

HOST = "x86_64" if host.ARCH in ("x86_64", "amd64") else "aarch64"
M64 = (1 << 64) - 1
FUTEX_WAITS = (0, 6, 9, 11, 13)


class Overflow(Exception):
    """A result that the guest's struct cannot hold, on a row that says EOVERFLOW."""


def convert(ctype: type[CType], source: bytes, of: str, to: str, base: int = 0) -> bytearray:
    """A struct's bytes from data model `of` to `to`; pointers from the guest get `base` added."""
    result = bytearray(size_align(ctype, to)[0])
    names = resolve(ctype, to).RENAMED if issubclass(ctype, Struct) else {}
    theirs = {leaf.path: leaf for leaf in leaves(ctype, of)}
    for leaf in leaves(ctype, to):
        found = theirs.get(names.get(leaf.path, leaf.path))
        if found is None:
            continue
        raw = source[found.offset : found.offset + found.size]
        value = int.from_bytes(raw, "little", signed=found.signed)
        if issubclass(leaf.ctype, Pointer) and value and base:
            value += base
        cut = value & (1 << 8 * leaf.size) - 1
        result[leaf.offset : leaf.offset + leaf.size] = cut.to_bytes(leaf.size, "little")
    return result


def fits(ctype: type[CType], source: bytes, guest: str) -> bool:
    """Whether every host value of a struct survives narrowing to the guest's layout."""
    ours = {leaf.path: leaf for leaf in leaves(ctype, guest)}
    for leaf in leaves(ctype, HOST):
        mine = ours.get(leaf.path)
        raw = source[leaf.offset : leaf.offset + leaf.size]
        value = int.from_bytes(raw, "little", signed=leaf.signed)
        if mine is not None and mine.size < leaf.size:
            low = -(1 << 8 * mine.size - 1) if mine.signed else 0
            if not low <= value < low + (1 << 8 * mine.size):
                return False
    return True


class Call:
    """One evaluation of one row."""

    def __init__(self, task: Task, row: Syscall, registers: list[int]) -> None:
        self.task, self.row = task, row
        plan = decoder(syscalls.argspec(row, task.abi))
        names = [arg.name for arg in row.args]
        self.raw = dict(zip(names, decode(plan, registers), strict=True))
        self.values: dict[str, int] = {}
        self.keep: list[bytes] = []
        self.outputs: list[Callable[[], None]] = []
        for index, arg in enumerate(row.args):
            length = self.raw[names[index + 1]] if index + 1 < len(names) else 0
            self.values[arg.name] = self.argument(arg.ctype, self.raw[arg.name], length)

    def argument(self, ctype: type[Any], value: int, length: int) -> int:
        """The host's value of one argument."""
        if issubclass(ctype, (t.IovecIn, t.IovecOut)):
            return self.iovec(value, length)
        if issubclass(ctype, t.FdSet):
            return self.fd_set(value)
        if issubclass(ctype, t.Typed):
            count = max(length, 0) if issubclass(ctype, t.Sized) else 1
            return self.typed(ctype, ctype.TARGET, value, count)
        if issubclass(ctype, t.Ptr):
            return self.task.mem.host_ptr(value, 0) if value else 0
        if issubclass(ctype, t.Flags):
            pairs = ctype.differing(self.task.abi, HOST)
            kept = value & ~sum(ours for ours, _ in pairs)
            return kept | sum(theirs for ours, theirs in pairs if value & ours)
        if ctype.SIZE == 2:
            value &= 0xFFFF
            return -1 if value == 0xFFFF else value
        return value

    def block(self, data: bytes) -> int:
        """Host address of a copy of `data` that lives as long as this call."""
        made = bytes(bytearray(data.ljust(16, b"\0")))
        self.keep.append(made)
        return addr(made)

    def iovec(self, value: int, count: int) -> int:
        parts = vector(self.task, value, count)
        pointer = self.task.mem.host_ptr
        words = b"".join(
            pointer(base, length).to_bytes(8, "little") + length.to_bytes(8, "little")
            for base, length in parts
        )
        return self.block(words)

    def fd_set(self, value: int) -> int:
        if not value:
            return 0
        size = (max(self.raw["count"], 0) + 31) // 32 * 4
        mem = self.task.mem
        where = self.block(mem.read(value, size) + bytes(8))
        held = self.keep[-1]
        self.outputs.append(lambda: mem.write(value, held[:size]))
        return where

    def typed(self, ctype: type[Any], target: type[CType], value: int, count: int) -> int:
        if not value:
            return 0
        mem, abi = self.task.mem, self.task.abi
        ours, theirs = size_align(target, abi)[0], size_align(target, HOST)[0]
        if same_layout(target, abi, HOST):
            return mem.host_ptr(value, min(ours * count, 1 << 31))
        data = bytearray()
        for index in range(count):
            if ctype.READS:
                raw = mem.read(value + index * ours, ours)
                data += convert(target, raw, abi, HOST, mem.base)
            else:
                data += bytes(theirs)
        where = self.block(bytes(data))
        if ctype.WRITES:
            held = self.keep[-1]

            def give_back() -> None:
                made = min(count, self.result) if issubclass(ctype, t.Sized) else count
                for index in range(made):
                    part = held[index * theirs : (index + 1) * theirs]
                    if self.row.narrow == syscalls.EOVERFLOW and not fits(target, part, abi):
                        raise Overflow
                    mem.write(value + index * ours, convert(target, part, HOST, abi))

            self.outputs.append(give_back)
        return where

    def run(self) -> int:
        """Call the host with the row's order of arguments; copy out on success."""
        order = self.row.order or tuple(self.values)
        arguments = [int(name) if name.isdigit() else self.values[name] for name in order]
        number = host.NR.get(self.row.host)
        if number is None:
            return -ENOSYS
        self.result = host.syscall(number, *arguments)
        if self.result >= 0 or (self.row.rule == "remaining" and self.result == -EINTR):
            try:
                for output in self.outputs:
                    output()
            except Overflow:
                return -EOVERFLOW
        if self.result > 0x7FFFFFFF and issubclass(self.row.ret, t.Off):
            return -EOVERFLOW
        return self.result


def evaluate(task: Task, row: Syscall, registers: list[int]) -> int:
    """Result or -errno of a row that has no slow path. Raises Fault, OSError."""
    early = EARLY.get(row.rule)
    if early is not None:
        return early(task, registers)
    call = Call(task, row, registers)
    if row.rule == "poll":
        timeout = call.raw["timeout"]
        call.values["timeout"] = 0
        if timeout >= 0:
            seconds, rest = divmod(timeout, 1000)
            block = seconds.to_bytes(8, "little") + (rest * 1000000).to_bytes(8, "little")
            call.values["timeout"] = call.block(block)
        call.values |= {"mask": 0, "size": 0}
    elif row.rule == "select":
        _select_timeout(call)
    elif row.rule == "pselect":
        call.values["mask"] = call.typed(t.In, sigset_argpack, call.raw["mask"], 1)
    elif row.rule == "futex" and call.raw["op"] & 127 not in FUTEX_WAITS:
        call.values["timeout"] = call.raw["timeout"]
    return call.run()


def _select_timeout(call: Call) -> None:
    """select's microseconds as pselect6's nanoseconds, and back."""
    gaddr, mem = call.raw["timeout"], call.task.mem
    call.values["timeout"] = 0
    if gaddr:
        raw = mem.read(gaddr, 8)
        seconds = int.from_bytes(raw[:4], "little", signed=True)
        micros = int.from_bytes(raw[4:], "little", signed=True)
        seconds, micros = seconds + micros // 1000000, micros % 1000000
        data = (seconds & M64).to_bytes(8, "little") + (micros * 1000).to_bytes(8, "little")
        call.values["timeout"] = call.block(data)
        held = call.keep[-1]
        call.outputs = [o for o in call.outputs if getattr(o, "__name__", "") != "give_back"]

        def left() -> None:
            nano = int.from_bytes(held[8:16], "little")
            mem.write(gaddr, held[:4] + (nano // 1000).to_bytes(4, "little"))

        call.outputs.append(left)
    call.values["mask"] = 0


def _nice(task: Task, registers: list[int]) -> int:
    step = decode(decoder("i"), registers)[0]
    now = 20 - host.syscall(host.NR["getpriority"], 0, 0)
    result = host.syscall(host.NR["setpriority"], 0, 0, max(-20, min(19, now + step)))
    return -1 if result == -13 else result


def _epoll_create(task: Task, registers: list[int]) -> int:
    size = decode(decoder("i"), registers)[0]
    return host.syscall(host.NR["epoll_create1"], 0) if size > 0 else -EINVAL


def _setaffinity(task: Task, registers: list[int]) -> int:
    pid, size, mask = decode(decoder("iuu"), registers)
    data = task.mem.read(mask, min(size, 1024))
    data += bytes(-len(data) % 8)
    return syscall(host.NR["sched_setaffinity"], pid, len(data), data)


def _getaffinity(task: Task, registers: list[int]) -> int:
    pid, size, mask = decode(decoder("iuu"), registers)
    if size & 3:
        return -EINVAL
    whole = (min(size, 1024) + 7) & ~7
    data = out(whole)
    result = syscall(host.NR["sched_getaffinity"], pid, whole, data)
    if result > 0:
        result = min(result, size)
        task.mem.write(mask, data[:result])
    return result


EARLY: dict[str, Callable[[Task, list[int]], int]] = {
    "nice": _nice,
    "epoll_create": _epoll_create,
    "setaffinity": _setaffinity,
    "getaffinity": _getaffinity,
}
