#include "net.h"
int main(void)
{
    int f = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING), g;
    SHOW(ftruncate(f, 8192));
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    strcpy(p, "text");
    char b[8] = "", link[64] = "", path[64];
    SHOW(pread(f, b, 5, 0));
    puts(b);
    snprintf(path, sizeof path, "/proc/self/fd/%d", f);
    SHOW(readlink(path, link, sizeof link - 1));
    puts(link);
    SHOW(fcntl(f, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
    SHOW(ftruncate(f, 4096));
    SHOW(ftruncate(f, 9000));
    SHOW(fcntl(f, F_ADD_SEALS, F_SEAL_WRITE));
    SHOW(munmap(p, 8192));
    SHOW(fcntl(f, F_ADD_SEALS, F_SEAL_WRITE));
    SHOW(write(f, "x", 1));
    SHOW_ERROR(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0));
    SHOW(fcntl(f, F_GET_SEALS));
    SHOW(fcntl(f, F_GETFD));
    g = memfd_create("unsealable", 0);
    SHOW(fcntl(g, F_ADD_SEALS, F_SEAL_WRITE));
    SHOW(memfd_create("x", 0x100));
    SHOW(memfd_create((char *)8, 0));
}
