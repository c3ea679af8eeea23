/* Timers of every kind. */
#include "case.h"
#include <sys/timerfd.h>

static volatile int seen;
static siginfo_t last;

static void told(int signo, siginfo_t *info, void *context)
{
    seen++;
    last = *info;
}

static void handle(int signo)
{
    struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};
    sigaction(signo, &action, NULL);
}

CASE(alarm_values)
{
    SHOW(alarm(100) > 0);
    SHOW(alarm(0));
    SHOW(alarm(0));
}

CASE(itimer_values)
{
    struct itimerval time = {{0, 0}, {50, 0}}, old;
    SHOW(setitimer(ITIMER_VIRTUAL, &time, NULL));
    SHOW(getitimer(ITIMER_VIRTUAL, &old));
    SAY("%d %ld", old.it_value.tv_sec >= 49, (long)old.it_interval.tv_sec);
    SHOW(setitimer(ITIMER_VIRTUAL, NULL, &old));
    SHOW(getitimer(ITIMER_VIRTUAL, &old));
    SAY("%ld %ld", (long)old.it_value.tv_sec, (long)old.it_value.tv_usec);
    time.it_value.tv_usec = 1000000;
    SHOW(setitimer(ITIMER_REAL, &time, NULL));
    time.it_value.tv_usec = -1;
    SHOW(setitimer(ITIMER_REAL, &time, NULL));
    SHOW(setitimer(3, &time, NULL));
    SHOW(getitimer(3, &time));
    SHOW(syscall(SYS_setitimer, ITIMER_REAL, 4, NULL));
    SHOW(syscall(SYS_getitimer, ITIMER_REAL, 4));
}

CASE(itimer_signals)
{
    int which[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}, signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
    for (int i = 0; i < 3; i++) {
        struct itimerval time = {{0, 0}, {0, 20000}};
        handle(signals[i]);
        seen = 0;
        setitimer(which[i], &time, NULL);
        while (!seen)
            getppid();
        SAY("%d %d", last.si_signo, last.si_code);
        getitimer(which[i], &time);
        SAY("%ld %ld", (long)time.it_value.tv_sec, (long)time.it_value.tv_usec);
    }
}

CASE(posix_timer_errors)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65};
    struct itimerspec time = {{0, 0}, {0, 1000000000}};
    SHOW(syscall(SYS_timer_create, 99, NULL, &timer));
    SHOW(syscall(SYS_timer_create, CLOCK_REALTIME, &event, &timer));
    SHOW(syscall(SYS_timer_create, CLOCK_REALTIME, 4, &timer));
    SHOW(syscall(SYS_timer_create, CLOCK_REALTIME, NULL, 4));
    event.sigev_signo = SIGUSR1;
    event.sigev_notify = 7;
    SHOW(syscall(SYS_timer_create, CLOCK_REALTIME, &event, &timer));
    SHOW(timer_create(CLOCK_MONOTONIC, NULL, &timer));
    SHOW(timer_settime(timer, 0, &time, NULL));
    SHOW(syscall(SYS_timer_settime, timer, 0, NULL, NULL));
    SHOW(syscall(SYS_timer_settime, 12345, 0, &time, NULL));
    SHOW(syscall(SYS_timer_gettime, 12345, &time));
    SHOW(syscall(SYS_timer_getoverrun, 12345));
    SHOW(syscall(SYS_timer_delete, 12345));
    SHOW(timer_delete(timer));
}

CASE(posix_timer_signal)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 42};
    event.sigev_value.sival_int = 4711;
    struct itimerspec time = {{0, 0}, {0, 20000000}}, left;
    handle(42);
    SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
    SHOW(timer_settime(timer, 0, &time, NULL));
    while (!seen)
        pause_ms(5);
    SAY("%d %d %d %d", last.si_signo, last.si_code, last.si_value.sival_int, last.si_overrun);
    SHOW(timer_gettime(timer, &left));
    SAY("%ld %ld", (long)left.it_value.tv_sec, left.it_value.tv_nsec);
    SHOW(timer_getoverrun(timer));
    SHOW(timer_delete(timer));
}

CASE(posix_timer_overrun)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 42};
    struct itimerspec time = {{0, 1000000}, {0, 1000000}};
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, 42);
    sigprocmask(SIG_BLOCK, &set, NULL);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &time, NULL);
    pause_ms(50);
    SHOW(sigwaitinfo(&set, &info));
    SHOW(info.si_overrun > 30);
    SHOW(timer_getoverrun(timer) == info.si_overrun);
}

