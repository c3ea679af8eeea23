"""The i386 encoding language: what a line means, and lines that cannot be meant."""

from __future__ import annotations

import pytest

from run32.spec.bits import Bits
from run32.spec.reference import SparseMemory
from run32.spec.rows import RowError
from run32.spec.x86 import Enc, X86Isa
from run32.spec.x86_operands import (
    BASE,
    REGISTER,
    SIB,
    Cc,
    Eb,
    Ev,
    Gb,
    Gv,
    Ib,
    Iw,
    Iz,
    Jb,
    Mv,
    One1,
    Ov,
    Rep,
    V,
    Zv,
    rAX,
    sIb,
)
from run32.spec.x86_reference import Decoded, decode


def isa(*lines: list[object], access: str = "") -> X86Isa:
    """An instruction set with one row."""
    made = X86Isa("test")

    def row(*operands: Bits) -> None:
        """A row."""

    made.insn(*lines, ref="none", access=access)(row)  # type: ignore[arg-type]
    return made


def at(made: X86Isa, code: str) -> Decoded | None:
    """The instruction with these bytes at 0x1000."""
    memory = SparseMemory()
    memory.map(0x1000, 64)
    memory.write(0x1000, bytes.fromhex(code))
    return decode(made, memory, 0x1000)


def operands(made: X86Isa, code: str) -> dict[str, int]:
    found = at(made, code)
    assert found is not None
    values = {name: value.value for name, value in found.operands.__dict__.items()}
    return {"length": found.length, **values}


# -- lines that are fine --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "count"),
    [
        (Enc("10 /r", Eb, Gb), 3),  # base, base + index, register
        (Enc("11 /r", Ev, Gv), 6),  # and two operand sizes
        (Enc("81 /2", Ev, Iz), 6),
        (Enc("D1 /4", Ev, One1), 6),
        (Enc("50 +r", Zv), 2),
        (Enc("70 +cc", Cc, Jb), 16),
        (Enc("0F 40 +cc /r", Gv, Ev, Cc), 96),
        (Enc("8D /r", Gv, Mv), 4),  # memory only
        (Enc("C3", only=32), 1),
        (Enc("C2", Iw), 1),
        (Enc("A5", Rep, V), 2),
    ],
)
def test_expansion(line: list[object], count: int) -> None:
    assert len(line) == count


def test_operand_size_selects_the_encoding() -> None:
    made = isa(Enc("05", rAX, Iz))
    wide, narrow = at(made, "05 11223344"), at(made, "66 05 1122 3344")
    assert wide is not None and narrow is not None
    assert (wide.length, [p.name for p in wide.encoding.places]) == (5, ["fixed0.32", "imm32"])
    assert (narrow.length, [p.name for p in narrow.encoding.places]) == (4, ["fixed0.16", "imm16"])


@pytest.mark.parametrize(
    ("code", "shape", "length", "rm", "sib", "disp"),
    [
        ("11 c8", REGISTER, 2, 0, 8, 0),
        ("11 08", BASE, 2, 0, 8, 0),
        ("11 48 fe", BASE, 3, 0, 8, 0xFFFFFFFE),
        ("11 88 78563412", BASE, 6, 0, 8, 0x12345678),
        ("11 0d 78563412", BASE, 6, 8, 8, 0x12345678),  # no base
        ("11 4d 04", BASE, 3, 5, 8, 4),  # EBP
        ("11 0c 24", BASE, 3, 4, 8, 0),  # ESP: SIB without index
        ("11 0c 8b", SIB, 3, 3, 0x21, 0),  # EBX + ECX * 4
        ("11 0c cd 10000000", SIB, 7, 8, 0x31, 0x10),  # ECX * 8 + 16
        ("11 4c 45 10", SIB, 4, 5, 0x10, 0x10),  # EBP + EAX * 2 + 16
    ],
)
def test_modrm(code: str, shape: int, length: int, rm: int, sib: int, disp: int) -> None:
    made = isa(Enc("11 /r", Ev, Gv))
    found = at(made, code)
    assert found is not None and found.encoding.shape == shape
    values = operands(made, code)
    assert [values[n] for n in ("length", "rm", "sib", "disp", "reg")] == [length, rm, sib, disp, 1]


