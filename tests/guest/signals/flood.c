/* Signals from another process into reads, polls, sleeps and loops: every queued one arrives, in order. */
#include "../c/show.h"
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define COUNT 5000

static volatile int queued, wrong, last = -1, plain, done;

static void on_queued(int signo, siginfo_t *info, void *context)
{
    if (info->si_value.sival_int != last + 1)
        wrong++;
    last = info->si_value.sival_int;
    queued++;
}

static void on_plain(int signo) { plain++; }
static void on_end(int signo) { done = 1; }

static void set(int signo, void *handler, int flags)
{
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = (void (*)(int))handler;
    SHOW(sigaction(signo, &action, NULL));
}

static void send_all(int parent, int fd)
{
    for (int i = 0; i < COUNT; i++) {
        union sigval value = {.sival_int = i};
        while (sigqueue(parent, SIGRTMIN, value) < 0)
            usleep(100);
        if (i % 3 == 0)
            kill(parent, SIGUSR1);
        if (i % 7 == 0)
            write(fd, "x", 1);
    }
    for (usleep(50000); getppid() == parent; usleep(20000))
        kill(parent, SIGUSR2);
    _exit(0);
}

int main(void)
{
    int in[2], own[2], reads = 0;
    unsigned hash = 0;
    char byte;
    set(SIGRTMIN, on_queued, SA_SIGINFO | SA_RESTART);
    set(SIGUSR1, on_plain, 0);
    set(SIGUSR2, on_end, 0);
    pipe(in);
    pipe(own);
    int parent = getpid(), child = fork();
    if (!child)
        send_all(parent, in[1]);
    fcntl(in[0], F_SETFL, O_NONBLOCK);
    struct timespec brief = {0, 1000};
    while (!done) {
        if (read(in[0], &byte, 1) == 1)
            reads++;
        struct pollfd fd = {in[0], POLLIN, 0};
        poll(&fd, 1, 1);
        for (int i = 0; i < 1000; i++)
            hash = hash * 33 + i;
        nanosleep(&brief, NULL);
        getppid();
        write(own[1], "a", 1);
        read(own[0], &byte, 1);
    }
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0)
        ;
    while (read(in[0], &byte, 1) == 1)
        reads++;
    printf("queued %d wrong %d last %d reads %d plain %d\n", queued, wrong, last,
           reads == (COUNT + 6) / 7, plain > 0 && plain <= (COUNT + 2) / 3);
    return 0;
}
