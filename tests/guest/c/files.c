/* open, read, write, lseek and friends on regular files. */
#include "show.h"
#include <sys/uio.h>

int main(void)
{
    char buffer[64] = {0};
    SHOW(open("missing", O_RDONLY));
    SHOW(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
    SHOW(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
    SHOW(write(3, "hello, world", 12));
    SHOW(lseek(3, -5, SEEK_END));
    SHOW(read(3, buffer, 64));
    printf("%s\n", buffer);
    SHOW(read(3, buffer, 64));
    SHOW(lseek(3, -100, SEEK_CUR));
    SHOW(lseek(3, 0, 77));
    SHOW(pwrite(3, "XY", 2, 100));
    SHOW(pread(3, buffer, 64, 98));
    printf("%d %d %c%c\n", buffer[0], buffer[1], buffer[2], buffer[3]);
    SHOW(pread(3, buffer, 5, -1));
    SHOW(ftruncate(3, 5));
    SHOW(ftruncate(3, -1));
    SHOW(truncate("a", 7));
    SHOW(dup(3));
    SHOW(dup2(3, 20));
    SHOW(dup3(3, 3, 0));
    SHOW(dup2(99, 5));
    SHOW(close(20));
    SHOW(close(20));
    SHOW(fcntl(3, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_LARGEFILE));
    SHOW(fcntl(3, F_SETFL, O_APPEND));
    SHOW(lseek(4, 0, SEEK_SET));
    SHOW(write(4, "!", 1));
    SHOW(lseek(4, 0, SEEK_CUR));
    SHOW(open(".", O_WRONLY));
    SHOW(open("a", O_RDONLY | O_DIRECTORY));
    SHOW(symlink("a", "link"));
    SHOW(open("link", O_RDONLY | O_NOFOLLOW));
    SHOW(open("link", O_RDONLY));
    SHOW(read(5, buffer, 64));
    SHOW(write(5, "x", 1));
    SHOW(open(".", O_TMPFILE | O_RDWR, 0600) >= 0);
    SHOW(fcntl(5, F_DUPFD_CLOEXEC, 50));
    SHOW(fcntl(50, F_GETFD));
    SHOW(fcntl(50, F_DUPFD, 70000));
    SHOW(fcntl(50, 12345));
    struct iovec v[3] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
    SHOW(writev(3, v, 3));
    SHOW(writev(3, v, -1));
    SHOW(writev(3, v, 2000));
    struct iovec r[2] = {{buffer, 6}, {buffer + 10, 6}};
    memset(buffer, '.', 20);
    SHOW(preadv(3, r, 2, 2));
    printf("%.16s\n", buffer);
    SHOW(fsync(3));
    SHOW(posix_fallocate(3, 0, 4096));
    SHOW(lseek(3, 0, SEEK_END));
    SHOW(posix_fadvise(3, 0, 0, POSIX_FADV_SEQUENTIAL));
    SHOW(posix_fadvise(3, 0, 0, 99));
    SHOW(unlink("a"));
    SHOW(unlink("a"));
    SHOW(read(1000000, buffer, 1));
    SHOW(close_range(3, 100, 0));
    return 0;
}
