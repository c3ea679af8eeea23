/* Timers of every kind that send signals. */
#include "show.h"
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static volatile int count[65], code[65], value[65], overrun;

static void handler(int signo, siginfo_t *info, void *context)
{
    count[signo]++;
    code[signo] = info->si_code;
    value[signo] = info->si_value.sival_int;
    if (signo == SIGRTMIN && info->si_overrun > overrun)
        overrun = info->si_overrun;
}

static void spin(int signo, int times)
{
    while (count[signo] < times)
        ;
}

static void rest(int signo, int times)
{
    while (count[signo] < times)
        usleep(1000);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    int signals[] = {SIGALRM, SIGVTALRM, SIGPROF, SIGRTMIN, SIGUSR1};
    for (int i = 0; i < 5; i++)
        sigaction(signals[i], &action, NULL);
    struct itimerval it = {{0, 3000}, {0, 3000}}, old;
    SHOW(setitimer(ITIMER_REAL, &it, NULL));
    spin(SIGALRM, 5);
    SHOW(getitimer(ITIMER_REAL, &old));
    printf("interval %ld %ld\n", old.it_interval.tv_sec, old.it_interval.tv_usec);
    memset(&it, 0, sizeof it);
    SHOW(setitimer(ITIMER_REAL, &it, &old));
    printf("code %d\n", code[SIGALRM]);
    it.it_value.tv_usec = it.it_interval.tv_usec = 4000;
    SHOW(setitimer(ITIMER_VIRTUAL, &it, NULL));
    SHOW(setitimer(ITIMER_PROF, &it, NULL));
    spin(SIGVTALRM, 2);
    spin(SIGPROF, 2);
    memset(&it, 0, sizeof it);
    SHOW(setitimer(ITIMER_VIRTUAL, &it, NULL));
    SHOW(setitimer(ITIMER_PROF, &it, NULL));
    printf("codes %d %d\n", code[SIGVTALRM], code[SIGPROF]);
    SHOW(setitimer(7, &it, NULL));
    timer_t timer;
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGRTMIN;
    event.sigev_value.sival_int = 0x55667788;
    SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec spec = {{0, 2000000}, {0, 2000000}}, now;
    SHOW(timer_settime(timer, 0, &spec, NULL));
    rest(SIGRTMIN, 3);
    printf("code %d value %x\n", code[SIGRTMIN], value[SIGRTMIN]);
    SHOW(timer_gettime(timer, &now));
    printf("interval %ld\n", now.it_interval.tv_nsec);
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    SHOW(sigprocmask(SIG_BLOCK, &set, &before));
    struct timespec pause_ = {0, 60000000};
    nanosleep(&pause_, NULL);
    int was = count[SIGRTMIN];
    SHOW(sigprocmask(SIG_SETMASK, &before, NULL));
    printf("missed %d\n", overrun > 5);
    SHOW(timer_delete(timer));
    SHOW(timer_delete(timer));
    event.sigev_notify = SIGEV_NONE;
    SHOW(timer_create(CLOCK_REALTIME, &event, &timer));
    spec = (struct itimerspec){{0, 0}, {100, 0}};
    SHOW(timer_settime(timer, 0, &spec, NULL));
    SHOW(timer_gettime(timer, &now));
    printf("left %d\n", now.it_value.tv_sec == 99);
    SHOW(timer_delete(timer));
    event.sigev_notify = 77;
    SHOW(timer_create(CLOCK_REALTIME, &event, &timer));
    SHOW(timer_create(CLOCK_REALTIME, NULL, &timer));
    count[SIGALRM] = 0;
    spec = (struct itimerspec){{0, 0}, {0, 1000000}};
    SHOW(timer_settime(timer, 0, &spec, NULL));
    rest(SIGALRM, 1);
    printf("code %d value %d\n", code[SIGALRM], value[SIGALRM] == (int)(long)timer);
    count[SIGALRM] = 0;
    SHOW(alarm(1));
    SHOW(alarm(1));
    rest(SIGALRM, 1);
    printf("code %d\n", code[SIGALRM]);
    SHOW(alarm(0));
    return 0;
}
