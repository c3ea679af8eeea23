#include "net.h"
static int give(int s, const int *fds, int n, const char *text)
{
    char control[CMSG_SPACE(8 * sizeof(int))] = {0};
    struct iovec v = {(void *)text, strlen(text)};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control};
    m.msg_controllen = CMSG_SPACE(n * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    *c = (struct cmsghdr){CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(c), fds, n * sizeof(int));
    return sendmsg(s, &m, 0);
}
static void take(int s, unsigned room, int flags)
{
    char control[256], b[32] = "";
    memset(control, 0xa5, sizeof control);
    struct iovec v = {b, sizeof b};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control};
    m.msg_controllen = room;
    int before = open_descriptors();
    printf("room %u: %zd '%s' ", room, recvmsg(s, &m, flags), b);
    show_control(&m);
    printf("  %d new, next byte %d\n", open_descriptors() - before,
           m.msg_controllen < 255 ? (unsigned char)control[m.msg_controllen] : 0);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        for (unsigned i = 0; i + sizeof *c + 4 <= c->cmsg_len; i += 4) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i, 4);
            printf("  cloexec %d\n", fcntl(fd, F_GETFD));
            write(fd, "!", 1);
            if (!(flags & MSG_PEEK))
                close(fd);
        }
}
int main(void)
{
    int s[2], p[2], bad[1] = {99};
    char b[64];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    pipe(p);
    int three[3] = {p[1], p[1], p[1]};
    SHOW(give(s[0], three, 3, "all"));
    take(s[1], 24, 0);
    SHOW(give(s[0], three, 3, "cloexec"));
    take(s[1], 100, MSG_CMSG_CLOEXEC);
    unsigned rooms[] = {0, 4, 11, 12, 13, 15, 16, 19, 20, 21, 23};
    for (unsigned i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        give(s[0], three, 3, "part");
        take(s[1], rooms[i], 0);
    }
    SHOW(give(s[0], three, 1, "lost"));
    SHOW(recv(s[1], b, sizeof b, 0));
    SHOW(give(s[0], three, 2, "seen twice"));
    take(s[1], 100, MSG_PEEK);
    SHOW(open_descriptors());
    take(s[1], 100, 0);
    SHOW(give(s[0], bad, 1, "bad"));
    SHOW(give(s[0], three, 0, "none"));
    take(s[1], 100, 0);
    SHOW(read(p[0], b, sizeof b));
    SHOW(give(s[0], s + 1, 1, "itself"));
    take(s[1], 100, 0);
}
