/* Calls that a handler interrupts: restarted or EINTR, what is left of the time. */
#include "show.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/epoll.h>
#include <time.h>

static int pipes[2];
static volatile int seen, feed;

static void handler(int signo)
{
    seen++;
    if (feed && seen == feed) {
        struct itimerval none = {{0, 0}, {0, 0}};
        setitimer(ITIMER_REAL, &none, NULL);
        write(pipes[1], "x", 1);
    }
}

static void start(int flags, int until)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(SIGALRM, &action, NULL);
    seen = 0;
    feed = until;
    struct itimerval soon = {{0, until ? 20000 : 0}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    char byte;
    struct pollfd fd;
    struct timespec half = {0, 500000000}, left = {9, 9};
    struct timeval later = {0, 500000};
    fd_set set;
    SHOW(pipe(pipes));
    start(0, 0);
    SHOW(read(pipes[0], &byte, 1));
    start(SA_RESTART, 3);
    SHOW(read(pipes[0], &byte, 1));
    printf("seen %d\n", seen);
    start(0, 0);
    SHOW(nanosleep(&half, &left));
    printf("left %d\n", left.tv_sec == 0 && left.tv_nsec > 300000000 && left.tv_nsec < 490000000);
    start(SA_RESTART, 0);
    SHOW(nanosleep(&half, &left));
    start(SA_RESTART, 0);
    fd = (struct pollfd){pipes[0], POLLIN, 0};
    SHOW(poll(&fd, 1, 500));
    start(SA_RESTART, 0);
    SHOW(poll(NULL, 0, -1));
    start(SA_RESTART, 0);
    FD_ZERO(&set);
    FD_SET(pipes[0], &set);
    SHOW(select(pipes[0] + 1, &set, NULL, NULL, &later));
    start(SA_RESTART, 0);
    SHOW(pause());
    sigset_t alarm_only, none, old;
    sigemptyset(&none);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    SHOW(sigprocmask(SIG_BLOCK, &alarm_only, &old));
    start(SA_RESTART, 0);
    SHOW(sigsuspend(&none));
    printf("seen %d\n", seen);
    start(SA_RESTART, 0);
    SHOW(ppoll(NULL, 0, NULL, &none));
    printf("seen %d\n", seen);
    start(SA_RESTART, 0);
    FD_ZERO(&set);
    SHOW(pselect(0, &set, NULL, NULL, NULL, &none));
    printf("seen %d\n", seen);
    int epoll = epoll_create1(0);
    struct epoll_event event;
    start(SA_RESTART, 0);
    SHOW(epoll_pwait(epoll, &event, 1, -1, &none));
    printf("seen %d\n", seen);
    start(SA_RESTART, 0);
    siginfo_t info;
    SHOW(sigwaitinfo(&alarm_only, &info));
    printf("info %d code %d seen %d\n", info.si_signo, info.si_code, seen);
    struct timespec brief = {0, 20000000};
    SHOW(sigtimedwait(&alarm_only, &info, &brief));
    raise(SIGALRM);
    SHOW(sigtimedwait(&alarm_only, &info, &brief));
    printf("info %d code %d pid %d\n", info.si_signo, info.si_code, info.si_pid == getpid());
    SHOW(sigprocmask(SIG_SETMASK, &old, NULL));
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    SHOW(sigprocmask(SIG_BLOCK, &usr1, NULL));
    start(SA_RESTART, 0);
    SHOW(sigwaitinfo(&usr1, &info));
    struct flock lock = {.l_type = F_WRLCK};
    start(SA_RESTART, 3);
    SHOW(read(pipes[0], &byte, 1));
    start(0, 0);
    half.tv_nsec = 100000000;
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &half, &left) == 4);
    start(0, 0);
    SHOW(fcntl(pipes[0], F_GETFD));
    while (!seen)
        ;
    SHOW(seen);
    return 0;
}
