/* Pipes, poll, select, descriptors that do not block. */
#include "show.h"
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/uio.h>

int main(void)
{
    int p[2];
    char text[32] = {0};
    signal(SIGPIPE, SIG_IGN);
    SHOW(pipe2(p, O_NONBLOCK | O_CLOEXEC));
    SHOW(fcntl(p[0], F_GETFD));
    SHOW(fcntl(p[1], F_GETFL) & (O_NONBLOCK | O_ACCMODE));
    SHOW(read(p[0], text, 10));
    struct pollfd fds[3] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}, {-5, POLLIN, 7}};
    SHOW(poll(fds, 3, 0));
    printf("%x %x %x\n", fds[0].revents, fds[1].revents, fds[2].revents);
    SHOW(write(p[1], "0123456789", 10));
    int waiting;
    SHOW(ioctl(p[0], FIONREAD, &waiting));
    SHOW(waiting);
    SHOW(poll(fds, 2, 1000));
    printf("%x %x\n", fds[0].revents, fds[1].revents);
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(p[0], &in);
    FD_SET(p[1], &out);
    struct timeval wait = {1, 500000};
    SHOW(select(p[1] + 1, &in, &out, NULL, &wait));
    printf("%d %d, time left %d\n", FD_ISSET(p[0], &in) != 0, FD_ISSET(p[1], &out) != 0, wait.tv_sec == 1);
    SHOW(lseek(p[0], 0, SEEK_CUR));
    SHOW(read(p[0], text, 4));
    struct iovec v[2] = {{text, 2}, {text + 10, 20}};
    SHOW(readv(p[0], v, 2));
    printf("%.2s %s\n", text, text + 10);
    FD_ZERO(&in);
    FD_SET(p[0], &in);
    wait = (struct timeval){0, 20000};
    SHOW(select(p[0] + 1, &in, NULL, NULL, &wait));
    printf("%d %ld\n", FD_ISSET(p[0], &in) != 0, (long)wait.tv_usec);
    struct timespec limit = {0, 1000000};
    sigset_t none;
    sigemptyset(&none);
    SHOW(pselect(p[0] + 1, &in, NULL, NULL, &limit, &none));
    SHOW(ppoll(fds, 1, &limit, &none));
    SHOW(select(-1, NULL, NULL, NULL, &wait));
    FD_ZERO(&in);
    FD_SET(900, &in);
    SHOW(select(901, &in, NULL, NULL, &wait));
    int off = 0;
    SHOW(ioctl(p[0], FIONBIO, &off));
    SHOW(fcntl(p[0], F_GETFL) & O_NONBLOCK);
    SHOW(ioctl(p[0], FIOCLEX));
    SHOW(ioctl(p[0], FIONCLEX));
    SHOW(fcntl(p[0], F_GETFD));
    long total = 0, n;
    static char block[4096];
    while ((n = write(p[1], block, sizeof block)) > 0)
        total += n;
    printf("capacity %ld %s\n", total, strerrorname_np(errno));
    SHOW(fcntl(p[1], F_GETPIPE_SZ));
    SHOW(close(p[0]));
    SHOW(poll(fds + 1, 1, 0));
    printf("%x\n", fds[1].revents);
    SHOW(write(p[1], "x", 1));
    return 0;
}
