#include "net.h"
int main(void)
{
    int s[2];
    char b[4][8];
    struct iovec in[4], out[4] = {{"one", 3}, {"two!", 4}, {"three", 5}, {NULL, 1}};
    struct mmsghdr m[4], r[4];
    memset(m, 0, sizeof m), memset(r, 0, sizeof r), memset(b, 0, sizeof b);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    for (int i = 0; i < 4; i++) {
        in[i] = (struct iovec){b[i], 7};
        m[i].msg_hdr.msg_iov = out + i, m[i].msg_hdr.msg_iovlen = 1;
        r[i].msg_hdr.msg_iov = in + i, r[i].msg_hdr.msg_iovlen = 1;
    }
    SHOW(sendmmsg(s[0], m, 4, 0));
    printf("%u %u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len, m[3].msg_len);
    SHOW(sendmmsg(s[0], m + 3, 1, 0));
    SHOW(recvmmsg(s[1], r, 4, MSG_DONTWAIT, NULL));
    printf("%u %s %u %s %u %s\n", r[0].msg_len, b[0], r[1].msg_len, b[1], r[2].msg_len, b[2]);
    SHOW(recvmmsg(s[1], r, 4, MSG_DONTWAIT, NULL));
    SHOW(sendmmsg(s[0], m, 2, 0));
    SHOW(recvmmsg(s[1], r, 4, MSG_WAITFORONE, NULL));
    SHOW(sendmmsg(s[0], m, 2, 0));
    struct timespec t = {5, 0};
    SHOW(recvmmsg(s[1], r, 2, 0, &t));
    printf("%d\n", t.tv_sec == 5 || t.tv_sec == 4);
    int old[2] = {5, 0};
    SHOW(sendmmsg(s[0], m, 2, 0));
    SHOW(syscall(365, s[1], r, 2, 0, old));
    printf("%d\n", old[0] == 5 || old[0] == 4);
    long long new[2] = {5, 0xdeadbeef00000000ll};
    SHOW(sendmmsg(s[0], m, 2, 0));
    SHOW(syscall(417, s[1], r, 2, 0, new));
    old[1] = 1000000000;
    SHOW(syscall(365, s[1], r, 2, 0, old));
    SHOW(syscall(365, s[1], r, 2, 0, 8));
    SHOW(sendmmsg(s[0], m, 0, 0));
    SHOW(recvmmsg(s[1], r, 0, 0, NULL));
    SHOW(sendmmsg(99, m, 1, 0));
    SHOW(sendmmsg(s[0], (void *)8, 1, 0));
    SHOW(recvmmsg(s[1], (void *)8, 1, MSG_DONTWAIT, NULL));
    m[1].msg_hdr.msg_iov = (void *)8;
    SHOW(sendmmsg(s[0], m, 3, 0));
}
