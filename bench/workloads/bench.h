/* Shared by the workloads: each computes something, SCALE times over, and prints what all runs must agree on. */
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

static inline int scale(int argc, char **argv)
{
    if (argc != 2 || atoi(argv[1]) <= 0) {
        fprintf(stderr, "usage: %s SCALE\n", argv[0]);
        exit(2);
    }
    return atoi(argv[1]);
}

static inline int finish(uint32_t result)
{
    printf("%08x\n", result);
    return 0;
}
