#include "net.h"
#include <sys/signalfd.h>
int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1), sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int f = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    struct signalfd_siginfo i[4];
    SHOW(sizeof i[0]);
    SHOW(read(f, i, sizeof i));
    SHOW(kill(getpid(), SIGUSR1));
    SHOW(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 77}));
    SHOW(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = -78}));
    struct pollfd p = {f, POLLIN, 0};
    SHOW(poll(&p, 1, 1000));
    ssize_t n = read(f, i, sizeof i);
    for (unsigned k = 0; k < n / sizeof i[0]; k++)
        printf("%u %d %d %d %d\n", i[k].ssi_signo, i[k].ssi_code, i[k].ssi_int,
               i[k].ssi_pid == (unsigned)getpid(), i[k].ssi_uid == getuid());
    SHOW(read(f, i, sizeof i));
    SHOW(read(f, i, 16));
    sigdelset(&set, SIGUSR1);
    SHOW(signalfd(f, &set, 0) == f);
    kill(getpid(), SIGUSR1);
    SHOW(read(f, i, sizeof i));
    SHOW(signalfd(0, &set, 0));
    SHOW(signalfd(99, &set, 0));
    SHOW(signalfd(-1, &set, 5));
    SHOW(syscall(355, -1, 8, 8, 0));
    SHOW(syscall(355, -1, &set, 4, 0));
    if (fork() == 0)
        _exit(3);
    sigemptyset(&set), sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    wait(NULL);
}
