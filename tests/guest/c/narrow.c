/* A file that was opened without O_LARGEFILE ends at 2 GiB. */
#define _FILE_OFFSET_BITS 32
#include "show.h"

int main(void)
{
    write_file("large", "", 0);
    SHOW(syscall(SYS_truncate, "large", 0x7fffffff));
    int narrow = syscall(SYS_open, "large", O_RDWR);
    SHOW(narrow >= 0);
    SHOW(fcntl(narrow, F_GETFL) & O_LARGEFILE);
    SHOW(pwrite64(narrow, "x", 1, 0x7fffffff));
    SHOW(pwrite64(narrow, "xy", 2, 0x7ffffffe));
    SHOW(lseek64(narrow, 3ll << 30, SEEK_SET));
    SHOW(ftruncate64(narrow, 3ll << 30));
    SHOW(unlink("large"));
    return 0;
}
