/* Eight threads pass descriptors at once. build: -pthread */
#include "net.h"
#include <pthread.h>
static void *run(void *p)
{
    int s[2];
    long bad = 0;
    for (int i = 0; i < 300; i++) {
        socketpair(AF_UNIX, SOCK_STREAM, 0, s);
        char control[CMSG_SPACE(4)] = {0}, b[8];
        struct iovec v = {"x", 1};
        struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        *c = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(c), s, 4);
        if (sendmsg(s[0], &m, 0) != 1) bad++;
        v = (struct iovec){b, 8};
        if (recvmsg(s[1], &m, 0) != 1 || m.msg_controllen != 16) bad++;
        int fd; memcpy(&fd, CMSG_DATA(c), 4);
        close(fd), close(s[0]), close(s[1]);
    }
    return (void *)bad;
}
int main(void)
{
    pthread_t t[8];
    long sum = 0;
    void *r;
    int before = open_descriptors();
    for (int i = 0; i < 8; i++) pthread_create(t + i, 0, run, 0);
    for (int i = 0; i < 8; i++) pthread_join(t[i], &r), sum += (long)r;
    printf("%ld %d\n", sum, open_descriptors() - before);
}
