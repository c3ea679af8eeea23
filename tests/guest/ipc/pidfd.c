#include "net.h"
int main(void)
{
    int p[2];
    pipe(p);
    pid_t child = fork();
    if (child == 0) {
        char c;
        close(p[1]);
        read(p[0], &c, 1);
        pause();
        _exit(0);
    }
    int f = syscall(434, child, 0);
    struct pollfd w = {f, POLLIN, 0};
    SHOW(poll(&w, 1, 0));
    SHOW(fcntl(f, F_GETFD));
    SHOW(syscall(424, f, 0, NULL, 0));
    SHOW(syscall(438, f, p[0], 0) >= 0);
    SHOW(syscall(438, f, 99, 0));
    SHOW(syscall(424, f, SIGKILL, NULL, 0));
    SHOW(poll(&w, 1, 3000));
    siginfo_t i;
    memset(&i, 0, sizeof i);
    SHOW(waitid(3, f, &i, WEXITED));
    printf("%d %d %d %d\n", i.si_signo, i.si_code, i.si_status, i.si_pid == child);
    SHOW(syscall(424, f, 0, NULL, 0));
    SHOW(syscall(434, child, 0));
    SHOW(syscall(434, -1, 0));
    SHOW(syscall(434, getpid(), 1));
    SHOW(syscall(424, 0, 0, NULL, 0));
    SHOW(syscall(424, f, 0, NULL, 99));
    int self = syscall(434, getpid(), 0);
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    int dup = syscall(438, self, s[0], 0);
    SHOW(write(dup, "q", 1));
    SHOW(read(s[1], &i, 4));
}
