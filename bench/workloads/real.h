/* REAL is double or float; results are printed bit for bit, so that a last bit off shows. */
#include "bench.h"
#ifdef SINGLE
typedef float REAL;
typedef uint32_t BITS;
#define SQRT(x) __builtin_sqrtf(x)
#else
typedef double REAL;
typedef uint64_t BITS;
#define SQRT(x) __builtin_sqrt(x)
#endif

static inline REAL uniform(uint32_t *state)
{
    return (REAL)(next(state) >> 8) / (REAL)16777259; /* inexact: the divisor is a prime */
}

static inline int finish_real(REAL value)
{
    BITS bits;
    memcpy(&bits, &value, sizeof bits);
    printf("%0*llx %.6g\n", (int)(2 * sizeof bits), (unsigned long long)bits, (double)value);
    return 0;
}
