/* 64-bit multiplication, shifts and comparisons: a generator, a hash and high halves of products. */
#include "bench.h"
static uint64_t high(uint64_t a, uint64_t b)
{
    uint64_t ll = (a & ~0u) * (b & ~0u), lh = (a & ~0u) * (b >> 32), hl = (a >> 32) * (b & ~0u);
    return (a >> 32) * (b >> 32) + (lh >> 32) + (hl >> 32) + ((ll >> 32) + (uint32_t)lh + (uint32_t)hl >> 32);
}
int main(int argc, char **argv)
{
    uint64_t state = 53, hash = 0xcbf29ce484222325, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        state = state * 6364136223846793005 + 1442695040888963407;
        uint32_t x = (state >> 18 ^ state) >> 27, rotation = state >> 59;
        hash = (hash ^ (x >> rotation | x << (-rotation & 31))) * 0x100000001b3;
        sum += high(hash, state);
        sum ^= (int64_t)hash >> (rotation + 3) ^ state << rotation;
        if ((int64_t)sum < (int64_t)hash)
            sum -= state;
    }
    return finish(sum >> 32 ^ sum);
}
