/* Atomic operations by one thread: additions, exchanges, compare-and-swap loops, 8 to 32 bits. */
#include "bench.h"
static uint32_t word, maximum, bits;
static unsigned char byte;
static uint16_t half;
int main(int argc, char **argv)
{
    uint32_t state = 101, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint32_t r = next(&state), seen = __atomic_load_n(&maximum, __ATOMIC_ACQUIRE);
        sum += __atomic_fetch_add(&word, r, __ATOMIC_SEQ_CST);
        while (seen < r && !__atomic_compare_exchange_n(&maximum, &seen, r, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            ;
        sum ^= __atomic_fetch_or(&bits, 1u << (r & 31), __ATOMIC_RELAXED);
        sum += __atomic_exchange_n(&byte, (unsigned char)r, __ATOMIC_ACQ_REL);
        sum += __atomic_add_fetch(&half, 3, __ATOMIC_RELAXED);
        if (!(r & 63))
            __atomic_store_n(&bits, 0, __ATOMIC_RELEASE), __atomic_store_n(&maximum, 0, __ATOMIC_RELEASE);
    }
    return finish(sum ^ word ^ maximum);
}
