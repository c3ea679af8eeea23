/* execve: its errors in their order, scripts, what stays and what goes. */
#include "case.h"
#include <spawn.h>

static void write_file(const char *name, const char *data, int mode)
{
    unlink(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    write(fd, data, strlen(data));
    fchmod(fd, mode);
    close(fd);
}

#define TRY(path, ...) SHOW(execve(path, (char *[]){__VA_ARGS__, NULL}, (char *[]){NULL}))

/* This program again, for one of the cases below that only say how they were started. */
static void again(const char *name, ...)
{
    char *argv[] = {"self", (char *)name, NULL};
    execve("/proc/self/exe", argv, environ);
    SAY("%s", strerrorname_np(errno));
}

CASE(no_such_file)
{
    TRY("missing", "x");
    TRY("missing/below", "x");
    TRY("", "x");
    write_file("plain", "x", 0644);
    TRY("plain/below", "x");
    TRY("./plain", "x");
    TRY(".", "x");
    TRY("/dev/null", "x");
    SHOW(unlink("plain"));
}

CASE(bad_pointers)
{
    SHOW(syscall(SYS_execve, 4, NULL, NULL));
    SHOW(syscall(SYS_execve, "/proc/self/exe", 4, NULL));
    SHOW(syscall(SYS_execve, "/proc/self/exe", (char *[]){(char *)4, NULL}, NULL));
    SHOW(syscall(SYS_execve, "missing", 4, 4));
    SHOW(syscall(SYS_execve, "/proc/self/exe", (char *[]){"x", NULL}, 4));
}

CASE(name_too_long)
{
    char *path = malloc(5000);
    memset(path, 'a', 4999);
    path[4999] = 0;
    TRY(path, "x");
    path[300] = 0;
    TRY(path, "x");
}

CASE(loops)
{
    symlink("loop", "loop");
    TRY("loop", "x");
    unlink("loop");
    symlink("missing", "loop");
    TRY("loop", "x");
    SHOW(unlink("loop"));
}

CASE(not_a_program)
{
    static const char *const texts[] = {
        "hello\n",
        "",
        "\177ELF",
        "\177ELF\1\1\1garbage",
        "#!",
        "#!\n",
        "#!   \n",
        "#!/missing/interpreter\n",
        "#!./text\n",
    };
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file("text", texts[i], 0755);
        TRY("./text", "x");
    }
    SHOW(unlink("text"));
}

CASE(text_busy)
{
    int fd = open("busy", O_WRONLY | O_CREAT, 0755);
    TRY("./busy", "x");
    close(fd);
    TRY("./busy", "x");
    SHOW(unlink("busy"));
}

CASE(arguments_too_long)
{
    char *big = malloc(200000);
    memset(big, 'a', 199999);
    big[199999] = 0;
    TRY("/proc/self/exe", "x", big);
    SHOW(execve("/proc/self/exe", (char *[]){"x", NULL}, (char *[]){big, NULL}));
    big[130000] = 0;
    char **many = calloc(101, sizeof *many);
    for (int i = 0; i < 100; i++)
        many[i] = big;
    SHOW(execve("/proc/self/exe", many, (char *[]){NULL}));
}

CASE(execveat_errors)
{
    char *argv[] = {"x", NULL};
    SHOW(syscall(SYS_execveat, -1, "missing", argv, NULL, 0));
    SHOW(syscall(SYS_execveat, 99, "missing", argv, NULL, 0));
    SHOW(syscall(SYS_execveat, 0, "missing", argv, NULL, 0));
    SHOW(syscall(SYS_execveat, AT_FDCWD, "missing", argv, NULL, 0));
    SHOW(syscall(SYS_execveat, AT_FDCWD, "missing", argv, NULL, 1));
    SHOW(syscall(SYS_execveat, AT_FDCWD, "", argv, NULL, 0));
    SHOW(syscall(SYS_execveat, AT_FDCWD, "", argv, NULL, AT_EMPTY_PATH));
    symlink("/proc/self/exe", "link");
    SHOW(syscall(SYS_execveat, AT_FDCWD, "link", argv, NULL, AT_SYMLINK_NOFOLLOW));
    SHOW(unlink("link"));
}

