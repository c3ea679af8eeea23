"""Advanced SIMD permutations, tables, duplication and transfers of scalars.

Source: DDI 0406C A7.4 (table A7-8), A7.4.5, A7.8. A scalar is numbered through the whole register
file, in units of its own width.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import Lanes, element, read, set_element, simd, two, write
from run32.isa.arm.vfp import both_sets
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, Form, Operands, Semantic, direct, form
from run32.spec.vector import Vec, pick, splat

TABLE = direct("simd_table", static="count keep", regs="vd vn vm", small="skip")
DUP = direct("simd_dup", static="q size", regs="vd vm", small="skip")
DUP_CORE = direct("simd_dup_core", static="q size", regs="vd rt")
FROM_CORE = direct("core_to_element", static="size", regs="vn rt")
TO_CORE = direct("element_to_core", static="size u", regs="rt vn", writes="rt")


# -- one result -----------------------------------------------------------------------------------
def _reverse(size: int, op: str) -> list[Encoding]:
    """Elements of 8 << size bits and smaller ones, in reverse."""
    return two("size:2", "00" + op, sizes="0123"[: size + 1], u=0)


def reversed_in(a: Vec, group: int) -> Vec:
    """The lanes of each `group` bits in reverse order."""
    n = group // a.lane
    return a.shuffle([i // n * n + n - 1 - i % n for i in range(a.count)])


@ARM.insn(_reverse(2, "0000"), ref="DDI 0406C A8.8.386")
def vrev64(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm with the elements of each doubleword reversed."""
    return reversed_in(a, 64)


