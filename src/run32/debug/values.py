"""Syscall arguments as text, in strace(1)'s look.

`show(view, arg, value)` writes one argument; a `View` is what may be looked at: guest memory, the
data model, and after the call its result. Bytes are cut at 32 as strace does, paths are not. An
address that cannot be read is shown as a number.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from run32.kernel.memory import Fault
from run32.spec import ioctls
from run32.spec import types as t
from run32.spec.layout import (
    Array,
    CType,
    Field,
    Pointer,
    Scalar,
    Struct,
    layout,
    resolve,
    size_align,
)
from run32.uapi.consts.files import StatxMask
from run32.uapi.consts.process import Signal

requests = cache(ioctls.table)
LIMIT = 32
MAX_ITEMS = 16
MAX_FIELDS = 8
AT_FDCWD = -100
QUIET = ("pad", "unused", "spare", "reserved", "tail", "tv_pad")
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
_FILE_KINDS = {
    0o140000: "S_IFSOCK",
    0o120000: "S_IFLNK",
    0o100000: "S_IFREG",
    0o060000: "S_IFBLK",
    0o040000: "S_IFDIR",
    0o020000: "S_IFCHR",
    0o010000: "S_IFIFO",
}
SHOWN = {  # fields of structs that are too long to show whole
    "stat": ("st_mode", "st_size"),
    "stat64": ("st_mode", "st_size"),
    "statx": ("stx_mask", "stx_attributes", "stx_mode", "stx_size"),
}
POLL_BITS = {
    1: "POLLIN", 2: "POLLPRI", 4: "POLLOUT", 8: "POLLERR", 16: "POLLHUP", 32: "POLLNVAL",
    64: "POLLRDNORM", 128: "POLLRDBAND", 256: "POLLWRNORM", 512: "POLLWRBAND", 8192: "POLLRDHUP",
}  # fmt: skip


class View(NamedTuple):
    """What a line may look at. `result` is None before the call, and negative after a failure."""

    mem: Any
    abi: str
    args: tuple[int, ...]
    result: int | None

    @property
    def has_output(self) -> bool:
        """Whether the kernel has written its results."""
        return self.result is not None and self.result >= 0


def quote(data: bytes, cut: bool = True) -> str:
    """A C string literal; `...` where more than LIMIT bytes were cut."""
    text = []
    shown = data[:LIMIT] if cut else data
    for i, byte in enumerate(shown):
        if byte in _ESCAPES:
            text.append(_ESCAPES[byte])
        elif byte in b'"\\':
            text.append("\\" + chr(byte))
        elif 32 <= byte < 127:
            text.append(chr(byte))
        else:
            octal_next = i + 1 < len(shown) and 48 <= shown[i + 1] <= 55
            text.append(f"\\{byte:03o}" if octal_next else f"\\{byte:o}")
    return '"' + "".join(text) + '"' + ("..." if len(shown) < len(data) else "")


def address(value: int) -> str:
    """A pointer."""
    return hex(value) if value else "NULL"


def mode(value: int) -> str:
    """Permission bits, with the file's kind where there is one."""
    kind = _FILE_KINDS.get(value & 0o170000)
    bits = f"0{value & 0o7777:o}" if value & 0o7777 else "0"
    return f"{kind}|{bits}" if kind else bits


def bits(value: int, names: dict[int, str]) -> str:
    """An or of named bits."""
    found = [name for bit, name in names.items() if value & bit]
    rest = value & ~sum(names)
    return "|".join(found + ([hex(rest)] if rest else [])) or "0"


def signal_set(value: int) -> str:
    """A signal set: names without SIG, complemented where most signals are in it."""
    members = [n for n in range(1, 65) if value >> (n - 1) & 1]
    sign = ""
    if len(members) > 32:
        sign, members = "~", [n for n in range(1, 65) if n not in members]
    names = [
        Signal.show(n, "arm").removeprefix("SIG") if n < 32 else f"RT_{n - 32}" for n in members
    ]
    return sign + "[" + " ".join(names) + "]"


def scalar(ctype: type[Any], value: int, abi: str) -> str:
    """A value of a scalar type, whether in a register or in memory."""
    if issubclass(ctype, (t.Enum, t.Flags)):
        return ctype.show(value, abi)
    if issubclass(ctype, t.DirFd) and value == AT_FDCWD:
        return "AT_FDCWD"
    if issubclass(ctype, t.Mode):
        return mode(value)
    if issubclass(ctype, (t.Addr, Pointer)):
        return address(value)
    if issubclass(ctype, (t.Uid, t.Gid)) and value == 0xFFFFFFFF:
        return "-1"
    return str(value)


def read_int(view: View, at: int, ctype: type[Any]) -> int:
    """An integer in guest memory."""
    size = size_align(ctype, view.abi)[0]
    return int.from_bytes(view.mem.read(at, size), "little", signed=ctype.SIGNED)


def in_memory(view: View, at: int, ctype: type[CType]) -> str:
    """A C type at a guest address."""
    if issubclass(ctype, Scalar):
        return scalar(ctype, read_int(view, at, ctype), view.abi)
    if issubclass(ctype, Array):
        step = size_align(ctype.ELEMENT, view.abi)[0]
        if step == 1:
            return quote(bytes(view.mem.read(at, ctype.COUNT)).split(b"\0")[0])
        return items(view, at, ctype.ELEMENT, ctype.COUNT)
    assert issubclass(ctype, Struct)
    return struct(view, at, ctype)


