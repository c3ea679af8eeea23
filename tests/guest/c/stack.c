/* The stack grows on demand, down to its limit. */
#include "show.h"
#include <alloca.h>

static int deep(int n)
{
    volatile char frame[1000];
    frame[n % 1000] = n;
    return n == 0 ? 0 : deep(n - 1) + (frame[n % 1000] == (char)n);
}

int main(void)
{
    SHOW(deep(6000));
    volatile char *block = alloca(1000000);
    block[0] = 1;
    block[999999] = 2;
    SHOW(block[0] + block[999999]);
    char **list[2000];
    long total = 0;
    for (int i = 0; i < 2000; i++) {
        list[i] = malloc(i * 97 % 5000 + 1);
        memset(list[i], i, i * 97 % 5000 + 1);
        if (i % 3 == 0)
            free(list[i / 2]), list[i / 2] = NULL;
    }
    for (int i = 0; i < 2000; i++)
        if (list[i])
            total += ((unsigned char *)list[i])[i * 97 % 5000];
    SHOW(total);
    char *large = calloc(64, 1 << 20);
    large[50 << 20] = 9;
    large = realloc(large, 100 << 20);
    SHOW(large[50 << 20]);
    SHOW_ERROR(malloc(0xf0000000u) ? 0 : -1);
    return 0;
}
