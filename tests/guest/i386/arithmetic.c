/* 32- and 64-bit arithmetic as compilers write it: carries, long shifts, multiplication, division. */
#include "base.h"

static int run(void)
{
    u32 hash = 1;
    for (int i = 0; i < 200; i++) {
        u64 a = (u64)random() << 32 | random(), b = (u64)random() << (i & 31) | 1;
        i64 c = (i64)a, d = (i64)random() - 0x40000000;
        u64 results[] = {a + b, a - b, a * b, a / b, a % b, a << (i & 63), a >> (i & 63)};
        i64 signed_results[] = {c / (d | 1), c % (d | 1), c >> (i & 63), -c};
        for (u32 k = 0; k < sizeof results / sizeof *results; k++)
            hash = mix(mix(hash, (u32)results[k]), (u32)(results[k] >> 32));
        for (u32 k = 0; k < sizeof signed_results / sizeof *signed_results; k++)
            hash = mix(mix(hash, (u32)signed_results[k]), (u32)(signed_results[k] >> 32));
        hash = mix(hash, (a < b) | (c < d) << 1 | (a == b) << 2 | (c >= d) << 3);
        short s = (short)a;
        signed char t = (signed char)b;
        unsigned short us = (unsigned short)(s * t);
        hash = mix(hash, (u32)(s / (t | 1)) + us % 77u + (u32)(s >> 3) + ((u8)t >> 2));
    }
    print_hex("arithmetic", hash);
    print_number(4294967295u);
    print("\n");
    return (int)(hash & 63);
}
