"""Data processing shapes: forms and templates that `dataproc`, `moves` and `shifts` rows share.

A semantic function gets the two operands and the carry flag and gives an `Alu`; one without a
carry (logical operations) takes the shifter's. Source: DDI 0406C A5.2, A6.2, A6.3.1, A6.3.11.
Operand 2 has five shapes: immediate, plain register, register shifted by an immediate (static
kind), the same with a dynamic kind (RRX, and everything whose result goes to pc), and register
shifted by a register (dynamic kind). Writing pc branches with interworking in A32; flag-setting
writes to pc are exception returns: `system.py` makes them undefined.
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm import core
from run32.isa.arm.core import LSL, RRX, Alu
from run32.spec.bits import Bits, cat
from run32.spec.rows import Encoding, Fields, Operands, Semantic, Template, form


# -- operand 2 and results ------------------------------------------------------------------------
def _immediate(m: Any, o: Operands) -> Alu:
    """The immediate; if it was rotated its top bit is the carry."""
    return Alu(o.imm, o.imm[31] if o.rot else m.get("c"))


def _register(m: Any, o: Operands) -> Alu:
    return Alu(m.reg(o.rm), m.get("c"))


def _shifted(m: Any, o: Operands) -> Alu:
    return core.shift_imm_c(m.reg(o.rm), o.type, o.sh, m.get("c"))


def _shifted_any(m: Any, o: Operands) -> Alu:
    return core.shift_imm_any(m.reg(o.rm), o.kind[7:0], o.sh, m.get("c"))


def _shifted_by_register(m: Any, o: Operands) -> Alu:
    amount = m.reg(o.rs) & 0xFF
    return core.shift_reg_any(m.reg(o.rm), o.kind[7:0], amount, m.get("c"))


def _compute(m: Any, o: Operands, sem: Semantic, operand: Alu) -> Alu:
    result: Alu = sem(m.reg(o.rn), operand.value, m.get("c"))
    return result if result.c is not None else Alu(result.value, operand.c)


def _finish(m: Any, o: Operands, sem: Semantic, operand: Alu) -> None:
    result = _compute(m, o, sem, operand)
    m.set_reg(o.rd, result.value)
    if o.s:
        core.put_flags(m, result)


# -- forms: rd = rn op operand2 -------------------------------------------------------------------
@form(static="s rot", regs="rd rn", imm="imm", writes="rd")
def alu_imm(m: Any, o: Operands, sem: Semantic) -> None:
    _finish(m, o, sem, _immediate(m, o))


@form(static="s", regs="rd rn rm", writes="rd")
def alu_reg(m: Any, o: Operands, sem: Semantic) -> None:
    _finish(m, o, sem, _register(m, o))


@form(static="s type", regs="rd rn rm", small="sh", writes="rd")
def alu_shift(m: Any, o: Operands, sem: Semantic) -> None:
    _finish(m, o, sem, _shifted(m, o))


@form(static="s", regs="rd rn rm", small="sh", imm="kind", writes="rd")
def alu_shift_any(m: Any, o: Operands, sem: Semantic) -> None:
    _finish(m, o, sem, _shifted_any(m, o))


@form(static="s", regs="rd rn rm rs", imm="kind", writes="rd")
def alu_rsr(m: Any, o: Operands, sem: Semantic) -> None:
    _finish(m, o, sem, _shifted_by_register(m, o))


# -- forms: pc = rn op operand2 (A32, interworking) -----------------------------------------------
@form(static="rot", regs="rn", imm="imm")
def alu_pc_imm(m: Any, o: Operands, sem: Semantic) -> None:
    m.bx(_compute(m, o, sem, _immediate(m, o)).value)


@form(regs="rn rm", small="sh", imm="kind")
def alu_pc_shift(m: Any, o: Operands, sem: Semantic) -> None:
    m.bx(_compute(m, o, sem, _shifted_any(m, o)).value)


# -- forms: flags of rn op operand2 ---------------------------------------------------------------
@form(static="rot", regs="rn", imm="imm")
def test_imm(m: Any, o: Operands, sem: Semantic) -> None:
    core.put_flags(m, _compute(m, o, sem, _immediate(m, o)))


@form(regs="rn rm")
def test_reg(m: Any, o: Operands, sem: Semantic) -> None:
    core.put_flags(m, _compute(m, o, sem, _register(m, o)))


@form(static="type", regs="rn rm", small="sh")
def test_shift(m: Any, o: Operands, sem: Semantic) -> None:
    core.put_flags(m, _compute(m, o, sem, _shifted(m, o)))


@form(regs="rn rm", small="sh", imm="kind")
def test_shift_any(m: Any, o: Operands, sem: Semantic) -> None:
    core.put_flags(m, _compute(m, o, sem, _shifted_any(m, o)))


@form(regs="rn rm rs", imm="kind")
def test_rsr(m: Any, o: Operands, sem: Semantic) -> None:
    core.put_flags(m, _compute(m, o, sem, _shifted_by_register(m, o)))


# -- forms: pc = rn op operand2 (T16, stays in Thumb state) ----------------------------------------
@form(regs="rn rm", wide_mode=True)
def alu_branch(m: Any, o: Operands, sem: Semantic) -> None:
    m.branch(_compute(m, o, sem, _register(m, o)).value)


# -- templates ------------------------------------------------------------------------------------
# Holes: opc is the opcode, n the rn field. The most specific shape of an operand comes last.
def _amount(f: Fields) -> Bits:
    return core.shift_amount(f.type, f.imm5)


def _amount_t32(f: Fields) -> Bits:
    return core.shift_amount(f.type, cat(f.imm3, f.imm2))


def _kind(f: Fields) -> Bits:
    return f.type


def _rotated_t32(f: Fields) -> Bits:
    """Was the immediate rotated? `a` is the top bit of imm3."""
    return f.i | f.a


def _imm_t32(f: Fields) -> Bits:
    return core.thumb_expand(cat(f.i, f.a, f.b, f.imm8))


_A32_IMM = Template(
    "a32", "cond:4 001 {opc} s:1 {n} rd:4 imm12:12", alu_imm, rot=0, imm=core.a32_imm
)
_A32_IMM_C = [
    Template("a32", "cond:4 001 {opc} 0 {n} rd:4 imm12:12", alu_imm, s=0, rot=0, imm=core.a32_imm),
    Template("a32", "cond:4 001 {opc} 1 {n} rd:4 imm12:12", alu_imm, s=1, rot=1, imm=core.a32_imm),
    Template("a32", "cond:4 001 {opc} 1 {n} rd:4 0000 imm:8", alu_imm, s=1, rot=0),
]
A32_SHIFTS = [
    Template("a32", "cond:4 000 {opc} s:1 {n} rd:4 imm5:5 type:2 0 rm:4", alu_shift, sh=_amount),
    Template("a32", "cond:4 000 {opc} s:1 {n} rd:4 00000 11 0 rm:4", alu_shift_any, sh=0, kind=RRX),
    Template("a32", "cond:4 000 {opc} s:1 {n} rd:4 rs:4 0 type:2 1 rm:4", alu_rsr, kind=_kind),
]
A32_PLAIN = Template("a32", "cond:4 000 {opc} s:1 {n} rd:4 00000 00 0 rm:4", alu_reg)
A32_PC_IMM = Template(
    "a32", "cond:4 001 {opc} 0 {n} 1111 imm12:12", alu_pc_imm, rot=0, imm=core.a32_imm
)
A32_PC_SHIFTS = [
    Template(
        "a32",
        "cond:4 000 {opc} 0 {n} 1111 imm5:5 type:2 0 rm:4",
        alu_pc_shift,
        expand="type",
        sh=_amount,
        kind=_kind,
    ),
    Template("a32", "cond:4 000 {opc} 0 {n} 1111 00000 11 0 rm:4", alu_pc_shift, sh=0, kind=RRX),
]
A32_PC_PLAIN = Template(
    "a32", "cond:4 000 {opc} 0 {n} 1111 00000 00 0 rm:4", alu_pc_shift, sh=0, kind=LSL
)
_A32_TEST_IMM = [
    Template("a32", "cond:4 001 {opc} 1 rn:4 0000 imm12:12", test_imm, rot=1, imm=core.a32_imm),
    Template("a32", "cond:4 001 {opc} 1 rn:4 0000 0000 imm:8", test_imm, rot=0),
]
_A32_TESTS = [
    Template("a32", "cond:4 000 {opc} 1 rn:4 0000 imm5:5 type:2 0 rm:4", test_shift, sh=_amount),
    Template("a32", "cond:4 000 {opc} 1 rn:4 0000 00000 11 0 rm:4", test_shift_any, sh=0, kind=RRX),
    Template("a32", "cond:4 000 {opc} 1 rn:4 0000 rs:4 0 type:2 1 rm:4", test_rsr, kind=_kind),
    Template("a32", "cond:4 000 {opc} 1 rn:4 0000 00000 00 0 rm:4", test_reg),
]

_T32_IMM = Template(
    "t32", "11110 i:1 0 {opc} s:1 {n} 0 imm3:3 rd:4 imm8:8", alu_imm, rot=0, imm=core.t32_imm
)
_T32_IMM_C = [
    Template(
        "t32", "11110 i:1 0 {opc} 0 {n} 0 imm3:3 rd:4 imm8:8", alu_imm, s=0, rot=0, imm=core.t32_imm
    ),
    Template(
        "t32",
        "11110 i:1 0 {opc} 1 {n} 0 a:1 b:2 rd:4 imm8:8",
        alu_imm,
        expand="i a",
        s=1,
        rot=_rotated_t32,
        imm=_imm_t32,
    ),
]
T32_SHIFTS = [
    Template(
        "t32", "1110101 {opc} s:1 {n} 0 imm3:3 rd:4 imm2:2 type:2 rm:4", alu_shift, sh=_amount_t32
    ),
    Template("t32", "1110101 {opc} s:1 {n} 0 000 rd:4 00 11 rm:4", alu_shift_any, sh=0, kind=RRX),
]
T32_PLAIN = Template("t32", "1110101 {opc} s:1 {n} 0 000 rd:4 00 00 rm:4", alu_reg)
_T32_TESTS = [
    Template(
        "t32",
        "11110 i:1 0 {opc} 1 rn:4 0 a:1 b:2 1111 imm8:8",
        test_imm,
        expand="i a",
        rot=_rotated_t32,
        imm=_imm_t32,
    ),
    Template(
        "t32", "1110101 {opc} 1 rn:4 0 imm3:3 1111 imm2:2 type:2 rm:4", test_shift, sh=_amount_t32
    ),
    Template("t32", "1110101 {opc} 1 rn:4 0 000 1111 00 11 rm:4", test_shift_any, sh=0, kind=RRX),
    Template("t32", "1110101 {opc} 1 rn:4 0 000 1111 00 00 rm:4", test_reg),
]
_T16_ALU = Template(
    "t16",
    "010000 {opc} rm:3 rdn:3",
    alu_reg,
    expand="it",
    s=core.outside_it,
    rd=lambda f: f.rdn,
    rn=lambda f: f.rdn,
)


# -- groups of encodings for one row --------------------------------------------------------------
def encode(templates: list[Template], **given: Any) -> list[Encoding]:
    """The encodings of several templates."""
    return [e for t in templates for e in t(**given)]


def a32_imm_forms(opc: str) -> list[Encoding]:
    """The A32 immediate shapes of a logical operation without rn."""
    return encode(_A32_IMM_C, opc=opc, n="0000", rn=0)


def t32_imm_forms(opc: str) -> list[Encoding]:
    """The T32 immediate shapes of a logical operation without rn."""
    return encode(_T32_IMM_C, opc=opc, n="1111", rn=0)


def a32_alu(opc: str, *, logic: bool = False, **given: Any) -> list[Encoding]:
    """All A32 shapes of an ALU operation; a logical one takes its carry from the shifter."""
    imm = _A32_IMM_C if logic else [_A32_IMM]
    given.setdefault("n", "rn:4")
    shapes = [*imm, *A32_SHIFTS, A32_PLAIN, A32_PC_IMM, *A32_PC_SHIFTS, A32_PC_PLAIN]
    return encode(shapes, opc=opc, **given)


def t32_alu(opc: str, *, logic: bool = False, **given: Any) -> list[Encoding]:
    """All T32 shapes of an ALU operation."""
    given.setdefault("n", "rn:4")
    imm = _T32_IMM_C if logic else [_T32_IMM]
    return encode([*imm, *T32_SHIFTS, T32_PLAIN], opc=opc, **given)


def t16_alu(opc: str, **given: Any) -> list[Encoding]:
    """The two-register T16 form; sets flags outside IT blocks."""
    return _T16_ALU(opc=opc, **given)


def tests(a32: str, t32: str = "", t16: str = "") -> list[Encoding]:
    """All shapes of a comparison, by opcode."""
    found = encode([*_A32_TEST_IMM, *_A32_TESTS], opc=a32)
    if t32:
        found += encode(_T32_TESTS, opc=t32)
    if t16:
        found += core.t16(f"010000 {t16} rm:3 rn:3", test_reg)
    return found
