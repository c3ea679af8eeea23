/* Results and flags of single instructions on edge values; undefined flags are left out. */
#include "base.h"

enum { C = 1, P = 4, A = 16, Z = 64, S = 128, O = 2048, ALL = C | P | A | Z | S | O };

static const u32 edges[] = {0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000,
                            0xFFFFFFFE, 0xFFFFFFFF, 0x12345678};
#define COUNT (sizeof edges / sizeof *edges)
#define OPERATION(name, text, mask) \
    static u32 __attribute__((noinline)) name(u32 hash, u32 x, u32 y, u32 flags) \
    { \
        u32 after; \
        __asm__ volatile("pushl %3\n\tpopfl\n\t" text "\n\tpushfl\n\tpopl %2" \
                         : "+a"(x), "+c"(y), "=&r"(after) : "r"(flags) : "cc", "memory"); \
        return mix(mix(mix(hash, x), y), after & (mask)); \
    }

#define SIZES(name, insn, mask) \
    OPERATION(name##_b, insn "b %%cl, %%al", mask) OPERATION(name##_h, insn "b %%ch, %%ah", mask) \
    OPERATION(name##_w, insn "w %%cx, %%ax", mask) OPERATION(name##_l, insn "l %%ecx, %%eax", mask)
#define ONE(name, insn, mask) \
    OPERATION(name##_b, insn "b %%al", mask) OPERATION(name##_h, insn "b %%ah", mask) \
    OPERATION(name##_w, insn "w %%ax", mask) OPERATION(name##_l, insn "l %%eax", mask)

SIZES(add, "add", ALL) SIZES(adc, "adc", ALL) SIZES(sub, "sub", ALL) SIZES(sbb, "sbb", ALL)
SIZES(cmp, "cmp", ALL) SIZES(xadd, "xadd", ALL) SIZES(cmpxchg, "cmpxchg", ALL)
SIZES(and, "and", ALL & ~A) SIZES(or, "or", ALL & ~A) SIZES(xor, "xor", ALL & ~A) SIZES(test, "test", ALL & ~A)
ONE(inc, "inc", ALL) ONE(dec, "dec", ALL) ONE(neg, "neg", ALL) ONE(not, "not", ALL)
ONE(shl1, "shl", ALL & ~A) ONE(shr1, "shr", ALL & ~A) ONE(sar1, "sar", ALL & ~A)
ONE(rol1, "rol", ALL) ONE(ror1, "ror", ALL) ONE(rcl1, "rcl", ALL) ONE(rcr1, "rcr", ALL)
#define SHIFT(name, insn, mask) \
    OPERATION(name##_b, "andb $7, %%cl\n\tpushl %3\n\tpopfl\n\t" insn "b %%cl, %%al", mask) \
    OPERATION(name##_w, "andb $15, %%cl\n\tpushl %3\n\tpopfl\n\t" insn "w %%cl, %%ax", mask) \
    OPERATION(name##_l, "pushl %3\n\tpopfl\n\t" insn "l %%cl, %%eax", mask)
SHIFT(shl, "shl", ALL & ~(A | O)) SHIFT(shr, "shr", ALL & ~(A | O)) SHIFT(sar, "sar", ALL & ~(A | O))
SHIFT(rol, "rol", ALL & ~O) SHIFT(ror, "ror", ALL & ~O) SHIFT(rcl, "rcl", ALL & ~O) SHIFT(rcr, "rcr", ALL & ~O)
OPERATION(shld, "shldl $13, %%ecx, %%eax", ALL & ~(A | O)) OPERATION(shrd, "shrdl $5, %%ecx, %%eax", ALL & ~(A | O))
OPERATION(mul, "mull %%ecx\n\tmovl %%edx, %%ecx\n\tmovl $0, %%edx", C | O)
OPERATION(imul, "imull %%ecx, %%eax", C | O) OPERATION(imul_w, "imulw %%cx, %%ax", C | O)
OPERATION(imul_i, "imull $-1000, %%ecx, %%eax", C | O) OPERATION(mul_b, "mulb %%cl", C | O) OPERATION(imul_b, "imulb %%cl", C | O)
OPERATION(bt, "btl %%ecx, %%eax", C) OPERATION(bts, "btsl %%ecx, %%eax", C) OPERATION(btr, "btrw %%cx, %%ax", C)
OPERATION(btc, "btcl $17, %%eax", C) OPERATION(bswap, "bswapl %%eax", ALL) OPERATION(movsx, "movsbl %%cl, %%eax", ALL)
OPERATION(cwde, "cwtl", ALL) OPERATION(cbw, "cbtw", ALL) OPERATION(xchg, "xchgb %%ch, %%al", ALL)
OPERATION(lahf, "lahf\n\tsahf", ALL) OPERATION(cmc, "cmc", ALL) OPERATION(stc, "stc", ALL) OPERATION(clc, "clc", ALL)
OPERATION(lea, "leal -7(%%eax,%%ecx,4), %%eax", ALL) OPERATION(seta, "seta %%al", ALL) OPERATION(setle, "setle %%ah", ALL)
OPERATION(setp, "setp %%al", ALL) OPERATION(seto, "seto %%al", ALL) OPERATION(cmovg, "cmovg %%ecx, %%eax", ALL)
OPERATION(cmovb, "cmovb %%cx, %%ax", ALL) OPERATION(cmovns, "cmovns %%ecx, %%eax", ALL)

#define FOUR(name) {#name, name##_b}, {#name "h", name##_h}, {#name "w", name##_w}, {#name "l", name##_l}
#define THREE(name) {#name, name##_b}, {#name "w", name##_w}, {#name "l", name##_l}
#define PLAIN(name) {#name, name}

static const struct { const char *name; u32 (*run)(u32, u32, u32, u32); } operations[] = {
    FOUR(add), FOUR(adc), FOUR(sub), FOUR(sbb), FOUR(cmp), FOUR(xadd), FOUR(cmpxchg), FOUR(and), FOUR(or), FOUR(xor),
    FOUR(test), FOUR(inc), FOUR(dec), FOUR(neg), FOUR(not), FOUR(shl1), FOUR(shr1), FOUR(sar1), FOUR(rol1), FOUR(ror1),
    FOUR(rcl1), FOUR(rcr1), THREE(shl), THREE(shr), THREE(sar), THREE(rol), THREE(ror), THREE(rcl), THREE(rcr),
    PLAIN(shld), PLAIN(shrd), PLAIN(mul), PLAIN(imul), PLAIN(imul_w), PLAIN(imul_i), PLAIN(mul_b), PLAIN(imul_b),
    PLAIN(bt), PLAIN(bts), PLAIN(btr), PLAIN(btc), PLAIN(bswap), PLAIN(movsx), PLAIN(cwde), PLAIN(cbw), PLAIN(xchg),
    PLAIN(lahf), PLAIN(cmc), PLAIN(stc), PLAIN(clc), PLAIN(lea), PLAIN(seta), PLAIN(setle), PLAIN(setp), PLAIN(seto),
    PLAIN(cmovg), PLAIN(cmovb), PLAIN(cmovns),
};

static int run(void)
{
    for (u32 k = 0; k < sizeof operations / sizeof *operations; k++) {
        u32 hash = 1;
        for (u32 i = 0; i < COUNT; i++)
            for (u32 j = k & 1; j < COUNT; j += 2)
                hash = operations[k].run(hash, edges[i], edges[j], (i + j) & 1 ? ALL : 0);
        print_hex(operations[k].name, hash);
    }
    return 0;
}
