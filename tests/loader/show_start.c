/* A program without a C library: prints /proc/self/maps, a line "--", and its initial stack as bytes. */
static long call3(long nr, long a, long b, long c)
{
    long result;
    asm volatile("xchg %%esi, %%ebx; int $0x80; xchg %%esi, %%ebx"
                 : "=a"(result) : "a"(nr), "S"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static char buffer[8192];
static int zero[3000];

__attribute__((used)) void show(unsigned long *sp)
{
    static const char name[] = "/proc/self/maps";
    long n, fd = call3(5, (long)name, 0, 0);
    while ((n = call3(3, fd, (long)buffer, sizeof buffer)) > 0)
        call3(4, 1, (long)buffer, n);
    call3(4, 1, (long)"--\n", 3);
    unsigned long *p = sp + 1 + sp[0] + 1;
    while (*p++)
        ;
    char *end = 0;
    for (; p[0]; p += 2)
        if (p[0] == 31)
            end = (char *)p[1];
    while (*end++)
        ;
    end += 8;
    call3(4, 1, (long)&sp, sizeof sp);
    call3(4, 1, (long)sp, end - (char *)sp);
    call3(1, zero[5] + (zero[2999] != 0), 0, 0);
}

asm(".globl _start\n_start: mov %esp, %eax\npush %eax\ncall show\nhlt");
