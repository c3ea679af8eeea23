"""Floating point in native code: FPSCR, the host's control word, and operations.

While guest code runs, the host's floating-point control word is the guest's: rounding mode, and
the flags that host arithmetic has raised. `enter_fpc` and `leave_fpc` exchange it with the host
program's. FPSCR is the `fpscr` field (modes, NZCV, flags raised by softfloat or written by the
guest) joined with the flags in the control word. The control word is MXCSR on x86-64; on AArch64
FPCR and FPSR together, which is the layout of FPSCR (`spec.fpscr` does the same on saved state).
"""

from __future__ import annotations

from run32.codegen import fpfast
from run32.codegen.ir import Function, Module
from run32.spec import fpscr, softfloat
from run32.spec.bits import Bits, cat
from run32.spec.state import ARM


def emit(f: Function, operation: str, width: int, *operands: Bits) -> Bits:
    """A call of an operation of `spec.softfloat`, to be inlined. `%cpu` is in scope in `f`.

    Requires: `f` has the attribute `strictfp`, its module the metadata `!0`.
    """
    op = softfloat.EVERY[operation, width]
    name = fpfast.define(f.module, op)
    takes, gives = fpfast.types(op)
    given = [
        f"{t} {f.temp(f'bitcast {f.typed(v)} to {t}')}"
        for t, v in zip(takes, operands, strict=True)
    ]
    result = f.temp(f"call {gives} @{name}({', '.join(['ptr %cpu', *given])}) strictfp")
    return f.value(op.result, f.temp(f"bitcast {gives} {result} to i{op.result}"))


def emit_read_fpscr(f: Function) -> Bits:
    """FPSCR as the guest reads it."""
    f.module.declare("read_fpscr", "declare hidden i32 @read_fpscr(ptr) nounwind")
    return f.value(32, f.temp("call i32 @read_fpscr(ptr %cpu)"))


def emit_write_fpscr(f: Function, value: Bits) -> None:
    """Give FPSCR a new value."""
    f.module.declare("write_fpscr", "declare hidden void @write_fpscr(ptr, i32) nounwind")
    f.line(f"call void @write_fpscr(ptr %cpu, {f.typed(value)})")


# -- functions of their own -----------------------------------------------------------------------
def emit_functions(module: Module) -> None:
    """Everything that is called by name: FPSCR access, control word switches, softfloat."""
    for build in (_enter, _leave, _read, _write):
        build(module)
    for op in softfloat.EVERY.values():
        _soft(module, op)
    if module.host == "x86_64":
        _host_fma(module)


def _host_fma(module: Module) -> None:
    """`host_fma_64`: addend + a * b. Requires: `cpu.host_fma` is HAS_FMA."""
    attributes = 'noinline nounwind strictfp "target-features"="+fma"'
    params = "i64 %x0, i64 %x1, i64 %x2"
    f = Function(module, fpfast.HOST_FMA, params, returns="i64", attributes=attributes)
    number = fpfast.fused(f, *(f.value(64, f"%x{i}") for i in range(3)))
    f.line(f"%bits = bitcast {number} to i64")
    f.line("ret i64 %bits")
    f.finish()


def _find_host_fma(f: Function) -> None:
    """Find out whether the host has fused multiply-add, unless it is known."""
    field = f.address("%cpu", ARM["host_fma"].offset)
    unknown = f.load(32, field).eq(0)
    ask, known = f.new_label("ask"), f.new_label("known")
    f.line(f"br i1 {f.ref(unknown)}, label %{ask}, label %{known}")
    f.label(ask)
    f.module.declare("host_has_fma", "declare hidden i32 @host_has_fma() nounwind")
    f.store(f.value(32, f.temp("call i32 @host_has_fma()")) + 1, field)
    f.line(f"br label %{known}")
    f.label(known)


def _soft(module: Module, op: softfloat.Operation) -> None:
    """`soft_NAME_WIDTH`: the result; flags go to the `fpscr` field."""
    params = ", ".join(["ptr %cpu", *(f"i{w} %x{i}" for i, w in enumerate(op.operands))])
    f = Function(
        module,
        f"soft_{op.symbol}",
        params,
        returns=f"i{op.result}",
        attributes="cold noinline nounwind",
    )
    if module.host == "x86_64" and op.name == "fma" and op.width == 64:
        _find_host_fma(f)
    field = f.address("%cpu", ARM["fpscr"].offset)
    modes = f.load(32, field)
    operands = [f.value(w, f"%x{i}") for i, w in enumerate(op.operands)]
    value, flags = softfloat.apply(op.name, op.width, modes, *operands)
    f.store(modes | flags.zext(32), field)
    f.line(f"ret {f.typed(value)}")
    f.finish()


