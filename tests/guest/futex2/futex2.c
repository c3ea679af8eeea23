/* futex_waitv and the calls futex_wake, futex_wait and futex_requeue, of which libc knows nothing. build: -pthread */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WAITV 449
#define WAKE 454
#define WAIT 455
#define REQUEUE 456
#define PRIVATE 128
#define U32 2
#define ALL 0xffffffffUL

struct waiter { uint64_t value, address; uint32_t flags, reserved; };
struct when { int64_t seconds, nanoseconds; };

#define SHOW(call) do { errno = 0; long r = (call); printf("%s = %ld %s\n", #call, r, r < 0 ? strerrorname_np(errno) : ""); } while (0)

static uint32_t words[4];
static struct when past = {1, 0};

static void soon(struct when *when, int clock, int milliseconds)
{
    struct timespec now;
    clock_gettime(clock, &now);
    int64_t nano = now.tv_nsec + milliseconds * 1000000LL;
    when->seconds = now.tv_sec + nano / 1000000000;
    when->nanoseconds = nano % 1000000000;
}

static struct waiter *vector(int count)
{
    static struct waiter all[129];
    for (int i = 0; i < count; i++)
        all[i] = (struct waiter){words[i % 4], (uintptr_t)&words[i % 4], U32 | PRIVATE, 0};
    return all;
}

static long results[4];

static void *wait_vector(void *unused)
{
    results[0] = syscall(WAITV, vector(3), 3, 0, NULL, 0);
    return 0;
}

static void *wait_one(void *which)
{
    results[(intptr_t)which] = syscall(WAIT, &words[0], 0L, ALL, U32 | PRIVATE, NULL, 0);
    return 0;
}

static void on_signal(int signo) {}

static void *interrupt(void *thread)
{
    usleep(50000);
    pthread_kill(*(pthread_t *)thread, SIGUSR1);
    return 0;
}

static long until(long (*call)(void), long wanted)
{
    long found = 0;
    for (int i = 0; i < 500 && found < wanted; i++, usleep(10000)) found += call();
    return found;
}

static long wake_third(void) { return syscall(WAKE, &words[2], ALL, 1, U32 | PRIVATE); }
static long wake_all(void) { return syscall(WAKE, &words[0], ALL, 9, U32 | PRIVATE); }
static long wake_moved(void) { return syscall(WAKE, &words[1], ALL, 9, U32 | PRIVATE); }

static long move(void)
{
    struct waiter pair[2] = {{0, (uintptr_t)&words[0], U32 | PRIVATE, 0},
                             {0, (uintptr_t)&words[1], U32 | PRIVATE, 0}};
    return syscall(REQUEUE, pair, 0, 0, 9);
}

int main(void)
{
    pthread_t threads[3], self = pthread_self();
    pthread_create(&threads[0], 0, wait_vector, 0);
    printf("woken %ld\n", until(wake_third, 1));
    pthread_join(threads[0], 0);
    printf("waitv said %ld\n", results[0]);

    for (intptr_t i = 0; i < 3; i++) pthread_create(&threads[i], 0, wait_one, (void *)i);
    printf("woken %ld\n", until(wake_all, 3));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], 0);
    printf("wait said %ld %ld %ld\n", results[0], results[1], results[2]);

    for (intptr_t i = 0; i < 3; i++) pthread_create(&threads[i], 0, wait_one, (void *)i);
    printf("moved %ld\n", until(move, 3));
    printf("woken %ld\n", until(wake_moved, 3));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], 0);
    printf("wait said %ld %ld %ld\n", results[0], results[1], results[2]);

    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    struct when limit;
    pthread_create(&threads[0], 0, interrupt, &self);
    SHOW(syscall(WAITV, vector(2), 2, 0, NULL, 0));
    pthread_join(threads[0], 0);
    pthread_create(&threads[0], 0, interrupt, &self);
    SHOW(syscall(WAIT, &words[0], 0L, ALL, U32 | PRIVATE, NULL, 0));
    pthread_join(threads[0], 0);
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&threads[0], 0, interrupt, &self);
    soon(&limit, CLOCK_MONOTONIC, 200);
    SHOW(syscall(WAITV, vector(2), 2, 0, &limit, CLOCK_MONOTONIC));
    pthread_join(threads[0], 0);
    pthread_create(&threads[0], 0, interrupt, &self);
    soon(&limit, CLOCK_REALTIME, 200);
    SHOW(syscall(WAIT, &words[0], 0L, ALL, U32 | PRIVATE, &limit, CLOCK_REALTIME));
    pthread_join(threads[0], 0);

    SHOW(syscall(WAITV, vector(128), 128, 0, &past, CLOCK_REALTIME));
    SHOW(syscall(WAITV, vector(129), 129, 0, &past, CLOCK_REALTIME));
    SHOW(syscall(WAITV, NULL, 1, 0, NULL, 0));
    SHOW(syscall(WAITV, NULL, 0, 0, NULL, 0));
    SHOW(syscall(WAITV, vector(1), 1, 0, (void *)8, CLOCK_MONOTONIC));
    SHOW(syscall(WAITV, (void *)8, 1, 0, (void *)8, 77));
    struct waiter *one = vector(1);
    one->address += 2;
    SHOW(syscall(WAITV, one, 1, 0, &past, CLOCK_MONOTONIC));
    one->address = 0xfffffffffffff000;
    SHOW(syscall(WAITV, one, 1, 0, &past, CLOCK_MONOTONIC));
    one->address = 64;
    SHOW(syscall(WAITV, one, 1, 0, &past, CLOCK_MONOTONIC));
    one = vector(1);
    one->value = 1ULL << 32;
    SHOW(syscall(WAITV, one, 1, 0, &past, CLOCK_MONOTONIC));
    one = vector(1);
    one->reserved = 1;
    SHOW(syscall(WAITV, one, 1, 0, &past, CLOCK_MONOTONIC));
    one = vector(1);
    one->flags = 3 | PRIVATE;
    SHOW(syscall(WAITV, one, 1, 0, &past, CLOCK_MONOTONIC));
    SHOW(syscall(WAKE, &words[0], 0L, 1, U32));
    SHOW(syscall(WAKE, &words[0], ALL, 1, 0x7000));
    SHOW(syscall(WAKE, (char *)&words[0] + 1, ALL, 1, U32));
    SHOW(syscall(WAIT, &words[0], 1L, ALL, U32, NULL, 0));
    SHOW(syscall(WAIT, &words[0], 0L, ALL, U32, &past, CLOCK_MONOTONIC));
    SHOW(syscall(WAIT, &words[0], 0L, ALL, U32, &past, 50));
    SHOW(syscall(WAIT, (void *)64, 0L, ALL, U32, &past, CLOCK_MONOTONIC));
    SHOW(syscall(REQUEUE, vector(2), 1, 1, 1));
    SHOW(syscall(REQUEUE, vector(2), 0, -1, 1));
    SHOW(syscall(REQUEUE, NULL, 0, 1, 1));
    SHOW(syscall(REQUEUE, (void *)8, 0, 1, 1));
    words[0] = 5;
    one = vector(2);
    one->value = 4;
    SHOW(syscall(REQUEUE, one, 0, 1, 1));
    return 0;
}
