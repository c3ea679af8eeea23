/* fork, wait and what a child inherits. */
#include "case.h"
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <linux/sched.h>

static pid_t child(int code)
{
    pid_t pid = fork();
    if (!pid)
        _exit(code);
    return pid;
}

CASE(exit_status)
{
    SAY("%s", reap(child(0)));
    SAY("%s", reap(child(7)));
    SAY("%s", reap(child(256 + 3)));
    SAY("%s", reap(child(-1)));
}

CASE(killed_status)
{
    int signals[] = {SIGKILL, SIGTERM, SIGUSR1, SIGPIPE, 33 + 2, 64};
    for (int i = 0; i < 6; i++) {
        pid_t pid = fork();
        if (!pid) {
            signal(signals[i], SIG_DFL);
            kill(getpid(), signals[i]);
            _exit(9);
        }
        SAY("%s", reap(pid));
    }
}

CASE(wait_no_child)
{
    int status;
    SHOW(wait(&status));
    SHOW(waitpid(-1, &status, WNOHANG));
    SHOW(waitpid(getpid(), &status, 0));
    SHOW(waitpid(1, &status, 0));
    SHOW(waitpid(INT_MIN, &status, 0));
    SHOW(syscall(SYS_wait4, -1, &status, 0x10000000, NULL));
}

CASE(wait_bad_pointer)
{
    pid_t pid = child(3);
    SHOW(waitpid(pid, (int *)4, 0));
    SHOW(waitpid(pid, NULL, 0));
    pid = child(3);
    SHOW(syscall(SYS_wait4, pid, NULL, 0, (void *)4));
    SHOW(syscall(SYS_waitid, P_ALL, 0, (void *)4, WEXITED, NULL));
    child(3);
    SHOW(syscall(SYS_waitid, P_ALL, 0, (void *)4, WEXITED, NULL));
}

CASE(wait_null_status)
{
    child(3);
    SHOW(wait(NULL) > 0);
    child(3);
    SHOW(waitid(P_ALL, 0, NULL, WEXITED));
    SHOW(wait(NULL));
}

CASE(waitid_arguments)
{
    siginfo_t info;
    SHOW(waitid(P_ALL, 0, &info, 0));
    SHOW(waitid(P_ALL, 0, &info, WNOHANG));
    SHOW(waitid(P_PID, 0, &info, WEXITED));
    SHOW(waitid(P_PGID, -1, &info, WEXITED));
    SHOW(waitid(P_PIDFD, -1, &info, WEXITED));
    SHOW(waitid(P_PIDFD, 99, &info, WEXITED));
    SHOW(waitid(P_PIDFD, 0, &info, WEXITED));
    SHOW(waitid(4, 1, &info, WEXITED));
    SHOW(waitid(P_ALL, 0, &info, WEXITED | 0x100));
    SHOW(waitid(P_ALL, 0, &info, WEXITED | __WALL | __WNOTHREAD));
}

CASE(wait_stop_continue)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        raise(SIGSTOP);
        pause_ms(200);
        _exit(5);
    }
    waitpid(pid, &status, WUNTRACED);
    SAY("%s", ended(status));
    SHOW(waitpid(pid, &status, WUNTRACED | WNOHANG));
    kill(pid, SIGCONT);
    SHOW(waitpid(pid, &status, WCONTINUED) == pid);
    SAY("%s %d", ended(status), !!WIFCONTINUED(status));
    SAY("%s", reap(pid));
}

CASE(wait_group)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        setpgid(0, 0);
        _exit(1);
    }
    setpgid(pid, pid);
    SHOW(waitpid(0, &status, 0));
    SHOW(waitpid(-pid, &status, 0) == pid);
    SHOW(waitpid(-pid, &status, 0));
}

