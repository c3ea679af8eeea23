"""Fast paths of floating-point operations: host arithmetic wherever it gives VFP's bits and flags.

Each operation of `spec.softfloat` becomes one function `fp_NAME_WIDTH(cpu, operands)` that is
inlined into its users. It computes with constrained intrinsics, so that the host collects the
cumulative flags and rounds in the guest's mode (see `fp`), and calls `soft_NAME_WIDTH` where the
host differs. The host's flags must never have become wrong by then.

AArch64 computes exactly as AArch32 does: its control register holds the guest's modes, nothing
needs a second look. x86-64 differs in four ways:

- flush-to-zero (`fpslow`) works differently: soft, before the host computes anything;
- which NaN comes out, and default NaNs: soft where the result is a NaN. Where the host has raised
  invalid, VFP does too;
- tininess is detected after rounding, so underflow may be missing where the result is the smallest
  normal number: soft then. Sums and roots underflow never, or exactly;
- conversions to integers out of range: soft, decided before converting.

Requires: users have the attribute `strictfp`, their module the metadata `!0` (unlikely, likely).
"""

from __future__ import annotations

from collections.abc import Callable

from run32.codegen.ir import Function, Module
from run32.spec.bits import Bits, cat
from run32.spec.softfloat import LANES, Operation
from run32.spec.softfloat.format import FORMATS
from run32.spec.state import ARM

FLOAT = {16: "half", 32: "float", 64: "double"}
_EXCEPT = 'metadata !"fpexcept.strict"'
HAS_FMA = 2  # values of `host_fma`: 0 is not known yet, 1 no
HOST_FMA = "host_fma_64"
_ROUND = 'metadata !"round.dynamic", '


def types(op: Operation) -> tuple[list[str], str]:
    """The host's types of the operands and the result: numbers stay in floating-point registers."""
    takes = [f"i{w}" for w in op.operands]
    gives = f"i{op.result}"
    if "f16" not in op.name and op.width > 16:
        if not op.name.startswith("from_"):
            takes = [
                FLOAT[w] if w in (32, 64) else t for w, t in zip(op.operands, takes, strict=True)
            ]
        if not op.name.startswith(("cmp", "to_s", "to_u", "to_fixed")):
            gives = FLOAT[op.result]
    return takes, gives


def number(f: Function, bits: Bits) -> str:
    """Bits as a host floating-point value, typed."""
    t = FLOAT[bits.width]
    return f"{t} {f.temp(f'bitcast {f.typed(bits)} to {t}')}"


def constrained(f: Function, name: str, result: str, *numbers: str, rounds: bool = True) -> str:
    """A constrained intrinsic on typed values; gives a typed value."""
    types = [n.split()[0] for n in numbers]
    suffix = result if types[0] == result else f"{result}.{types[0]}"
    for t, short in (("half", "f16"), ("float", "f32"), ("double", "f64")):
        suffix = suffix.replace(t, short)
    full = f"@llvm.experimental.constrained.{name}.{suffix}"
    meta = ", ".join(["metadata"] * (2 if rounds else 1))
    f.module.declare(full, f"declare {result} {full}({', '.join(types)}, {meta})")
    modes = (_ROUND if rounds else "") + _EXCEPT
    call = f"call {result} {full}({', '.join(numbers)}, {modes}) strictfp"
    return f"{result} {f.temp(call)}"


