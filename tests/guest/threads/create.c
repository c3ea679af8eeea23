/* Threads: results, thread-local storage, attributes, detached ones, once, keys. build: -pthread */
#include "../c/show.h"
#include <pthread.h>
#include <semaphore.h>

static __thread int local = 5;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int runs, destroyed;
static sem_t ready;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void init(void) { runs++; }

static void destroy(void *value)
{
    pthread_mutex_lock(&mutex);
    destroyed += (int)(intptr_t)value;
    pthread_mutex_unlock(&mutex);
}

static void *body(void *arg)
{
    pthread_once(&once, init);
    pthread_setspecific(key, arg);
    local += (int)(intptr_t)arg;
    for (int i = 0; i < 100; i++)
        sched_yield();
    return (void *)(intptr_t)local;
}

static void *detached(void *arg)
{
    char on_stack[100000];
    memset(on_stack, 1, sizeof on_stack);
    sem_post(&ready);
    return NULL;
}

static int depth(int n) { volatile char frame[1000]; frame[n % 1000] = 1; return n ? depth(n - 1) + frame[n % 1000] : 0; }
static void *deep(void *arg) { return (void *)(intptr_t)depth(6000); }

int main(void)
{
    pthread_t ids[40];
    void *result;
    long sum = 0;
    pthread_key_create(&key, destroy);
    for (int i = 0; i < 40; i++)
        SHOW(pthread_create(&ids[i], NULL, body, (void *)(intptr_t)(i + 1)));
    for (int i = 0; i < 40; i++) {
        pthread_join(ids[i], &result);
        sum += (intptr_t)result;
    }
    printf("%ld local %d once %d destroyed %d\n", sum, local, runs, destroyed);

    pthread_attr_t attr;
    size_t size;
    void *base;
    sem_init(&ready, 0, 0);
    pthread_attr_init(&attr);
    SHOW(pthread_attr_setstacksize(&attr, 1000));
    SHOW(pthread_attr_setstacksize(&attr, 256 << 10));
    SHOW(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
    for (int i = 0; i < 20; i++)
        pthread_create(&ids[i], &attr, detached, NULL);
    for (int i = 0; i < 20; i++)
        sem_wait(&ready);
    SHOW(pthread_create(&ids[0], NULL, deep, NULL));
    pthread_join(ids[0], &result);
    printf("deep %ld\n", (long)(intptr_t)result);

    pthread_attr_init(&attr);
    void *own = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(pthread_attr_setstack(&attr, own, 1 << 20));
    SHOW(pthread_create(&ids[0], &attr, body, (void *)1));
    SHOW(pthread_join(ids[0], &result));
    SHOW(munmap(own, 1 << 20));
    pthread_getattr_np(pthread_self(), &attr);
    pthread_attr_getstack(&attr, &base, &size);
    SHOW((char *)&size > (char *)base && (char *)&size < (char *)base + size);
    return 0;
}