CASE(rusage_of_child)
{
    struct rusage usage;
    memset(&usage, 0x55, sizeof usage);
    pid_t pid = child(0);
    SHOW(wait4(pid, NULL, 0, &usage) == pid);
    SHOW(usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 1000000 && usage.ru_maxrss > 0);
    SHOW(getrusage(RUSAGE_CHILDREN, &usage));
    SHOW(getrusage(2, &usage));
    SHOW(getrusage(RUSAGE_THREAD, &usage));
    SHOW(syscall(SYS_getrusage, RUSAGE_SELF, 4));
}

CASE(sigchld_ignored)
{
    signal(SIGCHLD, SIG_IGN);
    child(3);
    SHOW(wait(NULL));
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &action, NULL);
    child(3);
    SHOW(wait(NULL));
}

CASE(orphan_gets_new_parent)
{
    int ends[2];
    char byte = 0;
    pipe(ends);
    pid_t mine = getpid();
    SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid_t pid = fork();
    if (!pid) {
        pid_t first = getpid();
        if (!fork()) {
            while (getppid() == first)
                sched_yield();
            byte = getppid() == mine;
            write(ends[1], &byte, 1);
            _exit(11);
        }
        _exit(0);
    }
    SAY("%s", reap(pid));
    read(ends[0], &byte, 1);
    SAY("adopted %d", byte);
    int status;
    wait(&status);
    SAY("%s", ended(status));
}

CASE(parent_death_signal)
{
    int ends[2], value = -1;
    char byte;
    pipe(ends);
    SHOW(prctl(PR_SET_PDEATHSIG, 99));
    SHOW(prctl(PR_GET_PDEATHSIG, &value));
    SAY("%d", value);
    if (!fork()) {
        if (!fork()) {
            close(ends[0]);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            write(ends[1], "x", 1);
            for (;;)
                pause();
        }
        read(ends[0], &byte, 1);
        _exit(0);
    }
    wait(NULL);
    close(ends[1]);
    SHOW(read(ends[0], &byte, 1));
}

CASE(sessions)
{
    pid_t pid = fork();
    if (!pid) {
        SHOW(setsid() == getpid());
        SHOW(setsid());
        SHOW(getsid(0) == getpid());
        SHOW(getpgrp() == getpid());
        SHOW(setpgid(0, 0));
        SHOW(open("/dev/tty", O_RDWR));
        _exit(0);
    }
    SAY("%s", reap(pid));
    SHOW(getsid(-1));
    SHOW(getsid(0x7fffffff));
    SHOW(getpgid(0x7fffffff));
}

CASE(setpgid_errors)
{
    SHOW(setpgid(0, -1));
    SHOW(setpgid(0x7fffffff, 0));
    SHOW(setpgid(0, 0x7fffffff));
    SHOW(setpgid(1, 0));
}

CASE(child_inherits)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    signal(SIGUSR2, SIG_IGN);
    nice(3);
    pid_t pid = fork();
    if (!pid) {
        sigpending(&set);
        SHOW(sigismember(&set, SIGUSR1));
        sigprocmask(SIG_BLOCK, NULL, &set);
        SHOW(sigismember(&set, SIGUSR1));
        SHOW(signal(SIGUSR2, SIG_DFL) == SIG_IGN);
        SHOW(getpriority(PRIO_PROCESS, 0));
        SHOW(alarm(0));
        _exit(0);
    }
    SAY("%s", reap(pid));
    SHOW(alarm(0) > 0);
}

CASE(file_offset_shared)
{
    int fd = open("offset", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (!fork()) {
        write(fd, "hello", 5);
        _exit(0);
    }
    wait(NULL);
    SHOW(lseek(fd, 0, SEEK_CUR));
    SHOW(unlink("offset"));
}

CASE(memory_private_and_shared)
{
    int *mine = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int *ours = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int *gone = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int *wiped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *mine = *ours = *gone = *wiped = 1;
    SHOW(madvise(gone, 4096, MADV_DONTFORK));
    SHOW(madvise(wiped, 4096, MADV_WIPEONFORK));
    pid_t pid = fork();
    if (!pid) {
        *mine = *ours = 2;
        SHOW(*wiped);
        SHOW(syscall(SYS_write, 1, gone, 1));
        _exit(0);
    }
    SAY("%s", reap(pid));
    SHOW(*mine);
    SHOW(*ours);
    SHOW(*wiped);
}

CASE(vfork_runs_first)
{
    volatile int seen = 0;
    pid_t pid = vfork();
    if (!pid) {
        seen = 1;
        _exit(4);
    }
    SHOW(seen);
    SAY("%s", reap(pid));
}

CASE(clone_flag_errors)
{
    SHOW(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0));
    SHOW(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
    SHOW(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0));
    SHOW(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, 0, 0, 0));
    SHOW(syscall(SYS_clone, CLONE_PIDFD | CLONE_DETACHED | SIGCHLD, 0, 0, 0, 0));
}

