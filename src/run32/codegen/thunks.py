"""Native syscall thunks, as LLVM IR text, from the syscall rows.

A thunk is `i64 thunk_<abi>_<name>(ptr cpu, i64 membase, i32 a0 … i32 a6)`: it converts arguments
in, makes the host syscall, converts results out on success only, and returns the result or
-errno, or `spec.syscalls.FALLBACK` to ask for the row's Python function. What a row's types
cannot say is in `thunkrules.py`.

How memory is reached:
- An address that leaves the 4 GiB with its struct is replaced by one the host kernel rejects, so
  that EFAULT comes in Linux's order. A byte count is cut at 4 GiB instead: the last guest page
  is never mapped, so a longer transfer could not have got further.
- Structs that differ are converted with plain loads and stores. A fault there is the runtime's
  to turn into -EFAULT; it finds the stack and registers of the entry again and needs nothing
  else undone.
- A thunk needs up to 20 KiB of host stack and calls nothing but `run32_call(six arguments,
  number, cpu)`, which refuses where a signal waits (codegen/stubs.py).

Requires: guard pages of at least 64 KiB behind the guest's 4 GiB.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from run32.codegen import pathcode
from run32.spec import hostnr, syscalls
from run32.spec import types as t
from run32.spec.layout import Pointer, Struct, leaves, resolve, same_layout, size_align
from run32.spec.syscalls import EOVERFLOW, FALLBACK, Syscall

SPACE = 1 << 32
POISON = -4096  # a kernel address: access_ok() refuses it
EINTR, EBADF, EFAULT, EINVAL, EOVERFLOW_NR = 4, 9, 14, 22, 75
MAX_IOV = 1024
SYSCALL = f"declare hidden i64 @run32_call({', '.join(['i64'] * 7)}, ptr)"
RAW_SYSCALL = f"declare hidden i64 @run32_syscall({', '.join(['i64'] * 7)})"
PARAMS = "ptr %cpu, i64 %base, " + ", ".join(f"i32 %a{i}" for i in range(7))


def host_numbers(host: str) -> dict[str, int]:
    """Syscall numbers of a host (`x86_64` or `aarch64`) by name."""
    return hostnr.parse(hostnr.X86_64 if host == "x86_64" else hostnr.AARCH64)


class Piece(NamedTuple):
    """One scalar of a struct on both sides: offsets, sizes in bytes, and the guest's kind."""

    guest: int
    guest_size: int
    host: int
    host_size: int
    signed: bool
    pointer: bool


def pieces(ctype: type[Any], guest: str, host: str) -> tuple[list[Piece], list[tuple[int, int]]]:
    """Scalars both sides have, and (offset, size) of those only the guest has."""
    theirs = {leaf.path: leaf for leaf in leaves(ctype, host)}
    renamed = resolve(ctype, guest).RENAMED if issubclass(ctype, Struct) else {}
    common, alone = [], []
    for leaf in leaves(ctype, guest):
        head, _, rest = leaf.path.partition(".")
        path = ".".join(filter(None, (renamed.get(head, head), rest)))
        other = theirs.get(path)
        if other is None:
            alone.append((leaf.offset, leaf.size))
        else:
            is_pointer = issubclass(leaf.ctype, Pointer)
            common.append(
                Piece(leaf.offset, leaf.size, other.offset, other.size, leaf.signed, is_pointer)
            )
    return common, alone


