/* Sockets: addresses, errors, options, messages and what rides along. */
#include "case.h"
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static char data[4096];

static int local(int type, int *port)
{
    struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, type, 0);
    bind(fd, (void *)&address, sizeof address);
    if (type == SOCK_STREAM)
        listen(fd, 5);
    getsockname(fd, (void *)&address, &size);
    *port = address.sin_port;
    return fd;
}

static int connected(int type, int port)
{
    struct sockaddr_in address = {AF_INET, port, {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, type, 0);
    connect(fd, (void *)&address, sizeof address);
    return fd;
}

static void pair(int type, int fds[2])
{
    if (socketpair(AF_UNIX, type, 0, fds))
        SAY("no pair");
}

CASE(creation_errors)
{
    SHOW(socket(99, SOCK_STREAM, 0));
    SHOW(socket(AF_UNIX, 99, 0));
    SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    SHOW(socket(AF_UNIX, SOCK_STREAM, 5));
    SHOW(socket(AF_INET, SOCK_STREAM | 0x100, 0));
    SHOW(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){}));
    SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, (void *)4));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    SHOW(fcntl(fd, F_GETFD));
    SHOW(fcntl(fd, F_GETFL));
}

CASE(address_errors)
{
    struct sockaddr_un name = {AF_UNIX, "missing/sock"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    SHOW(bind(fd, (void *)&name, sizeof name));
    SHOW(bind(fd, (void *)&name, 1));
    SHOW(bind(fd, (void *)&name, 500));
    SHOW(bind(fd, (void *)4, 20));
    SHOW(bind(1, (void *)&name, sizeof name));
    SHOW(bind(99, (void *)&name, sizeof name));
    SHOW(connect(fd, (void *)&name, sizeof name));
    strcpy(name.sun_path, "sock");
    SHOW(bind(fd, (void *)&name, sizeof name));
    SHOW(bind(fd, (void *)&name, sizeof name));
    SHOW(bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
    SHOW(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
    SHOW(connect(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&name, sizeof name));
    SHOW(unlink("sock"));
}

CASE(unix_names)
{
    struct sockaddr_un name = {AF_UNIX, "sock"};
    socklen_t size = sizeof name;
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    SHOW(getsockname(fd, (void *)&name, &size));
    SHOW(size);
    strcpy(name.sun_path, "sock");
    SHOW(bind(fd, (void *)&name, 2 + 4));
    size = sizeof name;
    SHOW(getsockname(fd, (void *)&name, &size));
    SAY("%d %s", size, name.sun_path);
    size = 4;
    SHOW(getsockname(fd, (void *)&name, &size));
    SHOW(size);
    SHOW(getpeername(fd, (void *)&name, &size));
    size = -1;
    SHOW(getsockname(fd, (void *)&name, &size));
    SHOW(unlink("sock"));
    name = (struct sockaddr_un){AF_UNIX, "\0abstract"};
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    SHOW(bind(fd, (void *)&name, 2 + 9));
    size = sizeof name;
    SHOW(getsockname(fd, (void *)&name, &size));
    SHOW(size);
}

CASE(stream_over_loopback)
{
    int port, server = local(SOCK_STREAM, &port), client = connected(SOCK_STREAM, port);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd = accept4(server, (void *)&address, &size, SOCK_CLOEXEC);
    SAY("%d %d %s", size, address.sin_family, inet_ntoa(address.sin_addr));
    SHOW(fcntl(fd, F_GETFD));
    SHOW(send(client, "hello", 5, 0));
    SHOW(recv(fd, data, 2, MSG_PEEK));
    SHOW(recv(fd, data, 9, 0));
    SHOW(shutdown(client, SHUT_WR));
    SHOW(recv(fd, data, 9, 0));
    SHOW(send(fd, "x", 1, 0));
    SHOW(recv(client, data, 9, 0));
    SHOW(send(client, "x", 1, MSG_NOSIGNAL));
    SHOW(shutdown(client, 9));
    SHOW(accept4(server, NULL, NULL, 1));
    SHOW(connect(client, (void *)&address, sizeof address));
}

CASE(refused)
{
    int port, server = local(SOCK_STREAM, &port);
    close(server);
    struct sockaddr_in address = {AF_INET, port, {htonl(INADDR_LOOPBACK)}};
    SHOW(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, sizeof address));
    SHOW(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, 4));
    int fd = connected(SOCK_DGRAM, port);
    SHOW(send(fd, "x", 1, 0));
    pause_ms(20);
    SHOW(send(fd, "x", 1, 0));
    SHOW(listen(fd, 1));
    SHOW(accept(fd, NULL, NULL));
}

CASE(not_connected)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof data;
    SHOW(send(fd, "x", 1, MSG_NOSIGNAL));
    SHOW(recv(fd, data, 1, 0));
    SHOW(getpeername(fd, (void *)data, &size));
    SHOW(shutdown(fd, SHUT_RD));
    SHOW(accept(fd, NULL, NULL));
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    SHOW(send(fd, "x", 1, 0));
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    SHOW(send(fd, "x", 1, 0));
    SHOW(recv(fd, data, 1, MSG_DONTWAIT));
}