CASE(clone3_errors)
{
    struct clone_args args = {.exit_signal = SIGCHLD};
    SHOW(syscall(SYS_clone3, &args, 0));
    SHOW(syscall(SYS_clone3, &args, 63));
    SHOW(syscall(SYS_clone3, &args, 5000));
    SHOW(syscall(SYS_clone3, 4, sizeof args));
    args.exit_signal = 65;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
    args.exit_signal = SIGCHLD;
    args.stack = 4096;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
    args.stack = 0;
    args.stack_size = 4096;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
    args.stack_size = 0;
    args.flags = 1ull << 40;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
    args.flags = CLONE_THREAD;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
    args.flags = CLONE_SIGHAND | CLONE_CLEAR_SIGHAND | CLONE_VM;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
    args.flags = 0;
    args.set_tid_size = 1;
    SHOW(syscall(SYS_clone3, &args, sizeof args));
}

CASE(clone3_child)
{
    int pidfd = -1, parent_tid = 0;
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, (void (*)(int))ended);
    struct clone_args args = {.exit_signal = SIGCHLD,
                              .flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CLEAR_SIGHAND,
                              .pidfd = (uintptr_t)&pidfd,
                              .parent_tid = (uintptr_t)&parent_tid};
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (!pid) {
        struct sigaction action;
        sigaction(SIGUSR1, NULL, &action);
        SHOW(action.sa_handler == SIG_IGN);
        sigaction(SIGUSR2, NULL, &action);
        SHOW(action.sa_handler == SIG_DFL);
        _exit(6);
    }
    siginfo_t info;
    int result = waitid(P_PIDFD, pidfd, &info, WEXITED);
    SAY("%d", result);
    SHOW(pid > 0 && parent_tid == pid && pidfd > 2);
    SHOW(fcntl(pidfd, F_GETFD));
    SAY("%d %d", info.si_code, info.si_status);
}

CASE(exit_signal_zero)
{
    long pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (!pid)
        _exit(5);
    int status;
    SHOW(waitpid(pid, &status, 0));
    SHOW(waitpid(pid, &status, __WCLONE) == pid);
    SAY("%s", ended(status));
}

CASE(clone_files_shared)
{
    int fd = dup(1);
    long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (!pid) {
        close(fd);
        syscall(SYS_exit_group, 0);
    }
    SAY("%s", reap(pid));
    SHOW(fcntl(fd, F_GETFD));
}

CASE(clone_fs_shared)
{
    mkdir("sub", 0755);
    long pid = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);
    if (!pid) {
        umask(077);
        syscall(SYS_exit_group, chdir("sub"));
    }
    SAY("%s", reap(pid));
    SHOW(umask(022));
    char path[PATH_MAX];
    getcwd(path, sizeof path);
    SAY("%s", strrchr(path, '/'));
    chdir("..");
    SHOW(rmdir("sub"));
}

CASE(exit_handlers_only_in_exit)
{
    pid_t pid = fork();
    if (!pid) {
        atexit((void (*)(void))abort);
        _exit(2);
    }
    SAY("%s", reap(pid));
    pid = fork();
    if (!pid) {
        signal(SIGABRT, SIG_IGN);
        abort();
    }
    SAY("%s", reap(pid));
}

