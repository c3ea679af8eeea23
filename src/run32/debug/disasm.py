"""Guest instructions as text, from their rows: mnemonic, condition and operands.

The rows know operands, not the manual's syntax; here are the rules that turn one into the other.
A form that no rule knows shows its operands by name. The text is for people: nothing parses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from run32.spec.rows import Decoded

CONDITIONS = ("eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le")
REGISTERS = (*(f"r{n}" for n in range(13)), "sp", "lr", "pc")
SHIFTS = ("lsl", "lsr", "asr", "ror", "rrx")
CORE = frozenset("rd rn rm rs rt rt2 ra rdlo rdhi".split())
UNARY = ("mov", "mvn")
SPELLED = {"str_": "str", "and_": "and", "blx_imm": "blx", "b_cond": "b"}


def text(insn: Decoded, name_of: Callable[[int], str] = hex) -> str:
    """One line; `name_of` says what a place in code is called."""
    form = insn.encoding.form.name
    mnemonic = _mnemonic(insn)
    rule = _RULES.get(form)
    operands = rule(insn, name_of) if rule else _plain(insn)
    return f"{mnemonic:<7} {operands}".rstrip()


def register(value: Any) -> str:
    """A general register's name."""
    number: int = value.value
    return REGISTERS[number & 15]


def _mnemonic(insn: Decoded) -> str:
    e, o = insn.encoding, insn.operands
    row = e.row.name
    name = SPELLED.get(row, row)
    statics = dict(zip(e.form.static, e.static, strict=True))
    if row == "tbb" and statics.get("half"):
        name = "tbh"
    elif row == "cbz" and statics.get("nonzero"):
        name = "cbnz"
    elif row == "b_cond":
        return "b" + CONDITIONS[o.cc]
    elif row == "it":
        return _it(insn.word & 0xFF)
    elif name == "vmov_imm" or name.startswith("vmov_"):
        name = "vmov"
    elif name == "vldr_literal":
        name = "vldr"
    if statics.get("s") and row not in ("cmp", "cmn", "tst", "teq"):
        name += "s"
    if insn.cond < 14:
        name += CONDITIONS[insn.cond]
    if "w" in statics and row[0] == "v" and not row.startswith(("vldr", "vstr")):
        name += f".f{statics['w']}"
    return name.replace("_", ".")


def _it(word: int) -> str:
    first, mask = word >> 4, word & 15
    count = 4 - ((mask & -mask).bit_length() - 1)
    same = first & 1
    return "it" + "".join("t" if mask >> 3 - i & 1 == same else "e" for i in range(count - 1))


# -- operands -------------------------------------------------------------------------------------
def _immediate(value: Any) -> str:
    number = value.value if hasattr(value, "value") else int(value)
    number -= number >> 31 << 32
    return f"#{number}" if -10 < number < 10 else f"#{number:#x}"


def _shifted(rm: str, kind: int, amount: int) -> str:
    if kind == 4 or (kind == 3 and not amount):
        return f"{rm}, rrx"
    return f"{rm}, {SHIFTS[kind & 3]} #{amount}" if amount else rm


def _alu(insn: Decoded, name_of: Callable[[int], str]) -> str:
    """rd, rn, operand2: rd is missing in tests, rn in moves, and rd is pc in the forms for it."""
    form, o = insn.encoding.form.name, insn.operands
    parts = []
    if "_pc" in form or form == "alu_branch":
        parts.append("pc")
    elif has(o, "rd"):
        parts.append(register(o.rd))
    if insn.encoding.row.name not in UNARY:
        parts.append(register(o.rn))
    if has(o, "imm"):
        return ", ".join([*parts, _immediate(o.imm)])
    rm = register(o.rm)
    if has(o, "rs"):
        parts.append(f"{rm}, {SHIFTS[o.kind.value & 3]} {register(o.rs)}")
    elif has(o, "sh"):
        kind = o.kind.value if has(o, "kind") else o.type
        parts.append(_shifted(rm, kind & 7, o.sh.value))
    else:
        parts.append(rm)
    return ", ".join(parts)


def has(o: Any, name: str) -> bool:
    """Whether there is an operand of that name."""
    return name in o.__dict__


def _by(insn: Decoded, name_of: Callable[[int], str]) -> str:
    o = insn.operands
    last = register(o.rs) if has(o, "rs") else f"#{o.sh.value}"
    return f"{register(o.rd)}, {register(o.rm)}, {last}"


def _branch(insn: Decoded, name_of: Callable[[int], str]) -> str:
    o = insn.operands
    target = name_of(o.imm.value)
    return f"{register(o.rn)}, {target}" if has(o, "rn") else target


