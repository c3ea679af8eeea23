/* Atomic additions, hot before there is anyone else: then by two threads, by two processes that
   share memory, and by two that share it only since mprotect(2). The sums must not miss any. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#define TIMES 400000

struct sums {
    uint32_t word;
    uint64_t wide;
    unsigned char byte;
};

__attribute__((noinline)) static void add(struct sums *sums, int times)
{
    for (int i = 0; i < times; i++) {
        __atomic_fetch_add(&sums->word, 3, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&sums->wide, 0x100000001, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&sums->byte, 1, __ATOMIC_SEQ_CST);
    }
}

static void *run(void *sums)
{
    add(sums, TIMES);
    return NULL;
}

static void show(const char *what, const struct sums *sums)
{
    printf("%s: %u %llx %u\n", what, sums->word, (unsigned long long)sums->wide, sums->byte);
    fflush(stdout);
}

static void processes(const char *what, struct sums *sums)
{
    pid_t child = fork();
    add(sums, TIMES);
    if (!child)
        _exit(0);
    waitpid(child, NULL, 0);
    show(what, sums);
}

int main(int argc, char **argv)
{
    static struct sums sums;
    add(&sums, TIMES);
    show("one", &sums);
    if (argc > 1) {
        pthread_t other;
        pthread_create(&other, NULL, run, &sums);
        add(&sums, TIMES);
        pthread_join(other, NULL);
        show("threads", &sums);
        return 0;
    }
    struct sums *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mprotect(shared, 4096, PROT_READ | PROT_WRITE);
    processes("processes", shared);
    if (!fork()) {
        execl("/proc/self/exe", argv[0], "threads", NULL);
        _exit(1);
    }
    wait(NULL);
    return 0;
}
