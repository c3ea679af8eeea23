/* Recursive Fibonacci: calls and returns. */
#include "bench.h"
__attribute__((noinline)) static uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
int main(void)
{
    return finish(fib(36));
}
