/* Averages and distances of pixels: sixteen bytes at a time, widened to be summed. */
#include "packed.h"
enum { W = 256, H = 64 };
static uint8_t image[H + 1][W + 16], other[H + 1][W + 16];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 1, sum = 0;
    for (int y = 0; y <= H; y++)
        for (int x = 0; x < W + 16; x++)
            image[y][x] = (uint8_t)next(&state), other[y][x] = (uint8_t)(state >> 9);
    for (int round = 0; round < rounds; round++) {
        v8h wide = { 0 };
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x += 16) {
                v16b across = average(loadb(&image[y][x]), loadb(&image[y][x + 1]));
                v16b down = average(loadb(&image[y + 1][x]), loadb(&image[y + 1][x + 1]));
                v16b mean = average(across, down);
                v16b far = distance(mean, loadb(&other[y][x]));
                wide += low(far) + high(far);
                storeb(&image[y][x], mean + far);
            }
        for (int i = 0; i < 8; i++)
            sum = sum * 31 + wide[i];
    }
    return finish(sum);
}
