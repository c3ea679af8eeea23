/* qsort(3) and bsearch(3) of the C library with comparison callbacks. */
#include "bench.h"
enum { N = 20000 };
static struct record { uint32_t key, value; } records[N];
static int by_value(const void *a, const void *b)
{
    uint32_t x = ((const struct record *)a)->value, y = ((const struct record *)b)->value;
    return x < y ? -1 : x > y;
}
static int by_key(const void *a, const void *b)
{
    uint32_t x = ((const struct record *)a)->key, y = ((const struct record *)b)->key;
    return x < y ? -1 : x > y ? 1 : by_value(a, b);
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 41, sum = 0;
    for (int i = 0; i < N; i++) /* no value twice, so that there is one right order */
        records[i] = (struct record){next(&state), next(&state)};
    for (int round = 0; round < rounds; round++) {
        qsort(records, N, sizeof *records, round & 1 ? by_value : by_key);
        for (int i = 0; i < N; i += 3) {
            struct record *found = bsearch(&records[i], records, N, sizeof *records, round & 1 ? by_value : by_key);
            sum = sum * 31 + (found - records) + found->value;
        }
        for (int i = 0; i < N; i += 7)
            records[i].key ^= records[i].value << 1;
    }
    return finish(sum);
}
