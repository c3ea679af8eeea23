/* mmap, munmap and mprotect: results, errors and what memory holds. */
#include "show.h"

int main(void)
{
    const size_t page = sysconf(_SC_PAGESIZE);
    char *p = mmap(0, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("aligned: %d\n", (uintptr_t)p % page == 0);
    memset(p, 'x', 8 * page);
    SHOW(munmap(p + 2 * page, page));
    SHOW(munmap(p + 2 * page, page));
    SHOW(munmap(p + 1, page));
    SHOW(munmap(p, 0));
    SHOW_ERROR(mmap(p + 2 * page, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    printf("zero: %d, kept: %c %c\n", p[2 * page], p[2 * page - 1], p[3 * page]);
    SHOW_ERROR(mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    SHOW_ERROR(mmap(p + 1, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    SHOW_ERROR(mmap(0, page, PROT_READ, MAP_PRIVATE, -1, 0));
    SHOW_ERROR(mmap(0, page, PROT_READ, MAP_ANONYMOUS, -1, 0));
    SHOW_ERROR(mmap((void *)0xfffff000u, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    SHOW(mprotect(p, 8 * page, PROT_READ));
    SHOW(mprotect(p + 1, page, PROT_READ));
    SHOW(mprotect(p, page, 0x40));
    SHOW(mprotect(p, 0, PROT_READ));
    SHOW(munmap(p + 5 * page, page));
    SHOW(mprotect(p, 8 * page, PROT_READ | PROT_WRITE));
    p[0] = 'y';
    printf("%c %c\n", p[0], p[page]);
    write_file("file", "0123456789", 10);
    int fd = open("file", O_RDWR);
    char *shared = mmap(0, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *private = mmap(0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    shared[0] = 'S';
    private[1] = 'P';
    char read_back[11] = {0};
    pread(fd, read_back, 10, 0);
    printf("%s %.10s %.10s tail %d\n", read_back, shared, private, shared[10]);
    SHOW(msync(shared, page, MS_SYNC));
    SHOW(msync(shared, page, MS_SYNC | MS_ASYNC));
    SHOW_ERROR(mmap(0, page, PROT_READ, MAP_SHARED, fd, 1));
    int reader = open("file", O_RDONLY);
    SHOW_ERROR(mmap(0, page, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0));
    SHOW_ERROR(mmap(0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0));
    SHOW(ftruncate(fd, 3 * page));
    char *second = mmap(0, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);
    strcpy(second, "second page");
    memset(read_back, 0, sizeof read_back);
    pread(fd, read_back, 6, page);
    printf("%s\n", read_back);
    SHOW(madvise(p, page, MADV_DONTNEED));
    printf("after DONTNEED: %d %c\n", p[0], p[page]);
    SHOW(madvise(p, page, 9999));
    unsigned char present[8];
    SHOW(mincore(p, 2 * page, present));
    SHOW(mincore(p + 5 * page, page, present));
    SHOW_ERROR(mmap(0, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    volatile char *big = mmap(0, 1 << 28, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    big[(1 << 28) - 1] = 7;
    big[1 << 27] = 8;
    printf("%d %d %d\n", big[0], big[1 << 27], big[(1 << 28) - 1]);
    SHOW(munmap((void *)big, 1 << 28));
    return 0;
}
