/* What LDRD reads is what one STRD wrote, beside another thread and another process that write. */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t own[2] __attribute__((aligned(8)));
static volatile int stop;

__attribute__((noinline)) static int torn(const uint32_t *from, int n)
{
    int found = 0;
    while (n--) {
        register uint32_t low asm("r2"), high asm("r3");
        asm volatile("ldrd r2, r3, [%2]" : "=r"(low), "=r"(high) : "r"(from));
        found += low != high;
    }
    return found;
}

__attribute__((noinline)) static void write_both(uint32_t *to, int n)
{
    while (n-- && !stop) {
        register uint32_t low asm("r2") = n, high asm("r3") = n;
        asm volatile("strd r2, r3, [%0]" : : "r"(to), "r"(low), "r"(high) : "memory");
    }
}

static void *writer(void *to)
{
    while (!stop)
        write_both(to, 100000);
    return 0;
}

int main(void)
{
    pthread_t thread;
    int alone = torn(own, 3000000), threads, processes;
    pthread_create(&thread, 0, writer, own);
    threads = torn(own, 6000000);
    stop = 1;
    pthread_join(thread, 0);
    stop = 0;
    uint32_t *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (!child)
        writer(shared);
    processes = torn(shared, 6000000);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    printf("torn %d %d %d\n", alone, threads, processes);
    return 0;
}
