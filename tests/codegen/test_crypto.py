"""Ciphers, hashes and check sums: the host's instructions and the generic code, on both hosts.

The code for AArch64 runs in a program under qemu-aarch64 where the tools for that are installed.
"""

from __future__ import annotations

import platform
import shutil
import struct
import subprocess
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("llvmlite")

from run32.codegen import crypto, interp, llvm  # noqa: E402
from run32.codegen.ir import Function, Module  # noqa: E402
from run32.codegen.packed import Packed  # noqa: E402
from run32.spec.bits import Bits  # noqa: E402
from run32.spec.crypto import OPERATIONS  # noqa: E402
from run32.spec.state import ARM  # noqa: E402

TOOLS = {"x86_64": ("gcc",), "aarch64": ("aarch64-linux-gnu-gcc", "qemu-aarch64")}
HOST = platform.machine()
ALL = {host: frozenset(found) for host, found in crypto.FEATURES.items()}
ALL[HOST] &= {f[1:] for f in llvm.host_features().split(",") if f[:1] == "+"}
_C = """
#include <stdint.h>
#include <stdio.h>
#include <string.h>
struct in {{ uint64_t op, v[6]; }};
{declarations}
static void (*const table[])(void *, uint64_t *, uint64_t *) = {{ {table} }};
static uint32_t cpu[{size}] __attribute__((aligned(64)));
#ifdef __aarch64__
__asm__(".globl host_isar0\\nhost_isar0: mrs x0, ID_AA64ISAR0_EL1\\nret");
#else
#include <cpuid.h>
void host_cpuid(uint32_t leaf, uint32_t sub, uint32_t *out) {{
  __cpuid_count(leaf, sub, out[0], out[1], out[2], out[3]);
}}
#endif
int main(int argc, char **argv) {{
  struct in in;
  uint64_t out[2];
  cpu[{field}] = argc > 1;
  while (fread(&in, sizeof in, 1, stdin) == 1) {{
    memset(out, 0, sizeof out);
    table[in.op](cpu, in.v, out);
    fwrite(out, sizeof out, 1, stdout);
  }}
  return cpu[{field}] == 1 ? 3 : 0;
}}
"""


def objects(host: str, inline: bool) -> tuple[bytes, bytes]:
    """The functions of `crypto`, and every operation in a function case(cpu, operands, out)."""
    functions = Module(host)
    cases = Module(host, features=ALL[host] if inline else frozenset())
    crypto.emit_functions(functions)
    for number, op in enumerate(OPERATIONS.values()):
        f = Function(cases, f"case{number}", "ptr %cpu, ptr %in, ptr %out")
        given: list[Bits] = []
        for i, width in enumerate(op.operands):
            at = f.address("%in", 16 * i)
            given.append(f.load(width, at, align=8))
        value = crypto.emit(f, op.name, *given)
        assert isinstance(value, Packed) == (op.result == 128)
        f.store(value, "%out", align=8)
        f.line("ret void")
        f.finish()
    found = []
    for module in (functions, cases):
        module.add(interp.METADATA)
        features = "+" + ",+".join(sorted(ALL[host])) if inline else ""
        found.append(llvm.compile_object(module.text(), host, features=features))
    return found[0], found[1]


@pytest.mark.parametrize("how", ["inline", "called", "generic"])
@pytest.mark.parametrize("host", ["x86_64", "aarch64"])
def test_agrees_with_the_reference(host: str, how: str, tmp_path: Path) -> None:
    if host == "x86_64" != HOST:
        pytest.skip("nothing runs programs for x86-64 here")
    if missing := [t for t in TOOLS[host] if not shutil.which(t)]:
        pytest.skip(f"needs {', '.join(missing)}")
    for name, data in zip(("crypto.o", "cases.o"), objects(host, how == "inline"), strict=True):
        (tmp_path / name).write_bytes(data)
    names = [f"case{n}" for n in range(len(OPERATIONS))]
    text = _C.format(
        declarations="\n".join(f"void {n}(void *, uint64_t *, uint64_t *);" for n in names),
        table=", ".join(names),
        size=ARM.size // 4,
        field=ARM["host_crypto"].offset // 4,
    )
    (tmp_path / "main.c").write_text(text)
    compiler = TOOLS[host][0]
    command = [compiler, "-O1", "-static", "-o", "program", "main.c", "cases.o", "crypto.o"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    rng = Random(host + how)
    raw, expected = b"", []
    for number, op in enumerate(OPERATIONS.values()):
        for _ in range(3 if op.name in ("aese", "aesd", "aesemc", "aesdimc") else 20):
            values = [rng.getrandbits(w) for w in op.operands]
            expected.append((op.name, op.run(*map(Bits, op.operands, values)).value))
            words = [w for v in values for w in (v & (1 << 64) - 1, v >> 64)]
            raw += struct.pack("<7Q", number, *words, *[0] * (6 - len(words)))
    program = [str(tmp_path / "program")]
    command = [*TOOLS[host][1:], *program, *(["generic"] if how == "generic" else [])]
    done = subprocess.run(command, input=raw, stdout=subprocess.PIPE, timeout=300)
    assert done.returncode == (3 if how == "generic" or how == "called" and not ALL[host] else 0)
    found = struct.iter_unpack("<2Q", done.stdout)
    for (name, value), (low, high) in zip(expected, found, strict=True):
        assert high << 64 | low == value, name
