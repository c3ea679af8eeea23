/* Small cases in one program: each runs in a child of its own and prints lines that begin with its name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct entry {
    const char *name;
    void (*run)(void);
    int line;
    int unused;
};

static const char *now;

#define CASE(id)                                                                          \
    static void id(void);                                                                 \
    __attribute__((section("cases"), used)) static struct entry entry_##id = {#id, id, __LINE__}; \
    static void id(void)

/* What an expression is, and errno by name if that is -1. */
#define SHOW(call)                                                                        \
    do {                                                                                  \
        errno = 0;                                                                        \
        long long value_ = (long long)(call);                                             \
        printf("%s: %s = %lld%s%s\n", now, #call, value_, value_ == -1 ? " " : "",        \
               value_ == -1 ? strerrorname_np(errno) : "");                               \
    } while (0)

/* Only whether it failed and how: for results that differ from run to run, like addresses. */
#define OK(call)                                                                          \
    do {                                                                                  \
        errno = 0;                                                                        \
        long long value_ = (long long)(long)(call);                                       \
        printf("%s: %s: %s\n", now, #call, value_ == -1 ? strerrorname_np(errno) : "ok"); \
    } while (0)

#define SAY(format, ...) printf("%s: " format "\n", now, ##__VA_ARGS__)

__attribute__((unused)) static const char *ended(int status)
{
    static char text[64];
    if (WIFEXITED(status))
        sprintf(text, "exit %d", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        sprintf(text, "killed by %d", WTERMSIG(status));
    else if (WIFSTOPPED(status))
        sprintf(text, "stopped by %d", WSTOPSIG(status));
    else
        sprintf(text, "status %#x", status);
    return text;
}

__attribute__((unused)) static const char *reap(pid_t pid)
{
    int status;
    pid_t got = waitpid(pid, &status, 0);
    return got == pid ? ended(status) : got == -1 ? strerrorname_np(errno) : "another child";
}

__attribute__((unused)) static void pause_ms(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&time, &time) && errno == EINTR)
        continue;
}

__attribute__((unused)) static long since_ms(struct timespec from)
{
    struct timespec to;
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

extern struct entry __start_cases[], __stop_cases[];

static int by_line(const void *a, const void *b)
{
    return ((const struct entry *)a)->line - ((const struct entry *)b)->line;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    int count = __stop_cases - __start_cases;
    qsort(__start_cases, count, sizeof *__start_cases, by_line);
    for (int i = 0; i < count; i++) {
        struct entry *entry = __start_cases + i;
        if (argc > 1 && strcmp(argv[1], entry->name))
            continue;
        now = entry->name;
        pid_t pid = fork();
        if (!pid) {
            alarm(40);
            entry->run();
            exit(0);
        }
        int status;
        while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
            continue;
        if (status)
            SAY("%s", ended(status));
    }
}
