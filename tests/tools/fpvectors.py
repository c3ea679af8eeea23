"""Floating-point test cases: awkward operands, and qemu-arm as an oracle for single instructions.

The oracle is one small ARM program. It reads records (operation, FPSCR, three operands) and
answers with the result and FPSCR after the instruction, hundreds of thousands a second.
"""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from pathlib import Path

EXP = {16: 5, 32: 8, 64: 11}
FLAGS = 0x9F
MODES = [r << 22 | fz << 24 | dn << 25 for r in range(4) for fz in range(2) for dn in range(2)]
AHP = 1 << 26
FZ16 = 1 << 19

_X = {16: ("s0", "s2", "s4"), 32: ("s0", "s2", "s4"), 64: ("d0", "d1", "d2")}


def special(width: int) -> list[int]:
    """Both signs of every corner of a format."""
    e = EXP[width]
    f = width - 1 - e
    inf, quiet = ((1 << e) - 1) << f, 1 << (f - 1)
    bias = (1 << (e - 1)) - 1
    one = bias << f
    found = [0, 1, 2, 3, (1 << f) - 1, (1 << f) - 2, quiet, 1 << f, (1 << f) + 1, 2 << f]
    found += [inf - 1, inf - 2, inf, inf + 1, inf + quiet, inf + quiet + 5, inf + (1 << f) - 1]
    found += [one, one + 1, one - 1, one + quiet, one + (1 << f), one + (3 << (f - 1))]
    for k in (15, 16, 30, 31, 32, 33, 63, 64):  # around integer limits
        if k <= bias:
            found += [(bias + k << f) + d for d in (-2, -1, 0, 1, 2)]
    found += [(bias - k << f) + d for k in (1, 2, f, f + 1) if k < bias for d in (0, 1)]
    return found + [v | 1 << (width - 1) for v in found]


def random_float(rng: random.Random, width: int, near: int | None = None) -> int:
    """A random operand: a corner, raw bits, few significant bits, or close to `near`."""
    kind = rng.randrange(6)
    e = EXP[width]
    f = width - 1 - e
    if kind == 0:
        return rng.choice(special(width))
    if kind == 1:
        return rng.getrandbits(width)
    if kind == 2 and near is not None:  # similar magnitude: cancellation and ties
        shift = rng.randrange(-f - 3, f + 4) << f
        return (near + shift + rng.randrange(-3, 4)) & ((1 << width) - 1)
    if kind == 3:  # near the ends of the exponent range
        low = rng.choice([0, 1, 2, f, (1 << e) - 2, (1 << e) - 3, (1 << e - 1) - 1, (1 << e - 2)])
        return rng.getrandbits(1) << (width - 1) | low << f | rng.getrandbits(f)
    bits = rng.getrandbits(rng.randrange(1, 9)) << rng.randrange(f - 8)
    bits ^= rng.choice([0, 0, (1 << f) - 1])
    return rng.getrandbits(1) << (width - 1) | rng.randrange(1 << e) << f | bits & ((1 << f) - 1)


def operands(rng: random.Random, name: str, width: int) -> tuple[int, ...]:
    """Random operands of one operation; fixed-point ones end with the fraction bits."""
    if name.startswith("from_fixed"):
        n = int(name[-2:])
        return random_int(rng, n), rng.randrange(1, n + 1)
    if name.startswith("to_fixed"):
        return random_float(rng, width), rng.randrange(1, int(name[-2:]) + 1)
    if name == "from_f16":
        return (random_float(rng, 16),)
    if name.startswith("from_"):
        return (random_int(rng, 32),)
    a = random_float(rng, width)
    if name.startswith(("to_", "round_")) or name == "sqrt":
        return (a,)
    if name == "fma":
        b, c = random_float(rng, width), random_float(rng, width)
        return (_near_product(rng, width, b, c) if rng.randrange(2) else a), b, c
    return a, random_float(rng, width, a)


def _near_product(rng: random.Random, width: int, a: int, b: int) -> int:
    """Something like -(a * b), so that a fused sum cancels."""
    e = EXP[width]
    f = width - 1 - e
    mask = (1 << e) - 1
    exp = (a >> f & mask) + (b >> f & mask) - (mask >> 1) + rng.randrange(-2, 3)
    frac = (1 << f | a & ((1 << f) - 1)) * (1 << f | b & ((1 << f) - 1)) >> f
    sign = ~(a ^ b) >> (width - 1) & 1
    frac = (frac + rng.randrange(-1, 2)) & ((1 << f) - 1)
    return sign << (width - 1) | min(max(exp, 0), mask) << f | frac


def random_int(rng: random.Random, width: int) -> int:
    """A random integer of any magnitude."""
    v = rng.getrandbits(rng.randrange(1, width + 1))
    return (v if rng.randrange(2) else -v) & ((1 << width) - 1)


