#include "net.h"
static int s[2];
static void try(const char *what, const void *control, unsigned length)
{
    struct iovec v = {"x", 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = (void *)control};
    m.msg_controllen = length;
    errno = 0;
    ssize_t n = sendmsg(s[0], &m, 0);
    printf("%s: %zd %s\n", what, n, n < 0 ? strerrorname_np(errno) : "");
}
int main(void)
{
    int fd = 1;
    struct {
        struct cmsghdr h;
        int data[40];
    } c;
    memset(&c, 0, sizeof c);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    c.h = (struct cmsghdr){sizeof c.h + 4, SOL_SOCKET, SCM_RIGHTS};
    c.data[0] = fd;
    try("good", &c, 16);
    try("longer than needed", &c, 20);
    try("no header", &c, 8);
    try("one byte", &c, 1);
    try("shorter than said", &c, 15);
    try("bad address", (void *)8, 16);
    try("null", NULL, 16);
    try("huge", &c, 0x7fffffff);
    try("negative", &c, 0xffffffff);
    try("many", &c, 1 << 24);
    c.h.cmsg_len = 4;
    try("length below header", &c, 16);
    c.h.cmsg_len = 0xfffffff0;
    try("length wraps", &c, 16);
    c.h.cmsg_len = 12;
    try("empty rights", &c, 12);
    c.h.cmsg_len = 15;
    try("part of a descriptor", &c, 16);
    c.h = (struct cmsghdr){16, SOL_SOCKET, 77};
    try("unknown type", &c, 16);
    c.h = (struct cmsghdr){16, 1234, SCM_RIGHTS};
    try("unknown level", &c, 16);
    c.h = (struct cmsghdr){16, SOL_SOCKET, SCM_CREDENTIALS};
    try("short credentials", &c, 16);
    struct sockaddr_in a, b;
    int u = bound(SOCK_DGRAM, &a);
    bound(SOCK_DGRAM, &b);
    connect(u, (void *)&b, sizeof b);
    s[0] = u;
    c.h = (struct cmsghdr){16, IPPROTO_IP, IP_TTL};
    c.data[0] = 5;
    try("ttl", &c, 16);
    c.data[0] = 500;
    try("bad ttl", &c, 16);
}
