/* Signals of mixed kinds into four busy threads: each queued one arrives where it was sent, in order, and no
   computation is torn. build: -pthread */
#include "../c/show.h"
#include <pthread.h>
#include <signal.h>

#define ROUNDS 2500

static _Thread_local volatile int last;
static volatile int plain, queued, anywhere, wrong, torn, stop, ready;

static void on_plain(int signo) { __sync_fetch_and_add(&plain, 1); }

static void on_queued(int signo, siginfo_t *info, void *context)
{
    if (info->si_value.sival_int <= last)
        __sync_fetch_and_add(&wrong, 1);
    last = info->si_value.sival_int;
    __sync_fetch_and_add(&queued, 1);
}

static void on_process(int signo, siginfo_t *info, void *context) { __sync_fetch_and_add(&anywhere, 1); }

static double compute(void)
{
    double x = 1;
    unsigned hash = 1;
    for (int i = 0; i < 2000; i++) {
        hash = hash * 1664525 + 1013904223;
        x = x * 1.0000001 + 1e-9 * (hash & 7);
    }
    return x;
}

static void *work(void *expected)
{
    __sync_fetch_and_add(&ready, 1);
    while (!stop)
        if (compute() != *(double *)expected)
            __sync_fetch_and_add(&torn, 1);
    return NULL;
}

static void set(int signo, void *handler, int flags)
{
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = (void (*)(int))handler;
    SHOW(sigaction(signo, &action, NULL));
}

int main(void)
{
    set(SIGUSR1, on_plain, 0);
    set(SIGRTMIN + 1, on_queued, SA_SIGINFO | SA_RESTART);
    set(SIGRTMIN + 2, on_process, SA_SIGINFO | SA_RESTART);
    double expected = compute();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, &expected);
    while (ready < 4)
        usleep(1000);
    sigset_t all;
    sigfillset(&all);
    SHOW(pthread_sigmask(SIG_BLOCK, &all, NULL));
    for (int i = 1; i <= ROUNDS; i++) {
        union sigval value = {.sival_int = i};
        while (pthread_sigqueue(threads[i % 4], SIGRTMIN + 1, value))
            usleep(100);
        pthread_kill(threads[(i + 1) % 4], SIGUSR1);
        while (sigqueue(getpid(), SIGRTMIN + 2, value))
            usleep(100);
        if (i % 50 == 0)
            usleep(1000);
    }
    for (int i = 0; i < 1000 && (queued < ROUNDS || anywhere < ROUNDS); i++)
        usleep(10000);
    stop = 1;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("queued %d anywhere %d wrong %d torn %d plain %d\n", queued, anywhere, wrong, torn,
           plain > 0 && plain <= ROUNDS);
    return 0;
}
