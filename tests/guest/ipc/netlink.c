#include "net.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
int main(void)
{
    int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    struct sockaddr_nl a = {.nl_family = AF_NETLINK};
    socklen_t n = sizeof a;
    SHOW(bind(s, (void *)&a, sizeof a));
    SHOW(getsockname(s, (void *)&a, &n));
    printf("%d %u\n", a.nl_pid == (unsigned)getpid(), n);
    struct {
        struct nlmsghdr h;
        struct rtgenmsg g;
    } q = {{NLMSG_LENGTH(sizeof q.g), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {AF_UNSPEC}};
    struct iovec v = {&q, q.h.nlmsg_len};
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct msghdr m = {.msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &v, .msg_iovlen = 1};
    SHOW(sendmsg(s, &m, 0));
    static char b[32768];
    int found = 0, done = 0;
    while (!done) {
        v = (struct iovec){b, sizeof b};
        int r = recvmsg(s, &m, 0);
        for (struct nlmsghdr *h = (void *)b; NLMSG_OK(h, (unsigned)r); h = NLMSG_NEXT(h, r)) {
            done |= h->nlmsg_type == NLMSG_DONE;
            if (h->nlmsg_type == RTM_NEWLINK)
                found += ((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index == 1;
        }
    }
    printf("%d %u\n", found, m.msg_namelen);
    int one = 1;
    SHOW(setsockopt(s, 270, 3, &one, 4));
    n = 4;
    SHOW(getsockopt(s, 270, 3, &one, &n));
    SHOW(setsockopt(s, 270, 99, &one, 4));
}
