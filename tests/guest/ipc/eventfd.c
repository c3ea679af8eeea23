#include "net.h"
#include <sys/eventfd.h>
int main(void)
{
    int e = eventfd(5, EFD_NONBLOCK | EFD_CLOEXEC);
    uint64_t v = 7;
    SHOW(write(e, &v, 8));
    SHOW(read(e, &v, 8));
    printf("%llu\n", (unsigned long long)v);
    SHOW(read(e, &v, 8));
    SHOW(read(e, &v, 7));
    v = -1;
    SHOW(write(e, &v, 8));
    v = -2;
    SHOW(write(e, &v, 8));
    v = 1;
    SHOW(write(e, &v, 8));
    SHOW(write(e, &v, 4));
    struct pollfd p = {e, POLLIN | POLLOUT, 0};
    SHOW(poll(&p, 1, 0));
    printf("%#x\n", p.revents);
    int s = eventfd(2, EFD_SEMAPHORE);
    SHOW(read(s, &v, 8));
    printf("%llu\n", (unsigned long long)v);
    SHOW(fcntl(e, F_GETFD));
    SHOW(eventfd(0, 0x100));
    SHOW_ERROR(syscall(351, 3));
}
