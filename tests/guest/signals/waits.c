/* Calls of the slow path that wait: a FIFO's open, a record lock, a child; with and without restart. */
#include "show.h"
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>

static volatile int seen, fed;
static int lock_fd;

static void handler(int signo)
{
    seen++;
    if (fed && seen == fed) {
        struct itimerval none = {{0, 0}, {0, 0}};
        setitimer(ITIMER_REAL, &none, NULL);
        int fd = open("fifo", O_RDWR | O_NONBLOCK);
        (void)fd;
    }
}

static void start(int flags, int until)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
    seen = 0;
    fed = until;
    struct itimerval soon = {{0, until ? 20000 : 0}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    SHOW(mkfifo("fifo", 0600));
    start(0, 0);
    SHOW(open("fifo", O_RDONLY));
    start(SA_RESTART, 3);
    SHOW(open("fifo", O_RDONLY) > 0);
    printf("seen %d\n", seen);
    lock_fd = open("locked", O_RDWR | O_CREAT, 0600);
    int ready[2];
    pipe(ready);
    int child = fork();
    if (!child) {
        struct flock lock = {.l_type = F_WRLCK};
        fcntl(lock_fd, F_SETLKW, &lock);
        int other = open("locked", O_RDWR);
        flock(other, LOCK_EX);
        write(ready[1], "x", 1);
        pause();
        _exit(0);
    }
    char byte;
    read(ready[0], &byte, 1);
    struct flock lock = {.l_type = F_WRLCK};
    start(0, 0);
    SHOW(fcntl(lock_fd, F_SETLKW, &lock));
    start(0, 0);
    SHOW(flock(lock_fd, LOCK_EX));
    start(0, 0);
    SHOW(waitpid(child, NULL, 0));
    siginfo_t info;
    start(0, 0);
    SHOW(waitid(P_PID, child, &info, WEXITED));
    start(SA_RESTART, 3);
    SHOW(waitpid(child, NULL, WNOHANG));
    while (seen < 3)
        pause();
    kill(child, SIGKILL);
    SHOW(waitpid(child, NULL, 0) == child);
    return 0;
}
