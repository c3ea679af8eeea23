/* Bit tricks: population counts, leading zeros, reversals, Gray codes, bit fields. */
#include "bench.h"
static uint32_t reverse(uint32_t v)
{
    v = v >> 1 & 0x55555555 | (v & 0x55555555) << 1;
    v = v >> 2 & 0x33333333 | (v & 0x33333333) << 2;
    v = v >> 4 & 0x0f0f0f0f | (v & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(v);
}
static uint32_t ones(uint32_t v)
{
    v -= v >> 1 & 0x55555555;
    v = (v & 0x33333333) + (v >> 2 & 0x33333333);
    return ((v + (v >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}
int main(int argc, char **argv)
{
    uint32_t state = 17, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint32_t v = next(&state), field = v >> 7 & 0x3ff, gray = v ^ v >> 1;
        sum += ones(v) + __builtin_clz(v | 1) + __builtin_ctz(v | 1u << 31);
        sum ^= reverse(gray) + (v & ~0x1ff800u | field << 11);
        sum = sum << (v & 31) | sum >> (-v & 31);
        sum += (int8_t)(v >> 9) + (int16_t)(sum >> 3) + (v & -v);
    }
    return finish(sum);
}
