/* execve: what passes over, what does not, and the errors. */
#include "../c/show.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;
static char *self = "/proc/self/exe";
static void handler(int signo) { (void)signo; }

static void child(void)
{
    char name[17] = "";
    prctl(PR_GET_NAME, name);
    struct sigaction action;
    sigset_t mask, pending;
    stack_t stack;
    sigaction(SIGUSR1, NULL, &action);
    printf("handled: %d\n", action.sa_handler == SIG_DFL);
    sigaction(SIGUSR2, NULL, &action);
    printf("ignored: %d\n", action.sa_handler == SIG_IGN);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&pending);
    printf("blocked %d, pending %d\n", sigismember(&mask, SIGTERM), sigismember(&pending, SIGTERM));
    sigaltstack(NULL, &stack);
    printf("stack %d\n", stack.ss_flags == SS_DISABLE);
    printf("name %s\n", name);
    printf("fd10 %d, fd11 %d\n", fcntl(10, F_GETFD), fcntl(11, F_GETFD));
    printf("umask %o nice %d\n", umask(0), getpriority(PRIO_PROCESS, 0));
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    printf("core %ld\n", (long)limit.rlim_cur);
    char line[100] = "";
    int fd = open("/proc/self/cmdline", O_RDONLY);
    int n = read(fd, line, sizeof line - 1);
    for (int i = 0; i < n; i++)
        putchar(line[i] ? line[i] : '|');
    printf("\n");
}

static int run(char *path, char **argv, char **envp)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        execve(path, argv, envp);
        printf("%.20s: %s\n", path, strerrorname_np(errno));
        _exit(99);
    }
    waitpid(pid, &status, 0);
    return status;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "child")) {
        child();
        return 3;
    }
    if (argc > 1 || getenv("SHOW")) {
        for (int i = 1; i < argc; i++)
            printf("[%.30s]", argv[i]);
        for (int i = 0; environ[i]; i++)
            printf("{%.30s}", environ[i]);
        printf("\n");
        return argc;
    }
    char *args[] = {"me", "a", "", "b c", NULL}, *env[] = {"SHOW=1", "X=", "=", NULL}, *no[] = {NULL};
    printf("%#x\n", run(self, args, env));
    printf("%#x\n", run(self, args, no));
    printf("%#x\n", run(self, no, env) == 0x100);
    printf("%#x\n", run(self, NULL, env) == 0x100);

    dup2(open("/dev/null", O_RDONLY), 10);
    fcntl(dup2(10, 11), F_SETFD, FD_CLOEXEC);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
    sigaltstack(&stack, NULL);
    umask(027);
    nice(3);
    struct rlimit limit = {1000, 2000};
    setrlimit(RLIMIT_CORE, &limit);
    char *child[] = {"name", "child", "third", NULL};
    pid_t pid = fork();
    int status;
    if (!pid) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, NULL);
        raise(SIGTERM);
        prctl(PR_SET_NAME, "before");
        symlink(self, "link");
        readlink(self, space, sizeof space);
        symlink(space, "a-long-name-of-a-program");
        execve("a-long-name-of-a-program", child, no);
        _exit(99);
    }
    waitpid(pid, &status, 0);
    printf("%#x\n", status);

    write_file("text", "text without a line\n", 20);
    write_file("empty", "", 0);
    write_file("script", "#!/proc/self/exe  one two \necho", 31);
    write_file("script2", "#! ./script\n", 12);
    write_file("lost", "#!/nowhere/at/all\n", 18);
    write_file("loop", "#!./loop\n", 9);
    write_file("elf64", "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\1\0\0\0\0\0", 24);
    symlink("round", "round");
    mkdir("dir", 0755);
    char *plain[] = {"text", "x", NULL};
    printf("%#x\n", run("/nowhere", plain, no));
    printf("%#x\n", run("", plain, no));
    printf("%#x\n", run("text/x", plain, no));
    printf("%#x\n", run("dir", plain, no));
    printf("%#x\n", run("text", plain, no));
    chmod("text", 0755);
    chmod("empty", 0755);
    chmod("script", 0755);
    chmod("script2", 0755);
    chmod("lost", 0755);
    chmod("loop", 0755);
    chmod("elf64", 0755);
    printf("%#x\n", run("text", plain, no));
    printf("%#x\n", run("empty", plain, no));
    printf("%#x\n", run("lost", plain, no));
    printf("%#x\n", run("loop", plain, no));
    printf("%#x\n", run("round", plain, no));
    printf("%#x\n", run("elf64", plain, no));
    printf("%#x\n", run("/dev/null", plain, no));
    SHOW(execve((char *)8, plain, no));
    SHOW(execve(self, (char **)8, no));
    SHOW(execve(self, plain, (char **)8));
    char *bad[] = {"x", (char *)16, NULL};
    SHOW(execve(self, bad, no));
    char *long_ = malloc(200000);
    memset(long_, 'x', 199999);
    long_[199999] = 0;
    char *huge[] = {"x", long_, NULL};
    SHOW(execve(self, huge, no));
    long_[131000] = 0;
    printf("%#x\n", run(self, huge, no));
    char **many = calloc(3000001, sizeof *many);
    for (int i = 0; i < 3000000; i++)
        many[i] = "word";
    SHOW(execve(self, many, no));
    char name[5000];
    memset(name, 'n', 4999);
    name[4999] = 0;
    SHOW(execve(name, plain, no));
    name[300] = 0;
    SHOW(execve(name, plain, no));
    int fd = open("text", O_WRONLY);
    SHOW(execve("text", plain, no));
    close(fd);
    printf("%#x\n", run("script", plain, env));
    printf("%#x\n", run("script2", plain, env));
    return 0;
}
