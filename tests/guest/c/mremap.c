/* mremap: shrink, grow in place, move, fixed, errors; and brk. */
#include "show.h"

int main(void)
{
    const size_t page = sysconf(_SC_PAGESIZE);
    char *p = mmap(0, 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 16; i++)
        p[i * page] = 'a' + i;
    SHOW(mremap(p, 16 * page, 8 * page, 0) == p);
    SHOW(mremap(p, 8 * page, 16 * page, 0) == p);
    printf("%c %d\n", p[7 * page], p[8 * page]);
    SHOW_ERROR(mmap(p + 8 * page, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    SHOW_ERROR(mremap(p, 8 * page, 12 * page, 0));
    char *q = mremap(p, 8 * page, 200 * page, MREMAP_MAYMOVE);
    printf("moved: %d %c %c %d\n", q != p, q[0], q[7 * page], q[100 * page]);
    SHOW_ERROR(mremap(p, page, page, 0));
    SHOW_ERROR(mremap(q + 1, page, page, 0));
    SHOW_ERROR(mremap(q, page, 0, 0));
    SHOW_ERROR(mremap(q, page, 2 * page, 0x80));
    SHOW_ERROR(mremap(q, page, page, MREMAP_FIXED, q + 8 * page));
    SHOW_ERROR(mremap(q, 4 * page, 4 * page, MREMAP_MAYMOVE | MREMAP_FIXED, q + page));
    char *target = mmap(0, 8 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(mremap(q, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, target + page) == target + page);
    printf("%c %c %d\n", target[page], target[2 * page], target[3 * page]);
    SHOW(munmap(q, 200 * page));
    char *start = sbrk(0);
    SHOW(sbrk(3 * page) == start);
    start[3 * page - 1] = 5;
    SHOW(brk(start + page));
    SHOW(brk(start + 2 * page));
    printf("fresh after shrinking: %d\n", start[page + 5]);
    SHOW(brk((void *)0xffffe000));
    SHOW((char *)sbrk(0) == start + 2 * page);
    return 0;
}
