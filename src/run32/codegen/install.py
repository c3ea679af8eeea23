"""Native parts of putting regions in place: the check sum of cache files, and the table's entries.

`run32_sum` covers a number of bytes that is a multiple of 32, in four lanes of which each step is a
bijection of both inputs, so that any change of one word changes the result.
`run32_install` makes the places of a cache file's entries lead to their code. An entry is a pair of
32-bit words: place in the file, offset of the code in the cache file (0: tried, no code). A place
outside of the guest range is passed over, whatever the file says.

`run32_forget` empties decoded slots. Their operands stay: another thread may be in a handler that
has yet to read them. Another thread may be inside of an IT block, too: slots with a condition look
for their IT instruction (`decode_inner`) when they are executed. How many do is the result;
`run32_forget_inner` empties them for good, once no thread is where it was.

Invariants: a place's word in the table is written before its decoded slot is emptied; a slot that
is empty already is not written, and with null shadows no slot is looked at.
"""

from __future__ import annotations

from run32.codegen.arm_support import PREFIXES
from run32.codegen.ir import Module

MULTIPLIER = 0x9E3779B97F4A7C15
ADDED = (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89)

_SUM = """
define hidden i64 @run32_sum(ptr %p, i64 %n) nounwind {
entry:
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %i2, %body ]
PHIS
  %more = icmp ult i64 %i, %n
  br i1 %more, label %body, label %done
body:
STEPS
  %i2 = add i64 %i, 32
  br label %head
done:
  %s0 = xor i64 %n, %h0
FOLD
  %high = lshr i64 %s4, 29
  %sum = xor i64 %s4, %high
  ret i64 %sum
}
"""

_INSTALL = """
define hidden void @run32_install(ptr %table, ptr %sa, ptr %st, ptr %entries, i64 %n, i32 %bias,
                                  i32 %offset, i32 %low, i32 %size) nounwind {
entry:
  %slots = icmp ne ptr %sa, null
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %i2, %next ]
  %more = icmp ult i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %ep = getelementptr i64, ptr %entries, i64 %i
  %place = load i32, ptr %ep, align 4
  %cp = getelementptr i8, ptr %ep, i64 4
  %code = load i32, ptr %cp, align 4
  %at = add i32 %place, %bias
  %rel = sub i32 %at, %low
  %inside = icmp ult i32 %rel, %size
  %has = icmp ne i32 %code, 0
  %good = and i1 %inside, %has
  br i1 %good, label %put, label %next
put:
  %at64 = zext i32 %at to i64
  %tp = getelementptr i32, ptr %table, i64 %at64
  %value = add i32 %code, %offset
  store atomic i32 %value, ptr %tp release, align 4
  br i1 %slots, label %look, label %next
look:
  %bit = and i32 %at, 1
  %thumb = icmp ne i32 %bit, 0
  %shadow = select i1 %thumb, ptr %st, ptr %sa
  %shift = select i1 %thumb, i64 3, i64 2
  %even = and i64 %at64, -2
  %so = shl i64 %even, %shift
  %slot = getelementptr i8, ptr %shadow, i64 %so
  %h = load atomic i32, ptr %slot monotonic, align 4
  %decoded = icmp ne i32 %h, 0
  br i1 %decoded, label %empty, label %next
empty:
  store atomic i32 0, ptr %slot release, align 4
  br label %next
next:
  %i2 = add i64 %i, 1
  br label %head
done:
  ret void
}
"""

