/* N queens with bit masks: recursion and branches. */
#include "bench.h"
static uint32_t place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right)
{
    if (columns == all)
        return 1;
    uint32_t count = 0;
    for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
        uint32_t bit = free & -free;
        count += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t sum = 0;
    for (int round = 0; round < rounds; round++)
        sum = sum * 31 + place((1u << (8 + round % 3)) - 1, 0, 0, 0);
    return finish(sum);
}
