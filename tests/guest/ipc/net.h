/* Shared by the programs of this directory. */
#include "../c/show.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

static inline struct sockaddr_in loopback(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

/* A bound socket of this type and its address. */
static inline int bound(int type, struct sockaddr_in *a)
{
    int fd = socket(AF_INET, type, 0);
    socklen_t n = sizeof *a;
    *a = loopback(0);
    if (bind(fd, (void *)a, n) || getsockname(fd, (void *)a, &n))
        exit(98);
    return fd;
}

/* Control messages of a received header: level, type, bytes of data. */
static inline void show_control(struct msghdr *m)
{
    printf("controllen %u flags %#x\n", (unsigned)m->msg_controllen, m->msg_flags);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        printf("  level %d type %d len %u\n", c->cmsg_level, c->cmsg_type, (unsigned)c->cmsg_len);
}

static inline int open_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}
