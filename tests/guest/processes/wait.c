/* waitid and wait4: fields, options, errors. */
#include "../c/show.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static pid_t child(int code)
{
    pid_t pid = fork();
    if (!pid)
        _exit(code);
    return pid;
}

int main(void)
{
    siginfo_t info;
    memset(&info, 0x55, sizeof info);
    SHOW(waitid(P_ALL, 0, &info, WEXITED));
    SHOW(waitid(P_PID, 1, &info, 0));
    SHOW(waitid(P_PID, -1, &info, WEXITED));
    SHOW(waitid(9, 1, &info, WEXITED));
    SHOW(waitid(P_ALL, 0, &info, WEXITED | 0x10));

    pid_t pid = child(42);
    SHOW(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) || info.si_pid != pid);
    printf("%d %d %d %d\n", info.si_signo == SIGCHLD, info.si_errno, info.si_code == CLD_EXITED,
           info.si_status);
    memset(&info, 0, sizeof info);
    SHOW(waitid(P_ALL, 0, &info, WEXITED) || info.si_pid != pid || info.si_uid != getuid());

    int go[2];
    char byte;
    pipe(go);
    pid = fork();
    if (!pid) {
        close(go[1]);
        read(go[0], &byte, 1);
        raise(SIGKILL);
    }
    memset(&info, 0x55, sizeof info);
    SHOW(waitid(P_PID, pid, &info, WEXITED | WNOHANG));
    printf("nobody: %d %d\n", info.si_signo, info.si_pid);
    close(go[1]);
    SHOW(waitid(P_PGID, getpgrp(), &info, WEXITED));
    printf("killed: %d %d\n", info.si_code == CLD_KILLED, info.si_status);

    pid = fork();
    if (!pid) {
        raise(SIGSTOP);
        _exit(1);
    }
    SHOW(waitid(P_PID, pid, &info, WSTOPPED));
    printf("stopped: %d %d\n", info.si_code == CLD_STOPPED, info.si_status);
    int status;
    kill(pid, SIGCONT);
    SHOW(waitpid(pid, &status, WCONTINUED | WUNTRACED) == pid);
    printf("continued: %d\n", !!WIFCONTINUED(status));
    SHOW(waitpid(pid, &status, WCONTINUED | WUNTRACED) == pid);
    printf("exited: %#x\n", status);

    struct rusage usage;
    memset(&usage, 0x55, sizeof usage);
    pid = child(1);
    SHOW(wait4(pid, &status, 0, &usage) == pid);
    printf("usage %d %d\n", usage.ru_maxrss > 0, usage.ru_utime.tv_sec);
    SHOW(wait4(pid, &status, 0, &usage));
    pid = child(0);
    SHOW(syscall(SYS_wait4, pid, (int *)8, 0, NULL));

    pid = child(11);
    int pidfd = syscall(SYS_pidfd_open, pid, 0);
    SHOW(pidfd >= 0);
    SHOW(waitid(3, pidfd, &info, WEXITED));
    printf("pidfd: %d %d\n", info.si_pid == pid, info.si_status);

    /* children that nobody waits for */
    signal(SIGCHLD, SIG_IGN);
    pid = child(1);
    SHOW(waitpid(pid, &status, 0));
    return 0;
}
