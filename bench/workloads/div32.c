/* 32-bit division and remainder, signed and unsigned, by divisors of every size. */
#include "bench.h"
int main(int argc, char **argv)
{
    uint32_t state = 59, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint32_t a = next(&state), b = (next(&state) >> (a & 31)) | 1;
        sum = sum * 31 + a / b;
        sum += (sum ^ a) % (b >> 3 | 1);
        int32_t c = (int32_t)a >> 1, d = (int32_t)(b >> 1) - 1000;
        sum ^= d ? c / d + c % d : 0;
    }
    return finish(sum);
}
