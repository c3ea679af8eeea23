/* Two threads hand batches of numbers over through a mutex and condition variables. build: -pthread */
#include "bench.h"
#include <pthread.h>
enum { BATCH = 4000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint32_t queue[2][BATCH];
static int made, used, rounds;
static void *produce(void *argument)
{
    uint32_t state = 113;
    for (int round = 0; round < rounds; round++) {
        pthread_mutex_lock(&lock);
        while (made - used == 2)
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        for (int i = 0; i < BATCH; i++)
            queue[round & 1][i] = next(&state);
        pthread_mutex_lock(&lock);
        made++;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
    }
    return argument;
}
int main(int argc, char **argv)
{
    uint32_t sum = 0;
    pthread_t thread;
    rounds = scale(argc, argv);
    if (pthread_create(&thread, NULL, produce, NULL))
        return 1;
    for (int round = 0; round < rounds; round++) {
        pthread_mutex_lock(&lock);
        while (made == used)
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        for (int i = 0; i < BATCH; i++)
            sum = (sum ^ queue[round & 1][i]) * 0x1000193;
        pthread_mutex_lock(&lock);
        used++;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
    }
    pthread_join(thread, NULL);
    return finish(sum);
}
