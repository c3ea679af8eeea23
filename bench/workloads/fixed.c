/* Mandelbrot set in 32.32 fixed point: 64-bit multiplication. */
#include "bench.h"
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t sum = 0;
    for (int round = 0; round < rounds; round++)
        for (int row = 0; row < 480; row += 8)
            for (int column = 0; column < 640; column++) {
                int64_t cx = ((int64_t)column * 3 << 28) / 640 - (2ll << 28), cy = ((int64_t)row * 2 << 28) / 480 - (1ll << 28), x = 0, y = 0;
                int n = 0;
                while (n < 250 && x * x + y * y < 4ll << 56) {
                    int64_t t = (x * x - y * y >> 28) + cx;
                    y = (x * y >> 27) + cy;
                    x = t;
                    n++;
                }
                sum = sum * 31 + n;
            }
    return finish(sum);
}