def instruction(name: str, width: int, fraction: int = 0) -> str:
    """The instruction that performs an operation of `spec.softfloat` on the first registers."""
    x, y, z = _X[width]
    t = f"f{width}"
    if name in ("add", "sub", "mul", "div"):
        return f"v{name}.{t} {x}, {x}, {y}"
    if name == "fma":
        return f"vfma.{t} {x}, {y}, {z}"
    if name in ("cmp", "cmpe"):
        return f"v{name}.{t} {x}, {y}"
    if name in ("maxnm", "minnm"):
        return f"v{name}.{t} {x}, {x}, {y}"
    if name.startswith("round_"):
        return f"vrint{name[-1]}.{t} {x}, {x}"
    if name == "sqrt":
        return f"vsqrt.{t} {x}, {x}"
    direction, _, rest = name.partition("_")
    if rest.startswith("fixed_"):
        other = rest[6:]
        if width == 16:  # the GNU assembler has no such thing
            n = int(other[1:]) - fraction
            bits = (direction == "to") << 18 | (other[0] == "u") << 16 | (other[1:] == "32") << 7
            return f".inst {0xEEBA0940 | bits | (n & 1) << 5 | n >> 1:#x}"
        types = f"{other}.{t}" if direction == "to" else f"{t}.{other}"
        return f"vcvt.{types} {x}, {x}, #{fraction}"
    if rest == "f16":
        types = f"f16.{t} s0, {x}" if direction == "to" else f"{t}.f16 {x}, s0"
        return f"vcvtb.{types}"
    if rest in ("f32", "f64"):
        return f"vcvt.{rest}.{t} {_X[int(rest[1:])][0]}, {x}"
    if direction == "from":
        return f"vcvt.{t}.{rest} {x}, s0"
    if direction == "to" and rest[1:3] == "16":
        return f"vcvt{rest[-1]}.{rest[:3]}.f16 d0, d0"  # one of vectors only
    if rest[-2:] in ("_a", "_n", "_p", "_m"):
        return f"vcvt{rest[-1]}.{rest[:3]}.{t} s0, {x}"
    return f"vcvt.{rest[:3]}.{t} s0, {x}" if rest.endswith("_z") else f"vcvtr.{rest}.{t} s0, {x}"


_C = """
#include <stdint.h>
#include <stdio.h>
struct in {{ uint32_t op, fpscr; uint64_t v[3]; }};
struct out {{ uint64_t v; uint32_t fpscr, pad; }};
#define OP(n, insn) static void f##n(uint64_t *v, uint32_t *s) {{ asm volatile( \\
  ".arch armv8.2-a\\n.fpu neon-fp-armv8\\n.arch_extension fp16\\n" \\
  "vldr d0, [%0]\\nvldr d1, [%0, #8]\\nvldr d2, [%0, #16]\\nldr r3, [%1]\\nvmsr fpscr, r3\\n" \\
  insn "\\nvmrs r3, fpscr\\nstr r3, [%1]\\nvstr d0, [%0]\\nmov r3, #0\\nvmsr fpscr, r3" \\
  :: "r"(v), "r"(s) : "r3", "d0", "d1", "d2", "memory"); }}
{functions}
static void (*const table[])(uint64_t *, uint32_t *) = {{ {table} }};
static struct in in[4096];
static struct out out[4096];
int main(void) {{
  size_t n;
  while ((n = fread(in, sizeof *in, 4096, stdin)) > 0) {{
    for (size_t i = 0; i < n; i++) {{
      table[in[i].op](in[i].v, &in[i].fpscr);
      out[i].v = in[i].v[0];
      out[i].fpscr = in[i].fpscr;
    }}
    fwrite(out, sizeof *out, n, stdout);
  }}
  return 0;
}}
"""

Case = tuple[str, int, int, tuple[int, ...]]  # name, width, FPSCR, operands


class Oracle:
    """The compiled program. Raises FileNotFoundError where a tool is missing (see `missing`)."""

    def __init__(self, folder: Path, keys: list[tuple[str, int]]) -> None:
        self.index: dict[tuple[str, int, int], int] = {}
        functions = []
        for name, width in keys:
            fractions = range(1, int(name[-2:]) + 1) if "_fixed_" in name else [0]
            for fraction in fractions:
                n = self.index[name, width, fraction] = len(self.index)
                functions.append(f'OP({n}, "{instruction(name, width, fraction)}")')
        table = ", ".join(f"f{n}" for n in range(len(functions)))
        source = folder / "fporacle.c"
        source.write_text(_C.format(functions="\n".join(functions), table=table))
        self.program = folder / "fporacle"
        command = "arm-linux-gnueabihf-gcc -O1 -static -marm -o"
        subprocess.run([*command.split(), self.program, source], check=True, timeout=120)

    @staticmethod
    def missing() -> list[str]:
        """The tools that are not installed."""
        return [t for t in ("arm-linux-gnueabihf-gcc", "qemu-arm") if not shutil.which(t)]

    def run(self, cases: list[Case], results: dict[tuple[str, int], int]) -> list[tuple[int, int]]:
        """(result, flags) of each case; `results` gives the width of each operation's result."""
        raw = bytearray()
        for name, width, fpscr, values in cases:
            fixed = "_fixed_" in name
            op = self.index[name, width, values[-1] if fixed else 0]
            values = (values[:-1] if fixed else values) + (0, 0)
            raw += struct.pack("<II3Q", op, fpscr, *values[:3])
        done = subprocess.run(
            ["qemu-arm", "-cpu", "max", self.program],
            input=bytes(raw),
            stdout=subprocess.PIPE,
            check=True,
            timeout=300,
        )
        found = []
        answers = struct.iter_unpack("<QI4x", done.stdout)
        for case, (value, fpscr) in zip(cases, answers, strict=True):
            key = case[0], case[1]
            if case[0] in ("cmp", "cmpe"):
                value = fpscr >> 28
            found.append((value & ((1 << results[key]) - 1), fpscr & FLAGS))
        return found
