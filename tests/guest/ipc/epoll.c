#include "net.h"
static void show(const char *what, struct epoll_event *e, int n)
{
    printf("%s: %d", what, n);
    for (int i = 0; i < n; i++)
        printf(" %#x:%llx", e[i].events, (unsigned long long)e[i].data.u64);
    puts("");
}
int main(void)
{
    int e = epoll_create1(EPOLL_CLOEXEC), s[2];
    char b[8];
    struct epoll_event v = {EPOLLIN, {.u64 = 0x1122334455667788}}, r[4];
    printf("%zu %zu\n", sizeof v, offsetof(struct epoll_event, data));
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    SHOW(epoll_ctl(e, EPOLL_CTL_MOD, s[0], &v));
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, s[0], &v));
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, s[0], &v));
    show("nothing", r, epoll_wait(e, r, 4, 0));
    write(s[1], "x", 1);
    show("level", r, epoll_wait(e, r, 4, -1));
    show("level", r, epoll_wait(e, r, 4, 10));
    v.events = EPOLLIN | EPOLLOUT | EPOLLET, v.data.u64 = 0xfedcba9876543210;
    SHOW(epoll_ctl(e, EPOLL_CTL_MOD, s[0], &v));
    show("edge", r, epoll_wait(e, r, 4, 10));
    show("edge", r, epoll_wait(e, r, 4, 10));
    v.events = EPOLLIN | EPOLLONESHOT;
    SHOW(epoll_ctl(e, EPOLL_CTL_MOD, s[0], &v));
    show("once", r, epoll_pwait(e, r, 4, 10, NULL));
    show("once", r, epoll_pwait(e, r, 4, 10, NULL));
    v.events = EPOLLRDHUP | EPOLLIN, v.data.ptr = &v;
    SHOW(epoll_ctl(e, EPOLL_CTL_MOD, s[0], &v));
    read(s[0], b, 8);
    close(s[1]);
    int n = epoll_wait(e, r, 4, 10);
    printf("%d %#x %d\n", n, r[0].events, r[0].data.ptr == &v);
    SHOW(epoll_ctl(e, EPOLL_CTL_DEL, s[0], NULL));
    SHOW(epoll_ctl(e, EPOLL_CTL_DEL, s[0], NULL));
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, e, &v));
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, 99, &v));
    SHOW(epoll_ctl(99, EPOLL_CTL_ADD, s[0], &v));
    SHOW(epoll_ctl(e, 7, s[0], &v));
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, s[0], (void *)8));
    SHOW(epoll_ctl(s[0], EPOLL_CTL_ADD, e, &v));
    int file = open("file", O_CREAT | O_RDWR, 0600);
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, file, &v));
    SHOW(epoll_wait(e, r, 0, 0));
    SHOW(epoll_wait(e, r, -1, 0));
    SHOW(epoll_wait(99, r, 1, 0));
    SHOW(epoll_wait(s[0], r, 1, 0));
    SHOW(epoll_create1(1));
    SHOW(epoll_create(0));
    SHOW_ERROR(epoll_create(1));
    long long t[2] = {0, 20000000}, bad[2] = {0, 1000000000};
    SHOW(syscall(441, e, r, 4, t, NULL, 0));
    SHOW(syscall(441, e, r, 4, bad, NULL, 0));
    SHOW(syscall(441, e, r, 4, 8, NULL, 0));
    int e2 = epoll_create1(0), ev = s[0];
    SHOW(epoll_ctl(e2, EPOLL_CTL_ADD, e, &v));
    SHOW(epoll_ctl(e, EPOLL_CTL_ADD, e2, &v));
    (void)ev;
}
