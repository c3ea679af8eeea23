/* 5,000 forks: each child ends with its own status and value, four live at a time. */
#include "../../guest/c/show.h"
#include <signal.h>
#include <sys/wait.h>

#define COUNT 5000
#define AT_ONCE 4

static volatile int deaths;

static void on_child(int signo) { deaths++; }

static unsigned work(unsigned seed)
{
    for (int i = 0; i < 300; i++)
        seed = seed * 1664525 + 1013904223;
    return seed;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);
    volatile unsigned *shared = mmap(NULL, COUNT * sizeof *shared, PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned private = 7;
    static int number[4194304];
    long statuses = 0, expected = 0;
    int started = 0, reaped = 0, failed = 0, unknown = 0, bad = 0;
    while (reaped < COUNT) {
        while (started < COUNT && started - reaped < AT_ONCE) {
            int pid = fork();
            if (pid < 0) {
                failed++;
                usleep(1000);
                continue;
            }
            if (!pid) {
                private += started; /* the parent must not see it */
                shared[started] = work(private);
                _exit(started % 251);
            }
            number[pid % 4194304] = ++started;
            expected += (started - 1) % 251;
        }
        int status, pid = wait(&status);
        if (pid < 0 || !number[pid % 4194304]) {
            unknown++;
            continue;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != (number[pid % 4194304] - 1) % 251)
            bad++;
        statuses += WEXITSTATUS(status);
        number[pid % 4194304] = 0;
        reaped++;
    }
    for (int i = 0; i < COUNT; i++)
        bad += shared[i] != work(7 + i);
    printf("reaped %d failed %d unknown %d bad %d private %u\n", reaped, failed, unknown, bad, private);
    printf("statuses %d told %d\n", statuses == expected, deaths > 0 && deaths <= COUNT);
    SHOW(wait(NULL));
    return 0;
}
