/* poll, select, epoll, eventfd, signalfd, inotify. */
#include "case.h"
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/signalfd.h>

static int fds[2];
static char data[4096];
static struct timespec zero;

CASE(poll_events)
{
    pipe(fds);
    struct pollfd set[4] = {{fds[0], POLLIN}, {fds[1], POLLOUT}, {-1, POLLIN, 77}, {99, POLLIN}};
    SHOW(poll(set, 4, 0));
    SAY("%#x %#x %#x %#x", set[0].revents, set[1].revents, set[2].revents, set[3].revents);
    write(fds[1], "x", 1);
    SHOW(poll(set, 3, 100));
    SAY("%#x", set[0].revents);
    close(fds[1]);
    SHOW(poll(set, 1, 100));
    SAY("%#x", set[0].revents);
    pipe(fds);
    close(fds[0]);
    set[1].fd = fds[1];
    SHOW(poll(set + 1, 1, 0));
    SAY("%#x", set[1].revents);
}

CASE(poll_errors)
{
    struct pollfd set = {1, POLLIN};
    struct timespec bad = {0, 1000000000}, minus = {-1, 0};
    SHOW(poll((void *)4, 1, 0));
    SHOW(poll(&set, 1u << 31, 0));
    SHOW(poll(NULL, 0, 5));
    SHOW(ppoll(NULL, 0, &bad, NULL));
    SHOW(ppoll(NULL, 0, &minus, NULL));
    SHOW(syscall(SYS_ppoll, NULL, 0, &zero, 4, 8));
    uint32_t mask[2] = {0};
    SHOW(syscall(SYS_ppoll, NULL, 0, &zero, mask, 4));
}

CASE(ppoll_time_left)
{
    struct timespec time = {1, 0};
    pipe(fds);
    write(fds[1], "x", 1);
    struct pollfd set = {fds[0], POLLIN};
    SHOW(syscall(SYS_ppoll, &set, 1, &time, NULL, 8));
    SHOW(time.tv_sec == 0 && time.tv_nsec > 500000000);
}

CASE(select_sets)
{
    fd_set in, out, other;
    struct timeval time = {0, 0};
    pipe(fds);
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&other);
    FD_SET(fds[0], &in);
    FD_SET(fds[1], &out);
    FD_SET(fds[0], &other);
    SHOW(select(fds[1] + 1, &in, &out, &other, &time));
    SAY("%d %d %d", !!FD_ISSET(fds[0], &in), !!FD_ISSET(fds[1], &out), !!FD_ISSET(fds[0], &other));
    write(fds[1], "x", 1);
    FD_SET(fds[0], &in);
    time.tv_sec = 1;
    SHOW(select(fds[0] + 1, &in, NULL, NULL, &time));
    SAY("%d %d", !!FD_ISSET(fds[0], &in), time.tv_sec == 0 && time.tv_usec > 500000);
}

CASE(select_errors)
{
    fd_set set;
    struct timeval bad = {-1, 0}, carried = {0, 1000001}, none = {0, 0};
    FD_ZERO(&set);
    FD_SET(40, &set);
    SHOW(select(41, &set, NULL, NULL, &none));
    SHOW(select(-1, &set, NULL, NULL, &none));
    SHOW(select(0, NULL, NULL, NULL, &bad));
    SHOW(select(0, NULL, NULL, NULL, &none));
    SHOW(select(8, (void *)4, NULL, NULL, &none));
    SHOW(syscall(SYS__newselect, 0, NULL, NULL, NULL, 4));
    SHOW(syscall(SYS__newselect, 0, NULL, NULL, NULL, &carried));
    SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, 4));
    uint32_t mask[2] = {0}, packed[2] = {(uintptr_t)mask, 4};
    SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, packed));
    packed[1] = 8;
    SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, packed));
}

static volatile int seen;
static void note(int signo) { seen++; }