class ControlWord(Function):
    """A function that uses the host's floating-point control word."""

    def __init__(self, module: Module, name: str, params: str = "", returns: str = "void") -> None:
        everything = "ptr %cpu" + params
        super().__init__(module, name, everything, returns=returns, attributes="noinline nounwind")

    def field(self, name: str) -> str:
        """Address of a field of the cpu struct."""
        return self.address("%cpu", ARM[name].offset)

    def read(self, scratch: str) -> Bits:
        """The control word; on x86-64 it is stored in field `scratch` too."""
        if self.module.host == "x86_64":
            name = "@llvm.x86.sse.stmxcsr"
            self.module.declare(name, f"declare void {name}(ptr)")
            self.line(f"call void {name}(ptr {self.field(scratch)})")
            return self.load(32, self.field(scratch))
        modes, flags = (self._aarch64_get(r) for r in ("fpcr", "fpsr"))
        return modes & fpscr.MODES | flags & fpscr.FLAGS

    def write(self, value: Bits, scratch: str) -> None:
        """Set the control word; field `scratch` gets it too."""
        self.store(value, self.field(scratch))
        if self.module.host == "x86_64":
            name = "@llvm.x86.sse.ldmxcsr"
            self.module.declare(name, f"declare void {name}(ptr)")
            self.line(f"call void {name}(ptr {self.field(scratch)})")
            return
        for register, mask in (("fpcr", fpscr.MODES), ("fpsr", fpscr.FLAGS)):
            name = f"@llvm.aarch64.set.{register}"
            self.module.declare(name, f"declare void {name}(i64)")
            self.line(f"call void {name}({self.typed((value & mask).zext(64))})")

    def _aarch64_get(self, register: str) -> Bits:
        name = f"@llvm.aarch64.get.{register}"
        self.module.declare(name, f"declare i64 {name}()")
        return self.value(64, self.temp(f"call i64 {name}()")).trunc(32)


def _enter(module: Module) -> None:
    """`enter_fpc(cpu)`: save the host program's control word, load the guest's."""
    f = ControlWord(module, "enter_fpc")
    f.store(f.read("host_fpc"), f.field("host_fpc"))
    guest = f.load(32, f.field("guest_fpc"))
    if module.host == "x86_64":
        guest = guest | fpscr.MXCSR_MASKS  # a fresh cpu struct holds 0
    f.write(guest, "guest_fpc")
    f.line("ret void")
    f.finish()


def _leave(module: Module) -> None:
    """`leave_fpc(cpu)`: save the guest's control word, load the host program's."""
    f = ControlWord(module, "leave_fpc")
    f.store(f.read("guest_fpc"), f.field("guest_fpc"))
    f.write(f.load(32, f.field("host_fpc")), "host_fpc")
    f.line("ret void")
    f.finish()


def _read(module: Module) -> None:
    """`read_fpscr(cpu)`: FPSCR."""
    f = ControlWord(module, "read_fpscr", returns="i32")
    word = f.read("guest_fpc")
    if module.host == "x86_64":
        flags = word & 1 | word >> 1 & 0x1E  # MXCSR has the denormal flag in between
    else:
        flags = word & fpscr.FLAGS
    f.line(f"ret {f.typed(f.load(32, f.field('fpscr')) | flags)}")
    f.finish()


def _write(module: Module) -> None:
    """`write_fpscr(cpu, value)`: set FPSCR; its flags stay in the field, the host starts clean."""
    f = ControlWord(module, "write_fpscr", ", i32 %value")
    value = f.value(32, "%value")
    f.store(value, f.field("fpscr"))
    f.store(value >> 24 & 1, f.field("fpslow"))
    if module.host == "x86_64":
        word = cat(Bits(17, 0), value[22], value[23], Bits(13, fpscr.MXCSR_MASKS))
    else:
        word = value & fpscr.MODES
    f.write(word, "guest_fpc")
    f.line("ret void")
    f.finish()
