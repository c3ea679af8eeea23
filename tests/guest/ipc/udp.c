#include "net.h"
int main(void)
{
    struct sockaddr_in a, b, from;
    int u = bound(SOCK_DGRAM, &a), v = bound(SOCK_DGRAM, &b);
    char data[128] = "";
    socklen_t n = sizeof from;
    SHOW(sendto(u, "abcdef", 6, 0, (void *)&b, sizeof b));
    SHOW(recvfrom(v, data, 3, MSG_TRUNC, (void *)&from, &n));
    printf("%d %d %s\n", from.sin_port == a.sin_port, n, data);
    n = 2;
    memset(&from, 0xee, sizeof from);
    SHOW(sendto(u, "", 0, 0, (void *)&b, sizeof b));
    SHOW(recvfrom(v, data, 3, 0, (void *)&from, &n));
    printf("%d %d %x\n", from.sin_family, n, from.sin_port);
    SHOW(sendto(u, "x", 1, 0, NULL, 0));
    SHOW(send(u, "x", 1, 0));
    SHOW(sendto(u, "x", 1, 0, (void *)&b, 3));
    SHOW(sendto(u, "x", 1, 0, (void *)&b, 300));
    SHOW(sendto(u, "x", 1, 0, (void *)8, 16));
    SHOW(sendto(u, (void *)8, 1, 0, (void *)&b, sizeof b));
    SHOW(connect(u, (void *)&b, sizeof b));
    SHOW(send(u, "connected", 9, 0));
    SHOW(recv(v, data, sizeof data, 0));
    static char big[70000];
    SHOW(send(u, big, sizeof big, 0));
    struct sockaddr none = {AF_UNSPEC};
    SHOW(connect(u, &none, sizeof none));
    SHOW(send(u, "x", 1, 0));
    SHOW(recvfrom(v, data, 3, MSG_DONTWAIT, (void *)&from, &n));
    SHOW(sendto(u, "y", 1, 0, (void *)&b, sizeof b));
    SHOW(recvfrom(v, data, 3, 0, (void *)&from, (void *)4));
    SHOW(sendto(u, "z", 1, 0, (void *)&b, sizeof b));
    n = sizeof from;
    SHOW(recvfrom(v, data, 3, 0, (void *)16, &n));
}
