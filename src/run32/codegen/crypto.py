"""Operations of `spec.crypto` in native code: the host's instructions, or the generic functions.

`sp_NAME(cpu, operands)` is one operation. It looks at `cpu.host_crypto`, what the host has, and
goes to `sh_NAME`, which uses it, or to `ss_NAME`, which is `spec.crypto` compiled. A module that is
made for a known CPU (`Module.features`) has the instructions inline.

Values of 128 bits are `<4 x i32>`. Sources: Intel SDM 2 (AESENCLAST, SHA256RNDS2, SHA1RNDS4,
PCLMULQDQ, CRC32), DDI 0487 C7 (AESE, SHA256H, PMULL, CRC32).
"""

from __future__ import annotations

from collections.abc import Callable

from run32.codegen import packed
from run32.codegen.ir import Function, Module
from run32.spec import crypto
from run32.spec.bits import Bits
from run32.spec.state import ARM

V, BYTES, PAIR = "<4 x i32>", "<16 x i8>", "<2 x i64>"
KNOWN = 1
# What LLVM calls the host's extensions, and their bits in `host_crypto`.
FEATURES = {
    "x86_64": {"aes": 2, "pclmul": 4, "sha": 8, "crc32": 16},
    "aarch64": {"aes": 2, "sha2": 8, "crc": 16},
}
_SHA1_K = {"c": 0x5A827999, "p": 0x6ED9EBA1, "m": 0x8F1BBCDC}
_CRC_P, _CRC_MU = 0x1DB710641, 0x1F7011641  # the polynomial and its inverse, reflected


def needs(host: str, name: str) -> str:
    """The extension that an operation wants."""
    if host == "aarch64":
        kind = "sha2" if name.startswith("sha") else "crc" if name.startswith("crc") else "aes"
    elif name.startswith("crc32c"):
        kind = "crc32"
    else:
        kinds = {"aes": "aes", "sha": "sha", "pmu": "pclmul", "crc": "pclmul"}
        kind = kinds[name[:3]]
    return kind


def _type(width: int) -> str:
    return V if width == 128 else f"i{width}"


# -- intrinsics -----------------------------------------------------------------------------------
def _call(f: Function, name: str, result: str, *given: str) -> str:
    """A call of an intrinsic on typed values."""
    types = ", ".join(g.rsplit(" ", 1)[0] for g in given)
    f.module.declare(f"@llvm.{name}", f"declare {result} @llvm.{name}({types})")
    return f.temp(f"call {result} @llvm.{name}({', '.join(given)})")


def _cast(f: Function, value: str, source: str, target: str) -> str:
    """The same bits as another type, typed."""
    return f"{target} {f.temp(f'bitcast {source} {value} to {target}')}"


def _back(f: Function, value: str, source: str) -> str:
    return f.temp(f"bitcast {source} {value} to {V}")


def _shuffle(f: Function, a: str, b: str, *order: int) -> str:
    lanes = ", ".join(f"i32 {i}" for i in order)
    return f.temp(f"shufflevector {V} {a}, {V} {b}, <{len(order)} x i32> <{lanes}>")


# -- x86-64 ---------------------------------------------------------------------------------------
def _x86_aes(f: Function, name: str, x: list[str]) -> str:
    wide, none = _cast(f, x[0], V, PAIR), f"{PAIR} zeroinitializer"
    if name == "aesimc":
        return _back(f, _call(f, "x86.aesni.aesimc", PAIR, wide), PAIR)
    if name == "aesmc":  # undo what comes before the columns in a round
        undone = _call(f, "x86.aesni.aesdeclast", PAIR, wide, none)
        return _back(f, _call(f, "x86.aesni.aesenc", PAIR, f"{PAIR} {undone}", none), PAIR)
    kind = "enc" if name.startswith("aese") else "dec"
    last = "" if name.endswith("mc") else "last"
    return _back(f, _call(f, f"x86.aesni.aes{kind}{last}", PAIR, wide, none), PAIR)


def _x86_sha1(f: Function, name: str, x: list[str]) -> str:
    state = _shuffle(f, x[0], "poison", 3, 2, 1, 0)
    constant = packed.literal(sum(_SHA1_K[name[-1]] << 32 * i for i in range(4)), 32, 4)
    words = f.temp(f"sub {V} {x[2]}, {constant}")  # the host adds it
    first = f.temp(f"insertelement {V} zeroinitializer, i32 {x[1]}, i32 0")
    words = _shuffle(f, f.temp(f"add {V} {words}, {first}"), "poison", 3, 2, 1, 0)
    number = "cpm".index(name[-1])
    got = _call(f, "x86.sha1rnds4", V, f"{V} {state}", f"{V} {words}", f"i8 {number}")
    return _shuffle(f, got, "poison", 3, 2, 1, 0)


