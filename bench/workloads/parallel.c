/* Two threads compute side by side and add up under a mutex now and then. build: -pthread */
#include "bench.h"
#include <pthread.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t total, atomic;
static int rounds;
static void *work(void *argument)
{
    uint32_t state = 109 + (argument != NULL);
    for (int round = 0; round < rounds; round++) {
        uint32_t sum = 0;
        for (int i = 0; i < 2000; i++)
            sum = (sum ^ next(&state)) * 0x1000193;
        pthread_mutex_lock(&lock);
        total += sum;
        pthread_mutex_unlock(&lock);
        __atomic_fetch_add(&atomic, sum >> 7, __ATOMIC_RELAXED);
    }
    return NULL;
}
int main(int argc, char **argv)
{
    pthread_t threads[2];
    rounds = scale(argc, argv);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, work, i ? threads : NULL))
            return 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return finish(total ^ atomic);
}
