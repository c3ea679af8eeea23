/* 64-bit division and remainder, signed and unsigned, by divisors of every size. */
#include "bench.h"
int main(int argc, char **argv)
{
    uint32_t state = 61, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint64_t a = (uint64_t)next(&state) << 32 | next(&state), b = (a * 0x9e3779b97f4a7c15) >> (a & 63) | 1;
        sum = sum * 31 + (uint32_t)(a / b);
        sum += (a ^ sum) % (b >> 3 | 1);
        int64_t c = (int64_t)a, d = (int64_t)(b >> 1) - 100000;
        sum ^= d ? c / d + c % d : 0;
    }
    return finish(sum);
}
