"""Floating point in native code against the reference: results and every flag, in all modes.

The code is linked as in the engine and runs here; code for AArch64 runs in addition under
qemu-aarch64 where the tools for that are installed.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("llvmlite")

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import fpvectors as fv  # noqa: E402

from run32.codegen import cpuid, fp, interp, link, llvm  # noqa: E402
from run32.codegen.ir import Function, Module  # noqa: E402
from run32.spec import fpscr  # noqa: E402
from run32.spec.softfloat import OPERATIONS, run  # noqa: E402
from run32.spec.state import ARM  # noqa: E402

KEYS = list(OPERATIONS)
HOST = platform.machine()
COUNT = int(os.environ.get("RUN32_FUZZ_STATES", "300"))


def objects(host: str) -> list[bytes]:
    """The functions of `fp`, and every operation in a function case(cpu, fpscr, operands, out)."""
    functions, cases = Module(host), Module(host)
    fp.emit_functions(functions)
    for name in ("enter_fpc", "leave_fpc"):
        cases.declare(name, f"declare hidden void @{name}(ptr)")
    for number, (name, width) in enumerate(KEYS):
        widths = OPERATIONS[name, width].operands
        f = Function(
            cases,
            f"case{number}",
            "ptr %cpu, i32 %fpscr, ptr %in, ptr %out",
            attributes="nounwind strictfp",
        )
        f.line("call void @enter_fpc(ptr %cpu)")
        fp.emit_write_fpscr(f, f.value(32, "%fpscr"))
        x = [f.load(64, f.address("%in", 8 * i)).trunc(w) for i, w in enumerate(widths)]
        f.store(fp.emit(f, name, width, *x).zext(64), "%out")
        f.store(fp.emit_read_fpscr(f).zext(64), f.address("%out", 8))
        f.line("call void @leave_fpc(ptr %cpu)")
        f.line("ret void")
        f.finish()
    found = []
    for module in (functions, cases):
        module.add(interp.METADATA)
        found.append(llvm.compile_object(module.text(), host))
    return found


class Native:
    """The linked code in this process."""

    def __init__(self) -> None:
        blob = link.link(objects(HOST), cpuid.STUBS[HOST])
        self.memory = mmap.mmap(
            -1, len(blob.data), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        )
        self.memory.write(blob.data)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        kind = ctypes.CFUNCTYPE(
            None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p
        )
        self.cases = [kind(base + blob.symbols[f"case{n}"]) for n in range(len(KEYS))]
        self.cpu = ctypes.create_string_buffer(ARM.size)
        self.functions = {
            "enter_fpc": ctypes.CFUNCTYPE(None, ctypes.c_void_p)(base + blob.symbols["enter_fpc"]),
            "leave_fpc": ctypes.CFUNCTYPE(None, ctypes.c_void_p)(base + blob.symbols["leave_fpc"]),
            "write_fpscr": ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32)(
                base + blob.symbols["write_fpscr"]
            ),
        }

    def field(self, name: str) -> int:
        """A 32-bit field of the cpu struct."""
        return int.from_bytes(self.cpu.raw[ARM[name].offset :][:4], "little")

    def put(self, name: str, value: int) -> None:
        """Set a 32-bit field of the cpu struct."""
        ctypes.memmove(
            ctypes.addressof(self.cpu) + ARM[name].offset, value.to_bytes(4, "little"), 4
        )

    def run(self, cases: list[fv.Case]) -> list[tuple[int, int]]:
        """(result, FPSCR after) of each case."""
        given, out = (ctypes.c_uint64 * 3)(), (ctypes.c_uint64 * 2)()
        found = []
        for name, width, modes, values in cases:
            for i, v in enumerate(values):
                given[i] = v
            self.cases[KEYS.index((name, width))](self.cpu, modes, given, out)
            found.append((out[0], out[1] & 0xFFFFFFFF))
        return found


_C = """
#include <stdint.h>
#include <stdio.h>
struct in {{ uint32_t op, fpscr; uint64_t v[3]; }};
struct out {{ uint64_t v; uint32_t fpscr, pad; }};
{declarations}
static void (*const table[])(void *, uint32_t, uint64_t *, struct out *) = {{ {table} }};
static char cpu[{size}];
int main(void) {{
  struct in in;
  while (fread(&in, sizeof in, 1, stdin) == 1) {{
    struct out out = {{0}};
    table[in.op](cpu, in.fpscr, in.v, &out);
    fwrite(&out, sizeof out, 1, stdout);
  }}
  return 0;
}}
"""


class Emulated:
    """The code for AArch64 in a program under qemu-aarch64."""

    TOOLS = ("aarch64-linux-gnu-gcc", "qemu-aarch64")

    def __init__(self, folder: Path) -> None:
        for name, data in zip(("fp.o", "cases.o"), objects("aarch64"), strict=True):
            (folder / name).write_bytes(data)
        names = [f"case{n}" for n in range(len(KEYS))]
        text = _C.format(
            declarations="\n".join(
                f"void {n}(void *, uint32_t, uint64_t *, struct out *);" for n in names
            ),
            table=", ".join(names),
            size=ARM.size,
        )
        (folder / "main.c").write_text(text)
        command = "aarch64-linux-gnu-gcc -O1 -static -o fp main.c cases.o fp.o"
        subprocess.run(command.split(), cwd=folder, check=True, timeout=120)
        self.program = folder / "fp"

    def run(self, cases: list[fv.Case]) -> list[tuple[int, int]]:
        """(result, FPSCR after) of each case."""
        raw = b"".join(
            struct.pack("<II3Q", KEYS.index((name, width)), modes, *(*values, 0, 0)[:3])
            for name, width, modes, values in cases
        )
        command = ["qemu-aarch64", self.program]
        done = subprocess.run(command, input=raw, stdout=subprocess.PIPE, check=True, timeout=300)
        return list(struct.iter_unpack("<QI4x", done.stdout))


@pytest.fixture(scope="module")
def native():
    return Native()


@pytest.fixture(scope="module")
def emulated(tmp_path_factory):
    if missing := [t for t in Emulated.TOOLS if not shutil.which(t)]:
        pytest.skip(f"needs {', '.join(missing)}")
    return Emulated(tmp_path_factory.mktemp("aarch64"))


def cases_for(key: tuple[str, int], count: int = COUNT) -> list[fv.Case]:
    """Random operands; half of the cases in modes without FZ, where the host computes."""
    rng = random.Random(f"native {key}")
    modes = fv.MODES + [m for m in fv.MODES if not m & 1 << 24]
    if "f16" in key[0]:
        modes += [m | fv.AHP for m in modes]
    if key[1] == 16:
        modes += [m | fv.FZ16 for m in modes]
    return [(*key, rng.choice(modes), fv.operands(rng, *key)) for _ in range(count)]


def boundary_cases(key: tuple[str, int]) -> list[fv.Case]:
    """Products and quotients around the smallest normal number, where tininess is in doubt."""
    name, width = key
    f = width - 1 - fv.EXP[width]
    least, one = 1 << f, ((1 << (fv.EXP[width] - 1)) - 1) << f
    near = [least + d for d in range(-2, 3)] + [2 * least - 1, 2 * least, 2 * least + 1]
    factors = [one + d for d in range(-3, 4)] + [one - least, one - least + 1, one + least - 1]
    found: list[fv.Case] = []
    for modes in fv.MODES[::2]:
        for x in near:
            for y in factors:
                values = {"fma": (0, x, y)}.get(name, (x, y))
                found.append((name, width, modes, values))
                if name == "fma":
                    found += [(name, width, modes, (s, x, y)) for s in (1, 1 << (width - 1) | 1)]
    return found


def check(engine: Native | Emulated, cases: list[fv.Case]) -> None:
    for (name, width, modes, values), (value, after) in zip(cases, engine.run(cases), strict=True):
        expected, flags = run(name, width, modes, *values)
        assert (value, after) == (expected, modes | flags), (
            f"{name} {width} fpscr={modes:#x} {[hex(v) for v in values]}: {value:#x} fpscr "
            f"{after:#x}, reference {expected:#x} fpscr {modes | flags:#x}"
        )


def label(key: tuple[str, int]) -> str:
    return f"{key[0]}-{key[1]}"


@pytest.mark.parametrize("key", KEYS, ids=label)
def test_native(native, key):
    check(native, cases_for(key))


@pytest.mark.parametrize("key", KEYS, ids=label)
def test_aarch64(emulated, key):
    check(emulated, cases_for(key))


@pytest.mark.parametrize("width", [32, 64])
@pytest.mark.parametrize("name", ["mul", "div", "fma"])
def test_tininess(native, name, width):
    check(native, boundary_cases((name, width)))


@pytest.mark.skipif(HOST != "x86_64", reason="only x86-64 hosts may lack the instruction")
def test_without_host_fma(native):
    """The softfloat path of a CPU without FMA; its flags are kept elsewhere, but they are there."""
    native.put("host_fma", 1)
    check(native, cases_for(("fma", 64), 200))
    assert native.field("host_fma") == 1
    native.put("host_fma", 0)
    check(native, cases_for(("fma", 64), 200))
    assert native.field("host_fma") == 1 + host_has_fma()


def host_has_fma() -> bool:
    return " fma " in Path("/proc/cpuinfo").read_text().replace("\n", " ")


def test_tininess_of_narrowing(native):
    near = [(896 + 1 << 52) + d for d in range(-3, 4)]  # 2**-126 and its neighbours
    near += [(896 + 1 << 52) - (d << 27) + e for d in range(1, 9) for e in (-1, 0, 1)]
    check(native, [("to_f32", 64, m, (x,)) for m in fv.MODES for x in near])


def test_flags_accumulate(native):
    """Flags of several instructions join; the guest's own survive."""
    cpu, one = native.cpu, 0x3FF0000000000000
    given, out = (ctypes.c_uint64 * 3)(one, 0), (ctypes.c_uint64 * 2)()
    native.cases[KEYS.index(("div", 64))](cpu, 0x10, given, out)
    assert out[1] & 0xFFFFFFFF == 0x10 | 2


