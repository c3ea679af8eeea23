/* Cost of system calls and process operations: prints "name nanoseconds" for each, the best of a few rounds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int zero, null, sink;
static char *again[8];

static void getppid_(void) { syscall(SYS_getppid); }
static void read_(void) { char c; if (read(zero, &c, 1) != 1) abort(); }
static void write_(void) { if (write(null, "x", 1) != 1) abort(); }
static void fstat_(void) { struct stat s; if (fstat(zero, &s)) abort(); }
static void clock_(void) { struct timespec t; syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t); }
static void mask_(void) { sigset_t s; sigemptyset(&s); sigprocmask(SIG_BLOCK, &s, 0); }
static void open_(void) { close(open("/dev/null", O_RDONLY)); }
static void handler(int n) { sink += n; }
static void signal_(void) { kill(getpid(), SIGUSR1); }
static void *body(void *p) { return p; }
static void thread_(void) { pthread_t t; if (pthread_create(&t, 0, body, 0)) abort(); pthread_join(t, 0); }
static void fork_(void) { pid_t p = fork(); if (!p) _exit(0); waitpid(p, 0, 0); }
static void exec_(void) {
    pid_t p = fork();
    if (!p) { execv(again[0], again); _exit(1); }
    int status; waitpid(p, &status, 0);
    if (status) abort();
}
static int ping[2], pong[2];
static void pingpong_(void) { char c = 1; if (write(ping[1], &c, 1) != 1 || read(pong[0], &c, 1) != 1) abort(); }

static double now(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void measure(const char *name, void (*f)(void), int count) {
    double best = 1e18;
    for (int round = 0; round < 5; round++) {
        double start = now();
        for (int i = 0; i < count; i++) f();
        double each = (now() - start) / count;
        if (each < best) best = each;
    }
    printf("%s %.0f\n", name, best);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "exit")) return 0;
    zero = open("/dev/zero", O_RDONLY);
    null = open("/dev/null", O_WRONLY);
    signal(SIGUSR1, handler);
    measure("getppid", getppid_, 20000);
    measure("read", read_, 20000);
    measure("write", write_, 20000);
    measure("fstat", fstat_, 20000);
    measure("clock_gettime", clock_, 20000);
    measure("sigprocmask", mask_, 5000);
    measure("open+close", open_, 1000);
    measure("signal to self", signal_, 1000);
    measure("thread create+join", thread_, 100);
    measure("fork+exit", fork_, 40);
    if (argc > 1 && argc < 7) { /* the arguments are the command that runs this program */
        memcpy(again, argv + 1, (argc - 1) * sizeof *again);
        again[argc - 1] = "exit";
        measure("fork+exec", exec_, 10);
    }
    if (pipe(ping) || pipe(pong)) abort();
    pid_t partner = fork();
    if (!partner) { char c; while (read(ping[0], &c, 1) == 1) if (write(pong[1], &c, 1) != 1) break; _exit(0); }
    measure("pipe ping-pong", pingpong_, 1000);
    kill(partner, SIGKILL);
    return 0;
}
