/* Table-driven CRC: byte loads and a table look-up for each. */
#include "bench.h"
static uint32_t table[256];
static unsigned char data[1 << 16];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
        table[i] = c;
    }
    uint32_t state = 5, crc = ~0u;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = next(&state);
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < sizeof data; i++)
            crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return finish(~crc);
}
