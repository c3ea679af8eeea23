/* clone and clone3: the flags, and those that do not go together. */
#include "../c/show.h"
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static char stack[65536] __attribute__((aligned(16)));

static int raw(unsigned long flags) { return syscall(SYS_clone, flags, 0, 0, 0, 0); }

static int body(void *arg)
{
    return *(int *)arg;
}

static int finish(pid_t pid, int options)
{
    int status = -1;
    return waitpid(pid, &status, options) == pid ? status : -1;
}

int main(void)
{
    SHOW(raw(CLONE_THREAD));
    SHOW(raw(CLONE_THREAD | CLONE_SIGHAND));
    SHOW(raw(CLONE_SIGHAND));
    SHOW(raw(CLONE_FS | CLONE_NEWNS));
    SHOW(raw(CLONE_FS | CLONE_NEWUSER));
    SHOW(raw(CLONE_PIDFD | CLONE_PARENT_SETTID));
    SHOW(raw(CLONE_PIDFD | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM));
    SHOW(raw(CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM));

    int status, value = 17;
    pid_t pid = clone(body, stack + sizeof stack, SIGCHLD, &value);
    printf("%#x\n", finish(pid, 0));

    /* thread ids in memory: the parent's copy and the child's */
    static int parent_tid, child_tid;
    pid = syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, 0, &parent_tid, 0,
                  &child_tid);
    if (!pid)
        _exit(child_tid == getpid());
    printf("%d %d %#x\n", parent_tid == pid, child_tid, finish(pid, 0));

    /* shared descriptors and directory */
    mkdir("dir", 0755);
    pid = raw(CLONE_FILES | CLONE_FS | SIGCHLD);
    if (!pid) {
        chdir("dir");
        umask(0123);
        dup2(1, 20);
        _exit(0);
    }
    printf("%#x\n", finish(pid, 0));
    char cwd[PATH_MAX];
    printf("%s %d %o\n", strrchr(getcwd(cwd, sizeof cwd), '/'), fcntl(20, F_GETFD), umask(022));

    /* no signal at the end: only __WCLONE or __WALL finds it */
    pid = raw(0);
    if (!pid)
        _exit(3);
    SHOW(waitpid(pid, &status, 0));
    printf("%#x\n", finish(pid, __WCLONE));
    signal(SIGUSR1, SIG_IGN);
    pid = raw(SIGUSR1);
    if (!pid)
        _exit(4);
    printf("%#x\n", finish(pid, __WALL));

    int pidfd = -1;
    pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);
    if (!pid)
        _exit(5);
    siginfo_t info;
    SHOW(waitid(3, pidfd, &info, WEXITED));
    printf("%d %d %d\n", info.si_status, info.si_pid == pid, fcntl(pidfd, F_GETFD));

    /* the caller's parent is the parent */
    int pipes[2];
    pipe(pipes);
    pid = fork();
    if (!pid) {
        pid_t brother = raw(CLONE_PARENT | SIGCHLD);
        if (!brother)
            _exit(6);
        write(pipes[1], &brother, sizeof brother);
        _exit(waitpid(brother, NULL, 0) == -1 && errno == ECHILD);
    }
    pid_t brother;
    read(pipes[0], &brother, sizeof brother);
    printf("%#x", finish(pid, 0));
    printf(" %#x\n", finish(brother, 0));

    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
        uint64_t set_tid, set_tid_size, cgroup, more;
    } args = {.exit_signal = SIGCHLD};
    pid = syscall(SYS_clone3, &args, 64);
    if (!pid)
        _exit(8);
    printf("%#x\n", finish(pid, 0));
    SHOW(syscall(SYS_clone3, &args, 63));
    SHOW(syscall(SYS_clone3, &args, 5000));
    SHOW(syscall(SYS_clone3, (void *)16, 64));
    args.more = 1;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
    args.more = 0;
    args.flags = SIGCHLD;
    SHOW(syscall(SYS_clone3, &args, 64));
    args.flags = 0;
    args.exit_signal = 65;
    SHOW(syscall(SYS_clone3, &args, 64));
    args.exit_signal = SIGCHLD;
    args.stack_size = 4096;
    SHOW(syscall(SYS_clone3, &args, 64));
    args.stack = (uintptr_t)stack;
    args.stack_size = 0;
    SHOW(syscall(SYS_clone3, &args, 64));
    args.stack = 0;
    args.flags = 1ull << 40;
    SHOW(syscall(SYS_clone3, &args, 64));
    args.flags = CLONE_SIGHAND;
    SHOW(syscall(SYS_clone3, &args, 64));
    signal(SIGUSR2, SIG_IGN);
    signal(SIGTERM, (void (*)(int))body);
    args.flags = 1ull << 32; /* CLONE_CLEAR_SIGHAND */
    pid = syscall(SYS_clone3, &args, 64);
    if (!pid)
        _exit((signal(SIGUSR2, SIG_DFL) == SIG_IGN) * 10 + (signal(SIGTERM, SIG_DFL) == SIG_DFL));
    printf("%#x\n", finish(pid, 0));
    return 0;
}