class Thunk:
    """The text of one thunk under construction. Values are IR operands such as `%v3` or `17`."""

    def __init__(self, row: Syscall, abi: str, host: str, numbers: dict[str, int]) -> None:
        self.row, self.abi, self.host, self.numbers = row, abi, host, numbers
        self.lines: list[str] = []
        self.allocas: list[str] = []
        self.block = "entry"
        self.count = 0
        self.after: list[Callable[[], None]] = []
        self.values: dict[str, str] = {}
        self.raw: dict[str, str] = {}

    # Text.

    def emit(self, text: str) -> str:
        """An instruction with a result; returns its name."""
        name = f"%v{self.count}"
        self.count += 1
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """An instruction without a result."""
        self.lines.append(f"  {text}")

    def new(self, hint: str) -> str:
        """A fresh block name."""
        self.count += 1
        return f"{hint}{self.count}"

    def start(self, block: str) -> None:
        """Begin a block."""
        self.lines.append(f"{block}:")
        self.block = block

    def alloca(self, size: int) -> str:
        """Host stack of `size` bytes, as a ptr."""
        name = f"%s{len(self.allocas)}"
        self.allocas.append(f"  {name} = alloca [{size} x i8], align 16")
        return name

    def address(self, pointer: str) -> str:
        """A ptr as an i64."""
        return self.emit(f"ptrtoint ptr {pointer} to i64")

    def when(self, condition: str, body: Callable[[], None]) -> None:
        """Run `body`'s code if the i1 `condition` holds."""
        yes, done = self.new("then"), self.new("done")
        self.do(f"br i1 {condition}, label %{yes}, label %{done}")
        self.start(yes)
        body()
        self.do(f"br label %{done}")
        self.start(done)

    def ret_if(self, condition: str, value: int | str) -> None:
        """Return `value` if `condition` holds."""
        yes, go = self.new("out"), self.new("go")
        self.do(f"br i1 {condition}, label %{yes}, label %{go}")
        self.start(yes)
        self.do(f"ret i64 {value}")
        self.start(go)

    def loop(self, count: str, body: Callable[[str], None]) -> None:
        """Run `body(i)` for i64 i in 0 … count-1 (unsigned)."""
        head, inside, done = self.new("head"), self.new("each"), self.new("done")
        before = self.block
        self.do(f"br label %{head}")
        self.start(head)
        i, following = self.emit(f"phi i64 [ 0, %{before} ], [ %n{head}, %e{inside} ]"), f"%n{head}"
        more = self.emit(f"icmp ult i64 {i}, {count}")
        self.do(f"br i1 {more}, label %{inside}, label %{done}")
        self.start(inside)
        body(i)
        self.do(f"br label %e{inside}")
        self.start(f"e{inside}")
        self.do(f"{following} = add i64 {i}, 1")
        self.do(f"br label %{head}")
        self.start(done)

    def load(self, pointer: str, offset: int, size: int) -> str:
        """An integer of `size` bytes."""
        where = self.emit(f"getelementptr i8, ptr {pointer}, i64 {offset}")
        return self.emit(f"load volatile i{size * 8}, ptr {where}, align 1")

    def store(self, value: str, pointer: str, offset: int, size: int) -> None:
        """Store an integer of `size` bytes."""
        where = self.emit(f"getelementptr i8, ptr {pointer}, i64 {offset}")
        self.do(f"store volatile i{size * 8} {value}, ptr {where}, align 1")

    def resize(self, value: str, old: int, new: int, signed: bool) -> str:
        """Widen or cut an integer from `old` to `new` bytes."""
        if old == new:
            return value
        op = "trunc" if new < old else "sext" if signed else "zext"
        return self.emit(f"{op} i{old * 8} {value} to i{new * 8}")

    # Guest addresses.

    def guest(self, register: str) -> str:
        """Host ptr of the guest address in an i32, unchecked: for plain loads and stores."""
        wide = self.emit(f"zext i32 {register} to i64")
        where = self.emit(f"add i64 %base, {wide}")
        return self.emit(f"inttoptr i64 {where} to ptr")

    def check_range(self, register: str, size: int) -> None:
        """Return -EFAULT if `size` bytes at the address leave the 4 GiB."""
        if size > 1:
            beyond = self.emit(f"icmp ugt i32 {register}, {SPACE - size}")
            self.ret_if(beyond, -EFAULT)

    def pointer(self, register: str, size: int | str = 1) -> str:
        """The address as an i64 for the host kernel: NULL stays NULL, too far becomes POISON."""
        wide = self.emit(f"zext i32 {register} to i64")
        where = self.emit(f"add i64 %base, {wide}")
        if size != 1:
            end = self.emit(f"add i64 {wide}, {size}")
            beyond = self.emit(f"icmp ugt i64 {end}, {SPACE}")
            where = self.emit(f"select i1 {beyond}, i64 {POISON}, i64 {where}")
        null = self.emit(f"icmp eq i32 {register}, 0")
        return self.emit(f"select i1 {null}, i64 0, i64 {where}")

    def room(self, register: str, wanted: str) -> str:
        """The i64 `wanted` cut to the bytes between an address and 4 GiB (negatives stay)."""
        wide = self.emit(f"zext i32 {register} to i64")
        left = self.emit(f"sub i64 {SPACE}, {wide}")
        more = self.emit(f"icmp sgt i64 {wanted}, {left}")
        return self.emit(f"select i1 {more}, i64 {left}, i64 {wanted}")

    # Structs.

    def copy_in(self, ctype: type[Any], guest: str, host: str) -> None:
        """Guest struct to host struct (two ptrs); what the guest lacks is zero."""
        size = size_align(ctype, self.host)[0]
        for at in range(0, size, 8):
            step = min(8, size - at)
            for part in (8, 4, 2, 1):
                while step >= part:
                    self.store("0", host, at + min(8, size - at) - step, part)
                    step -= part
        for p in pieces(ctype, self.abi, self.host)[0]:
            value = self.load(guest, p.guest, p.guest_size)
            if p.pointer:
                value = self.pointer(value)
            else:
                value = self.resize(value, p.guest_size, p.host_size, p.signed)
            self.store(value, host, p.host, p.host_size)

    def copy_out(self, ctype: type[Any], host: str, guest: str) -> None:
        """Host struct to guest struct, narrowing as the row says."""
        common, alone = pieces(ctype, self.abi, self.host)
        found = []
        for p in common:
            value = self.load(host, p.host, p.host_size)
            small = self.resize(value, p.host_size, p.guest_size, p.signed)
            if self.row.narrow == EOVERFLOW and p.guest_size < p.host_size:
                again = self.resize(small, p.guest_size, p.host_size, p.signed)
                lost = self.emit(f"icmp ne i{p.host_size * 8} {again}, {value}")
                self.ret_if(lost, -EOVERFLOW_NR)
            found.append((p, small))
        for p, small in found:
            self.store(small, guest, p.guest, p.guest_size)
        for at, size in alone:
            self.store("0", guest, at, size)

    def is_same(self, ctype: type[Any]) -> bool:
        """Whether a type passes through unconverted."""
        return same_layout(ctype, self.abi, self.host)

    def converted(self, ctype: type[Any], register: str, reads: bool) -> tuple[str, str]:
        """Host stack for one struct, filled if `reads`; (i64 argument or 0 for NULL, ptr)."""
        size = size_align(ctype, self.host)[0]
        buffer = self.alloca(size)
        self.check_range(register, size_align(ctype, self.abi)[0])
        null = self.emit(f"icmp eq i32 {register}, 0")
        if reads:
            given = self.emit(f"xor i1 {null}, true")
            self.when(given, lambda: self.copy_in(ctype, self.guest(register), buffer))
        where = self.address(buffer)
        return self.emit(f"select i1 {null}, i64 0, i64 {where}"), buffer

    # Arguments.

    def registers(self) -> None:
        """Name the registers of every argument: one i32, or an i64 for a pair."""
        used = 0
        for arg in self.row.args:
            if arg.ctype.SIZE == 8:
                if self.abi == "arm" and used % 2 and not issubclass(arg.ctype, t.LoHi):
                    used += 1
                low = self.emit(f"zext i32 %a{used} to i64")
                high = self.emit(f"zext i32 %a{used + 1} to i64")
                high = self.emit(f"shl i64 {high}, 32")
                self.raw[arg.name] = self.emit(f"or i64 {high}, {low}")
                used += 2
            else:
                self.raw[arg.name] = f"%a{used}"
                used += 1

    def scalar(self, ctype: type[Any], register: str) -> str:
        """The i64 the host gets for a scalar argument."""
        if ctype.SIZE == 8:
            return register
        if ctype.SIZE == 2:
            low = self.emit(f"and i32 {register}, 65535")
            none = self.emit(f"icmp eq i32 {low}, 65535")
            register = self.emit(f"select i1 {none}, i32 -1, i32 {low}")
        if issubclass(ctype, t.Flags):
            register = self.flags(ctype, register)
        return self.emit(f"{'sext' if ctype.SIGNED else 'zext'} i32 {register} to i64")

    def flags(self, ctype: type[t.Flags], register: str) -> str:
        """Flags with the host's values where they differ."""
        differing = ctype.differing(self.abi, self.host)
        if not differing:
            return register
        result = self.emit(f"and i32 {register}, {~sum(g for g, _ in differing)}")
        for ours, theirs in differing:
            bit = self.emit(f"and i32 {register}, {ours}")
            unset = self.emit(f"icmp eq i32 {bit}, 0")
            added = self.emit(f"select i1 {unset}, i32 0, i32 {theirs}")
            result = self.emit(f"or i32 {result}, {added}")
        return result

    def argument(self, index: int) -> None:
        """Set the host's value of one argument, and what is to be done after success."""
        name, ctype = self.row.args[index]
        register = self.raw[name]
        if name in self.values:
            return
        if not issubclass(ctype, t.Ptr):
            self.values[name] = self.scalar(ctype, register)
        elif issubclass(ctype, t.Sized):
            self.sized(index)
        elif issubclass(ctype, t.Typed):
            target = ctype.TARGET
            if self.is_same(target):
                self.values[name] = self.pointer(register, size_align(target, self.abi)[0])
                return
            self.values[name], buffer = self.converted(target, register, ctype.READS)
            if ctype.WRITES:
                self.after.append(lambda: self.give_back(target, register, buffer))
        else:
            self.values[name] = self.pointer(register)

    def give_back(self, ctype: type[Any], register: str, buffer: str) -> None:
        """Convert a struct out unless its address is NULL."""
        given = self.emit(f"icmp ne i32 {register}, 0")
        self.when(given, lambda: self.copy_out(ctype, buffer, self.guest(register)))

    def sized(self, index: int) -> None:
        """A buffer, array or vector whose length is the next argument."""
        name, ctype = self.row.args[index]
        length, length_type = self.row.args[index + 1]
        count = self.scalar(length_type, self.raw[length])
        register = self.raw[name]
        if issubclass(ctype, (t.InBuf, t.OutBuf)):
            self.values[name] = self.pointer(register)
            self.values[length] = self.room(register, count)
        elif issubclass(ctype, (t.IovecIn, t.IovecOut)):
            self.values[name], self.values[length] = self.vectors(register, count), count
        else:
            target = ctype.TARGET
            if not self.is_same(target):
                raise NotImplementedError(f"{self.row.name}: {name} needs a rule for its layout")
            size = self.emit(f"mul i64 {count}, {size_align(target, self.abi)[0]}")
            self.values[name], self.values[length] = self.pointer(register, size), count

    def vectors(self, register: str, count: str) -> str:
        """Converted struct iovecs; too many of them are left to the kernel to refuse."""
        buffer = self.alloca(MAX_IOV * 16)
        fits = self.emit(f"icmp ule i64 {count}, {MAX_IOV}")
        todo = self.emit(f"select i1 {fits}, i64 {count}, i64 0")

        def one(i: str) -> None:
            wide = self.emit(f"zext i32 {register} to i64")
            at = self.emit(f"shl i64 {i}, 3")
            where = self.emit(f"add i64 {wide}, {at}")
            beyond = self.emit(f"icmp ugt i64 {where}, {SPACE - 8}")
            self.ret_if(beyond, -EFAULT)
            host = self.emit(f"add i64 %base, {where}")
            source = self.emit(f"inttoptr i64 {host} to ptr")
            start, length = self.load(source, 0, 4), self.load(source, 4, 4)
            to = self.emit(f"shl i64 {i}, 4")
            target = self.emit(f"getelementptr i8, ptr {buffer}, i64 {to}")
            self.store(self.pointer(start), target, 0, 8)
            signed = self.emit(f"sext i32 {length} to i64")
            self.store(self.room(start, signed), target, 8, 8)

        self.loop(todo, one)
        return self.address(buffer)

    # The call.

    def call(self, name: str, *values: str | int) -> str:
        """A host syscall; returns its i64 result."""
        six = [str(v) for v in values] + ["0"] * (6 - len(values))
        args = ", ".join(f"i64 {v}" for v in (*six, self.numbers[name]))
        return self.emit(f"call i64 @run32_call({args}, ptr %cpu)")

    def is_success(self, result: str) -> str:
        """Whether an i64 result is no errno."""
        return self.emit(f"icmp ult i64 {result}, -4095")

    def finish(self, result: str) -> None:
        """What follows the host syscall: copy out on success, narrow the result, return.

        Where the row has a Python function as well, that one looks at EBADF: run32's special
        descriptors (kernel/rw.py) refuse everything at the host.
        """
        if self.row.module:
            self.ret_if(self.emit(f"icmp eq i64 {result}, {-EBADF}"), FALLBACK)
        if self.after:
            self.when(self.is_success(result), self.copy_all_out)
        if self.row.narrow == EOVERFLOW and issubclass(self.row.ret, t.Off):
            self.ret_if(self.emit(f"icmp sgt i64 {result}, {0x7FFFFFFF}"), -EOVERFLOW_NR)
        self.do(f"ret i64 {result}")

    def copy_all_out(self) -> None:
        """What arguments left to be done after success."""
        for step in self.after:
            step()

    def host_arguments(self) -> list[str]:
        """Convert every argument in; the host's list of them."""
        for i in range(len(self.row.args)):
            self.argument(i)
        order = self.row.order or tuple(arg.name for arg in self.row.args)
        return [n if n.isdigit() else self.values[n] for n in order]

    def ordinary(self) -> None:
        """The whole of a thunk without a rule."""
        self.finish(self.call(self.row.host, *self.host_arguments()))

    def text(self) -> str:
        """The finished function."""
        head = f"define hidden i64 @thunk_{self.abi}_{self.row.name}({PARAMS}) #0 {{"
        return "\n".join([head, "entry:", *self.allocas, *self.lines, "}", ""])


def thunk_text(row: Syscall, abi: str, host: str, numbers: dict[str, int]) -> str:
    """IR of one row's thunk."""
    from run32.codegen.thunkrules import RULES

    thunk = Thunk(row, abi, host, numbers)
    thunk.registers()
    RULES[row.rule](thunk) if row.rule else thunk.ordinary()
    return thunk.text()


def module_text(abi: str, host: str) -> str:
    """IR of every native thunk of a guest ABI for a host (`x86_64` or `aarch64`)."""
    numbers = host_numbers(host)
    rows = {row.name: row for row in syscalls.table(abi).values() if row.thunk}
    parts = [thunk_text(row, abi, host, numbers) for row in rows.values()]
    shared = pathcode.text(host, numbers)
    return "\n".join(
        [SYSCALL, RAW_SYSCALL, "", shared, *parts, 'attributes #0 = { nounwind "no-builtins" }', ""]
    )
