/* Record locks, flock, leases of descriptors, copy and splice between files. */
#include "show.h"
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>

int main(void)
{
    write_file("a", "0123456789abcdef", 16);
    int a = open("a", O_RDWR), b = open("b", O_RDWR | O_CREAT, 0600);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 4, .l_len = 4};
    SHOW(fcntl(a, F_SETLK, &lock));
    SHOW(fcntl(a, F_GETLK, &lock));
    SHOW(lock.l_type == F_UNLCK);
    lock = (struct flock){.l_type = 77};
    SHOW(fcntl(a, F_SETLK, &lock));
    lock = (struct flock){.l_type = F_WRLCK, .l_start = -5};
    SHOW(fcntl(a, F_SETLKW, &lock));
    SHOW(flock(a, LOCK_EX | LOCK_NB));
    int again = open("a", O_RDONLY);
    SHOW(flock(again, LOCK_SH | LOCK_NB));
    SHOW(flock(a, LOCK_UN));
    SHOW(flock(again, 99));
    off_t from = 2;
    SHOW(sendfile(b, a, &from, 5));
    SHOW(from);
    SHOW(lseek(a, 0, SEEK_CUR));
    loff_t in = 10, out = 0;
    SHOW(syscall(SYS_copy_file_range, a, &in, b, &out, 6, 0));
    printf("%lld %lld\n", (long long)in, (long long)out);
    char text[20] = {0};
    SHOW(pread(b, text, 19, 0));
    puts(text);
    int p[2];
    pipe(p);
    in = 3;
    SHOW(splice(a, &in, p[1], NULL, 4, 0));
    SHOW(read(p[0], text, 10));
    SHOW(syscall(SYS_fallocate, b, 1, 0, 0, 8192, 0));
    SHOW(lseek(b, 0, SEEK_END));
    SHOW(fdatasync(b));
    SHOW(syscall(SYS_sync_file_range2, b, 7, 0, 0, 0, 0));
    SHOW(readahead(b, 0, 100));
    SHOW(ftruncate(b, 100));
    SHOW(fcntl(b, F_SETFD, 1));
    SHOW(fcntl(b, F_GETFD));
    SHOW(fcntl(b, F_GETOWN));
    return 0;
}
