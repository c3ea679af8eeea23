/* A guest that lives long: a server whose requests use every call that could leak. build: -pthread */
#include "../../guest/c/show.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>

extern char **environ;
static volatile int signals, ended;

static void on_signal(int signo) { signals++; }
static void on_end(int signo) { ended = 1; }
static void *thread(void *arg) { return (void *)((intptr_t)arg + 1); }

static int do_threads(int n)
{
    pthread_t ids[20];
    int sum = 0;
    for (int i = 0; i < 20; i++)
        pthread_create(&ids[i], NULL, thread, (void *)(intptr_t)n);
    for (int i = 0; i < 20; i++) {
        void *result;
        pthread_join(ids[i], &result);
        sum += (intptr_t)result;
    }
    return sum;
}

static int do_detached(int n)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < 10; i++) {
        pthread_t id;
        if (pthread_create(&id, &attr, thread, NULL))
            return -1;
    }
    usleep(2000);
    return n;
}

static int do_fork(int n)
{
    int status, pid = fork();
    if (!pid)
        _exit(n % 200);
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static int do_vfork(int n)
{
    int status, pid = vfork();
    if (!pid)
        _exit(n % 200);
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static int do_spawn(int n)
{
    char text[20], *argv[] = {"/proc/self/exe", "exit", text, NULL};
    int pid, status;
    sprintf(text, "%d", n % 200);
    if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ))
        return -1;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static int do_memory(int n)
{
    int sum = 0;
    for (int i = 0; i < 30; i++) {
        size_t size = 4096 * (1 + (n + i * 7) % 300);
        char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(area, i, size);
        area = mremap(area, size, size * 2, MREMAP_MAYMOVE);
        sum += area[100];
        mprotect(area, 4096, PROT_READ);
        munmap(area, size * 2);
    }
    int id = shmget(IPC_PRIVATE, 100000, 0600);
    char *shared = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL);
    strcpy(shared, "x");
    shmdt(shared);
    return sum;
}

static int do_code(int n)
{
    unsigned *code = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int sum = 0;
    for (int i = 0; i < 16; i++) {
        unsigned *at = code + i * 1024;
        at[0] = 0xe2800000 | ((n + i) & 0xff); /* add r0, r0, #imm */
        at[1] = 0xe12fff1e;                    /* bx lr */
        __builtin___clear_cache((char *)at, (char *)(at + 2));
        sum = ((int (*)(int))at)(sum);
    }
    munmap(code, 65536);
    return sum;
}

static int do_files(int n)
{
    int fds[] = {eventfd(1, 0), epoll_create1(0), timerfd_create(CLOCK_MONOTONIC, 0),
                 inotify_init(), open("/proc/self/maps", O_RDONLY), open("/proc/self/stat", O_RDONLY),
                 open("/", O_RDONLY | O_DIRECTORY), memfd_create("m", 0), socket(AF_INET, SOCK_DGRAM, 0)};
    char text[5000];
    read(fds[4], text, sizeof text);
    syscall(SYS_getdents64, fds[6], text, sizeof text);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(fds[1], EPOLL_CTL_ADD, fds[0], &event);
    int sum = epoll_wait(fds[1], &event, 1, 0);
    inotify_add_watch(fds[3], "/", IN_CREATE);
    for (int i = 0; i < sizeof fds / sizeof *fds; i++)
        sum += close(fds[i]);
    return n + sum;
}

static int do_sockets(int n)
{
    int pair[2], pipes[2], got = -1;
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pipe(pipes);
    char control[CMSG_SPACE(sizeof(int))], byte = n;
    struct iovec vec = {&byte, 1};
    struct msghdr message = {.msg_iov = &vec, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &pipes[1], sizeof(int));
    sendmsg(pair[0], &message, 0);
    recvmsg(pair[1], &message, 0);
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    write(got, "yes", 3);
    int count = read(pipes[0], control, 10);
    close(got), close(pair[0]), close(pair[1]), close(pipes[0]), close(pipes[1]);
    return n + count;
}

static int do_signals(int n)
{
    int before = signals;
    for (int i = 0; i < 20; i++)
        raise(SIGUSR1);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, 0);
    struct signalfd_siginfo info;
    union sigval value = {n};
    sigqueue(getpid(), SIGRTMIN, value);
    read(fd, &info, sizeof info);
    close(fd);
    return info.ssi_int + signals - before;
}

static int do_timers(int n)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    struct itimerspec soon = {{0, 500000}, {0, 500000}};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &soon, NULL);
    usleep(3000);
    timer_delete(timer);
    return n;
}

static int (*const actions[])(int) = {do_threads, do_detached, do_fork, do_vfork, do_spawn, do_memory,
                                      do_code, do_files, do_sockets, do_signals, do_timers};

static void serve(int fd)
{
    char text[100];
    int length = read(fd, text, sizeof text - 1), action, number;
    if (length <= 0)
        return;
    text[length] = 0;
    sscanf(text, "%d %d", &action, &number);
    length = sprintf(text, "%d\n", actions[action % (sizeof actions / sizeof *actions)](number));
    write(fd, text, length);
}

int main(int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "exit"))
        return atoi(argv[2]);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    action.sa_handler = on_end;
    action.sa_flags = 0;
    sigaction(SIGTERM, &action, NULL);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, argv[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&name, sizeof name) || listen(listener, 10))
        return 1;
    while (!ended) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        serve(fd);
        close(fd);
    }
    printf("ended\n");
    return 0;
}
