#include "net.h"
static void one(int u, int v, const char *name, int option, int value, unsigned room)
{
    char control[256], b[8];
    struct iovec w = {b, 8};
    struct msghdr m = {.msg_iov = &w, .msg_iovlen = 1, .msg_control = control};
    m.msg_controllen = room;
    errno = 0;
    printf("%s %d", name, setsockopt(v, SOL_SOCKET, option, &value, sizeof value));
    send(u, "t", 1, 0);
    printf(" %zd ", recvmsg(v, &m, 0));
    show_control(&m);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_len >= CMSG_LEN(8)) {
        int seconds;
        memcpy(&seconds, CMSG_DATA(c), 4);
        printf("  %d\n", abs(seconds - (int)time(NULL)) < 3);
    }
    value = 0;
    setsockopt(v, SOL_SOCKET, option, &value, sizeof value);
}
int main(void)
{
    struct sockaddr_in a, b;
    int u = bound(SOCK_DGRAM, &a), v = bound(SOCK_DGRAM, &b);
    connect(u, (void *)&b, sizeof b);
    one(u, v, "SO_TIMESTAMP_OLD", 29, 1, 100);
    one(u, v, "SO_TIMESTAMPNS_OLD", 35, 1, 100);
    one(u, v, "SO_TIMESTAMP_NEW", 63, 1, 100);
    one(u, v, "SO_TIMESTAMPNS_NEW", 64, 1, 100);
    one(u, v, "SO_TIMESTAMP_OLD", 29, 1, 20);
    one(u, v, "SO_TIMESTAMP_OLD", 29, 1, 19);
    one(u, v, "SO_TIMESTAMP_OLD", 29, 1, 12);
    one(u, v, "SO_TIMESTAMP_NEW", 63, 1, 20);
    one(u, v, "SO_TIMESTAMPING_OLD", 37, 0x18, 100);
    one(u, v, "SO_TIMESTAMPING_NEW", 65, 0x18, 100);
    one(u, v, "SO_TIMESTAMPING_OLD", 37, 0x18, 30);
    struct timeval t;
    SHOW(setsockopt(v, SOL_SOCKET, 29, &(int){1}, 4));
    send(u, "x", 1, 0);
    recv(v, &t, 1, 0);
    SHOW(setsockopt(v, SOL_SOCKET, 29, &(int){0}, 4));
    int raw[4] = {7, 7, 7, 7};
    SHOW(ioctl(v, 0x8906, raw));
    printf("%d %d\n", abs(raw[0] - (int)time(NULL)) < 3, raw[2]);
    SHOW(ioctl(v, 0x8907, raw));
    printf("%d %d\n", abs(raw[0] - (int)time(NULL)) < 3, raw[2]);
    SHOW(ioctl(v, 0x8906, 8));
}
