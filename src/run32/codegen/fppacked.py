"""Floating-point operations on vectors: the host's arithmetic where it gives Advanced SIMD's bits.

Advanced SIMD flushes denormals to zero, gives default NaNs and rounds to nearest whatever FPSCR
says. Host arithmetic does the same for operands and results that are normal, zero or infinite,
while the guest's rounding mode, which the host is in, is to nearest. Every operation becomes a
function `vf_NAME(cpu, operands)` on four lanes: it looks at all operands, computes, looks at the
results where they can be denormal or NaN, and has softfloat do all lanes if any is in doubt.

Invariant: host arithmetic only sees operands for which it raises the right flags, or none that
softfloat would not raise as well.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.codegen import packed
from run32.codegen.fpfast import ROUND
from run32.codegen.ir import Function, Module
from run32.spec import softfloat
from run32.spec.bits import Bits
from run32.spec.state import ARM
from run32.spec.vector import Vec

INTS, FLOATS = "<4 x i32>", "<4 x float>"
RMODE = 3 << 22
_CLASSIFIES = {"avx512dq", "avx512vl"}
_QUIET_NAN, _DENORMAL = 1, 32  # VFPCLASSPS
_EXPONENT = 24  # where it begins in a number shifted left by one


class Checks(Function):
    """A function on vectors under construction, which goes on at its label `soft` where it finds
    lanes that the host's arithmetic is not for."""

    def __init__(self, module: Module, name: str, params: str, returns: str) -> None:
        super().__init__(
            module,
            name,
            params,
            returns=returns,
            attributes="alwaysinline nounwind strictfp",
            linkage="internal",
        )
        self._checks: list[str] = []

    def number(self, name: str) -> str:
        """Lanes as the host's numbers, typed."""
        return f"{FLOATS} {self.temp(f'bitcast {INTS} {name} to {FLOATS}')}"

    def ints(self, number: str) -> str:
        """The host's numbers as lanes."""
        return self.temp(f"bitcast {number} to {INTS}")

    def all(self, value: int) -> str:
        """A number in all lanes."""
        return packed.literal(sum((value & 0xFFFFFFFF) << 32 * i for i in range(4)), 32, 4)

    def doubt_range(self, name: str, low: int, count: int) -> None:
        """Note lanes that are neither zero nor have an exponent from `low` on, `count` in all."""
        twice = self.temp(f"shl {INTS} {name}, {self.all(1)}")
        moved = self.temp(f"sub {INTS} {twice}, {self.all(low << _EXPONENT)}")
        outside = self.temp(f"icmp uge {INTS} {moved}, {self.all(count << _EXPONENT)}")
        some = self.temp(f"icmp ne {INTS} {twice}, zeroinitializer")
        self._checks.append(self.temp(f"and <4 x i1> {outside}, {some}"))

    def doubt_small(self, names: list[str], low: int = 1) -> None:
        """Note lanes where one of `names` is not zero, but has an exponent below `low`."""
        if low == 64 and self._classifies:
            for name in names:
                self._doubt_small_bits(name)
            return
        least = ""
        for name in names:
            twice = self.temp(f"shl {INTS} {name}, {self.all(1)}")
            before = self.temp(f"add {INTS} {twice}, {self.all(-1)}")  # zero becomes the largest
            if least:
                pair = f"{INTS} {least}, {INTS} {before}"
                before = self.temp(f"call {INTS} @llvm.umin.v4i32({pair})")
            least = before
        if len(names) > 1:
            function = f"{INTS} @llvm.umin.v4i32({INTS}, {INTS})"
            self.module.declare("@llvm.umin.v4i32", f"declare {function}")
        bound = self.all((low << _EXPONENT) - 1)
        self._checks.append(self.temp(f"icmp ult {INTS} {least}, {bound}"))

    def _doubt_small_bits(self, name: str) -> None:
        """The same for exponents below 64, and the least number with that one, by two bits."""
        before = self.temp(f"add {INTS} {name}, {self.all(-1)}")  # zero's exponent gets the largest
        large = self.temp(f"and {INTS} {before}, {self.all(3 << 29)}")
        self._checks.append(self.temp(f"icmp eq {INTS} {large}, zeroinitializer"))

    def doubt_denormal(self, *numbers: str) -> None:
        """Note lanes where one of `numbers` is denormal."""
        if not self._classifies:
            self.doubt_small([self.ints(n) for n in numbers])
            return
        for number in numbers:
            self._doubt_class(number, _DENORMAL)

    def doubt_result(self, number: str) -> None:
        """Note lanes that are denormal, or NaNs, which are quiet."""
        if self._classifies:
            self._doubt_class(number, _DENORMAL | _QUIET_NAN)
        else:
            self.doubt_denormal(number)
            self.doubt_nan(number)

    def _doubt_class(self, number: str, classes: int) -> None:
        """Note lanes of some classes with the host's instruction for that."""
        name = "@llvm.x86.avx512.fpclass.ps.128"
        self.module.declare(name, f"declare <4 x i1> {name}({FLOATS}, i32 immarg)")
        self._checks.append(self.temp(f"call <4 x i1> {name}({number}, i32 {classes})"))

    @property
    def _classifies(self) -> bool:
        """Whether the host has an instruction that tells classes of numbers."""
        return self.module.host == "x86_64" and self.module.features >= _CLASSIFIES

    def doubt_nan(self, number: str) -> None:
        """Note lanes that are NaNs, which are quiet."""
        self._checks.append(self.temp(f"fcmp uno {number}, {number.split()[-1]}"))

    def doubt(self, lanes: str) -> None:
        """Note lanes (of i1)."""
        self._checks.append(lanes)

    def settle(self) -> None:
        """Go on in softfloat if a lane noted so far is in doubt."""
        checks, self._checks = self._checks, []
        if checks:
            self._unless(self.temp(f"icmp ne {self._union(checks)}, 0"))

    def _union(self, checks: list[str]) -> str:
        """Lanes of any of `checks` as an integer, typed."""
        doubtful = checks[0]
        if len(checks) == 1 and self._classifies:  # a mask that is tested where it is
            halves = f"<4 x i1> {doubtful}, <4 x i1> zeroinitializer"
            order = ", ".join(f"i32 {i}" for i in range(8))
            mask = self.temp(f"shufflevector {halves}, <8 x i32> <{order}>")
            return f"i8 {self.temp(f'bitcast <8 x i1> {mask} to i8')}"
        for check in checks[1:]:
            doubtful = self.temp(f"or <4 x i1> {doubtful}, {check}")
        return f"i4 {self.temp(f'bitcast <4 x i1> {doubtful} to i4')}"

    def _unless(self, bad: str) -> None:
        go_on = self.new_label("fast")
        self.line(f"br i1 {bad}, label %soft, label %{go_on}, !prof !0")
        self.label(go_on)


