#include "net.h"
#include <sys/timerfd.h>
int main(void)
{
    int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct itimerspec s = {{0, 0}, {0, 30000000}}, old;
    uint64_t n = 0;
    SHOW(read(t, &n, 8));
    SHOW(timerfd_settime(t, 0, &s, NULL));
    SHOW(timerfd_gettime(t, &old));
    printf("%d %d\n", old.it_value.tv_sec == 0, old.it_value.tv_nsec <= 30000000);
    struct pollfd p = {t, POLLIN, 0};
    SHOW(poll(&p, 1, 2000));
    SHOW(read(t, &n, 8));
    printf("%llu\n", (unsigned long long)n);
    int time32[4] = {0, 5000000, 0, 5000000}, was[4] = {9, 9, 9, 9};
    SHOW(syscall(353, t, 0, time32, was));
    printf("%d %d %d %d\n", was[0], was[1], was[2], was[3]);
    usleep(40000);
    SHOW(read(t, &n, 8));
    printf("%d\n", n >= 7);
    SHOW(syscall(354, t, was));
    printf("%d %d\n", was[0], was[1]);
    long long time64[4] = {0, 0, 0, 0xffffffff00000000ll + 1000000};
    SHOW(syscall(411, t, 0, time64, NULL));
    time64[3] = 1000000000;
    SHOW(syscall(411, t, 0, time64, NULL));
    time32[3] = -1;
    SHOW(syscall(353, t, 0, time32, NULL));
    SHOW(syscall(353, t, 0, 8, NULL));
    SHOW(syscall(353, t, 9, time32, NULL));
    SHOW(timerfd_settime(0, 0, &s, NULL));
    SHOW(timerfd_create(1234, 0));
    SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
    SHOW(timerfd_gettime(99, &old));
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int r = timerfd_create(CLOCK_REALTIME, 0);
    s.it_value = now, s.it_value.tv_sec -= 5;
    SHOW(timerfd_settime(r, TFD_TIMER_ABSTIME, &s, NULL));
    SHOW(read(r, &n, 8));
    s.it_value.tv_sec += 100000;
    SHOW(timerfd_settime(r, TFD_TIMER_ABSTIME, &s, &old));
    s.it_value = (struct timespec){0, 0};
    SHOW(timerfd_settime(r, 0, &s, &old));
    printf("%d\n", old.it_value.tv_sec > 99000 && old.it_value.tv_sec <= 100000);
}
