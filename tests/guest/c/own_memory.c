/* /proc/self/mem and its other names show guest memory and nothing else. */
#include "show.h"
#include <sys/uio.h>

static int value = 0x12345678;

static void look(const char *name, int fd)
{
    long long found = 0, read_ok = 0;
    char buffer[16];
    uint64_t at = 88172645463325252ull;
    for (int i = 0; i < 3000; i++) { /* all over what a 64-bit process could hold */
        at ^= at << 13, at ^= at >> 7, at ^= at << 17;
        uint64_t offset = (at >> 17 & 0x7fffffffffffull) | 1ull << (32 + i % 15);
        if (pread64(fd, buffer, 16, offset) > 0)
            found++;
    }
    for (int i = 0; i < 64; i++)
        found += pread64(fd, buffer, 8, (1ull << 32) + i * 0x4000000ull) > 0;
    int copy = 0;
    read_ok = pread64(fd, &copy, 4, (uintptr_t)&value) == 4 && copy == value;
    printf("%s: opened %d, reads %lld, beyond 4 GiB %lld\n", name, fd >= 0, read_ok, found);
    printf("  unmapped %s, first page %s\n", pread64(fd, buffer, 4, 0x70000000) < 0 ? "no" : "yes", pread64(fd, buffer, 4, 0) < 0 ? "no" : "yes");
}

int main(void)
{
    char path[64];
    look("self", open("/proc/self/mem", O_RDONLY));
    sprintf(path, "/proc/%d/mem", getpid());
    look("number", open(path, O_RDONLY));
    sprintf(path, "/proc/self/task/%d/mem", getpid());
    look("task", open(path, O_RDONLY));
    look("thread-self", open("/proc/thread-self/mem", O_RDONLY));
    int dir = open("/proc/self", O_RDONLY | O_DIRECTORY);
    look("relative", openat(dir, "mem", O_RDONLY));
    symlink("/proc/self/mem", "alias");
    look("link", open("alias", O_RDONLY));
    chdir("/proc/self");
    look("current directory", open("mem", O_RDONLY));
    look("dots", open("/dev/../proc/./self/../self/mem", O_RDONLY));
    int fd = open("/proc/self/mem", O_RDWR);
    int replacement = 99;
    SHOW(pwrite64(fd, &replacement, 4, (uintptr_t)&value));
    SHOW(value);
    int wrong = 0;
    for (int i = 0; i < 2000; i++)
        wrong += pwrite64(fd, &replacement, 4, (1ull << (32 + i % 15)) + (uint64_t)random32() * 4096) > 0;
    SHOW(wrong);
    SHOW(lseek64(fd, (uintptr_t)&value, SEEK_SET) == (long long)(uintptr_t)&value);
    int copy = 0;
    SHOW(read(fd, &copy, 4));
    SHOW(copy);
    struct iovec mine = {&copy, 4}, other = {&value, 4};
    value = 4321;
    long got = process_vm_readv(getpid(), &mine, 1, &other, 1, 0);
    printf("%d\n", got == -1 || copy == 4321);
    other.iov_base = (void *)0xfffffff0u;
    other.iov_len = 64;
    SHOW(process_vm_readv(getpid(), &mine, 1, &other, 1, 0) <= 0);
    return 0;
}