class Lanes(Checks):
    """The function of one operation under construction; `x` are its operands as `INTS`.

    Those in `clean`, by number, are surely not denormal.
    """

    def __init__(self, module: Module, name: str, clean: tuple[int, ...]) -> None:
        self.clean = clean
        self.operation = softfloat.LANES[name, 32]
        self.operands = [f"{INTS} %x{i}" for i, w in enumerate(self.operation.operands) if w == 32]
        self.has_fraction = self.operation.operands[-1] == 8
        given = self.operands + (["i8 %fraction"] if self.has_fraction else [])
        self.params = ", ".join(["ptr %cpu", *given])
        super().__init__(module, function_name(name, clean), self.params, INTS)
        self.x = [o.split()[-1] for o in self.operands]

    def need_nearest(self) -> None:
        """Go on in softfloat if the host is in another rounding mode. Regions look at that where
        they begin."""
        if self.module.never_flushes:
            return
        fpscr = self.load(32, self.address("%cpu", ARM["fpscr"].offset))
        self._unless(self.ref((fpscr & RMODE).ne(0)))

    def give(self, name: str) -> None:
        """End with a result."""
        self.line(f"ret {INTS} {name}")
        self.label("soft")
        self.soft()

    def soft(self) -> None:
        """Have softfloat compute all lanes."""
        slow = _define_slow(self.module, self)
        text = f"call {INTS} @{slow}({self.params}) cold strictfp"
        self.line(f"ret {INTS} {self.temp(text)}")