def _x86_sha256(f: Function, name: str, x: list[str]) -> str:
    if name == "sha256su0":
        return _call(f, "x86.sha256msg1", V, *(f"{V} {v}" for v in x))
    if name == "sha256su1":
        total = f.temp(f"add {V} {x[0]}, {_shuffle(f, x[1], x[2], 1, 2, 3, 4)}")
        return _call(f, "x86.sha256msg2", V, f"{V} {total}", f"{V} {x[2]}")
    abcd, efgh = (x[0], x[1]) if name == "sha256h" else (x[1], x[0])
    abef, cdgh = _shuffle(f, abcd, efgh, 5, 4, 1, 0), _shuffle(f, abcd, efgh, 7, 6, 3, 2)
    later = _shuffle(f, x[2], "poison", 2, 3, 2, 3)

    def rounds(old: str, new: str, words: str) -> str:
        return _call(f, "x86.sha256rnds2", V, f"{V} {old}", f"{V} {new}", f"{V} {words}")

    first = rounds(cdgh, abef, x[2])
    second = rounds(abef, first, later)
    return _shuffle(f, second, first, *((3, 2, 7, 6) if name == "sha256h" else (1, 0, 5, 4)))


def _x86_product(f: Function, a: str, b: str) -> str:
    """The product of two polynomials, as PAIR."""
    given = [f"{PAIR} {f.temp(f'insertelement {PAIR} poison, i64 {v}, i32 0')}" for v in (a, b)]
    return _call(f, "x86.pclmulqdq", PAIR, *given, "i8 0")


def _x86_crc(f: Function, name: str, x: list[str]) -> str:
    bits = {"b": 8, "h": 16, "w": 32}[name[-1]]
    if name.startswith("crc32c"):
        data = f"i{bits} {x[1]}"
        if bits < 32:
            data = f"i{bits} {f.temp(f'trunc i32 {x[1]} to i{bits}')}"
        return _call(f, f"x86.sse42.crc32.32.{bits}", "i32", f"i32 {x[0]}", data)
    total, new = (f.value(32, v) for v in x)
    rest = (total ^ new) << (32 - bits) if bits < 32 else total ^ new
    word = f.ref(rest.zext(64))
    quotient = f.temp(f"extractelement {PAIR} {_x86_product(f, word, str(_CRC_MU))}, i32 0")
    quotient = f.ref(f.value(64, quotient) & 0xFFFFFFFF)
    product = f.temp(f"extractelement {PAIR} {_x86_product(f, quotient, str(_CRC_P))}, i32 0")
    value = (f.value(64, product) >> 32).trunc(32)
    return f.ref(value ^ total >> bits if bits < 32 else value)


def _x86(f: Function, name: str, x: list[str]) -> str:
    if name == "pmull":
        return _back(f, _x86_product(f, *x), PAIR)
    kinds = {"aes": _x86_aes, "sha1": _x86_sha1, "sha2": _x86_sha256, "crc": _x86_crc}
    return next(make for stem, make in kinds.items() if name.startswith(stem))(f, name, x)


# -- AArch64 --------------------------------------------------------------------------------------
def _aarch64(f: Function, name: str, x: list[str]) -> str:
    if name == "pmull":
        return _back(f, _call(f, "aarch64.neon.pmull64", BYTES, *(f"i64 {v}" for v in x)), BYTES)
    if name.startswith("crc"):
        data = f.value(32, x[1])
        data = data & {"b": 0xFF, "h": 0xFFFF, "w": 0xFFFFFFFF}[name[-1]]
        return _call(f, f"aarch64.{name}", "i32", f"i32 {x[0]}", f.typed(data))
    if name in ("aesemc", "aesdimc"):
        return _aarch64(f, "aes" + name[4:], [_aarch64(f, name[:4], x)])
    full = f"aarch64.crypto.{name}"
    if name.startswith("sha"):
        widths = crypto.OPERATIONS[name].operands
        given = [f"{_type(w)} {v}" for w, v in zip(widths, x, strict=True)]
        return _call(f, full, V, *given)
    key = [] if name in ("aesmc", "aesimc") else [f"{BYTES} zeroinitializer"]
    return _back(f, _call(f, full, BYTES, _cast(f, x[0], V, BYTES), *key), BYTES)


_HOST: dict[str, Callable[[Function, str, list[str]], str]] = {
    "x86_64": _x86,
    "aarch64": _aarch64,
}


# -- users ----------------------------------------------------------------------------------------
def emit(f: Function, name: str, *operands: Bits) -> Bits:
    """An operation. `%cpu` is in scope in `f`."""
    op, module = crypto.OPERATIONS[name], f.module
    x = [packed.operand(f, v, 32) if v.width == 128 else f.ref(v) for v in operands]
    if needs(module.host, name) in module.features:
        value = _HOST[module.host](f, name, x)
    else:
        kind = _type(op.result)
        kinds = [_type(w) for w in op.operands]
        text = f"declare hidden {kind} @sp_{name}({', '.join(['ptr', *kinds])}) nounwind"
        module.declare(f"sp_{name}", text)
        given = ", ".join(["ptr %cpu", *(f"{k} {v}" for k, v in zip(kinds, x, strict=True))])
        value = f.temp(f"call {kind} @sp_{name}({given})")
    if op.result == 128:
        return packed.Packed(f, 128, V, value)
    return f.value(op.result, value)


