/* Freestanding i386 programs: entry point, output, a hash to condense results, no C library. */
#include "../../../src/run32/examples/start.h"

typedef unsigned long long u64;
typedef long long i64;
typedef unsigned char u8;

__attribute__((unused)) static void print_hex(const char *name, u32 value)
{
    char digits[10];
    for (int i = 0; i < 8; i++)
        digits[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    digits[8] = '\n';
    digits[9] = 0;
    print(name);
    print(" ");
    print(digits);
}

__attribute__((unused)) static u32 mix(u32 hash, u32 value)
{
    hash ^= value;
    hash *= 0x01000193;
    return hash ^ hash >> 15;
}

__attribute__((unused)) static u32 seed = 12345;

__attribute__((unused)) static u32 random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static int run(void);

__attribute__((used, force_align_arg_pointer)) void start(void)
{
    call(NR_exit, run(), 0, 0);
    __builtin_unreachable();
}

/* GCC calls these even here. */
__attribute__((used)) void *memcpy(void *to, const void *from, u32 n)
{
    void *result = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return result;
}

__attribute__((used)) void *memset(void *to, int value, u32 n)
{
    void *result = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
    return result;
}
