"""The engine as loaded: the blob, the shadow of decoded slots, and one `cpu` struct per thread.

`Engine.attach(memory)` ties it to a guest address space: executable guest ranges become writable in
the shadow (fresh, hence undecoded), all others stay PROT_NONE, so that fetching from them faults.
Native functions are called through `kernel.cdata`; `host.bind` makes the kernel personality use
them too.
Invariant: holds no file descriptor and imports nothing of `codegen` but its store and the format
of what it maps.
"""

from __future__ import annotations

import os
from _thread import _local

from run32.codegen import store
from run32.codegen.regionfile import FROM_RETURN
from run32.kernel import cdata, host
from run32.kernel.desk import SIZE as DESK
from run32.kernel.desk import Desk
from run32.spec.armframe import ACTION_SIZE, ACTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from run32.kernel.memory import Memory

NR = host.NR
SPACE = 1 << 32
GUARD = 1 << 20
PROT_NONE, PROT_READ, PROT_WRITE, PROT_EXEC = 0, 1, 2, 4
MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE = 0x02, 0x20, 0x4000
MAP_FIXED = 0x10
MADV_DONTNEED = 4
CODE_SPACE = 1 << 30  # for the blob and the regions behind it
CODE_FILES = 4096  # that can be mapped at the same time
SIG_IGN = 1
FAULTS = (4, 5, 7, 8, 11)  # SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
SA_SIGINFO, SA_RESTORER, SA_ONSTACK, SA_NODEFER = 0x4, 0x04000000, 0x08000000, 0x40000000
# Slots of this many bytes before a changed range may depend on it: a Thumb IT block reaches 16
# bytes on, an i386 instruction 14.
REACH = 16
SLOT = 16
KEPT = 64 << 20  # bytes of guest code whose slots are kept beside other threads
REWRITE = 256 << 10  # bytes of guest code up to which slots are emptied one by one


SIGNAL_FIELDS = (
    "signal_full", "signal_info", "sigmask", "fault_error", "signal_python", "mask_stale",
    "altstack", "actions", "desk", "trail", "trail_end",
)  # fmt: skip


class EngineError(Exception):
    """The engine cannot be used here; the message is one line and names the remedy."""


def map_anonymous(size: int, prot: int, what: str) -> int:
    """Anonymous private memory without reservation; its host address."""
    flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    address = host.syscall(NR["mmap"], 0, size, prot, flags, -1, 0)
    if -4096 < address < 0:
        raise EngineError(
            f"cannot reserve {size >> 20} MiB of address space for {what}: "
            f"{os.strerror(-address)}; raise the limit (ulimit -v unlimited)"
        )
    return address


