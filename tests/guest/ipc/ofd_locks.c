#include "net.h"
#include <sys/file.h>
static int lock(int fd, int cmd, int type, long long start, long long len)
{
    struct flock64 l = {.l_type = type, .l_start = start, .l_len = len};
    int r = fcntl(fd, cmd, &l);
    if (!r && (cmd == F_OFD_GETLK || cmd == F_GETLK64))
        printf("  %d %lld %lld %d\n", l.l_type, (long long)l.l_start, (long long)l.l_len, l.l_pid);
    return r;
}
int main(void)
{
    int a = open("f", O_RDWR | O_CREAT, 0600), b = open("f", O_RDWR);
    SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 5000000000ll, 100));
    SHOW(lock(b, F_OFD_SETLK, F_RDLCK, 5000000050ll, 1));
    SHOW(lock(b, F_OFD_GETLK, F_RDLCK, 0, 0));
    SHOW(lock(b, F_GETLK64, F_RDLCK, 0, 0));
    struct flock l = {.l_type = F_RDLCK};
    SHOW(fcntl(b, F_GETLK, &l));
    SHOW(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10));
    SHOW(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0));
    SHOW(lock(b, F_OFD_SETLKW, F_WRLCK, 0, 0));
    SHOW(lock(a, F_SETLK64, F_WRLCK, 0, 1));
    SHOW(lock(b, F_OFD_SETLK, 9, 0, 1));
    SHOW(lock(99, F_OFD_SETLK, F_WRLCK, 0, 1));
    SHOW(syscall(221, a, F_OFD_SETLK, 8));
    SHOW(flock(a, LOCK_EX));
    SHOW(flock(b, LOCK_SH | LOCK_NB));
    SHOW(flock(a, LOCK_UN));
    SHOW(flock(b, LOCK_SH | LOCK_NB));
    SHOW(flock(b, 77));
    SHOW(flock(99, LOCK_EX));
    close(b);
    lock(a, F_SETLK64, F_WRLCK, 10, 10);
    if (fork() == 0) {
        SHOW(lock(a, F_SETLK64, F_RDLCK, 15, 1));
        struct flock64 g = {.l_type = F_RDLCK};
        fcntl(a, F_GETLK64, &g);
        printf("%d %d\n", g.l_pid == getppid(), g.l_type);
        _exit(0);
    }
    wait(NULL);
}
