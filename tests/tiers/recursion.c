/* A function that calls itself, and may return without having touched the register it changed. */
#include <stdio.h>

unsigned sum(unsigned n);
__asm__(".syntax unified\n.text\n.thumb\n.thumb_func\nsum:\n"
        "cbz r0, 1f\n push {r7, lr}\n mov r7, r0\n subs r0, #1\n bl sum\n add r0, r7\n pop {r7, pc}\n"
        "1: bx lr\n");

int main(void)
{
    unsigned total = 0;
    for (unsigned i = 0; i < 20000; i++)
        total = total * 31 + sum(i & 63);
    printf("%u\n", total);
    return 0;
}
