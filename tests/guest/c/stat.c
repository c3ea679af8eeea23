/* stat in all its forms, ownership, links, renaming. */
#include "show.h"
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

static void show(const char *name, int flags)
{
    struct stat st;
    if (fstatat(AT_FDCWD, name, &st, flags))
        printf("%s: %s\n", name, strerrorname_np(errno));
    else
        printf("%s: mode %o links %d size %lld mine %d block size %d time %d\n", name, st.st_mode, (int)st.st_nlink,
               S_ISDIR(st.st_mode) ? 0ll : (long long)st.st_size, st.st_uid == geteuid(), st.st_blksize >= 512, st.st_mtime > 1000000);
}

int main(void)
{
    umask(022);
    write_file("file", "contents", 8);
    mkdir("dir", 0751);
    SHOW(symlink("file", "link"));
    SHOW(link("file", "hard"));
    SHOW(link("file", "hard"));
    SHOW(linkat(AT_FDCWD, "link", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
    SHOW(mknod("pipe", S_IFIFO | 0640, 0));
    show("file", 0), show("dir", 0), show("link", 0), show("link", AT_SYMLINK_NOFOLLOW), show("pipe", 0), show("nothing", 0);
    struct stat st;
    SHOW(stat("/dev/null", &st));
    printf("%d %d %o\n", major(st.st_rdev), minor(st.st_rdev), st.st_mode & S_IFMT);
    struct { unsigned char bytes[200]; } old;
    memset(&old, 0xaa, sizeof old);
    SHOW(syscall(SYS_stat, "file", &old));
    printf("old stat is 64 bytes: %d, size %u\n", old.bytes[64] == 0xaa && old.bytes[63] != 0xaa, *(uint32_t *)&old.bytes[20]);
    memset(&old, 0xaa, sizeof old);
    SHOW(syscall(SYS_stat64, "file", &old));
    printf("stat64 is 104 bytes: %d, size %u\n", old.bytes[104] == 0xaa && old.bytes[103] != 0xaa, *(uint32_t *)&old.bytes[48]);
    struct statx sx;
    SHOW(statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_ALL, &sx));
    printf("%o %d\n", sx.stx_mode, (int)sx.stx_size);
    SHOW(chmod("file", 0604));
    SHOW(fchmodat(AT_FDCWD, "dir", 01777, 0));
    show("hard", 0), show("dir", 0);
    char text[20] = "..................";
    SHOW(readlink("link", text, 3));
    puts(text);
    SHOW(readlink("file", text, 3));
    SHOW(rename("file", "dir"));
    SHOW(rename("dir", "file"));
    SHOW(rename("file", "dir/moved"));
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "hard", AT_FDCWD, "hard2", 1));
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "hard", AT_FDCWD, "link", 2));
    show("hard", AT_SYMLINK_NOFOLLOW);
    SHOW(unlink("hard2"));
    show("dir/moved", 0);
    SHOW(access("dir/moved", W_OK));
    SHOW(faccessat(AT_FDCWD, "dir", X_OK, AT_EACCESS));
    struct statfs fs;
    SHOW(statfs(".", &fs));
    printf("%d %d\n", fs.f_bsize >= 512, fs.f_namelen);
    struct statvfs vfs;
    SHOW(fstatvfs(0, &vfs) == 0 || errno);
    SHOW(symlink("loop", "loop"));
    SHOW(stat("loop", &st));
    char deep[5000];
    memset(deep, 'a', sizeof deep);
    deep[4999] = 0;
    SHOW(stat(deep, &st));
    deep[300] = 0;
    SHOW(stat(deep, &st));
    return 0;
}
