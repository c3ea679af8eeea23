"""The native i386 decoder: tables from the rows, and the common parsing of prefixes and ModRM.

`x86_opcodes` maps (opcode map, operand size, opcode) to `leaf << 1 | has ModRM`; with ModRM the
leaf proper is `shape * 8 + reg field` further on. A leaf holds the handler's number and how the
slot is filled; leaf 0 is the undefined instruction. `spec.x86_reference.decode` is the definition.

Bytes are fetched one by one. The first byte of a further page is fetched only after its slot was
touched, so that an instruction that runs into a page without execute permission faults; the
touched address is not that of a slot, which tells this from a jump to that byte.
"""

from __future__ import annotations

from run32.codegen.ir import Module
from run32.spec.x86 import SIZES, Encoding, X86Isa
from run32.spec.x86_operands import IBS, IMM_BYTES, JB, JD, MOFFS, SHAPES
from run32.spec.x86_reference import FLAT_SEGMENTS, MAX_LENGTH, OPERAND_SIZE, REPEAT

# Bits of a leaf above the handler's number.
KIND, REG_BYTE, RM_BYTE, TAKES_REP, REP_FINE = 16, 20, 21, 22, 23
GROUP = 8 * len(SHAPES)
TOUCH = 4  # offset into a slot, see above


def leaf_word(e: Encoding, handler: int) -> int:
    """One leaf: the handler's number and how the slot is filled."""
    flags = e.imm << KIND | e.takes_rep << TAKES_REP
    flags |= e.is_byte("reg") << REG_BYTE | e.is_byte("rm") << RM_BYTE
    return handler | flags | (e.rep or e.takes_rep) << REP_FINE


class Tables:
    """Opcode table and leaves; equal groups of leaves are shared."""

    def __init__(self, isa: X86Isa, numbers: dict[tuple[object, ...], int]) -> None:
        self.isa = isa
        self.numbers = numbers
        self.leaves = [0]
        self._known: dict[tuple[int, ...], int] = {}
        self.opcodes = [
            self._opcode((map_, size, opcode))
            for map_ in (0, 1)
            for size in reversed(SIZES)
            for opcode in range(256)
        ]

    def _leaf(self, e: Encoding | None) -> int:
        return leaf_word(e, self.numbers[e.key]) if e is not None else 0

    def _opcode(self, code: tuple[int, int, int]) -> int:
        if code not in self.isa.table:
            return 0
        if not self.isa.has_modrm(code):
            return self._place((self._leaf(self.isa.find(code, None, None)),)) << 1
        group = [self._leaf(self.isa.find(code, s, d)) for s in sorted(SHAPES) for d in range(8)]
        return self._place(tuple(group)) << 1 | 1

    def _place(self, group: tuple[int, ...]) -> int:
        if group not in self._known:
            self._known[group] = len(self.leaves)
            self.leaves += group
        return self._known[group]


def array(name: str, words: list[int]) -> str:
    """A constant array of i32."""
    items = ",\n".join(f"i32 {w}" for w in words)
    return f"@{name} = private unnamed_addr constant [{len(words)} x i32] [\n{items}]"


def emit(module: Module, isa: X86Isa, numbers: dict[tuple[object, ...], int]) -> str:
    """Add the tables to the module; return the text of `decode_fill` and what it calls."""
    tables = Tables(isa, numbers)
    module.add(array("x86_opcodes", tables.opcodes))
    module.add(array("x86_leaves", tables.leaves))
    sizes = sum(size << 4 * kind for kind, size in IMM_BYTES.items())
    flat = " ".join(f"i32 {b}, label %flat" for b in FLAT_SEGMENTS)
    repeat = " ".join(f"i32 {b}, label %repeat" for b in REPEAT)
    text = _FETCH + _FILL
    for name, value in (
        ("MAX_LENGTH", MAX_LENGTH),
        ("TOO_LONG", MAX_LENGTH + 1),
        ("TOUCH", TOUCH),
        ("PREFIXES", f"i32 {OPERAND_SIZE}, label %small {flat} {repeat} i32 15, label %escape"),
        ("IMM_SIZES", sizes),
        ("K_IBS", IBS),
        ("K_JB", JB),
        ("K_JD", JD),
        ("K_MOFFS", MOFFS),
        ("B_KIND", KIND),
        ("M_REG8", 1 << REG_BYTE),
        ("M_RM8", 1 << RM_BYTE),
        ("M_TAKES", 1 << TAKES_REP),
        ("M_FINE", 1 << REP_FINE),
    ):
        text = text.replace(name, str(value))
    return text