CASE(shown_by_self)
{
    if (getenv("SECOND")) {
        sigset_t set;
        struct sigaction action;
        sigprocmask(SIG_BLOCK, NULL, &set);
        SAY("blocked %d %d", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
        sigpending(&set);
        SAY("pending %d", sigismember(&set, SIGUSR1));
        sigaction(SIGUSR2, NULL, &action);
        SAY("ignored %d", action.sa_handler == SIG_IGN);
        sigaction(SIGHUP, NULL, &action);
        SAY("default %d", action.sa_handler == SIG_DFL);
        SHOW(fcntl(50, F_GETFD));
        SHOW(fcntl(51, F_GETFD));
        SHOW(alarm(0) > 0);
        stack_t stack;
        sigaltstack(NULL, &stack);
        SAY("stack %d", stack.ss_flags);
        exit(0);
    }
    /* the case runs in a child of main's: it keeps what main gives it */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGHUP, (void (*)(int))ended);
    dup2(1, 50);
    fcntl(50, F_SETFD, FD_CLOEXEC);
    dup2(1, 51);
    static char memory[16384];
    sigaltstack(&(stack_t){.ss_sp = memory, .ss_size = sizeof memory}, NULL);
    setenv("SECOND", "1", 1);
    again("shown_by_self");
}

CASE(arguments_arrive)
{
    if (getenv("SECOND")) {
        char line[256] = "";
        int fd = open("/proc/self/cmdline", O_RDONLY);
        int count = read(fd, line, sizeof line);
        for (int i = 0; i < count - 1; i++)
            line[i] = line[i] ? line[i] : '|';
        SAY("%s", line);
        fd = open("/proc/self/environ", O_RDONLY);
        count = read(fd, line, sizeof line - 1);
        line[count > 0 ? count : 0] = 0;
        SAY("%s", line);
        exit(0);
    }
    execve("/proc/self/exe", (char *[]){"first", "arguments_arrive", "", "x y", NULL},
           (char *[]){"SECOND=2", NULL});
}

CASE(link_to_self)
{
    if (getenv("SECOND")) {
        SAY("arrived");
        exit(0);
    }
    symlink("/proc/self/exe", "link");
    execve("link", (char *[]){"first", "link_to_self", NULL}, (char *[]){"SECOND=2", NULL});
    SAY("%s", strerrorname_np(errno));
}

CASE(from_a_thread)
{
    if (getenv("SECOND")) {
        SHOW(getpid() == syscall(SYS_gettid));
        SHOW(getppid() == atoi(getenv("SECOND")));
        exit(0);
    }
    char pid[20];
    sprintf(pid, "%d", getpid());
    setenv("SECOND", pid, 1);
    pthread_t thread;
    pthread_create(&thread, NULL, (void *(*)(void *))again, "from_a_thread");
    pause();
}

CASE(failed_exec_keeps_handlers)
{
    signal(SIGUSR1, (void (*)(int))ended);
    TRY("missing", "x");
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    SHOW(action.sa_handler == (void (*)(int))ended);
}

CASE(vfork_exec_error)
{
    volatile int error = 0;
    pid_t pid = vfork();
    if (!pid) {
        execve("missing", (char *[]){"x", NULL}, NULL);
        error = errno;
        _exit(127);
    }
    SAY("%s %s", strerrorname_np(error), reap(pid));
}

CASE(spawn_error)
{
    pid_t pid;
    SAY("%s", strerrorname_np(posix_spawn(&pid, "missing", NULL, NULL, (char *[]){"x", NULL}, NULL)));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, 99, 5);
    SAY("%s", strerrorname_np(posix_spawn(&pid, "/proc/self/exe", &actions, NULL,
                                          (char *[]){"x", NULL}, NULL)));
    SHOW(wait(NULL));
}

CASE(script_with_argument)
{
    if (getenv("SECOND")) {
        exit(0);
    }
    FILE *file = fopen("script", "w");
    char self[PATH_MAX] = "";
    readlink("/proc/self/exe", self, sizeof self - 1);
    fprintf(file, "#!%.200s script_arguments\n", self);
    fclose(file);
    chmod("script", 0755);
    pid_t pid = fork();
    if (!pid) {
        execl("./script", "zero", "one", NULL);
        SAY("%s", strerrorname_np(errno));
        _exit(1);
    }
    SAY("%s", reap(pid));
    SHOW(unlink("script"));
}

CASE(script_arguments)
{
    char line[1024] = "", *start = line;
    int count = read(open("/proc/self/cmdline", O_RDONLY), line, sizeof line);
    int skip = 0;
    for (int i = 0; i < count; i++)
        if (!line[i] && skip++ == 0)
            start = line + i + 1;
    for (char *at = start; at < line + count - 1; at++)
        *at = *at ? *at : '|';
    SAY("%s", start);
}