CASE(datagrams)
{
    int port, fd = local(SOCK_DGRAM, &port), client = connected(SOCK_DGRAM, port);
    struct sockaddr_in address;
    socklen_t size = 4;
    send(client, "0123456789", 10, 0);
    send(client, "", 0, 0);
    send(client, "abc", 3, 0);
    SHOW(recv(fd, data, 4, MSG_TRUNC | MSG_PEEK));
    SHOW(recvfrom(fd, data, 4, 0, (void *)&address, &size));
    SHOW(size);
    SHOW(recv(fd, data, 4, 0));
    SHOW(recv(fd, data, 4, 0));
    SHOW(recv(fd, data, 4, MSG_DONTWAIT));
    SHOW(send(client, data, 70000, 0));
    SHOW(sendto(client, "x", 1, 0, (void *)4, 16));
}

CASE(options)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), value = 1;
    socklen_t size = sizeof value;
    SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 4));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, &size));
    SHOW(value);
    SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 3));
    SHOW(setsockopt(fd, SOL_SOCKET, 9999, &value, 4));
    SHOW(setsockopt(fd, 9999, 1, &value, 4));
    SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)4, 4));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size));
    SHOW(value);
    SHOW(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &size));
    SHOW(value);
    SHOW(setsockopt(fd, SOL_SOCKET, SO_TYPE, &value, 4));
    SHOW(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, 4));
    size = 2;
    SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size));
    SHOW(size);
    size = -1;
    SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size));
    value = 5000;
    SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, 4));
    size = 4;
    SHOW(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &size));
    SHOW(value);
}

CASE(option_structures)
{
    int fds[2];
    pair(SOCK_STREAM, fds);
    struct linger linger = {1, 5};
    struct timeval time = {3, 500000};
    struct { int pid, uid, gid; } peer;
    socklen_t size = sizeof linger;
    SHOW(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, 8));
    SHOW(getsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, &size));
    SAY("%d %d %d", linger.l_onoff, linger.l_linger, size);
    SHOW(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    time = (struct timeval){9, 9};
    size = sizeof time;
    SHOW(getsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, &size));
    SAY("%ld %ld %d", (long)time.tv_sec, (long)time.tv_usec, size);
    time.tv_usec = 1000000;
    SHOW(setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time));
    SHOW(setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &time, 4));
    long long wide[2] = {2, 250000};
    SHOW(setsockopt(fds[0], SOL_SOCKET, 67, wide, 16));
    size = sizeof time;
    SHOW(getsockopt(fds[0], SOL_SOCKET, 21, &time, &size));
    SAY("%ld %ld", (long)time.tv_sec, (long)time.tv_usec);
    size = sizeof peer;
    SHOW(getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &peer, &size));
    SAY("%d %d", peer.pid == getpid(), peer.uid == getuid());
}

CASE(receive_timeout)
{
    int fds[2];
    struct timeval time = {0, 20000};
    pair(SOCK_STREAM, fds);
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    SHOW(recv(fds[0], data, 1, 0));
    SHOW(read(fds[0], data, 1));
}

static struct msghdr message(struct iovec *vec, int count, void *control, int size)
{
    return (struct msghdr){.msg_iov = vec, .msg_iovlen = count, .msg_control = control, .msg_controllen = size};
}

static int send_fds(int socket, int count, const int *fds)
{
    char control[CMSG_SPACE(1000)] = {0};
    struct iovec vec = {"x", 1};
    struct msghdr header = message(&vec, 1, control, CMSG_SPACE(4 * count));
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    *c = (struct cmsghdr){CMSG_LEN(4 * count), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(c), fds, 4 * count);
    return sendmsg(socket, &header, 0);
}

