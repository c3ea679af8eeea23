/* The two directory calls themselves: record layout, small buffers, positions for lseek. */
#include "show.h"

struct dirent32 { unsigned long d_ino, d_off; unsigned short d_reclen; char d_name[]; };
struct dirent64 { uint64_t d_ino; int64_t d_off; unsigned short d_reclen; unsigned char d_type; char d_name[]; };

int main(void)
{
    char buffer[400], path[32];
    mkdir("d", 0755);
    for (int i = 0; i < 60; i++) {
        sprintf(path, "d/%.*s", 1 + i % 15, "abcdefghijklmno");
        sprintf(path + strlen(path), "%d", i);
        write_file(path, "", 0);
    }
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    SHOW(syscall(SYS_getdents64, fd, buffer, 10));
    SHOW(syscall(SYS_getdents, fd, buffer, 10));
    SHOW(syscall(SYS_getdents64, 0, buffer, sizeof buffer));
    SHOW(syscall(SYS_getdents64, 99, buffer, sizeof buffer));
    int count = 0, bad = 0, types = 0;
    long got;
    int64_t last = 0;
    while ((got = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
        for (long at = 0; at < got;) {
            struct dirent64 *e = (void *)(buffer + at);
            bad += e->d_reclen % 8 != 0 || strlen(e->d_name) + 20 > e->d_reclen || e->d_off > INT32_MAX;
            types += e->d_type == 8;
            count++;
            last = e->d_off;
            at += e->d_reclen;
        }
    printf("getdents64: %d entries, %d files, %d bad\n", count, types, bad);
    SHOW(lseek(fd, last, SEEK_SET) == last);
    SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    SHOW(lseek(fd, 0, SEEK_SET));
    count = bad = types = 0;
    long middle = 0;
    char expected[64] = "";
    while ((got = syscall(SYS_getdents, fd, buffer, sizeof buffer)) > 0)
        for (long at = 0; at < got;) {
            struct dirent32 *e = (void *)(buffer + at);
            bad += e->d_reclen % 4 != 0 || strlen(e->d_name) + 12 > e->d_reclen || (long)e->d_off < 0;
            types += buffer[at + e->d_reclen - 1] == 8;
            if (count == 31)
                strcpy(expected, e->d_name);
            if (++count == 31)
                middle = e->d_off;
            at += e->d_reclen;
        }
    printf("getdents: %d entries, %d files, %d bad\n", count, types, bad);
    SHOW(lseek(fd, middle, SEEK_SET) == middle);
    got = syscall(SYS_getdents, fd, buffer, sizeof buffer);
    printf("resumed: %d\n", got > 0 && !strcmp(((struct dirent32 *)buffer)->d_name, expected));
    return 0;
}