CASE(masks_of_polls)
{
    sigset_t set, none;
    signal(SIGUSR1, note);
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    SHOW(ppoll(NULL, 0, NULL, &none));
    SHOW(seen);
    raise(SIGUSR1);
    SHOW(pselect(0, NULL, NULL, NULL, NULL, &none));
    SHOW(seen);
    raise(SIGUSR1);
    SHOW(epoll_pwait(epoll_create1(0), (void *)data, 1, -1, &none));
    SHOW(seen);
    raise(SIGUSR1);
    pipe(fds);
    struct pollfd ready = {fds[1], POLLOUT};
    SHOW(ppoll(&ready, 1, NULL, &none));
    SHOW(seen);
    sigprocmask(SIG_BLOCK, NULL, &set);
    SHOW(sigismember(&set, SIGUSR1));
}

CASE(epoll_errors)
{
    struct epoll_event event = {EPOLLIN, {.u64 = 1}};
    pipe(fds);
    SHOW(epoll_create(0));
    SHOW(epoll_create1(1));
    int fd = epoll_create1(EPOLL_CLOEXEC);
    SHOW(fcntl(fd, F_GETFD));
    SHOW(epoll_ctl(fd, EPOLL_CTL_ADD, fd, &event));
    SHOW(epoll_ctl(fd, EPOLL_CTL_ADD, 99, &event));
    SHOW(epoll_ctl(99, EPOLL_CTL_ADD, fds[0], &event));
    SHOW(epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &event));
    SHOW(epoll_ctl(fd, EPOLL_CTL_ADD, fds[0], &event));
    SHOW(epoll_ctl(fd, EPOLL_CTL_ADD, fds[0], &event));
    SHOW(epoll_ctl(fd, EPOLL_CTL_MOD, fds[1], &event));
    SHOW(epoll_ctl(fd, EPOLL_CTL_DEL, fds[1], NULL));
    SHOW(epoll_ctl(fd, EPOLL_CTL_ADD, fds[1], (void *)4));
    SHOW(epoll_ctl(fd, 9, fds[0], &event));
    int file = open("file", O_RDWR | O_CREAT, 0600);
    unlink("file");
    SHOW(epoll_ctl(fd, EPOLL_CTL_ADD, file, &event));
    SHOW(epoll_wait(fd, &event, 0, 0));
    SHOW(epoll_wait(fd, &event, 1 << 28, 0));
    SHOW(epoll_wait(fd, (void *)4, 1, 0));
    SHOW(epoll_wait(fds[0], &event, 1, 0));
    write(fds[1], "x", 1);
    SHOW(epoll_wait(fd, (void *)4, 1, 0));
}

CASE(epoll_events_and_data)
{
    int fd = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.u64 = 0x123456789abcdef0}}, out[3];
    pipe(fds);
    SAY("%d %d", (int)sizeof event, (int)offsetof(struct epoll_event, data));
    epoll_ctl(fd, EPOLL_CTL_ADD, fds[0], &event);
    event = (struct epoll_event){EPOLLOUT | EPOLLONESHOT, {.u64 = 7}};
    epoll_ctl(fd, EPOLL_CTL_ADD, fds[1], &event);
    write(fds[1], "x", 1);
    memset(out, 0x55, sizeof out);
    int count = epoll_wait(fd, out, 3, 100);
    for (int i = 0; i < count; i++)
        SAY("%#x %#llx", out[i].events, (long long)out[i].data.u64);
    count = epoll_wait(fd, out, 3, 0);
    for (int i = 0; i < count; i++)
        SAY("%#x %#llx", out[i].events, (long long)out[i].data.u64);
    event.events = EPOLLIN | EPOLLET;
    epoll_ctl(fd, EPOLL_CTL_MOD, fds[0], &event);
    SHOW(epoll_wait(fd, out, 3, 0));
    SHOW(epoll_wait(fd, out, 3, 0));
    close(fds[1]);
    SHOW(epoll_wait(fd, out, 3, 0));
    SAY("%#x", out[0].events);
    struct { long long seconds, nanoseconds; } time = {0, 1000000};
    SHOW(syscall(441, fd, out, 3, &time, NULL, 8));
    time.nanoseconds = -1;
    SHOW(syscall(441, fd, out, 3, &time, NULL, 8));
}

CASE(epoll_nested)
{
    struct epoll_event event = {EPOLLIN, {.u64 = 1}};
    int a = epoll_create1(0), b = epoll_create1(0);
    pipe(fds);
    SHOW(epoll_ctl(a, EPOLL_CTL_ADD, b, &event));
    SHOW(epoll_ctl(b, EPOLL_CTL_ADD, a, &event));
    SHOW(epoll_ctl(b, EPOLL_CTL_ADD, fds[0], &event));
    SHOW(epoll_wait(a, &event, 1, 0));
    write(fds[1], "x", 1);
    SHOW(epoll_wait(a, &event, 1, 0));
}

