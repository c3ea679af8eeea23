/* Greatest common divisors and modular powers: remainders on the way of everything else. */
#include "bench.h"
static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t t = a % b;
        a = b, b = t;
    }
    return a;
}
static uint32_t power(uint32_t base, uint32_t exponent, uint32_t modulus)
{
    uint64_t result = 1, square = base % modulus;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = result * square % modulus;
        square = square * square % modulus;
    }
    return result;
}
int main(int argc, char **argv)
{
    uint32_t state = 67, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint32_t a = next(&state), b = next(&state) | 1;
        sum = sum * 31 + gcd(a, b) + power(a, b & 0xfff, b);
    }
    return finish(sum);
}