static void receive(int socket, int room, int flags)
{
    char control[1024];
    struct iovec vec = {data, 16};
    struct msghdr header = message(&vec, 1, control, room);
    errno = 0;
    int count = recvmsg(socket, &header, flags);
    SAY("room %d: %d %s flags %#x left %d", room, count, strerrorname_np(errno), header.msg_flags,
        (int)header.msg_controllen);
    for (struct cmsghdr *c = count < 0 ? NULL : CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        SAY("cmsg length %d level %d type %d", (int)c->cmsg_len, c->cmsg_level, c->cmsg_type);
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
            for (int i = 0; i < (int)(c->cmsg_len - CMSG_LEN(0)) / 4; i++)
                SAY("descriptor flags %d", fcntl(((int *)CMSG_DATA(c))[i], F_GETFD));
    }
}

CASE(descriptors_pass)
{
    int fds[2], three[3] = {1, 1, 1};
    pair(SOCK_STREAM, fds);
    for (int room = 0; room <= 28; room += 4) {
        SHOW(send_fds(fds[0], 3, three));
        receive(fds[1], room, room == 20 ? MSG_CMSG_CLOEXEC : 0);
    }
}

CASE(descriptors_errors)
{
    int fds[2], bad[1] = {99}, many[254];
    pair(SOCK_STREAM, fds);
    SHOW(send_fds(fds[0], 1, bad));
    for (int i = 0; i < 254; i++)
        many[i] = 1;
    char control[2048] = {0};
    struct iovec vec = {"x", 1};
    struct msghdr header = message(&vec, 1, control, CMSG_SPACE(4 * 254));
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    *c = (struct cmsghdr){CMSG_LEN(4 * 254), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(c), many, sizeof many);
    SHOW(sendmsg(fds[0], &header, 0));
    c->cmsg_len = 4;
    SHOW(sendmsg(fds[0], &header, 0));
    c->cmsg_len = 5000;
    SHOW(sendmsg(fds[0], &header, 0));
    c->cmsg_len = CMSG_LEN(4);
    header.msg_controllen = CMSG_SPACE(4);
    c->cmsg_type = 77;
    SHOW(sendmsg(fds[0], &header, 0));
    c->cmsg_level = 77;
    SHOW(sendmsg(fds[0], &header, 0));
    header.msg_control = (void *)4;
    SHOW(sendmsg(fds[0], &header, 0));
    header = message(&vec, 2000, NULL, 0);
    SHOW(sendmsg(fds[0], &header, 0));
    header = message((void *)4, 1, NULL, 0);
    SHOW(sendmsg(fds[0], &header, 0));
    SHOW(sendmsg(fds[0], (void *)4, 0));
    SHOW(recvmsg(fds[0], (void *)4, MSG_DONTWAIT));
}

CASE(credentials_pass)
{
    int fds[2], one = 1;
    pair(SOCK_DGRAM, fds);
    setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one);
    send(fds[0], "x", 1, 0);
    receive(fds[1], 64, 0);
    send_fds(fds[0], 1, &one);
    receive(fds[1], 64, 0);
    send_fds(fds[0], 1, &one);
    receive(fds[1], 26, 0);
}

CASE(timestamps)
{
    int which[] = {SO_TIMESTAMP, SO_TIMESTAMPNS, 63, 64}, one = 1;
    for (int i = 0; i < 4; i++) {
        int port, fd = local(SOCK_DGRAM, &port), client = connected(SOCK_DGRAM, port);
        SHOW(setsockopt(fd, SOL_SOCKET, which[i], &one, sizeof one));
        send(client, "x", 1, 0);
        receive(fd, 64, 0);
    }
}

CASE(packet_info)
{
    int port, fd = local(SOCK_DGRAM, &port), client = connected(SOCK_DGRAM, port), one = 1;
    SHOW(setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, 4));
    SHOW(setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &one, 4));
    send(client, "x", 1, 0);
    receive(fd, 64, 0);
    send(client, "x", 1, 0);
    receive(fd, 30, 0);
}

