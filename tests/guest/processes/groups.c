/* Process groups and sessions. */
#include "../c/show.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int finish(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

int main(int argc, char **argv)
{
    char byte;
    if (argc > 1) {
        read(0, &byte, 1);
        return 0;
    }
    int pipes[2];
    pipe(pipes);
    pid_t pid = fork();
    if (!pid) {
        close(pipes[1]);
        read(pipes[0], &byte, 1);
        _exit(getpgrp() == getpid());
    }
    SHOW(getpgid(pid) == getpgrp());
    SHOW(setpgid(pid, pid));
    SHOW(getpgid(pid) == pid);
    SHOW(setpgid(pid, 1));
    SHOW(setpgid(pid, -1));
    SHOW(setpgid(pid + 100000, 0));
    SHOW(getpgid(pid + 100000));
    SHOW(getsid(pid) == getsid(0));
    close(pipes[1]);
    printf("%#x\n", finish(pid));

    /* after the child's exec its group is its own affair */
    int stdin_[2], said[2];
    pipe2(stdin_, O_CLOEXEC);
    pipe2(said, O_CLOEXEC);
    pid = fork();
    if (!pid) {
        dup2(stdin_[0], 0);
        execl("/proc/self/exe", "self", "wait", NULL);
        _exit(99);
    }
    close(said[1]);
    read(said[0], &byte, 1);
    SHOW(setpgid(pid, pid));
    close(stdin_[1]);
    printf("%#x\n", finish(pid));

    pid = fork();
    if (!pid) {
        SHOW(setsid() == getpid());
        SHOW(getsid(0) == getpid() && getpgrp() == getpid());
        SHOW(setsid());
        SHOW(setpgid(0, 0));
        SHOW(open("/dev/tty", O_RDWR));
        _exit(1);
    }
    printf("%#x\n", finish(pid));

    /* a whole group is signalled and waited for */
    pid_t leader = 0;
    for (int i = 0; i < 3; i++) {
        pid = fork();
        if (!pid) {
            pause();
            _exit(0);
        }
        leader = leader ? leader : pid;
        setpgid(pid, leader);
    }
    SHOW(kill(-leader, 0));
    SHOW(kill(-leader, SIGTERM));
    int status, count = 0;
    while (waitpid(-leader, &status, 0) > 0)
        count += WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    printf("%d\n", count);
    SHOW(kill(-leader, SIGTERM));

    /* orphans go to a subreaper */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pipe(pipes);
    pid = fork();
    if (!pid) {
        if (!fork()) {
            usleep(20000);
            pid_t ids[2] = {getpid(), getppid()};
            write(pipes[1], ids, sizeof ids);
            _exit(9);
        }
        _exit(0);
    }
    finish(pid);
    pid_t ids[2];
    read(pipes[0], ids, sizeof ids);
    printf("%d %#x\n", ids[1] == getpid(), finish(ids[0]));
    return 0;
}
