// A library in two versions, for dlopen.c.
#include <string.h>

unsigned compute(unsigned x)
{
    for (int i = 0; i < 1000; i++)
        x = x * 31 + VERSION;
    return x;
}