class Fast(Function):
    """The function of one operation under construction. `x` are its operands."""

    def __init__(self, module: Module, op: Operation) -> None:
        takes, gives = types(op)
        params = ", ".join(["ptr %cpu", *(f"{t} %p{i}" for i, t in enumerate(takes))])
        super().__init__(
            module,
            f"fp_{op.symbol}",
            params,
            returns=gives,
            attributes="alwaysinline nounwind strictfp",
            linkage="internal",
        )
        self.operation = op
        self.width = op.width
        self.takes, self.result = takes, gives
        self.x = [
            self.value(w, self.temp(f"bitcast {t} %p{i} to i{w}"))
            for i, (w, t) in enumerate(zip(op.operands, takes, strict=True))
        ]
        self.operands = ", ".join(self.typed(x) for x in self.x)
        self.is_x86 = module.host == "x86_64"
        self._has_soft = False

    # -- control flow -----------------------------------------------------------------------------
    def soft_if(self, cond: Bits) -> None:
        """Go on in softfloat where `cond` is 1."""
        go_on = self.new_label("fast")
        self.line(f"br i1 {self.ref(cond)}, label %soft, label %{go_on}, !prof !0")
        self.label(go_on)
        self._has_soft = True

    def soft_if_flushing(self) -> None:
        """Go on in softfloat where the host cannot flush to zero as the guest wants it."""
        if self.is_x86 and not self.module.never_flushes:
            self.soft_if(self.field("fpslow").ne(0))

    def soft(self) -> None:
        """Call softfloat, always."""
        op = self.operation
        name = f"soft_{op.symbol}"
        declared = ", ".join(["ptr", *(f"i{w}" for w in op.operands)])
        self.module.declare(name, f"declare hidden i{op.result} @{name}({declared}) cold nounwind")
        rare = self.module.rare
        given = ["ptr %cpu"]  # as bits, which only this path needs
        for i, (w, t) in enumerate(zip(op.operands, self.takes, strict=True)):
            given.append(f"i{w} {self.temp(f'bitcast {t} %p{i} to i{w}')}")
        value = self.temp(f"call {rare} i{op.result} @{name}({', '.join(given)}) cold strictfp")
        self._return(self.value(op.result, value))

    def _return(self, value: Bits) -> None:
        """Return bits, as the host's number if the function's result is one."""
        given = self.temp(f"bitcast {self.typed(value)} to {self.result}")
        self.line(f"ret {self.result} {given}")

    def give(self, value: Bits) -> None:
        """End with a result."""
        self._return(value)
        if self._has_soft:
            self.label("soft")
            self.soft()

    def field(self, name: str) -> Bits:
        """A 32-bit field of the cpu struct."""
        return self.load(32, self.address("%cpu", ARM[name].offset))

    # -- host arithmetic --------------------------------------------------------------------------
    def number(self, bits: Bits) -> str:
        """Bits as a host floating-point value, typed."""
        return number(self, bits)

    def bits(self, number: str) -> Bits:
        """A typed host value as bits."""
        width = {"half": 16, "float": 32, "double": 64}[number.split()[0]]
        return self.value(width, self.temp(f"bitcast {number} to i{width}"))

    def constrained(self, name: str, result: str, *numbers: str, rounds: bool = True) -> str:
        """A constrained intrinsic on typed values; gives a typed value."""
        return constrained(self, name, result, *numbers, rounds=rounds)

    def fence(self, number: str) -> str:
        """A typed number that LLVM does not look behind.

        On AArch64 it makes a difference of a sum with a negated operand, and FNMADD of a negated
        `fma`: both give a NaN another sign, and FNMADD is rounded the other way.
        """
        t = number.split()[0]
        full = f"@llvm.arithmetic.fence.{'f32' if t == 'float' else 'f64'}"
        self.module.declare(full, f"declare {t} {full}({t})")
        return f"{t} {self.temp(f'call {t} {full}({number})')}"

    def compare(self, relation: str, a: str, b: str, *, signalling: bool) -> Bits:
        """A comparison that raises flags; one bit."""
        t = a.split()[0]
        kind = "fcmps" if signalling else "fcmp"
        full = f"@llvm.experimental.constrained.{kind}.{'f32' if t == 'float' else 'f64'}"
        self.module.declare(full, f"declare i1 {full}({t}, {t}, metadata, metadata)")
        call = f'call i1 {full}({a}, {b}, metadata !"{relation}", {_EXCEPT}) strictfp'
        return self.value(1, self.temp(call))

    def check(self, result: Bits, *, tiny: bool) -> None:
        """On x86-64, softfloat for NaN results and, with `tiny`, where underflow is in doubt.

        Both are one comparison of the result's magnitude with the smallest normal number; without
        `tiny` the result is compared with itself. Comparing a quiet NaN raises nothing.
        """
        if not self.is_x86:
            return
        kind = FLOAT[result.width]
        value = self.number(result)
        if tiny:
            name = f"@llvm.fabs.f{result.width}"
            self.module.declare(name, f"declare {kind} {name}({kind})")
            size = f"{kind} {self.temp(f'call {kind} {name}({value}) strictfp')}"
            smallest = self.number(Bits(result.width, 1 << FORMATS[result.width].frac_bits))
            self.soft_if(self.compare("ueq", size, smallest, signalling=False))
        else:
            self.soft_if(self.compare("uno", value, value, signalling=False))


