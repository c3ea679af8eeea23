/* Ten thousand signals of mixed kinds into a busy loop; none is lost that Linux keeps. */
#include "show.h"
#include <signal.h>
#include <string.h>
#include <sys/time.h>

static volatile int plain, queued, sum, last = -1, wrong, ticks;
static volatile double keep;

static void count(int signo) { plain++; }
static void timer(int signo) { ticks++; keep = keep * 1.5 + ticks; }

static void take(int signo, siginfo_t *info, void *context)
{
    queued++;
    if (info->si_value.sival_int != last + 1)
        wrong++;
    last = info->si_value.sival_int;
    sum += last & 3;
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = count;
    SHOW(sigaction(SIGUSR1, &action, NULL));
    action.sa_flags = SA_NODEFER;
    SHOW(sigaction(SIGUSR2, &action, NULL));
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    action.sa_sigaction = take;
    SHOW(sigaction(SIGRTMIN + 5, &action, NULL));
    action.sa_handler = timer;
    action.sa_flags = SA_RESTART;
    SHOW(sigaction(SIGALRM, &action, NULL));
    struct itimerval often = {{0, 700}, {0, 700}};
    SHOW(setitimer(ITIMER_REAL, &often, NULL));
    double x = 1, y = 1;
    unsigned hash = 1;
    for (int i = 0; i < 3334; i++) {
        union sigval value = {.sival_int = i};
        kill(getpid(), SIGUSR1);
        for (int j = 0; j < 200; j++) {
            hash = hash * 1664525 + 1013904223;
            x = x * 1.0000001 + 1e-9 * (hash & 7);
        }
        sigqueue(getpid(), SIGRTMIN + 5, value);
        raise(SIGUSR2);
    }
    hash = 1;
    for (int i = 0; i < 3334 * 200; i++) {
        hash = hash * 1664525 + 1013904223;
        y = y * 1.0000001 + 1e-9 * (hash & 7);
    }
    memset(&often, 0, sizeof often);
    SHOW(setitimer(ITIMER_REAL, &often, NULL));
    printf("plain %d queued %d wrong %d sum %d\n", plain, queued, wrong, sum);
    printf("same %d ticks %d\n", x == y, ticks > 10);
    return 0;
}
