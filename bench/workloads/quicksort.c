/* Quicksort and binary search: unpredictable branches. */
#include "bench.h"
enum { N = 50000 };
static uint32_t v[N];
static void sort(uint32_t *from, uint32_t *to)
{
    while (to - from > 1) {
        uint32_t pivot = from[(to - from) / 2], *i = from, *j = to - 1;
        while (i <= j) {
            while (*i < pivot)
                i++;
            while (*j > pivot)
                j--;
            if (i <= j) {
                uint32_t t = *i;
                *i++ = *j;
                *j-- = t;
            }
        }
        sort(from, j + 1);
        from = i;
    }
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 3, found = 0;
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < N; i++)
            v[i] = next(&state);
        sort(v, v + N);
        for (int i = 0; i < N; i++) {
            uint32_t key = next(&state), low = 0, high = N;
            while (low < high) {
                uint32_t middle = (low + high) / 2;
                if (v[middle] < key)
                    low = middle + 1;
                else
                    high = middle;
            }
            found = found * 31 + low;
        }
    }
    return finish(found);
}