def power(width: int, exponent: int) -> int:
    """The bits of 2**exponent."""
    fmt = FORMATS[width]
    return (exponent + fmt.bias) << fmt.frac_bits


# -- arithmetic -----------------------------------------------------------------------------------
def _arithmetic(intrinsic: str, *, tiny: bool) -> Callable[[Fast], None]:
    def emit(f: Fast) -> None:
        f.soft_if_flushing()
        numbers = [f.number(x) for x in f.x]
        if intrinsic == "fadd" and not f.is_x86:
            numbers = [f.fence(n) for n in numbers]
        result = f.bits(f.constrained(intrinsic, FLOAT[f.width], *numbers))
        f.check(result, tiny=tiny)
        f.give(result)

    return emit


def _fma(f: Fast) -> None:
    """The host's fused multiply-add. x86-64 may have one: `cpu.host_fma` says so once it is known.

    Without, a single-precision product is exact in double precision, and rounding the sum twice is
    wrong only where the first rounding ends half way between two single-precision numbers, or
    where the result is not normal.
    """
    addend, a, b = f.x
    if not f.is_x86:
        f.give(f.bits(f.fence(fused(f, addend, a, b))))
    elif f.module.fma:
        f.soft_if_flushing()
        result = f.bits(fused(f, addend, a, b))
        f.check(result, tiny=True)
        f.give(result)
    elif f.width == 64 and f.module.fma is False:
        f.soft()
    elif f.width == 64:
        f.soft_if_flushing()
        f.soft_if(f.field("host_fma").ne(HAS_FMA))
        result = f.value(64, f.temp(f"call i64 @{HOST_FMA}({f.operands}) strictfp"))
        f.module.declare(HOST_FMA, f"declare hidden i64 @{HOST_FMA}(i64, i64, i64) nounwind")
        f.check(result, tiny=True)
        f.give(result)
    else:
        f.soft_if_flushing()
        wide_addend, x, y = (
            f.constrained("fpext", "double", f.number(n), rounds=False) for n in f.x
        )
        product = f.constrained("fmul", "double", x, y)
        total = f.constrained("fadd", "double", product, wide_addend)
        wide = f.bits(total)
        magnitude = wide << 1
        f.soft_if(wide[28:0].eq(1 << 28) | magnitude.ugt(power(64, 1024) << 1))
        # zeros are exact, other results below the normal range are not looked at any closer
        f.soft_if(magnitude.ule(power(64, -126) << 1) & magnitude.ne(0))
        f.give(f.bits(f.constrained("fptrunc", "float", total)))


def fused(f: Function, addend: Bits, a: Bits, b: Bits) -> str:
    """addend + a * b in one host instruction; a typed value."""
    return constrained(f, "fma", FLOAT[a.width], *(number(f, x) for x in (a, b, addend)))