CASE(posix_timer_default_value)
{
    timer_t timer;
    struct itimerspec time = {{0, 0}, {0, 10000000}};
    handle(SIGALRM);
    SHOW(timer_create(CLOCK_REALTIME, NULL, &timer));
    SHOW(timer_settime(timer, 0, &time, NULL));
    while (!seen)
        pause_ms(5);
    SAY("%d %d", last.si_signo, last.si_code);
}

CASE(posix_timer_absolute)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    struct itimerspec time = {{5, 0}, {1, 0}}, left;
    SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
    SHOW(timer_settime(timer, TIMER_ABSTIME, &time, NULL));
    SHOW(timer_gettime(timer, &left));
    SAY("%ld %d", (long)left.it_interval.tv_sec, left.it_value.tv_sec <= 5);
    SHOW(timer_settime(timer, 2, &time, &left));
}

static volatile int ran;

static void on_thread(union sigval value)
{
    ran = value.sival_int;
}

CASE(posix_timer_thread)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_thread};
    event.sigev_value.sival_int = 12;
    struct itimerspec time = {{0, 0}, {0, 10000000}};
    SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
    SHOW(timer_settime(timer, 0, &time, NULL));
    while (!ran)
        pause_ms(2);
    SAY("%d", ran);
}

CASE(timers_not_inherited)
{
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    pid_t pid = fork();
    if (!pid) {
        struct itimerspec time;
        SHOW(syscall(SYS_timer_gettime, timer, &time));
        _exit(0);
    }
    SAY("%s", reap(pid));
}

CASE(timerfd_errors)
{
    struct itimerspec time = {{0, 0}, {0, 1000000000}};
    SHOW(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    SHOW(timerfd_create(99, 0));
    SHOW(timerfd_create(CLOCK_REALTIME, 1));
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    SHOW(timerfd_settime(fd, 0, &time, NULL));
    time.it_value.tv_nsec = 0;
    SHOW(timerfd_settime(fd, 8, &time, NULL));
    SHOW(timerfd_settime(1, 0, &time, NULL));
    SHOW(timerfd_gettime(99, &time));
    SHOW(timerfd_gettime(1, &time));
    char small[4];
    uint64_t value;
    SHOW(read(fd, small, 4));
    SHOW(read(fd, &value, 8));
    SHOW(write(fd, &value, 8));
}

CASE(timerfd_counts)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec time = {{0, 5000000}, {0, 5000000}};
    uint64_t value = 0;
    SHOW(timerfd_settime(fd, 0, &time, NULL));
    pause_ms(30);
    SHOW(read(fd, &value, 8));
    SHOW(value >= 4);
    SHOW(timerfd_gettime(fd, &time));
    SAY("%ld %d", (long)time.it_interval.tv_nsec, time.it_value.tv_nsec <= 5000000);
    struct pollfd poll_ = {fd, POLLIN};
    SHOW(poll(&poll_, 1, 1000));
    memset(&time, 0, sizeof time);
    SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &time, NULL));
    SHOW(poll(&poll_, 1, 10));
}

CASE(clock_errors)
{
    struct timespec time = {0, 1000000000};
    SHOW(syscall(SYS_clock_gettime, 99, &time));
    SHOW(syscall(SYS_clock_gettime, CLOCK_REALTIME, 4));
    SHOW(syscall(SYS_clock_getres, 99, NULL));
    SHOW(syscall(SYS_clock_getres, CLOCK_REALTIME, NULL));
    SHOW(nanosleep(&time, NULL));
    time.tv_nsec = -1;
    SHOW(nanosleep(&time, NULL));
    SHOW(syscall(SYS_nanosleep, 4, NULL));
    time = (struct timespec){0, 0};
    SHOW(nanosleep(&time, NULL));
    SHOW(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL));
    SHOW(clock_nanosleep(99, 0, &time, NULL));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL));
    SHOW(clock_settime(CLOCK_MONOTONIC, &time));
    SHOW(clock_settime(99, &time));
}

CASE(process_clocks)
{
    clockid_t clock;
    struct timespec time;
    SHOW(clock_getcpuclockid(0, &clock));
    SHOW(clock_gettime(clock, &time));
    SHOW(clock_getcpuclockid(getppid(), &clock));
    SHOW(clock_gettime(clock, &time));
    SHOW(clock_getcpuclockid(0x7fffffff, &clock) == ESRCH);
    SHOW(pthread_getcpuclockid(pthread_self(), &clock));
    SHOW(clock_gettime(clock, &time));
}
