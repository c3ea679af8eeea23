/* Condition variables, barriers, read-write locks, semaphores, spin locks. build: -pthread */
#include "../c/show.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static int queue[8], head, tail, total, serials, turns, value, spun, woken;
static sem_t semaphore;

static void *produce(void *arg)
{
    for (int i = 1; i <= 500; i++) {
        pthread_mutex_lock(&mutex);
        while (head - tail == 8)
            pthread_cond_wait(&emptied, &mutex);
        queue[head++ % 8] = i;
        pthread_cond_signal(&filled);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *consume(void *arg)
{
    for (int i = 1; i <= 500; i++) {
        pthread_mutex_lock(&mutex);
        while (head == tail)
            pthread_cond_wait(&filled, &mutex);
        total += queue[tail++ % 8];
        pthread_cond_signal(&emptied);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *meet(void *arg)
{
    for (int i = 0; i < 50; i++)
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&serials, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void *read_or_write(void *arg)
{
    for (int i = 0; i < 300; i++) {
        if ((i + (intptr_t)arg) % 3) {
            pthread_rwlock_rdlock(&rwlock);
            turns += value < 0;
        } else {
            pthread_rwlock_wrlock(&rwlock);
            value++;
        }
        pthread_rwlock_unlock(&rwlock);
        pthread_spin_lock(&spin);
        spun++;
        pthread_spin_unlock(&spin);
    }
    return NULL;
}

static void *sleep_on(void *arg)
{
    pthread_mutex_lock(&mutex);
    woken--;
    pthread_cond_wait(&filled, &mutex);
    woken += 2;
    pthread_mutex_unlock(&mutex);
    sem_post(&semaphore);
    return NULL;
}

static void run(void *(*a)(void *), void *(*b)(void *), int count)
{
    pthread_t ids[16];
    for (int i = 0; i < count; i++)
        pthread_create(&ids[i], NULL, i % 2 ? b : a, (void *)(intptr_t)i);
    for (int i = 0; i < count; i++)
        pthread_join(ids[i], NULL);
}

int main(void)
{
    run(produce, consume, 6);
    printf("queue %d\n", total);
    pthread_barrier_init(&barrier, NULL, 5);
    run(meet, meet, 5);
    printf("barrier %d\n", serials);
    pthread_spin_init(&spin, 0);
    run(read_or_write, read_or_write, 6);
    printf("rwlock %d %d, spin %d\n", value, turns, spun);

    sem_init(&semaphore, 0, 0);
    pthread_t ids[10];
    for (int i = 0; i < 10; i++)
        pthread_create(&ids[i], NULL, sleep_on, NULL);
    for (;;) {
        pthread_mutex_lock(&mutex);
        int all = woken == -10;
        if (all)
            pthread_cond_broadcast(&filled);
        pthread_mutex_unlock(&mutex);
        if (all)
            break;
        sched_yield();
    }
    for (int i = 0; i < 10; i++) {
        sem_wait(&semaphore);
        pthread_join(ids[i], NULL);
    }
    printf("broadcast %d\n", woken);
    SHOW(sem_trywait(&semaphore));
    struct timespec when;
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec -= 1;
    SHOW(sem_timedwait(&semaphore, &when));
    when.tv_sec += 1;
    SHOW(sem_timedwait(&semaphore, &when));
    pthread_mutex_lock(&mutex);
    printf("%s\n", strerrorname_np(pthread_cond_timedwait(&filled, &mutex, &when)));
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_t cond;
    pthread_cond_init(&cond, &attr);
    clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_nsec = (when.tv_nsec + 10000000) % 1000000000;
    printf("%s\n", strerrorname_np(pthread_cond_timedwait(&cond, &mutex, &when)));

    /* between processes */
    sem_t *both = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(&both[0], 1, 0);
    sem_init(&both[1], 1, 0);
    pid_t pid = fork();
    for (int i = 0; i < 200; i++) {
        sem_post(&both[!pid]);
        sem_wait(&both[!!pid]);
    }
    if (!pid)
        _exit(3);
    int status;
    waitpid(pid, &status, 0);
    printf("processes %#x\n", status);
    return 0;
}
