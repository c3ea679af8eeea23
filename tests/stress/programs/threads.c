/* 2,000 threads alive at once, three times; then all end and nothing of them is left. build: -pthread */
#include "../../guest/c/show.h"
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>

#define COUNT 2000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int here, go;
static long sum;
static sem_t slots;
static __thread int own;

static void *crowd(void *arg)
{
    own = (int)(intptr_t)arg;
    sem_wait(&slots);
    sem_post(&slots);
    pthread_mutex_lock(&mutex);
    if (++here == COUNT)
        pthread_cond_broadcast(&cond);
    while (!go)
        pthread_cond_wait(&cond, &mutex);
    sum += own;
    pthread_mutex_unlock(&mutex);
    return (void *)(intptr_t)(own + 1);
}

static int tasks(void)
{
    DIR *directory = opendir("/proc/self/task");
    int count = -2;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

int main(void)
{
    static pthread_t ids[COUNT];
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 << 10);
    sem_init(&slots, 0, 8);
    for (int round = 0; round < 3; round++) {
        int failed = 0, wrong = 0, alive;
        here = go = 0;
        sum = 0;
        for (int i = 0; i < COUNT; i++)
            failed += pthread_create(&ids[i], &attr, crowd, (void *)(intptr_t)i) != 0;
        pthread_mutex_lock(&mutex);
        while (here < COUNT)
            pthread_cond_wait(&cond, &mutex);
        alive = tasks();
        go = 1;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&mutex);
        for (int i = 0; i < COUNT; i++) {
            void *result;
            wrong += pthread_join(ids[i], &result) != 0 || (intptr_t)result != i + 1;
        }
        for (int i = 0; i < 2000 && tasks() > 1; i++)
            usleep(1000); /* a joined thread may still be on its way out of the kernel */
        printf("failed %d alive %d sum %ld wrong %d left %d\n", failed, alive, sum, wrong, tasks());
    }
    return 0;
}
