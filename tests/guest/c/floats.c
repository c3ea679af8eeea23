/* Arithmetic and conversion in both precisions, down to the last bit, with random and special operands. */
#include "show.h"
#include <math.h>

static uint64_t bits64(double x) { uint64_t b; memcpy(&b, &x, 8); return b; }
static uint32_t bits32(float x) { uint32_t b; memcpy(&b, &x, 4); return b; }
static double from64(uint64_t b) { double x; memcpy(&x, &b, 8); return x; }
static float from32(uint32_t b) { float x; memcpy(&x, &b, 4); return x; }

static uint64_t hash = 14695981039346656037ull;
static void mix(uint64_t value) { hash = (hash ^ value) * 1099511628211ull; }

int main(void)
{
    static const uint64_t special[] = {
        0, 1ull << 63, 1, 0x000fffffffffffffull, 0x0010000000000000ull, 0x3ff0000000000000ull, 0xbff0000000000000ull,
        0x7fefffffffffffffull, 0x7ff0000000000000ull, 0xfff0000000000000ull, 0x7ff8000000000000ull, 0x7ff0000000000001ull,
        0xfff8000000000123ull, 0x41dfffffffc00000ull, 0xc1e0000000000000ull, 0x43e0000000000000ull, 0x4330000000000000ull,
        0x36a0000000000000ull, 0x47efffffe0000000ull, 0x3ca0000000000000ull };
    enum { N = sizeof special / sizeof *special };
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double x = from64(special[i]), y = from64(special[j]);
            mix(bits64(x + y)), mix(bits64(x - y)), mix(bits64(x * y)), mix(bits64(x / y));
            mix((x < y) | (x <= y) << 1 | (x == y) << 2 | (x != y) << 3 | (x > y) << 4 | isunordered(x, y) << 5);
            float f = (float)x, g = (float)y;
            mix(bits32(f + g)), mix(bits32(f - g)), mix(bits32(f * g)), mix(bits32(f / g)), mix(bits64(f));
        }
    printf("special %016llx\n", (unsigned long long)hash);
    for (int i = 0; i < N; i++) {
        volatile double x = from64(special[i]);
        printf("%2d %016llx sqrt %016llx neg %016llx abs %016llx float %08x\n", i, (unsigned long long)bits64(x),
               (unsigned long long)bits64(sqrt(x)), (unsigned long long)bits64(-x), (unsigned long long)bits64(fabs(x)), bits32((float)x));
        if (fabs(x) < 2e9)
            printf("   int %d unsigned %u\n", (int)x, x >= 0 ? (unsigned)x : 0);
    }
    for (int i = 0; i < 20000; i++) {
        double x = from64((uint64_t)random32() << 32 | random32()), y = from64((uint64_t)random32() << 32 | random32());
        mix(bits64(x + y)), mix(bits64(x * y)), mix(bits64(x / y)), mix(bits64(sqrt(fabs(x)))), mix(bits32((float)x));
        float f = from32(random32()), g = from32(random32());
        mix(bits32(f + g)), mix(bits32(f * g)), mix(bits32(f / g)), mix(bits32(sqrtf(fabsf(f)))), mix(bits64(f));
        int n = random32();
        mix(bits64(n)), mix(bits64((unsigned)n)), mix(bits32(n)), mix(bits32((unsigned)n));
    }
    printf("random %016llx\n", (unsigned long long)hash);
    for (int i = 0; i < 3000; i++) {
        double x = (random32() % 2000000 - 1000000) / 4096.0;
        mix(bits64(sin(x))), mix(bits64(exp(x / 100))), mix(bits64(log(fabs(x) + 1))), mix(bits64(pow(fabs(x) + .5, 1.7)));
        mix(bits64(atan2(x, 3))), mix(bits64(fmod(x, 0.7))), mix(bits64(floor(x))), mix(bits64(rint(x))), mix(bits64(cbrt(x)));
        mix(bits32(sinf(x))), mix(bits64(fma(x, x, -x))), mix(lrint(x)), mix(llround(x * 1e9));
    }
    printf("library %016llx\n", (unsigned long long)hash);
    return 0;
}
