#include "net.h"
int main(void)
{
    struct sockaddr_in a = loopback(0);
    socklen_t n = sizeof a;
    int file = open("file", O_RDWR | O_CREAT, 0600);
    char b[8];
    SHOW(socket(12345, SOCK_STREAM, 0));
    SHOW(socket(AF_INET, 12, 0));
    SHOW(socket(AF_INET, SOCK_STREAM, 17));
    SHOW(socket(AF_INET, SOCK_STREAM | 0x100, 0));
    for (int i = 0; i < 2; i++) {
        int fd = i ? file : 77;
        SHOW(bind(fd, (void *)&a, n));
        SHOW(bind(fd, (void *)8, n));
        SHOW(connect(fd, (void *)&a, n));
        SHOW(listen(fd, 1));
        SHOW(accept(fd, NULL, NULL));
        SHOW(getsockname(fd, (void *)&a, &n));
        SHOW(getpeername(fd, (void *)8, (void *)8));
        SHOW(send(fd, "", 0, 0));
        SHOW(recv(fd, b, 1, 0));
        SHOW(shutdown(fd, 0));
        SHOW(sendmsg(fd, &(struct msghdr){0}, 0));
        SHOW(recvmsg(fd, &(struct msghdr){0}, 0));
        SHOW(setsockopt(fd, 1, 2, (void *)8, 4));
        SHOW(getsockopt(fd, 1, 20, (void *)8, (void *)8));
        SHOW(setsockopt(fd, 9999, 9999, b, 4));
        SHOW(sendmsg(fd, (void *)8, 0));
        SHOW(recvmsg(fd, (void *)8, 0));
        SHOW(sendmsg(fd, &(struct msghdr){.msg_iov = (void *)8, .msg_iovlen = 1}, 0));
        SHOW(sendto(fd, "", 1, 0, (void *)8, n));
        SHOW(recvfrom(fd, b, 1, 0, (void *)8, (void *)8));
        SHOW(sendmmsg(fd, (void *)8, 1, 0));
        SHOW(recvmmsg(fd, (void *)8, 1, 0, NULL));
    }
    int s = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(bind(s, (void *)8, n));
    SHOW(bind(s, (void *)&a, 3));
    SHOW(bind(s, (void *)&a, -1));
    SHOW(bind(s, (void *)&a, 200));
    SHOW(connect(s, (void *)&a, 1));
    SHOW(getsockname(s, (void *)8, &n));
    SHOW(getsockname(s, (void *)&a, (void *)8));
    SHOW(sendmsg(s, (void *)8, 0));
    SHOW(recvmsg(s, (void *)8, 0));
    a.sin_family = AF_UNIX;
    SHOW(bind(s, (void *)&a, sizeof a));
    SHOW(connect(s, (void *)&a, sizeof a));
}