def _compare(*, signalling: bool) -> Callable[[Fast], None]:
    def emit(f: Fast) -> None:
        f.soft_if_flushing()
        a, b = (f.number(x) for x in f.x)
        less = f.compare("olt", a, b, signalling=signalling)
        equal = f.compare("oeq", a, b, signalling=signalling)
        unordered = f.compare("uno", a, b, signalling=signalling)
        f.give(cat(less, equal, ~less, unordered))

    return emit


# -- conversions ----------------------------------------------------------------------------------
def _widen(f: Fast) -> None:
    f.soft_if_flushing()
    result = f.bits(f.constrained("fpext", "double", f.number(f.x[0]), rounds=False))
    f.check(result, tiny=False)
    f.give(result)


def _narrow(f: Fast) -> None:
    f.soft_if_flushing()
    result = f.bits(f.constrained("fptrunc", "float", f.number(f.x[0])))
    f.check(result, tiny=True)
    f.give(result)


def _to_half(f: Fast) -> None:
    if f.is_x86:
        f.soft()
    else:
        f.give(f.bits(f.constrained("fptrunc", "half", f.number(f.x[0]))))


def _from_half(f: Fast) -> None:
    if f.is_x86:
        f.soft()
    else:
        number = f.constrained("fpext", FLOAT[f.width], f.number(f.x[0]), rounds=False)
        f.give(f.bits(number))


def _integer(f: Fast, number: str, signed: bool, width: int) -> Bits:
    """Round towards zero. Requires: in range."""
    kind = "fptosi" if signed else "fptoui"
    text = f.constrained(kind, f"i{width}", number, rounds=False)
    return f.value(width, text.split()[1])


def _out_of_range(x: Bits, signed: bool, bits: int) -> Bits:
    """1 where the truncated number may not fit; NaNs included."""
    if signed:
        return (x << 1).uge(power(x.width, bits - 1) << 1)
    return x.uge(power(x.width, bits))  # any negative number is larger


def _to_int(signed: bool) -> Callable[[Fast], None]:
    def emit(f: Fast) -> None:
        if not f.is_x86:  # saturates as it should
            f.give(_integer(f, f.number(f.x[0]), signed, 32))
            return
        f.soft_if_flushing()
        f.soft_if(_out_of_range(f.x[0], signed, 32))
        if signed:
            f.give(_integer(f, f.number(f.x[0]), True, 32))
        else:
            f.give(_integer(f, f.number(f.x[0]), True, 64).trunc(32))

    return emit


def _from_int(signed: bool) -> Callable[[Fast], None]:
    def emit(f: Fast) -> None:
        x = f.x[0] if signed else f.x[0].zext(64)  # x86-64 has signed conversions only
        number = f.constrained("sitofp", FLOAT[f.width], f.typed(x))
        f.give(f.bits(number))

    return emit


def _scale(f: Fast, number: str, exponent: Bits) -> str:
    """A double times 2**exponent (64 bits, small), exactly."""
    factor = (exponent + FORMATS[64].bias) << FORMATS[64].frac_bits
    return f.constrained("fmul", "double", number, f.number(factor))


def _to_fixed(signed: bool, bits: int) -> Callable[[Fast], None]:
    def emit(f: Fast) -> None:
        x, fraction = f.x
        f.soft_if_flushing()
        f.soft_if(_out_of_range(x, True, 32))
        number = f.number(x)
        if f.width == 32:
            number = f.constrained("fpext", "double", number, rounds=False)
        number = _scale(f, number, fraction.zext(64))
        f.soft_if(_out_of_range(f.bits(number), signed, bits))
        f.give(_integer(f, number, True, 64).trunc(bits))

    return emit


