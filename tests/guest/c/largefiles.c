/* Files beyond 2 and 4 GiB, with and without O_LARGEFILE. */
#define _FILE_OFFSET_BITS 32
#include "show.h"

int main(void)
{
    int fd = open64("large", O_RDWR | O_CREAT, 0600);
    SHOW(fcntl(fd, F_GETFL) & O_LARGEFILE);
    SHOW(ftruncate64(fd, 5ll << 30));
    SHOW(lseek64(fd, -1, SEEK_END));
    SHOW(pwrite64(fd, "end", 3, (5ll << 30) - 3));
    char text[8] = {0};
    SHOW(pread64(fd, text, 8, (5ll << 30) - 3));
    puts(text);
    SHOW(lseek64(fd, 0, SEEK_CUR));
    struct stat small;
    struct stat64 st;
    SHOW(fstat64(fd, &st));
    printf("%lld\n", (long long)st.st_size);
    SHOW(syscall(SYS_fstat, fd, &small));
    SHOW(syscall(SYS_open, "large", O_RDONLY | O_LARGEFILE) >= 0);
    SHOW(pwrite64(fd, "x", 1, 0xffffffffll));
    struct flock64 lock = {.l_type = F_WRLCK, .l_start = 6ll << 30, .l_len = 10};
    SHOW(fcntl(fd, F_SETLK64, &lock));
    struct flock query = {.l_type = F_WRLCK, .l_start = 5, .l_len = 5};
    SHOW(fcntl(fd, F_GETLK, &query));
    SHOW(query.l_type == F_UNLCK);
    SHOW(unlink("large"));
    return 0;
}