def without(ranges: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """What of `ranges` is not in [start, end)."""
    parts = [(low, min(high, start)) for low, high in ranges]
    parts += [(max(low, end), high) for low, high in ranges]
    return [(low, high) for low, high in parts if low < high]


class Cpu:
    """One thread's `cpu` struct and alternate signal stack, as words."""

    def __init__(self, engine: Engine) -> None:
        self.meta = meta = engine.meta
        stack = meta["alt_stack"]
        raw = map_anonymous(3 * stack, PROT_READ | PROT_WRITE, "a cpu")
        base = -(-raw // stack) * stack
        self.address = base + stack
        self.alt_stack = base
        size = meta["state_size"]
        view = memoryview((cdata.c_char * size).from_address(self.address)).cast("B")
        self.bytes = view
        self.words = view.cast("I")
        self.quads = view.cast("Q")
        self.at = {name: offset // 4 for name, (offset, _, _) in meta["state"].items()}
        self.quad_at = {
            name: offset // 8 for name, (offset, w, _) in meta["state"].items() if w == 64
        }
        (cdata.c_uint64 * 1).from_address(base)[0] = self.address
        self.host: str = meta["host"]
        names = list(meta["state"])
        self.guest = [n for n in names[names.index("result") + 1 :] if n not in SIGNAL_FIELDS]
        """Fields that are the guest's state."""
        self.guest += ["r", "n", "z", "c", "v", "pc", "thumb", "guest_fpc", "host_fma"]
        self.set_quad("code", engine.code)
        for name, (shadow, _) in zip(engine.shadow_fields, engine.shadows, strict=True):
            self.set_quad(name, shadow)
        self.set_quad("thunks", engine.thunks)
        if engine.table:
            self.set_quad("table", engine.table)
            base = engine.code + meta["symbols"]["region_miss"]
            self.set_quad("region_base", base)
            self.set_quad("return_base", base - FROM_RETURN)
            self.set_quad("code_files", engine.code_files)
            for name in ("region_pending", "region_interpret"):
                self.set_quad(name, engine.code + meta["symbols"][name])
        self.set_quad("actions", engine.actions)
        self.set_quad("desk", engine.desk)
        self.set("thunk_count", engine.thunk_count)

    def get(self, name: str) -> int:
        """A 32-bit field."""
        word: int = self.words[self.at[name]]
        return word

    def set(self, name: str, value: int) -> None:
        """Write a 32-bit field."""
        self.words[self.at[name]] = value & 0xFFFFFFFF

    def quad(self, name: str) -> int:
        """A 64-bit field."""
        quad: int = self.quads[self.quad_at[name]]
        return quad

    def set_quad(self, name: str, value: int) -> None:
        """Write a 64-bit field."""
        self.quads[self.quad_at[name]] = value & 0xFFFFFFFFFFFFFFFF

    def clear(self) -> None:
        """Zero everything that is the guest's."""
        words = self.words
        for name, (offset, width, count) in self.meta["state"].items():
            if name in self.guest:
                words[offset // 4 : (offset + width // 8 * count) // 4] = memoryview(
                    bytes(width // 8 * count)
                ).cast("I")

    def copy_to(self, other: Cpu) -> None:
        """Give `other` the same guest state."""
        for name in self.guest:
            offset, width, count = self.meta["state"][name]
            part = slice(offset // 4, (offset + width // 8 * count) // 4)
            other.words[part] = self.words[part]

    def take_signals_here(self) -> None:
        """Make the calling host thread handle signals on this cpu's alternate stack."""
        size = self.address - self.alt_stack
        # struct stack_t { void *ss_sp; int ss_flags; size_t ss_size; }; the lowest word is ours
        stack = (cdata.c_uint64 * 3)(self.alt_stack + 64, 0, size - 64)
        check(host.syscall(NR["sigaltstack"], cdata.addressof(stack), 0), "sigaltstack")


def check(result: int, what: str) -> int:
    """`result`, unless it is an error."""
    if -4096 < result < 0:
        raise EngineError(f"{what}: {os.strerror(-result)}")
    return result


class Engine:
    """The native code of one guest instruction set, mapped into this process."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.meta: dict[str, Any] = store.read_meta(path)
        if self.meta["host"] != store.host():
            raise EngineError(f"{path} is for {self.meta['host']}; run: run32 engine build")
        self.code = self._map(os.path.join(path, "blob"))
        symbols = self.meta["symbols"]

        def function(name: str, result: Any, *types: Any) -> Any:
            return cdata.CFUNCTYPE(result, *types)(self.code + symbols[name])

        u32, u64, i64 = cdata.c_uint32, cdata.c_uint64, cdata.c_int64
        self.enter = function("run32_enter", u32, u64)
        self.run_thunk = function("run32_thunk", u32, u64, u32)
        # keeps the GIL: it never blocks for long
        self.copy = cdata.PYFUNCTYPE(u32, u64, u64, u64, u64)(self.code + symbols["run32_copy"])
        self.call = function("run32_call", i64, *[i64] * 7, u64)
        self._syscall = function("run32_syscall", i64, i64, i64, i64, i64, i64, i64, i64)
        # keeps the GIL, for a clone that copies it
        self._fork = cdata.PYFUNCTYPE(i64, i64, i64, i64, i64, cdata.c_void_p)(
            self.code + symbols["run32_fork"]
        )
        self._syscall_held = cdata.PYFUNCTYPE(i64, *[i64] * 7)(self.code + symbols["run32_syscall"])
        if "run32_forget" in symbols:
            forget = cdata.PYFUNCTYPE(u64, u64, u64)
            self._forget = forget(self.code + symbols["run32_forget"])
            forget_inner = cdata.PYFUNCTYPE(None, u64, u64)
            self.forget_inner = forget_inner(self.code + symbols["run32_forget_inner"])
        if "run32_decode" in symbols:
            self.decode = function("run32_decode", None, u64, u32)
        # keeps the GIL: for calls that do not wait
        raw = cdata.PYFUNCTYPE(i64, i64, i64, i64, i64, i64, i64, i64)
        self.quick_syscall = raw(self.code + symbols["run32_syscall"])
        made = cdata.PYFUNCTYPE(i64, *[i64] * 7, u64)
        self.quick_call = made(self.code + symbols["run32_call"])
        self.guard = GUARD
        # host address and bytes per guest byte; ARM code, then Thumb code, or i386 code
        self.shadow_fields = [name for name, _ in self.meta["shadows"]]
        self.shadows = [
            (map_anonymous(scale * SPACE + GUARD, PROT_NONE, "decoded code"), scale)
            for _, scale in self.meta["shadows"]
        ]
        self.table = self.code_files = 0
        if self.meta["isa"] == "arm":
            self.table = map_anonymous(4 * SPACE + GUARD, PROT_READ, "translated code")
            size = 16 * CODE_FILES
            self.code_files = map_anonymous(size, PROT_READ | PROT_WRITE, "a list of code files")
        self.thunk_offsets: dict[int, int] = self.meta["thunks"]
        self.thunk_count = max(self.thunk_offsets, default=-1) + 1 if self.thunk_offsets else 0
        if self.thunk_count > 4096:  # arm's private numbers have no thunks
            self.thunk_count = max(n for n in self.thunk_offsets if n < 4096) + 1
        self.thunks = self._thunk_table()
        self.actions = map_anonymous(ACTIONS, PROT_READ | PROT_WRITE, "signal handlers")
        self._actions = memoryview((cdata.c_char * ACTIONS).from_address(self.actions)).cast("B")
        self.desk = map_anonymous(DESK, PROT_READ | PROT_WRITE, "the desk")
        """Host address of memory for a `kernel.desk.Desk`."""
        self.is_shared = False
        """Whether there were two threads since the program or the process began."""
        self.used: list[tuple[int, int]] = []
        """Guest ranges that may have decoded slots, also such as are not executable now."""
        self.unsettled: list[tuple[int, int]] = []
        """Guest ranges with emptied slots of IT blocks that a thread may be inside of."""
        self._here = _local()
        """`.cpu` is the calling host thread's own."""

    def _map(self, path: str) -> int:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            st = os.fstat(fd)
            if st.st_uid not in (0, os.geteuid()):
                raise EngineError(f"{path} belongs to another user; remove it")
            if st.st_size != self.meta["size"]:
                raise EngineError(f"{path} is damaged; run: run32 engine build")
            size = st.st_size
            place = map_anonymous(CODE_SPACE, PROT_NONE, "native code")
            self.free_code = -(-(place + size) // GUARD) * GUARD
            self.code_end = place + CODE_SPACE
            fixed = MAP_PRIVATE | MAP_FIXED
            address = host.syscall(NR["mmap"], place, size, PROT_READ | PROT_EXEC, fixed, fd, 0)
            if -4096 < address < 0:  # a file system mounted noexec
                address = map_anonymous(size, PROT_READ | PROT_WRITE, "native code")
                data = os.read(fd, size)
                cdata.memmove(address, data, size)
                check(
                    host.syscall(NR["mprotect"], address, size, PROT_READ | PROT_EXEC),
                    f"{path}: native code may not be executed here",
                )
            return address
        finally:
            os.close(fd)

    def _thunk_table(self) -> int:
        """Offsets of the syscall thunks by number, in native memory."""
        if not self.thunk_count:
            return 0
        address = map_anonymous(4 * self.thunk_count, PROT_READ | PROT_WRITE, "syscall thunks")
        table = (cdata.c_uint32 * self.thunk_count).from_address(address)
        for number, offset in self.thunk_offsets.items():
            if number < self.thunk_count:
                table[number] = offset
        return address

    def make_desk(self) -> Desk:
        """What native code and the slow path share about paths."""
        return Desk(memoryview((cdata.c_char * DESK).from_address(self.desk)).cast("B"))

    def syscall(self, nr: int, *args: int) -> int:
        """A raw host system call through the blob (`kernel.host.syscall`'s contract)."""
        result: int = self._syscall(nr, *args, *_ZEROS[len(args) :])
        return result

    def syscall_held(self, nr: int, *args: int) -> int:
        """The same without giving other Python threads a chance."""
        result: int = self._syscall_held(nr, *args, *_ZEROS[len(args) :])
        return result

    def fork(self, flags: int, a: int, b: int, c: int, after: int) -> int:
        """clone(2) without a stack; in the child, the C function `after` runs at once.

        Nobody of the interpreter may run before it: whoever waited for the interpreter's lock in
        the parent does so for ever in the child's copy of it.
        """
        result: int = self._fork(flags, a, b, c, after)
        return result

    def copy_guarded(self, dst: int, src: int, n: int) -> int:
        """Copy memory that may not be mapped (`kernel.host.copy`'s contract)."""
        return -14 if self.copy(self._here.cpu.address, dst, src, n) else 0

    def adopt(self, cpu: Cpu) -> None:
        """`cpu` belongs to the calling host thread from now on."""
        self._here.cpu = cpu
        cpu.take_signals_here()

    def start(self, cpu: Cpu) -> list[int]:
        """Install the fault handler; `cpu` belongs to the calling thread.

        Returns which of these signals were ignored.
        """
        ignored = []
        before = (cdata.c_uint64 * 4)()
        self.adopt(cpu)
        action = self.action("run32_on_fault", SA_NODEFER)
        for signal in FAULTS:
            check(
                self.syscall(
                    NR["rt_sigaction"],
                    signal,
                    cdata.addressof(action),
                    cdata.addressof(before),
                    8,
                ),
                "rt_sigaction",
            )
            if before[0] == SIG_IGN:
                ignored.append(signal)
        host.bind(self.syscall, self.copy_guarded)
        return ignored

    def keep_action(self, signo: int, handler: int, flags: int, restorer: int, mask: int) -> None:
        """Put a disposition where native code finds it (codegen/delivery.py)."""
        table, at = self._actions.cast("I"), signo * ACTION_SIZE // 4
        table[0] += 1
        table[at] = handler
        table[at + 1], table[at + 2] = flags, restorer
        table[at + 4], table[at + 5] = mask & 0xFFFFFFFF, mask >> 32
        table[0] += 1

    def action(self, handler: str, flags: int) -> Any:
        """The host's struct sigaction for a handler of the blob, which runs with all blocked."""
        symbols = self.meta["symbols"]
        flags |= SA_SIGINFO | SA_ONSTACK
        restorer = 0
        if self.meta["host"] == "x86_64":
            flags |= SA_RESTORER
            restorer = self.code + symbols["run32_restorer"]
        never = sum(1 << signal - 1 for signal in FAULTS)
        words = (self.code + symbols[handler], flags, restorer, ~never & (1 << 64) - 1)
        return (cdata.c_uint64 * 4)(*words)

    def is_region(self, address: int) -> bool:
        """Whether a host address is in translated code."""
        end: int = self.code + self.meta["size"]
        return end <= address < self.code_end

    # -- guest code -------------------------------------------------------------------------------
    def attach(self, memory: Memory) -> None:
        """Follow the executable ranges of a guest address space."""
        memory.on_exec_change.append(self.exec_changed)
        memory.on_rewrite.append(self.rewritten)

    def exec_changed(self, start: int, end: int, executable: bool) -> None:
        """Guest range [start, end) became executable, not executable, or has new contents."""
        prot = PROT_READ | PROT_WRITE if executable else PROT_NONE
        keeps = self.is_shared and "run32_forget" in self.meta["symbols"]
        for shadow, scale in self.shadows:
            at, size = shadow + start * scale, (end - start) * scale
            check(self._syscall(NR["mprotect"], at, size, prot, 0, 0, 0), "shadow")
            if not keeps:
                self._syscall(NR["madvise"], at, size, MADV_DONTNEED, 0, 0, 0)
        if keeps:
            self._forget_used(start, end, executable)
        else:
            self.used = without(self.used, start, end)
        if executable:
            self.used.append((start, end))
        if self.table:
            at, size = self.table + start * 4, (end - start) * 4
            self._syscall(NR["mprotect"], at, size, prot | PROT_READ, 0, 0, 0)
            self._syscall(NR["madvise"], at, size, MADV_DONTNEED, 0, 0, 0)
        self._forget_before(start)

    def be_alone(self) -> None:
        """There is one thread again, after a fork or before a new program: none is in a handler."""
        self.is_shared = False

    def _forget_used(self, start: int, end: int, executable: bool) -> None:
        """Undecode [start, end) with other threads about, which may be in a handler that has yet to
        read its slot's operands: these stay, and what is not executable any more stays as a whole,
        up to an amount."""
        parts = [(max(start, low), min(end, high)) for low, high in self.used]
        parts = [(low, high) for low, high in parts if low < high]
        if executable:
            for low, high in parts:
                self._forget_slots(low, high)
        if executable or sum(high - low for low, high in self.used) > KEPT:
            self.used = without(self.used, start, end)
            if not executable:
                for shadow, scale in self.shadows:
                    at, size = shadow + start * scale, (end - start) * scale
                    self._syscall(NR["madvise"], at, size, MADV_DONTNEED, 0, 0, 0)

    def rewritten(self, start: int, end: int) -> None:
        """Guest code in [start, end) has other content: it is decoded again.

        Requires: the range is executable. Other threads may be running in it.
        """
        if (
            end - start > REWRITE
            and not self.is_shared
            or "run32_forget" not in self.meta["symbols"]
        ):
            page = host.PAGE_SIZE
            low, high = start & -page, -(-end // page) * page
            for shadow, scale in self.shadows:
                at, size = shadow + low * scale, (high - low) * scale
                self._syscall(NR["madvise"], at, size, MADV_DONTNEED, 0, 0, 0)
            self._forget_before(low)
            return
        self._forget_slots(start & -4, -(-end // 4) * 4)
        self._forget_before(start & -4)

    def _forget_slots(self, start: int, end: int) -> None:
        """Undecode [start, end), whoever is in a handler. Requires: the shadows are mapped."""
        for shadow, scale in self.shadows:
            if self._forget(shadow + start * scale, (end - start) * scale // SLOT):
                self.unsettled.append((start, end))

    def _forget_before(self, start: int) -> None:
        """Undecode the slots whose IT block or instruction may reach into the page at `start`."""
        if start >= REACH and hasattr(self._here, "cpu"):
            shadow, scale = self.shadows[-1]
            n = REACH * scale
            zeros = cdata.create_string_buffer(n)
            at = shadow + start * scale - n
            if not self.is_shared:
                self.copy_guarded(at, cdata.addressof(zeros), n)
            elif not self.copy_guarded(cdata.addressof(zeros), at, n):
                self._forget_slots(start - REACH, start)


_ZEROS = (0, 0, 0, 0, 0, 0)
