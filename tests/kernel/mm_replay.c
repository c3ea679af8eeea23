/* Replays memory system calls: stdin has lines "NR A B C D E F" (hexadecimal); prints the memory map,
 * one result per line, and the memory map again. Nothing is allocated in between. Descriptor 3 is a
 * file to map and to read from, 4 one to write to. */
#include <fcntl.h>
#include <unistd.h>

static char input[1 << 20], output[1 << 20], map[1 << 17];

static long call(long nr, const unsigned long *a)
{
    long result;
    asm volatile("push %%ebp; mov 20(%%ebx), %%ebp; mov 4(%%ebx), %%ecx; mov 8(%%ebx), %%edx;"
                 "mov 12(%%ebx), %%esi; mov 16(%%ebx), %%edi; mov (%%ebx), %%ebx; int $0x80; pop %%ebp"
                 : "=a"(result)
                 : "a"(nr), "b"(a)
                 : "ecx", "edx", "esi", "edi", "memory");
    return result;
}

static char *put(char *p, unsigned long v)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        *p++ = "0123456789abcdef"[v >> shift & 15];
    *p++ = '\n';
    return p;
}

static void show_map(void)
{
    int n = 0, got, fd = open("/proc/self/maps", O_RDONLY);
    while ((got = read(fd, map + n, sizeof map - n)) > 0)
        n += got;
    close(fd);
    write(1, map, n);
    write(1, "--\n", 3);
}

int main(void)
{
    int n = 0, got;
    while ((got = read(0, input + n, sizeof input - 1 - n)) > 0)
        n += got;
    show_map();
    char *out = output;
    unsigned long words[8] = {0};
    int count = 0, digits = 0;
    for (char *p = input; *p; p++) {
        if (*p == ' ' || *p == '\n') {
            count += digits != 0;
            digits = 0;
            if (*p == '\n') {
                out = put(out, call(words[0], words + 1));
                for (count = 0; count < 8; count++)
                    words[count] = 0;
                count = 0;
            }
            continue;
        }
        words[count] = words[count] << 4 | (*p <= '9' ? *p - '0' : *p - 'a' + 10);
        digits++;
    }
    write(1, output, out - output);
    write(1, "--\n", 3);
    show_map();
    return 0;
}
