/* Leaving handlers by siglongjmp, from asynchronous signals and from faults, thousands of times. */
#include "show.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

static sigjmp_buf back;
static volatile int faults, raised, ticks;
static volatile double value = 1;

static void leave(int signo)
{
    value = value * 3;
    siglongjmp(back, signo);
}

static void tick(int signo) { ticks++; }

int main(void)
{
    signal(SIGSEGV, leave);
    signal(SIGUSR1, leave);
    signal(SIGFPE, leave);
    signal(SIGALRM, tick);
    struct itimerval often = {{0, 1000}, {0, 1000}};
    SHOW(setitimer(ITIMER_REAL, &often, NULL));
    double mine = 1.25;
    for (volatile int i = 0; i < 1000; i++) {
        switch (sigsetjmp(back, 1)) {
        case 0:
            if (i & 1)
                *(volatile int *)(i * 4) = 1;
            raise(SIGUSR1);
            printf("not reached\n");
            break;
        case SIGSEGV:
            faults++;
            break;
        case SIGUSR1:
            raised++;
            break;
        }
    }
    often.it_value.tv_usec = often.it_interval.tv_usec = 0;
    SHOW(setitimer(ITIMER_REAL, &often, NULL));
    SHOW(raise(0));
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    SHOW(sigismember(&now, SIGUSR1));
    SHOW(sigismember(&now, SIGSEGV));
    printf("%d %d %.2f\n", faults, raised, mine);
    return 0;
}