# -- functions of their own -----------------------------------------------------------------------
def emit_functions(module: Module) -> None:
    """Every operation, and the search for what the host has."""
    _find(module)
    for name in crypto.OPERATIONS:
        _hosts(module, name)
        _generic(module, name)
        _choose(module, name)


def _function(module: Module, name: str, prefix: str, **more: str) -> tuple[Function, list[str]]:
    op = crypto.OPERATIONS[name]
    x = [f"%x{i}" for i in range(len(op.operands))]
    typed = [f"{_type(w)} {v}" for w, v in zip(op.operands, x, strict=True)]
    params = ", ".join([*(["ptr %cpu"] if prefix == "sp" else []), *typed])
    return Function(module, f"{prefix}_{name}", params, returns=_type(op.result), **more), typed


def _hosts(module: Module, name: str) -> None:
    wanted = "+" + needs(module.host, name)
    attributes = f'noinline nounwind "target-features"="{wanted}"'
    f, typed = _function(module, name, "sh", attributes=attributes, linkage="internal")
    value = _HOST[module.host](f, name, [t.rsplit(" ", 1)[1] for t in typed])
    f.line(f"ret {_type(crypto.OPERATIONS[name].result)} {value}")
    f.finish()


def _generic(module: Module, name: str) -> None:
    op = crypto.OPERATIONS[name]
    f, typed = _function(module, name, "ss", attributes="noinline nounwind", linkage="internal")
    given: list[Bits] = []
    for width, text in zip(op.operands, typed, strict=True):
        ref = text.rsplit(" ", 1)[1]
        given.append(packed.Packed(f, 128, V, ref) if width == 128 else f.value(width, ref))
    value = op.run(*given)
    ref = packed.operand(f, value, 32) if op.result == 128 else f.ref(value)
    f.line(f"ret {_type(op.result)} {ref}")
    f.finish()


def _choose(module: Module, name: str) -> None:
    kind = _type(crypto.OPERATIONS[name].result)
    f, typed = _function(module, name, "sp", attributes="noinline nounwind")
    field = f.address("%cpu", ARM["host_crypto"].offset)
    ask, go, has, lacks = "ask", "go", "has", "lacks"
    given = ", ".join(typed)
    f.line(f"br i1 {f.ref(f.load(32, field).eq(0))}, label %{ask}, label %{go}")
    f.label(ask)
    f.line("call void @find_host_crypto(ptr %cpu)")
    f.line(f"br label %{go}")
    f.label(go)
    bit = FEATURES[module.host][needs(module.host, name)]
    f.line(f"br i1 {f.ref((f.load(32, field) & bit).ne(0))}, label %{has}, label %{lacks}")
    for label, prefix in ((has, "sh"), (lacks, "ss")):
        f.label(label)
        f.line(f"ret {kind} {f.temp(f'call {kind} @{prefix}_{name}({given})')}")
    f.finish()


def _find(module: Module) -> None:
    """`find_host_crypto(cpu)`: set `host_crypto`."""
    f = Function(module, "find_host_crypto", "ptr %cpu", attributes="cold noinline nounwind")
    bits = FEATURES[module.host]
    found = Bits(32, KNOWN)
    if module.host == "x86_64":
        f.line("%out = alloca [4 x i32], align 16")
        f.module.declare("host_cpuid", "declare hidden void @host_cpuid(i32, i32, ptr)")
        places = (("pclmul", 1, 2, 1), ("crc32", 1, 2, 20), ("aes", 1, 2, 25), ("sha", 7, 1, 29))
        f.line("call void @host_cpuid(i32 0, i32 0, ptr %out)")
        most = f.load(32, "%out")
        for feature, leaf, register, bit in places:
            f.line(f"call void @host_cpuid(i32 {leaf}, i32 0, ptr %out)")
            word = f.load(32, f.address("%out", 4 * register))
            there = word[bit] & most.uge(leaf)
            found = found | there.zext(32) * bits[feature]
    else:
        f.module.declare("host_isar0", "declare hidden i64 @host_isar0()")
        word = f.value(64, f.temp("call i64 @host_isar0()"))
        parts = (("aes", word[7:4].uge(2)), ("crc", word[19:16].ne(0)))
        for feature, there in (*parts, ("sha2", word[11:8].ne(0) & word[15:12].ne(0))):
            found = found | there.zext(32) * bits[feature]
    f.store(found, f.address("%cpu", ARM["host_crypto"].offset))
    f.line("ret void")
    f.finish()