CASE(many_messages)
{
    int fds[2];
    struct iovec vecs[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}}, in[4];
    struct mmsghdr messages[4] = {0};
    struct timespec time = {0, 20000000};
    pair(SOCK_DGRAM, fds);
    for (int i = 0; i < 3; i++)
        messages[i].msg_hdr = message(vecs + i, 1, NULL, 0);
    SHOW(sendmmsg(fds[0], messages, 3, 0));
    SAY("%d %d %d", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len);
    for (int i = 0; i < 4; i++) {
        in[i] = (struct iovec){data + i * 8, 2};
        messages[i].msg_hdr = message(in + i, 1, NULL, 0);
    }
    SHOW(recvmmsg(fds[1], messages, 4, MSG_WAITFORONE, NULL));
    SAY("%d %d %d %#x", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len,
        messages[2].msg_hdr.msg_flags);
    SHOW(recvmmsg(fds[1], messages, 4, MSG_DONTWAIT, &time));
    time.tv_nsec = -1;
    SHOW(recvmmsg(fds[1], messages, 4, MSG_DONTWAIT, &time));
    SHOW(sendmmsg(fds[0], (void *)4, 1, 0));
    SHOW(sendmmsg(fds[0], NULL, 0, 0));
}

CASE(seqpacket)
{
    int fds[2];
    pair(SOCK_SEQPACKET, fds);
    send(fds[0], "12345", 5, 0);
    send(fds[0], "67", 2, 0);
    receive(fds[1], 0, 0);
    SHOW(recv(fds[1], data, 1, 0));
    close(fds[0]);
    SHOW(recv(fds[1], data, 1, 0));
    SHOW(send(fds[1], "x", 1, MSG_NOSIGNAL));
}

CASE(out_of_band)
{
    int port, server = local(SOCK_STREAM, &port), client = connected(SOCK_STREAM, port);
    int fd = accept(server, NULL, NULL), mark;
    SHOW(send(client, "abc", 3, MSG_OOB));
    pause_ms(20);
    SHOW(ioctl(fd, 0x8905, &mark));
    SHOW(recv(fd, data, 9, 0));
    SHOW(ioctl(fd, 0x8905, &mark));
    SHOW(mark);
    SHOW(recv(fd, data, 9, MSG_OOB));
    SHOW(recv(fd, data, 9, MSG_OOB));
}

CASE(waiting_bytes)
{
    int fds[2], count;
    pair(SOCK_STREAM, fds);
    write(fds[0], "hello", 5);
    SHOW(ioctl(fds[1], FIONREAD, &count));
    SHOW(count);
    SHOW(ioctl(fds[1], FIONREAD, 4));
    int one = 1;
    SHOW(ioctl(fds[1], FIONBIO, &one));
    SHOW(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
    SHOW(ioctl(fds[1], 0x12345678, &one));
    SHOW(ioctl(0, FIOASYNC, 4));
}

CASE(nonblocking_connect)
{
    int port, server = local(SOCK_STREAM, &port), error;
    socklen_t size = sizeof error;
    struct sockaddr_in address = {AF_INET, port, {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    SHOW(connect(fd, (void *)&address, sizeof address));
    struct pollfd poll_ = {fd, POLLOUT};
    SHOW(poll(&poll_, 1, 1000));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    SHOW(error);
    SHOW(connect(fd, (void *)&address, sizeof address));
    fcntl(server, F_SETFL, O_NONBLOCK);
    SHOW(accept(server, NULL, NULL) > 0);
    SHOW(accept(server, NULL, NULL));
}

CASE(ipv6)
{
    struct sockaddr_in6 address = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET6, SOCK_DGRAM, 0), value = 1;
    SHOW(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, 4));
    SHOW(bind(fd, (void *)&address, 20));
    SHOW(getsockname(fd, (void *)&address, &size));
    SHOW(size);
}

CASE(netlink)
{
    struct sockaddr_nl address = {AF_NETLINK};
    socklen_t size = sizeof address;
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    SHOW(bind(fd, (void *)&address, sizeof address));
    SHOW(getsockname(fd, (void *)&address, &size));
    SAY("%d %d", size, address.nl_pid == getpid());
    struct { struct nlmsghdr header; char family[4]; } request = {{17 + 3, 99, NLM_F_REQUEST | NLM_F_ACK, 5, 0}};
    SHOW(send(fd, &request, 20, 0));
    SHOW(recv(fd, data, sizeof data, 0));
    SAY("type %d error %d", ((struct nlmsghdr *)data)->nlmsg_type, *(int *)(data + 16));
}
