/* Recursive Fibonacci: calls and returns. */
#include "bench.h"
__attribute__((noinline)) static uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t sum = 0;
    for (int round = 0; round < rounds; round++)
        sum = sum * 31 + fib(22 + round % 3);
    return finish(sum);
}
