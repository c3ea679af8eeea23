/* Sieve of Eratosthenes: byte stores with a stride. */
#include "bench.h"
enum { N = 3000000 };
static unsigned char composite[N];
int main(void)
{
    uint32_t count = 0;
    for (int round = 0; round < 10; round++) {
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
