#include "net.h"
static void both(int type)
{
    int s[2];
    char b[32] = "";
    SHOW(socketpair(AF_UNIX, type, 0, s));
    SHOW(send(s[0], "one", 3, 0));
    SHOW(write(s[0], "three", 5));
    SHOW(recv(s[1], b, sizeof b, MSG_PEEK));
    SHOW(recv(s[1], b, 2, MSG_TRUNC));
    SHOW(recv(s[1], b, sizeof b, 0));
    printf("%.8s\n", b);
    SHOW(recv(s[1], b, sizeof b, MSG_DONTWAIT));
    SHOW(shutdown(s[0], SHUT_WR));
    SHOW(send(s[0], "x", 1, MSG_NOSIGNAL));
    SHOW(shutdown(s[0], 7));
    close(s[1]);
    SHOW(recv(s[0], b, sizeof b, MSG_DONTWAIT));
    close(s[0]);
}
int main(void)
{
    both(SOCK_STREAM);
    both(SOCK_DGRAM);
    both(SOCK_SEQPACKET);
    int s[2];
    SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s));
    SHOW(fcntl(s[0], F_GETFD));
    SHOW(fcntl(s[1], F_GETFL));
    SHOW(socketpair(AF_INET, SOCK_STREAM, 0, s));
    SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)4));
    SHOW(socketpair(AF_UNIX, 77, 0, s));
    SHOW(socketpair(AF_UNIX, SOCK_STREAM, 9, s));
}
