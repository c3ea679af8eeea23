/* Cancellation: deferred, asynchronous, cleanup handlers, points of cancellation. build: -pthread */
#include "../c/show.h"
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>

static sem_t up;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int fds[2];
static volatile int spin;

static void clean(void *what) { printf("cleanup %s\n", (char *)what); }
static void unlock(void *what) { pthread_mutex_unlock(&mutex); }

static void *in_sleep(void *arg)
{
    pthread_cleanup_push(clean, "outer");
    pthread_cleanup_push(clean, "inner");
    sem_post(&up);
    sleep(100);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *in_read(void *arg)
{
    char byte;
    sem_post(&up);
    read(fds[0], &byte, 1);
    return NULL;
}

static void *in_cond(void *arg)
{
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, NULL);
    sem_post(&up);
    for (;;)
        pthread_cond_wait(&cond, &mutex);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *in_poll(void *arg)
{
    sem_post(&up);
    poll(NULL, 0, -1);
    return NULL;
}

static void *in_loop(void *arg)
{
    int old;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    sem_post(&up);
    for (;;)
        spin++;
    return NULL;
}

static void *in_wait(void *arg)
{
    sem_post(&up);
    waitpid((pid_t)(intptr_t)arg, NULL, 0);
    return NULL;
}

static void *disabled(void *arg)
{
    int old;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    sem_post(&up);
    usleep(20000);
    pthread_testcancel();
    return (void *)7;
}

static void test(const char *name, void *(*body)(void *), void *arg)
{
    pthread_t id;
    void *result;
    pthread_create(&id, NULL, body, arg);
    sem_wait(&up);
    usleep(5000);
    pthread_cancel(id);
    pthread_join(id, &result);
    printf("%s: %s\n", name, result == PTHREAD_CANCELED ? "cancelled" : "returned");
}

int main(void)
{
    sem_init(&up, 0, 0);
    pipe(fds);
    pid_t pid = fork();
    if (!pid) {
        sleep(100);
        _exit(0);
    }
    for (int i = 0; i < 3; i++) {
        test("sleep", in_sleep, NULL);
        test("read", in_read, NULL);
        test("cond", in_cond, NULL);
        test("poll", in_poll, NULL);
        test("loop", in_loop, NULL);
        test("wait", in_wait, (void *)(intptr_t)pid);
        test("disabled", disabled, NULL);
    }
    kill(pid, 9);
    SHOW(pthread_mutex_trylock(&mutex));
    return 0;
}
