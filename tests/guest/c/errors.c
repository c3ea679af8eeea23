/* Calls that fail, some for two reasons at once: Linux's order of checks decides the errno. */
#include "show.h"
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#define BAD ((void *)0x10)

int main(void)
{
    struct stat st;
    char buffer[16];
    SHOW(open(BAD, O_RDONLY));
    SHOW(open("", O_RDONLY));
    SHOW(open("/dev/null/x", O_RDONLY));
    SHOW(read(0, BAD, 10));
    SHOW(write(1, BAD, 10));
    SHOW(write(-1, BAD, 10));
    SHOW(stat(BAD, &st));
    SHOW(stat("missing", BAD));
    SHOW(syscall(SYS_fstat64, 0, BAD));
    SHOW(syscall(SYS_fstat64, -1, BAD));
    SHOW(readlink(".", buffer, 16));
    SHOW(syscall(SYS_readlink, ".", buffer, 0));
    SHOW(getcwd(buffer, 1) ? 0 : -1);
    SHOW(syscall(SYS_getcwd, BAD, 4096));
    SHOW(pipe(BAD));
    SHOW(chdir(BAD));
    SHOW(rename("missing", BAD));
    SHOW(rename("missing", "other"));
    SHOW(link(".", "other"));
    SHOW(symlink("", "other"));
    SHOW(mkdir("", 0));
    SHOW(rmdir("/"));
    SHOW(rmdir("."));
    SHOW(access("missing", 99));
    SHOW(access(".", F_OK));
    SHOW(chmod("missing", 0644));
    SHOW(fchmod(55, 0644));
    SHOW(chown("missing", -1, -1));
    SHOW(fchownat(AT_FDCWD, "", 1, 1, 0x8000));
    SHOW(lseek(55, 0, SEEK_SET));
    SHOW(syscall(SYS__llseek, 0, 0, 0, BAD, SEEK_SET));
    SHOW(ioctl(0, 0x5401, BAD));
    SHOW(syscall(SYS_ioctl, 55, 0x5401, BAD));
    SHOW(fcntl(55, F_GETFL));
    SHOW(fcntl(0, F_DUPFD, -1));
    SHOW(dup2(0, -1));
    SHOW(poll(BAD, 1, 0));
    SHOW(poll(BAD, 100000000, 0));
    SHOW(syscall(SYS_nanosleep, BAD, 0));
    SHOW(nanosleep(&(struct timespec){-1, 0}, 0));
    SHOW(nanosleep(&(struct timespec){0, 1000000000}, 0));
    SHOW(syscall(SYS_clock_gettime, 99, BAD));
    SHOW(syscall(SYS_clock_gettime, 0, BAD));
    SHOW(syscall(SYS_clock_gettime64, 99, BAD));
    SHOW(syscall(SYS_clock_getres, 99, 0));
    SHOW(syscall(SYS_uname, BAD));
    SHOW(getrlimit(99, BAD));
    SHOW(syscall(SYS_ugetrlimit, 3, BAD));
    SHOW(setrlimit(RLIMIT_NOFILE, &(struct rlimit){100, 50}));
    SHOW(syscall(SYS_rt_sigaction, 65, 0, 0, 8));
    SHOW(syscall(SYS_rt_sigaction, 9, &st, 0, 8));
    SHOW(syscall(SYS_rt_sigaction, 10, 0, 0, 4));
    SHOW(syscall(SYS_rt_sigprocmask, 7, &st, 0, 8));
    SHOW(syscall(SYS_rt_sigprocmask, 0, BAD, 0, 8));
    SHOW(kill(getpid(), 99));
    SHOW(socket(99, 1, 0));
    SHOW(statfs("missing", BAD));
    SHOW(syscall(SYS_statfs64, ".", 84, BAD));
    SHOW(syscall(SYS_statfs64, ".", 7, &st));
    SHOW(getxattr("missing", "user.x", 0, 0));
    SHOW(syscall(SYS_getrandom, buffer, 16, 0x80));
    SHOW(syscall(SYS_getrandom, BAD, 16, 0));
    SHOW(syscall(SYS_futex, BAD, 1, 1, 0, 0, 0));
    SHOW(syscall(SYS_futex, buffer + 1, 1, 1, 0, 0, 0));
    SHOW(syscall(SYS_set_robust_list, buffer, 1));
    SHOW(syscall(600));
    SHOW(syscall(SYS_getpriority, 5, 0));
    SHOW(syscall(SYS_utimensat, AT_FDCWD, "missing", 0, 0));
    SHOW(syscall(SYS_faccessat, 55, "x", 0));
    SHOW(openat(0, "x", O_RDONLY));
    SHOW(openat(55, "/", O_RDONLY) >= 0);
    SHOW(mknod("fifo", S_IFIFO | 0600, 0));
    SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
    SHOW(umask(022) >= 0);
    return 0;
}
