/* The signal mask, dispositions and alternate stack as they are remembered; nothing is delivered. */
#include "show.h"
#include <signal.h>

static void handler(int signo) { (void)signo; }

static void show_mask(const char *what, const sigset_t *set)
{
    printf("%s:", what);
    for (int i = 1; i <= 64; i++)
        if (sigismember(set, i) == 1)
            printf(" %d", i);
    printf("\n");
}

int main(void)
{
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGKILL);
    sigaddset(&set, SIGRTMIN + 3);
    sigaddset(&set, SIGRTMAX);
    SHOW(sigprocmask(SIG_BLOCK, &set, &old));
    show_mask("old", &old);
    SHOW(sigprocmask(SIG_BLOCK, NULL, &old));
    show_mask("blocked", &old);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    SHOW(sigprocmask(SIG_UNBLOCK, &set, &old));
    SHOW(sigprocmask(SIG_SETMASK, NULL, &old));
    show_mask("now", &old);
    SHOW(sigpending(&set));
    show_mask("pending", &set);
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER}, before;
    sigaddset(&action.sa_mask, SIGTERM);
    SHOW(sigaction(SIGUSR2, &action, &before));
    printf("%d %x\n", before.sa_handler == SIG_DFL, before.sa_flags);
    SHOW(sigaction(SIGUSR2, NULL, &before));
    printf("%d %x\n", before.sa_handler == handler, before.sa_flags & ~0x04000000);
    show_mask("during", &before.sa_mask);
    SHOW(sigaction(SIGKILL, &action, NULL));
    SHOW(sigaction(SIGSTOP, NULL, &before));
    SHOW(signal(SIGPIPE, SIG_IGN) == SIG_DFL);
    SHOW(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
    SHOW(signal(SIGXFSZ, SIG_IGN) == SIG_DFL);
    SHOW(signal(SIGINT, SIG_IGN) == SIG_DFL);
    static char stack[16384];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack}, previous;
    SHOW(sigaltstack(&alternate, &previous));
    printf("%d\n", previous.ss_flags == SS_DISABLE);
    SHOW(sigaltstack(NULL, &previous));
    printf("%d %d %d\n", previous.ss_sp == stack, (int)previous.ss_size, previous.ss_flags);
    alternate.ss_size = 100;
    SHOW(sigaltstack(&alternate, NULL));
    alternate.ss_flags = 77;
    SHOW(sigaltstack(&alternate, NULL));
    SHOW(kill(getpid(), 0));
    SHOW(kill(0x7fffffff, 0));
    return 0;
}
