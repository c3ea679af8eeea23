#include "net.h"
static void take(int s, unsigned room)
{
    char control[256], b[32] = "";
    struct iovec v = {b, sizeof b};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control};
    m.msg_controllen = room;
    printf("room %u: %zd ", room, recvmsg(s, &m, 0));
    show_control(&m);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len >= CMSG_LEN(12)) {
            struct ucred u;
            memcpy(&u, CMSG_DATA(c), sizeof u);
            printf("  %d %d %d\n", u.pid == getpid(), u.uid == getuid(), u.gid == getgid());
        }
}
int main(void)
{
    int s[2], one = 1;
    struct ucred u;
    socklen_t n = sizeof u;
    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    SHOW(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &u, &n));
    printf("%d %d %u\n", u.pid == getpid(), u.uid == getuid(), n);
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
    SHOW(send(s[0], "a", 1, 0));
    take(s[1], 100);
    unsigned rooms[] = {0, 8, 12, 20, 23, 24, 25};
    for (unsigned i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        send(s[0], "a", 1, 0);
        take(s[1], rooms[i]);
    }
    /* given by the sender, with a descriptor beside them */
    union {
        struct cmsghdr h;
        char space[CMSG_SPACE(sizeof u) + CMSG_SPACE(4)];
    } control;
    struct iovec v = {"b", 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control};
    m.msg_controllen = sizeof control;
    memset(&control, 0, sizeof control);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    u = (struct ucred){getpid(), getuid(), getgid()};
    *c = (struct cmsghdr){CMSG_LEN(sizeof u), SOL_SOCKET, SCM_CREDENTIALS};
    memcpy(CMSG_DATA(c), &u, sizeof u);
    struct cmsghdr *d = CMSG_NXTHDR(&m, c);
    *d = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(d), s, 4);
    SHOW(sendmsg(s[0], &m, 0));
    take(s[1], 100);
    SHOW(sendmsg(s[0], &m, 0));
    take(s[1], 36);
    u.pid = 1;
    memcpy(CMSG_DATA(c), &u, sizeof u);
    SHOW(c->cmsg_len);
    gid_t groups[64];
    n = sizeof groups;
    SHOW_ERROR(getsockopt(s[0], SOL_SOCKET, 59, groups, &n));
}
