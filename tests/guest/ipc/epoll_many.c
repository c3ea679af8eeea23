#include "net.h"
#include <sys/eventfd.h>
int main(void)
{
    int e = epoll_create1(0), fds[200];
    struct epoll_event r[300];
    unsigned long long sum = 0;
    for (int i = 0; i < 200; i++) {
        fds[i] = eventfd(1, EFD_NONBLOCK);
        struct epoll_event v = {EPOLLIN | EPOLLET, {.u64 = 1ull << 40 | i}};
        if (epoll_ctl(e, EPOLL_CTL_ADD, fds[i], &v))
            return 1;
    }
    int total = 0, n;
    while ((n = epoll_wait(e, r, 300, 0)) > 0) {
        total += n;
        for (int i = 0; i < n; i++)
            sum += r[i].data.u64 & 0xffffffff;
    }
    printf("%d %llu\n", total, sum);
    for (int i = 0; i < 200; i += 2)
        eventfd_write(fds[i], 1);
    total = 0;
    while ((n = epoll_wait(e, r, 7, 0)) > 0)
        total += n;
    printf("%d\n", total);
}