@ARM.insn(_reverse(1, "0001"), ref="DDI 0406C A8.8.386")
def vrev32(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm with the elements of each word reversed."""
    return reversed_in(a, 32)


@ARM.insn(_reverse(0, "0010"), ref="DDI 0406C A8.8.386")
def vrev16(t: Lanes, d: Vec, a: Vec) -> Vec:
    """vd = vm with the bytes of each halfword reversed."""
    return reversed_in(a, 16)


@form(static="q", regs="vd vn vm", small="skip", imm="first")
def simd_extract(m: Any, o: Operands, sem: Semantic) -> None:
    """vd = bytes of vm:vn from byte `first` on."""
    low, high = (read(m, o.q, n, 64) for n in (o.vn, o.vm))
    write(m, o.q, o.vd, sem(low, high, o.first))


@ARM.insn(
    simd("0 1 d:1 11 Vn Vd 0 low:3 n:1 Q m:1 0 Vm", simd_extract, q="0", first=lambda f: f.low),
    simd("0 1 d:1 11 Vn Vd low:4 n:1 Q m:1 0 Vm", simd_extract, q="1", first=lambda f: f.low),
    ref="DDI 0406C A8.8.316",
)
def vext(low: Vec, high: Vec, first: Bits) -> Vec:
    """vd = bytes of vm:vn from a byte on."""
    if first.is_const:
        count = low.bits.width // 8
        n = first.value
        return low.cast(8).shuffle(range(n, n + count), high.cast(8))
    words = [x.get(i) for x in (low, high) for i in range(low.count)]
    inside = (first.zext(64) & 7) << 3
    moved = [
        x >> inside | (y << 1) << (inside ^ 63)
        for x, y in zip(words, [*words[1:], Bits(64, 0)], strict=True)
    ]
    if low.count == 1:
        return _pair(moved[:1])
    upper = first.uge(8)
    return _pair([select(upper, moved[i + 1], moved[i]) for i in range(2)])


def _pair(words: list[Bits]) -> Vec:
    """Doublewords as a vector."""
    result = splat(words[0], len(words))
    for i, word in enumerate(words[1:], 1):
        result = result.set(Bits(32, i), word)
    return result


# -- two results ----------------------------------------------------------------------------------
@form(static="q size", regs="vd vm", small="skip")
def simd_exchange(m: Any, o: Operands, sem: Semantic) -> None:
    """vd, vm = sem(vd, vm); where both are one register vm's result stays."""
    a, b = (read(m, o.q, n, 8 << o.size) for n in (o.vd, o.vm))
    first, second = sem(a, b)
    write(m, o.q, o.vd, first)
    write(m, o.q, o.vm, second)


def _exchange(op: str, sizes: str, quad_sizes: str = "") -> list[Encoding]:
    text = f"1 1 d:1 11 size:2 10 Vd 0 {op} Q m:1 0 Vm"
    return simd(text, simd_exchange, sizes=sizes, q="0") + simd(
        text, simd_exchange, sizes=quad_sizes or sizes, q="1"
    )


@ARM.insn(_exchange("0000", "0"), ref="DDI 0406C A8.8.418")
def vswp(a: Vec, b: Vec) -> tuple[Vec, Vec]:
    """vd and vm change places."""
    return b, a


@ARM.insn(_exchange("0001", "012"), ref="DDI 0406C A8.8.420")
def vtrn(a: Vec, b: Vec) -> tuple[Vec, Vec]:
    """vd and vm as 2 x 2 matrices of elements, transposed."""
    n = a.count
    even = [i // 2 * 2 + n * (i % 2) for i in range(n)]
    return a.shuffle(even, b), a.shuffle([i + 1 for i in even], b)


@ARM.insn(_exchange("0010", "01", "012"), ref="DDI 0406C A8.8.422")
def vuzp(a: Vec, b: Vec) -> tuple[Vec, Vec]:
    """vd = the even elements of vm:vd, vm = the odd ones."""
    return a.evens(b), a.evens(b, 1)


@ARM.insn(_exchange("0011", "01", "012"), ref="DDI 0406C A8.8.423")
def vzip(a: Vec, b: Vec) -> tuple[Vec, Vec]:
    """vm:vd = the elements of both in turn."""
    n = a.count
    order = [i // 2 + n * (i % 2) for i in range(2 * n)]
    return a.shuffle(order[:n], b), a.shuffle(order[n:], b)


# -- tables ---------------------------------------------------------------------------------------
def _table(keep: int) -> list[Encoding]:
    found = []
    for count in range(1, 5):
        text = f"1 1 d:1 11 Dn Dd 10 {count - 1:02b} n:1 {keep} m:1 0 Dm"
        found += simd(text, TABLE, count=count, keep=keep)
    return found


def look_up(m: Any, o: Operands) -> None:
    """Bytes of a table by index; where it is too large, 0 or the old byte."""
    indexes, old = read(m, 0, o.vm, 8), read(m, 0, o.vd, 8)
    registers = [read(m, 0, o.vn + i & 31, 8) for i in range(o.count)]
    if o.count == 3:
        registers.append(registers[0].like(0))
    while len(registers) > 1:
        registers = [a.join(b) for a, b in zip(registers[::2], registers[1::2], strict=True)]
    table = registers[0]
    result = indexes
    for i in range(8):
        index = indexes.get(i).zext(32)
        result = result.set(Bits(32, i), table.get(index & table.count - 1))
    inside = indexes.like(8 * o.count).gt(indexes, 0)
    write(m, 0, o.vd, pick(inside, result, old if o.keep else old.like(0)))


@ARM.insn(_table(0), ref="DDI 0406C A8.8.419")
def vtbl(m: Any, o: Operands) -> None:
    """vd = bytes of a table of one to four registers, by the indexes in vm; others are 0."""
    look_up(m, o)


@ARM.insn(_table(1), ref="DDI 0406C A8.8.419")
def vtbx(m: Any, o: Operands) -> None:
    """vd = bytes of a table of one to four registers, by the indexes in vm; others stay."""
    look_up(m, o)


# -- scalars --------------------------------------------------------------------------------------
def _scalar(f: Fields) -> Bits:
    """Binding: the number of the scalar."""
    return cat(f.m, f.vm, f.index)


def _dup() -> list[Encoding]:
    found = []
    for size, imm4 in enumerate(("index:3 1", "index:2 10", "index:1 100")):
        text = f"1 1 d:1 11 {imm4} Vd 1100 0 Q m:1 0 vm:4"
        found += simd(text, DUP, size=size, vm=_scalar)
    return found


@ARM.insn(_dup(), ref="DDI 0406C A8.8.313")
def vdup_scalar(m: Any, o: Operands) -> None:
    """vd = a scalar in every element."""
    lane = 8 << o.size
    write(m, o.q, o.vd, splat(element(m, o.vm, lane), (128 if o.q else 64) // lane))


def _dup_core() -> list[Encoding]:
    found = []
    for size, b, e in ((2, 0, 0), (1, 0, 1), (0, 1, 0)):
        for q, vd in ((0, "vd:4"), (1, "vd:3 0")):
            number = (lambda f: cat(f.d, f.vd, Bits(1, 0))) if q else (lambda f: cat(f.d, f.vd))
            text = f"1110 1 {b} {q} 0 {vd} rt:4 1011 d:1 0 {e} 1 0000"
            found += both_sets(text, DUP_CORE, q=q, size=size, vd=number)
    return found


@ARM.insn(_dup_core(), ref="DDI 0406C A8.8.314")
def vdup_core(m: Any, o: Operands) -> None:
    """vd = the low part of rt in every element."""
    lane = 8 << o.size
    write(m, o.q, o.vd, splat(m.reg(o.rt).trunc(lane), (128 if o.q else 64) // lane))


def _number(f: Fields) -> Bits:
    """Binding: a byte or a halfword of a doubleword register."""
    return cat(f.n, f.vn, f.x, f.y)


def _element(load: int, form_: Form) -> list[Encoding]:
    """Bytes and halfwords; words are VFP instructions."""
    found = []
    for u in (0, 1) if load else (0,):
        for size, opc1, opc2 in ((0, "1 x:1", "y:2"), (1, "0 x:1", "y:1 1")):
            text = f"1110 {u} {opc1} {load} vn:4 rt:4 1011 n:1 {opc2} 1 0000"
            extra = {"u": u} if load else {}
            found += both_sets(text, form_, size=size, vn=_number, **extra)
    return found


@ARM.insn(_element(0, FROM_CORE), ref="DDI 0406C A8.8.341")
def vmov_element_from_core(m: Any, o: Operands) -> None:
    """A byte or halfword of a register = the low part of rt."""
    set_element(m, o.vn, m.reg(o.rt).trunc(8 << o.size))


@ARM.insn(_element(1, TO_CORE), ref="DDI 0406C A8.8.342")
def vmov_element_to_core(m: Any, o: Operands) -> None:
    """rt = a byte or halfword of a register, extended."""
    value = element(m, o.vn, 8 << o.size)
    m.set_reg(o.rt, value.zext(32) if o.u else value.sext(32))
