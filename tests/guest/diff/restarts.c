/* Calls that a handler interrupts: which go on, which give EINTR. */
#include "case.h"
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/futex.h>

static volatile int seen;

static void note(int signo)
{
    seen++;
}

/* A child sends SIGUSR1 after 40 ms and then does what lets the call end. */
static pid_t helper;

static void begin(int flags, void (*feed)(void))
{
    struct sigaction action = {.sa_handler = note, .sa_flags = flags};
    sigaction(SIGUSR1, &action, NULL);
    seen = 0;
    helper = fork();
    if (!helper) {
        pause_ms(40);
        kill(getppid(), SIGUSR1);
        pause_ms(40);
        if (feed)
            feed();
        pause_ms(400);
        _exit(0);
    }
}

static void finish(void)
{
    SAY("handled %d", seen);
    kill(helper, SIGKILL);
    waitpid(helper, NULL, 0);
}

#define BOTH(call, feed)                                                                  \
    do {                                                                                  \
        begin(0, feed);                                                                   \
        SHOW(call);                                                                       \
        finish();                                                                         \
        begin(SA_RESTART, feed);                                                          \
        SHOW(call);                                                                       \
        finish();                                                                         \
    } while (0)

static int fds[2];
static char byte[65536];

static void feed_write(void) { write(fds[1], "x", 1); }
static void feed_read(void) { read(fds[0], byte, sizeof byte); read(fds[0], byte, sizeof byte); }

CASE(pipe_read) { pipe(fds); BOTH(read(fds[0], byte, 1), feed_write); }

CASE(pipe_readv)
{
    struct iovec vec = {byte, 1};
    pipe(fds);
    BOTH(readv(fds[0], &vec, 1), feed_write);
}

CASE(pipe_write)
{
    pipe(fds);
    fcntl(fds[1], F_SETPIPE_SZ, 4096);
    write(fds[1], byte, 4096);
    BOTH(write(fds[1], byte, 1), feed_read);
}

CASE(socket_read) { socketpair(AF_UNIX, SOCK_STREAM, 0, fds); BOTH(read(fds[0], byte, 1), feed_write); }
CASE(socket_recv) { socketpair(AF_UNIX, SOCK_STREAM, 0, fds); BOTH(recv(fds[0], byte, 1, 0), feed_write); }

CASE(socket_recvmsg)
{
    struct iovec vec = {byte, 1};
    struct msghdr message = {.msg_iov = &vec, .msg_iovlen = 1};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
    BOTH(recvmsg(fds[0], &message, 0), feed_write);
}

CASE(socket_timeout_is_not_restarted)
{
    struct timeval time = {1, 0};
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    BOTH(recv(fds[0], byte, 1, 0), feed_write);
}

static struct sockaddr_un name = {AF_UNIX, "sock"};

static void feed_connect(void)
{
    connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name);
}

CASE(socket_accept)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    SHOW(bind(fd, (void *)&name, sizeof name));
    SHOW(listen(fd, 5));
    BOTH(accept(fd, NULL, NULL) > 0 ? 0 : -1, feed_connect);
    SHOW(unlink("sock"));
}

CASE(poll_call)
{
    pipe(fds);
    struct pollfd fd = {fds[0], POLLIN};
    BOTH(poll(&fd, 1, 1000), feed_write);
}

