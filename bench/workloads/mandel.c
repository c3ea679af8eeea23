/* Mandelbrot set: multiplications, additions, a comparison; little memory. */
#include "real.h"
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    REAL sum = 0;
    for (int round = 0; round < rounds; round++)
        for (int row = 0; row < 60; row++)
            for (int column = 0; column < 80; column++) {
                REAL cx = column / (REAL)27.1 - (REAL)2.1, cy = (row + round % 7 / (REAL)7.3) / (REAL)30.3 - 1, x = 0, y = 0;
                int n = 0;
                while (n < 150 && x * x + y * y < 4) {
                    REAL t = x * x - y * y + cx;
                    y = 2 * x * y + cy;
                    x = t;
                    n++;
                }
                sum += n / (REAL)3;
            }
    return finish_real(sum);
}