def test_byte_registers_are_byte_offsets() -> None:
    values = operands(isa(Enc("10 /r", Eb, Gb)), "10 e3")  # adc bl, ah
    assert (values["rm"], values["reg"]) == (12, 1)


@pytest.mark.parametrize(
    ("code", "target"), [("eb 00", 0x1002), ("eb fe", 0x1000), ("eb 7f", 0x1081)]
)
def test_branch_targets_are_absolute(code: str, target: int) -> None:
    assert operands(isa(Enc("EB", Jb)), code)["imm"] == target


def test_immediates() -> None:
    assert operands(isa(Enc("83 /0", Ev, sIb)), "83 c0 ff")["imm"] == 0xFFFFFFFF
    assert operands(isa(Enc("80 /0", Eb, Ib)), "80 c0 ff")["imm"] == 0xFF
    assert operands(isa(Enc("A1", rAX, Ov)), "a1 78563412")["disp"] == 0x12345678


def test_repeat_prefix_is_an_operand_or_refused() -> None:
    made = isa(Enc("A5", Rep, V))
    assert [operands(made, code)["reg"] for code in ("a5", "f3 a5", "f2 a5")] == [0, 0xF3, 0xF2]
    assert at(isa(Enc("0F BD /r", Gv, Ev)), "f3 0f bd c0") is None
    assert at(isa(Enc("0F BC /r", Gv, Ev, rep=True)), "f3 0f bc c0") is not None


@pytest.mark.parametrize("code", ["f0 11 08", "67 11 08", "65 11 08", "10 08", "0f 11 c0"])
def test_what_has_no_row_is_undefined(code: str) -> None:
    """LOCK, 16-bit addresses, FS and GS, other opcodes, the other map."""
    assert at(isa(Enc("11 /r", Ev, Gv)), code) is None


# -- lines that must be rejected ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "given", "reason"),
    [
        ("1 /r", (Eb, Gb), "hexadecimal"),
        ("10 11 /r", (Eb, Gb), "hexadecimal"),
        ("0F", (), "hexadecimal"),
        ("", (), "hexadecimal"),
        ("10 /8", (Eb,), "not one of"),
        ("10 +x", (Eb,), "not one of"),
        ("51 +r", (Zv,), "needs 8 opcodes"),
        ("78 +cc", (Cc, Jb), "needs 16 opcodes"),
        ("10", (Eb, Gb), "ModRM; add /r"),
        ("80 /2", (Eb, Gb), "cannot be an operand"),
        ("50", (Zv,), "come together"),
        ("50 +r", (), "come together"),
        ("70 +cc", (Jb,), "+cc and Cc"),
        ("10 /r", (Eb, Eb), "same field"),
        ("10 /r", (Eb, Gb, Gb), "same field"),
        ("C8", (Iw, Ib), "one immediate"),
        ("A1 /r", (Ov, Gv), "exclude each other"),
    ],
)
def test_rejected(text: str, given: tuple[object, ...], reason: str) -> None:
    with pytest.raises(RowError) as caught:
        Enc(text, *given)  # type: ignore[arg-type]
    assert reason in str(caught.value)


def test_two_rows_for_one_code_are_rejected() -> None:
    with pytest.raises(RowError, match="selects opcode 11"):
        isa(Enc("11 /r", Ev, Gv), Enc("11 /0", Ev, V))
    with pytest.raises(RowError, match="selects opcode 81 as '81 /0'"):
        isa(Enc("81 /0", Ev, Iz), Enc("81 /0", Ev, Iz))


def test_an_opcode_has_modrm_or_not() -> None:
    with pytest.raises(RowError, match="selects opcode 90"):
        isa(Enc("90 /1", Ev), Enc("90", rAX))


def test_access_covers_the_operands() -> None:
    with pytest.raises(RowError, match="has 2 operands, access 'xrr' is for 3"):
        isa(Enc("11 /r", Ev, Gv), access="xrr")
