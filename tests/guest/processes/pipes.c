/* A chain of processes, a crowd of them, and buffered output in both. */
#include "../c/show.h"
#include <sys/wait.h>

int main(void)
{
    int first[2], in, out[2];
    pipe(first);
    in = first[0];
    for (int i = 0; i < 20; i++) {
        pipe(out);
        if (!fork()) {
            close(first[1]);
            close(out[0]);
            long value;
            while (read(in, &value, sizeof value) == sizeof value) {
                value += i;
                write(out[1], &value, sizeof value);
            }
            _exit(0);
        }
        close(in);
        close(out[1]);
        in = out[0];
    }
    long value, sum = 0;
    for (value = 0; value < 500; value++)
        write(first[1], &value, sizeof value);
    close(first[1]);
    int count = 0;
    while (read(in, &value, sizeof value) == sizeof value) {
        sum += value;
        count++;
    }
    printf("%d %ld\n", count, sum);
    int ended = 0, status;
    while (wait(&status) > 0)
        ended += status == 0;
    printf("%d\n", ended);

    int crowd[60];
    for (int i = 0; i < 60; i++) {
        crowd[i] = fork();
        if (!crowd[i])
            _exit(i);
    }
    int right = 0;
    for (int i = 59; i >= 0; i--)
        right += waitpid(crowd[i], &status, 0) == crowd[i] && WEXITSTATUS(status) == i;
    printf("%d\n", right);

    fflush(stdout);
    setvbuf(stdout, NULL, _IOFBF, 4096);
    printf("buffered ");
    pid_t pid = fork();
    if (!pid) {
        printf("in the child\n");
        exit(0);
    }
    waitpid(pid, &status, 0);
    printf("in the parent\n");
    return 0;
}
