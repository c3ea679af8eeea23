/* 64-bit integers: multiplication, division, shifts, comparison, conversion. */
#include "show.h"

int main(void)
{
    uint64_t hash = 0;
    for (int i = 0; i < 20000; i++) {
        uint64_t a = (uint64_t)random32() << 32 | random32(), b = (uint64_t)random32() << (i % 32) | (random32() >> i % 31);
        int64_t x = a, y = b ? b : 1;
        if (!b)
            b = 1;
        hash = hash * 31 + a * b + a / b + a % b + (a >> i % 64) + (a << i % 64);
        if (!(x == INT64_MIN && y == -1))
            hash = hash * 31 + x / y + x % y + (x >> i % 64);
        hash = hash * 31 + (a < b) + (x < y) * 2 + (a == b) * 4;
        hash ^= (uint64_t)(double)a + (int64_t)(float)x + (uint64_t)(int64_t)((double)x / 3);
        hash += __builtin_clzll(a | 1) + __builtin_ctzll(a | 1ull << 63) + __builtin_popcountll(a) + __builtin_bswap64(a);
        int64_t out;
        hash += __builtin_add_overflow(x, y, &out) + 2 * __builtin_mul_overflow(x, y, &out) + out;
        uint32_t u = a, v = b | 1;
        int32_t s = a, t = (b | 1) >> 1 | 1;
        hash = hash * 31 + u / v + u % v + s / t + s % t + (uint64_t)u * v + (int64_t)s * t;
    }
    printf("%016" PRIx64 "\n", hash);
    printf("%lld %llu %lld\n", LLONG_MIN, ULLONG_MAX, LLONG_MIN / 10);
    SHOW(strtoll("-9223372036854775809", 0, 10));
    SHOW(strtoll("7fffffffffffffff", 0, 16));
    SHOW(strtoull("zz", 0, 36));
    SHOW(atoll("123456789012345"));
    lldiv_t d = lldiv(-1000000000007, 12345);
    printf("%lld %lld\n", d.quot, d.rem);
    return 0;
}