_FETCH = """
; the next byte of the instruction; 0 once it is too long
define private i32 @x86_byte(ptr %slot, i32 %pc, ptr %mem, ptr %length) nounwind {
  %n = load i32, ptr %length, align 4
  %over = icmp uge i32 %n, MAX_LENGTH
  br i1 %over, label %toolong, label %fits
toolong:
  store i32 TOO_LONG, ptr %length, align 4
  ret i32 0
fits:
  %at = add i32 %pc, %n
  %low = and i32 %at, 4095
  %start = icmp eq i32 %low, 0
  %further = icmp ne i32 %n, 0
  %crosses = and i1 %start, %further
  br i1 %crosses, label %touch, label %read
touch:
  %n64 = zext i32 %n to i64
  %distance = shl i64 %n64, 4
  %inside = add i64 %distance, TOUCH
  %tp = getelementptr i8, ptr %slot, i64 %inside
  %touched = load volatile i32, ptr %tp, align 4
  br label %read
read:
  %at64 = zext i32 %at to i64
  %bp = getelementptr i8, ptr %mem, i64 %at64
  %byte = load i8, ptr %bp, align 1
  %n1 = add i32 %n, 1
  store i32 %n1, ptr %length, align 4
  %wide = zext i8 %byte to i32
  ret i32 %wide
}

; the next `size` bytes as a little-endian number
define private i32 @x86_number(ptr %slot, i32 %pc, ptr %mem, ptr %length, i32 %size) nounwind {
entry:
  br label %head
head:
  %i = phi i32 [ 0, %entry ], [ %i1, %body ]
  %sum = phi i32 [ 0, %entry ], [ %sum1, %body ]
  %more = icmp ult i32 %i, %size
  br i1 %more, label %body, label %done
body:
  %b = call i32 @x86_byte(ptr %slot, i32 %pc, ptr %mem, ptr %length)
  %shift = shl i32 %i, 3
  %part = shl i32 %b, %shift
  %sum1 = or i32 %sum, %part
  %i1 = add i32 %i, 1
  br label %head
done:
  ret i32 %sum
}

; the byte offset of 8-bit register %n
define private i32 @x86_offset(i32 %n) nounwind {
  %low = and i32 %n, 3
  %word = shl i32 %low, 2
  %high = lshr i32 %n, 2
  %offset = or i32 %word, %high
  ret i32 %offset
}

define private i32 @x86_sign(i32 %byte) nounwind {
  %up = shl i32 %byte, 24
  %value = ashr i32 %up, 24
  ret i32 %value
}
"""

