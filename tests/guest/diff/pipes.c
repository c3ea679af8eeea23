/* Pipes, splice and its family, sendfile. */
#include "case.h"
#include <sys/ioctl.h>
#include <sys/sendfile.h>

static int fds[2], more[2];
static char data[70000];

static int file_with(const char *text)
{
    int fd = open("content", O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink("content");
    write(fd, text, strlen(text));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

CASE(ends)
{
    SHOW(pipe(fds));
    SHOW(read(fds[1], data, 1));
    SHOW(write(fds[0], data, 1));
    SHOW(lseek(fds[0], 0, SEEK_SET));
    SHOW(pread(fds[0], data, 1, 0));
    SHOW(read(fds[0], data, 0));
    close(fds[1]);
    SHOW(read(fds[0], data, 1));
    SHOW(pipe((void *)4));
    SHOW(pipe2(fds, 1));
    SHOW(pipe2(fds, O_NONBLOCK | O_CLOEXEC));
    SHOW(fcntl(fds[0], F_GETFD));
    SHOW(read(fds[0], data, 1));
    struct stat st;
    fstat(fds[0], &st);
    SAY("%o %d", st.st_mode, (int)st.st_size);
}

CASE(capacity)
{
    pipe2(fds, O_NONBLOCK);
    SHOW(fcntl(fds[1], F_GETPIPE_SZ));
    SHOW(write(fds[1], data, sizeof data));
    SHOW(write(fds[1], data, 1));
    SHOW(fcntl(fds[1], F_SETPIPE_SZ, 4096));
    SHOW(fcntl(fds[1], F_SETPIPE_SZ, -1));
    int count;
    SHOW(ioctl(fds[0], FIONREAD, &count));
    SHOW(count);
    SHOW(read(fds[0], data, 60000));
    SHOW(fcntl(fds[1], F_SETPIPE_SZ, 5000) );
    SHOW(fcntl(file_with(""), F_SETPIPE_SZ, 4096));
}

CASE(packets)
{
    SHOW(pipe2(fds, O_DIRECT));
    write(fds[1], "12345", 5);
    write(fds[1], "678", 3);
    SHOW(read(fds[0], data, 2));
    SHOW(read(fds[0], data, 10));
}

CASE(vectors)
{
    struct iovec vec[3] = {{"ab", 2}, {"", 0}, {"cde", 3}}, bad[2] = {{"ab", 2}, {(void *)4, 3}};
    pipe(fds);
    SHOW(writev(fds[1], vec, 3));
    SHOW(writev(fds[1], vec, 0));
    SHOW(writev(fds[1], vec, 1025));
    SHOW(writev(fds[1], bad, 2));
    SHOW(writev(fds[1], (void *)4, 1));
    bad[1] = (struct iovec){data, -1};
    SHOW(writev(fds[1], bad, 2));
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    SHOW(read(fds[0], data, 100));
}

CASE(splice_file_to_pipe)
{
    int fd = file_with("hello world");
    loff_t offset = 6;
    pipe(fds);
    SHOW(splice(fd, NULL, fds[1], NULL, 5, 0));
    SHOW(splice(fd, &offset, fds[1], NULL, 100, 0));
    SHOW(offset);
    SHOW(lseek(fd, 0, SEEK_CUR));
    SHOW(read(fds[0], data, 100));
    SAY("%.10s", data);
    SHOW(splice(fd, &offset, fds[1], NULL, 100, 0));
}

CASE(splice_errors)
{
    int fd = file_with("hello");
    loff_t offset = 0;
    pipe(fds);
    SHOW(splice(fd, NULL, fd, NULL, 5, 0));
    SHOW(splice(fds[0], &offset, fds[1], NULL, 5, 0));
    SHOW(splice(fds[0], NULL, fds[1], NULL, 5, 0));
    SHOW(splice(99, NULL, fds[1], NULL, 5, 0));
    SHOW(splice(fd, (void *)4, fds[1], NULL, 5, 0));
    SHOW(splice(fd, NULL, fds[1], NULL, 5, 0x100));
    SHOW(splice(fd, NULL, fds[1], NULL, 0, 0));
    SHOW(splice(fds[1], NULL, fds[0], NULL, 5, 0));
    offset = -1;
    SHOW(splice(fd, &offset, fds[1], NULL, 5, 0));
    pipe2(more, O_NONBLOCK);
    SHOW(splice(more[0], NULL, fds[1], NULL, 5, SPLICE_F_NONBLOCK));
    int append = open("append", O_WRONLY | O_CREAT | O_APPEND, 0600);
    unlink("append");
    write(fds[1], "x", 1);
    SHOW(splice(fds[0], NULL, append, NULL, 5, 0));
}

CASE(tee_copies)
{
    pipe(fds);
    pipe2(more, O_NONBLOCK);
    write(fds[1], "abcdef", 6);
    SHOW(tee(fds[0], more[1], 4, 0));
    SHOW(read(more[0], data, 10));
    SHOW(read(fds[0], data, 10));
    SHOW(tee(fds[0], more[1], 4, SPLICE_F_NONBLOCK));
    SHOW(tee(fds[0], fds[1], 4, 0));
    SHOW(tee(file_with("x"), fds[1], 4, 0));
    SHOW(tee(fds[0], more[1], 4, 0x100));
}

CASE(vmsplice_vectors)
{
    struct iovec vec[2] = {{"ab", 2}, {"cde", 3}}, bad = {(void *)4, 3}, in = {data, 100};
    pipe(fds);
    SHOW(vmsplice(fds[1], vec, 2, 0));
    SHOW(vmsplice(fds[1], &bad, 1, 0));
    SHOW(vmsplice(fds[1], (void *)4, 1, 0));
    SHOW(vmsplice(fds[1], vec, 1025, 0));
    SHOW(vmsplice(fds[0], &in, 1, 0));
    SAY("%.5s", data);
    SHOW(vmsplice(file_with(""), vec, 1, 0));
}

CASE(sendfile_offsets)
{
    int fd = file_with("hello world");
    off_t offset = 6;
    pipe(fds);
    SHOW(sendfile(fds[1], fd, &offset, 100));
    SHOW(offset);
    SHOW(lseek(fd, 0, SEEK_CUR));
    SHOW(sendfile(fds[1], fd, NULL, 5));
    SHOW(lseek(fd, 0, SEEK_CUR));
    SHOW(sendfile(fds[1], fd, &offset, 100));
    loff_t wide = 0;
    SHOW(sendfile64(fds[1], fd, &wide, 3));
    SHOW(wide);
    SHOW(read(fds[0], data, 100));
    SAY("%.13s", data);
}

CASE(sendfile_errors)
{
    int fd = file_with("hello");
    off_t offset = -1;
    pipe(fds);
    SHOW(sendfile(fds[1], fd, &offset, 5));
    SHOW(sendfile(fds[1], fd, (void *)4, 5));
    SHOW(sendfile(99, fd, NULL, 5));
    SHOW(sendfile(fds[1], 99, NULL, 5));
    SHOW(sendfile(fds[0], fd, NULL, 5));
    SHOW(sendfile(fds[1], fds[0], NULL, 5));
    SHOW(sendfile(fds[1], open(".", O_RDONLY), NULL, 5));
    SHOW(sendfile(fds[1], fd, NULL, 0));
    SHOW(sendfile(fds[1], open("sink", O_WRONLY | O_CREAT, 0600), NULL, 5));
    SHOW(unlink("sink"));
}

CASE(copy_range)
{
    int from = file_with("0123456789"), to = file_with("");
    loff_t in = 2, out = 5;
    SHOW(copy_file_range(from, &in, to, &out, 4, 0));
    SAY("%d %d", (int)in, (int)out);
    SHOW(copy_file_range(from, NULL, to, NULL, 100, 0));
    SHOW(copy_file_range(from, NULL, to, NULL, 4, 1));
    in = 0, out = 3;
    SHOW(copy_file_range(from, &in, from, &out, 5, 0));
    pipe(fds);
    SHOW(copy_file_range(from, NULL, fds[1], NULL, 4, 0));
    SHOW(copy_file_range(99, NULL, to, NULL, 4, 0));
}

CASE(fifos)
{
    SHOW(mkfifo("fifo", 0600));
    SHOW(mkfifo("fifo", 0600));
    SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
    int in = open("fifo", O_RDONLY | O_NONBLOCK), out = open("fifo", O_WRONLY | O_NONBLOCK);
    SHOW(read(in, data, 1));
    SHOW(write(out, "x", 1));
    SHOW(read(in, data, 1));
    close(out);
    SHOW(read(in, data, 1));
    SHOW(unlink("fifo"));
}
