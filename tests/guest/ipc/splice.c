#include "net.h"
#include <sys/sendfile.h>
#include <sys/uio.h>
int main(void)
{
    int p[2], q[2];
    char b[64];
    loff_t in = 2, out = 1;
    SHOW(pipe2(p, O_CLOEXEC | O_NONBLOCK));
    pipe(q);
    write_file("src", "0123456789", 10);
    int s = open("src", O_RDONLY), d = open("dst", O_RDWR | O_CREAT, 0600);
    SHOW(splice(s, &in, p[1], NULL, 5, 0));
    printf("%lld\n", (long long)in);
    SHOW(tee(p[0], q[1], 3, 0));
    SHOW(read(q[0], b, 64));
    SHOW(splice(p[0], NULL, d, &out, 64, SPLICE_F_NONBLOCK));
    printf("%lld\n", (long long)out);
    SHOW(pread(d, b, 64, 0));
    struct iovec v[2] = {{"abc", 3}, {"defg", 4}};
    SHOW(vmsplice(p[1], v, 2, 0));
    SHOW(read(p[0], b, 64));
    printf("%.7s\n", b);
    v[0].iov_base = (void *)8;
    SHOW(vmsplice(p[1], v, 2, 0));
    SHOW(vmsplice(d, v, 2, 0));
    SHOW(splice(s, NULL, d, NULL, 5, 0));
    SHOW(splice(p[0], &in, d, NULL, 5, 0));
    SHOW(splice(s, (void *)8, p[1], NULL, 5, 0));
    SHOW(splice(99, NULL, p[1], NULL, 5, 0));
    SHOW(splice(p[0], NULL, q[1], NULL, 5, SPLICE_F_NONBLOCK));
    SHOW(tee(s, p[1], 4, 0));
    off_t o = 3;
    SHOW(sendfile(p[1], s, &o, 4));
    printf("%ld\n", (long)o);
    SHOW(read(p[0], b, 64));
    long long o64 = 1;
    SHOW(syscall(239, p[1], s, &o64, 4));
    printf("%lld\n", o64);
    SHOW(sendfile(p[1], s, NULL, 100));
    SHOW(sendfile(p[1], s, (void *)8, 1));
    SHOW(sendfile(s, p[0], NULL, 1));
    SHOW(sendfile(99, s, NULL, 1));
    loff_t from = 0, to = 20;
    SHOW(copy_file_range(s, &from, d, &to, 10, 0));
    printf("%lld %lld\n", (long long)from, (long long)to);
    SHOW(copy_file_range(s, &from, d, &to, 10, 1));
    SHOW(copy_file_range(s, (void *)8, d, &to, 10, 0));
    SHOW(copy_file_range(p[0], NULL, d, &to, 10, 0));
    SHOW(lseek(d, 0, SEEK_END));
    SHOW(fcntl(p[0], F_SETPIPE_SZ, 8192));
    SHOW(fcntl(p[0], F_GETPIPE_SZ));
    SHOW(pipe2(p, O_DIRECT));
    SHOW(write(p[1], "one", 3));
    SHOW(write(p[1], "two", 3));
    SHOW(read(p[0], b, 64));
    SHOW(pipe2(p, O_APPEND));
    SHOW(pipe((int *)8));
}
