/* Longer integer work: CRC, SHA-256, a Mersenne-like generator, string building. */
#include "show.h"

static uint32_t crc(const uint8_t *p, size_t n)
{
    uint32_t c = ~0u;
    while (n--)
        for (int k = (c ^= *p++, 0); k < 8; k++)
            c = c >> 1 ^ (0xedb88320u & -(c & 1));
    return ~c;
}

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void sha256_block(uint32_t h[8], const uint8_t *p, const uint32_t k[64])
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] + (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, h, 32);
    for (int i = 0; i < 64; i++) {
        uint32_t t = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
        uint32_t u = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 28);
        v[4] += t;
        v[0] = t + u;
    }
    for (int i = 0; i < 8; i++)
        h[i] += v[i];
}

int main(void)
{
    static uint8_t data[20000];
    uint32_t k[64], h[8];
    for (int i = 0; i < 20000; i++)
        data[i] = random32();
    printf("%08x\n", crc(data, sizeof data));
    for (int i = 0; i < 64; i++)
        k[i] = random32();
    for (int i = 0; i < 8; i++)
        h[i] = i * 0x01234567;
    for (int i = 0; i + 64 <= 20000; i += 64)
        sha256_block(h, data + i, k);
    for (int i = 0; i < 8; i++)
        printf("%08x", h[i]);
    uint64_t lcg = 1;
    uint32_t x = 0;
    for (int i = 0; i < 100000; i++) {
        lcg = lcg * 6364136223846793005ull + 1442695040888963407ull;
        x ^= (uint32_t)(lcg >> 33) * (i | 1);
    }
    printf("\n%08x\n", x);
    return 0;
}
