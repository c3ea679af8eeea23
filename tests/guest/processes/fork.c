/* fork: what is copied, what is shared, how ends are told. */
#include "../c/show.h"
#include <sys/wait.h>

static int global = 1;

static int status_of(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

int main(void)
{
    int status;
    SHOW(waitpid(-1, &status, 0));
    SHOW(waitpid(-1, NULL, WNOHANG));
    SHOW(waitpid(-1, NULL, 0x4000));
    for (int code = 0; code < 400; code += 85) {
        pid_t pid = fork();
        if (!pid)
            _exit(code);
        printf("exit %d: %#x\n", code, status_of(pid));
    }
    int local = 1;
    char *heap = malloc(10);
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    strcpy(heap, "before");
    pid_t parent = getpid(), pid = fork();
    if (!pid) {
        global = local = 2;
        strcpy(heap, "child");
        *shared = getppid() == parent && getpid() != parent && gettid() == getpid();
        _exit(global + local);
    }
    printf("status %#x\n", status_of(pid));
    printf("%d %d %s %d\n", global, local, heap, *shared);

    /* one open file, two processes: the offset is shared */
    write_file("data", "0123456789", 10);
    int fd = open("data", O_RDONLY);
    pid = fork();
    char byte = 0;
    if (!pid) {
        lseek(fd, 5, SEEK_SET);
        close(fd);
        _exit(0);
    }
    status_of(pid);
    SHOW(read(fd, &byte, 1));
    printf("read %c\n", byte);

    /* children end in an order of their own; each is found by its id */
    pid_t ids[8];
    for (int i = 0; i < 8; i++) {
        ids[i] = fork();
        if (!ids[i]) {
            usleep(1000 * (8 - i));
            _exit(i);
        }
    }
    for (int i = 0; i < 8; i++)
        printf("%d: %#x\n", i, status_of(ids[i]));
    SHOW(wait(&status));

    /* a child that lives is not reported; WNOHANG says 0 */
    int go[2];
    pipe(go);
    pid = fork();
    if (!pid) {
        close(go[1]);
        read(go[0], &byte, 1);
        _exit(3);
    }
    SHOW(waitpid(pid, &status, WNOHANG));
    SHOW(waitpid(pid + 100000, &status, WNOHANG));
    close(go[1]);
    printf("status %#x\n", status_of(pid));

    /* five generations */
    int depth = 0;
    while (depth < 5 && !(pid = fork()))
        depth++;
    if (pid) {
        status = status_of(pid);
        if (depth)
            _exit(depth * 10 + WEXITSTATUS(status) % 10);
        printf("generations %#x\n", status);
    } else {
        _exit(7);
    }
    return 0;
}
