/* Takeuchi's and Ackermann's functions: deep recursion with three and two arguments. */
#include "bench.h"
__attribute__((noinline)) static int tak(int x, int y, int z)
{
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}
__attribute__((noinline)) static uint32_t ackermann(uint32_t m, uint32_t n)
{
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t sum = 0;
    for (int round = 0; round < rounds; round++)
        sum = sum * 31 + tak(12 + round % 3, 8, 4) + ackermann(2, 60 + round % 7) + ackermann(3, 3);
    return finish(sum);
}
