// Loops, calls, recursion, jump tables, function pointers, divisions and floating point.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>

static uint32_t seed = 1;
static uint32_t next(void) { return seed = seed * 1664525u + 1013904223u; }
static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static uint32_t step(uint32_t op, uint32_t x, uint32_t y)
{
    switch (op) {
    case 0: return x + y;
    case 1: return x - y;
    case 2: return x * (y | 1);
    case 3: return x ^ (y >> 3);
    case 4: return x / (y | 1);
    case 5: return (uint32_t)((int32_t)x % (int32_t)(y | 3));
    case 6: return (x << (y & 31)) | (x >> (31 - (y & 31)));
    case 7: return (uint32_t)((uint64_t)x * y >> 32);
    case 8: return (uint32_t)(((uint64_t)x << 32 | y) / ((uint64_t)y << 7 | 5));
    default: return ~x;
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(void)
{
    static uint32_t data[3000];
    uint32_t sum = 0;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 3000; i++)
            data[i] = next();
        for (int i = 1; i < 3000; i++)
            sum = step(data[i] % 10, sum, data[i - 1]);
        qsort(data, 3000, sizeof data[0], compare);
        for (int i = 1; i < 3000; i++)
            if (data[i - 1] > data[i])
                puts("not sorted");
        double x = 1.0;
        for (int i = 0; i < 2000; i++)
            x = x * 1.0000001 + data[i] / 4294967296.0;
        float y = 0;
        for (int i = 0; i < 2000; i++)
            y += (float)data[i] * 1e-9f;
        char text[64];
        snprintf(text, sizeof text, "%08x %.17g %.9g", sum, x, y);
        for (char *p = text; *p; p++)
            sum = sum * 31 + *p;
        if (round % 10 == 0)
            puts(text);
    }
    printf("%08x %d\n", sum, fib(24));
    return 0;
}