def _define_slow(module: Module, f: Lanes) -> str:
    """`vs_NAME`: the operation lane by lane."""
    op = f.operation
    name = f"vs_{op.name}"
    if name in f.module.declarations:
        return name
    f.module.declare(name, f"; {name} is defined below")
    soft = f"soft_{op.symbol}"
    takes = ", ".join(["ptr", *(f"i{w}" for w in op.operands)])
    module.declare(soft, f"declare hidden i{op.result} @{soft}({takes}) cold nounwind")
    g = Function(
        module,
        name,
        f.params,
        returns=INTS,
        attributes="cold noinline nounwind strictfp",
        linkage="internal",
    )
    result = "poison"
    for i in range(4):
        given = [f"i32 {g.temp(f'extractelement {o}, i32 {i}')}" for o in f.operands]
        given += ["i8 %fraction"] if f.has_fraction else []
        call = f"call {module.rare} i32 @{soft}(ptr %cpu, {', '.join(given)}) cold strictfp"
        value = g.temp(call)
        result = g.temp(f"insertelement {INTS} {result}, i32 {value}, i32 {i}")
    g.line(f"ret {INTS} {result}")
    g.finish()
    return name


# -- operations -----------------------------------------------------------------------------------
def _sum(intrinsic: str) -> Callable[[Lanes], None]:
    def emit(f: Lanes) -> None:
        f.need_nearest()
        numbers = [f.number(x) for x in f.x]
        unsure = [n for i, n in enumerate(numbers) if i not in f.clean]
        if unsure:
            f.doubt_denormal(*unsure)
            f.settle()
        number = host(f, intrinsic, *numbers)
        f.doubt_result(number)  # exact if denormal; softfloat raises what a NaN has raised
        f.settle()
        f.give(f.ints(number))

    return emit


def _product(f: Lanes) -> None:
    """No result within these bounds is denormal."""
    f.need_nearest()
    f.doubt_small(f.x, 64)
    f.settle()
    number = host(f, "fmul", *(f.number(x) for x in f.x))
    f.doubt_nan(number)
    f.settle()
    f.give(f.ints(number))


def _fma(f: Lanes) -> None:
    """addend + a * b; no result within these bounds is denormal."""
    if f.module.host == "x86_64" and not f.module.fma:
        f.soft()
        return
    addend, a, b = f.x
    f.need_nearest()
    f.doubt_small([addend], 67)
    f.doubt_small([a, b], 96)
    f.settle()
    number = host(f, "fma", f.number(a), f.number(b), f.number(addend))
    f.doubt_nan(number)
    f.settle()
    f.give(f.ints(number))


def host(f: Checks, name: str, *numbers: str, result: str = FLOATS, rounds: bool = True) -> str:
    """A constrained intrinsic on vectors; gives a typed value."""
    short = {FLOATS: "v4f32", INTS: "v4i32"}
    given = [n.rsplit(" ", 1)[0] for n in numbers]
    suffix = short[result] if given[0] == result else f"{short[result]}.{short[given[0]]}"
    full = f"@llvm.experimental.constrained.{name}.{suffix}"
    meta = ", ".join(["metadata"] * (2 if rounds else 1))
    f.module.declare(full, f"declare {result} {full}({', '.join(given)}, {meta})")
    modes = ('metadata !"round.dynamic", ' if rounds else "") + 'metadata !"fpexcept.strict"'
    call = f"call {result} {full}({', '.join(numbers)}, {modes}) strictfp"
    return f"{result} {f.temp(call)}"


def _scale(f: Lanes, negative: bool) -> str:
    """2**fraction or 2**-fraction in all lanes, typed."""
    wide = f.value(32, f.temp("zext i8 %fraction to i32"))
    exponent = Bits(32, 127) - wide if negative else wide + 127
    first = f.temp(f"insertelement {INTS} poison, {f.typed(exponent << 23)}, i32 0")
    zeros = "<4 x i32> zeroinitializer"
    return f.number(f.temp(f"shufflevector {INTS} {first}, {INTS} poison, {zeros}"))


def _to_fixed(signed: bool) -> Callable[[Lanes], None]:
    """Numbers below 2**31 after scaling; what is unsigned must be positive as well."""

    def emit(f: Lanes) -> None:
        x = f.x[0]
        f.doubt_range(x, 64, 126 - 32)  # times 2**32 at most this stays below 2**63
        if not signed:
            f.doubt(f.temp(f"icmp slt {INTS} {x}, zeroinitializer"))
        f.settle()
        scaled = host(f, "fmul", f.number(x), _scale(f, False))  # exact
        twice = f.temp(f"shl {INTS} {f.ints(scaled)}, {f.all(1)}")
        f.doubt(f.temp(f"icmp uge {INTS} {twice}, {f.all(158 << _EXPONENT)}"))
        f.settle()
        f.give(host(f, "fptosi", scaled, result=INTS, rounds=False).rsplit(" ", 1)[1])

    return emit


