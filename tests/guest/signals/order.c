/* The two fault signals that a process sends, blocked: they wait, one each, and come with their senders. */
#include "show.h"
#include <signal.h>

static void handler(int signo, siginfo_t *info, void *context)
{
    printf("signal %d code %d pid %d\n", signo, info->si_code, info->si_pid == getpid());
}

static void pending(void)
{
    sigset_t set;
    sigpending(&set);
    printf("pending:");
    for (int i = 1; i <= 64; i++)
        if (sigismember(&set, i) == 1)
            printf(" %d", i);
    printf("\n");
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t all, none, two;
    sigfillset(&all);
    sigemptyset(&none);
    for (int i = 1; i < 32; i++)
        sigaction(i, &action, NULL);
    SHOW(sigprocmask(SIG_SETMASK, &all, NULL));
    SHOW(kill(getpid(), SIGUSR1));
    SHOW(kill(getpid(), SIGSEGV));
    SHOW(kill(getpid(), SIGSEGV));
    SHOW(raise(SIGFPE));
    SHOW(kill(getpid(), SIGHUP));
    pending();
    sigemptyset(&two);
    sigaddset(&two, SIGFPE);
    siginfo_t info;
    struct timespec zero = {0, 0};
    SHOW(sigtimedwait(&two, &info, &zero));
    printf("waited for %d code %d\n", info.si_signo, info.si_code);
    SHOW(sigtimedwait(&two, &info, &zero));
    SHOW(sigsuspend(&none));
    pending();
    SHOW(raise(SIGBUS));
    SHOW(raise(SIGILL));
    pending();
    SHOW(signal(SIGILL, SIG_IGN) != SIG_ERR);
    pending();
    SHOW(sigprocmask(SIG_SETMASK, &none, NULL));
    pending();
    return 0;
}
