/* How a process with threads ends. build: -pthread */
#include "../c/show.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static void *forever(void *arg)
{
    for (;;)
        pause();
}

static void *busy(void *arg)
{
    for (volatile long i = 0;; i++)
        ;
}

static void *exit_later(void *arg)
{
    usleep(20000);
    exit((int)(intptr_t)arg);
}

static void *thread_exit(void *arg)
{
    usleep(20000);
    syscall(SYS_exit, 77);
    return NULL;
}

static void *write_later(void *arg)
{
    usleep(20000);
    write(1, "the last thread\n", 16);
    return NULL;
}

static void *kill_later(void *arg)
{
    usleep(20000);
    raise(SIGKILL);
    return NULL;
}

static void *fault(void *arg)
{
    *(volatile int *)16 = 1;
    return NULL;
}

static void start(void *(*body)(void *), int arg)
{
    pthread_t id;
    pthread_create(&id, NULL, body, (void *)(intptr_t)arg);
}

static void show(const char *name, pid_t pid)
{
    int status;
    waitpid(pid, &status, 0);
    printf("%s: %#x\n", name, status & ~0x80);
}

int main(void)
{
    pid_t pid = fork();
    if (!pid) {
        start(forever, 0);
        start(busy, 0);
        usleep(10000);
        return 3;
    }
    show("main returns", pid);
    if (!(pid = fork())) {
        start(busy, 0);
        start(exit_later, 4);
        pause();
    }
    show("thread exits", pid);
    if (!(pid = fork())) {
        start(write_later, 0);
        pthread_exit(NULL);
    }
    show("main ends first", pid);
    if (!(pid = fork())) {
        start(thread_exit, 0);
        syscall(SYS_exit, 5);
    }
    show("the leader's status counts", pid);
    if (!(pid = fork())) {
        start(thread_exit, 0);
        start(exit_later, 6);
        syscall(SYS_exit, 5);
    }
    show("exit_group counts", pid);
    if (!(pid = fork())) {
        start(kill_later, 0);
        start(forever, 0);
        pthread_exit(NULL);
    }
    show("killed", pid);
    if (!(pid = fork())) {
        start(fault, 0);
        pause();
    }
    show("fault", pid);
    if (!(pid = fork())) {
        for (int i = 0; i < 20; i++)
            start(i % 2 ? busy : forever, 0);
        kill(getpid(), SIGTERM);
        pause();
    }
    show("terminated", pid);
    for (int i = 0; i < 20; i++) {
        if (!(pid = fork())) {
            for (int j = 0; j < 4; j++)
                start(exit_later, 10 + i);
            exit_later((void *)(intptr_t)(10 + i));
        }
        show("race", pid);
    }
    return 0;
}
