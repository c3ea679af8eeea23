#include "net.h"
#include <sys/inotify.h>
static void drain(int fd)
{
    char b[4096] __attribute__((aligned(8)));
    ssize_t n = read(fd, b, sizeof b);
    if (n < 0)
        printf("  %s\n", strerrorname_np(errno));
    for (char *p = b; p < b + n;) {
        struct inotify_event *e = (void *)p;
        printf("  wd %d mask %#x len %u %s cookie %d\n", e->wd, e->mask, e->len,
               e->len ? e->name : "-", e->cookie != 0);
        p += sizeof *e + e->len;
    }
}
int main(void)
{
    int i = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    mkdir("dir", 0700);
    SHOW(inotify_add_watch(i, "dir", IN_ALL_EVENTS));
    drain(i);
    write_file("dir/a", "xy", 2);
    drain(i);
    rename("dir/a", "dir/bb");
    drain(i);
    chmod("dir/bb", 0600);
    unlink("dir/bb");
    drain(i);
    SHOW(inotify_add_watch(i, "dir", IN_CREATE | IN_MASK_ADD));
    write_file("file", "", 0);
    SHOW(inotify_add_watch(i, "file", IN_MODIFY | IN_ONESHOT));
    write_file("file", "q", 1);
    write_file("file", "q", 1);
    drain(i);
    SHOW(inotify_rm_watch(i, 1));
    drain(i);
    SHOW(inotify_rm_watch(i, 1));
    SHOW(inotify_add_watch(i, "missing", IN_CREATE));
    SHOW(inotify_add_watch(i, "file", IN_CREATE | IN_ONLYDIR));
    SHOW(inotify_add_watch(i, "file", 0));
    SHOW(inotify_add_watch(99, "file", IN_MODIFY));
    SHOW(inotify_add_watch(0, "file", IN_MODIFY));
    SHOW(inotify_add_watch(i, (char *)8, IN_MODIFY));
    SHOW(inotify_init1(5));
    symlink("file", "link");
    SHOW(inotify_add_watch(i, "link", IN_ALL_EVENTS | IN_DONT_FOLLOW));
    unlink("link");
    drain(i);
    char b[4];
    SHOW(inotify_add_watch(i, "dir", IN_DELETE_SELF));
    rmdir("dir");
    SHOW(read(i, b, 4));
    int n = 0;
    SHOW(ioctl(i, FIONREAD, &n));
    SHOW(n);
    drain(i);
}