CASE(eventfds)
{
    uint64_t value = 3;
    int fd = eventfd(5, EFD_NONBLOCK);
    SHOW(write(fd, &value, 8));
    SHOW(read(fd, &value, 8));
    SHOW(value);
    SHOW(read(fd, &value, 8));
    SHOW(read(fd, &value, 7));
    value = -1;
    SHOW(write(fd, &value, 8));
    value = -2;
    SHOW(write(fd, &value, 8));
    value = 1;
    SHOW(write(fd, &value, 8));
    struct pollfd set = {fd, POLLIN | POLLOUT};
    poll(&set, 1, 0);
    SAY("%#x", set.revents);
    fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
    SHOW(read(fd, &value, 8));
    SHOW(value);
    SHOW(read(fd, &value, 8));
    SHOW(read(fd, &value, 8));
    SHOW(eventfd(0, 2));
    SHOW(lseek(fd, 0, SEEK_SET));
}

CASE(signalfds)
{
    struct signalfd_siginfo info[3];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, 40);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK);
    SHOW(read(fd, info, sizeof info));
    SHOW(read(fd, info, 100));
    sigqueue(getpid(), 40, (union sigval){.sival_int = -5});
    raise(SIGUSR1);
    SHOW(read(fd, info, sizeof info));
    for (int i = 0; i < 2; i++)
        SAY("%d %d %d %d", info[i].ssi_signo, info[i].ssi_code, info[i].ssi_int,
            info[i].ssi_pid == getpid());
    sigdelset(&set, SIGUSR1);
    SHOW(signalfd(fd, &set, 0) == fd);
    raise(SIGUSR1);
    SHOW(read(fd, info, sizeof info));
    struct pollfd poll_ = {fd, POLLIN};
    raise(40);
    SHOW(poll(&poll_, 1, 0));
    SHOW(write(fd, info, 128));
}

static void show_events(int fd)
{
    char buffer[4096];
    errno = 0;
    int count = read(fd, buffer, sizeof buffer);
    if (count < 0)
        SAY("%s", strerrorname_np(errno));
    for (char *at = buffer; at < buffer + count;) {
        struct inotify_event *event = (void *)at;
        SAY("wd %d mask %#x cookie %d length %d %s", event->wd, event->mask, event->cookie != 0,
            (int)event->len, event->len ? event->name : "");
        at += sizeof *event + event->len;
    }
}

CASE(inotify_events)
{
    mkdir("watched", 0755);
    int fd = inotify_init1(IN_NONBLOCK);
    SHOW(inotify_add_watch(fd, "watched", IN_ALL_EVENTS));
    close(open("watched/file", O_RDWR | O_CREAT, 0600));
    show_events(fd);
    rename("watched/file", "watched/longer-name-than-that");
    show_events(fd);
    unlink("watched/longer-name-than-that");
    rmdir("watched");
    show_events(fd);
    show_events(fd);
}

CASE(inotify_errors)
{
    int fd = inotify_init1(IN_NONBLOCK);
    SHOW(inotify_init1(1));
    SHOW(inotify_add_watch(fd, "missing", IN_CREATE));
    SHOW(inotify_add_watch(fd, ".", 0));
    SHOW(inotify_add_watch(1, ".", IN_CREATE));
    SHOW(inotify_add_watch(99, ".", IN_CREATE));
    SHOW(inotify_add_watch(fd, (void *)4, IN_CREATE));
    SHOW(inotify_rm_watch(fd, 5));
    SHOW(inotify_add_watch(fd, ".", IN_CREATE));
    SHOW(inotify_add_watch(fd, ".", IN_DELETE | IN_MASK_ADD));
    SHOW(inotify_add_watch(fd, ".", IN_DELETE | IN_MASK_CREATE));
    mkdir("sub", 0755);
    SHOW(read(fd, data, 8));
    show_events(fd);
    SHOW(rmdir("sub"));
    SHOW(inotify_rm_watch(fd, 1));
}
