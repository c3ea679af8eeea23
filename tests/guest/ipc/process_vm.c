#include "net.h"
#include <sys/uio.h>
int main(void)
{
    static char data[64] = "in the parent";
    char b[64] = "";
    struct iovec l = {b, sizeof b}, r[2] = {{data, 6}, {data + 7, 6}};
    SHOW(process_vm_readv(getpid(), &l, 1, r, 2, 0));
    puts(b);
    pid_t child = fork();
    if (child == 0) {
        strcpy(data, "in the child!");
        pause();
        _exit(0);
    }
    usleep(50000);
    SHOW(process_vm_readv(child, &l, 1, r, 2, 0));
    puts(b);
    strcpy(b, "new");
    l.iov_len = 4;
    SHOW(process_vm_writev(child, &l, 1, r, 1, 0));
    SHOW(process_vm_readv(child, &l, 1, r, 1, 0));
    puts(b);
    r[0].iov_base = (void *)8;
    SHOW(process_vm_readv(child, &l, 1, r, 1, 0));
    l.iov_base = (void *)8;
    SHOW(process_vm_readv(child, &l, 1, r + 1, 1, 0));
    SHOW(process_vm_readv(child, &l, 1, r + 1, 1, 1));
    SHOW(process_vm_readv(child, &l, 0, r + 1, 1, 0));
    SHOW(process_vm_readv(child, &l, 1, r, 0, 0));
    SHOW(process_vm_readv(child, &l, 1025, r, 1, 0));
    SHOW(process_vm_readv(child, &l, 1, r, 1025, 0));
    l = (struct iovec){b, 10};
    r[0] = (struct iovec){data, 0x80000000};
    SHOW(process_vm_readv(child, &l, 1, r, 1, 0));
    r[0] = (struct iovec){(void *)0xffff8000, 0x1000};
    SHOW(process_vm_readv(getpid(), &l, 1, r, 1, 0));
    kill(child, SIGKILL);
    wait(NULL);
    r[0] = (struct iovec){data, 4};
    SHOW(process_vm_readv(child, &l, 1, r, 1, 0));
    SHOW(process_vm_readv(0, &l, 1, r, 1, 0));
}
