/* What the kernel hands to a new program: arguments, environment, auxiliary vector, stack. */
#include "show.h"
#include <elf.h>
#include <sys/auxv.h>

int main(int argc, char **argv, char **envp)
{
    int count = 0;
    printf("argc %d, argv ends: %d\n", argc, argv[argc] == NULL);
    for (char **e = envp; *e; e++)
        count += strncmp(*e, "HOME=", 5) == 0;
    printf("HOME given %d\n", count);
    printf("page size %lu, clock ticks %lu, secure %lu\n", getauxval(AT_PAGESZ), getauxval(AT_CLKTCK), getauxval(AT_SECURE));
    printf("platform v7 or later, little endian: %d\n", strcmp((char *)getauxval(AT_PLATFORM), "v7l") >= 0);
    printf("execfn is argv[0]: %d\n", strcmp((char *)getauxval(AT_EXECFN), argv[0]) == 0);
    printf("ids %d %d %d %d\n", getauxval(AT_UID) == getuid(), getauxval(AT_EUID) == geteuid(), getauxval(AT_GID) == getgid(), getauxval(AT_EGID) == getegid());
    printf("random %d, base %lu, entry %d, phent %lu, phnum > 2: %d\n", getauxval(AT_RANDOM) != 0, getauxval(AT_BASE),
           getauxval(AT_ENTRY) != 0, getauxval(AT_PHENT), getauxval(AT_PHNUM) > 2);
    unsigned long caps = getauxval(AT_HWCAP);
    printf("half thumb fastmult vfp edsp vfpv3: %d\n", (caps & 0x2) && (caps & 0x4) && (caps & 0x10) && (caps & 0x40) && (caps & 0x80) && (caps & 0x2000));
    printf("tls %d\n", (caps & 0x8000) != 0);
    uintptr_t stack = (uintptr_t)__builtin_frame_address(0);
    printf("stack near the top: %d\n", stack > 0xf0000000u - 0x10000000u);
    char *first = argv[0];
    printf("strings in order: %d\n", first < envp[0] && envp[0] < (char *)getauxval(AT_EXECFN));
    char last[16] = {0};
    int fd = open("/proc/self/auxv", O_RDONLY);
    Elf32_auxv_t entry;
    int entries = 0, agree = 1;
    while (read(fd, &entry, sizeof entry) == sizeof entry && entry.a_type != AT_NULL) {
        entries++;
        agree &= getauxval(entry.a_type) == entry.a_un.a_val;
    }
    printf("/proc/self/auxv: more than 15 %d, agrees %d%s\n", entries > 15, agree, last);
    return 0;
}
