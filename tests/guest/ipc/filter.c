#include "net.h"
#include <linux/filter.h>
int main(void)
{
    /* accept datagrams whose first byte is 'y', cut to 3 bytes */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 3),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog p = {4, code};
    int s[2];
    char b[16];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
    send(s[0], "no", 2, 0), send(s[0], "yes and more", 12, 0);
    SHOW(recv(s[1], b, sizeof b, 0));
    SHOW(recv(s[1], b, sizeof b, MSG_DONTWAIT));
    struct sock_filter back[8];
    socklen_t n = 0;
    SHOW(getsockopt(s[1], SOL_SOCKET, SO_GET_FILTER, back, &n));
    SHOW(n);
    n = 8;
    SHOW(getsockopt(s[1], SOL_SOCKET, SO_GET_FILTER, back, &n));
    SHOW(n);
    SHOW(memcmp(back, code, sizeof code));
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_DETACH_FILTER, NULL, 0));
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_DETACH_FILTER, &n, 4));
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_DETACH_FILTER, &n, 4));
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_ATTACH_FILTER, &p, 7));
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_ATTACH_FILTER, &p, 16));
    p.len = 0;
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
    p.len = 4, p.filter = (void *)8;
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
    p.filter = code, p.len = 3;
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
    SHOW(setsockopt(s[1], SOL_SOCKET, SO_ATTACH_FILTER, (void *)8, sizeof p));
}
