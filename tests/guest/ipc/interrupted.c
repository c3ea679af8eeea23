#include "net.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/uio.h>
static volatile int hits;
static void on(int signo)
{
    (void)signo;
    hits++;
}
static void arm(int flags)
{
    struct sigaction a = {.sa_handler = on, .sa_flags = flags};
    struct itimerval t = {{0, 0}, {0, 40000}};
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &t, NULL);
}
#define BROKEN(call)              \
    do {                          \
        hits = 0;                 \
        arm(0);                   \
        SHOW(call);               \
        printf("  %d\n", hits);   \
    } while (0)
int main(void)
{
    int s[2], e = epoll_create1(0);
    char b[8], control[64];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    struct iovec v = {b, 8};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    struct msghdr c = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control};
    c.msg_controllen = sizeof control;
    struct mmsghdr mm = {.msg_hdr = m};
    struct epoll_event ev;
    struct sockaddr_in a;
    int l = bound(SOCK_STREAM, &a);
    listen(l, 1);
    BROKEN(recv(s[0], b, 8, 0));
    BROKEN(recvmsg(s[0], &m, 0));
    BROKEN(recvmsg(s[0], &c, 0));
    BROKEN(recvmmsg(s[0], &mm, 1, 0, NULL));
    BROKEN(accept(l, NULL, NULL));
    BROKEN(epoll_wait(e, &ev, 1, -1));
    BROKEN(poll(NULL, 0, -1));
    BROKEN(select(0, NULL, NULL, NULL, NULL));
    int q = msgget(IPC_PRIVATE, 0600), sem = semget(IPC_PRIVATE, 1, 0600);
    struct {
        long type;
        char t[4];
    } msg;
    struct sembuf down = {0, -1, 0};
    BROKEN(msgrcv(q, &msg, 4, 0, 0));
    BROKEN(semop(sem, &down, 1));
    msgctl(q, IPC_RMID, NULL), semctl(sem, 0, IPC_RMID);
    if (fork() == 0) {
        usleep(120000);
        send(s[1], "late", 4, 0);
        _exit(0);
    }
    hits = 0;
    arm(SA_RESTART);
    SHOW(recvmsg(s[0], &c, 0));
    printf("  %d\n", hits);
    wait(NULL);
    if (fork() == 0) {
        usleep(120000);
        send(s[1], "late", 4, 0);
        _exit(0);
    }
    hits = 0;
    arm(SA_RESTART);
    SHOW(recv(s[0], b, 8, 0));
    printf("  %d\n", hits);
    wait(NULL);
    struct timeval t = {1, 0};
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    hits = 0;
    arm(SA_RESTART);
    SHOW(recv(s[0], b, 8, 0));
    printf("  %d\n", hits);
}