_FORGET = """
define hidden i64 @run32_forget(ptr %slots, i64 %n) nounwind {
entry:
  %inner = sub i64 ptrtoint (ptr @decode_inner to i64), ptrtoint (ptr @decode_entry to i64)
  %inner32 = trunc i64 %inner to i32
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %i2, %next ]
  %found = phi i64 [ 0, %entry ], [ %found2, %next ]
  %more = icmp ult i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %o = shl i64 %i, 4
  %slot = getelementptr i8, ptr %slots, i64 %o
  %h = load atomic i32, ptr %slot monotonic, align 4
  %empty = icmp eq i32 %h, 0
  br i1 %empty, label %next, label %used
used:
  %known = icmp eq i32 %h, %inner32
  br i1 %known, label %next, label %look
look:
  %k = phi i64 [ THUMB, %used ], [ %k2, %other ]
  %pp = getelementptr i32, ptr @prefix_table, i64 %k
  %prefix = load i32, ptr %pp, align 4
  %within = icmp eq i32 %prefix, %h
  br i1 %within, label %put, label %other
other:
  %k2 = add i64 %k, 1
  %left = icmp ult i64 %k2, COUNT
  br i1 %left, label %look, label %put
put:
  %new = phi i32 [ %inner32, %look ], [ 0, %other ]
  %more_found = phi i64 [ 1, %look ], [ 0, %other ]
  store atomic i32 %new, ptr %slot release, align 4
  br label %next
next:
  %more_now = phi i64 [ 0, %body ], [ 1, %used ], [ %more_found, %put ]
  %found2 = add i64 %found, %more_now
  %i2 = add i64 %i, 1
  br label %head
done:
  ret i64 %found
}

define hidden void @run32_forget_inner(ptr %slots, i64 %n) nounwind {
entry:
  %inner = sub i64 ptrtoint (ptr @decode_inner to i64), ptrtoint (ptr @decode_entry to i64)
  %inner32 = trunc i64 %inner to i32
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %i2, %body ]
  %more = icmp ult i64 %i, %n
  br i1 %more, label %body, label %done
body:
  %o = shl i64 %i, 4
  %slot = getelementptr i8, ptr %slots, i64 %o
  %pair = cmpxchg ptr %slot, i32 %inner32, i32 0 release monotonic, align 4
  %i2 = add i64 %i, 1
  br label %head
done:
  ret void
}
"""


def emit_install(module: Module) -> None:
    """Emit all of them."""
    phis, steps, fold = [], [], []
    for lane, seed in enumerate(ADDED):
        phis.append(f"  %h{lane} = phi i64 [ {_signed(seed)}, %entry ], [ %n{lane}, %body ]")
        steps.append(
            f"  %o{lane} = add i64 %i, {8 * lane}\n"
            f"  %p{lane} = getelementptr i8, ptr %p, i64 %o{lane}\n"
            f"  %w{lane} = load i64, ptr %p{lane}, align 8\n"
            f"  %x{lane} = xor i64 %h{lane}, %w{lane}\n"
            f"  %m{lane} = mul i64 %x{lane}, {_signed(MULTIPLIER)}\n"
            f"  %r{lane} = lshr i64 %m{lane}, 32\n"
            f"  %n{lane} = xor i64 %m{lane}, %r{lane}"
        )
        after = f"%h{lane + 1}" if lane < 3 else "0"
        fold.append(
            f"  %f{lane} = mul i64 %s{lane}, {_signed(MULTIPLIER)}\n"
            f"  %s{lane + 1} = xor i64 %f{lane}, {after}"
        )
    text = _SUM.replace("PHIS", "\n".join(phis)).replace("STEPS", "\n".join(steps))
    forget = _FORGET.replace("THUMB", str(PREFIXES.index("prefix_t16_0_0")))
    forget = forget.replace("COUNT", str(len(PREFIXES)))
    module.add(text.replace("FOLD", "\n".join(fold)) + _INSTALL + forget)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def reference_sum(data: bytes) -> int:
    """What `run32_sum` computes, in Python."""
    mask = (1 << 64) - 1
    lanes = list(ADDED)
    for at in range(0, len(data), 8):
        lane = at // 8 % 4
        word = int.from_bytes(data[at : at + 8], "little")
        lanes[lane] = (lanes[lane] ^ word) * MULTIPLIER & mask
        lanes[lane] ^= lanes[lane] >> 32
    result = len(data) ^ lanes[0]
    for after in (*lanes[1:], 0):
        result = result * MULTIPLIER & mask ^ after
    return result ^ result >> 29
