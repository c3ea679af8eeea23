/* A small LZ77 compressor and decompressor: hash chains, byte copies, unpredictable lengths. */
#include "bench.h"
enum { SIZE = 1 << 15 };
static unsigned char text[SIZE], packed[2 * SIZE], again[SIZE];
static int16_t last[1 << 12];
static int compress(void)
{
    unsigned char *out = packed;
    memset(last, 255, sizeof last);
    for (int i = 0; i < SIZE;) {
        int length = 0, from = -1;
        if (i + 4 < SIZE) {
            uint32_t key = (text[i] | text[i + 1] << 8 | text[i + 2] << 16) * 2654435761u >> 20;
            from = last[key], last[key] = i;
            if (from >= 0)
                while (length < 255 && i + length < SIZE && text[from + length] == text[i + length])
                    length++;
        }
        if (length > 3) {
            *out++ = length, *out++ = from, *out++ = from >> 8;
            i += length;
        } else
            *out++ = 0, *out++ = text[i++];
    }
    return out - packed;
}
static void expand(int size)
{
    unsigned char *out = again;
    for (unsigned char *in = packed; in < packed + size;)
        if (*in) {
            unsigned char *from = again + (in[1] | in[2] << 8);
            for (int n = *in; n; n--)
                *out++ = *from++;
            in += 3;
        } else
            *out++ = in[1], in += 2;
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 29, sum = 0;
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < SIZE; i++) {
            uint32_t r = next(&state);
            text[i] = i > 600 && r % 9 ? text[i - 500 - (r >> 30)] : 'a' + r % 23;
        }
        int size = compress();
        expand(size);
        if (memcmp(text, again, SIZE))
            return finish(0);
        sum = sum * 31 + size;
    }
    return finish(sum);
}
