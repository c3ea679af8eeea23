/* Time in its 32-bit and 64-bit forms, past 2038 too. */
#include "show.h"
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timerfd.h>

struct time64 { int64_t sec, nsec; };

int main(void)
{
    struct time64 wide, later = {5000000000ll, 123456789}, both[2] = {{5000000001ll, 5}, {4294967296ll, 999999999}};
    struct timespec narrow, rest;
    struct timeval tv;
    SHOW(syscall(SYS_clock_gettime64, CLOCK_REALTIME, &wide));
    SHOW(clock_gettime(CLOCK_REALTIME, &narrow));
    printf("agree %d\n", narrow.tv_sec - wide.sec <= 1);
    SHOW(gettimeofday(&tv, NULL));
    printf("agree %d\n", tv.tv_sec - wide.sec <= 1);
    SHOW(time(NULL) - wide.sec <= 1);
    SHOW(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &narrow));
    printf("%ld\n", (long)narrow.tv_sec);
    SHOW(syscall(SYS_clock_getres_time64, CLOCK_MONOTONIC, &wide));
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    SHOW(nanosleep(&(struct timespec){0, 20000000}, &rest));
    SHOW(syscall(SYS_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, &(struct time64){0, 5000000}, NULL));
    SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &(struct timespec){0, 5000000}, NULL));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &a, NULL));
    clock_gettime(CLOCK_MONOTONIC, &b);
    long long passed = (b.tv_sec - a.tv_sec) * 1000000000ll + b.tv_nsec - a.tv_nsec;
    printf("slept %d\n", passed >= 30000000);
    write_file("f", "x", 1);
    SHOW(syscall(SYS_utimensat, AT_FDCWD, "f", (struct timespec[]){{1000000000, 7}, {0, UTIME_OMIT}}, 0));
    struct stat st;
    SHOW(stat("f", &st));
    printf("%ld %ld %d\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec > 1000000000);
    SHOW(syscall(SYS_utimensat, AT_FDCWD, "f", (struct timespec[]){{0, 5000000000u % 4294967296u}, {0, 0}}, 0));
    struct statx sx;
    SHOW(syscall(SYS_utimensat_time64, AT_FDCWD, "f", both, 0));
    SHOW(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
    printf("%d %lld\n", sx.stx_mtime.tv_sec >= 4294967295ll, (long long)sx.stx_size);
    SHOW(utimes("f", (struct timeval[]){{1, 2}, {3, 4}}));
    SHOW(stat("f", &st));
    printf("%ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    (void)later;
    struct tms buffer;
    SHOW(times(&buffer) > 0);
    SHOW(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &narrow));
    SHOW(clock() >= 0);
    time_t when = 86400 * 365;
    struct tm parts;
    char text[64];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S %a %j", gmtime_r(&when, &parts));
    puts(text);
    when = -1;
    puts(asctime(gmtime(&when)));
    return 0;
}
