/* Crashes at a known place, with threads and floating-point values in registers; or dies of the
 * signal that it is told (0: waits for one). build: -g -O1 -pthread */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

char marker[] = "marker in data";
char *heap, *hidden, *sealed;
static pthread_barrier_t ready;

__attribute__((noinline)) static void spin(void)
{
    for (;;) __asm__ volatile("vmov.f64 d9, %P0" : : "w"(2.5) : "d9");
}

__attribute__((noinline)) static void rest(void)
{
    for (;;) pause();
}

static void *work(void *which)
{
    pthread_barrier_wait(&ready);
    if (which) spin();
    rest();
    return 0;
}

__attribute__((noinline)) int inner(int depth, volatile int *where)
{
    if (depth) return inner(depth - 1, where) + 1;
    double value = 1234.5;
    __asm__ volatile("vmov.f64 d8, %P0\n str %1, [%2]"
                     : : "w"(value), "r"(0x600d), "r"(where) : "d8", "memory");
    return *where;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    pthread_barrier_init(&ready, 0, 3);
    heap = strdup("string in the heap");
    hidden = mmap(0, 8192, 3, MAP_PRIVATE | MAP_ANON, -1, 0);
    strcpy(hidden, "not to be dumped");
    madvise(hidden, 8192, MADV_DONTDUMP);
    sealed = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANON, -1, 0);
    strcpy(sealed, "behind PROT_NONE");
    mprotect(sealed, 4096, 0);
    pthread_create(&thread, 0, work, 0);
    pthread_create(&thread, 0, work, "spin");
    pthread_barrier_wait(&ready);
    usleep(20000);
    if (argc == 1) return inner(3, (int *)0x1230);
    int signo = atoi(argv[1]);
    if (argc > 2) prctl(PR_SET_DUMPABLE, 0);
    if (signo > 0) kill(getpid(), signo);
    puts("ready");
    fflush(stdout);
    for (;;) pause();
}
