/* A filter of 32 taps over sound: loads, products and sums of four floats. */
#include "packed.h"
enum { N = 2048, TAPS = 32 };
static float in[N + TAPS], out[N], taps[TAPS];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 1, sum = 0;
    for (int i = 0; i < N + TAPS; i++)
        in[i] = (int32_t)next(&state) / 3e9f;
    for (int i = 0; i < TAPS; i++)
        taps[i] = (int32_t)next(&state) / 2e10f;
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < N; i += 4) {
            v4f acc = splat(0);
            for (int k = 0; k < TAPS; k++)
                acc = add(acc, mul(load(in + i + k), splat(taps[k])));
            store(out + i, acc);
        }
        uint32_t word;
        memcpy(&word, out + round % N, 4);
        sum = sum * 31 + word;
        in[round % N] = out[(round * 7) % N];
    }
    return finish(sum);
}