_FILL = """
@handler_table = external hidden constant [HANDLERS x i32]

define private void @decode_fill(ptr %cpu, ptr %ip, ptr %mem, ptr %code,
                                 ptr %shadow) nounwind noinline {
entry:
  %length = alloca i32, align 4
  store i32 0, ptr %length, align 4
  %pc = call i32 @slot_pc(ptr %cpu, ptr %ip, ptr %shadow)
  br label %prefix
prefix:
  %size = phi i32 [ 0, %entry ], [ %size1, %again ]
  %rep = phi i32 [ 0, %entry ], [ %rep1, %again ]
  %b = call i32 @x86_byte(ptr %ip, i32 %pc, ptr %mem, ptr %length)
  switch i32 %b, label %lookup [ PREFIXES ]
small:
  br label %again
repeat:
  br label %again
flat:
  br label %again
again:
  %size1 = phi i32 [ 256, %small ], [ %size, %repeat ], [ %size, %flat ]
  %rep1 = phi i32 [ %rep, %small ], [ %b, %repeat ], [ %rep, %flat ]
  br label %prefix
escape:
  %b2 = call i32 @x86_byte(ptr %ip, i32 %pc, ptr %mem, ptr %length)
  br label %lookup
lookup:
  %map = phi i32 [ 0, %prefix ], [ 512, %escape ]
  %op = phi i32 [ %b, %prefix ], [ %b2, %escape ]
  %mapsize = or i32 %map, %size
  %oi = or i32 %mapsize, %op
  %oi64 = zext i32 %oi to i64
  %opp = getelementptr i32, ptr @x86_opcodes, i64 %oi64
  %found = load i32, ptr %opp, align 4
  %leaf0 = lshr i32 %found, 1
  %has = trunc i32 %found to i1
  br i1 %has, label %modrm, label %plain
plain:
  %opreg = and i32 %op, 7
  br label %joined
modrm:
  %m = call i32 @x86_byte(ptr %ip, i32 %pc, ptr %mem, ptr %length)
  %mod = lshr i32 %m, 6
  %mreg3 = lshr i32 %m, 3
  %mreg = and i32 %mreg3, 7
  %mrm = and i32 %m, 7
  %direct = icmp eq i32 %mod, 3
  br i1 %direct, label %register, label %memory
register:
  %rshape = or i32 %mreg, 16
  br label %joined
memory:
  %four = icmp eq i32 %mrm, 4
  br i1 %four, label %sibform, label %address
sibform:
  %s = call i32 @x86_byte(ptr %ip, i32 %pc, ptr %mem, ptr %length)
  %sbase = and i32 %s, 7
  %sindex3 = lshr i32 %s, 3
  %sindex = and i32 %sindex3, 7
  %sscale = lshr i32 %s, 6
  %sscale4 = shl i32 %sscale, 4
  %both = or i32 %sindex, %sscale4
  %noindex = icmp eq i32 %sindex, 4
  %ssib = select i1 %noindex, i32 8, i32 %both
  %sshape = select i1 %noindex, i32 0, i32 8
  br label %address
address:
  %abase = phi i32 [ %mrm, %memory ], [ %sbase, %sibform ]
  %asib = phi i32 [ 8, %memory ], [ %ssib, %sibform ]
  %ashape = phi i32 [ 0, %memory ], [ %sshape, %sibform ]
  %mod0 = icmp eq i32 %mod, 0
  %five = icmp eq i32 %abase, 5
  %absolute = and i1 %mod0, %five
  %base = select i1 %absolute, i32 8, i32 %abase
  %mod1 = icmp eq i32 %mod, 1
  %none = xor i1 %absolute, true
  %nodisp = and i1 %mod0, %none
  %long = select i1 %mod1, i32 1, i32 4
  %dsize = select i1 %nodisp, i32 0, i32 %long
  %draw = call i32 @x86_number(ptr %ip, i32 %pc, ptr %mem, ptr %length, i32 %dsize)
  %dshort = call i32 @x86_sign(i32 %draw)
  %adisp = select i1 %mod1, i32 %dshort, i32 %draw
  %mshape = or i32 %mreg, %ashape
  br label %joined
joined:
  %reg0 = phi i32 [ %opreg, %plain ], [ %mreg, %register ], [ %mreg, %address ]
  %rm0 = phi i32 [ 8, %plain ], [ %mrm, %register ], [ %base, %address ]
  %sib = phi i32 [ 8, %plain ], [ 8, %register ], [ %asib, %address ]
  %disp0 = phi i32 [ 0, %plain ], [ 0, %register ], [ %adisp, %address ]
  %offset = phi i32 [ 0, %plain ], [ %rshape, %register ], [ %mshape, %address ]
  %li = add i32 %leaf0, %offset
  %li64 = zext i32 %li to i64
  %lp = getelementptr i32, ptr @x86_leaves, i64 %li64
  %leaf = load i32, ptr %lp, align 4
  %kind0 = lshr i32 %leaf, B_KIND
  %kind = and i32 %kind0, 7
  %kind4 = shl i32 %kind, 2
  %isizes = lshr i32 IMM_SIZES, %kind4
  %isize = and i32 %isizes, 15
  %iraw = call i32 @x86_number(ptr %ip, i32 %pc, ptr %mem, ptr %length, i32 %isize)
  %isigned = call i32 @x86_sign(i32 %iraw)
  %iskind = icmp eq i32 %kind, K_IBS
  %jbkind = icmp eq i32 %kind, K_JB
  %extend = or i1 %iskind, %jbkind
  %ivalue = select i1 %extend, i32 %isigned, i32 %iraw
  %n = load i32, ptr %length, align 4
  %next = add i32 %pc, %n
  %target = add i32 %next, %ivalue
  %jdkind = icmp eq i32 %kind, K_JD
  %jump = or i1 %jbkind, %jdkind
  %imm = select i1 %jump, i32 %target, i32 %ivalue
  %moffs = icmp eq i32 %kind, K_MOFFS
  %disp = select i1 %moffs, i32 %iraw, i32 %disp0
  %reg8bit = and i32 %leaf, M_REG8
  %reg8 = icmp ne i32 %reg8bit, 0
  %regoff = call i32 @x86_offset(i32 %reg0)
  %reg1 = select i1 %reg8, i32 %regoff, i32 %reg0
  %takesbit = and i32 %leaf, M_TAKES
  %takes = icmp ne i32 %takesbit, 0
  %reg = select i1 %takes, i32 %rep, i32 %reg1
  %rm8bit = and i32 %leaf, M_RM8
  %rm8 = icmp ne i32 %rm8bit, 0
  %rmoff = call i32 @x86_offset(i32 %rm0)
  %rm = select i1 %rm8, i32 %rmoff, i32 %rm0
  %rm_ = shl i32 %rm, 8
  %sib_ = shl i32 %sib, 16
  %n_ = shl i32 %n, 24
  %w1 = or i32 %reg, %rm_
  %w2 = or i32 %sib_, %n_
  %bytes = or i32 %w1, %w2
  %p4 = getelementptr i8, ptr %ip, i64 4
  store i32 %bytes, ptr %p4, align 4
  %p8 = getelementptr i8, ptr %ip, i64 8
  store i32 %disp, ptr %p8, align 4
  %p12 = getelementptr i8, ptr %ip, i64 12
  store i32 %imm, ptr %p12, align 4
  %finebit = and i32 %leaf, M_FINE
  %refuses = icmp eq i32 %finebit, 0
  %prefixed = icmp ne i32 %rep, 0
  %badrep = and i1 %refuses, %prefixed
  %toolong = icmp ugt i32 %n, MAX_LENGTH
  %bad = or i1 %badrep, %toolong
  %number = and i32 %leaf, 65535
  %chosen = select i1 %bad, i32 0, i32 %number
  %chosen64 = zext i32 %chosen to i64
  %hp = getelementptr i32, ptr @handler_table, i64 %chosen64
  %h = load i32, ptr %hp, align 4
  store atomic i32 %h, ptr %ip release, align 4
  ret void
}
"""
