#include "net.h"
static int named(const char *path, struct sockaddr_un *a)
{
    a->sun_family = AF_UNIX;
    strcpy(a->sun_path, path);
    return offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
}
static void show_name(int fd)
{
    struct sockaddr_un a;
    socklen_t n = sizeof a;
    memset(&a, 0, sizeof a);
    SHOW(getsockname(fd, (void *)&a, &n));
    printf("%u %d '%s'\n", n, a.sun_family, a.sun_path);
}
int main(void)
{
    struct sockaddr_un a, peer;
    socklen_t n = sizeof peer;
    char b[16] = "", cwd[200], deep[300];
    int l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
    show_name(l);
    SHOW(connect(c, (void *)&a, named("sock", &a)));
    SHOW(bind(l, (void *)&a, named("sock", &a)));
    SHOW(bind(l, (void *)&a, named("again", &a)));
    SHOW(connect(c, (void *)&a, named("sock", &a)));
    SHOW(listen(l, 4));
    show_name(l);
    SHOW(connect(c, (void *)&a, named("sock", &a)));
    int s = accept(l, (void *)&peer, &n);
    printf("%d %u\n", s > 0, n);
    n = sizeof peer;
    SHOW(getpeername(c, (void *)&peer, &n));
    printf("%u %s\n", n, peer.sun_path);
    SHOW(send(c, "hi", 2, 0));
    SHOW(recv(s, b, 16, 0));
    int d = socket(AF_UNIX, SOCK_STREAM, 0);
    SHOW(bind(d, (void *)&a, named("sock", &a)));
    SHOW(bind(d, (void *)&a, named("no/such", &a)));
    SHOW(connect(d, (void *)&a, named("no/such", &a)));
    SHOW(bind(d, (void *)&a, 2));
    show_name(d);
    d = socket(AF_UNIX, SOCK_DGRAM, 0);
    int e = socket(AF_UNIX, SOCK_DGRAM, 0);
    SHOW(bind(d, (void *)&a, named("dgram", &a)));
    SHOW(sendto(e, "from e", 6, 0, (void *)&a, sizeof a));
    n = sizeof peer;
    SHOW(recvfrom(d, b, 16, 0, (void *)&peer, &n));
    SHOW(n);
    SHOW(connect(e, (void *)&a, named("sock", &a)));
    SHOW(unlink("sock"));
    SHOW(connect(e, (void *)&a, named("sock", &a)));
    e = socket(AF_UNIX, SOCK_DGRAM, 0);
    named("xabstract", &a);
    a.sun_path[0] = 0;
    SHOW(bind(e, (void *)&a, 2 + 9));
    n = sizeof peer;
    SHOW(getsockname(e, (void *)&peer, &n));
    printf("%u %.8s\n", n, peer.sun_path + 1);
    SHOW(sendto(d, "abstract", 8, 0, (void *)&a, 2 + 9));
    n = sizeof peer;
    SHOW(recvfrom(e, b, 16, 0, (void *)&peer, &n));
    printf("%u %s\n", n, peer.sun_path);
    SHOW(connect(e, (void *)&a, 3));
    SHOW(connect(e, (void *)&a, 200));
    getcwd(cwd, sizeof cwd);
    snprintf(deep, sizeof deep, "%s/absolute", cwd);
    if (strlen(deep) < 108) {
        int f = socket(AF_UNIX, SOCK_STREAM, 0), g = socket(AF_UNIX, SOCK_STREAM, 0);
        SHOW(bind(f, (void *)&a, named(deep, &a)));
        SHOW(listen(f, 1));
        SHOW(connect(g, (void *)&a, named(deep, &a)));
        n = sizeof peer;
        SHOW(getpeername(g, (void *)&peer, &n));
        printf("%d\n", !strcmp(peer.sun_path, deep));
        SHOW(access("absolute", F_OK));
    }
    SHOW(symlink("dgram", "link"));
    e = socket(AF_UNIX, SOCK_DGRAM, 0);
    SHOW(connect(e, (void *)&a, named("link", &a)));
    SHOW(bind(e, (void *)&a, named("link", &a)));
    struct stat st;
    SHOW(stat("dgram", &st));
    printf("%o\n", st.st_mode & S_IFMT);
}
