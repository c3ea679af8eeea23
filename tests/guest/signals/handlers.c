/* Handlers: siginfo, masks, nesting, every SA_ flag that shapes them, order of queued signals. */
#include "show.h"
#include <signal.h>
#include <string.h>

static volatile int depth, count;

static void show_blocked(const char *what)
{
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    printf("%s blocked:", what);
    for (int i = 1; i <= 64; i++)
        if (sigismember(&now, i) == 1)
            printf(" %d", i);
    printf("\n");
}

static void plain(int signo) { printf("plain %d\n", signo); show_blocked("in plain"); }

static void full(int signo, siginfo_t *info, void *context)
{
    printf("full %d: signo %d code %d errno %d", signo, info->si_signo, info->si_code, info->si_errno);
    if (info->si_code <= 0)
        printf(" pid %d uid %d", info->si_pid == getpid(), info->si_uid == getuid());
    if (info->si_code == SI_QUEUE)
        printf(" value %x", info->si_value.sival_int);
    printf(" context %d\n", context != NULL);
    show_blocked("in full");
}

static void nested(int signo)
{
    printf("enter %d depth %d\n", signo, ++depth);
    if (depth < 3 && count++ < 5)
        raise(signo);
    printf("leave %d depth %d\n", signo, depth--);
}

static void order(int signo, siginfo_t *info, void *context)
{
    printf("order %d value %d\n", signo, info->si_value.sival_int);
}

static void later(int signo)
{
    printf("later %d begins\n", signo);
    raise(SIGUSR2);
    printf("later %d ends\n", signo);
}

static void set(int signo, void *handler, int flags, int blocked)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = (void (*)(int))handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    if (blocked)
        sigaddset(&action.sa_mask, blocked);
    SHOW(sigaction(signo, &action, NULL));
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    set(SIGUSR1, plain, 0, SIGTERM);
    SHOW(raise(SIGUSR1));
    SHOW(kill(getpid(), SIGUSR1));
    show_blocked("after");
    set(SIGUSR1, full, SA_SIGINFO, SIGHUP);
    SHOW(raise(SIGUSR1));
    SHOW(kill(getpid(), SIGUSR1));
    union sigval value = {.sival_int = 0x12345678};
    SHOW(sigqueue(getpid(), SIGUSR1, value));
    set(SIGUSR1, nested, SA_NODEFER, 0);
    SHOW(raise(SIGUSR1));
    set(SIGUSR1, nested, 0, 0);
    depth = 1;
    SHOW(raise(SIGUSR1));
    depth = 0;
    set(SIGUSR1, plain, SA_RESETHAND, 0);
    SHOW(raise(SIGUSR1));
    struct sigaction now;
    sigaction(SIGUSR1, NULL, &now);
    printf("default again %d\n", now.sa_handler == SIG_DFL);
    set(SIGUSR1, later, 0, SIGUSR2);
    set(SIGUSR2, plain, 0, 0);
    SHOW(raise(SIGUSR1));
    set(SIGUSR1, later, 0, 0);
    SHOW(raise(SIGUSR1));

    sigset_t all, old;
    sigfillset(&all);
    SHOW(sigprocmask(SIG_SETMASK, &all, &old));
    for (int i = 0; i < 3; i++) {
        set(SIGRTMIN + i, order, SA_SIGINFO, 0);
        sigaddset(&old, 0);
    }
    set(SIGUSR2, order, SA_SIGINFO, 0);
    for (int i = 0; i < 3; i++)
        for (int j = 2; j >= 0; j--) {
            value.sival_int = 10 * j + i;
            SHOW(sigqueue(getpid(), SIGRTMIN + j, value));
        }
    value.sival_int = 77;
    SHOW(sigqueue(getpid(), SIGUSR2, value));
    SHOW(sigqueue(getpid(), SIGUSR2, value));
    sigset_t pending;
    SHOW(sigpending(&pending));
    for (int i = 1; i < 65; i++)
        if (sigismember(&pending, i) == 1)
            printf("pending %d\n", i);
    SHOW(sigprocmask(SIG_SETMASK, &old, NULL));
    SHOW(sigqueue(getpid(), 65, value));
    SHOW(sigqueue(getpid(), 0, value));
    SHOW(kill(getpid(), 65));
    SHOW(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    SHOW(raise(SIGUSR1));
    SHOW(raise(SIGCHLD));
    SHOW(raise(SIGWINCH));
    SHOW(raise(SIGCONT));
    return 0;
}