def _memory(insn: Decoded, name_of: Callable[[int], str]) -> str:
    """rt[, rt2], [rn, offset] in the three index modes; rd first in exclusive stores."""
    o, form = insn.operands, insn.encoding.form.name
    parts = [register(getattr(o, n)) for n in ("rd", "rt", "rt2") if has(o, n)]
    offset = ""
    if has(o, "rm"):
        rm, sign = register(o.rm), "-" if o.__dict__.get("sub") else ""
        if form.endswith("_shifted"):
            how = o.how.value
            rm = _shifted(rm, how & 7, how >> 8 & 0xFF)
            sign = "-" if how >> 31 else ""
        elif has(o, "sh"):
            rm = _shifted(rm, 0, o.sh.value)
        offset = sign + rm
    elif has(o, "imm") and (o.imm.value or o.__dict__.get("mode")):
        offset = _immediate(o.imm)
    base, mode = register(o.rn), o.__dict__.get("mode", 0)
    inside = f"[{base}, {offset}]" if offset else f"[{base}]"
    if mode == 2:
        inside = f"[{base}], {offset}"
    return ", ".join([*parts, inside + ("!" if mode == 1 else "")])


def _literal(insn: Decoded, name_of: Callable[[int], str]) -> str:
    o = insn.operands
    parts = [register(getattr(o, n)) for n in ("rt", "rt2") if has(o, n)]
    return ", ".join([*parts, f"[{name_of(o.address.value)}]"])


def _multiple(insn: Decoded, name_of: Callable[[int], str]) -> str:
    o = insn.operands
    listed = [REGISTERS[n] for n in range(16) if o.list.value >> n & 1]
    return f"{register(o.rn)}{'!' if o.w else ''}, {{{', '.join(listed)}}}"


def _vector(name: str, o: Any) -> str:
    width = o.__dict__.get("w", 32)
    return f"{'s' if width == 32 else 'd'}{getattr(o, name).value}"


def _float(insn: Decoded, name_of: Callable[[int], str]) -> str:
    o = insn.operands
    parts = [_vector(n, o) for n in insn.encoding.form.regs if n[0] == "v"]
    if insn.encoding.form.name == "vfp_compare_zero":
        parts.append("#0.0")
    return ", ".join(parts)


def _float_memory(insn: Decoded, name_of: Callable[[int], str]) -> str:
    o = insn.operands
    if not has(o, "rn"):
        return f"{_vector('vd', o)}, [{name_of(o.imm.value)}]"
    offset = f", {_immediate(o.imm)}" if o.imm.value else ""
    return f"{_vector('vd', o)}, [{register(o.rn)}{offset}]"


def _condition(insn: Decoded, name_of: Callable[[int], str]) -> str:
    first = insn.word >> 4 & 15
    return CONDITIONS[first] if first < 14 else "al"


def _plain(insn: Decoded) -> str:
    """Operands in the form's order: registers by name, other operands with theirs."""
    e, o = insn.encoding, insn.operands
    parts = []
    for name in e.form.regs:
        value = getattr(o, name)
        if name in CORE:
            parts.append(register(value))
        elif name[0] == "v":
            parts.append(_vector(name, o))
        else:
            parts.append(f"{name} {value.value}")
    if e.form.imm:
        value = getattr(o, e.form.imm)
        is_plain = e.form.imm == "imm"
        parts.append(_immediate(value) if is_plain else f"{e.form.imm} {value.value:#x}")
    return ", ".join(parts)


_RULES: dict[str, Callable[[Decoded, Callable[[int], str]], str]] = {
    **dict.fromkeys(
        "alu_imm alu_reg alu_shift alu_shift_any alu_rsr alu_pc_imm alu_pc_shift alu_branch "
        "test_imm test_reg test_shift test_shift_any test_rsr".split(),
        _alu,
    ),
    **dict.fromkeys(["by_imm", "by_reg"], _by),
    **dict.fromkeys(["jump", "jump_cc", "jump_zero", "call", "jump_const"], _branch),
    **dict.fromkeys(
        "load_imm load_reg load_shifted store_imm store_reg store_shifted load_pair_imm "
        "load_pair_reg store_pair_imm store_pair_reg load_exclusive load_exclusive_pair "
        "store_exclusive store_exclusive_pair".split(),
        _memory,
    ),
    **dict.fromkeys(["load_literal", "load_pair_literal"], _literal),
    **dict.fromkeys(["load_multiple", "store_multiple"], _multiple),
    **dict.fromkeys(["vfp2", "vfp3", "vfp_compare", "vfp_compare_zero"], _float),
    **dict.fromkeys(["vfp_memory", "vfp_literal"], _float_memory),
    "it_block": _condition,
}
