/* vfork: the child's writes are the parent's, its descriptors and directory are not. */
#include "../c/show.h"
#include <signal.h>
#include <sys/wait.h>

static volatile int global, done;
static char big[1 << 20];

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("executed %s %s\n", argv[1], argv[2]);
        return atoi(argv[2]);
    }
    char *self = "/proc/self/exe";
    int status, fd = open("/dev/null", O_RDONLY);
    volatile int local = 0;
    char *heap = calloc(1, 300000);
    char *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char here[PATH_MAX], there[PATH_MAX];
    getcwd(here, sizeof here);

    pid_t pid = vfork();
    if (!pid) {
        global = 1;
        local = 2;
        heap[200000] = 3;
        for (int i = 0; i < sizeof big; i += 1000)
            big[i] = 4;
        map[500000] = 5;
        close(fd);
        chdir("/");
        done = getpid();
        _exit(6);
    }
    SHOW(waitpid(pid, &status, 0) == pid);
    printf("%#x: %d %d %d %d %d %d\n", status, global, local, heap[200000], big[999000], big[1],
           map[500000]);
    SHOW(done == pid);
    SHOW(fcntl(fd, F_GETFD));
    getcwd(there, sizeof there);
    SHOW(strcmp(here, there));

    /* the parent goes on only after exec or exit */
    int pipes[2];
    pipe(pipes);
    pid = vfork();
    if (!pid) {
        usleep(30000);
        write(pipes[1], "c", 1);
        execl(self, "self", "after", "5", NULL);
        _exit(127);
    }
    write(pipes[1], "p", 1);
    char order[3] = "";
    read(pipes[0], order, 2);
    waitpid(pid, &status, 0); /* what was executed prints as well */
    printf("order %s\n", order);
    printf("%#x\n", status);

    /* an error reaches the parent */
    global = 0;
    pid = vfork();
    if (!pid) {
        execl("/nowhere", "nowhere", NULL);
        global = errno;
        _exit(127);
    }
    waitpid(pid, &status, 0);
    printf("%#x %s\n", status, strerrorname_np(global));

    /* memory that the child allocates exists in the parent */
    static char *volatile from_child, *volatile mapped;
    pid = vfork();
    if (!pid) {
        from_child = malloc(100000);
        strcpy(from_child + 50000, "heap of the child");
        mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        strcpy(mapped + 4096, "map of the child");
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("%s, %s\n", from_child + 50000, mapped + 4096);
    free(from_child);
    char *next = malloc(200000);
    memset(next, 1, 200000);
    free(next);

    /* killed before it does anything */
    pid = vfork();
    if (!pid)
        raise(SIGKILL);
    waitpid(pid, &status, 0);
    printf("%#x\n", status);

    /* one inside the other */
    pid = vfork();
    if (!pid) {
        pid_t inner = vfork();
        if (!inner) {
            global = 77;
            _exit(1);
        }
        waitpid(inner, (int *)&local, 0);
        _exit(2);
    }
    waitpid(pid, &status, 0);
    printf("%#x %#x %d\n", status, local, global);
    for (int i = 0; i < 50; i++) {
        pid = vfork();
        if (!pid) {
            global++;
            _exit(0);
        }
        waitpid(pid, &status, 0);
    }
    printf("%d\n", global);
    return 0;
}
