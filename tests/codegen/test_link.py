"""The linker: what fits into a position-independent blob, and what is refused."""

from __future__ import annotations

import ctypes
import mmap

import pytest

from run32.codegen import llvm, store, stubs
from run32.codegen.link import LinkError, link
from run32.spec.state import ARM

SUM = """
target triple = "{triple}"
@table = private constant [4 x i32] [i32 1, i32 2, i32 3, i32 {last}]
declare hidden i32 @{other}(i32)
define hidden i32 @{name}(i32 %x) nounwind {{
  %i = and i32 %x, 3
  %i64 = zext i32 %i to i64
  %p = getelementptr i32, ptr @table, i64 %i64
  %v = load i32, ptr %p
  %stop = icmp ult i32 %x, 4
  br i1 %stop, label %done, label %more
more:
  %y = sub i32 %x, 4
  %r = call i32 @{other}(i32 %y)
  %s = add i32 %r, %v
  ret i32 %s
done:
  ret i32 %v
}}
"""


def module(name: str, other: str, last: int, host: str) -> bytes:
    from run32.codegen.ir import TRIPLES

    text = SUM.format(triple=TRIPLES[host], name=name, other=other, last=last)
    return llvm.compile_object(text, host)


@pytest.mark.parametrize("host", ["x86_64", "aarch64"])
def test_objects_call_each_other(host: str) -> None:
    blob = link([module("a", "b", 10, host), module("b", "a", 20, host)], tables={"t": ["b", "a"]})
    at = blob.symbols["t"]
    offsets = [int.from_bytes(blob.data[at + i : at + i + 4], "little") for i in (0, 4)]
    assert offsets == [blob.symbols["b"], blob.symbols["a"]]
    if host != store.host():
        return
    memory = mmap.mmap(-1, len(blob.data), prot=7)
    memory.write(blob.data)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    a = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32)(base + blob.symbols["a"])
    assert a(2) == 3
    assert a(7) == 10 + 20  # a(7) = 10 + b(3)
    assert a(11) == 10 + 20 + 10


@pytest.mark.parametrize("host", ["x86_64", "aarch64"])
def test_undefined_symbols_are_named(host: str) -> None:
    with pytest.raises(LinkError, match="undefined symbol 'nobody'"):
        link([module("a", "nobody", 1, host)])


def test_writable_data_is_refused() -> None:
    text = 'target triple = "x86_64-unknown-linux-gnu"\n@x = hidden global i32 5\n'
    with pytest.raises(LinkError, match="writable"):
        link([llvm.compile_object(text, "x86_64")])


def test_absolute_addresses_are_refused() -> None:
    text = """target triple = "x86_64-unknown-linux-gnu"
@c = hidden constant i32 5
@x = hidden constant ptr @c
"""
    with pytest.raises(LinkError, match=r"writable|not pc-relative"):
        link([llvm.compile_object(text, "x86_64")])


def test_other_files_are_refused() -> None:
    with pytest.raises(LinkError, match="not a little-endian ELF64 object"):
        link([b"\x7fELF\x01\x01 this is 32-bit"])


@pytest.mark.parametrize("host", ["x86_64", "aarch64"])
def test_stubs_disassemble(host: str) -> None:
    """The hand-encoded stubs are the instructions they are meant to be."""
    capstone = pytest.importorskip("capstone")
    raw = stubs.STUBS[host](ARM)
    arch = {
        "x86_64": (capstone.CS_ARCH_X86, capstone.CS_MODE_64),
        "aarch64": (capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM),
    }[host]
    found = list(capstone.Cs(*arch).disasm(raw.data, 0))
    assert sum(i.size for i in found) == len(raw.data)
    text = [f"{i.mnemonic} {i.op_str}".strip() for i in found]
    host_sp = ARM["host_sp"].offset
    if host == "x86_64":
        saved = [t.split()[1] for t in text if t.startswith("push")]
        restored = [t.split()[1] for t in text if t.startswith("pop")]
        assert saved[:7] == list(reversed(restored)) == "rbx rbp r12 r13 r14 r15 rdi".split()
        assert f"mov qword ptr [rdi + {host_sp:#x}], rsp" in text
        assert text.count("syscall") == 3
    else:
        stored = [t[4:] for t in text if t.startswith("stp")][:10]
        loaded = [t[4:] for t in text if t.startswith("ldp")]
        assert stored == loaded
        assert f"str x9, [x0, #{host_sp:#x}]" in text
        assert text.count("svc #0") == 3