CASE(kill_errors)
{
    SHOW(kill(getpid(), 0));
    SHOW(kill(getpid(), 65));
    SHOW(kill(getpid(), -1));
    SHOW(kill(0x7fffffff, 0));
    SHOW(kill(-0x7fffffff, 0));
    SHOW(kill(INT_MIN, 0));
    SHOW(syscall(SYS_tkill, -1, 0));
    SHOW(syscall(SYS_tkill, getpid(), 65));
    SHOW(syscall(SYS_tgkill, getpid(), 0, 0));
    SHOW(syscall(SYS_tgkill, 1, getpid(), 0));
    SHOW(syscall(SYS_tgkill, getpid(), getpid(), 0));
}

CASE(zombie_still_there)
{
    pid_t pid = child(0);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    SHOW(kill(pid, 0));
    SHOW(kill(pid, SIGTERM));
    SHOW(getpgid(pid) == getpgrp());
    SAY("%s", reap(pid));
    SHOW(kill(pid, 0));
}

CASE(process_limit_values)
{
    struct rlimit limit = {64, 128}, old;
    SHOW(setrlimit(RLIMIT_NOFILE, &limit));
    pid_t pid = fork();
    if (!pid) {
        getrlimit(RLIMIT_NOFILE, &old);
        SAY("%ld %ld", (long)old.rlim_cur, (long)old.rlim_max);
        SHOW(dup2(1, 64));
        SHOW(dup2(1, 63));
        SHOW(fcntl(1, F_DUPFD, 64));
        SHOW(fcntl(1, F_DUPFD, 63));
        _exit(0);
    }
    SAY("%s", reap(pid));
    limit.rlim_cur = 200;
    SHOW(setrlimit(RLIMIT_NOFILE, &limit));
    SHOW(setrlimit(99, &limit));
    SHOW(getrlimit(99, &limit));
    SHOW(prlimit(0x7fffffff, RLIMIT_NOFILE, NULL, &old));
}

CASE(cpu_limit_kills)
{
    pid_t pid = fork();
    if (!pid) {
        struct rlimit limit = {1, 2};
        setrlimit(RLIMIT_CPU, &limit);
        for (;;)
            getppid();
    }
    SAY("%s", reap(pid));
}

CASE(names)
{
    char name[17] = "";
    SHOW(prctl(PR_GET_NAME, name));
    SAY("%s", name);
    SHOW(prctl(PR_SET_NAME, "a-name-longer-than-fifteen"));
    SHOW(prctl(PR_GET_NAME, name));
    SAY("%s", name);
    SHOW(prctl(PR_SET_NAME, 4));
    int fd = open("/proc/self/comm", O_RDONLY);
    memset(name, 0, sizeof name);
    SHOW(read(fd, name, 16));
    SAY("%.15s", name);
}

CASE(scheduler)
{
    struct sched_param param = {0};
    SHOW(sched_getscheduler(0));
    SHOW(sched_getparam(0, &param));
    SHOW(sched_setscheduler(0, SCHED_BATCH, &param));
    SHOW(sched_getscheduler(0));
    SHOW(sched_setscheduler(0, 99, &param));
    param.sched_priority = 5;
    SHOW(sched_setscheduler(0, SCHED_OTHER, &param));
    SHOW(sched_get_priority_max(SCHED_FIFO));
    SHOW(sched_get_priority_min(SCHED_RR));
    SHOW(sched_get_priority_max(SCHED_OTHER));
    SHOW(sched_get_priority_max(99));
    SHOW(sched_getparam(-1, &param));
    SHOW(sched_getscheduler(0x7fffffff));
    SHOW(sched_yield());
}

CASE(priorities)
{
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(setpriority(PRIO_PROCESS, 0, 5));
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(getpriority(9, 0));
    SHOW(setpriority(PRIO_PROCESS, 0x7fffffff, 1));
    SHOW(setpriority(PRIO_PROCESS, 0, 100));
    SHOW(getpriority(PRIO_PROCESS, 0));
}
