/* /proc as a 32-bit machine shows it. */
#include "show.h"
#include <sys/prctl.h>

static char text[65536];
static long get(const char *name)
{
    int fd = open(name, O_RDONLY);
    long size = 0, n;
    while (fd >= 0 && (n = read(fd, text + size, sizeof text - 1 - size)) > 0)
        size += n;
    close(fd);
    text[size] = 0;
    return size;
}

int main(int argc, char **argv)
{
    (void)argc;
    char link[4096] = {0};
    SHOW(readlink("/proc/self/exe", link, sizeof link) > 0);
    printf("exe %d\n", strstr(argv[0], strrchr(link, '/')) != NULL);
    SHOW(get("/proc/self/cmdline") == (long)strlen(argv[0]) + 1);
    printf("cmdline %d\n", strcmp(text, argv[0]) == 0);
    prctl(PR_SET_NAME, "renamed");
    get("/proc/self/comm");
    printf("comm %s", text);
    get("/proc/self/stat");
    printf("stat %d\n", strstr(text, " (renamed) R ") != NULL);
    get("/proc/self/status");
    printf("status %d\n", strncmp(text, "Name:\trenamed\n", 14) == 0);
    get("/proc/self/maps");
    int lines = 0, high = 0, self = 0, stack = 0, heap = 0, sorted = 1, wide = 0;
    unsigned long long before = 0;
    uintptr_t here = (uintptr_t)main & ~1;
    sbrk(4096);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
        unsigned long long from, to;
        char mode[5];
        int width;
        if (sscanf(line, "%llx-%llx %4s%n", &from, &to, mode, &width) != 3)
            puts(line);
        high += to > 0x100000000ull;
        sorted &= from >= before && to > from;
        before = to;
        wide += line[8] != '-';
        self += here >= from && here < to && mode[2] == 'x' && strstr(line, strrchr(argv[0], '/')) != NULL;
        stack += (uintptr_t)link >= from && (uintptr_t)link < to && strstr(line, "[stack]") != NULL;
        heap += strstr(line, "[heap]") != NULL;
    }
    printf("maps: several %d, above 4 GiB %d, sorted %d, odd width %d, self %d, stack %d\n", lines > 3, high, sorted, wide, self, stack);
    get("/proc/cpuinfo");
    printf("cpuinfo: %d %d\n", strstr(text, "Features\t: ") != NULL, strstr(text, "CPU architecture: ") != NULL);
    SHOW(access("/proc/self/fd/1", F_OK));
    SHOW(access("/proc/self/fd/3", F_OK));
    SHOW(open("/proc/self/exe", O_RDONLY));
    SHOW(read(3, text, 4));
    printf("%d\n", memcmp(text, "\177ELF", 4) == 0);
    int mem = open("/proc/self/mem", O_RDONLY);
    int value = 12345, copy = 0;
    SHOW(pread64(mem, &copy, 4, (uintptr_t)&value));
    SHOW(copy);
    SHOW(chdir("/proc/self"));
    SHOW(readlink("exe", text, sizeof text) == (long)strlen(link));
    SHOW(get("cmdline") > 0);
    return 0;
}
