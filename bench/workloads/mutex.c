/* A mutex taken and given back by the only thread that wants it, as locks mostly are. build: -pthread */
#include "bench.h"
#include <pthread.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static uint32_t total;
static void *idle(void *p) { return p; }
int main(int argc, char **argv)
{
    uint32_t state = 107;
    pthread_t thread; /* there was a second thread once: the library takes no short cuts any more */
    if (pthread_create(&thread, NULL, idle, NULL) || pthread_join(thread, NULL))
        return 1;
    for (int i = scale(argc, argv); i; i--) {
        pthread_mutex_lock(&lock);
        total = total * 31 + next(&state);
        pthread_mutex_unlock(&lock);
        pthread_rwlock_rdlock(&shared);
        total ^= i;
        pthread_rwlock_unlock(&shared);
    }
    return finish(total);
}
