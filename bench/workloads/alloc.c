/* malloc(3), realloc(3) and free(3) of blocks of many sizes in random order. */
#include "bench.h"
enum { SLOTS = 2000 };
static unsigned char *slots[SLOTS];
int main(int argc, char **argv)
{
    uint32_t state = 89, sum = 0;
    for (int i = scale(argc, argv); i; i--) {
        uint32_t r = next(&state), size = 8 + (r >> 12) % (r & 64 ? 1500 : 100);
        unsigned char **slot = &slots[r % SLOTS];
        if (*slot && r & 1 << 9)
            *slot = realloc(*slot, size);
        else {
            if (*slot)
                sum = sum * 31 + **slot;
            free(*slot);
            *slot = malloc(size);
            **slot = r >> 5;
        }
        (*slot)[size - 1] = r;
    }
    for (int i = 0; i < SLOTS; i++)
        free(slots[i]);
    return finish(sum);
}
