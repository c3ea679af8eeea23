#include "net.h"
#include <sys/select.h>
int main(void)
{
    int p[2], s[2];
    char b[4];
    pipe(p), socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    struct pollfd f[4] = {{p[0], POLLIN}, {p[1], POLLOUT}, {-1, POLLIN}, {99, POLLIN}};
    SHOW(poll(f, 4, 0));
    printf("%#x %#x %#x %#x\n", f[0].revents, f[1].revents, f[2].revents, f[3].revents);
    close(p[1]);
    SHOW(poll(f, 1, -1));
    printf("%#x\n", f[0].revents);
    SHOW(poll(NULL, 0, 10));
    SHOW(poll((void *)8, 1, 0));
    struct timespec t = {0, 10000000};
    SHOW(ppoll(NULL, 0, &t, NULL));
    int old[2] = {0, 10000000};
    SHOW(syscall(336, NULL, 0, old, NULL, 0));
    old[1] = 1000000000;
    SHOW(syscall(336, NULL, 0, old, NULL, 0));
    SHOW(syscall(336, NULL, 0, NULL, b, 3));
    fd_set r, w;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(s[0], &r), FD_SET(s[1], &w);
    struct timeval tv = {0, 10000};
    SHOW(select(s[1] + 1, &r, &w, NULL, &tv));
    printf("%d %d %ld\n", !!FD_ISSET(s[0], &r), !!FD_ISSET(s[1], &w), (long)tv.tv_sec);
    write(s[1], "x", 1);
    FD_SET(s[0], &r);
    SHOW(pselect(s[1] + 1, &r, NULL, NULL, &t, NULL));
    SHOW(select(-1, NULL, NULL, NULL, &tv));
    FD_ZERO(&r);
    FD_SET(60, &r);
    SHOW(select(61, &r, NULL, NULL, &tv));
    SHOW(select(5, (void *)8, NULL, NULL, &tv));
    tv.tv_usec = -1;
    SHOW(select(0, NULL, NULL, NULL, &tv));
    shutdown(s[0], SHUT_WR);
    struct pollfd h = {s[1], POLLIN | POLLRDHUP | POLLPRI, 0};
    SHOW(poll(&h, 1, 100));
    printf("%#x\n", h.revents);
}
