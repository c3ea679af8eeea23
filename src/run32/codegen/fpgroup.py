"""Floating-point operations on vectors in regions: several are computed, and looked at, together.

The operations of straight code are gathered until one of their results is looked at, or control
goes elsewhere; they are one function then, `vg_SHAPE(cpu, inputs)`, which is inlined. It looks at
all inputs at once, then at all results. In between it looks only at what another operation takes
that must not be as small as it may be; NaNs go on to the results, where they are found.

If a lane is in doubt, softfloat does the whole group again: what the host has raised until then,
softfloat raises as well.

Invariant: host arithmetic only sees operands for which it raises the right flags, NaNs that it has
made itself, or some for which it raises nothing that softfloat would not raise as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from run32.codegen import packed
from run32.codegen.fppacked import INTS, Checks, host
from run32.codegen.ir import Function, Module
from run32.spec import softfloat
from run32.spec.bits import Bits

if TYPE_CHECKING:
    from run32.codegen.regionfunction import RegionFunction

MOST = 16
"""Operations of a group."""
_HOST = {"v_add": "fadd", "v_sub": "fsub", "v_mul": "fmul", "v_fma": "fma"}
_LETTER = {"v_add": "a", "v_sub": "s", "v_mul": "m", "v_fma": "f"}
_SUMS = ("v_add", "v_sub")
_BOUNDS = {"v_mul": (64, 64), "v_fma": (67, 96, 96)}
"""What exponents operands have at least, if they are not zero, so that no result is denormal."""
_UNKNOWN, _CLEAN, _BOUNDED = "u", "c", "b"
"""What is known of an input: nothing, that it is not denormal, that it is above all bounds."""
# LLVM ends functions that restore registers with `vzeroupper` where they may use AVX
_NO_AVX = ' "target-features"="-avx"'

Ref = tuple[bool, int]
"""An operand: an input of the group (False) or a result, and its number."""
Node = tuple[str, tuple[Ref, ...]]
Sure = Callable[[], bool]


def can_take(module: Module, operation: str) -> bool:
    """Whether groups have an operation."""
    return operation in _HOST and (
        operation != "v_fma" or module.host != "x86_64" or bool(module.fma)
    )


class Pending(packed.Packed):
    """A result of a group; looking at its vector ends the group."""

    __slots__ = ("_vector", "group", "number")

    def __init__(self, group: Group, number: int) -> None:
        super().__init__(group.f, 128, INTS, "")
        self.group = group
        self.number = number
        self.is_clean = True

    @property
    def vector(self) -> str:
        """The SSA name."""
        self.group.end()
        return self._vector

    @vector.setter
    def vector(self, name: str) -> None:
        self._vector = name


class Group:
    """Operations that wait to be emitted into `f`."""

    def __init__(self, f: RegionFunction) -> None:
        self.f = f
        self.nodes: list[Node] = []
        self.results: list[Pending] = []
        self.inputs: dict[str, str] = {}
        """What is known of each, by the typed value."""
        self.sure: dict[str, Sure] = {}
        """Asks whether an input is clean, where only the whole function tells."""
        self.on_end: Callable[[], None] = lambda: None
        self._line = 0

    def add(self, operation: str, operands: list[Bits]) -> Pending:
        """The result of another operation."""
        refs = tuple(self._ref(o) for o in operands)
        self.nodes.append((operation, refs))
        self.results.append(Pending(self, len(self.nodes) - 1))
        return self.results[-1]

    def _ref(self, operand: Bits) -> Ref:
        if isinstance(operand, Pending) and operand.group is self:
            return True, operand.number
        name = packed.operand(self.f, operand, 32)
        if name not in self.inputs:
            self.inputs[name] = _known(operand)
            if isinstance(operand, packed.Packed) and operand.sure is not None:
                self.sure[name] = operand.sure
        return False, list(self.inputs).index(name)

    def end(self) -> None:
        """Emit the operations, if that is still to be done."""
        if self.f.group is not self:
            return
        f = self.f
        f.group = None
        f.groups.append(self)
        self._line = len(f.lines)
        called = f.temp("call ")
        if len(self.nodes) == 1:
            self.results[0].vector = called
        else:
            kind = _results(len(self.nodes))
            for i, result in enumerate(self.results):
                result.vector = f.temp(f"extractvalue {kind} {called}, {i}")
        self.on_end()

    def settle(self) -> None:
        """Complete the call: everything is known now that tells of inputs."""
        f = self.f
        known = "".join(
            _CLEAN if k == _UNKNOWN and name in self.sure and self.sure[name]() else k
            for name, k in self.inputs.items()
        )
        name = _define(f.module, tuple(self.nodes), known)
        given = ", ".join(["ptr %cpu", *(f"{INTS} {x}" for x in self.inputs)])
        f.lines[self._line] += f"{_results(len(self.nodes))} @{name}({given}) strictfp"


def _known(operand: Bits) -> str:
    """What is known of an input."""
    if operand.const is not None:
        lanes = [operand.const >> 32 * i & 0x7FFFFFFF for i in range(4)]
        if all(x == 0 or x >> 23 >= 96 for x in lanes):
            return _BOUNDED
        return _CLEAN if all(x == 0 or x >> 23 for x in lanes) else _UNKNOWN
    return _CLEAN if isinstance(operand, packed.Packed) and operand.is_clean else _UNKNOWN


def is_clean(value: Bits) -> bool:
    """Whether no lane is a denormal number, surely."""
    return _known(value) != _UNKNOWN


def _results(count: int) -> str:
    return INTS if count == 1 else "{ " + ", ".join([INTS] * count) + " }"


def _define(module: Module, nodes: tuple[Node, ...], known: str) -> str:
    """The name of the function of a group, defined by now."""
    shape = "".join(
        _LETTER[operation] + "".join(f"{'xt'[is_result]}{i}" for is_result, i in refs)
        for operation, refs in nodes
    )
    name = f"vg_{shape}.{known}"
    if name not in module.declarations:
        module.declare(name, f"; {name} is defined below")
        GroupFunction(module, name, nodes, known).emit()
    return name


class GroupFunction(Checks):
    """The function of a group."""

    def __init__(self, module: Module, name: str, nodes: tuple[Node, ...], known: str) -> None:
        params = ["ptr %cpu", *(f"{INTS} %x{i}" for i in range(len(known)))]
        super().__init__(module, name, ", ".join(params), _results(len(nodes)))
        self.nodes = nodes
        self.known = known
        self.values: dict[Ref, str] = {(False, i): f"%x{i}" for i in range(len(known))}
        self.numbers: dict[Ref, str] = {}

    def emit(self) -> None:
        """All of it."""
        buffer = self.temp(f"alloca [{len(self.known) + len(self.nodes)} x {INTS}], align 16")
        levels = self._levels()
        for level in range(max(levels) + 1):
            self._look(level, levels)
            for i, (operation, refs) in enumerate(self.nodes):
                if levels[i] == level:
                    self._compute(i, operation, refs)
        self._look_at_results()
        self._return([self.values[True, i] for i in range(len(self.nodes))])
        self.label("soft")
        self._soft(buffer)
        self.finish()

    def _needs(self, operation: str, position: int) -> int:
        """The exponent that an operand must have at least, if it is not zero."""
        return 1 if operation in _SUMS else _BOUNDS[operation][position]

    def _is_safe(self, ref: Ref, low: int) -> bool:
        """Whether an operand is surely zero, or has that exponent."""
        is_result, number = ref
        if is_result:
            return low == 1 and self.nodes[number][0] not in _SUMS
        return self.known[number] == _BOUNDED or (low == 1 and self.known[number] == _CLEAN)

    def _levels(self) -> list[int]:
        """For each operation how many looks at results must come before."""
        levels: list[int] = []
        for operation, refs in self.nodes:
            level = 0
            for position, ref in enumerate(refs):
                if ref[0]:
                    is_safe = self._is_safe(ref, self._needs(operation, position))
                    level = max(level, levels[ref[1]] + (not is_safe))
            levels.append(level)
        return levels

    def _look(self, level: int, levels: list[int]) -> None:
        """Look at operands: first at all inputs, then at results that were not looked at."""
        bounds: dict[Ref, int] = {}
        for operation, refs in self.nodes:
            for position, ref in enumerate(refs):
                low = self._needs(operation, position)
                when = levels[ref[1]] + 1 if ref[0] else 0
                if when == level and not self._is_safe(ref, low):
                    bounds[ref] = max(bounds.get(ref, 0), low)
        for low in sorted(set(bounds.values())):
            refs_ = [ref for ref, bound in bounds.items() if bound == low]
            if low == 1:
                self.doubt_denormal(*(self._number_of(ref) for ref in refs_))
            else:
                self.doubt_small([self.values[ref] for ref in refs_], low)
        self.settle()

    def _number_of(self, ref: Ref) -> str:
        if ref not in self.numbers:
            self.numbers[ref] = self.number(self.values[ref])
        return self.numbers[ref]

    def _compute(self, number: int, operation: str, refs: tuple[Ref, ...]) -> None:
        numbers = [self._number_of(ref) for ref in refs]
        if operation == "v_fma":
            numbers = [*numbers[1:], numbers[0]]  # the addend is the first operand, and LLVM's last
        result = host(self, _HOST[operation], *numbers)
        self.numbers[True, number] = result
        self.values[True, number] = self.ints(result)

    def _look_at_results(self) -> None:
        """Look at what no other operation has taken: for NaNs, and for denormal sums."""
        taken = {number for _, refs in self.nodes for is_result, number in refs if is_result}
        for i, (operation, _) in enumerate(self.nodes):
            number = self.numbers[True, i]
            if i not in taken:
                (self.doubt_result if operation in _SUMS else self.doubt_nan)(number)
        self.settle()

    def _return(self, values: list[str]) -> None:
        if len(values) == 1:
            self.line(f"ret {INTS} {values[0]}")
            return
        kind, result = _results(len(values)), "poison"
        for i, value in enumerate(values):
            result = self.temp(f"insertvalue {kind} {result}, {INTS} {value}, {i}")
        self.line(f"ret {kind} {result}")

    def _soft(self, buffer: str) -> None:
        """Have softfloat do everything, in memory."""
        places = {ref: self.address(buffer, 16 * i) for i, ref in enumerate(self._all())}
        for i in range(len(self.known)):
            self.line(f"store {INTS} %x{i}, ptr {places[False, i]}, align 16")
        for i, (operation, refs) in enumerate(self.nodes):
            slow = _define_slow(self.module, operation)
            given = ", ".join(f"ptr {places[ref]}" for ref in ((True, i), *refs))
            self.line(f"call {self.module.rare} void @{slow}(ptr %cpu, {given}) cold strictfp")
        results = [places[True, i] for i in range(len(self.nodes))]
        self._return([self.temp(f"load {INTS}, ptr {p}, align 16") for p in results])

    def _all(self) -> list[Ref]:
        inputs = [(False, i) for i in range(len(self.known))]
        return inputs + [(True, i) for i in range(len(self.nodes))]


def _define_slow(module: Module, operation: str) -> str:
    """`vm_NAME(cpu, result, operands)`: the operation lane by lane, in memory."""
    name = f"vm_{operation}"
    if name in module.declarations:
        return name
    module.declare(name, f"; {name} is defined below")
    op = softfloat.LANES[operation, 32]
    soft = f"soft_{op.symbol}"
    takes = ", ".join(["ptr", *(f"i{w}" for w in op.operands)])
    module.declare(soft, f"declare hidden i32 @{soft}({takes}) cold nounwind")
    pointers = [f"%x{i}" for i in range(len(op.operands))]
    params = ", ".join(["ptr %cpu", "ptr %out", *(f"ptr {p}" for p in pointers)])
    attributes = "cold noinline nounwind strictfp"
    if module.host == "x86_64":
        attributes += _NO_AVX
    g = Function(
        module, name, params, attributes=attributes, linkage="internal", convention=module.rare
    )
    for i in range(4):
        given = ", ".join(g.typed(g.load(32, g.address(p, 4 * i))) for p in pointers)
        call = f"call {module.rare} i32 @{soft}(ptr %cpu, {given}) cold strictfp"
        g.store(g.value(32, g.temp(call)), g.address("%out", 4 * i))
    g.line("ret void")
    g.finish()
    return name
