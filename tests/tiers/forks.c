// fork from a hot loop, and code that parent and child write differently afterwards.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned work(unsigned n, unsigned x)
{
    while (n--)
        x = x * 1103515245 + (x >> 16);
    return x;
}

static void put(void *page, unsigned value)
{
    uint32_t code[] = {0xe3a00000 | value, 0xe12fff1e}; // mov r0, #value; bx lr
    memcpy(page, code, sizeof code);
    __builtin___clear_cache(page, (char *)page + sizeof code);
}

int main(void)
{
    void *page = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned (*value)(void) = (unsigned (*)(void))page;
    unsigned total = work(3000000, 1), sum = 0;
    for (int i = 0; i < 20; i++) {
        put(page, i);
        for (int k = 0; k < 20000; k++)
            sum += value();
        fflush(stdout);
        pid_t child = fork();
        if (!child) {
            put(page, i + 100);
            unsigned other = 0;
            for (int k = 0; k < 20000; k++)
                other += value();
            _exit(other == (i + 100) * 20000u && work(200000, 7) == work(200000, 7) ? i : 255);
        }
        total ^= work(100000, i);
        int status;
        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != i)
            printf("child %d: %x\n", i, status);
        for (int k = 0; k < 20000; k++)
            sum += value();
    }
    printf("%u %u\n", total, sum);
    return 0;
}