def test_host_program_keeps_its_own_state(native):
    """Rounding towards infinity in the guest changes nothing here, and the guest's state stays."""
    enter, leave, write = (native.functions[n] for n in ("enter_fpc", "leave_fpc", "write_fpscr"))
    enter(native.cpu)
    write(native.cpu, 1 << 22)
    leave(native.cpu)
    third = 1.0 / 3.0
    assert third.hex() == "0x1.5555555555555p-2"
    word = native.field("guest_fpc")
    assert word == fpscr.split(HOST, 1 << 22)[1]
    enter(native.cpu)
    leave(native.cpu)
    assert native.field("guest_fpc") == word


@pytest.mark.parametrize("host", ["x86_64", "aarch64"])
@pytest.mark.parametrize("value", [0, 0xFFC0009F, 1 << 22, 2 << 22, 3 << 22, 1 << 24, 0x1F])
def test_split_and_join(host, value):
    field, word, slow = fpscr.split(host, value)
    assert fpscr.join(host, field, word) == value
    assert slow == value >> 24 & 1


def test_no_library_calls():
    """Everything the code calls is in it."""
    for host in ("x86_64", "aarch64"):
        blob = link.link(objects(host), cpuid.STUBS[host])
        assert "soft_fma_64" in blob.symbols


@pytest.mark.parametrize("width", [32, 64])
@pytest.mark.parametrize("name", ["add", "mul", "cmp", "to_s32_z"])
def test_fast_path_is_taken(native, name, width):
    """Ordinary operands do not reach softfloat: flags stay in the control word."""
    value = {32: 0x3FC00001, 64: 0x3FF8000000000001}[width]  # a little above 1.5
    given, out = (ctypes.c_uint64 * 3)(value, value), (ctypes.c_uint64 * 2)()
    native.cases[KEYS.index((name, width))](native.cpu, 0, given, out)
    inexact = 0x10 if name in ("mul", "to_s32_z") else 0  # twice a number is exact
    assert out[1] & 0xFFFFFFFF == inexact
    assert native.field("fpscr") == 0
