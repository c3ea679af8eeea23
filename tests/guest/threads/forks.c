/* fork, vfork, posix_spawn and exec in a process with threads. build: -pthread */
#include "../c/show.h"
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;
static char *self; /* not /proc/self/exe, which is gone with the leader */
static volatile int stop, order;
static volatile long counters[4];

static void before(void) { order = order * 10 + 1; }
static void parent(void) { order = order * 10 + 2; }
static void child(void) { order = order * 10 + 3; }

static void *work(void *arg)
{
    volatile long *mine = &counters[(intptr_t)arg];
    while (!stop) {
        ++*mine;
        free(malloc(100 + *mine % 1000));
        usleep(100);
    }
    return NULL;
}

static void *forker(void *arg)
{
    int status, right = 0;
    for (int i = 0; i < 10; i++) {
        pid_t pid = fork();
        if (!pid) {
            free(malloc(5000));
            _exit(gettid() == getpid() ? 8 : 9);
        }
        right += waitpid(pid, &status, 0) == pid && status == 0x800;
    }
    return (void *)(intptr_t)right;
}

static void *executes(void *arg)
{
    execl(self, "self", arg, NULL);
    return NULL;
}

static void *sleeps(void *arg)
{
    sleep(100);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("%s: leader %d\n", argv[1], gettid() == getpid());
        return 4;
    }
    self = argv[0];
    int status;
    pid_t pid;
    pthread_t ids[4], others[3];
    void *result;
    pthread_atfork(before, parent, child);
    for (int i = 0; i < 4; i++)
        pthread_create(&ids[i], NULL, work, (void *)(intptr_t)i);
    pid = fork();
    if (!pid)
        _exit(order == 13 ? 5 : 6);
    waitpid(pid, &status, 0);
    printf("%d %#x\n", order, status);
    for (int i = 0; i < 3; i++)
        pthread_create(&others[i], NULL, forker, NULL);
    for (int i = 0; i < 3; i++) {
        pthread_join(others[i], &result);
        printf("%d\n", (int)(intptr_t)result);
    }
    char *args[] = {"self", "spawned", NULL};
    for (int i = 0; i < 5; i++) {
        int result = posix_spawn(&pid, self, NULL, NULL, args, environ);
        waitpid(pid, &status, 0);
        SHOW(result);
        printf("%#x %s\n", status,
               strerrorname_np(posix_spawn(&pid, "/nowhere", NULL, NULL, args, environ)));
    }
    static volatile int seen;
    volatile int local = 0;
    long counted = counters[0];
    pid = vfork();
    if (!pid) {
        usleep(50000);
        seen = 1;
        local = 2;
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("vfork %d %d\n", seen, local);
    /* a child with threads of its own */
    pid = fork();
    if (!pid) {
        stop = 1;
        pthread_create(&ids[0], NULL, forker, NULL);
        pthread_join(ids[0], &result);
        _exit((int)(intptr_t)result);
    }
    waitpid(pid, &status, 0);
    printf("%#x\n", status);
    for (int i = 0; i < 3; i++) {
        fflush(stdout);
        pid = fork();
        if (!pid) {
            stop = 0;
            pthread_create(&ids[1], NULL, work, NULL);
            pthread_create(&ids[2], NULL, sleeps, NULL);
            if (i == 0)
                executes("leader executes");
            pthread_create(&ids[0], NULL, executes,
                           i == 1 ? "thread executes" : "thread executes after the leader");
            if (i == 1)
                sleeps(NULL);
            pthread_exit(NULL);
        }
        waitpid(pid, &status, 0);
        printf("%#x\n", status);
    }
    long before_stop = counters[0];
    SHOW(before_stop > counted);
    stop = 1;
    for (int i = 0; i < 4; i++)
        pthread_join(ids[i], NULL);
    return 0;
}
