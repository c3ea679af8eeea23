/* Code that the program writes itself: A32 and T32, rewritten in place, in anonymous and file memory. */
#include "show.h"

typedef int (*function)(int);

static void put(uint32_t *at, uint32_t add)
{
    at[0] = 0xe2800000u | add; /* add r0, r0, #add */
    at[1] = 0xe12fff1eu;       /* bx lr */
    __builtin___clear_cache((char *)at, (char *)(at + 2));
}

int main(void)
{
    uint32_t *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int sum = 0;
    for (int i = 0; i < 200; i++) {
        put(code, i);
        sum += ((function)code)(1000);
    }
    SHOW(sum);
    uint16_t *thumb = (uint16_t *)(code + 100);
    for (int i = 0; i < 100; i++) {
        thumb[0] = 0x3000 | i; /* adds r0, #i */
        thumb[1] = 0x4770;     /* bx lr */
        __builtin___clear_cache((char *)thumb, (char *)(thumb + 2));
        sum += ((function)((uintptr_t)thumb | 1))(sum);
    }
    SHOW(sum);
    SHOW(mprotect(code, 4096, PROT_READ | PROT_WRITE));
    put(code, 33);
    SHOW(mprotect(code, 4096, PROT_READ | PROT_EXEC));
    SHOW(((function)code)(1));
    SHOW(munmap(code, 4096));
    uint32_t image[2] = {0xe2800007u, 0xe12fff1eu};
    write_file("code", image, sizeof image);
    int fd = open("code", O_RDWR);
    uint32_t *mapped = mmap(code, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);
    SHOW(((function)mapped)(1));
    image[0] = 0xe2800009u;
    write_file("other", image, sizeof image);
    int other = open("other", O_RDONLY);
    mapped = mmap(code, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, other, 0);
    SHOW(((function)mapped)(1));
    return 0;
}
