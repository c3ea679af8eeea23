/* Placement rules of Linux with an address hint and without. */
#include "show.h"
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

int main(void)
{
    const size_t page = sysconf(_SC_PAGESIZE);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    char *p = mmap(0, 4 * page, PROT_READ, flags, -1, 0);
    SHOW_ERROR(mmap(p, page, PROT_READ, flags | MAP_FIXED_NOREPLACE, -1, 0));
    munmap(p + page, page);
    SHOW(mmap(p + page, page, PROT_READ, flags | MAP_FIXED_NOREPLACE, -1, 0) == p + page);
    char *q = mmap(0, page, PROT_READ, flags, -1, 0);
    char *r = mmap(0, page, PROT_READ, flags, -1, 0);
    printf("top down: %d\n", r < q);
    munmap(q, page);
    SHOW(mmap(0, page, PROT_READ, flags, -1, 0) == q);
    char *hint = (char *)0x50000000;
    SHOW(mmap(hint, page, PROT_READ, flags, -1, 0) == hint);
    SHOW(mmap(hint, page, PROT_READ, flags, -1, 0) == hint);
    SHOW(mmap(hint + 3 * page + 5, page, PROT_READ, flags, -1, 0) == hint + 3 * page);
    SHOW_ERROR(mmap((void *)0, page, PROT_READ, flags | MAP_FIXED_NOREPLACE, -1, 4096) == MAP_FAILED ? (void *)-1 : 0);
    SHOW_ERROR(mremap(p, page, 4 * page, 0));
    return 0;
}
