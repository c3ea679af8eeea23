/* SHA-256 of generated data: rotates, additions, logic. */
#include "bench.h"
static uint32_t k[64], h[8];
#define ROT(x, n) ((x) >> (n) | (x) << (32 - (n)))
static void block(const uint32_t *data)
{
    uint32_t w[64], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], hh = h[7];
    for (int i = 0; i < 16; i++)
        w[i] = __builtin_bswap32(data[i]);
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (ROT(w[i - 15], 7) ^ ROT(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] + (ROT(w[i - 2], 17) ^ ROT(w[i - 2], 19) ^ w[i - 2] >> 10);
    for (int i = 0; i < 64; i++) {
        uint32_t t = hh + (ROT(e, 6) ^ ROT(e, 11) ^ ROT(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
        uint32_t u = (ROT(a, 2) ^ ROT(a, 13) ^ ROT(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        hh = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + u;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += hh;
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 7, data[16];
    for (int i = 0; i < 64; i++)
        k[i] = next(&state);
    for (int i = 0; i < rounds; i++) {
        for (int j = 0; j < 16; j++)
            data[j] = state + i * j;
        block(data);
    }
    return finish(h[0] ^ h[3] ^ h[7]);
}
