/* The Mandelbrot set, four points at a time: a dependent chain of sums and products, comparisons. */
#include "packed.h"
int main(int argc, char **argv)
{
    int size = scale(argc, argv);
    uint32_t sum = 0;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x += 4) {
            float first[4];
            for (int i = 0; i < 4; i++)
                first[i] = -2.0f + 2.7f * (float)(x + i) / (float)size;
            v4f cr = load(first), ci = splat(-1.3f + 2.6f * (float)y / (float)size);
            v4f zr = cr, zi = ci;
            v4u count = { 0, 0, 0, 0 }, inside = ~count;
            for (int k = 0; k < 60; k++) {
                v4f rr = mul(zr, zr), ii = mul(zi, zi), ri = mul(zr, zi);
                v4u in = above(splat(4), add(rr, ii));
                inside &= in;
                if (!(inside[0] | inside[1] | inside[2] | inside[3]))
                    break;
                count -= inside;
                zr = where(inside, add(sub(rr, ii), cr));
                zi = where(inside, add(add(ri, ri), ci));
            }
            sum = sum * 31 + count[0] + 3 * count[1] + 5 * count[2] + 7 * count[3];
        }
    return finish(sum);
}
