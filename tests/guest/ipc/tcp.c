#include "net.h"
int main(void)
{
    struct sockaddr_in a, peer;
    socklen_t n = sizeof peer;
    char b[64] = "";
    int l = bound(SOCK_STREAM, &a);
    SHOW(listen(l, 5));
    SHOW(fcntl(l, F_SETFL, O_NONBLOCK));
    SHOW(accept(l, NULL, NULL));
    int c = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(getpeername(c, (void *)&peer, &n));
    SHOW(connect(c, (void *)&a, sizeof a));
    SHOW(connect(c, (void *)&a, sizeof a));
    int s = accept4(l, (void *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    printf("%d %d %s %u\n", s >= 0, peer.sin_family, inet_ntoa(peer.sin_addr), n);
    SHOW(fcntl(s, F_GETFD));
    SHOW(fcntl(s, F_GETFL));
    SHOW(recv(s, b, sizeof b, 0));
    SHOW(send(c, "hello", 5, MSG_MORE));
    SHOW(send(c, " world", 6, 0));
    struct pollfd p = {s, POLLIN, 0};
    SHOW(poll(&p, 1, 2000));
    SHOW(recv(s, b, sizeof b, MSG_WAITALL | MSG_PEEK));
    int waiting = 0;
    SHOW(ioctl(s, FIONREAD, &waiting));
    SHOW(waiting);
    SHOW(recv(s, b, 5, 0));
    puts(b);
    n = 3;
    SHOW(getpeername(s, (void *)&peer, &n));
    SHOW(n);
    n = -1;
    SHOW(getpeername(s, (void *)&peer, &n));
    SHOW(accept4(l, NULL, NULL, 1));
    close(c);
    SHOW(poll(&p, 1, 2000));
    SHOW(recv(s, b, sizeof b, 0));
    SHOW(recv(s, b, sizeof b, 0));
    close(l);
    c = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(connect(c, (void *)&a, sizeof a));
    SHOW(listen(s, 1));
}