def _from_fixed(signed: bool) -> Callable[[Lanes], None]:
    def emit(f: Lanes) -> None:
        x = f.x[0]
        f.need_nearest()
        if not signed:
            f.doubt(f.temp(f"icmp slt {INTS} {x}, zeroinitializer"))
            f.settle()
        number = host(f, "sitofp", f"{INTS} {x}")
        f.give(f.ints(host(f, "fmul", number, _scale(f, True))))  # exact

    return emit


def _round(letter: str) -> Callable[[Lanes], None]:
    def emit(f: Lanes) -> None:
        if not f.module.rounds:
            f.soft()
            return
        if letter == "x":
            f.need_nearest()
        number = f.number(f.x[0])
        f.doubt_denormal(number)
        f.settle()
        result = host(f, ROUND[letter], number, rounds=letter == "x")
        f.doubt_nan(result)
        f.settle()
        f.give(f.ints(result))

    return emit


def _to_int_mode(signed: bool, letter: str) -> Callable[[Lanes], None]:
    """Round, then convert what is exact by then; converting the operand notes what was lost."""

    def emit(f: Lanes) -> None:
        if not f.module.rounds:
            f.soft()
            return
        x = f.x[0]
        f.doubt_range(x, 1, 127 + 30 - 1)  # below 2**30, and not denormal
        if not signed:
            f.doubt(f.temp(f"icmp slt {INTS} {x}, zeroinitializer"))
        f.settle()
        whole = host(f, ROUND[letter], f.number(x), rounds=False)
        host(f, "fptosi", f.number(x), result=INTS, rounds=False)
        f.give(host(f, "fptosi", whole, result=INTS, rounds=False).rsplit(" ", 1)[1])

    return emit


_BODIES: dict[str, Callable[[Lanes], None]] = {
    "v_add": _sum("fadd"),
    "v_sub": _sum("fsub"),
    "v_mul": _product,
    "v_fma": _fma,
    "v_to_fixed_s32": _to_fixed(True),
    "v_to_fixed_u32": _to_fixed(False),
    "v_from_fixed_s32": _from_fixed(True),
    "v_from_fixed_u32": _from_fixed(False),
}
for _letter in "npmzx":
    _BODIES[f"v_round_{_letter}"] = _round(_letter)
for _letter in "npm":
    _BODIES[f"v_to_s32_{_letter}"] = _to_int_mode(True, _letter)
    _BODIES[f"v_to_u32_{_letter}"] = _to_int_mode(False, _letter)
for _name in ("v_round_a", "v_to_s32_a", "v_to_u32_a"):  # x86-64 has no such rounding
    _BODIES[_name] = Lanes.soft


_SUMS = {"v_add", "v_sub"}
_CLEAN = {*_SUMS, "v_mul", "v_fma"}
"""Operations whose results are never denormal, whoever computes them."""


def function_name(operation: str, clean: tuple[int, ...]) -> str:
    """The function of an operation whose operands in `clean` are."""
    return "_".join(["vf", operation, *(f"clean{i}" for i in clean)])


def emit(f: Function, operation: str, *operands: Vec, fraction: Bits | None = None) -> Vec:
    """A call of the operation's function on two or four lanes. `%cpu` is in scope in `f`."""
    count = operands[0].count
    numbers = (v.bits for v in operands)
    sure = (i for i, v in enumerate(numbers) if isinstance(v, packed.Packed) and v.is_clean)
    clean = tuple(sure) if operation in _SUMS else ()
    name = function_name(operation, clean)
    if name not in f.module.declarations:
        f.module.declare(name, f"; {name} is defined below")
        g = Lanes(f.module, operation, clean)
        _BODIES[operation](g)
        g.finish()
    whole = [v if count == 4 else v.join(v.like(0)) for v in operands]
    given = [f"{INTS} {packed.operand(f, v.bits, 32)}" for v in whole]
    if fraction is not None:
        given.append(f.typed(fraction))
    text = f"call {INTS} @{name}(ptr %cpu, {', '.join(given)}) strictfp"
    result = packed.Packed(f, 128, INTS, f.temp(text))
    result.is_clean = operation in _CLEAN
    return Vec(result, 32).part(0, count)
