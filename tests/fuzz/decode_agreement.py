"""Which instruction words exist: random words of the integer space, ours against Unicorn's decoder.

Every word that only one side accepts needs a reason in `REASONS`. Run as a program to see how often
each reason applied:  python tests/fuzz/decode_agreement.py [WORDS] [SEED]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "isa"))

from oracle import DATA, DATA_SIZE, HERE, Cpu, Reference, UnicornEngine

from run32.isa.arm.all import ARM
from run32.spec.bits import Bits
from run32.spec.rows import Encoding, Fields


class Case(NamedTuple):
    """A word on which the two disagree; `ours` says that only we accept it."""

    set: str
    word: int
    ours: bool

    @property
    def encoding(self) -> Encoding | None:
        return ARM.find(self.set, self.word)

    @property
    def row(self) -> str:
        return self.encoding.row.name if self.encoding else ""

    def fields(self) -> dict[str, int]:
        e = self.encoding
        return {n: e.pattern.extract(n, self.word) for n in e.pattern.fields} if e else {}

    def operands(self) -> dict[str, int]:
        e = self.encoding
        if e is None:
            return {}
        width = 16 if self.set == "t16" else 32
        f = Fields(e.pattern, Bits(width, self.word), Bits(32, HERE), Bits(1, 0))
        return {k: int(v) for k, v in vars(e.operands(f)).items()}

    def bits(self, pattern: str) -> bool:
        """Does the word match, x being anything?"""
        text = pattern.replace(" ", "").zfill(16 if self.set == "t16" else 32)
        number = format(self.word, f"0{len(text)}b")
        return all(p in ("x", b) for p, b in zip(text, number, strict=True))


# -- reasons: only we accept (all UNPREDICTABLE in DDI 0406C unless said otherwise) ----------------
def _multiple(c: Case) -> bool:
    o = c.operands()
    few = o["list"].bit_count() < (2 if c.set == "t32" else 1)
    base_in_list = bool(o["w"] and o["list"] >> o["rn"] & 1)
    return few or o["rn"] == 15 or base_in_list


def _vfp_multiple(c: Case) -> bool:
    double, f = c.word >> 8 & 1, c.fields()
    first = f["d"] << 4 | f["vd"] if double else f["vd"] << 1 | f["d"]
    count = f["imm8"] >> double
    writes_pc = f["rn"] == 15 and c.word >> 21 & 1 == 1
    return not 0 < count <= (16 if double else 32) or first + count > 32 or writes_pc


def _field(c: Case) -> bool:
    f = c.fields()
    lsb = f["imm3"] << 2 | f["imm2"] if c.set == "t32" else f["lsb"]
    return f["msb"] < lsb if "msb" in f else lsb + f["wm1"] > 31


def _pc_result(c: Case) -> bool:
    return c.fields().get("rd") == 15


def _exclusive(c: Case) -> bool:
    o = c.operands()
    sources = [o[n] for n in ("rt", "rt2", "rn") if n in o]
    bad = {13, 15} if c.set == "t32" else {15}
    return bool(bad & {*sources, o.get("rd", 0)}) or o.get("rd") in sources


def _past_d31(c: Case) -> bool:
    f = c.fields()
    if c.row in ("vtbl", "vtbx"):
        return (f["n"] << 4 | f["vn"]) + (c.word >> 8 & 3) > 31
    o = c.operands()
    return (f["d"] << 4 | f["vd"]) + (o["count"] - 1) * o["step"] > 31


# -- reasons: only Unicorn accepts ----------------------------------------------------------------
def _lax_simd(c: Case) -> bool:
    """VQDMULL with U set; VMUL (floating point) with bit 21 set."""
    top = "1111 0011" if c.set == "a32" else "1111 1111"
    vqdmull = c.bits(top + "1xxx xxxx xxxx 1101 x0x0 xxxx")
    return vqdmull or c.bits(top + "0x1x xxxx xxxx 1101 xxx1 xxxx")


def _swap(c: Case) -> bool:
    return c.set == "a32" and c.bits("xxxx 0001 0x00 xxxx xxxx xxxx 1001 xxxx")


def _debug(c: Case) -> bool:
    return c.bits("xxxx 110x xxxx xxxx xxxx 1110 xxxx xxxx")


def _setend(c: Case) -> bool:
    if c.set == "t16":
        return c.bits("1011 0110 0101 xxxx")
    return c.set == "a32" and c.bits("1111 0001 0000 xxxx xxxx xxxx 0000 xxxx")


KINDS = ("lane", "all")
Rule = tuple[bool, tuple[str, ...], Callable[[Case], bool], str]
ANY: tuple[str, ...] = ()
SIMD_LANES = tuple(f"v{op}{n}_{kind}" for op in ("ld", "st") for n in "1234" for kind in KINDS)
REASONS: list[Rule] = [
    (True, ("ldm", "stm"), _multiple, "too few registers, base pc or base in the list"),
    (True, ("vldm", "vstm"), _vfp_multiple, "register range outside the file"),
    (True, (*SIMD_LANES, "vtbl", "vtbx"), _past_d31, "registers past d31"),
    (True, ("bfc", "bfi", "sbfx", "ubfx"), _field, "bit field ends before it begins"),
    (True, ("strex", "strexb", "strexh", "strexd"), _exclusive, "status register is an operand"),
    (True, ("ldrex", "ldrexb", "ldrexh", "ldrexd"), _exclusive, "pc (T32: or sp) as an operand"),
    (True, ("vcvt_from_f16", "vcvt_to_f16"), lambda c: c.word >> 8 & 1 == 1, "ARMv8's f16 to f64"),
    (True, ("bkpt",), lambda c: c.word == 0xDE01, "Linux's own breakpoint, a UDF word"),
    (True, ANY, _pc_result, "flag-setting write to pc"),
    (False, ANY, _lax_simd, "UNDEFINED in DDI 0406C A7.4.1 and A7.4.2, not looked at by QEMU 5"),
    (False, ANY, _swap, "SWP: undefined as on a kernel without its emulation"),
    (False, ANY, _debug, "LDC/STC p14: the debug registers are not for user mode"),
    (False, ANY, _setend, "SETEND: undefined as on an arm64 kernel that disables it"),
    (False, ("store_at_pc",), lambda c: True, "T32 stores relative to pc are UNDEFINED"),
    (False, ("exception_return",), lambda c: True, "UNPREDICTABLE in user mode"),
]


def reason(case: Case) -> str | None:
    """Why the two sides differ; None if nobody knows."""
    for ours, rows, applies, text in REASONS:
        if ours == case.ours and (not rows or case.row in rows) and applies(case):
            return text
    return None


# -- sampling -------------------------------------------------------------------------------------
def random_word(rng: Random, set_: str) -> int:
    """Any word of an instruction set; A32 words are unconditional."""
    if set_ == "a32":
        return rng.getrandbits(28) | (0xF if rng.random() < 0.2 else 0xE) << 28
    if set_ == "t32":
        return rng.choice((0b11101, 0b11110, 0b11111)) << 27 | rng.getrandbits(27)
    return rng.randrange(0b11101 << 11)


def disagreements(set_: str, words: int, seed: int) -> Iterator[Case]:
    """Words that one side calls undefined and the other does not."""
    rng = Random(f"{set_} {seed}")
    engines = UnicornEngine(), Reference()
    state = Cpu(r=[DATA + DATA_SIZE // 2] * 15, thumb=set_ != "a32")
    for _ in range(words):
        word = random_word(rng, set_)
        theirs, ours = (e.run(set_, word, state).outcome != "undefined" for e in engines)
        if theirs != ours:
            yield Case(set_, word, ours)


def main() -> int:
    """Print the differences by reason; fail if one has none."""
    words = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    unknown = 0
    for set_ in ("a32", "t32", "t16"):
        tally: Counter[str] = Counter()
        for case in disagreements(set_, words, seed):
            why = reason(case)
            unknown += why is None
            side = "only ours" if case.ours else "only Unicorn's"
            tally[f"{side}: {why or f'UNEXPLAINED {case.word:#x} {case.row}'}"] += 1
        print(f"{set_}: {words} words, {sum(tally.values())} differences")
        for text, count in tally.most_common():
            print(f"  {count:6} {text}")
    return int(unknown > 0)


if __name__ == "__main__":
    sys.exit(main())
