/* Mutexes of every kind, robust ones with dead owners among threads and processes. build: -pthread */
#include "../c/show.h"
#include <pthread.h>
#include <sys/wait.h>

static pthread_mutex_t *shared;

static void *lock_and_die(void *mutex)
{
    pthread_mutex_lock(mutex);
    return NULL;
}

static void *try(void *mutex)
{
    return (void *)(intptr_t)pthread_mutex_trylock(mutex);
}

static int counter;

static void *count(void *mutex)
{
    for (int i = 0; i < 5000; i++) {
        pthread_mutex_lock(mutex);
        counter++;
        pthread_mutex_unlock(mutex);
    }
    return NULL;
}

static const char *name(int error) { return error ? strerrorname_np(error) : "ok"; }

static void in_thread(void *(*body)(void *), void *arg, const char *what)
{
    pthread_t id;
    void *result;
    pthread_create(&id, NULL, body, arg);
    pthread_join(id, &result);
    printf("%s: %s\n", what, name((int)(intptr_t)result));
}

static void *wait_for(void *mutex)
{
    return (void *)(intptr_t)pthread_mutex_lock(mutex);
}

int main(void)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    for (int type = 0; type < 3; type++) {
        pthread_mutex_t mutex;
        pthread_mutexattr_settype(&attr, type);
        pthread_mutex_init(&mutex, &attr);
        pthread_mutex_lock(&mutex);
        printf("type %d: trylock %s", type, name(pthread_mutex_trylock(&mutex)));
        if (type)
            printf(" lock %s", name(pthread_mutex_lock(&mutex)));
        printf(" unlock %s", name(pthread_mutex_unlock(&mutex)));
        printf(" %s\n", type ? name(pthread_mutex_unlock(&mutex)) : "-");
        if (type == 1)
            pthread_mutex_unlock(&mutex);
        in_thread(try, &mutex, "other thread");
        struct timespec when;
        clock_gettime(CLOCK_REALTIME, &when);
        when.tv_nsec += 20000000;
        if (when.tv_nsec >= 1000000000)
            when.tv_sec++, when.tv_nsec -= 1000000000;
        printf("timed: %s\n", name(pthread_mutex_timedlock(&mutex, &when)));
    }
    pthread_mutexattr_init(&attr);
    for (int protocol = 0; protocol < 2; protocol++) {
        pthread_mutex_t mutex;
        pthread_t ids[4];
        pthread_mutexattr_setprotocol(&attr, protocol);
        SHOW(pthread_mutex_init(&mutex, &attr));
        counter = 0;
        for (int i = 0; i < 4; i++)
            pthread_create(&ids[i], NULL, count, &mutex);
        for (int i = 0; i < 4; i++)
            pthread_join(ids[i], NULL);
        printf("protocol %d: %d\n", protocol, counter);
    }
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 4; i++)
        pthread_mutex_init(&shared[i], &attr);
    in_thread(lock_and_die, &shared[0], "thread");
    printf("dead: %s\n", name(pthread_mutex_lock(&shared[0])));
    pthread_mutex_consistent(&shared[0]);
    printf("unlock: %s\n", name(pthread_mutex_unlock(&shared[0])));
    printf("again: %s\n", name(pthread_mutex_lock(&shared[0])));
    pthread_mutex_unlock(&shared[0]);
    in_thread(lock_and_die, &shared[1], "thread");
    printf("dead: %s\n", name(pthread_mutex_lock(&shared[1])));
    pthread_mutex_unlock(&shared[1]);
    printf("given up: %s\n", name(pthread_mutex_lock(&shared[1])));

    pid_t pid = fork();
    if (!pid) {
        pthread_mutex_lock(&shared[2]);
        pthread_mutex_lock(&shared[3]);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("process: %s %s\n", name(pthread_mutex_lock(&shared[2])),
           name(pthread_mutex_trylock(&shared[3])));

    /* somebody waits when the owner ends */
    for (int i = 0; i < 2; i++)
        pthread_mutex_init(&shared[i], &attr);
    pid = fork();
    if (!pid) {
        pthread_mutex_lock(&shared[0]);
        shared[8].__data.__lock = 1;
        usleep(50000);
        exit(0);
    }
    while (!*(volatile int *)&shared[8].__data.__lock)
        sched_yield();
    pthread_t id;
    void *result;
    pthread_create(&id, NULL, wait_for, &shared[0]);
    pthread_join(id, &result);
    printf("waiter: %s\n", name((int)(intptr_t)result));
    waitpid(pid, NULL, 0);
    return 0;
}
