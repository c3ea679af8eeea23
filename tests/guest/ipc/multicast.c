#include "net.h"
int main(void)
{
    struct sockaddr_in a;
    int u = bound(SOCK_DGRAM, &a);
    struct ip_mreqn m = {.imr_multiaddr.s_addr = htonl(0xe0000077), .imr_ifindex = 1};
    SHOW(setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof m));
    SHOW(setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof m));
    SHOW(setsockopt(u, IPPROTO_IP, IP_DROP_MEMBERSHIP, &m, sizeof m));
    struct group_req g = {.gr_interface = 1};
    *(struct sockaddr_in *)&g.gr_group = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xe0000078)};
    SHOW(sizeof g);
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_JOIN_GROUP, &g, sizeof g));
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_JOIN_GROUP, &g, sizeof g));
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_JOIN_GROUP, &g, sizeof g - 1));
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_JOIN_GROUP, (void *)8, sizeof g));
    union {
        struct group_filter f;
        char room[GROUP_FILTER_SIZE(4)];
    } f;
    memset(&f, 0, sizeof f);
    f.f.gf_interface = 1, f.f.gf_group = g.gr_group, f.f.gf_numsrc = 4;
    socklen_t n = sizeof f;
    SHOW(getsockopt(u, IPPROTO_IP, MCAST_MSFILTER, &f, &n));
    printf("%u %u %u\n", n, f.f.gf_fmode, f.f.gf_numsrc);
    struct group_source_req q = {.gsr_interface = 1, .gsr_group = g.gr_group};
    *(struct sockaddr_in *)&q.gsr_source = loopback(0);
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_BLOCK_SOURCE, &q, sizeof q));
    f.f.gf_numsrc = 4, n = sizeof f;
    SHOW(getsockopt(u, IPPROTO_IP, MCAST_MSFILTER, &f, &n));
    printf("%u %u %u\n", n, f.f.gf_fmode, f.f.gf_numsrc);
    printf("%s\n", inet_ntoa(((struct sockaddr_in *)&f.f.gf_slist[0])->sin_addr));
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_UNBLOCK_SOURCE, &q, sizeof q));
    f.f.gf_fmode = MCAST_INCLUDE, f.f.gf_numsrc = 1;
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_MSFILTER, &f, GROUP_FILTER_SIZE(1)));
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_MSFILTER, &f, 100));
    f.f.gf_numsrc = 4, n = sizeof f;
    SHOW(getsockopt(u, IPPROTO_IP, MCAST_MSFILTER, &f, &n));
    printf("%u %u %u\n", n, f.f.gf_fmode, f.f.gf_numsrc);
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_LEAVE_GROUP, &g, sizeof g));
    SHOW(setsockopt(u, IPPROTO_IP, MCAST_LEAVE_GROUP, &g, sizeof g));
    int byte = 0;
    SHOW(setsockopt(u, IPPROTO_IP, IP_MULTICAST_LOOP, &byte, 1));
    n = 1;
    SHOW(getsockopt(u, IPPROTO_IP, IP_MULTICAST_LOOP, &byte, &n));
    SHOW(byte);
}
