/* ChaCha20, four blocks at a time: sums, exclusive ors and rotations of four words. */
#include "packed.h"
#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))
#define QUARTER(a, b, c, d)                                      \
    (a += b, d ^= a, d = ROTATE(d, 16), c += d, b ^= c, b = ROTATE(b, 12), \
     a += b, d ^= a, d = ROTATE(d, 8), c += d, b ^= c, b = ROTATE(b, 7))
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 1;
    v4u key[16], sum = { 0, 0, 0, 0 };
    for (int i = 0; i < 16; i++) {
        uint32_t word = next(&state);
        key[i] = (v4u){ word, word, word, word };
    }
    key[12] += (v4u){ 0, 1, 2, 3 };
    for (int round = 0; round < rounds; round++) {
        v4u x[16];
        for (int i = 0; i < 16; i++)
            x[i] = key[i];
        for (int i = 0; i < 10; i++) {
            QUARTER(x[0], x[4], x[8], x[12]);
            QUARTER(x[1], x[5], x[9], x[13]);
            QUARTER(x[2], x[6], x[10], x[14]);
            QUARTER(x[3], x[7], x[11], x[15]);
            QUARTER(x[0], x[5], x[10], x[15]);
            QUARTER(x[1], x[6], x[11], x[12]);
            QUARTER(x[2], x[7], x[8], x[13]);
            QUARTER(x[3], x[4], x[9], x[14]);
        }
        for (int i = 0; i < 16; i++)
            sum ^= x[i] + key[i];
        key[12] += (v4u){ 4, 4, 4, 4 };
    }
    return finish(sum[0] ^ sum[1] * 3 ^ sum[2] * 5 ^ sum[3] * 7);
}
