#include "net.h"
int main(void)
{
    int s = socket(AF_INET6, SOCK_DGRAM, 0), u = socket(AF_INET6, SOCK_DGRAM, 0), one = 1;
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t n = sizeof a;
    SHOW(bind(s, (void *)&a, sizeof a));
    SHOW(getsockname(s, (void *)&a, &n));
    SHOW(n);
    SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, 4));
    SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, 4));
    SHOW(sendto(u, "six", 3, 0, (void *)&a, sizeof a));
    char control[200], b[8];
    struct iovec v = {b, 8};
    struct sockaddr_in6 from;
    struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1};
    m.msg_control = control, m.msg_controllen = sizeof control;
    SHOW(recvmsg(s, &m, 0));
    show_control(&m);
    printf("%u %d\n", m.msg_namelen, IN6_IS_ADDR_LOOPBACK(&from.sin6_addr));
    SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &one, 4));
    struct ipv6_mreq g = {.ipv6mr_interface = 1};
    inet_pton(AF_INET6, "ff02::77", &g.ipv6mr_multiaddr);
    SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_JOIN_GROUP, &g, sizeof g));
    SHOW(setsockopt(s, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &g, sizeof g));
    struct group_req q = {.gr_interface = 1};
    struct sockaddr_in6 group = {.sin6_family = AF_INET6, .sin6_addr = g.ipv6mr_multiaddr};
    memcpy(&q.gr_group, &group, sizeof group);
    SHOW(setsockopt(s, IPPROTO_IPV6, MCAST_JOIN_GROUP, &q, sizeof q));
    SHOW(setsockopt(s, IPPROTO_IPV6, MCAST_LEAVE_GROUP, &q, sizeof q));
    SHOW(setsockopt(s, IPPROTO_IPV6, MCAST_LEAVE_GROUP, &q, sizeof q));
    SHOW(connect(u, (void *)&a, 20));
    SHOW(connect(u, (void *)&a, sizeof a));
    SHOW(send(u, "again", 5, 0));
    SHOW(recv(s, b, 8, 0));
}
