/* 64-bit atomic operations: pairs of exclusive loads and stores. */
#include "bench.h"
static uint64_t counter, packed;
int main(int argc, char **argv)
{
    uint32_t state = 103, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint64_t r = (uint64_t)next(&state) * 0x1000193, seen = __atomic_load_n(&packed, __ATOMIC_RELAXED);
        sum += __atomic_fetch_add(&counter, r, __ATOMIC_SEQ_CST) >> 17;
        while (!__atomic_compare_exchange_n(&packed, &seen, (seen << 5 | seen >> 59) ^ r, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            ;
    }
    return finish(sum ^ counter >> 32 ^ packed);
}
