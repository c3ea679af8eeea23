"""Advanced SIMD element and structure loads and stores. Source: DDI 0406C A7.7, A8.8.320-331.

A32 has 11110100 on top, T32 11111001; the rest is the same. The address must be a multiple of what
`align` says; without, any will do. `rm` = 15 is no write-back, 13 adds the size of the transfer.
Registers past d31, which are UNPREDICTABLE, are taken modulo 32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from run32.isa.arm.core import ARM
from run32.isa.arm.simd import doubleword, element, set_element
from run32.spec.bits import Bits, cat, select
from run32.spec.rows import Encoding, Fields, Form, Operands, Template, direct
from run32.spec.vector import Vec, splat

MULTIPLE = direct(
    "simd_multiple", static="count size step twice", regs="vd rn", small="xm skip", imm="mask"
)
LANE = direct("simd_lane", static="count size step", regs="first rn", small="xm skip", imm="mask")
ALL = direct("simd_all", static="count size step", regs="vd rn", small="xm skip", imm="mask")


def _both(text: str, form_: Form, **bind: Any) -> list[Encoding]:
    """A32 and T32 encodings of the lower 24 bits."""
    bind = {"xm": lambda f: f.xm, **bind}
    return [
        *Template("a32", "1111 0100 " + text, form_, skip=1, **bind)(),
        *Template("t32", "1111 1001 " + text, form_, skip=2, **bind)(),
    ]


def _number(base: Bits, index: int) -> Bits:
    """Register `base + index`."""
    return base + index & 31 if index else base


def _finish(m: Any, o: Operands, base: Bits, size: int) -> None:
    """Write back."""
    if o.xm.is_const and o.xm.value == 15:
        return
    step = select(o.xm.eq(13), Bits(32, size), m.reg(o.xm))
    m.set_reg(o.rn, base + select(o.xm.eq(15), Bits(32, 0), step))


def _start(m: Any, o: Operands) -> Bits:
    """The address, if it is as aligned as the instruction says."""
    base: Bits = m.reg(o.rn)
    m.require_aligned(base, o.mask + 1)
    return base


# -- several structures ---------------------------------------------------------------------------
def _mask(f: Fields) -> Bits:
    """Binding: 0, or 7, 15 or 31 for an alignment of 8, 16 or 32 bytes."""
    return select(f.align.eq(0), Bits(32, 0), (Bits(32, 4) << f.align.zext(32)) - 1)


# fmt: off
_TYPES = {  # count: (type, registers' distance, whether each vector is two registers, align)
    1: [("0111", 1, 0, "0x"), ("1010", 2, 0, "not 11"), ("0110", 3, 0, "0x"), ("0010", 4, 0, "")],
    2: [("1000", 1, 0, "not 11"), ("1001", 2, 0, "not 11"), ("0011", 2, 1, "")],
    3: [("0100", 1, 0, "0x"), ("0101", 2, 0, "0x")],
    4: [("0000", 1, 0, ""), ("0001", 2, 0, "")],
}
_ALIGN = {"0x": ("0 align:1",), "not 11": ("0 align:1", "10"), "": ("align:2",)}
# fmt: on


def _multiple(count: int, load: int) -> list[Encoding]:
    """Structures of `count` elements; those of one element may fill up to four registers."""
    found = []
    for kind, step, twice, rule in _TYPES[count]:
        for size in ("size:2",) if count == 1 else ("00", "01", "10"):
            for align in _ALIGN[rule]:
                text = f"0 d:1 {load} 0 rn:4 vd:4 {kind} {size} {align} xm:4"
                # elements need no order where structures have one
                fixed: dict[str, Any] = {"size": 3 if count == 1 else int(size, 2)}
                if align == "10":
                    fixed["mask"] = 15
                found += _both(
                    text.replace("size:2", "any:2"),
                    MULTIPLE,
                    count=count,
                    step=step,
                    twice=twice,
                    vd=doubleword("vd"),
                    **{"mask": _mask, **fixed},
                )
    return found


def _registers(o: Operands) -> list[list[int]]:
    """The registers of each vector that elements are dealt to, as distances from the first."""
    if o.count == 1:
        return [list(range(o.step))]
    if o.twice:
        return [[s * o.step, s * o.step + 1] for s in range(o.count)]
    return [[s * o.step] for s in range(o.count)]


def _load_multiple(m: Any, o: Operands) -> None:
    base = _start(m, o)
    groups = _registers(o)
    whole = Vec(m.load(base, 64 * sum(map(len, groups))), 8 << o.size)
    for s, group in enumerate(groups):
        vector = whole.shuffle(range(s, whole.count, len(groups))) if len(groups) > 1 else whole
        words = vector.cast(64)
        for i, register in enumerate(group):
            m.set_dreg(_number(o.vd, register), words.part(i, 1).bits)
    _finish(m, o, base, whole.bits.width // 8)


def _store_multiple(m: Any, o: Operands) -> None:
    base = _start(m, o)
    groups = _registers(o)
    words = [Vec(m.dreg(_number(o.vd, r)), 64) for group in groups for r in group]
    whole = join(words).cast(8 << o.size)
    each = whole.count // len(groups)
    if len(groups) > 1:
        order = [s * each + i for i in range(each) for s in range(len(groups))]
        whole = whole.shuffle(order)
    m.store(base, whole.bits)
    _finish(m, o, base, whole.bits.width // 8)


def join(words: list[Vec]) -> Vec:
    """One to four doublewords as one vector."""
    if len(words) == 1:
        return words[0]
    low = words[0].join(words[1])
    if len(words) == 2:
        return low
    high = words[2].join(words[3] if len(words) == 4 else words[2])
    return low.join(high).part(0, len(words))


# -- one structure to one lane --------------------------------------------------------------------
def _one_lane(count: int, load: int) -> list[Encoding]:
    """`index_align` (bits 7:4) by size: where the index is, the spacing and the alignment."""
    # fmt: off
    table: dict[int, list[tuple[int, str, int, int]]] = {
        1: [(0, "index:3 0", 1, 0),
            (1, "index:2 0 0", 1, 0), (1, "index:2 0 1", 1, 1),
            (2, "index:1 0 00", 1, 0), (2, "index:1 0 11", 1, 3)],
        2: [(0, "index:3 {a}", 1, 1), (1, "index:2 0 {a}", 1, 3), (1, "index:2 1 {a}", 2, 3),
            (2, "index:1 0 0 {a}", 1, 7), (2, "index:1 1 0 {a}", 2, 7)],
        3: [(0, "index:3 0", 1, 0), (1, "index:2 0 0", 1, 0), (1, "index:2 1 0", 2, 0),
            (2, "index:1 0 00", 1, 0), (2, "index:1 1 00", 2, 0)],
        4: [(0, "index:3 {a}", 1, 3), (1, "index:2 0 {a}", 1, 7), (1, "index:2 1 {a}", 2, 7),
            (2, "index:1 0 00", 1, 0), (2, "index:1 0 01", 1, 7), (2, "index:1 0 10", 1, 15),
            (2, "index:1 1 00", 2, 0), (2, "index:1 1 01", 2, 7), (2, "index:1 1 10", 2, 15)],
    }
    # fmt: on
    found = []
    for size, places, step, mask in table[count]:
        for a in "01" if "{a}" in places else "-":
            where = places.replace("{a}", a)
            text = f"1 d:1 {load} 0 rn:4 vd:4 {size:02b} {count - 1:02b} {where} xm:4"

            def first(f: Fields) -> Bits:
                return cat(f.d, f.vd, f.index)

            wanted = 0 if a == "0" else mask
            found += _both(text, LANE, size=size, count=count, step=step, mask=wanted, first=first)
    return found


def _elements(o: Operands) -> list[Bits]:
    """The numbers of the elements in the register file."""
    per, last = 8 >> o.size, (256 >> o.size) - 1
    found = [o.first]
    for i in range(1, o.count):
        next_ = o.first.zext(32) + i * o.step * per & last
        found.append(next_.trunc(8))
    return found


def _load_lane(m: Any, o: Operands) -> None:
    base = _start(m, o)
    size = 1 << o.size
    values = [m.load(base + i * size, 8 * size) for i in range(o.count)]
    for number, value in zip(_elements(o), values, strict=True):
        set_element(m, number, value)
    _finish(m, o, base, size * o.count)


def _store_lane(m: Any, o: Operands) -> None:
    base = _start(m, o)
    size = 1 << o.size
    for i, number in enumerate(_elements(o)):
        m.store(base + i * size, element(m, number, 8 * size))
    _finish(m, o, base, size * o.count)


# -- one structure to all lanes -------------------------------------------------------------------
def _all_lanes(count: int) -> list[Encoding]:
    found = []
    for size in range(3):
        align = {1: (1 << size) - 1, 2: (2 << size) - 1, 3: 0, 4: (4 << size) - 1}[count]
        cases = [(f"{size:02b}", "0", 0)]
        if align:
            cases.append((f"{size:02b}", "1", align))
        if count == 4 and size == 2:
            cases[1] = ("10", "1", 7)
            cases.append(("11", "1", 15))
        for bits, a, mask in cases:
            for t in (0, 1):
                text = f"1 d:1 10 rn:4 vd:4 11 {count - 1:02b} {bits} {t} {a} xm:4"
                found += _both(
                    text, ALL, count=count, size=size, step=t + 1, mask=mask, vd=doubleword("vd")
                )
    return found


def _load_all(m: Any, o: Operands) -> None:
    base = _start(m, o)
    size = 1 << o.size
    values = [m.load(base + i * size, 8 * size) for i in range(o.count)]
    for i, value in enumerate(values):
        whole = splat(value, 8 // size).bits
        m.set_dreg(_number(o.vd, i * o.step), whole)
        if o.count == 1 and o.step == 2:
            m.set_dreg(_number(o.vd, 1), whole)
    _finish(m, o, base, size * o.count)


# -- rows -----------------------------------------------------------------------------------------
_STRUCTURES = ("elements", "pairs", "triples", "quadruples")
_LOADS, _STORES = (320, 323, 326, 329), (404, 406, 408, 410)


def _row(
    name: str,
    doc: str,
    section: int,
    encodings: list[Encoding],
    run: Callable[[Any, Operands], None],
) -> None:
    def sem(m: Any, o: Operands) -> None:
        run(m, o)

    sem.__name__ = name
    sem.__doc__ = doc
    ARM.insn(encodings, ref=f"DDI 0406C A8.8.{section}")(sem)


for _n, (_what, _load, _store) in enumerate(zip(_STRUCTURES, _LOADS, _STORES, strict=True), 1):
    _row(
        f"vld{_n}",
        f"Registers = {_what} from memory, dealt to as many vectors.",
        _load,
        _multiple(_n, 1),
        _load_multiple,
    )
    _row(
        f"vst{_n}",
        f"Memory = {_what} from as many vectors.",
        _store,
        _multiple(_n, 0),
        _store_multiple,
    )
    _row(
        f"vld{_n}_lane",
        f"One lane = one of {_what} in memory.",
        _load + 1,
        _one_lane(_n, 1),
        _load_lane,
    )
    _row(
        f"vst{_n}_lane",
        f"One of {_what} in memory = one lane.",
        _store + 1,
        _one_lane(_n, 0),
        _store_lane,
    )
    _row(
        f"vld{_n}_all",
        f"All lanes = one of {_what} in memory.",
        _load + 2,
        _all_lanes(_n),
        _load_all,
    )