def struct(view: View, at: int, ctype: type[Struct]) -> str:
    """`{field=value, …}`, with the shapes strace gives to a few well-known ones."""
    if ctype.__name__ == "sigset":
        return signal_set(int.from_bytes(view.mem.read(at, 8), "little"))
    chosen = SHOWN.get(ctype.__name__, ())
    shown: list[str] = []
    for field in layout(resolve(ctype, view.abi), view.abi).fields:
        if field.name.rstrip("0123456789_") in QUIET or chosen and field.name not in chosen:
            continue
        if field.name in ("events", "revents") and (field.name == "revents") != view.has_output:
            if ctype.__name__ == "pollfd":
                continue
        if len(shown) == MAX_FIELDS:
            break
        shown.append(f"{field.name}={member(view, at + field.offset, ctype, field)}")
    if chosen or len(shown) == MAX_FIELDS:
        shown.append("...")
    return "{" + ", ".join(shown) + "}"


def member(view: View, at: int, ctype: type[Struct], field: Field) -> str:
    """One field of a struct."""
    if field.name in ("st_mode", "stx_mode"):
        return mode(read_int(view, at, field.ctype))
    if field.name == "stx_mask":
        return StatxMask.show(read_int(view, at, field.ctype), view.abi)
    if ctype.__name__ == "pollfd" and field.name != "fd":
        return bits(read_int(view, at, field.ctype), POLL_BITS)
    if field.name in ("rlim_cur", "rlim_max"):
        value = read_int(view, at, field.ctype)
        return "RLIM_INFINITY" if value + 1 == 1 << 8 * field.size else str(value)
    if field.name == "sa_handler":
        value = read_int(view, at, field.ctype)
        return {0: "SIG_DFL", 1: "SIG_IGN"}.get(value, hex(value))
    return in_memory(view, at, field.ctype)


def items(view: View, at: int, ctype: type[CType], count: int) -> str:
    """`[a, b, …]`, at most MAX_ITEMS."""
    step = size_align(ctype, view.abi)[0]
    shown = [in_memory(view, at + i * step, ctype) for i in range(min(count, MAX_ITEMS))]
    return "[" + ", ".join(shown + (["..."] if count > MAX_ITEMS else [])) + "]"


def vectors(view: View, at: int, count: int, reads: bool) -> str:
    """struct iovec array with the bytes that move."""
    left = view.result if view.result is not None else 1 << 32
    shown: list[str] = []
    for i in range(min(count, MAX_ITEMS)):
        base, length = view.mem.u32(at + i * 8), view.mem.u32(at + i * 8 + 4)
        part = min(length, max(left, 0), LIMIT + 1)
        left -= length
        text = (
            quote(bytes(view.mem.read(base, part))) if reads or view.has_output else address(base)
        )
        shown.append(f"{{iov_base={text}, iov_len={length}}}")
    return "[" + ", ".join(shown + (["..."] if count > MAX_ITEMS else [])) + "]"


def strings(view: View, at: int) -> str:
    """A NULL-ended array of strings."""
    shown: list[str] = []
    while (where := view.mem.u32(at + 4 * len(shown))) and len(shown) < LIMIT:
        shown.append(quote(view.mem.read_cstr(where)))
    return "[" + ", ".join(shown) + (", ..." if where else "") + "]"


def fd_set(view: View, at: int, count: int) -> str:
    """`[3 4]`."""
    size = (max(min(count, 4096), 0) + 31) // 32 * 4
    value = int.from_bytes(view.mem.read(at, size), "little")
    return "[" + " ".join(str(i) for i in range(size * 8) if value >> i & 1) + "]"


def pointed(view: View, ctype: type[Any], value: int, length: int) -> str:
    """What a non-NULL pointer leads to, as far as it is known by now; may raise Fault."""
    if issubclass(ctype, t.Path):
        return quote(view.mem.read_cstr(value), cut=False)
    if issubclass(ctype, t.Str):
        return quote(view.mem.read_cstr(value))
    if issubclass(ctype, t.Strings):
        return strings(view, value)
    if issubclass(ctype, t.InBuf):
        return quote(bytes(view.mem.read(value, min(length, LIMIT + 1))))
    if issubclass(ctype, t.OutBuf) and view.has_output:
        return quote(bytes(view.mem.read(value, min(view.result or 0, length, LIMIT + 1))))
    if issubclass(ctype, (t.IovecIn, t.IovecOut)):
        return vectors(view, value, length, issubclass(ctype, t.IovecIn))
    if issubclass(ctype, t.FdSet):
        return fd_set(view, value, view.args[0])
    if issubclass(ctype, t.Typed) and (ctype.READS or view.has_output):
        if issubclass(ctype, t.Sized):
            written = view.result if not ctype.READS else length
            return items(view, value, ctype.TARGET, min(length, written or 0))
        text = in_memory(view, value, ctype.TARGET)
        return f"[{text}]" if issubclass(ctype.TARGET, Scalar) else text
    return address(value)


def show(view: View, ctype: type[Any], value: int, length: int = 0) -> str:
    """One argument; `length` is the argument that follows."""
    if not issubclass(ctype, t.Ptr):
        return scalar(ctype, value, view.abi)
    if not value:
        return "NULL"
    try:
        return pointed(view, ctype, value, length)
    except Fault:
        return address(value)


def request(view: View, number: int, argument: int) -> tuple[str, str]:
    """An ioctl's request and argument."""
    row = requests(view.abi).get(number)
    if row is None:
        return hex(number), address(argument)
    if row.argument is None:
        return row.name, str(argument)
    return row.name, show(view, row.argument, argument)
