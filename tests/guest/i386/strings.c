/* String instructions, repeated and not, in both directions, and bit strings in memory. */
#include "base.h"

static u8 source[256], target[256];

static u32 hash_of(u32 hash, const u8 *bytes, u32 n)
{
    for (u32 i = 0; i < n; i++)
        hash = mix(hash, bytes[i]);
    return hash;
}

static int run(void)
{
    u32 hash = 1, count, flags;
    const u8 *from;
    u8 *to;
    for (u32 i = 0; i < 256; i++)
        source[i] = (u8)random();
    source[100] = 0;

#define MOVE(insn, offset, n) \
    from = source + (offset), to = target + (offset) / 2, count = (n); \
    __asm__ volatile(insn : "+S"(from), "+D"(to), "+c"(count) : : "memory", "cc"); \
    hash = mix(mix(mix(hash_of(hash, target, 256), (u32)(from - source)), (u32)(to - target)), count);
    MOVE("rep movsb", 3, 17)
    MOVE("rep movsw", 30, 9)
    MOVE("rep movsl", 80, 11)
    MOVE("rep movsl", 80, 0)
    MOVE("movsb\n\tmovsw\n\tmovsl", 10, 5)
    MOVE("std\n\trep movsl\n\tcld", 200, 12)

#define STORE(insn, value, n) \
    to = target + 64, count = (n); \
    __asm__ volatile(insn : "+D"(to), "+c"(count) : "a"(value) : "memory"); \
    hash = mix(mix(hash_of(hash, target, 256), (u32)(to - target)), count);
    STORE("rep stosb", 0x41, 30)
    STORE("rep stosw", 0x4243, 3)
    STORE("rep stosl", 0x44454647, 5)
    STORE("stosb\n\tstosl", 0x12345678, 1)

/* flags are defined before: a count of 0 leaves them alone */
#define COMPARE(insn, n) \
    from = source + 8, to = source + 8, count = (n); \
    __asm__ volatile("cmpl %%eax, %%eax\n\t" insn "\n\tpushfl\n\tpopl %3" : "+S"(from), "+D"(to), "+c"(count), "=r"(flags) : "a"(0) : "memory", "cc"); \
    hash = mix(mix(mix(mix(hash, flags & 0x8D5), (u32)(from - source)), (u32)(to - source)), count);
    COMPARE("repe cmpsb", 40)
    COMPARE("repne scasb", 200)
    COMPARE("repe scasl", 20)
    COMPARE("repne cmpsw", 20)
    COMPARE("cmpsl", 1)
    COMPARE("repne scasb", 0)

    u32 loaded = 0;
    from = source + 5;
    __asm__ volatile("lodsb\n\tlodsw\n\trorl $8, %%eax\n\tlodsb" : "+a"(loaded), "+S"(from));
    hash = mix(mix(hash, loaded), (u32)(from - source));
    for (int i = -40; i < 300; i += 29) {
        u8 bit;
        __asm__ volatile("btcl %2, %1\n\tsetc %0" : "=q"(bit), "+m"(target[64]) : "r"(i) : "memory", "cc");
        hash = mix(hash, bit);
    }
    print_hex("strings", hash_of(hash, target, 256));
    u32 sum = 0;
    for (u32 i = 1; i; i <<= 3)
        sum = sum * 31 + (u32)__builtin_ctz(i) + (u32)__builtin_clz(i | 2);
    print_hex("scans", sum);
    return 5;
}
