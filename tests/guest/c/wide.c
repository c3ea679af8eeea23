/* Programs that are built for a Cortex-A15: hardware division and fused multiply-add. build: -mcpu=cortex-a15 -mfpu=vfpv4-d16 */
#include "show.h"
#include <math.h>

int main(void)
{
    uint32_t hash = 0;
    uint64_t bits, sum = 0;
    for (int i = 0; i < 30000; i++) {
        int32_t x = random32(), y = random32() >> (i % 31);
        hash = hash * 31 + (uint32_t)x / (y ? y : 1) + (y && y != -1 ? x / y + x % y : 0);
        double a = x / 65536.0, b = y * 1e-3, c = (double)x * y;
        double r = fma(a, b, c) + fma(-a, b, -c) + fma(a, -b, c);
        float f = fmaf(x, 1.5f, y);
        memcpy(&bits, &r, 8);
        sum = sum * 31 + bits + (uint32_t)lrintf(f / 65536);
    }
    printf("%08x %016llx\n", hash, (unsigned long long)sum);
    volatile int zero = 0, lowest = INT_MIN, minus = -1;
    int q;
    __asm__("sdiv %0, %1, %2" : "=r"(q) : "r"(lowest), "r"(minus));
    printf("%d\n", q);
    __asm__("sdiv %0, %1, %2" : "=r"(q) : "r"(lowest), "r"(zero));
    printf("%d\n", q);
    return 0;
}
