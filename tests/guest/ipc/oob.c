#include "net.h"
int main(void)
{
    struct sockaddr_in a;
    int l = bound(SOCK_STREAM, &a), c = socket(AF_INET, SOCK_STREAM, 0), at = -1;
    char b[16] = "";
    listen(l, 1);
    connect(c, (void *)&a, sizeof a);
    int s = accept(l, NULL, NULL);
    SHOW(send(c, "ab", 2, 0));
    SHOW(send(c, "!", 1, MSG_OOB));
    SHOW(send(c, "cd", 2, 0));
    struct pollfd p = {s, POLLPRI, 0};
    SHOW(poll(&p, 1, 2000));
    usleep(20000);
    SHOW(ioctl(s, SIOCATMARK, &at));
    SHOW(at);
    SHOW(recv(s, b, 16, 0));
    SHOW(recv(s, b, 16, MSG_OOB));
    SHOW(ioctl(s, SIOCATMARK, &at));
    SHOW(at);
    SHOW(recv(s, b, 16, 0));
    SHOW(recv(s, b, 16, MSG_OOB));
    int unsent = -1;
    SHOW(ioctl(s, TIOCOUTQ, &unsent));
    SHOW(unsent);
    int on = 1;
    SHOW(ioctl(s, FIONBIO, &on));
    SHOW(recv(s, b, 1, 0));
    int owner = 0;
    SHOW(fcntl(s, F_SETOWN, getpid()));
    SHOW(ioctl(s, FIOGETOWN, &owner));
    SHOW(owner == getpid());
}
