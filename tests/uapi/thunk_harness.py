"""A guest address space for thunks, and a way to call them with register values."""

import ctypes
import mmap
import os
import struct

import llvmlite.binding as llvm

from run32.codegen import stubs
from run32.spec.state import ARM, X86

HOST = {"x86_64": "x86_64", "aarch64": "aarch64"}[os.uname().machine]
PAGES = 0x10000  # where the guest's readable and writable pages start
SIZE = 0x10000
READ_ONLY = PAGES + SIZE
PROTOTYPE = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, *([ctypes.c_uint32] * 7)
)

CPU = ctypes.create_string_buffer(ARM.size)  # nothing is pending


def use_desk(abi: str, address: int) -> None:
    """The desk of guests of an ABI is at this address; 0 is none."""
    struct.pack_into("<Q", CPU, (ARM if abi == "arm" else X86)["desk"].offset, address)


libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]


def host_map(address: int, size: int, prot: int, flags: int) -> int:
    """mmap through libc: the address."""
    found = libc.mmap(address, size, prot, flags | mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    assert found != ctypes.c_void_p(-1).value, os.strerror(ctypes.get_errno())
    return int(found)


class Guest:
    """4 GiB and a guard, with SIZE bytes at PAGES and one read-only page at READ_ONLY."""

    def __init__(self) -> None:
        self.base = host_map(0, (1 << 32) + (1 << 20), 0, 0x4000)
        host_map(self.base + PAGES, SIZE, 3, mmap.MAP_FIXED if hasattr(mmap, "MAP_FIXED") else 16)
        host_map(self.base + READ_ONLY, mmap.PAGESIZE, 1, 16)
        self.next = PAGES

    def put(self, data: bytes) -> int:
        """Place bytes; their guest address."""
        at = self.next
        self.next += -(-len(data) // 16) * 16 + 16
        assert self.next < PAGES + SIZE
        ctypes.memmove(self.base + at, data, len(data))
        return at

    def space(self, size: int) -> int:
        """Room that shows what is written past it."""
        return self.put(b"\xa5" * size)

    def get(self, at: int, size: int) -> bytes:
        """Bytes of guest memory."""
        return ctypes.string_at(self.base + at, size)

    def words(self, at: int, fmt: str) -> tuple[int, ...]:
        """Unpacked guest memory."""
        return struct.unpack("<" + fmt, self.get(at, struct.calcsize("<" + fmt)))

    def word(self, at: int) -> int:
        """An unsigned 32-bit word."""
        return self.words(at, "I")[0]


class Thunks:
    """`thunks["read"](fd, address, count)` runs a thunk of one ABI; arguments are registers."""

    def __init__(self, engine: llvm.ExecutionEngine, abi: str, guest: Guest) -> None:
        self.engine, self.abi, self.guest = engine, abi, guest
        self.made: dict[str, object] = {}

    def __getattr__(self, name: str):
        if name not in self.made:
            address = self.engine.get_function_address(f"thunk_{self.abi}_{name}")
            assert address, f"no thunk {name}"
            self.made[name] = PROTOTYPE(address)
        function = self.made[name]

        def call(*args: int) -> int:
            six = [a & 0xFFFFFFFF for a in args] + [0] * (7 - len(args))
            return function(ctypes.addressof(CPU), self.guest.base, *six)

        return call


def syscall_stubs() -> dict[str, int]:
    """Addresses of the engine's system calls, mapped executable."""
    raw = stubs.STUBS[HOST](ARM)
    at = host_map(0, -(-len(raw.data) // 4096) * 4096, 7, 0)
    ctypes.memmove(at, raw.data, len(raw.data))
    return {name: at + raw.symbols[name] for name in ("run32_call", "run32_syscall")}