def _from_fixed(signed: bool, bits: int) -> Callable[[Fast], None]:
    def emit(f: Fast) -> None:
        x, fraction = f.x
        if f.width == 32 and bits == 32:  # rounds to nearest in every mode
            f.soft_if((f.field("fpscr") & 3 << 22).ne(0))
        wide = x.sext(64) if signed else x.zext(64)
        number = f.constrained("sitofp", "double", f.typed(wide))
        number = _scale(f, number, -fraction.zext(64))
        if f.width == 32:
            number = f.constrained("fptrunc", "float", number)
        f.give(f.bits(number))

    return emit


# LLVM's names of rounding to an integral number, by the last letter of the operation
ROUND = {"n": "roundeven", "p": "ceil", "m": "floor", "z": "trunc", "r": "nearbyint", "x": "rint"}


def _round(letter: str) -> Callable[[Fast], None]:
    def emit(f: Fast) -> None:
        if not f.module.rounds:
            f.soft()
            return
        f.soft_if_flushing()
        result = f.bits(_rounded(f, letter))
        f.check(result, tiny=False)
        f.give(result)

    return emit


def _rounded(f: Fast, letter: str) -> str:
    return f.constrained(
        ROUND[letter], FLOAT[f.width], f.number(f.x[0]), rounds=letter in ("r", "x")
    )


def _to_int_mode(signed: bool, letter: str) -> Callable[[Fast], None]:
    """Round, then convert what is exact by then; converting the operand notes what was lost."""

    def emit(f: Fast) -> None:
        if not f.module.rounds:
            f.soft()
            return
        f.soft_if_flushing()
        whole = _rounded(f, letter)
        f.soft_if(_out_of_range(f.bits(whole), signed, 32))
        _integer(f, f.number(f.x[0]), True, 64)
        f.give(_integer(f, whole, True, 64).trunc(32))

    return emit


_BODIES: dict[str, Callable[[Fast], None]] = {
    "add": _arithmetic("fadd", tiny=False),
    "sub": _arithmetic("fsub", tiny=False),
    "mul": _arithmetic("fmul", tiny=True),
    "div": _arithmetic("fdiv", tiny=True),
    "sqrt": _arithmetic("sqrt", tiny=False),
    "fma": _fma,
    "cmp": _compare(signalling=False),
    "cmpe": _compare(signalling=True),
    "to_f64": _widen,
    "to_f32": _narrow,
    "to_f16": _to_half,
    "from_f16": _from_half,
    # in the current mode: no host instruction gives the flags, and compilers hardly use it
    "to_s32": Fast.soft,
    "to_u32": Fast.soft,
    "maxnm": Fast.soft,
    "minnm": Fast.soft,
}
for _letter in ROUND:
    _BODIES[f"round_{_letter}"] = _round(_letter)
for _letter in "npm":
    _BODIES[f"to_s32_{_letter}"] = _to_int_mode(True, _letter)
    _BODIES[f"to_u32_{_letter}"] = _to_int_mode(False, _letter)
for _name in ("round_a", "to_s32_a", "to_u32_a"):  # x86-64 has no such rounding
    _BODIES[_name] = Fast.soft
for _letter, _signed in (("s", True), ("u", False)):
    _BODIES[f"to_{_letter}32_z"] = _to_int(_signed)
    _BODIES[f"from_{_letter}32"] = _from_int(_signed)
    for _bits in (16, 32):
        _BODIES[f"to_fixed_{_letter}{_bits}"] = _to_fixed(_signed, _bits)
        _BODIES[f"from_fixed_{_letter}{_bits}"] = _from_fixed(_signed, _bits)
for _name, _ in LANES:  # one alone; `codegen/fppacked.py` has vectors
    _BODIES[_name] = Fast.soft


def define(module: Module, op: Operation) -> str:
    """The name of the operation's function, defined in `module` by now."""
    name = f"fp_{op.symbol}"
    if name not in module.declarations:
        module.declare(name, f"; {name} is defined below")
        f = Fast(module, op)
        body = Fast.soft if op.width == 16 else _BODIES[op.name]  # few hosts compute with halves
        body(f)
        f.finish()
    return name
