/* posix_spawn: errors come back, actions and attributes take effect. */
#include "../c/show.h"
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;
static char *self = "/proc/self/exe";

static int finish(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        sigset_t mask;
        sigprocmask(SIG_BLOCK, NULL, &mask);
        printf("%s %s leader %d blocked %d ignored %d fd3 %d\n", argv[1], getenv("NAME"),
               getpgrp() == getpid(), sigismember(&mask, SIGUSR1),
               signal(SIGUSR2, SIG_DFL) == SIG_IGN, fcntl(3, F_GETFD) == -1);
        char line[20] = "";
        if (read(0, line, 10) > 0)
            printf("read %s\n", line);
        return argc;
    }
    pid_t pid = -5;
    int error, status;
    char *args[] = {"self", "one", NULL}, *none[] = {"x", NULL};
    setenv("NAME", "value", 1);
    write_file("text", "just text\n", 10);
    write_file("input", "given", 5);
    mkdir("dir", 0755);
    printf("%s\n", strerrorname_np(posix_spawn(&pid, "/nowhere", NULL, NULL, none, environ)));
    printf("%s\n", strerrorname_np(posix_spawn(&pid, "dir", NULL, NULL, none, environ)));
    printf("%s\n", strerrorname_np(posix_spawn(&pid, "text", NULL, NULL, none, environ)));
    chmod("text", 0755);
    printf("%s\n", strerrorname_np(posix_spawn(&pid, "text", NULL, NULL, none, environ)));
    printf("%s\n", strerrorname_np(posix_spawnp(&pid, "no-such", NULL, NULL, none, environ)));
    SHOW(waitpid(-1, NULL, 0));

    int fd = open("/dev/null", O_RDONLY);
    SHOW(fd);
    error = posix_spawn(&pid, self, NULL, NULL, args, environ);
    status = finish(pid);
    printf("%d %#x\n", error, status);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "input", O_RDONLY, 0);
    posix_spawn_file_actions_addclose(&actions, fd);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    error = posix_spawn(&pid, self, &actions, NULL, args, environ);
    status = finish(pid);
    printf("%d %#x\n", error, status);
    posix_spawn_file_actions_addopen(&actions, 5, "missing", O_RDONLY, 0);
    printf("%s\n", strerrorname_np(posix_spawn(&pid, self, &actions, NULL, args, environ)));

    posix_spawnattr_t attr;
    posix_spawnattr_init(&attr);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    posix_spawnattr_setsigmask(&attr, &set);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    signal(SIGUSR2, SIG_IGN);
    error = posix_spawn(&pid, self, NULL, &attr, args, environ);
    status = finish(pid);
    printf("%d %#x\n", error, status);
    SHOW(fcntl(fd, F_GETFD));
    return 0;
}
