/* More than 10,000 signals of mixed kinds into a busy program with threads: what Linux queues arrives
 * exactly once, what it merges arrives at least once, and no computation is torn. build: -pthread */
#include "../../guest/c/show.h"
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#define WORKERS 4
#define QUEUED 4000   /* to the process, from another one */
#define DIRECTED 1000 /* to each worker, from a thread */

static volatile int arrived[QUEUED], lost_order, plain, ticks, expired, done;
static volatile int taken[WORKERS], last[WORKERS], misdirected, torn, calls, ready;
static __thread int self = -1;
static pthread_t workers[WORKERS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile double keep[WORKERS + 1];

static void on_queued(int signo, siginfo_t *info, void *context)
{
    unsigned value = info->si_value.sival_int;
    if (value < QUEUED)
        __atomic_add_fetch(&arrived[value], 1, __ATOMIC_SEQ_CST);
    keep[self + 1] = keep[self + 1] * 0.5 + value;
}

static void on_directed(int signo, siginfo_t *info, void *context)
{
    int value = info->si_value.sival_int;
    if (self < 0 || value / DIRECTED != self) {
        __atomic_add_fetch(&misdirected, 1, __ATOMIC_SEQ_CST);
        return;
    }
    if (value != last[self] + 1)
        __atomic_add_fetch(&lost_order, 1, __ATOMIC_SEQ_CST);
    last[self] = value;
    taken[self]++;
}

static void on_plain(int signo) { __atomic_add_fetch(&plain, 1, __ATOMIC_SEQ_CST); }
static void on_tick(int signo) { __atomic_add_fetch(&ticks, 1, __ATOMIC_SEQ_CST); }

static void on_expired(int signo, siginfo_t *info, void *context)
{
    __atomic_add_fetch(&expired, 1 + info->si_overrun, __ATOMIC_SEQ_CST);
}

static unsigned compute(double *value)
{
    unsigned hash = 1;
    unsigned long long wide = 1;
    double x = 1;
    char text[64];
    for (int i = 0; i < 3000; i++) {
        hash = hash * 1664525 + 1013904223;
        wide = wide * 6364136223846793005ull + hash;
        x = x * 1.0000001 + 1e-9 * (hash & 7);
    }
    int length = snprintf(text, sizeof text, "%u %llx %.12f", hash, wide, x);
    for (int i = 0; i < length; i++)
        hash = hash * 33 + text[i];
    *value = x;
    return hash;
}

static void *worker(void *arg)
{
    double x, y;
    int own[2];
    char byte = 'a';
    self = (int)(intptr_t)arg;
    __atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
    unsigned right = compute(&x);
    pipe(own);
    while (!done) {
        unsigned hash = compute(&y);
        if (hash != right || x != y)
            __atomic_add_fetch(&torn, 1, __ATOMIC_SEQ_CST);
        sigset_t set, old;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &set, &old);
        pthread_mutex_lock(&mutex);
        calls++;
        pthread_mutex_unlock(&mutex);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        if (write(own[1], &byte, 1) != 1 || read(own[0], &byte, 1) != 1 || byte != 'a')
            __atomic_add_fetch(&torn, 1, __ATOMIC_SEQ_CST);
        void *block = malloc(1000 + (hash & 1023));
        memset(block, 1, 1000);
        free(block);
    }
    return NULL;
}

static void *director(void *arg)
{
    while (ready < WORKERS)
        usleep(100);
    for (int i = 0; i < DIRECTED; i++)
        for (int w = 0; w < WORKERS; w++) {
            union sigval value = {.sival_int = w * DIRECTED + i};
            while (pthread_sigqueue(workers[w], SIGRTMIN + 1, value))
                usleep(100);
            if (i % 2)
                pthread_kill(workers[w], SIGUSR2);
        }
    return NULL;
}

static void set(int signo, void *handler, int flags)
{
    struct sigaction action = {.sa_flags = flags | SA_RESTART};
    action.sa_handler = (void (*)(int))handler;
    sigfillset(&action.sa_mask);
    if (flags & SA_NODEFER)
        sigemptyset(&action.sa_mask);
    sigaction(signo, &action, NULL);
}

static void send_from_child(int parent)
{
    for (int i = 0; i < QUEUED; i++) {
        union sigval value = {.sival_int = i};
        while (sigqueue(parent, SIGRTMIN, value) < 0)
            usleep(100);
        kill(parent, SIGUSR1);
    }
    _exit(5);
}

static bool complete(void)
{
    for (int i = 0; i < QUEUED; i++)
        if (!arrived[i])
            return false;
    for (int w = 0; w < WORKERS; w++)
        if (taken[w] < DIRECTED)
            return false;
    return true;
}

int main(void)
{
    pthread_t thread;
    timer_t timer;
    set(SIGRTMIN, on_queued, SA_SIGINFO);
    set(SIGRTMIN + 1, on_directed, SA_SIGINFO);
    set(SIGRTMIN + 2, on_expired, SA_SIGINFO);
    set(SIGUSR1, on_plain, SA_NODEFER);
    set(SIGUSR2, on_plain, 0);
    set(SIGALRM, on_tick, 0);
    for (int w = 0; w < WORKERS; w++)
        last[w] = w * DIRECTED - 1;
    int parent = getpid(), child = fork();
    if (!child) {
        usleep(100000);
        send_from_child(parent);
    }
    for (int w = 0; w < WORKERS; w++)
        pthread_create(&workers[w], NULL, worker, (void *)(intptr_t)w);
    struct itimerval often = {{0, 2000}, {0, 2000}};
    setitimer(ITIMER_REAL, &often, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    struct itimerspec every = {{0, 3000000}, {0, 3000000}};
    timer_settime(timer, 0, &every, NULL);
    pthread_create(&thread, NULL, director, NULL);
    pthread_join(thread, NULL);
    int status = 0;
    waitpid(child, &status, 0);
    for (int i = 0; i < 3000 && !complete(); i++)
        usleep(10000);
    timer_delete(timer);
    memset(&often, 0, sizeof often);
    setitimer(ITIMER_REAL, &often, NULL);
    done = 1;
    for (int w = 0; w < WORKERS; w++)
        pthread_join(workers[w], NULL);
    int once = 0, directed = 0;
    for (int i = 0; i < QUEUED; i++)
        once += arrived[i] == 1;
    for (int w = 0; w < WORKERS; w++)
        directed += taken[w];
    printf("queued once %d of %d, directed %d of %d\n", once, QUEUED, directed, WORKERS * DIRECTED);
    printf("misdirected %d out of order %d torn %d\n", misdirected, lost_order, torn);
    printf("plain %d ticks %d expired %d busy %d child %d\n", plain > 0, ticks > 0, expired > 0,
           calls > 0, WEXITSTATUS(status));
    if (getenv("COUNTS"))
        fprintf(stderr, "plain %d ticks %d expired %d\n", plain, ticks, expired);
    return 0;
}
