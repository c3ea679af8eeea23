/* What a child starts with. */
#include "../c/show.h"
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>

static void handler(int signo) { (void)signo; }

int main(void)
{
    umask(031);
    chdir("/tmp");
    nice(2);
    alarm(1000);
    signal(SIGUSR1, handler);
    prctl(PR_SET_NAME, "parent-name");
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    struct rlimit limit = {100, 200}, stack = {4 << 20, 8 << 20};
    setrlimit(RLIMIT_NOFILE, &limit);
    setrlimit(RLIMIT_STACK, &stack);
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    static char space[65536];
    stack_t alt = {.ss_sp = space, .ss_size = sizeof space}, now;
    sigaltstack(&alt, NULL);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char *brk = sbrk(0);
    pid_t pid = fork();
    if (!pid) {
        char cwd[PATH_MAX], name[17] = "";
        int signo = -1;
        printf("umask %o, %s, nice %d, alarm %u\n", umask(0), getcwd(cwd, sizeof cwd),
               getpriority(PRIO_PROCESS, 0), alarm(0));
        printf("handler %d\n", signal(SIGUSR1, SIG_DFL) == handler);
        prctl(PR_GET_NAME, name);
        prctl(PR_GET_PDEATHSIG, &signo);
        printf("%s %d\n", name, signo);
        getrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_STACK, &stack);
        printf("%ld %ld\n", (long)limit.rlim_cur, (long)stack.rlim_cur);
        sigprocmask(SIG_BLOCK, NULL, &set);
        sigpending(&pending);
        printf("blocked %d pending %d\n", sigismember(&set, SIGTERM), sigismember(&pending, SIGTERM));
        sigaltstack(NULL, &now);
        printf("altstack %d\n", now.ss_sp == space);
        printf("fd flags %d, brk %d\n", fcntl(fd, F_GETFD), sbrk(0) == brk);
        struct tms tms;
        times(&tms);
        printf("children's time %ld\n", (long)tms.tms_cutime);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    printf("%#x, alarm %d\n", status, alarm(0) > 900);
    return 0;
}
