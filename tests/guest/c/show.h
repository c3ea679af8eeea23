/* Shared by all guest programs: print an expression with its value, and errno by name if it is -1. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define SHOW(call)                                                                        \
    do {                                                                                  \
        errno = 0;                                                                        \
        long long value_ = (long long)(call);                                             \
        printf("%s = %lld%s%s\n", #call, value_, value_ == -1 ? " " : "",                 \
               value_ == -1 ? strerrorname_np(errno) : "");                               \
    } while (0)

/* Only whether it failed and how: for results that differ from run to run, like addresses. */
#define SHOW_ERROR(call)                                                                  \
    do {                                                                                  \
        errno = 0;                                                                        \
        long long value_ = (long long)(long)(call);                                       \
        printf("%s: %s\n", #call, value_ == -1 ? strerrorname_np(errno) : "ok");          \
    } while (0)

/* A program that dies shows how far it came. */
__attribute__((constructor)) static void by_lines(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static inline void write_file(const char *name, const void *data, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        exit(99);
    close(fd);
}

static inline uint32_t random32(void)
{
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 16;
}
