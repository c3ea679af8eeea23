// A thread that spins in code which another one rewrites has to see it.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static uint32_t *page;
static volatile unsigned seen;
static volatile int stop;

static void *spin(void *unused)
{
    while (!stop)
        seen = ((unsigned (*)(void))page)();
    return unused;
}

int main(void)
{
    page = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 0xe3a00001; // mov r0, #1
    page[1] = 0xe12fff1e; // bx lr
    __builtin___clear_cache((char *)page, (char *)page + 8);
    pthread_t thread;
    pthread_create(&thread, 0, spin, 0);
    for (unsigned value = 2; value < 60; value++) {
        page[0] = 0xe3a00000 | value;
        __builtin___clear_cache((char *)page, (char *)page + 8);
        while (seen != value)
            ;
        for (volatile int i = 0; i < 20000; i++)
            ;
    }
    stop = 1;
    pthread_join(thread, 0);
    puts("seen");
    return 0;
}
