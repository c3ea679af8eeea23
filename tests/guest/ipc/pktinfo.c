#include "net.h"
#include <netinet/ip.h>
int main(void)
{
    struct sockaddr_in a, b;
    int u = bound(SOCK_DGRAM, &a), v = bound(SOCK_DGRAM, &b), one = 1, ttl = 33;
    char control[256], data[8];
    connect(u, (void *)&b, sizeof b);
    SHOW(setsockopt(v, IPPROTO_IP, IP_PKTINFO, &one, 4));
    SHOW(setsockopt(v, IPPROTO_IP, IP_RECVTTL, &one, 4));
    SHOW(setsockopt(v, IPPROTO_IP, IP_RECVTOS, &one, 4));
    SHOW(setsockopt(u, IPPROTO_IP, IP_TTL, &ttl, 4));
    unsigned rooms[] = {100, 60, 40, 30, 23};
    for (unsigned i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        struct iovec w = {data, 8};
        struct msghdr m = {.msg_iov = &w, .msg_iovlen = 1, .msg_control = control};
        m.msg_controllen = rooms[i];
        send(u, "p", 1, 0);
        SHOW(recvmsg(v, &m, 0));
        show_control(&m);
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
            if (c->cmsg_type == IP_TTL)
                printf("  ttl %d\n", *(int *)CMSG_DATA(c));
            if (c->cmsg_type == IP_PKTINFO && c->cmsg_len == CMSG_LEN(12))
                printf("  to %s\n", inet_ntoa(((struct in_pktinfo *)CMSG_DATA(c))->ipi_addr));
        }
    }
    /* a port without a listener answers through the error queue */
    int w = socket(AF_INET, SOCK_DGRAM, 0);
    SHOW(setsockopt(w, IPPROTO_IP, IP_RECVERR, &one, 4));
    close(v);
    connect(w, (void *)&b, sizeof b);
    SHOW(send(w, "e", 1, 0));
    usleep(100000);
    struct sockaddr_in from;
    struct iovec e = {data, 8};
    struct msghdr m = {.msg_name = &from, .msg_namelen = 16, .msg_iov = &e, .msg_iovlen = 1};
    m.msg_control = control, m.msg_controllen = 100;
    SHOW(recvmsg(w, &m, MSG_ERRQUEUE));
    show_control(&m);
    printf("%d\n", from.sin_port == b.sin_port);
    SHOW(recvmsg(w, &m, MSG_ERRQUEUE | MSG_DONTWAIT));
}
