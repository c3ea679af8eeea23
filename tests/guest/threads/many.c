/* Very many threads, at once and one after the other. build: -pthread */
#include "../c/show.h"
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int here, sum;

static void *crowd(void *arg)
{
    pthread_mutex_lock(&mutex);
    here++;
    pthread_cond_broadcast(&cond);
    while (here < 600)
        pthread_cond_wait(&cond, &mutex);
    sum += (int)(intptr_t)arg;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void *one(void *arg)
{
    return (void *)(intptr_t)((intptr_t)arg + 1);
}

int main(void)
{
    static pthread_t ids[600];
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 << 10);
    int failed = 0;
    for (int i = 0; i < 600; i++)
        failed += pthread_create(&ids[i], &attr, crowd, (void *)(intptr_t)i) != 0;
    for (int i = 0; i < 600; i++)
        pthread_join(ids[i], NULL);
    printf("%d %d %d\n", failed, here, sum);
    long total = 0;
    for (int i = 0; i < 2000; i++) {
        pthread_t id;
        void *result;
        pthread_create(&id, &attr, one, (void *)(intptr_t)i);
        pthread_join(id, &result);
        total += (intptr_t)result;
    }
    printf("%ld\n", total);
    return 0;
}
