/* SIGCHLD: siginfo of each way to end, stop and continue; the flags that change what is sent. */
#include "show.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static volatile int got, code, status, sender;

static void handler(int signo, siginfo_t *info, void *context)
{
    got++;
    code = info->si_code;
    status = info->si_status;
    sender = info->si_pid;
}

static int spawn(int how)
{
    int pid = fork();
    if (pid)
        return pid;
    signal(SIGCHLD, SIG_DFL);
    if (how == 0)
        _exit(7);
    if (how == 1)
        kill(getpid(), SIGTERM);
    if (how == 2)
        raise(SIGSTOP);
    if (how == 3) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(SIGABRT, &action, NULL);
        abort();
    }
    _exit(3);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigset_t chld, none;
    int state;
    sigemptyset(&none);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    SHOW(sigprocmask(SIG_BLOCK, &chld, NULL));
    SHOW(sigaction(SIGCHLD, &action, NULL));
    for (int how = 0; how < 4; how++) {
        int pid = spawn(how);
        SHOW(sigsuspend(&none));
        printf("how %d: got %d code %d status %d sender %d\n", how, got, code, status, sender == pid);
        if (how == 2) {
            SHOW(waitpid(pid, &state, WUNTRACED) == pid);
            printf("stopped %d by %d\n", WIFSTOPPED(state), WSTOPSIG(state));
            SHOW(kill(pid, SIGCONT));
            SHOW(sigsuspend(&none));
            printf("code %d or %d status %d\n", CLD_CONTINUED, CLD_EXITED,
                   (code == CLD_CONTINUED && status == SIGCONT) || (code == CLD_EXITED && status == 3));
        }
        SHOW(waitpid(pid, &state, 0) == pid);
        printf("exited %d status %d signalled %d signal %d\n", WIFEXITED(state),
               WIFEXITED(state) ? WEXITSTATUS(state) : 0, WIFSIGNALED(state),
               WIFSIGNALED(state) ? WTERMSIG(state) : 0);
        struct timespec zero = {0, 0};
        while (sigtimedwait(&chld, NULL, &zero) > 0)
            ;
        got = 0;
    }
    action.sa_flags |= SA_NOCLDWAIT;
    SHOW(sigaction(SIGCHLD, &action, NULL));
    spawn(0);
    SHOW(sigsuspend(&none));
    SHOW(waitpid(-1, &state, 0));
    action.sa_flags = SA_SIGINFO | SA_NOCLDSTOP;
    SHOW(sigaction(SIGCHLD, &action, NULL));
    got = 0;
    int pid = spawn(2);
    SHOW(waitpid(pid, &state, WUNTRACED) == pid);
    sigset_t pending;
    SHOW(sigpending(&pending));
    SHOW(sigismember(&pending, SIGCHLD));
    SHOW(kill(pid, SIGKILL));
    SHOW(sigsuspend(&none));
    printf("got %d code %d status %d\n", got, code, status);
    SHOW(waitpid(pid, &state, 0) == pid);
    SHOW(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    spawn(0);
    SHOW(waitpid(-1, &state, 0));
    return 0;
}
