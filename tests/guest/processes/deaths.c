/* How processes die of signals, and atexit at their end. */
#include "../c/show.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void bye(void) { printf("bye\n"); }
static void last(void) { printf("last\n"); }

int main(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL,
                     SIGUSR1, SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ,
                     SIGVTALRM, SIGPROF, SIGIO, SIGSYS, 34, 64};
    for (int i = 0; i < sizeof signals / sizeof *signals; i++) {
        int status;
        pid_t pid = fork();
        if (!pid) {
            raise(signals[i]);
            _exit(1);
        }
        waitpid(pid, &status, 0);
        printf("%d: %#x", signals[i], status);
        pid = fork();
        if (!pid) {
            pause();
            _exit(1);
        }
        kill(pid, signals[i]);
        waitpid(pid, &status, 0);
        printf(" %#x\n", status);
    }
    int status;
    pid_t pid = fork();
    if (!pid)
        abort();
    waitpid(pid, &status, 0);
    printf("abort %#x\n", status);
    pid = fork();
    if (!pid) {
        atexit(last);
        atexit(bye);
        exit(256 + 5);
    }
    waitpid(pid, &status, 0);
    printf("exit %#x\n", status);
    pid = fork();
    if (!pid) {
        *(volatile int *)16 = 1;
        _exit(1);
    }
    waitpid(pid, &status, 0);
    printf("fault %#x\n", status);
    return 0;
}
