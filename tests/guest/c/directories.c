/* telldir, seekdir and rewinddir stay valid in a large directory, whatever was read in between. */
#include "show.h"
#include <dirent.h>

enum { COUNT = 700 };

int main(void)
{
    static long position[COUNT + 8];
    static char name[COUNT + 8][20];
    char path[32];
    mkdir("many", 0755);
    for (int i = 0; i < COUNT; i++) {
        sprintf(path, "many/name-%d", i);
        write_file(path, "", 0);
    }
    DIR *dir = opendir("many");
    int n = 0, wrong = 0, large = 0;
    struct dirent *entry;
    for (position[0] = telldir(dir); (entry = readdir(dir)); position[n] = telldir(dir)) {
        strcpy(name[n++], entry->d_name);
        if (n > COUNT + 3)
            break;
    }
    printf("%d entries\n", n);
    for (int i = 0; i <= n; i++)
        large += position[i] < 0;
    printf("%d negative positions\n", large);
    for (int step = 0; step < 2000; step++) {
        int i = random32() % n;
        seekdir(dir, position[i]);
        if (telldir(dir) != position[i])
            wrong++;
        entry = readdir(dir);
        if (!entry || strcmp(entry->d_name, name[i]))
            wrong++;
    }
    printf("%d wrong after seeking\n", wrong);
    rewinddir(dir);
    entry = readdir(dir);
    printf("first again: %d\n", entry && !strcmp(entry->d_name, name[0]));
    int fd = dirfd(dir);
    seekdir(dir, position[300]);
    SHOW(lseek(fd, 0, SEEK_SET));
    rewinddir(dir);
    int again = 0, same = 0;
    while ((entry = readdir(dir)))
        same += !strcmp(entry->d_name, name[again++]);
    printf("%d %d\n", again, same);
    closedir(dir);
    for (int i = 0; i < COUNT; i += 2) {
        sprintf(path, "many/name-%d", i);
        unlink(path);
    }
    dir = opendir("many");
    for (n = 0; readdir(dir); n++) {}
    printf("%d left\n", n);
    SHOW_ERROR(opendir("nowhere") ? 0 : -1);
    SHOW_ERROR(opendir("many/name-1") ? 0 : -1);
    SHOW(rmdir("many"));
    SHOW(mkdir("many", 0755));
    SHOW(mkdirat(AT_FDCWD, "many/new", 0700));
    SHOW(rmdir("many/new"));
    SHOW(unlink("many"));
    SHOW(unlinkat(AT_FDCWD, "many/name-1", AT_REMOVEDIR));
    SHOW(chdir("many"));
    SHOW(chdir("name-1"));
    SHOW(access("../many", R_OK));
    return 0;
}
