/* signalfd, and what queueing with a chosen siginfo may do. */
#include "show.h"
#include <signal.h>
#include <sys/signalfd.h>

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN + 1);
    SHOW(sigprocmask(SIG_BLOCK, &set, NULL));
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    SHOW(fcntl(fd, F_GETFD));
    struct signalfd_siginfo info[3];
    SHOW(read(fd, info, sizeof info));
    union sigval value = {.sival_int = 0x7edcba98};
    SHOW(sigqueue(getpid(), SIGRTMIN + 1, value));
    SHOW(kill(getpid(), SIGUSR1));
    SHOW(read(fd, info, sizeof info));
    for (int i = 0; i < 2; i++)
        printf("%d code %d pid %d int %x ptr %llx\n", info[i].ssi_signo, info[i].ssi_code,
               info[i].ssi_pid == getpid(), info[i].ssi_int, (unsigned long long)info[i].ssi_ptr);
    SHOW(syscall(SYS_signalfd, -1, &set, 4));
    SHOW(signalfd(0, &set, 0));
    SHOW(signalfd(fd, &set, 0) == fd);
    siginfo_t mine = {0};
    mine.si_signo = SIGUSR1;
    mine.si_code = SI_USER;
    mine.si_pid = 1234;
    mine.si_uid = 77;
    SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &mine));
    siginfo_t got;
    SHOW(sigwaitinfo(&set, &got));
    printf("code %d pid %d uid %d\n", got.si_code, got.si_pid, got.si_uid);
    SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), SIGWINCH, &mine));
    mine.si_code = -60;
    mine.si_value.sival_int = 42;
    SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &mine));
    SHOW(sigwaitinfo(&set, &got));
    printf("code %d pid %d value %d\n", got.si_code, got.si_pid, got.si_value.sival_int);
    SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, (void *)8));
    SHOW(syscall(SYS_rt_sigtimedwait, &set, &got, NULL, 4));
    SHOW(syscall(SYS_rt_sigsuspend, &set, 4));
    SHOW(syscall(SYS_rt_sigpending, &set, 16));
    return 0;
}
