#include "net.h"
static void show(int fd, int level, int option, int length)
{
    unsigned char v[64];
    memset(v, 0xa5, sizeof v);
    socklen_t n = length;
    errno = 0;
    int r = getsockopt(fd, level, option, v, &n);
    printf("%d/%d[%d] = %d %s %u:", level, option, length, r, r ? strerrorname_np(errno) : "", n);
    for (int i = 0; i < 9; i++)
        printf(" %02x", v[i]);
    puts("");
}
int main(void)
{
    int t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_UNIX, SOCK_DGRAM, 0), one = 1;
    int plain[] = {SO_TYPE, SO_ERROR, SO_KEEPALIVE, SO_REUSEADDR, SO_BROADCAST, SO_DOMAIN,
                   SO_PROTOCOL, SO_ACCEPTCONN, SO_OOBINLINE, SO_PRIORITY, SO_MARK, 999, -1};
    for (unsigned i = 0; i < sizeof plain / sizeof *plain; i++) {
        show(t, SOL_SOCKET, plain[i], 4);
        show(u, SOL_SOCKET, plain[i], 2);
    }
    SHOW(setsockopt(t, SOL_SOCKET, SO_KEEPALIVE, &one, 4));
    show(t, SOL_SOCKET, SO_KEEPALIVE, 8);
    SHOW(setsockopt(t, SOL_SOCKET, SO_KEEPALIVE, &one, 3));
    SHOW(setsockopt(t, SOL_SOCKET, SO_KEEPALIVE, NULL, 4));
    SHOW(setsockopt(t, SOL_SOCKET, SO_KEEPALIVE, &one, -1));
    SHOW(setsockopt(t, SOL_SOCKET, SO_TYPE, &one, 4));
    struct linger l = {1, 7};
    SHOW(setsockopt(t, SOL_SOCKET, SO_LINGER, &l, sizeof l));
    show(t, SOL_SOCKET, SO_LINGER, 8);
    show(t, SOL_SOCKET, SO_LINGER, 5);
    SHOW(setsockopt(t, IPPROTO_TCP, TCP_NODELAY, &one, 4));
    show(t, IPPROTO_TCP, TCP_NODELAY, 4);
    show(t, IPPROTO_TCP, 9999, 4);
    show(u, IPPROTO_TCP, TCP_NODELAY, 4);
    show(u, 1234, 1, 4);
    show(t, 1234, 1, 4);
    SHOW(setsockopt(u, 1234, 1, &one, 4));
    SHOW(setsockopt(t, IPPROTO_IP, 9999, &one, 4));
    char info[300];
    socklen_t n = sizeof info;
    SHOW(getsockopt(t, IPPROTO_TCP, TCP_INFO, info, &n));
    SHOW(n > 100);
    n = sizeof info;
    SHOW(getsockopt(t, IPPROTO_TCP, TCP_CONGESTION, info, &n));
    n = -5;
    SHOW(getsockopt(t, SOL_SOCKET, SO_TYPE, info, &n));
    SHOW(getsockopt(t, SOL_SOCKET, SO_TYPE, info, NULL));
    n = 4;
    SHOW(getsockopt(t, SOL_SOCKET, SO_TYPE, NULL, &n));
    SHOW(setsockopt(t, SOL_SOCKET, SO_BINDTODEVICE, "nosuchdev", 10));
    int size = 9000;
    SHOW(setsockopt(t, SOL_SOCKET, SO_SNDBUF, &size, 4));
    show(t, SOL_SOCKET, SO_SNDBUF, 4);
    show(t, IPPROTO_IP, IP_TTL, 4);
    show(t, IPPROTO_IP, IP_TTL, 1);
    show(t, IPPROTO_IP, IP_MULTICAST_TTL, 4);
    unsigned long long pace = 5000000000ull;
    SHOW(setsockopt(t, SOL_SOCKET, 47, &pace, 8));
    show(t, SOL_SOCKET, 47, 8);
    show(t, SOL_SOCKET, 47, 4);
}
