/* Calls through a table of function pointers, in an order that no one can guess. */
#include "bench.h"
#define F(n, e) __attribute__((noinline)) static uint32_t f##n(uint32_t a, uint32_t b) { return e; }
F(0, a + b) F(1, a - b) F(2, a ^ b) F(3, a * 5 + b) F(4, (a | b) - 7) F(5, a << 3 ^ b) F(6, a >> 5 | b << 27) F(7, ~a + b)
static uint32_t (*const table[])(uint32_t, uint32_t) = {f0, f1, f2, f3, f4, f5, f6, f7};
int main(int argc, char **argv)
{
    uint32_t state = 31, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint32_t r = next(&state);
        sum = table[r & 7](sum, r);
        sum = table[i & 7](sum, i);
    }
    return finish(sum);
}
