"""Instructions as Python functions: what the reference evaluator does with rows, some times faster.

The row's form runs once on a machine that takes notes. Only instructions that do nothing but
compute registers and flags from registers and flags become functions.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.spec.bits import Bits
from run32.spec.rows import Decoded
from run32.spec.state import ARM, NARROW

Function = Callable[[list[int], dict[str, int]], None]
"""Takes r0 to r15 and the fields of the state, and changes them."""

PC = 15
_BINARY = {"and": "&", "or": "|", "xor": "^", "lshr": ">>"}
_WRAPPING = {"add": "+", "sub": "-", "mul": "*", "shl": "<<"}
_COMPARE = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


class Unfit(Exception):
    """The instruction does more than compute."""


class Notes:
    """The machine that a form runs on, and the emitter of its values."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, tuple[str, ...]]] = []
        """What is set, to which expression, and the variables in that."""

    def _value(self, width: int, text: str, *operands: Bits) -> Bits:
        name = f"t{len(self.lines)}"
        self.lines.append((name, text, tuple(o.name for o in operands)))
        return Bits(width, None, name, self)

    def op(self, mnemonic: str, width: int, *operands: Bits) -> Bits:
        """Note one operation (the `Emitter` protocol)."""
        a, *more = (o.name if o.const is None else str(o.const) for o in operands)
        mask, sign = (1 << width) - 1, 1 << operands[0].width - 1
        name, _, predicate = mnemonic.partition(" ")
        if name in _BINARY:
            text = f"{a} {_BINARY[name]} {more[0]}"
        elif name in _WRAPPING:
            text = f"({a} {_WRAPPING[name]} {more[0]}) & {mask}"
        elif name == "icmp":
            sides = [f"({x} ^ {sign})" if predicate[0] == "s" else x for x in (a, more[0])]
            text = f"1 if {sides[0]} {_COMPARE[predicate[-2:]]} {sides[1]} else 0"
        elif name == "select":
            text = f"{more[0]} if {a} else {more[1]}"
        elif name == "zext":
            text = a
        elif name == "sext":
            text = f"(({a} ^ {sign}) - {sign}) & {mask}"
        elif name == "trunc":
            text = f"{a} & {mask}"
        elif name == "ashr":
            text = f"((({a} ^ {sign}) - {sign}) >> {more[0]}) & {mask}"
        elif name == "ctlz":
            text = f"{width} - {a}.bit_length()"
        else:
            raise Unfit(mnemonic)
        return self._value(width, text, *operands)

    # -- the machine ------------------------------------------------------------------------------
    def reg(self, number: Bits) -> Bits:
        """A general register, but for pc."""
        if number.value == PC:
            raise Unfit("pc")
        return self._value(32, f"r[{number.value}]")

    def set_reg(self, number: Bits, value: Bits) -> None:
        """Write a general register."""
        self.reg(number)
        self._set(f"r[{number.value}]", value)

    def get(self, name: str) -> Bits:
        """A state field."""
        return self._value(NARROW.get(name, ARM[name].width), f"fields[{name!r}]")

    def put(self, name: str, value: Bits) -> None:
        """Write a state field."""
        self._set(f"fields[{name!r}]", value)

    def put_less(self, less: Bits) -> None:
        """N != V, which the reference computes."""

    def _set(self, what: str, value: Bits) -> None:
        text = value.name if value.const is None else str(value.const)
        self.lines.append((what, text, (value.name,)))

    def body(self) -> list[str]:
        """The lines that matter."""
        used: set[str] = set()
        found = []
        for target, text, names in reversed(self.lines):
            if target in used or "[" in target:
                used.update(names)
                found.append(f"    {target} = {text}\n")
        return found[::-1] or ["    pass\n"]


def function_of(insn: Decoded) -> Function | None:
    """What `insn` does where its condition holds; None if that is not only computation."""
    notes, e = Notes(), insn.encoding
    try:
        e.form.run(notes, insn.operands, e.row.sem)
    except (Unfit, AttributeError):  # the form asks for more than `Notes` has
        return None
    names: dict[str, Function] = {}
    exec("def function(r, fields):\n" + "".join(notes.body()), names)
    return names["function"]
