/* Pointers that lead nowhere, as system call arguments: nothing outside guest memory is read or written. */
#include "show.h"
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define TOP ((char *)0xfffff000u)

int main(void)
{
    const size_t page = sysconf(_SC_PAGESIZE);
    char text[64] = "unchanged";
    int p[2], file = open("file", O_RDWR | O_CREAT, 0600);
    SHOW(pipe(p));
    SHOW(ftruncate(file, 1 << 20));
    static const uint32_t wild[] = {0, 1, 0x10, 0xfff, 0x8000, 0x70000000, 0xbfffffff, 0xfffff000, 0xfffffff0, 0xfffffffc, 0xffffffff};
    for (unsigned i = 0; i < sizeof wild / sizeof *wild; i++) {
        void *at = (void *)wild[i];
        printf("-- %08x\n", wild[i]);
        SHOW(read(file, at, 16));
        SHOW(write(p[1], at, 16));
        SHOW(pread64(file, at, 0xffffffffu, 0) < 0);
        SHOW(readv(file, &(struct iovec){at, 32}, 1));
        SHOW(writev(p[1], (struct iovec[]){{at, 8}, {text, 4}}, 2));
        SHOW(writev(p[1], at, 1));
        SHOW(uname(at));
        SHOW(syscall(SYS_clock_gettime64, 0, at));
        SHOW(syscall(SYS_fstat64, file, at));
        SHOW(syscall(SYS_getrandom, at, 8, 0));
        SHOW(open(at, O_RDONLY));
        SHOW(syscall(SYS_getcwd, at, 100));
        SHOW(syscall(SYS_rt_sigaction, 10, at, 0, 8));
        SHOW(syscall(SYS_sigaltstack, at, 0) == -1);
        SHOW(syscall(SYS_getdents64, file, at, 100));
        SHOW(syscall(SYS_nanosleep, at, at));
    }
    /* lengths that wrap around the end of the address space */
    SHOW(read(file, TOP, 0xffffffffu) < 0);
    SHOW(write(p[1], text, 0x80000000u) < 100000);
    SHOW(readv(file, (struct iovec[]){{text, 0xffffffffu}, {text, 2}}, 2));
    SHOW(readv(file, (struct iovec[]){{text, 0x80000000u}}, 1));
    /* half in, half out */
    char *edge = mmap(0, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(edge + page, page);
    memset(edge, 'e', page);
    lseek(file, 0, SEEK_SET);
    SHOW(read(file, edge + page - 100, 50));
    SHOW(write(p[1], edge + page - 4, 4));
    SHOW(open(edge + page - 4, O_RDONLY));
    memcpy(edge + page - 5, "file", 5);
    SHOW(open(edge + page - 5, O_RDONLY) >= 0);
    SHOW(mprotect(edge, page, PROT_READ));
    SHOW(read(file, edge, 10));
    SHOW(write(p[1], edge, 10));
    SHOW(mprotect(edge, page, PROT_NONE));
    SHOW(write(p[1], edge, 10));
    SHOW_ERROR(mmap((void *)0xfffff000u, 2 * page, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    SHOW(munmap((void *)0xfffff000u, 0x2000));
    SHOW(munmap((void *)0xfffff000u, 0xfffff000u));
    SHOW(mprotect((void *)0xffffe000u, 0x3000, PROT_READ));
    SHOW(madvise((void *)0xfffff000u, 0x1000, MADV_DONTNEED));
    SHOW(msync((void *)0x60000000u, page, MS_SYNC));
    SHOW_ERROR(mremap(edge, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0xfffff000u));
    puts(text);
    return 0;
}
