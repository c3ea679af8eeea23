/* Sieve of Eratosthenes: byte stores with a stride. */
#include "bench.h"
enum { N = 300000 };
static unsigned char composite[N];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t count = 0;
    for (int round = 0; round < rounds; round++) {
        memset(composite, 0, N);
        for (uint32_t i = 2; i < N; i++)
            if (!composite[i]) {
                count++;
                for (uint32_t j = 2 * i; j < N; j += i)
                    composite[j] = 1;
            }
    }
    return finish(count);
}
