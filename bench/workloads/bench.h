/* Shared by the workloads: each computes something and prints a number that all runs must agree on. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static inline int finish(uint32_t result)
{
    printf("%08x\n", result);
    return 0;
}
