#include "net.h"
static void show(int fd, int option, int length)
{
    unsigned v[6];
    memset(v, 0xa5, sizeof v);
    socklen_t n = length;
    errno = 0;
    int r = getsockopt(fd, SOL_SOCKET, option, v, &n);
    printf("%d[%d] = %d %s %u:", option, length, r, r ? strerrorname_np(errno) : "", n);
    for (int i = 0; i < 5; i++)
        printf(" %x", v[i]);
    puts("");
}
int main(void)
{
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    for (int option = 20; option < 22; option++) {
        int old[2] = {3, 500000};
        long long new[2] = {4, 250000};
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, 8));
        show(s[0], option, 8), show(s[0], option, 16), show(s[0], option, 4);
        show(s[0], option + 46, 16), show(s[0], option + 46, 8);
        SHOW(setsockopt(s[0], SOL_SOCKET, option + 46, new, 16));
        show(s[0], option, 8), show(s[0], option + 46, 16);
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, 7));
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, 16));
        SHOW(setsockopt(s[0], SOL_SOCKET, option, (void *)8, 8));
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, -1));
        SHOW(setsockopt(s[0], SOL_SOCKET, option + 46, new, 8));
        old[1] = 1000000;
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, 8));
        old[0] = -1, old[1] = 0;
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, 8));
        show(s[0], option, 8);
        old[0] = 0x7fffffff;
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, 8));
        show(s[0], option, 8);
        old[0] = 0;
        SHOW(setsockopt(s[0], SOL_SOCKET, option, old, 8));
        show(s[0], option, 8), show(s[0], option, 0), show(s[0], option, -1);
    }
    struct timeval t = {0, 50000};
    char b[4];
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    SHOW(recv(s[0], b, 4, 0));
    struct iovec v = {b, 4};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = b, .msg_controllen = 0};
    SHOW(recvmsg(s[0], &m, 0));
}
