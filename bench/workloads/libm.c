/* Functions of the mathematical library; the sum is printed to the digits that all libraries agree on. */
#include "bench.h"
#include <math.h>
int main(int argc, char **argv)
{
    uint32_t state = 83;
    int rounds = scale(argc, argv);
    double sum = 0;
    for (int i = 0; i < rounds; i++) {
        double x = (next(&state) >> 8) / 16777259.0 * 6 - 3;
        sum += sin(x) + cos(x * 2) * exp(-x * x) + log(1 + x * x) + atan2(x, 1.5) + pow(x * x + 0.1, 0.7) + floor(x * 3);
    }
    printf("%.6f\n", sum / rounds);
    return 0;
}
