"""Why run32 and qemu-arm differ about a word: the list of all differences, with the manual's word.

Sections are of DDI 0487 (Armv8-A) unless DDI 0406 (ARMv7-A) is named. An UNPREDICTABLE word that
qemu refuses is executed here in one of the ways that K1.1 allows; r15 as an operand is pc with its
usual offset, as on a Cortex-A72 (Arm 100095, B.1.1).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from run32.isa.arm.all import ARM
from run32.spec.bits import Bits
from run32.spec.rows import Encoding, Fields

if TYPE_CHECKING:
    from fuzz.space import Difference

FILE_END = 32


class Reason(NamedTuple):
    """A class of differences."""

    name: str
    ours: bool
    where: str
    """Rows by name, or patterns in A32 form, one of which a word matches."""
    ref: str
    applies: Callable[[Difference], bool] = lambda d: True
    effect: str = ""
    """What run32 does."""


def a32_form(set_: str, word: int) -> int:
    """A T32 word of Advanced SIMD or a coprocessor as the A32 word that means the same."""
    if set_ == "t32":
        if word >> 24 & 0xEF == 0xEF:
            return word & 0x00FFFFFF | 0xF2000000 | (word >> 28 & 1) << 24
        if word >> 24 == 0xF9:
            return word & 0x00FFFFFF | 0xF4000000
    return word


@functools.cache
def patterns(where: str, is_t16: bool) -> list[tuple[int, int, bool]]:
    """(mask, value, has a condition) of the patterns of a reason."""
    found = []
    for pattern in where.split("|"):
        text = pattern.replace(" ", "")
        if (len(text) == 16) == is_t16:
            mask = int("".join("1" if c in "01" else "0" for c in text), 2)
            value = int("".join("1" if c == "1" else "0" for c in text), 2)
            found.append((mask, value, text[0] == "c"))
    return found


def fields(d: Difference) -> dict[str, int]:
    e = _encoding(d)
    return {n: e.pattern.extract(n, d.word) for n in e.pattern.fields}


def operands(d: Difference) -> dict[str, int]:
    e = _encoding(d)
    width = 16 if d.set == "t16" else 32
    f = Fields(e.pattern, Bits(width, d.word), Bits(32, 0x1000), Bits(1, 0))
    return {k: int(v) for k, v in vars(e.operands(f)).items()}


def _encoding(d: Difference) -> Encoding:
    e = ARM.find(d.set, d.word)
    assert e is not None
    return e


# -- only we accept: UNPREDICTABLE ----------------------------------------------------------------
def _few(d: Difference) -> bool:
    return operands(d)["list"].bit_count() < (2 if d.set == "t32" else 1)


def _base_in_list(d: Difference) -> bool:
    o = operands(d)
    return bool(o["w"] and o["list"] >> o["rn"] & 1)


def _vfp_range(d: Difference) -> bool:
    double, f = d.word >> 8 & 1, fields(d)
    first = f["d"] << 4 | f["vd"] if double else f["vd"] << 1 | f["d"]
    count = f["imm8"] >> double
    return not 0 < count <= (16 if double else 32) or first + count > FILE_END


def _vfp_base(d: Difference) -> bool:
    return fields(d)["rn"] == 15 and d.word >> 21 & 1 == 1


def _field(d: Difference) -> bool:
    f = fields(d)
    lsb = f["imm3"] << 2 | f["imm2"] if d.set == "t32" else f["lsb"]
    return f["msb"] < lsb if "msb" in f else lsb + f["wm1"] > 31


def _status(d: Difference) -> bool:
    o = operands(d)
    return o["rd"] in [o[n] for n in ("rt", "rt2", "rn") if n in o]


def _core(d: Difference) -> bool:
    o = operands(d)
    bad = {13, 15} if d.set == "t32" else {15}
    if d.row.startswith("vmov"):
        bad = {15}
    return bool(bad & {o[n] for n in ("rt", "rt2", "rn", "rd") if n in o})


def _past_end(d: Difference) -> bool:
    f = fields(d)
    if d.row in ("vtbl", "vtbx"):
        return (f["n"] << 4 | f["vn"]) + (d.word >> 8 & 3) >= FILE_END
    o = operands(d)
    return (f["d"] << 4 | f["vd"]) + (o["count"] - 1) * o["step"] >= FILE_END


def _pc_result(d: Difference) -> bool:
    return fields(d).get("rd") == 15


LDM, VLDM = "DDI 0406C A8.8.57-60, A8.8.199; K1.1", "DDI 0406C A8.8.332, A8.8.412; K1.1"
FIELD, EXCLUSIVE = "DDI 0406C A8.8.19-20, A8.8.164, A8.8.246; K1.1", "DDI 0406C A8.8.75-78, K1.1"
TABLE = "DDI 0406C A8.8.321-328, A8.8.419; K1.1"
OPTIONAL = "A2: a feature that is not there, whose words are UNDEFINED"
STRUCTURES = " ".join(f"v{op}{n}_{kind}" for op in ("ld", "st") for n in "1234"
                      for kind in ("lane", "all"))  # fmt: skip
STORE_EX = "strex strexb strexh strexd stlex stlexb stlexh stlexd"
LOAD_EX = "ldrex ldrexb ldrexh ldrexd ldaex ldaexb ldaexh ldaexd"
ORDERED = "lda ldab ldah stl stlb stlh"
# fmt: off
EXECUTED = [
    Reason("MRC, MRRC p15: the timer's counter and frequency", True, "read_cntvct read_cntfrq",
           "DDI 0406C B4.1.21, B4.1.34: Linux lets programs read them; qemu-user 7.2 does not"),
    Reason("LDM, STM: base pc", True, "ldm stm", LDM,
           lambda d: operands(d)["rn"] == 15, "pc is the base"),
    Reason("LDM, STM: no register, or one in T32", True, "ldm stm", LDM,
           _few, "transfers what is listed"),
    Reason("LDM, STM: base is written back and listed", True, "ldm stm", LDM,
           _base_in_list, "a loaded base wins; the old base is stored"),
    Reason("VLDM, VSTM: registers past the last one", True, "vldm vstm", VLDM,
           _vfp_range, "registers that do not exist are left out"),
    Reason("VLDM, VSTM: pc is written back", True, "vldm vstm", VLDM,
           _vfp_base, "transfers without write-back"),
    Reason("BFC, BFI, SBFX, UBFX: field ends before it begins", True, "bfc bfi sbfx ubfx",
           FIELD, _field, "the result is UNKNOWN"),
    Reason("STREX: status register is an operand", True, STORE_EX, EXCLUSIVE,
           _status, "stores, then writes the status"),
    Reason("LDREX, STREX, LDA, STL: pc, in T32 also sp, as an operand", True,
           f"{LOAD_EX} {STORE_EX} {ORDERED}", EXCLUSIVE, _core, "as any other register"),
    Reason("VMOV of a half: pc as an operand", True, "vmov_half_from_core vmov_half_to_core",
           "F6.1, VMOV (between general-purpose register and half-precision); K1.1",
           _core, "as any other register; a result is lost"),
    Reason("LDREXD: one register twice", True, "ldrexd ldaexd", EXCLUSIVE,
           lambda d: operands(d)["rt"] == operands(d)["rt2"], "the upper word wins"),
    Reason("structure or table past d31", True, f"{STRUCTURES} vtbl vtbx", TABLE,
           _past_end, "numbers wrap around"),
    Reason("shift by register or move with flags to pc", True,
           "asr lsl lsr ror rrx mov mvn sub add and_ eor orr bic rsb sbc adc rsc orn",
           "DDI 0406C A8.8.8-16, K1.1", _pc_result, "the flags; the result is dropped"),
    Reason("result to pc is the word itself, misaligned", True,
           "sub add sbc adc rsb rsc adr_pc", "DDI 0406C A2.3.1, K1.1",
           lambda d: d.set == "a32" and d.word >> 12 & 15 == 15 and d.word >> 20 & 1 == 0,
           "goes on at the aligned address"),
]

FCMA = "1111 110x xx1x xxxx xxxx 1000 xxx0 xxxx|1111 1101 xx0x xxxx xxxx 1000 xxx0 xxxx"
FCMA += "|1111 1100 1x0x xxxx xxxx 1000 xxx0 xxxx|1111 1110 xxxx xxxx xxxx 1000 xxx0 xxxx"
I8MM = "1111 1100 xx10 xxxx xxxx 1100 x1xx xxxx|1111 1100 1x10 xxxx xxxx 1101 xxx0 xxxx"
I8MM += "|1111 1110 1x00 xxxx xxxx 1101 xxxx xxxx"
BF16 = "1111 1100 0x00 xxxx xxxx 110x xxx0 xxxx|1111 1110 0x00 xxxx xxxx 1101 xxx0 xxxx"
BF16 += "|1111 1100 0x11 xxxx xxxx 1000 xxx1 xxxx|1111 1110 0x11 xxxx xxxx 1000 xxx1 xxxx"
BF16 += "|cccc 1110 1x11 0011 xxxx 1001 x1x0 xxxx|1111 0011 1x11 0110 xxxx 0110 x1x0 xxxx"
LACKING = [
    Reason("ARMv8: HLT", False, "1011 1010 10xx xxxx|xxxx 0001 0000 xxxx xxxx xxxx 0111 xxxx",
           "F5, HLT: for debuggers, UNDEFINED where halting is off"),
    Reason("FEAT_JSCVT", False, "cccc 1110 1x11 1001 xxxx 1011 11x0 xxxx", OPTIONAL),
    Reason("FEAT_AA32BF16", False, BF16, OPTIONAL),
    Reason("FEAT_FCMA", False, FCMA, OPTIONAL),
    Reason("FEAT_AA32I8MM", False, I8MM, OPTIONAL),
    Reason("SWP, SWPB", False, "cccc 0001 0x00 xxxx xxxx xxxx 1001 xxxx",
           "DDI 0406C A8.8.229: not in ARMv8; undefined as on a kernel without its emulation"),
    Reason("flag-setting operation to pc, neither SUBS nor MOVS", False,
           "cccc 00xx xxx1 xxxx 1111 xxxx xxxx xxxx",
           "DDI 0406C B9.3.20: UNPREDICTABLE in user mode; K1.1 allows UNDEFINED",
           lambda d: d.row == "exception_return"),
    Reason("BKPT with a condition", False, "cccc 0001 0010 xxxx xxxx xxxx 0111 xxxx",
           "DDI 0406C A8.8.24: UNPREDICTABLE; K1.1 allows UNDEFINED", lambda d: d.word >> 28 != 14),
    Reason("SETEND", False, "1011 0110 0101 xxxx|1111 0001 0000 xxxx xxxx xxxx 0000 xxxx",
           "F5, SETEND: deprecated; data is little-endian always, so that BE does not exist"),
    Reason("LDC, STC, MRC p14", False, "xxxx 110x xxxx xxxx xxxx 1110 xxxx xxxx"
           "|xxxx 1110 0001 xxxx xxxx 1110 0001 0000",
           "DDI 0406C C11.11: not for user mode (DBGDSCR.UDCCdis)"),
    Reason("MRC p15: which processor it is", False, "xxxx 1110 0001 0000 xxxx 1111 xxx1 0000",
           "DDI 0406C B4.1, MIDR: not for user mode; qemu shows what Linux gives AArch64 programs"),
    Reason("FPA: coprocessors 1 and 2", False, "xxxx 11xx xxxx xxxx xxxx 00xx xxxx xxxx",
           "DDI 0406C A5.6: unallocated; qemu emulates the FPA of before ARMv6",
           lambda d: d.set == "a32"),
]
# fmt: on
REASONS = EXECUTED + LACKING


def reason(difference: Difference) -> Reason | None:
    """Why the two sides differ; None if nobody knows."""
    word, row = a32_form(difference.set, difference.word), difference.row
    for r in REASONS:
        if r.ours != difference.ours:
            continue
        if r.ours:
            found = row in r.where.split()
        else:
            found = any(
                word & mask == value and not (conditional and word >> 28 == 15)
                for mask, value, conditional in patterns(r.where, difference.set == "t16")
            )
        if found and r.applies(difference):
            return r
    return None
