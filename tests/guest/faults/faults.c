/* Dies in the way that its argument says. The test knows which signal and which address to expect. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((noinline)) static int deep(int n)
{
    volatile char frame[4096];
    frame[n % 4096] = n;
    return deep(n + 1) + frame[0];
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    uintptr_t at = argc > 2 ? strtoul(argv[2], 0, 16) : 0;
    printf("before\n");
    fflush(stdout);
    if (!strcmp(how, "load"))
        __asm__ volatile("ldr r0, [%0]" ::"r"(at) : "r0");
    else if (!strcmp(how, "store"))
        __asm__ volatile("str %0, [%0]" ::"r"(at));
    else if (!strcmp(how, "byte"))
        __asm__ volatile("ldrb r0, [%0]" ::"r"(at) : "r0");
    else if (!strcmp(how, "double"))
        __asm__ volatile("ldrd r2, r3, [%0]" ::"r"(at) : "r2", "r3");
    else if (!strcmp(how, "multiple"))
        __asm__ volatile("ldmia %0, {r2-r9}" ::"r"(at) : "r2", "r3", "r4", "r5", "r6", "r8", "r9");
    else if (!strcmp(how, "push"))
        __asm__ volatile("mov r4, %0\n stmdb r4!, {r0-r3}" ::"r"(at) : "r4", "memory");
    else if (!strcmp(how, "exclusive"))
        __asm__ volatile("ldrex r0, [%0]" ::"r"(at) : "r0");
    else if (!strcmp(how, "vector"))
        __asm__ volatile("vldr d0, [%0]" ::"r"(at) : "d0");
    else if (!strcmp(how, "vectors"))
        __asm__ volatile("vldmia %0, {d0-d7}" ::"r"(at) : "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7");
    else if (!strcmp(how, "offset"))
        __asm__ volatile("ldr r0, [%0, #4095]" ::"r"(at) : "r0");
    else if (!strcmp(how, "index"))
        __asm__ volatile("ldr r0, [%0, %0, lsl #2]" ::"r"(at) : "r0");
    else if (!strcmp(how, "jump"))
        ((void (*)(void))at)();
    else if (!strcmp(how, "readonly"))
        __asm__ volatile("strb r0, [%0]" ::"r"("constant"));
    else if (!strcmp(how, "data"))
        ((void (*)(void))mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))();
    else if (!strcmp(how, "beyond-file")) {
        FILE *empty = tmpfile();
        char *map = mmap(0, 4096, PROT_READ, MAP_SHARED, fileno(empty), 0);
        __asm__ volatile("ldrb r0, [%0]" ::"r"(map) : "r0");
    } else if (!strcmp(how, "undefined"))
        __asm__ volatile(".inst 0xe7f000f0");
    else if (!strcmp(how, "neon"))
        __asm__ volatile(".inst 0xf2001840"); /* vadd.i8 with an odd register as q */
    else if (!strcmp(how, "breakpoint"))
        __asm__ volatile("bkpt #0");
    else if (!strcmp(how, "abort"))
        abort();
    else if (!strcmp(how, "kill"))
        kill(getpid(), at);
    else if (!strcmp(how, "exit"))
        exit(at);
    else if (!strcmp(how, "deep"))
        return deep(0);
    printf("after\n");
    return 0;
}
