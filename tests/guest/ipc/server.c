#include "net.h"
/* A forking echo server, an epoll one, and clients. */
int main(void)
{
    struct sockaddr_in a;
    int l = bound(SOCK_STREAM, &a);
    listen(l, 16);
    if (fork() == 0) {
        for (int i = 0; i < 4; i++) {
            int c = accept(l, NULL, NULL);
            if (fork() == 0) {
                char b[100];
                ssize_t n;
                while ((n = read(c, b, sizeof b)) > 0)
                    for (ssize_t k = 0; k < n; k += write(c, b + k, n - k))
                        ;
                _exit(0);
            }
            close(c);
        }
        while (wait(NULL) > 0)
            ;
        _exit(7);
    }
    for (int i = 0; i < 4; i++) {
        int c = socket(AF_INET, SOCK_STREAM, 0);
        char b[20], out[20];
        connect(c, (void *)&a, sizeof a);
        int n = snprintf(out, sizeof out, "message %d", i);
        write(c, out, n);
        shutdown(c, SHUT_WR);
        int got = 0, r;
        while ((r = read(c, b + got, sizeof b - got)) > 0)
            got += r;
        printf("%d %.*s\n", got, got, b);
        close(c);
    }
    int status;
    wait(&status);
    printf("%d\n", WEXITSTATUS(status));
    pid_t child = fork();
    if (child == 0) {
        int e = epoll_create1(0), left = 10;
        struct epoll_event v = {EPOLLIN, {.fd = l}}, r[4];
        fcntl(l, F_SETFL, O_NONBLOCK);
        epoll_ctl(e, EPOLL_CTL_ADD, l, &v);
        while (left) {
            int n = epoll_wait(e, r, 4, -1);
            for (int i = 0; i < n; i++) {
                char b[64];
                if (r[i].data.fd == l) {
                    v.data.fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
                    epoll_ctl(e, EPOLL_CTL_ADD, v.data.fd, &v);
                    continue;
                }
                ssize_t got = read(r[i].data.fd, b, sizeof b);
                if (got > 0)
                    write(r[i].data.fd, b, got);
                else
                    close(r[i].data.fd), left--;
            }
        }
        _exit(0);
    }
    int c[10], sum = 0;
    for (int i = 0; i < 10; i++) {
        c[i] = socket(AF_INET, SOCK_STREAM, 0);
        connect(c[i], (void *)&a, sizeof a);
    }
    for (int round = 0; round < 20; round++)
        for (int i = 0; i < 10; i++)
            write(c[i], "0123456789", 10);
    for (int i = 0; i < 10; i++) {
        char b[300];
        int got = 0;
        while (got < 200)
            got += read(c[i], b + got, 200 - got);
        sum += got;
        close(c[i]);
    }
    waitpid(child, &status, 0);
    printf("%d %d\n", sum, status);
}