CASE(select_call)
{
    pipe(fds);
    struct timeval time = {1, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    begin(SA_RESTART, feed_write);
    SHOW(select(fds[0] + 1, &set, NULL, NULL, &time));
    SAY("left %d set %d", time.tv_sec == 0 && time.tv_usec > 500000 && time.tv_usec < 980000,
        !!FD_ISSET(fds[0], &set));
    finish();
}

CASE(epoll_call)
{
    pipe(fds);
    int fd = epoll_create1(0);
    struct epoll_event event = {EPOLLIN}, out;
    epoll_ctl(fd, EPOLL_CTL_ADD, fds[0], &event);
    BOTH(epoll_wait(fd, &out, 1, 1000), feed_write);
}

static void feed_one(void)
{
    uint64_t one = 1;
    write(fds[0], &one, sizeof one);
}

CASE(event_read)
{
    uint64_t value = 0;
    fds[0] = eventfd(0, 0);
    BOTH(read(fds[0], &value, 8), feed_one);
}

static void feed_exit(void) { _exit(3); }

CASE(wait_call)
{
    int status;
    begin(0, feed_exit);
    SHOW(waitpid(helper, &status, 0));
    finish();
    begin(SA_RESTART, feed_exit);
    SHOW(waitpid(helper, &status, 0) == helper);
    SAY("%s", ended(status));
}

static int lock_fd;

CASE(flock_call)
{
    lock_fd = open("lockfile", O_RDWR | O_CREAT, 0600);
    int other = open("lockfile", O_RDWR);
    flock(lock_fd, LOCK_EX);
    begin(0, NULL);
    SHOW(flock(other, LOCK_EX));
    finish();
    SHOW(unlink("lockfile"));
}

CASE(fcntl_lock_call)
{
    int ends[2];
    char ready;
    pipe(ends);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    lock_fd = open("lockfile", O_RDWR | O_CREAT, 0600);
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        struct sigaction action = {.sa_handler = note, .sa_flags = flags};
        sigaction(SIGUSR1, &action, NULL);
        pid_t pid = fork();
        if (!pid) {
            fcntl(lock_fd, F_SETLKW, &lock);
            write(ends[1], "x", 1);
            pause_ms(40);
            kill(getppid(), SIGUSR1);
            pause_ms(40);
            _exit(0);
        }
        read(ends[0], &ready, 1);
        SHOW(fcntl(lock_fd, F_SETLKW, &lock));
        lock.l_type = F_UNLCK;
        fcntl(lock_fd, F_SETLK, &lock);
        lock.l_type = F_WRLCK;
        while (waitpid(pid, NULL, 0) != pid)
            continue;
        if (flags == SA_RESTART)
            break;
    }
    SHOW(unlink("lockfile"));
}

CASE(nanosleep_call)
{
    struct timespec time = {0, 200000000}, left = {9, 9};
    begin(SA_RESTART, NULL);
    SHOW(nanosleep(&time, &left));
    SAY("left %d", left.tv_sec == 0 && left.tv_nsec > 50000000 && left.tv_nsec < 190000000);
    finish();
    begin(SA_RESTART, NULL);
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &left));
    finish();
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    left = (struct timespec){9, 9};
    begin(0, NULL);
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, &left));
    SAY("left %ld", (long)left.tv_sec);
    finish();
}

CASE(stop_and_continue_is_no_interruption)
{
    struct timespec time = {0, 200000000}, from;
    pid_t pid = fork();
    if (!pid) {
        clock_gettime(CLOCK_MONOTONIC, &from);
        SHOW(nanosleep(&time, NULL));
        SHOW(since_ms(from) >= 200);
        SHOW(poll(NULL, 0, 1));
        _exit(0);
    }
    pause_ms(50);
    kill(pid, SIGSTOP);
    pause_ms(30);
    kill(pid, SIGCONT);
    SAY("%s", reap(pid));
}

CASE(futex_wait_call)
{
    static int word;
    struct timespec time = {0, 300000000};
    BOTH(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time), NULL);
    begin(0, NULL);
    SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL));
    finish();
}

CASE(pause_call) { begin(SA_RESTART, NULL); SHOW(pause()); finish(); }

CASE(sem_call)
{
    int id = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf op = {0, -1, 0};
    begin(SA_RESTART, NULL);
    SHOW(semop(id, &op, 1));
    finish();
    SHOW(semctl(id, 0, IPC_RMID));
}

CASE(msg_call)
{
    int id = msgget(IPC_PRIVATE, 0600);
    struct { long type; char text[8]; } message;
    begin(SA_RESTART, NULL);
    SHOW(msgrcv(id, &message, 8, 0, 0));
    finish();
    SHOW(msgctl(id, IPC_RMID, NULL));
}

CASE(ignored_is_no_interruption)
{
    struct timespec time = {0, 150000000}, left = {9, 9};
    begin(0, NULL);
    signal(SIGUSR1, SIG_IGN);
    SHOW(nanosleep(&time, &left));
    SAY("left %ld", (long)left.tv_sec);
    finish();
}

CASE(fifo_open)
{
    SHOW(mkfifo("fifo", 0600));
    begin(0, NULL);
    SHOW(open("fifo", O_RDONLY));
    finish();
    SHOW(unlink("fifo"));
}
